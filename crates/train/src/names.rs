//! Trains the finder of names on the entities of a treebank (`Entity=` in MISC,
//! <https://gucorpling.org/gum/coref.html>).

use claimline_language::name::run::{each, features};
use claimline_language::name::{CODE_WEIGHTS, CODED, KINDS, NameKind, Namer, SCALE, beliefs};
use claimline_language::network::{CODE, Network};
use claimline_language::parse::{Workspace, parse_with};
use claimline_language::tag::{Forms, Pos, Tag, Tagger};

use crate::conllu::Sentence;
use crate::perceptron::{ByKey, Random};
use crate::treebank::Example;

const EPOCHS: usize = 12;
/// The weights are the average of those after each of this many last epochs.
const AVERAGED: usize = 4;
/// The first step's size; each weight's steps shrink as its slopes add up (AdaGrad,
/// <https://jmlr.org/papers/v12/duchi11a.html>).
const RATE: f32 = 0.1;
/// How free weights are to grow.
const FREEDOM: f32 = 0.08;
/// A feature counts if it was seen this often.
const LEAST_FEATURE: u32 = 3;

/// A mention of an entity: its first and last word, its type, and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub first: usize,
    pub last: usize,
    pub kind: String,
    pub entity: String,
}

/// The mentions of a sentence; one that goes over several runs of words is left out.
pub fn mentions(sentence: &Sentence) -> Vec<Mention> {
    let mut open: Vec<(String, String, usize)> = Vec::new();
    let mut found = Vec::new();
    for (at, word) in sentence.words.iter().enumerate() {
        let Some(entities) = word.misc.split('|').find_map(|part| part.strip_prefix("Entity=")) else {
            continue;
        };
        let mut rest = entities;
        while !rest.is_empty() {
            if let Some(opened) = rest.strip_prefix('(') {
                let end = opened.find(['(', ')']).unwrap_or(opened.len());
                let mut parts = opened[..end].split('-');
                let entity = parts.next().unwrap_or_default().to_owned();
                let kind = parts.next().unwrap_or_default().to_owned();
                rest = &opened[end..];
                open.push((entity, kind, at));
                if let Some(behind) = rest.strip_prefix(')') {
                    rest = behind;
                    if let Some((entity, kind, first)) = open.pop() {
                        found.push(Mention { first, last: at, kind, entity });
                    }
                }
            } else {
                let end = rest.find(')').map_or(rest.len(), |end| end + 1);
                let closed = rest[..end].trim_end_matches(')');
                rest = &rest[end..];
                if let Some(place) = open.iter().rposition(|(entity, ..)| entity == closed) {
                    let (entity, kind, first) = open.remove(place);
                    found.push(Mention { first, last: at, kind, entity });
                }
            }
        }
    }
    found
}

/// The head of a run of words: the first whose own head is outside.
pub fn head(sentence: &Sentence, mention: &Mention) -> usize {
    let inside = mention.first..=mention.last;
    inside
        .clone()
        .find(|at| sentence.words[*at].head.is_none_or(|head| !inside.contains(&head)))
        .unwrap_or(mention.last)
}

/// The mentions whose head is a proper noun and whose kind is one of ours.
fn names(example: &Example) -> Vec<(Mention, NameKind)> {
    let named = mentions(&example.sentence).into_iter().filter_map(|mention| {
        let kind = NameKind::named(&mention.kind)?;
        (example.tags[head(&example.sentence, &mention)].pos == Pos::Propn).then_some((mention, kind))
    });
    named.collect()
}

/// A run of words that may be a name.
struct Run {
    /// The places of its features; those from `of_tree` are of the tree.
    features: Vec<u32>,
    of_tree: usize,
    /// The codes of [`CODED`] words, nothing where there is no word.
    codes: Vec<f32>,
    /// The kind of name it is.
    kind: Option<NameKind>,
}

/// The bytes of a model trained on those of `examples` whose treebank marks entities: logistic regression
/// over runs of words, each seen with its tree and without.
pub fn train(
    examples: &[&Example],
    tags: &[Vec<Tag>],
    tagger: &Tagger<'_>,
    network: &Network<'_>,
) -> Vec<u8> {
    let (mut runs, keys) = runs(examples, tags, tagger, network);
    let mut counts = vec![0u32; keys.len()];
    runs.iter().flat_map(|run| &run.features).for_each(|place| counts[*place as usize] += 1);
    for run in &mut runs {
        let seen = |place: &u32| counts[*place as usize] >= LEAST_FEATURE;
        run.of_tree = run.features[..run.of_tree].iter().filter(|place| seen(place)).count();
        run.features.retain(|place| seen(place));
    }
    let mut model = Regression::new(keys.len(), &counts, runs.len());
    let mut random = Random(0xA3E5);
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let mut sum = vec![0f32; model.weights.len()];
    for epoch in 1..=EPOCHS {
        random.shuffle(&mut order);
        let wrong: usize =
            order.iter().map(|i| model.learn(&runs[*i], true) + model.learn(&runs[*i], false)).sum();
        eprintln!("names epoch {epoch}: {wrong} of {} wrong", 2 * runs.len());
        if epoch + AVERAGED > EPOCHS {
            sum.iter_mut().zip(&model.weights).for_each(|(sum, weight)| *sum += weight / AVERAGED as f32);
        }
    }
    let (of_features, of_codes) = sum.split_at(keys.len() * KINDS);
    let rounded = |weight: f32| (weight * SCALE).round().clamp(-127.0, 127.0) as i8;
    let mut weights: Vec<(u64, Vec<(u8, i8)>)> = keys
        .iter()
        .zip(of_features.chunks_exact(KINDS))
        .map(|(key, row)| (*key, (0u8..).zip(row).map(|(kind, weight)| (kind, rounded(*weight)))))
        .map(|(key, row)| (key, row.filter(|(_, weight)| *weight != 0).collect::<Vec<_>>()))
        .filter(|(_, row)| !row.is_empty())
        .collect();
    weights.sort_unstable_by_key(|(key, _)| *key);
    Namer::write(&weights, of_codes)
}

