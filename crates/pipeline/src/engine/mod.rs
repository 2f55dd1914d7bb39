//! Runs a plan: one reader, workers that each run all stages on a batch, one writer in order.
//!
//! ```text
//! reader -> [RawBatch] -> worker 1..N: decode, admit, stages, encode -> [Done] -> writer
//! ```
//!
//! What a batch holds and which batches make a commit group is decided by the reader from the input
//! alone, so the output does not depend on the number of threads. Memory is bounded by the bytes in
//! flight ([`Budget`]): the reader waits until the writer has let go of enough. With one thread the
//! three take turns on it.

mod admission;
mod reader;
mod turnstile;
mod worker;
mod writer;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use claimline_stage::{Resource, SinkError};
use crossbeam_channel::bounded;

use crate::Plan;
use crate::publish::{self, PublishError};
use reader::Reader;
use worker::{Shared, Worker};
use writer::Writer;

/// How to run, as far as the pipeline does not say.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many workers; with one, everything runs on the calling thread.
    pub threads: usize,
    /// Stop after so many documents found.
    pub limit: Option<u64>,
    /// The most records in a batch.
    pub batch_records: usize,
    /// The most raw bytes in a batch, unless one record is longer.
    pub batch_bytes: usize,
    /// The input bytes after which a commit group ends.
    pub group_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, |n| n.get());
        Self { threads, limit: None, batch_records: 256, batch_bytes: 4 << 20, group_bytes: 16 << 20 }
    }
}

/// What goes on, for whoever looks while it does.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of input, if known beforehand; else 0.
    pub bytes_total: AtomicU64,
    /// Bytes of input that are done.
    pub bytes: AtomicU64,
    /// Documents that are done.
    pub documents: AtomicU64,
    /// Claims written.
    pub claims: AtomicU64,
    /// Set from outside to end the run early, without tables.
    pub stop: AtomicBool,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Records and unreadable places that were found.
    pub found: u64,
    /// Rows in `documents`, duplicates included.
    pub documents: u64,
    /// Documents with the content of an earlier one.
    pub duplicates: u64,
    /// Documents that failed: the errors in `problems`.
    pub failed: u64,
    /// Documents that a stage left out on purpose: the errors in `problems` with the code `dropped`.
    pub dropped: u64,
    /// The warnings in `problems`.
    pub warnings: u64,
    /// Claims by kind: quantities, statements.
    pub claims: [u64; 2],
    /// Mentions.
    pub mentions: u64,
    /// Bytes of `documents.text`.
    pub text_bytes: u64,
    /// Seconds spent in each stage, over all workers, with decoding first and encoding last.
    pub seconds: Vec<(String, f64)>,
    /// The files written, in order.
    pub files: Vec<Resource>,
    /// Whether more documents failed than the pipeline allows.
    pub too_many_failed: bool,
}

/// Why a run ended without tables.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A sink failed.
    #[error("{sink}: {error}")]
    Sink {
        /// The sink's name.
        sink: String,
        /// What it said.
        error: SinkError,
    },
    /// A stage failed when all documents had passed.
    #[error("{stage}: {message}")]
    Stage {
        /// The stage's name.
        stage: String,
        /// What it said.
        message: String,
    },
    /// A file or folder of the output could not be written.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The documents found and the documents accounted for differ: a bug, and no table is to be trusted.
    #[error("{found} documents were found but {ended} are accounted for; please report this")]
    Books {
        /// Found.
        found: u64,
        /// In the tables or in `problems`.
        ended: u64,
    },
    /// A bug outside of any stage.
    #[error("a bug: {0}; please report this")]
    Panicked(String),
}

