//! The parser's weights, and what it computes of a sentence before it decides anything.
//!
//! Each word is a vector of what it is and how it ends. Two layers of simple recurrent units (Lei et
//! al. 2018, <https://aclanthology.org/D18-1477/>) run over them in both directions, so that a word's
//! code knows its sentence. A product with [`Layout::ROLE`] makes of a code what it adds to the state of the
//! parser where the word is on top of the stack, below, or first in the buffer (Kiperwasser and
//! Goldberg 2016, <https://aclanthology.org/Q16-1023/>).

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use crate::form::Form;
use crate::linear::{Linear, key};
use crate::matrix::{Matrix, gate, squash};
use crate::tag::{Penn, Pos, Tag};

/// Numbers of a word's vector that come from raw text.
pub const MEANING: usize = 32;
/// Numbers of a word's vector that the treebank teaches.
pub const OWN: usize = 16;
/// Numbers for a word's last letters.
pub const ENDING: usize = 12;
/// Numbers for a word's tag.
pub const TAG: usize = 12;
/// Numbers for a word's shape.
pub const SHAPE: usize = 8;
/// Numbers of a word before the first layer.
pub const INPUT: usize = MEANING + OWN + ENDING + TAG + SHAPE;
/// Units of a layer in one direction.
pub const UNITS: usize = 64;
/// Numbers of a word behind a layer.
pub const CODE: usize = 2 * UNITS;
/// Numbers of the parser's state.
pub const STATE: usize = 96;
/// Where a word can stand: top of the stack, below it, below that, first in the buffer.
pub const ROLES: usize = 4;
/// Labels, and one for none, rounded up.
pub const LABELS: usize = 48;
/// Which label of a dependent is looked at: the stack's top, left and right; below it, left and
/// right; the buffer's first, left.
pub const DEPENDENTS: usize = 5;
/// Classes of a distance.
pub const DISTANCES: usize = 8;
/// Buckets of endings.
pub const ENDINGS: usize = 2048;
/// Buckets of shapes.
pub const SHAPES: usize = 64;
/// Fine and coarse tags.
pub const TAGS: usize = Penn::ALL.len() + Pos::ALL.len();

/// Where each matrix stands among the weights; the widths are multiples of sixteen.
pub struct Layout;

