//! Trains the parser: gradients by hand, decisions by a dynamic oracle (Goldberg and Nivre 2013,
//! <https://aclanthology.org/Q13-1033/>), steps by Adam (<https://arxiv.org/abs/1412.6980>).

use std::collections::BTreeMap;
use std::ops::Range;

use claimline_language::Form;
use claimline_language::matrix::{Matrix, exp, gate, squash};
use claimline_language::network::{
    CODE, ENDING, INPUT, LABELS, Layout, MEANING, Network, OWN, ROLES, SHAPE, STATE, TAG, UNITS, WEIGHTS,
    endings, shape, tag_rows,
};
use claimline_language::parse::{Label, Row, rows};
use claimline_language::tag::{Pos, Tag};
use claimline_language::transition::{Move, State};
use pulp::{Arch, Simd, WithSimd};

use crate::perceptron::Random;
use crate::treebank::Example;
use crate::vectors::{VECTOR, vector, words};

/// A word has numbers of its own if it was seen this often.
const LEAST_OWN: u32 = 3;
/// Sentences between two steps.
const BATCH: usize = 8;
/// The highest rate of learning, reached after the first steps; it falls to nothing at the end.
const RATE: f32 = 2.5e-3;
/// How often a number between layers is dropped.
const DROP: f32 = 0.25;
/// How often what is known of a word is hidden.
const DROP_WORD: f32 = 0.15;
/// How often the parser goes its own way in training, where the oracle knows a better one.
const STRAY: f32 = 0.8;
/// Weight of the tags' loss beside the tree's.
const TAG_LOSS: f32 = 0.3;
/// How much of the average of the weights each step leaves.
const AVERAGE: f32 = 0.9995;

/// Coarse tags, rounded up.
const POS: usize = 32;

/// Where the weights stand that are for training only.
struct Extra {
    turn: Range<usize>,
    pos: Range<usize>,
    pos_bias: Range<usize>,
    own: Range<usize>,
}

/// A sentence as the network sees it, and what is right.
struct Lesson {
    words: Vec<(Form, Tag)>,
    meaning: Vec<Option<usize>>,
    own: Vec<Option<usize>>,
    /// The head of each word; their number is the root.
    heads: Vec<usize>,
    labels: Vec<u8>,
    pos: Vec<Pos>,
}

/// The bytes of a parser trained on `examples`, whose tags are those that a tagger gave which had
/// not seen them.
pub fn train(examples: &[&Example], tags: &[Vec<Tag>], epochs: usize) -> Vec<u8> {
    let known = words();
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for token in examples.iter().flat_map(|e| &e.tokens) {
        *counts.entry(token.hash).or_default() += 1;
    }
    counts.retain(|_, count| *count >= LEAST_OWN);
    let own: BTreeMap<u64, usize> = counts.keys().copied().zip(0..).collect();
    let lessons: Vec<Lesson> = examples.iter().zip(tags).map(|(e, t)| lesson(e, t, &known, &own)).collect();

    let mut trainer = Trainer::new(own.len());
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let steps = epochs * lessons.len().div_ceil(BATCH);
    for epoch in 1..=epochs {
        trainer.random.shuffle(&mut order);
        let clock = std::time::Instant::now();
        trainer.tally = Tally::default();
        for batch in order.chunks(BATCH) {
            for i in batch {
                trainer.learn(&lessons[*i], epoch > 1);
            }
            trainer.step(steps);
        }
        let Tally { words, heads, labels, pos } = trainer.tally;
        let share = |n: u32| f64::from(n) / f64::from(words);
        eprintln!(
            "parser epoch {epoch}: heads {:.4} labels {:.4} tags {:.4}, {:.0} s",
            share(heads),
            share(labels),
            share(pos),
            clock.elapsed().as_secs_f64()
        );
    }
    trainer.finish(&known, &own)
}

