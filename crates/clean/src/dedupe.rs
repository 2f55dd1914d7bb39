//! The stage `dedupe`: of documents that say nearly the same, the first stays.
//!
//! A document is looked for among those before it by bands of its [sketch](mod@crate::sketch): two texts that
//! are alike share a whole band of it somewhere, nearly always; texts that are not hardly ever do. Those that
//! share one are then compared by their whole sketches.

use std::collections::BTreeSet;

use claimline_model::Str;
use claimline_stage::arrow::Float64Array;
use claimline_stage::tables::ColumnType;
use claimline_stage::{AddedColumns, Batch, Declared, Order, Registration, Stage, StageError, TextUse};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::sketch::{HASHES, Sketch, sketch};

/// Finds documents that say nearly the same as one before, and leaves the first of them: the others keep
/// their row in `documents`, which names it in `duplicate_of` and says how alike they are in `similarity`,
/// but no text, and nothing is claimed from them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How alike two documents are, from 0 to 1, for the second to be a duplicate: the share of runs of
    /// words that both have, of all that either has.
    #[serde(default = "threshold")]
    #[schemars(range(min = 0.3, max = 1.0))]
    pub threshold: f64,
    /// How many words make a run. Longer ones make a changed word count for more.
    #[serde(default = "words")]
    #[schemars(range(min = 1, max = 20))]
    pub words: usize,
    /// Whether a document with a number that the first has not may be a duplicate. By default it stays, for it
    /// may say something new: a later count, another company's dividend.
    #[serde(default)]
    pub ignore_numbers: bool,
}

fn threshold() -> f64 {
    0.8
}

fn words() -> usize {
    3
}

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::stage(
        "dedupe",
        "Leaves the first of documents that say nearly the same.",
        "- dedupe: { threshold: 0.9 }",
        Order::Ordered,
        |options: Options, _| Ok(Dedupe::new(&options)),
    )
    .declaring(|_: Options, _| {
        let adds = AddedColumns::default().document(SIMILARITY, ColumnType::Decimal, MEANING);
        Ok(Declared { text: TextUse::Changes, adds, ..Declared::default() })
    })
}

/// The column that it adds to `documents`.
const SIMILARITY: &str = "similarity";
const MEANING: &str = "Of a near-duplicate, how alike it is to the document that `duplicate_of` names, from 0 to 1: the share \
                       of runs of words that both have, of all that either has, as far as `dedupe` can tell.";

/// The stage `dedupe`. Of every document that stays it holds some 400 bytes at a threshold of 0.8, and two for each of
/// its different numbers, 256 of them at most.
#[derive(Clone)]
struct Dedupe {
    threshold: f64,
    words: usize,
    ignore_numbers: bool,
    /// How many hashes make a band.
    rows: usize,
    /// The documents that stay.
    kept: Vec<(Str, Sketch)>,
    /// Each of their bands with their place in `kept`. A tree, since it grows evenly; a hash table doubles.
    bands: BTreeSet<(u32, u32)>,
    /// Those of the last batch, for the journal.
    new: Vec<u8>,
}

impl Dedupe {
    fn new(options: &Options) -> Self {
        Self {
            threshold: options.threshold,
            words: options.words,
            ignore_numbers: options.ignore_numbers,
            rows: rows(options.threshold),
            kept: Vec::new(),
            bands: BTreeSet::new(),
            new: Vec::new(),
        }
    }

    /// The document among those that stay that is most like a sketch, and how alike, if that is enough;
    /// of several the first.
    fn first(&self, sketch: &Sketch) -> Option<(Str, f64)> {
        let with = |band: u32| self.bands.range((band, 0)..=(band, u32::MAX)).map(|(_, place)| *place);
        let candidates: BTreeSet<u32> = bands(&sketch.hashes, self.rows).flat_map(with).collect();
        let mut best: Option<(u32, f64)> = None;
        for place in candidates {
            let first = &self.kept[place as usize].1;
            let alike = sketch.likeness(first);
            let says_no_more = self.ignore_numbers || sketch.has_no_other_numbers(first);
            if alike >= self.threshold && says_no_more && best.is_none_or(|(_, most)| alike > most) {
                best = Some((place, alike));
            }
        }
        best.map(|(place, alike)| (self.kept[place as usize].0.clone(), alike))
    }

