//! Cuts what the sources find into batches and commit groups, by the input alone.

use claimline_stage::Found;

use super::Settings;
use crate::Plan;

/// What the sources found, up to the size of a batch.
pub(super) struct RawBatch {
    /// Its place in the input, from 0.
    pub(super) number: u64,
    /// What was found, with the index of its source.
    pub(super) found: Vec<(usize, Found)>,
    /// Raw bytes held.
    pub(super) bytes: u64,
    /// Input bytes that reading it took.
    pub(super) consumed: u64,
    /// Whether a commit group ends with it.
    pub(super) ends_group: bool,
}

/// The batches of a plan's input.
pub(super) struct Reader<'p> {
    found: Box<dyn Iterator<Item = (usize, Found)> + Send + 'p>,
    settings: &'p Settings,
    number: u64,
    group: u64,
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
        Self { found: Box::new(limited), settings, number: 0, group: 0 }
    }
}

impl Iterator for Reader<'_> {
    type Item = RawBatch;

    fn next(&mut self) -> Option<RawBatch> {
        let mut batch =
            RawBatch { number: self.number, found: Vec::new(), bytes: 0, consumed: 0, ends_group: false };
        for (source, found) in &mut self.found {
            if let Found::Raw(raw) = &found {
                batch.bytes += raw.bytes.len() as u64;
                batch.consumed += raw.consumed;
            }
            batch.found.push((source, found));
            let full = batch.found.len() >= self.settings.batch_records;
            if full || batch.bytes >= self.settings.batch_bytes as u64 {
                break;
            }
        }
        if batch.found.is_empty() {
            return None;
        }
        self.number += 1;
        self.group += batch.bytes;
        if self.group >= self.settings.group_bytes {
            batch.ends_group = true;
            self.group = 0;
        }
        Some(batch)
    }
}