fn lesson(
    example: &Example,
    tags: &[Tag],
    known: &BTreeMap<u64, usize>,
    own: &BTreeMap<u64, usize>,
) -> Lesson {
    let n = example.tokens.len();
    let hashes = || example.tokens.iter().map(|token| token.hash);
    Lesson {
        words: example.tokens.iter().zip(tags).map(|(t, tag)| (Form::of(&example.text, t), *tag)).collect(),
        meaning: hashes().map(|hash| known.get(&hash).copied()).collect(),
        own: hashes().map(|hash| own.get(&hash).copied()).collect(),
        heads: example.sentence.words.iter().map(|word| word.head.unwrap_or(n)).collect(),
        labels: example
            .sentence
            .words
            .iter()
            .map(|word| Label::named(&word.label).unwrap_or(Label::Dep) as u8)
            .collect(),
        pos: example.tags.iter().map(|tag| tag.pos).collect(),
    }
}

#[derive(Default)]
struct Tally {
    words: u32,
    heads: u32,
    labels: u32,
    pos: u32,
}

struct Trainer {
    extra: Extra,
    weights: Vec<f32>,
    gradient: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    average: Vec<f32>,
    steps: usize,
    random: Random,
    arch: Arch,
    tally: Tally,
}

/// What one direction of a layer computed.
struct Run {
    gates: Vec<f32>,
    memory: Vec<f32>,
}

impl Trainer {
    fn new(own: usize) -> Self {
        let turn = WEIGHTS..WEIGHTS + VECTOR * MEANING;
        let pos = turn.end..turn.end + CODE * POS;
        let pos_bias = pos.end..pos.end + POS;
        let own = pos_bias.end..pos_bias.end + own * OWN;
        let total = own.end;
        let mut random = Random(0xC1A1);
        let mut weights = vec![0.0; total];
        let mut spread = |weights: &mut [f32], width: f32| {
            for weight in weights {
                *weight = (uniform(&mut random) * 2.0 - 1.0) * width;
            }
        };
        let by_inputs = |inputs: usize| (3.0 / inputs as f32).sqrt();
        for place in [Layout::FIRST, Layout::FIRST_BACK] {
            spread(&mut weights[place], by_inputs(INPUT));
        }
        for place in [Layout::SECOND, Layout::SECOND_BACK, Layout::ROLE, pos.clone()] {
            spread(&mut weights[place], by_inputs(CODE));
        }
        for place in [Layout::MOVE, Layout::LEFT, Layout::RIGHT] {
            spread(&mut weights[place], by_inputs(STATE));
        }
        for place in [Layout::ROOT, Layout::NOBODY, Layout::DEPENDENT, Layout::DISTANCE] {
            spread(&mut weights[place], 0.1);
        }
        for place in [Layout::TAG, Layout::ENDING, Layout::SHAPE, Layout::UNKNOWN, own.clone()] {
            spread(&mut weights[place], 0.5);
        }
        spread(&mut weights[turn.clone()], by_inputs(VECTOR) * 2.0);
        Self {
            extra: Extra { turn, pos, pos_bias, own },
            gradient: vec![0.0; total],
            mean: vec![0.0; total],
            square: vec![0.0; total],
            average: weights.clone(),
            weights,
            steps: 0,
            random,
            arch: Arch::new(),
            tally: Tally::default(),
        }
    }

