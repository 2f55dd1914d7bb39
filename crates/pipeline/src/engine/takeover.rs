//! Takes the rows of documents that have not changed over from what a run before has published.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use claimline_stage::{Kept, Piece, Published};

use super::RunError;
use crate::Plan;
use crate::run_folder::{Earlier, Place, Seen};

/// A document whose rows are there already.
pub(super) struct Known {
    pub(super) at: Place,
    pub(super) seen: Seen,
}

/// What one worker holds of the run before.
pub(super) struct Takeover<'p> {
    earlier: &'p Earlier,
    plan: &'p Plan,
    sinks: Vec<Box<dyn Published>>,
    /// The batches looked at last.
    batches: Vec<(u32, Arc<Told>)>,
}

/// What the journal tells of a batch.
struct Told {
    /// By sink and file.
    kept: HashMap<(usize, usize), Kept>,
    seen: Vec<Seen>,
}

/// A batch takes from two or three of the batches before.
const BATCHES: usize = 4;

impl<'p> Takeover<'p> {
    /// None if one of the sinks can't hand back its rows.
    pub(super) fn new(plan: &'p Plan, earlier: &'p Earlier) -> Option<Self> {
        let published = plan.sinks.iter().map(|sink| sink.part.published(&plan.out));
        Some(Self { earlier, plan, sinks: published.collect::<Option<_>>()?, batches: Vec::new() })
    }

    /// The document of that content and place, if it was there and nothing was wrong with it.
    pub(super) fn find(&mut self, content: u128, place: u64) -> Result<Option<Known>, RunError> {
        let Some(at) = self.earlier.find(content, place) else { return Ok(None) };
        let told = self.told(at.0)?;
        let seen = told.seen.get(at.1 as usize);
        let same = seen.filter(|seen| seen.clean && (seen.content, seen.place) == (content, place));
        Ok(same.map(|seen| Known { at, seen: seen.clone() }))
    }

    /// The rows of documents, in their order, as pieces for each sink.
    pub(super) fn rows(&mut self, known: &[Known]) -> Result<Vec<Vec<Piece>>, RunError> {
        let plan = self.plan;
        let mut all: Vec<Vec<Piece>> = plan.sinks.iter().map(|_| Vec::new()).collect();
        for (batch, documents) in stretches(known) {
            let told = self.told(batch)?;
            // Where each file's rows stand in `Seen::rows`.
            let mut column = 0;
            for (sink, planned) in plan.sinks.iter().enumerate() {
                for file in 0..planned.part.paths().len() {
                    let rows = told.rows(column, documents.clone());
                    column += 1;
                    let Some(kept) = told.kept.get(&(sink, file)).filter(|_| !rows.is_empty()) else {
                        continue;
                    };
                    let count = rows.end - rows.start;
                    let body = self.sinks[sink].rows(kept, rows);
                    let body = body.map_err(|error| RunError::Sink { sink: planned.name.clone(), error })?;
                    all[sink].push(Piece { file, rows: count, shares: Vec::new(), cut: 0, body });
                }
            }
        }
        Ok(all)
    }

    fn told(&mut self, batch: u32) -> Result<Arc<Told>, RunError> {
        if let Some((_, told)) = self.batches.iter().find(|(number, _)| *number == batch) {
            return Ok(told.clone());
        }
        let note = self.earlier.batch(batch)?;
        let mut kept = HashMap::new();
        for (sink, one) in &note.kept {
            // What a batch itself has added is told before what its commit group has.
            kept.entry((*sink, one.number)).or_insert_with(|| one.clone());
        }
        let told = Arc::new(Told { kept, seen: note.seen() });
        self.batches.truncate(BATCHES - 1);
        self.batches.insert(0, (batch, told.clone()));
        Ok(told)
    }
}

impl Told {
    /// The rows that a file has of some documents, counted from the batch's first.
    fn rows(&self, column: usize, documents: Range<usize>) -> Range<u64> {
        let sum = |seen: &[Seen]| -> u64 {
            seen.iter().filter_map(|seen| seen.rows.get(column)).map(|rows| u64::from(*rows)).sum()
        };
        let start = sum(&self.seen[..documents.start]);
        start..start + sum(&self.seen[documents])
    }
}

/// Documents that followed on one another in a batch before, with its number and their places there.
fn stretches(known: &[Known]) -> Vec<(u32, Range<usize>)> {
    let mut stretches: Vec<(u32, Range<usize>)> = Vec::new();
    for Known { at: (batch, document), .. } in known {
        let document = *document as usize;
        match stretches.last_mut() {
            Some((last, documents)) if last == batch && documents.end == document => documents.end += 1,
            _ => stretches.push((*batch, document..document + 1)),
        }
    }
    stretches
}