/// The runs of all sentences with entities, and the keys of their features.
fn runs(
    examples: &[&Example],
    tags: &[Vec<Tag>],
    tagger: &Tagger<'_>,
    network: &Network<'_>,
) -> (Vec<Run>, Vec<u64>) {
    let marked = |example: &Example| example.sentence.words.iter().any(|word| word.misc.contains("Entity="));
    let (mut runs, mut keys, mut places) = (Vec::new(), Vec::new(), ByKey::<u32>::default());
    let (mut forms, mut workspace, mut arcs) = (Forms::default(), Workspace::default(), Vec::new());
    for (example, tags) in examples.iter().zip(tags).filter(|(example, _)| marked(example)) {
        tagger.fill(&example.text, &example.tokens, &mut forms);
        arcs.clear();
        parse_with(network, &example.text, &example.tokens, tags, &mut workspace, &mut arcs);
        let names = names(example);
        each(&forms, tags, |first, last| {
            let mut place = |key| {
                *places.entry(key).or_insert_with(|| {
                    keys.push(key);
                    keys.len() as u32 - 1
                })
            };
            let (mut found, mut bare) = (Vec::new(), 0);
            features(&forms, tags, None, first, last, |_| bare += 1);
            let head = features(&forms, tags, Some(&arcs), first, last, |key| found.push(place(key)));
            let codes = [head, first, last, last + 1].map(|at| {
                let code = workspace.codes().get(at * CODE..(at + 1) * CODE);
                code.map_or(vec![0.0; CODE], <[f32]>::to_vec)
            });
            let is_run = |mention: &Mention| (mention.first, mention.last) == (first, last);
            runs.push(Run {
                features: found,
                of_tree: bare,
                codes: codes.concat(),
                kind: names.iter().find(|(mention, _)| is_run(mention)).map(|(_, kind)| *kind),
            });
        });
    }
    (runs, keys)
}

/// Weights in training: [`KINDS`] of each feature, then those of codes.
struct Regression {
    weights: Vec<f32>,
    /// The sum of the squares of each weight's slopes.
    squares: Vec<f32>,
    /// How strongly each feature's weights, and those of codes, are drawn to nothing.
    pull: Vec<f32>,
}

impl Regression {
    fn new(features: usize, counts: &[u32], runs: usize) -> Self {
        let weights = vec![0.0; features * KINDS + CODE_WEIGHTS];
        // A feature is met in a run's two views, so its pull is shared out over twice its count.
        let pull = |count: usize| 1.0 / (FREEDOM * 2.0 * count.max(1) as f32);
        let pulls = counts.iter().map(|count| pull(*count as usize)).chain([pull(runs)]).collect();
        Self { squares: vec![1e-3; weights.len()], weights, pull: pulls }
    }

    /// A step by a run, with its tree or without; 1 if the guess before it was wrong.
    fn learn(&mut self, run: &Run, with_tree: bool) -> usize {
        let features = if with_tree { &run.features } else { &run.features[..run.of_tree] };
        let codes = if with_tree { run.codes.as_slice() } else { &[] };
        let of_codes = self.weights.len() - CODED * CODE * KINDS;
        let mut odds = [0f32; KINDS];
        for place in features {
            let row = &self.weights[*place as usize * KINDS..][..KINDS];
            odds.iter_mut().zip(row).for_each(|(odds, weight)| *odds += weight);
        }
        for (value, row) in codes.iter().zip(self.weights[of_codes..].chunks_exact(KINDS)) {
            odds.iter_mut().zip(row).for_each(|(odds, weight)| *odds += value * weight);
        }
        let beliefs = beliefs(odds);
        let mut slopes = beliefs;
        if let Some(kind) = run.kind {
            slopes[kind as usize] -= 1.0;
        }
        for place in features {
            let place = *place as usize;
            self.step(place * KINDS, self.pull[place], 1.0, &slopes);
        }
        let pull = self.pull.last().copied().unwrap_or_default();
        for (number, value) in codes.iter().enumerate() {
            self.step(of_codes + number * KINDS, pull, *value, &slopes);
        }
        let none = 1.0 - beliefs.iter().sum::<f32>();
        let right = run.kind.map_or(none, |kind| beliefs[kind as usize]);
        usize::from(right < none || beliefs.iter().any(|belief| *belief > right))
    }

    fn step(&mut self, row: usize, pull: f32, value: f32, slopes: &[f32; KINDS]) {
        let rows = self.weights[row..].iter_mut().zip(&mut self.squares[row..]);
        for ((weight, squares), slope) in rows.zip(slopes) {
            let slope = slope * value + *weight * pull;
            *squares += slope * slope;
            *weight -= RATE * slope / squares.sqrt();
        }
    }
}