    /// A mask that drops numbers and makes up for it in the others.
    fn mask(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if uniform(&mut self.random) < DROP { 0.0 } else { 1.0 / (1.0 - DROP) }).collect()
    }

    /// Adds the gradients of a sentence.
    fn learn(&mut self, lesson: &Lesson, stray: bool) {
        let n = lesson.words.len();
        let hidden: Vec<[bool; 2]> =
            (0..n).map(|_| [(); 2].map(|()| uniform(&mut self.random) < DROP_WORD)).collect();
        let input_mask = self.mask(INPUT);
        let first_mask = self.mask(CODE);
        let second_mask = self.mask(CODE);

        let mut input = Vec::with_capacity(n * INPUT);
        for (at, hidden) in hidden.iter().enumerate() {
            self.input(lesson, at, *hidden, &mut input);
        }
        apply(&mut input, &input_mask);
        let (mut first, first_runs) = self.layer::<INPUT>(&input, FIRST);
        apply(&mut first, &first_mask);
        let (mut second, second_runs) = self.layer::<CODE>(&first, SECOND);
        apply(&mut second, &second_mask);
        let mut roles = Vec::new();
        let role = Matrix::<CODE>::new(&self.weights[Layout::ROLE], &[0.0; ROLES * STATE]);
        role.multiply(self.arch, &second, &mut roles);

        let mut to_roles = vec![0.0; roles.len()];
        self.decide(lesson, stray, &roles, &mut to_roles);
        let mut to_second = vec![0.0; second.len()];
        self.back(&second, CODE, Layout::ROLE, ROLES * STATE, &to_roles, &mut to_second);
        apply(&mut to_second, &second_mask);
        let mut to_first = vec![0.0; first.len()];
        self.layer_back(&first, CODE, SECOND, &second_runs, &to_second, &mut to_first);
        self.tag(lesson, &first, &mut to_first);
        apply(&mut to_first, &first_mask);
        let mut to_input = vec![0.0; input.len()];
        self.layer_back(&input, INPUT, FIRST, &first_runs, &to_first, &mut to_input);
        apply(&mut to_input, &input_mask);
        for (at, hidden) in hidden.iter().enumerate() {
            self.input_back(lesson, at, *hidden, &to_input[at * INPUT..][..INPUT]);
        }
        self.tally.words += n as u32;
    }

    fn input(&self, lesson: &Lesson, at: usize, hidden: [bool; 2], input: &mut Vec<f32>) {
        let mut meaning = [0.0; MEANING];
        if let Some(word) = lesson.meaning[at].filter(|_| !hidden[0]) {
            turn(word, &self.weights[self.extra.turn.clone()], &mut meaning);
        }
        input.extend(meaning);
        let own = lesson.own[at].filter(|_| !hidden[1]);
        let own = own.map_or(Layout::UNKNOWN.start, |own| self.extra.own.start + own * OWN);
        input.extend(&self.weights[own..own + OWN]);
        let (form, tag) = &lesson.words[at];
        let sum = |places: [usize; 2], width: usize, input: &mut Vec<f32>| {
            let [a, b] = places.map(|place| &self.weights[place..place + width]);
            input.extend(a.iter().zip(b).map(|(a, b)| a + b));
        };
        sum(endings(form).map(|row| Layout::ENDING.start + row * ENDING), ENDING, input);
        sum(tag_rows(*tag).map(|row| Layout::TAG.start + row * TAG), TAG, input);
        input.extend(&self.weights[Layout::SHAPE.start + shape(form, at == 0) * SHAPE..][..SHAPE]);
    }

    fn input_back(&mut self, lesson: &Lesson, at: usize, hidden: [bool; 2], to: &[f32]) {
        if let Some(word) = lesson.meaning[at].filter(|_| !hidden[0]) {
            let gradient = &mut self.gradient[self.extra.turn.clone()];
            for (value, row) in vector(word).zip(gradient.chunks_exact_mut(MEANING)) {
                add(row, &to[..MEANING], value);
            }
        }
        let own = lesson.own[at].filter(|_| !hidden[1]);
        let own = own.map_or(Layout::UNKNOWN.start, |own| self.extra.own.start + own * OWN);
        let mut from = MEANING;
        let (form, tag) = &lesson.words[at];
        let [three, two] = endings(form).map(|row| Layout::ENDING.start + row * ENDING);
        let [fine, coarse] = tag_rows(*tag).map(|row| Layout::TAG.start + row * TAG);
        let shape = Layout::SHAPE.start + shape(form, at == 0) * SHAPE;
        for (places, width) in
            [(vec![own], OWN), (vec![three, two], ENDING), (vec![fine, coarse], TAG), (vec![shape], SHAPE)]
        {
            for place in places {
                add(&mut self.gradient[place..place + width], &to[from..from + width], 1.0);
            }
            from += width;
        }
    }

    /// Both directions of a layer, and what going back needs.
    fn layer<const INPUTS: usize>(&self, input: &[f32], places: Places) -> (Vec<f32>, [Run; 2]) {
        let n = input.len() / INPUTS;
        let mut output = vec![0.0; n * CODE];
        let runs = [0, 1].map(|back| {
            let [weights, bias] = places[back].clone();
            let mut run = Run { gates: Vec::new(), memory: vec![0.0; n * UNITS] };
            let matrix = Matrix::<INPUTS>::new(&self.weights[weights], &self.weights[bias]);
            matrix.multiply(self.arch, input, &mut run.gates);
            let mut memory = [0f32; UNITS];
            for step in 0..n {
                let at = if back == 0 { step } else { n - 1 - step };
                let gates = &run.gates[at * 3 * UNITS..][..3 * UNITS];
                for unit in 0..UNITS {
                    let forget = gate(gates[UNITS + unit]);
                    memory[unit] = forget * memory[unit] + (1.0 - forget) * gates[unit];
                    let out = gate(gates[2 * UNITS + unit]);
                    let place = back * UNITS + unit;
                    let carried = if INPUTS == CODE { input[at * CODE + place] } else { 0.0 };
                    output[at * CODE + place] = out * squash(memory[unit]) + (1.0 - out) * carried;
                }
                run.memory[at * UNITS..][..UNITS].copy_from_slice(&memory);
            }
            run
        });
        (output, runs)
    }

    fn layer_back(
        &mut self,
        input: &[f32],
        inputs: usize,
        places: Places,
        runs: &[Run; 2],
        to_output: &[f32],
        to_input: &mut [f32],
    ) {
        let n = input.len() / inputs;
        for (back, run) in runs.iter().enumerate() {
            let mut to_gates = vec![0.0; n * 3 * UNITS];
            let mut to_memory = [0f32; UNITS];
            for step in (0..n).rev() {
                let at = if back == 0 { step } else { n - 1 - step };
                let before = match (back, step) {
                    (_, 0) => None,
                    (0, _) => Some(at - 1),
                    _ => Some(at + 1),
                };
                let gates = &run.gates[at * 3 * UNITS..][..3 * UNITS];
                let to_gates = &mut to_gates[at * 3 * UNITS..][..3 * UNITS];
                for unit in 0..UNITS {
                    let place = at * CODE + back * UNITS + unit;
                    let to = to_output[place];
                    let memory = run.memory[at * UNITS + unit];
                    let (forget, out) = (gate(gates[UNITS + unit]), gate(gates[2 * UNITS + unit]));
                    let carried = if inputs == CODE { input[place] } else { 0.0 };
                    if inputs == CODE {
                        to_input[place] += to * (1.0 - out);
                    }
                    to_gates[2 * UNITS + unit] =
                        to * (squash(memory) - carried) * 0.5 * slope(gates[2 * UNITS + unit]);
                    let to = to_memory[unit] + to * out * slope(memory);
                    let earlier = before.map_or(0.0, |at| run.memory[at * UNITS + unit]);
                    to_gates[unit] = to * (1.0 - forget);
                    to_gates[UNITS + unit] = to * (earlier - gates[unit]) * 0.5 * slope(gates[UNITS + unit]);
                    to_memory[unit] = to * forget;
                }
            }
            let [weights, bias] = places[back].clone();
            for row in to_gates.chunks_exact(3 * UNITS) {
                add(&mut self.gradient[bias.clone()], row, 1.0);
            }
            self.back(input, inputs, weights, 3 * UNITS, &to_gates, to_input);
        }
    }

    /// Through a product: adds the gradients of its weights and of its input.
    fn back(
        &mut self,
        x: &[f32],
        inputs: usize,
        weights: Range<usize>,
        outputs: usize,
        to_y: &[f32],
        to_x: &mut [f32],
    ) {
        let gradient = &mut self.gradient[weights.clone()];
        let weights = &self.weights[weights];
        self.arch.dispatch(Back { x, inputs, weights, gradient, outputs, to_y, to_x });
    }

    /// The loss of the tags: they keep the first layer to what a word is.
    fn tag(&mut self, lesson: &Lesson, first: &[f32], to_first: &mut [f32]) {
        let mut scores = Vec::new();
        let Extra { pos, pos_bias, .. } = &self.extra;
        let (pos, pos_bias) = (pos.clone(), pos_bias.clone());
        let matrix = Matrix::<CODE>::new(&self.weights[pos.clone()], &self.weights[pos_bias.clone()]);
        matrix.multiply(self.arch, first, &mut scores);
        for (scores, right) in scores.chunks_exact_mut(POS).zip(&lesson.pos) {
            let right = *right as usize;
            self.tally.pos += u32::from(highest(&scores[..17]) == right);
            softmax(&mut scores[..17]);
            scores[17..].fill(0.0);
            scores[right] -= 1.0;
            scores.iter_mut().for_each(|score| *score *= TAG_LOSS);
            add(&mut self.gradient[pos_bias.clone()], scores, 1.0);
        }
        self.back(first, CODE, pos, POS, &scores, to_first);
    }

    /// Takes the sentence apart, and adds the gradients of each decision.
    fn decide(&mut self, lesson: &Lesson, stray: bool, roles: &[f32], to_roles: &mut [f32]) {
        let n = lesson.words.len();
        let mut state = State::default();
        state.begin(n);
        let mut parts: Vec<Row> = Vec::with_capacity(16);
        while !state.is_done() {
            parts.clear();
            rows(&state, |row| parts.push(row));
            let mut sum = [0f32; STATE];
            for part in &parts {
                let row = match part {
                    Row::Word { word, role } => &roles[(word * ROLES + role) * STATE..][..STATE],
                    Row::Weight(place) => &self.weights[*place..][..STATE],
                };
                add(&mut sum, row, 1.0);
            }
            let mask: Vec<f32> = self.mask(STATE);
            let hidden: Vec<f32> = sum.iter().zip(&mask).map(|(value, mask)| value.max(0.0) * mask).collect();

            let costs = Move::ALL.map(|step| state.allows(step).then(|| cost(&state, step, &lesson.heads)));
            let Some(least) = costs.iter().flatten().min().copied() else { break };
            let scores = self.product(&hidden, Layout::MOVE, Layout::MOVE_BIAS, 16);
            let best = |among: &dyn Fn(usize) -> bool| {
                (0..3).filter(|i| among(*i)).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
            };
            let (Some(guess), Some(right)) =
                (best(&|i| costs[i].is_some()), best(&|i| costs[i] == Some(least)))
            else {
                break;
            };

            // The loss of the move: the share of belief outside the moves that cost least.
            let mut belief: Vec<f32> =
                (0..3).map(|i| if costs[i].is_some() { scores[i] } else { f32::NEG_INFINITY }).collect();
            softmax(&mut belief);
            let good: f32 = (0..3).filter(|i| costs[*i] == Some(least)).map(|i| belief[i]).sum();
            let mut to_moves = [0f32; 16];
            for i in 0..3 {
                let share = if costs[i] == Some(least) { belief[i] / good.max(1e-6) } else { 0.0 };
                to_moves[i] = belief[i] - share;
            }
            let mut to_hidden = [0f32; STATE];
            self.product_back(&hidden, Layout::MOVE, Layout::MOVE_BIAS, &to_moves, &mut to_hidden);

            let taken = if stray && uniform(&mut self.random) < STRAY { guess } else { right };
            let mut label = 0;
            for step in [Move::Left, Move::Right] {
                let (place, bias) = match step {
                    Move::Left => (Layout::LEFT, Layout::LEFT_BIAS),
                    _ => (Layout::RIGHT, Layout::RIGHT_BIAS),
                };
                let Some(word) = state.stacked(0) else { continue };
                let head = if step == Move::Left { Some(state.next()) } else { state.stacked(1) };
                let is_right = costs[step as usize] == Some(least) && head == Some(lesson.heads[word]);
                let is_taken = Move::ALL[taken] == step;
                if !is_right && !is_taken {
                    continue;
                }
                let mut scores = self.product(&hidden, place.clone(), bias.clone(), LABELS);
                let guessed = highest(&scores[..Label::ALL.len()]);
                if is_right {
                    softmax(&mut scores[..Label::ALL.len()]);
                    scores[Label::ALL.len()..].fill(0.0);
                    scores[lesson.labels[word] as usize] -= 1.0;
                    self.product_back(&hidden, place, bias, &scores, &mut to_hidden);
                }
                if is_taken {
                    label = guessed as u8;
                    let heads = head == Some(lesson.heads[word]);
                    self.tally.heads += u32::from(heads);
                    self.tally.labels += u32::from(heads && label == lesson.labels[word]);
                }
            }
            for ((to, mask), value) in to_hidden.iter_mut().zip(&mask).zip(&sum) {
                *to *= if *value > 0.0 { *mask } else { 0.0 };
            }
            for part in &parts {
                match part {
                    Row::Word { word, role } => {
                        add(&mut to_roles[(word * ROLES + role) * STATE..][..STATE], &to_hidden, 1.0);
                    }
                    Row::Weight(place) => add(&mut self.gradient[*place..][..STATE], &to_hidden, 1.0),
                }
            }
            state.take(Move::ALL[taken], label);
        }
    }

    fn product(&self, x: &[f32], weights: Range<usize>, bias: Range<usize>, outputs: usize) -> Vec<f32> {
        let mut y = self.weights[bias].to_vec();
        for (x, row) in x.iter().zip(self.weights[weights].chunks_exact(outputs)) {
            if *x != 0.0 {
                add(&mut y, row, *x);
            }
        }
        y
    }

    fn product_back(
        &mut self,
        x: &[f32],
        weights: Range<usize>,
        bias: Range<usize>,
        to_y: &[f32],
        to_x: &mut [f32],
    ) {
        let outputs = to_y.len();
        add(&mut self.gradient[bias], to_y, 1.0);
        let rows = self.weights[weights.clone()].chunks_exact(outputs);
        let gradients = self.gradient[weights].chunks_exact_mut(outputs);
        for (((x, to_x), row), gradient) in x.iter().zip(to_x).zip(rows).zip(gradients) {
            if *x != 0.0 {
                *to_x += dot(row, to_y);
                add(gradient, to_y, *x);
            }
        }
    }

    /// A step of Adam by the gradients since the last.
    fn step(&mut self, steps: usize) {
        self.steps += 1;
        let t = self.steps as f32;
        let warm = (t / 200.0).min(1.0);
        let rate = RATE * warm * (1.0 - (t - 1.0) / steps as f32);
        let [first, second] = MOMENTS;
        let correct = (1.0 - power(second, self.steps)).sqrt() / (1.0 - power(first, self.steps));
        let keep = AVERAGE.min((1.0 + t) / (10.0 + t));
        let scale = 1.0 / BATCH as f32;
        let Self { weights, gradient, mean, square, average, arch, .. } = self;
        arch.dispatch(Step { weights, gradient, mean, square, average, rate: rate * correct, scale, keep });
    }

    /// The bytes of the model: the averages of the weights.
    fn finish(&self, known: &BTreeMap<u64, usize>, own: &BTreeMap<u64, usize>) -> Vec<u8> {
        let weights = &self.average;
        let mut words: BTreeMap<u64, [f32; MEANING + OWN]> = BTreeMap::new();
        for hash in known.keys().chain(own.keys()) {
            let mut numbers = [0.0; MEANING + OWN];
            let (meaning, of_own) = numbers.split_at_mut(MEANING);
            if let Some(word) = known.get(hash) {
                turn(*word, &weights[self.extra.turn.clone()], meaning);
            }
            let place = own.get(hash).map_or(Layout::UNKNOWN.start, |own| self.extra.own.start + own * OWN);
            of_own.copy_from_slice(&weights[place..place + OWN]);
            words.insert(*hash, numbers);
        }
        let words: Vec<_> = words.into_iter().collect();
        Network::write(&weights[..WEIGHTS], &words)
    }
}