/// Runs `plan` from the beginning and publishes its tables.
///
/// # Errors
/// If it was stopped, a file could not be written, or a sink failed. Documents that fail are not
/// errors: they are in `problems` and in the summary.
pub fn run(plan: &Plan, settings: &Settings, progress: &Progress) -> Result<Summary, RunError> {
    let staging = publish::Staging::create(&plan.out)?;
    let sizes: Option<u64> = plan.sources.iter().map(|source| source.part.bytes()).sum();
    progress.bytes_total.store(sizes.unwrap_or(0), Ordering::Relaxed);

    let mut writer = Writer::open(plan, staging.folder(), settings.threads, progress)?;
    let reader = Reader::new(plan, settings);
    let shared = Shared::new(plan);
    if settings.threads <= 1 {
        let mut worker = Worker::new(plan, &shared);
        for batch in reader {
            check_stop(progress)?;
            writer.take(worker.work(batch, progress)?)?;
        }
        worker.finish()?;
        writer.add_seconds(&worker);
    } else {
        in_parallel(plan, settings, progress, reader, &shared, &mut writer)?;
    }
    check_stop(progress)?;
    shared.finish(plan)?;

    let mut summary = writer.finish()?;
    let ended = summary.documents + summary.failed + summary.dropped;
    if summary.found != ended {
        return Err(RunError::Books { found: summary.found, ended });
    }
    summary.too_many_failed =
        plan.max_failed.is_some_and(|limit| limit.exceeded(summary.failed, summary.found));
    summary.files = staging.publish(plan, summary.files)?;
    Ok(summary)
}

fn check_stop(progress: &Progress) -> Result<(), RunError> {
    if progress.stop.load(Ordering::Relaxed) { Err(RunError::Interrupted) } else { Ok(()) }
}

fn in_parallel(
    plan: &Plan,
    settings: &Settings,
    progress: &Progress,
    reader: Reader,
    shared: &Shared,
    writer: &mut Writer,
) -> Result<(), RunError> {
    // Twice what the workers hold: they never wait for the reader, and the bound stays small.
    let budget = Budget::new(2 * settings.threads as u64 * settings.batch_bytes as u64);
    let (to_workers, batches) = bounded(settings.threads);
    // Room for what the workers finish while the writer ends a commit group.
    let (to_writer, done) = bounded(4 * settings.threads);
    thread::scope(|scope| {
        let budget = &budget;
        scope.spawn(move || {
            for batch in reader {
                budget.acquire(batch.bytes, &progress.stop);
                if progress.stop.load(Ordering::Relaxed) || to_workers.send(batch).is_err() {
                    break;
                }
            }
        });
        let workers: Vec<_> = (0..settings.threads)
            .map(|_| {
                let (batches, to_writer) = (batches.clone(), to_writer.clone());
                scope.spawn(move || {
                    let mut worker = Worker::new(plan, shared);
                    for batch in batches {
                        let done = worker.work(batch, progress);
                        let failed = done.is_err();
                        if to_writer.send(done).is_err() || failed {
                            break;
                        }
                    }
                    worker
                })
            })
            .collect();
        drop((batches, to_writer));

        let mut written = done.iter().try_for_each(|done| {
            budget.release(writer.take_out_of_order(done?)?);
            check_stop(progress)
        });
        if written.is_err() {
            progress.stop.store(true, Ordering::Relaxed);
        }
        drop(done);
        for worker in workers {
            if let Ok(mut worker) = worker.join() {
                if written.is_ok() {
                    written = worker.finish();
                }
                writer.add_seconds(&worker);
            }
        }
        written
    })
}

/// The raw bytes that may be in flight between the reader and the writer.
struct Budget {
    left: Mutex<u64>,
    changed: Condvar,
    all: u64,
}

impl Budget {
    fn new(all: u64) -> Self {
        Self { left: Mutex::new(all), changed: Condvar::new(), all }
    }

    /// Waits until `bytes` are to be had; more than there are at all is had when nothing else is out.
    fn acquire(&self, bytes: u64, stop: &AtomicBool) {
        let bytes = bytes.min(self.all);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        while *left < bytes && !stop.load(Ordering::Relaxed) {
            let waited = self.changed.wait_timeout(left, turnstile::LOOK_UP);
            left = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *left -= bytes.min(*left);
    }

    fn release(&self, bytes: u64) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = self.all.min(*left + bytes);
        self.changed.notify_all();
    }
}
