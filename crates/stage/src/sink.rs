//! Where tables go.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::{Batch, Disk};

/// Writes tables to files, in three steps: [`Sink::encode`] in the workers, [`Staging::append`] in
/// order on one thread, and [`Staging::finish`] when all is well, upon which the engine renames the
/// files into place.
///
/// A run that was killed goes on where its files end. What a staging tells of each batch ([`Kept`])
/// goes into the run's journal, and what still stands of that is handed to [`Sink::open`] the next
/// time, so a sink needs no memory but its files.
pub trait Sink: Send + Sync {
    /// Where its files belong, relative to the output folder. Two sinks of a pipeline must not share one.
    fn paths(&self) -> Vec<PathBuf>;

    /// Turns a batch into pieces of its files, independently of the batches before and after.
    ///
    /// # Errors
    /// If an added column can't be written in this format.
    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError>;

    /// Opens the files that pieces are put together in: new ones, or those that `kept` tells of, in
    /// the order in which they were told, with what follows on in one file as one.
    ///
    /// # Errors
    /// If they can't be made.
    fn open(&self, workshop: Workshop, kept: &[Kept]) -> Result<Box<dyn Staging>, SinkError>;

    /// What its files look like: of two runs where this is the same, rows of the one may stand beside
    /// rows of the other. None if it can't hand back rows that it has written.
    fn shape(&self) -> Option<String> {
        None
    }

    /// The files that a run before has published in the output folder `out`; none where
    /// [`Sink::shape`] says none.
    fn published(&self, out: &Path) -> Option<Box<dyn Published>> {
        let _ = out;
        None
    }
}

/// Files that a run before has published, from which the rows of documents that are the same today are
/// taken over.
pub trait Published: Send {
    /// The rows `rows`, counted from 0, of a batch that [`Staging::append`] has told `kept` of.
    ///
    /// # Errors
    /// If they can't be read, or are not what was told.
    fn rows(&mut self, kept: &Kept, rows: Range<u64>) -> Result<Body, SinkError>;
}

/// Where a sink puts its files together.
#[derive(Clone, Debug)]
pub struct Workshop {
    /// The way to write there.
    pub disk: Arc<dyn Disk>,
    /// A folder of the sink's own; whatever in it was not told goes when a run is resumed.
    pub folder: PathBuf,
    /// How many threads the run may use.
    pub threads: usize,
    /// Whether anything has to be found again: input such as a pipe can't be read twice.
    pub resumable: bool,
}

/// Puts a sink's pieces together.
pub trait Staging: Send {
    /// Adds the pieces of the next batch. When this returns they are in files, if not yet synced, and
    /// it tells in which.
    ///
    /// # Errors
    /// If writing fails.
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError>;

    /// Ends a commit group: what was appended so far must reach the file as a unit (a row group, in
    /// a columnar format), and would outlive a loss of power when this returns. It tells what is new
    /// beside what was appended.
    ///
    /// # Errors
    /// If writing fails.
    fn commit(&mut self) -> Result<Vec<Kept>, SinkError>;

    /// Completes the files, synced, and says which they are. What was told must still be there
    /// afterwards, in case the run is killed before the files are in place.
    ///
    /// # Errors
    /// If writing fails.
    fn finish(self: Box<Self>) -> Result<Vec<Resource>, SinkError>;
}

/// A stretch of a file in a sink's workshop: the journal holds it, and it is checked and handed back
/// when a run is resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which of the sink's files it is for, by the sink's own count.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    pub number: usize,
    /// The file in the workshop.
    pub path: String,
    /// Where it begins in that file, in bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub from: u64,
    /// Where it ends.
    pub to: u64,
    /// How many rows it holds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rows: u64,
    /// How many rows the finished file has before these.
    #[serde(default, skip_serializing_if = "is_default")]
    pub after: u64,
    /// How many cells were cut in it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cut: u64,
    /// The CRC-32 of its bytes, which tells what a loss of power or a bad disk has done to them.
    pub crc: u32,
    /// Whether it is of no use once its group has been committed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub until_commit: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A batch's share of one table's file.
pub struct Piece {
    /// Which of the sink's files, by the sink's own count.
    pub file: usize,
    /// How many rows.
    pub rows: u64,
    /// How many of them each document of the batch has; empty where the sink does not tell.
    pub shares: Vec<u32>,
    /// How many of its cells were cut to fit the format.
    pub cut: u64,
    /// The rows.
    pub body: Body,
}

/// The rows of a piece, in the form that its file takes.
pub enum Body {
    /// Encoded text.
    Bytes(Vec<u8>),
    /// Columns that are encoded when their row group is.
    Columns(RecordBatch),
}

impl Body {
    /// Rows behind one another, all of one form; none where there are no bodies.
    ///
    /// # Errors
    /// If their forms differ.
    pub fn join(bodies: Vec<Body>) -> Result<Option<Body>, SinkError> {
        let mut bodies = bodies.into_iter();
        let Some(first) = bodies.next() else { return Ok(None) };
        let mixed = || SinkError::Encode("text and columns do not go together".to_owned());
        Ok(Some(match first {
            Body::Bytes(mut all) => {
                for body in bodies {
                    let Body::Bytes(bytes) = body else { return Err(mixed()) };
                    all.extend(bytes);
                }
                Body::Bytes(all)
            }
            Body::Columns(first) => {
                let mut all = vec![first];
                for body in bodies {
                    let Body::Columns(columns) = body else { return Err(mixed()) };
                    all.push(columns);
                }
                let joined = arrow_select::concat::concat_batches(all[0].schema_ref(), &all);
                Body::Columns(joined.map_err(|error| SinkError::Encode(error.to_string()))?)
            }
        }))
    }
}

/// One finished file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// The table or view: `claims`, `quantities`.
    pub table: String,
    /// Where it stands now.
    pub staged: PathBuf,
    /// Where it belongs, relative to the output folder.
    pub path: PathBuf,
    /// How many rows.
    pub rows: u64,
    /// Its entry in `datapackage.json`, without `name` and `path`: format, dialect, schema.
    pub descriptor: serde_json::Value,
}

/// Why writing failed.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A file could not be written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The rows do not fit the format.
    #[error("{0}")]
    Encode(String),
}
