//! Cuts what the sources find into batches and commit groups, by the input alone.

use std::sync::atomic::Ordering;

use blake3::Hasher;
use claimline_stage::Found;

use super::{Progress, RunError, Settings};
use crate::Plan;
use crate::run_folder::Standing;

/// What the sources found, up to the size of a batch.
pub(super) struct RawBatch {
    /// What was found, with the index of its source.
    pub(super) found: Vec<(usize, Found)>,
    /// Where it was cut.
    pub(super) cut: Cut,
}

/// A batch's place in the input.
#[derive(Default)]
pub(super) struct Cut {
    /// Its number, from 0.
    pub(super) number: u64,
    /// How many things were found.
    pub(super) items: u64,
    /// Raw bytes held.
    pub(super) bytes: u64,
    /// Input bytes that reading it took.
    pub(super) consumed: u64,
    /// The hash of all that was read up to its end.
    pub(super) read: String,
    /// Whether a commit group ends with it.
    pub(super) ends_group: bool,
}

/// The batches of a plan's input.
pub(super) struct Reader<'p> {
    found: Box<dyn Iterator<Item = (usize, Found)> + Send + 'p>,
    settings: &'p Settings,
    number: u64,
    group: u64,
    read: Hasher,
}

impl<'p> Reader<'p> {
    pub(super) fn new(plan: &'p Plan, settings: &'p Settings) -> Self {
        let sources = plan.sources.iter().enumerate();
        let found = sources.flat_map(|(i, source)| source.part.read().map(move |found| (i, found)));
        // A warning costs no document, and so does not count towards the limit.
        let mut left = settings.limit.unwrap_or(u64::MAX);
        let limited = found.take_while(move |(_, found)| {
            let room = left > 0;
            left -= u64::from(room && !matches!(found, Found::Warning(_)));
            room
        });
        Self { found: Box::new(limited), settings, number: 0, group: 0, read: Hasher::new() }
    }

    /// Passes over what a run before has done.
    ///
    /// # Errors
    /// If that is not what it was, or the run is stopped.
    pub(super) fn pass_over(&mut self, standing: &Standing, progress: &Progress) -> Result<(), RunError> {
        for _ in 0..standing.items {
            if progress.stop.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted);
            }
            let Some((_, found)) = self.found.next() else { break };
            hash(&mut self.read, &found);
        }
        if standing.items > 0 && self.read() != standing.read {
            return Err(RunError::InputChanged);
        }
        (self.number, self.group) = (standing.batches, standing.group_bytes);
        Ok(())
    }

    /// The hash of all that was read so far.
    fn read(&self) -> String {
        self.read.finalize().to_hex().to_string()
    }
}

impl Iterator for Reader<'_> {
    type Item = RawBatch;

    fn next(&mut self) -> Option<RawBatch> {
        let mut batch = RawBatch { found: Vec::new(), cut: Cut { number: self.number, ..Cut::default() } };
        let cut = &mut batch.cut;
        for (source, found) in &mut self.found {
            hash(&mut self.read, &found);
            match &found {
                Found::Raw(raw) => {
                    cut.bytes += raw.bytes.len() as u64;
                    cut.consumed += raw.consumed;
                }
                Found::Document(decoded) => cut.bytes += decoded.document.text.len() as u64,
                Found::Lost(_) | Found::Warning(_) => {}
            }
            batch.found.push((source, found));
            let full = batch.found.len() >= self.settings.batch_records;
            if full || cut.bytes >= self.settings.batch_bytes as u64 {
                break;
            }
        }
        if batch.found.is_empty() {
            return None;
        }
        cut.items = batch.found.len() as u64;
        cut.read = self.read();
        self.number += 1;
        self.group += cut.bytes;
        if self.group >= self.settings.group_bytes {
            cut.ends_group = true;
            self.group = 0;
        }
        Some(batch)
    }
}

/// Adds what was found to a hash: what it is and where it lay below the pattern's folder, so that the
/// hash is the same on another machine.
fn hash(hasher: &mut Hasher, found: &Found) {
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    match found {
        Found::Raw(raw) => {
            part(raw.origin.path.as_bytes());
            part(raw.origin.member.as_deref().unwrap_or_default().as_bytes());
            part(&raw.bytes);
        }
        Found::Document(decoded) => {
            part(decoded.document.doc_id.as_bytes());
            part(decoded.document.text.as_bytes());
        }
        Found::Lost(problem) | Found::Warning(problem) => {
            part(problem.code.as_bytes());
            part(problem.member.as_deref().unwrap_or_default().as_bytes());
            part(problem.message.as_bytes());
        }
    }
}