    fn keep(&mut self, doc_id: Str, sketch: Sketch) {
        let place = self.kept.len() as u32;
        self.bands.extend(bands(&sketch.hashes, self.rows).map(|band| (band, place)));
        self.kept.push((doc_id, sketch));
    }
}

/// How many hashes a band has, if two texts that are as alike as the threshold are to share a whole band all
/// but once in a hundred times; as many as can be, for longer bands find fewer that are not alike.
fn rows(threshold: f64) -> usize {
    let missed = |rows: &usize| (1.0 - threshold.powi(*rows as i32)).powi((HASHES / rows) as i32);
    (1..=HASHES / 8).rev().find(|rows| missed(rows) <= 0.01).unwrap_or(1)
}

/// The bands of a sketch, each as a hash of its bytes and its place (FNV-1a, as for words).
fn bands(hashes: &[u8; HASHES], rows: usize) -> impl Iterator<Item = u32> {
    hashes.chunks_exact(rows).enumerate().map(|(place, band)| {
        let start = 0x811C_9DC5 ^ place as u32;
        band.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    })
}

impl Stage for Dedupe {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let mut stays = vec![true; batch.documents.len()];
        let mut similarity = vec![None; batch.documents.len()];
        for (i, document) in batch.documents.iter_mut().enumerate() {
            let Some(sketch) = sketch(&document.text, self.words) else { continue };
            match self.first(&sketch) {
                Some((first, alike)) => {
                    document.duplicate_of = Some(first);
                    document.text = Str::default();
                    document.chars = 0;
                    (stays[i], similarity[i]) = (false, Some(alike));
                }
                None => {
                    note(&document.doc_id, &sketch, &mut self.new);
                    self.keep(document.doc_id.clone(), sketch);
                }
            }
        }
        if stays.contains(&false) {
            batch.retain_rows(&stays);
        }
        batch.documents.add_column(SIMILARITY, Float64Array::from(similarity));
        Ok(())
    }

    fn remember(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.new))
    }

    fn recall(&mut self, mut memory: &[u8]) {
        while let Some((doc_id, sketch)) = read_note(&mut memory) {
            self.keep(doc_id, sketch);
        }
    }
}

/// Tells of a document that stays: the length of its id in four bytes, the id, the hashes, how many numbers
/// there are in two bytes, those.
fn note(doc_id: &str, sketch: &Sketch, out: &mut Vec<u8>) {
    out.extend((doc_id.len() as u32).to_le_bytes());
    out.extend(doc_id.as_bytes());
    out.extend(sketch.hashes);
    out.extend((sketch.numbers.len() as u16).to_le_bytes());
    out.extend(sketch.numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn read_note(memory: &mut &[u8]) -> Option<(Str, Sketch)> {
    let (length, rest) = memory.split_first_chunk()?;
    let (doc_id, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let (hashes, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (numbers, rest) = rest.split_at_checked(2 * usize::from(u16::from_le_bytes(*length)))?;
    *memory = rest;
    let numbers = numbers.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let sketch = Sketch { hashes: *hashes, numbers: numbers.collect() };
    Some((Str::new(str::from_utf8(doc_id).ok()?), sketch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_as_long_as_the_threshold_allows() {
        let cases = [(0.3, 2), (0.5, 3), (0.8, 6), (0.9, 10), (1.0, 16)];
        for (threshold, expected) in cases {
            assert_eq!(rows(threshold), expected, "{threshold}");
        }
    }

    #[test]
    fn what_is_remembered_comes_back() {
        let sketch = |byte, numbers| Sketch { hashes: [byte; HASHES], numbers };
        let mut memory = Vec::new();
        note("d1", &sketch(7, vec![1, 500]), &mut memory);
        note("", &sketch(9, Vec::new()), &mut memory);
        let mut dedupe = Dedupe::new(&Options { threshold: 0.8, words: 3, ignore_numbers: false });
        dedupe.recall(&memory[..memory.len() - 1]);
        assert_eq!(dedupe.kept, [("d1".into(), sketch(7, vec![1, 500]))]);
        assert_eq!(dedupe.first(&sketch(7, vec![500])), Some(("d1".into(), 1.0)));
        assert_eq!(dedupe.first(&sketch(7, vec![501])), None);
    }
}
