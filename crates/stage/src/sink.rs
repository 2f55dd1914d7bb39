//! Where tables go.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::Batch;

/// Writes tables to files, in three steps: [`Sink::encode`] in the workers, [`Staging::append`] in
/// order on one thread, and [`Staging::finish`] when all is well, upon which the engine renames the
/// files into place.
pub trait Sink: Send + Sync {
    /// Where its files belong, relative to the output folder. Two sinks of a pipeline must not share one.
    fn paths(&self) -> Vec<PathBuf>;

    /// Turns a batch into pieces of its files, independently of the batches before and after.
    ///
    /// # Errors
    /// If an added column can't be written in this format.
    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError>;

    /// Opens the files, below `folder`, that pieces are put together in; `threads` is how many the
    /// run may use.
    ///
    /// # Errors
    /// If they can't be made.
    fn open(&self, folder: &Path, threads: usize) -> Result<Box<dyn Staging>, SinkError>;
}

/// Puts a sink's pieces together.
pub trait Staging: Send {
    /// Adds the pieces of the next batch.
    ///
    /// # Errors
    /// If writing fails.
    fn append(&mut self, pieces: Vec<Piece>) -> Result<(), SinkError>;

    /// Ends a commit group: what was appended so far must reach the file as a unit (a row group, in
    /// a columnar format).
    ///
    /// # Errors
    /// If writing fails.
    fn commit(&mut self) -> Result<(), SinkError>;

    /// Completes the files and says which they are.
    ///
    /// # Errors
    /// If writing fails.
    fn finish(self: Box<Self>) -> Result<Vec<Resource>, SinkError>;
}

/// A batch's share of one table's file.
pub struct Piece {
    /// Which of the sink's files, by the sink's own count.
    pub file: usize,
    /// How many rows.
    pub rows: u64,
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