macro_rules! layout {
    ($($(#[doc = $doc:literal])+ $name:ident $after:ident $size:expr;)+) => {
        impl Layout {
            const START: Range<usize> = 0..0;
            $($(#[doc = $doc])+ pub const $name: Range<usize> = Self::$after.end..Self::$after.end + $size;)+
            /// Each matrix, in order.
            pub const ALL: &[Range<usize>] = &[$(Self::$name),+];
        }
    };
}

layout! {
    /// First layer, left to right: new, forget, output.
    FIRST START INPUT * 3 * UNITS;
    /// Its bias.
    FIRST_BIAS FIRST 3 * UNITS;
    /// First layer, right to left.
    FIRST_BACK FIRST_BIAS INPUT * 3 * UNITS;
    /// Its bias.
    FIRST_BACK_BIAS FIRST_BACK 3 * UNITS;
    /// Second layer, left to right.
    SECOND FIRST_BACK_BIAS CODE * 3 * UNITS;
    /// Its bias.
    SECOND_BIAS SECOND 3 * UNITS;
    /// Second layer, right to left.
    SECOND_BACK SECOND_BIAS CODE * 3 * UNITS;
    /// Its bias.
    SECOND_BACK_BIAS SECOND_BACK 3 * UNITS;
    /// Codes to what they add to a state.
    ROLE SECOND_BACK_BIAS CODE * ROLES * STATE;
    /// The root in each role.
    ROOT ROLE ROLES * STATE;
    /// No word in each role.
    NOBODY ROOT ROLES * STATE;
    /// Labels of dependents.
    DEPENDENT NOBODY DEPENDENTS * LABELS * STATE;
    /// How far the buffer's first is from the top, and the top from what is below.
    DISTANCE DEPENDENT 2 * DISTANCES * STATE;
    /// A state's bias.
    STATE_BIAS DISTANCE STATE;
    /// States to moves.
    MOVE STATE_BIAS STATE * 16;
    /// Its bias.
    MOVE_BIAS MOVE 16;
    /// States to labels of a word on the left.
    LEFT MOVE_BIAS STATE * LABELS;
    /// Its bias.
    LEFT_BIAS LEFT LABELS;
    /// States to labels of a word on the right.
    RIGHT LEFT_BIAS STATE * LABELS;
    /// Its bias.
    RIGHT_BIAS RIGHT LABELS;
    /// Tags.
    TAG RIGHT_BIAS TAGS * TAG;
    /// Endings.
    ENDING TAG ENDINGS * ENDING;
    /// Shapes.
    SHAPE ENDING SHAPES * SHAPE;
    /// A word that the treebank does not teach.
    UNKNOWN SHAPE OWN;
}

/// How many weights there are.
pub const WEIGHTS: usize = Layout::UNKNOWN.end;

/// The rows of [`Layout::ENDING`] of a word: its last three letters and its last two.
pub fn endings(form: &Form) -> [usize; 2] {
    [(1, 3), (2, 2)].map(|(template, n)| key(template, form.suffix(n)) as usize >> 32 & (ENDINGS - 1))
}

/// The row of [`Layout::SHAPE`] of a word.
pub fn shape(form: &Form, first: bool) -> usize {
    key(3, u64::from(form.shape & !0xC) << 1 | u64::from(first)) as usize >> 32 & (SHAPES - 1)
}

/// The rows of [`Layout::TAG`] of a tag: the fine one's and the coarse one's.
pub fn tag_rows(tag: Tag) -> [usize; 2] {
    [tag.penn as usize, Penn::ALL.len() + tag.pos as usize]
}

/// The class of a distance between two places.
pub fn distance(from: usize, to: usize) -> usize {
    match to.abs_diff(from) {
        n @ 0..=4 => n,
        5..=7 => 5,
        8..=14 => 6,
        _ => 7,
    }
}

/// Weights as they are computed with.
#[derive(Debug)]
pub struct Network<'m> {
    weights: Vec<f32>,
    words: Linear<'m>,
    vectors: &'m [u8],
    scales: [f32; 2],
    first: [Matrix<INPUT>; 2],
    second: [Matrix<CODE>; 2],
    role: Matrix<CODE>,
    arch: Arch,
}

/// What is computed of a sentence; buffers to be used again.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    input: Vec<f32>,
    gates: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    /// What each word adds to a state in each role.
    pub roles: Vec<f32>,
}

impl Codes {
    /// The code of each word behind the first layer, which training keeps to what a word is; the second's
    /// tells more of the tree.
    pub fn words(&self) -> &[f32] {
        &self.first
    }
}

impl<'m> Network<'m> {
    /// Reads weights; none if `bytes` are not some.
    pub fn read(bytes: &'m [u8]) -> Option<Self> {
        let mut weights = Vec::with_capacity(WEIGHTS);
        let mut rest = bytes;
        let number = |rest: &mut &'m [u8]| -> Option<f32> {
            let (head, tail) = rest.split_first_chunk()?;
            *rest = tail;
            Some(f32::from_le_bytes(*head))
        };
        for matrix in Layout::ALL {
            let scale = number(&mut rest)?;
            let (values, tail) = rest.split_at_checked(matrix.len() * 2)?;
            weights
                .extend(values.chunks_exact(2).map(|v| f32::from(i16::from_le_bytes([v[0], v[1]])) * scale));
            rest = tail;
        }
        let scales = [number(&mut rest)?, number(&mut rest)?];
        let (words, vectors) = Linear::read(rest)?;
        Some(Self {
            first: [(Layout::FIRST, Layout::FIRST_BIAS), (Layout::FIRST_BACK, Layout::FIRST_BACK_BIAS)]
                .map(|(matrix, bias)| Matrix::new(&weights[matrix], &weights[bias])),
            second: [(Layout::SECOND, Layout::SECOND_BIAS), (Layout::SECOND_BACK, Layout::SECOND_BACK_BIAS)]
                .map(|(matrix, bias)| Matrix::new(&weights[matrix], &weights[bias])),
            role: Matrix::new(&weights[Layout::ROLE], &[0.0; ROLES * STATE]),
            weights,
            words,
            vectors,
            scales,
            arch: Arch::new(),
        })
    }

    /// Writes weights; of each word its key, and its vector of [`MEANING`] and [`OWN`] numbers.
    pub fn write(weights: &[f32], words: &[(u64, [f32; MEANING + OWN])]) -> Vec<u8> {
        let mut out = Vec::new();
        let scale = |values: &mut dyn Iterator<Item = f32>, most: f32| {
            values.fold(1e-9, |highest: f32, value| highest.max(value.abs())) / most
        };
        for matrix in Layout::ALL {
            let values = &weights[matrix.clone()];
            let scale = scale(&mut values.iter().copied(), 32767.0);
            out.extend(scale.to_le_bytes());
            out.extend(values.iter().flat_map(|value| ((value / scale).round() as i16).to_le_bytes()));
        }
        let meaning = scale(&mut words.iter().flat_map(|(_, v)| v[..MEANING].iter().copied()), 127.0);
        let own = scale(&mut words.iter().flat_map(|(_, v)| v[MEANING..].iter().copied()), 127.0);
        out.extend(meaning.to_le_bytes());
        out.extend(own.to_le_bytes());
        let index: Vec<_> = (0u16..)
            .zip(words)
            .map(|(row, (word, _))| (key(0, *word), vec![(row as u8, (row >> 8) as i8)]))
            .collect();
        Linear::write(&index, &mut out);
        for (_, vector) in words {
            let scales = std::iter::repeat_n(meaning, MEANING).chain(std::iter::repeat_n(own, OWN));
            out.extend(vector.iter().zip(scales).map(|(value, scale)| (value / scale).round() as i8 as u8));
        }
        out
    }

    /// The weights of a matrix.
    pub fn matrix(&self, place: Range<usize>) -> &[f32] {
        &self.weights[place]
    }

    /// The registers that the processor has.
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// The code of each word of a sentence.
    pub fn encode(&self, words: impl Iterator<Item = (Form, Tag)>, codes: &mut Codes) {
        codes.input.clear();
        for (place, (form, tag)) in words.enumerate() {
            self.input(&form, tag, place == 0, &mut codes.input);
        }
        self.layer(&codes.input, &self.first, &mut codes.gates, &mut codes.first);
        self.layer(&codes.first, &self.second, &mut codes.gates, &mut codes.second);
        self.role.multiply(self.arch, &codes.second, &mut codes.roles);
    }

    fn input(&self, form: &Form, tag: Tag, first: bool, input: &mut Vec<f32>) {
        let row = match self.words.row(key(0, form.word)) {
            [low, high] => Some(usize::from(*low) | usize::from(*high) << 8),
            _ => None,
        };
        let vector =
            row.and_then(|row| self.vectors.get(row * (MEANING + OWN)..)?.first_chunk::<{ MEANING + OWN }>());
        match vector {
            Some(vector) => {
                let (meaning, own) = vector.split_at(MEANING);
                input.extend(meaning.iter().map(|v| f32::from(*v as i8) * self.scales[0]));
                input.extend(own.iter().map(|v| f32::from(*v as i8) * self.scales[1]));
            }
            None => {
                input.extend([0.0; MEANING]);
                input.extend(self.matrix(Layout::UNKNOWN));
            }
        }
        let [three, two] = endings(form).map(|row| &self.weights[Layout::ENDING][row * ENDING..][..ENDING]);
        input.extend(three.iter().zip(two).map(|(a, b)| a + b));
        let [fine, coarse] = tag_rows(tag).map(|row| &self.weights[Layout::TAG][row * TAG..][..TAG]);
        input.extend(fine.iter().zip(coarse).map(|(a, b)| a + b));
        input.extend(&self.weights[Layout::SHAPE][shape(form, first) * SHAPE..][..SHAPE]);
    }

    fn layer<const INPUTS: usize>(
        &self,
        input: &[f32],
        directions: &[Matrix<INPUTS>; 2],
        gates: &mut Vec<f32>,
        output: &mut Vec<f32>,
    ) {
        let n = input.len() / INPUTS;
        output.resize(n * CODE, 0.0);
        for (back, matrix) in directions.iter().enumerate() {
            matrix.multiply(self.arch, input, gates);
            let highway = (INPUTS == CODE).then_some(input);
            self.arch.dispatch(Recurrence { gates, highway, offset: back * UNITS, output });
        }
    }
}

/// One direction of a layer, over the products of its inputs.
struct Recurrence<'a> {
    gates: &'a [f32],
    highway: Option<&'a [f32]>,
    /// Where its units stand in a code; it runs from the last word if that is not 0.
    offset: usize,
    output: &'a mut [f32],
}

impl WithSimd for Recurrence<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        recur(self.gates, self.highway, self.offset, self.output);
    }
}

#[inline(always)]
fn recur(gates: &[f32], highway: Option<&[f32]>, offset: usize, output: &mut [f32]) {
    let n = output.len() / CODE;
    let mut memory = [0f32; UNITS];
    for step in 0..n {
        let at = if offset == 0 { step } else { n - 1 - step };
        let Some(gates) = gates[at * 3 * UNITS..].first_chunk::<{ 3 * UNITS }>() else { continue };
        let Some(output) = output[at * CODE + offset..].first_chunk_mut::<UNITS>() else { continue };
        let carried = highway.and_then(|input| input[at * CODE + offset..].first_chunk::<UNITS>());
        let carried = carried.copied().unwrap_or([0.0; UNITS]);
        for unit in 0..UNITS {
            let forget = gate(gates[UNITS + unit]);
            memory[unit] = forget * memory[unit] + (1.0 - forget) * gates[unit];
            let out = gate(gates[2 * UNITS + unit]);
            output[unit] = out * squash(memory[unit]) + (1.0 - out) * carried[unit];
        }
    }
}
