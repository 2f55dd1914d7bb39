//! Puts what the workers made in order, hands it to the sinks, and tells the journal.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use claimline_model::{Problem, Severity};
use claimline_stage::{Growing, Kept, Resource, SinkError, Staging};
use data_encoding::BASE64;
use serde_json::json;

use super::worker::{Counts, Done, Worker};
use super::{Progress, RunError};
use crate::Plan;
use crate::run_folder::{Journal, Note, PROBLEMS, RunFolder, Standing};

/// The one that writes, in the order of the input.
pub(super) struct Writer<'p> {
    progress: &'p Progress,
    folder: &'p RunFolder,
    names: &'p [String],
    sinks: Vec<(String, Box<dyn Staging>)>,
    /// All problems, whichever tables the sinks write.
    problems: Growing,
    journal: Journal,
    resumable: bool,
    stop_after: Option<u64>,
    waiting: BTreeMap<u64, Done>,
    next: u64,
    counts: Counts,
    read: String,
    seconds: Vec<(String, f64)>,
}

/// What a writer leaves when all is written.
pub(super) struct Written {
    pub(super) files: Vec<Resource>,
    pub(super) journal: Journal,
    pub(super) counts: Counts,
    pub(super) read: String,
    pub(super) seconds: Vec<(String, f64)>,
}

impl<'p> Writer<'p> {
    /// Opens the sinks behind what stands. `names` are theirs.
    pub(super) fn open(
        plan: &Plan,
        folder: &'p RunFolder,
        names: &'p [String],
        (journal, standing): (Journal, Standing),
        (threads, resumable): (usize, bool),
        progress: &'p Progress,
    ) -> Result<Self, RunError> {
        let workshop = |sink| folder.workshop(names, sink, threads, resumable);
        let mut sinks = Vec::new();
        for (i, sink) in plan.sinks.iter().enumerate() {
            let part =
                sink.part.open(workshop(i), &standing.kept[i]).map_err(|error| at(&sink.name, error))?;
            sinks.push((sink.name.clone(), part));
        }
        let kept = standing.kept[names.len()].last();
        let problems = Growing::open(&workshop(names.len()), 0, PROBLEMS, kept);
        let stages = plan.stages.iter().map(|stage| stage.name.as_str());
        let seconds = ["read"].into_iter().chain(stages).chain(["encode"]);
        progress.add(standing.consumed, &standing.counts);
        Ok(Self {
            progress,
            folder,
            names,
            sinks,
            problems: problems.map_err(|error| at(PROBLEMS, error))?,
            journal,
            resumable,
            stop_after: plan.stop_after,
            waiting: BTreeMap::new(),
            next: standing.batches,
            counts: standing.counts,
            read: standing.read,
            seconds: seconds.map(|name| (name.to_owned(), 0.0)).collect(),
        })
    }

    /// Takes any batch, writes those whose turn has come, and says how many raw bytes those held.
    pub(super) fn take_out_of_order(&mut self, done: Done) -> Result<u64, RunError> {
        self.waiting.insert(done.cut.number, done);
        let mut written = 0;
        while let Some(done) = self.waiting.remove(&self.next) {
            written += done.cut.bytes;
            self.take(done)?;
        }
        Ok(written)
    }

    /// Writes the next batch.
    pub(super) fn take(&mut self, done: Done) -> Result<(), RunError> {
        let Done { cut, pieces, problems, counts, seen, memories } = done;
        if self.stop_after.is_some_and(|most| self.counts.failed + counts.failed > most) {
            let error = problems.iter().find(|problem| problem.severity == Severity::Error);
            let first = error.map(|Problem { source_uri, member, code, message, .. }| {
                let member = member.as_deref().map_or_else(String::new, |member| format!(" {member}"));
                format!("{source_uri}{member}: {code}: {message}")
            });
            return Err(RunError::Stopped { first: first.unwrap_or_default() });
        }
        self.next += 1;
        let mut kept = Vec::new();
        for (i, ((name, sink), pieces)) in self.sinks.iter_mut().zip(pieces).enumerate() {
            let told = sink.append(pieces).map_err(|error| at(name, error))?;
            kept.extend(told.into_iter().map(|one| (i, one)));
        }
        let lines: String = problems.iter().map(line).collect();
        self.problems.append(lines.as_bytes()).map_err(|error| at(PROBLEMS, error))?;
        let told = self.problems.tell(problems.len() as u64);
        kept.extend(told.map(|one| (self.names.len(), one)));
        if cut.ends_group {
            kept.extend(self.commit()?);
        }
        self.counts.add(&counts);
        self.progress.add(cut.consumed, &counts);
        if self.resumable {
            let text = |bytes: Vec<u8>| BASE64.encode(&bytes);
            self.journal.note(Note {
                batch: cut.number,
                items: cut.items,
                bytes: cut.bytes,
                consumed: cut.consumed,
                read: cut.read.clone(),
                ends_group: cut.ends_group,
                counts,
                kept,
                seen: text(seen),
                memories: memories.into_iter().map(|(stage, memory)| (stage, memory.map(text))).collect(),
            })?;
            if cut.ends_group {
                self.journal.sync()?;
            }
        }
        self.read = cut.read;
        Ok(())
    }

    /// Ends a commit group.
    fn commit(&mut self) -> Result<Vec<(usize, Kept)>, RunError> {
        let mut kept = Vec::new();
        for (i, (name, sink)) in self.sinks.iter_mut().enumerate() {
            let told = sink.commit().map_err(|error| at(name, error))?;
            kept.extend(told.into_iter().map(|one| (i, one)));
        }
        if self.resumable {
            self.problems.sync().map_err(|error| at(PROBLEMS, error))?;
            self.folder.sync_parts(self.names)?;
        }
        Ok(kept)
    }

    /// Adds what a worker spent in each stage.
    pub(super) fn add_seconds(&mut self, worker: &Worker) {
        for ((_, sum), time) in self.seconds.iter_mut().zip(&worker.times) {
            *sum += time.as_secs_f64();
        }
    }

    /// Completes the files.
    pub(super) fn finish(mut self) -> Result<Written, RunError> {
        let mut files = Vec::new();
        for (name, sink) in self.sinks {
            files.extend(sink.finish().map_err(|error| at(&name, error))?);
        }
        self.problems.sync().map_err(|error| at(PROBLEMS, error))?;
        self.folder.sync_parts(self.names)?;
        let Self { journal, counts, read, seconds, .. } = self;
        Ok(Written { files, journal, counts, read, seconds })
    }
}

impl Progress {
    fn add(&self, consumed: u64, counts: &Counts) {
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.bytes, consumed);
        add(&self.documents, counts.documents + counts.failed + counts.dropped);
        add(&self.claims, counts.claims.iter().sum());
    }
}

/// A problem as a line of JSON.
fn line(problem: &Problem) -> String {
    let Problem { source_uri, member, doc_id, stage, severity, code, message, location } = problem;
    let row = json!({
        "source_uri": source_uri.as_str(),
        "member": member.as_deref(),
        "doc_id": doc_id.as_deref(),
        "stage": stage.as_str(),
        "severity": severity.as_str(),
        "code": code.as_str(),
        "message": message.as_str(),
        "location": location.as_deref(),
    });
    format!("{row}\n")
}

fn at(sink: &str, error: SinkError) -> RunError {
    RunError::Sink { sink: sink.to_owned(), error }
}