/// What [`Trainer::back`] works on.
struct Back<'a> {
    x: &'a [f32],
    inputs: usize,
    weights: &'a [f32],
    gradient: &'a mut [f32],
    outputs: usize,
    to_y: &'a [f32],
    to_x: &'a mut [f32],
}

impl WithSimd for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { x, inputs, weights, gradient, outputs, to_y, to_x } = self;
        for ((x, to_x), to_y) in
            x.chunks_exact(inputs).zip(to_x.chunks_exact_mut(inputs)).zip(to_y.chunks_exact(outputs))
        {
            let rows = weights.chunks_exact(outputs).zip(gradient.chunks_exact_mut(outputs));
            for ((x, to_x), (row, gradient)) in x.iter().zip(to_x).zip(rows) {
                *to_x += dot(row, to_y);
                if *x != 0.0 {
                    add(gradient, to_y, *x);
                }
            }
        }
    }
}

/// How much of the last slopes a step keeps, and of their squares.
const MOMENTS: [f32; 2] = [0.9, 0.99];

/// A step of Adam over all weights.
struct Step<'a> {
    weights: &'a mut [f32],
    gradient: &'a mut [f32],
    mean: &'a mut [f32],
    square: &'a mut [f32],
    average: &'a mut [f32],
    rate: f32,
    scale: f32,
    keep: f32,
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { weights, gradient, mean, square, average, rate, scale, keep } = self;
        let [first, second] = MOMENTS;
        let moments = mean.iter_mut().zip(square.iter_mut());
        for (((weight, gradient), (mean, square)), average) in
            weights.iter_mut().zip(gradient.iter_mut()).zip(moments).zip(average.iter_mut())
        {
            let slope = *gradient * scale;
            *gradient = 0.0;
            *mean = first * *mean + (1.0 - first) * slope;
            *square = second * *square + (1.0 - second) * slope * slope;
            *weight -= rate * *mean / (square.sqrt() + 1e-8);
            *average = keep * *average + (1.0 - keep) * *weight;
        }
    }
}

