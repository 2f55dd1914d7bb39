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
//!
//! What is done is told in the run folder (`run_folder`), from which a run that was killed goes on.

mod admission;
mod assembly;
mod reader;
mod takeover;
mod trace;
mod turnstile;
mod worker;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use claimline_stage::{Disk, InputFile, SinkError, SystemDisk};
use crossbeam_channel::bounded;

use crate::Plan;
use crate::run_folder::{Again, Asked, Begun, FolderError, PlanFile, Publish, RunFolder, VERSION};
use reader::Reader;
pub use trace::Tracer;
pub use worker::Counts;
use worker::{Memory, Shared, Worker};
use writer::{Writer, Written};

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
    /// Whether to forget what was done before.
    pub restart: bool,
    /// Whether to look into files that seem unchanged.
    pub strict: bool,
    /// Which documents of a finished run are run again.
    pub again: Again,
    /// Whether to keep what resuming takes; without it the price of that can be measured.
    pub journal: bool,
    /// The program and its build: another one's work is not gone on with.
    pub program: String,
    /// The folder that relative paths start from.
    pub folder: PathBuf,
    /// The way to write files.
    pub disk: Arc<dyn Disk>,
}

impl Default for Settings {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, |n| n.get());
        Self {
            threads,
            limit: None,
            batch_records: 256,
            // Small: what a killed run loses is the batches in the workers' hands.
            batch_bytes: 64 << 10,
            group_bytes: 16 << 20,
            restart: false,
            strict: false,
            again: Again::All,
            journal: true,
            program: concat!("claimline ", env!("CARGO_PKG_VERSION")).to_owned(),
            folder: PathBuf::new(),
            disk: Arc::new(SystemDisk),
        }
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
    /// Set from outside to end the run early, to be resumed.
    pub stop: AtomicBool,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// What there was, and what became of it.
    pub counts: Counts,
    /// Seconds spent in each stage, over all workers, with decoding first and encoding last.
    pub seconds: Vec<(String, f64)>,
    /// The files written, in order.
    pub files: Vec<TableFile>,
    /// Whether more documents failed than the pipeline allows.
    pub too_many_failed: bool,
    /// Documents of those found that a run before had done: one that was killed, or one that was
    /// finished and whose rows were taken over.
    pub done_before: u64,
    /// Whether there was nothing left to do.
    pub nothing_to_do: bool,
    /// Whether the run could not have been resumed: its input can't be read again, or an ordered stage
    /// does not remember.
    pub not_resumable: bool,
}

/// A table's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// The table or view: `claims`, `quantities`.
    pub table: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many rows.
    pub rows: u64,
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
    /// The run folder can't be used, or holds something else.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// More documents failed than the pipeline allows, and it says to stop then.
    #[error(
        "stopped, for too many documents failed: {first}\nWhat was done before stays: the same command goes on."
    )]
    Stopped {
        /// The first that did, of those that were one too many.
        first: String,
    },
    /// What was read before the run was killed is not what is there now.
    #[error("the input is not what it was when the run began; `--restart` begins anew")]
    InputChanged,
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

/// Runs `plan` and publishes its tables, from the beginning or from where a run before it was killed.
///
/// # Errors
/// If it was stopped, a file could not be written, or a sink failed: what was done stays, and the next
/// run goes on. If what was begun before does not fit the plan. Documents that fail are not errors:
/// they are in `problems` and in the summary.
pub fn run(plan: &Plan, settings: &Settings, progress: &Progress) -> Result<Summary, RunError> {
    let sizes: Option<u64> = inputs(plan).map(|files| files.map(|file| file.bytes).sum());
    progress.bytes_total.store(sizes.unwrap_or(0), Ordering::Relaxed);

    let mut memory = Memory::new(plan);
    let again = sizes.is_some() && memory.is_complete();
    let resumable = settings.journal && again;
    let file = plan_file(plan, settings, resumable);
    let names: Vec<String> = plan.sinks.iter().map(|sink| sink.name.clone()).collect();
    let folder = RunFolder::open(&plan.out, settings.disk.clone())?;
    let asked = Asked {
        plan: &file,
        inputs: &|| inputs(plan),
        sinks: &names,
        restart: settings.restart,
        strict: settings.strict,
        again: settings.again,
    };
    let (journal, standing, earlier) = match folder.begin(&asked, &mut |note| memory.recall(note))? {
        Begun::Open { journal, standing, earlier } => (journal, standing, earlier),
        Begun::Finished(publish) => {
            let done_before = publish.counts.found;
            let summary = Summary { done_before, nothing_to_do: true, ..summary(plan, &publish, Vec::new()) };
            return Ok(summary);
        }
    };
    let resumed = standing.counts.found;
    let mut reader = Reader::new(plan, settings);
    reader.pass_over(&standing, progress)?;
    let shared = Shared::new(memory, standing.batches, earlier);
    let how = (settings.threads, resumable);
    let mut writer = Writer::open(plan, &folder, &names, (journal, standing), how, progress)?;
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
    let done_before = resumed + shared.taken_over.load(Ordering::Relaxed);
    shared.finish(plan)?;

    let Written { files, journal, counts, read, seconds } = writer.finish()?;
    let ended = counts.documents + counts.failed + counts.dropped;
    if counts.found != ended {
        return Err(RunError::Books { found: counts.found, ended });
    }
    let publish = folder.publish(&file, &counts, &read, files, journal)?;
    Ok(Summary { done_before, not_resumable: !again, ..summary(plan, &publish, seconds) })
}

/// The files that all sources read; none if one of them can't read again.
fn inputs(plan: &Plan) -> Option<Box<dyn Iterator<Item = InputFile> + '_>> {
    let all: Option<Vec<_>> = plan.sources.iter().map(|source| source.part.inputs()).collect();
    Some(Box::new(all?.into_iter().flatten()))
}

fn plan_file(plan: &Plan, settings: &Settings, resumable: bool) -> PlanFile {
    PlanFile {
        version: VERSION,
        program: settings.program.clone(),
        folder: settings.folder.clone(),
        file: plan.file.clone(),
        pipeline: plan.described.clone(),
        files: plan.file_hashes(),
        limit: settings.limit,
        cuts: [settings.batch_records as u64, settings.batch_bytes as u64, settings.group_bytes],
        resumable,
        shapes: plan.shapes(),
        takes_over: false,
    }
}

fn summary(plan: &Plan, publish: &Publish, seconds: Vec<(String, f64)>) -> Summary {
    let counts = publish.counts.clone();
    Summary {
        seconds,
        files: publish.tables(&plan.out).collect(),
        too_many_failed: plan.max_failed.is_some_and(|limit| limit.exceeded(counts.failed, counts.found)),
        counts,
        ..Summary::default()
    }
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
    let budget = Budget::new(2 * settings.threads as u64 * (settings.batch_bytes as u64).max(IN_FLIGHT));
    let (to_workers, batches) = bounded(settings.threads);
    // Room for what the workers finish while the writer ends a commit group.
    let (to_writer, done) = bounded(4 * settings.threads);
    thread::scope(|scope| {
        let budget = &budget;
        scope.spawn(move || {
            for batch in reader {
                budget.acquire(batch.cut.bytes, &progress.stop);
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

/// The least raw bytes that may be in flight for each worker, so that a record of the largest size does
/// not leave the others without work.
const IN_FLIGHT: u64 = 2 << 20;

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
