//! Puts what the workers made in order, and hands it to the sinks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use claimline_stage::{SinkError, Staging};

use super::worker::{Done, Worker};
use super::{Progress, RunError, Summary};
use crate::Plan;

/// The one that writes, in the order of the input.
pub(super) struct Writer<'p> {
    progress: &'p Progress,
    sinks: Vec<(String, Box<dyn Staging>)>,
    waiting: BTreeMap<u64, Done>,
    next: u64,
    /// Whether something was appended since the last commit.
    group_open: bool,
    summary: Summary,
}

impl<'p> Writer<'p> {
    pub(super) fn open(
        plan: &'p Plan,
        folder: &Path,
        threads: usize,
        progress: &'p Progress,
    ) -> Result<Self, RunError> {
        let mut sinks = Vec::new();
        for sink in &plan.sinks {
            // A folder each, so that two sinks never stage the same file.
            let folder = folder.join(format!("{}-{}", sinks.len(), sink.name));
            let part = sink.part.open(&folder, threads).map_err(|error| at(&sink.name, error))?;
            sinks.push((sink.name.clone(), part));
        }
        let stages = plan.stages.iter().map(|stage| stage.name.as_str());
        let seconds = ["read"].into_iter().chain(stages).chain(["encode"]);
        let summary =
            Summary { seconds: seconds.map(|name| (name.to_owned(), 0.0)).collect(), ..Summary::default() };
        Ok(Self { progress, sinks, waiting: BTreeMap::new(), next: 0, group_open: false, summary })
    }

    /// Takes any batch, writes those whose turn has come, and says how many raw bytes those held.
    pub(super) fn take_out_of_order(&mut self, done: Done) -> Result<u64, RunError> {
        self.waiting.insert(done.number, done);
        let mut written = 0;
        while let Some(done) = self.waiting.remove(&self.next) {
            written += done.bytes;
            self.take(done)?;
        }
        Ok(written)
    }

    /// Writes the next batch.
    pub(super) fn take(&mut self, done: Done) -> Result<(), RunError> {
        self.next += 1;
        for ((name, sink), pieces) in self.sinks.iter_mut().zip(done.pieces) {
            sink.append(pieces).map_err(|error| at(name, error))?;
        }
        self.group_open = true;
        if done.ends_group {
            self.commit()?;
        }
        let (sum, counts) = (&mut self.summary, done.counts);
        sum.found += counts.found;
        sum.documents += counts.documents;
        sum.duplicates += counts.duplicates;
        sum.failed += counts.failed;
        sum.dropped += counts.dropped;
        sum.warnings += counts.warnings;
        sum.mentions += counts.mentions;
        sum.text_bytes += counts.text_bytes;
        for (sum, count) in sum.claims.iter_mut().zip(counts.claims) {
            *sum += count;
        }
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.progress.bytes, done.consumed);
        add(&self.progress.documents, counts.documents + counts.failed + counts.dropped);
        add(&self.progress.claims, counts.claims.iter().sum());
        Ok(())
    }

    fn commit(&mut self) -> Result<(), RunError> {
        if std::mem::take(&mut self.group_open) {
            for (name, sink) in &mut self.sinks {
                sink.commit().map_err(|error| at(name, error))?;
            }
        }
        Ok(())
    }

    /// Adds what a worker spent in each stage.
    pub(super) fn add_seconds(&mut self, worker: &Worker) {
        for ((_, sum), time) in self.summary.seconds.iter_mut().zip(&worker.times) {
            *sum += time.as_secs_f64();
        }
    }

    /// Ends the last group and completes the files.
    pub(super) fn finish(mut self) -> Result<Summary, RunError> {
        self.commit()?;
        for (name, sink) in self.sinks {
            let files = sink.finish().map_err(|error| at(&name, error))?;
            self.summary.files.extend(files);
        }
        Ok(self.summary)
    }
}

fn at(sink: &str, error: SinkError) -> RunError {
    RunError::Sink { sink: sink.to_owned(), error }
}