type Places = [[Range<usize>; 2]; 2];
const FIRST: Places = [[Layout::FIRST, Layout::FIRST_BIAS], [Layout::FIRST_BACK, Layout::FIRST_BACK_BIAS]];
const SECOND: Places =
    [[Layout::SECOND, Layout::SECOND_BIAS], [Layout::SECOND_BACK, Layout::SECOND_BACK_BIAS]];

/// How many heads and dependents `step` makes impossible that were still possible.
fn cost(state: &State, step: Move, heads: &[usize]) -> usize {
    let next = state.next();
    let words = state.words();
    match step {
        Move::Shift => {
            let stack = state.stack();
            let below = stack.split_last().map_or(&[][..], |(_, below)| below);
            usize::from(below.iter().any(|word| heads[next] == *word as usize))
                + stack.iter().filter(|word| heads[**word as usize] == next).count()
        }
        Move::Left | Move::Right => {
            let Some(word) = state.stacked(0) else { return 0 };
            let head = heads[word];
            let ahead = match step {
                Move::Left => head > next || state.stacked(1) == Some(head),
                _ => head >= next,
            };
            usize::from(ahead) + (next..words).filter(|other| heads[*other] == word).count()
        }
    }
}

fn turn(word: usize, weights: &[f32], meaning: &mut [f32]) {
    for (value, row) in vector(word).zip(weights.chunks_exact(MEANING)) {
        add(meaning, row, value);
    }
}

/// The derivative of [`squash`].
fn slope(x: f32) -> f32 {
    let root = (1.0 + x * x).sqrt();
    1.0 / (root * root * root)
}

#[inline(always)]
fn add(to: &mut [f32], from: &[f32], times: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from * times;
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn apply(rows: &mut [f32], mask: &[f32]) {
    for row in rows.chunks_exact_mut(mask.len()) {
        row.iter_mut().zip(mask).for_each(|(value, mask)| *value *= mask);
    }
}

fn highest(scores: &[f32]) -> usize {
    (0..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best })
}

fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    scores.iter_mut().for_each(|score| *score = exp(*score - highest));
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

fn power(base: f32, n: usize) -> f32 {
    (0..n.min(5000)).fold(1.0, |product, _| product * base)
}

fn uniform(random: &mut Random) -> f32 {
    (random.next() >> 40) as f32 / (1 << 24) as f32
}
