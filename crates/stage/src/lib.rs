//! The contract between the engine and every stage, built in or a stranger's: what one implements
//! to read documents, work on them, or write tables, and how it is registered.
//!
//! A stage author depends on this crate and on nothing else of claimline.
//!
//! - A [`Source`] finds raw records on the one reader thread and decodes them in the workers.
//! - A [`Stage`] works on a [`Batch`] in place: all that is known of some documents.
//! - A [`Sink`] encodes a batch in the workers, and one [`Staging`] puts the pieces together in order.
//!
//! Each is announced by a [`Registration`]: its name, one line, the type of its options, an example,
//! and the function that opens it. The engine checks the options of a pipeline against the schema
//! before anything is opened, so that `open` sees values of the right type.

mod abi;
mod describe;
mod disk;
mod growing;
mod registration;
mod sink;
mod source;
mod text;

pub use abi::{ABI, SYMBOL, Version, by_rows};
#[doc(hidden)]
pub use abi::{Plugin, guest};
pub use abi::{host, testing};
pub use describe::{Description, Role, Settings};
pub use disk::{Disk, DiskFile, SystemDisk};
pub use growing::{Growing, Redo};
pub use registration::{
    Context, Declared, Door, Factory, Open, OptionError, Order, Registration, StageDoor, TextUse,
};
pub use sink::{Body, Kept, Piece, Published, Resource, Sink, SinkError, Staging, Workshop};
pub use source::{Decoded, Found, InputFile, Origin, Raw, Source};
pub use text::paragraphs;

pub use arrow_array as arrow;
pub use claimline_model as model;
pub use claimline_tables as tables;
pub use claimline_tables::{AddedColumns, Batch, Reads, Tables};

/// Works on documents between the source and the sinks, on rows.
pub trait Stage: Send {
    /// Changes `batch` in place: rows, values, added columns.
    ///
    /// A document that can't be worked on leaves by [`Batch::fail`] with its reason; what only
    /// troubled it is a warning pushed to [`Batch::problems`].
    ///
    /// # Errors
    /// If the stage itself can't go on. The engine then tries the batch's documents apart, and those
    /// that fail alone become problems.
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError>;

    /// Does the same for tables, and returns those that it changes. A stage that works on rows leaves
    /// this as it is.
    ///
    /// # Errors
    /// As [`Stage::process`], and if `tables` are not what they should be.
    fn process_tables(&mut self, tables: Tables) -> Result<Tables, StageError> {
        abi::by_rows(tables, |batch| self.process(batch))
    }

    /// What it counted since it was last asked, by name; the engine asks after each batch, and sums in the
    /// summary of the run what has one name.
    fn counted(&mut self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Why the claim `claim`, a place in `batch.claims`, is as it is, as far as this stage made it so; `batch`
    /// is what it left. For `claimline explain`: it may take its time.
    fn explain(&self, _batch: &Batch, _claim: usize) -> Vec<Reason> {
        Vec::new()
    }

    /// Is called once all documents have passed, on every instance.
    ///
    /// # Errors
    /// If what the stage has to do then can't be done; the run fails.
    fn finish(&mut self) -> Result<(), StageError> {
        Ok(())
    }

    /// For a stage that sees all batches in order: what it has to remember of the last one, for the
    /// journal. A run that is resumed hands it back by [`Stage::recall`], batch by batch. With a stage
    /// that says nothing, as here, a run can't be resumed.
    fn remember(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Takes back what it remembered of a batch that it has seen in a run that was killed.
    fn recall(&mut self, _memory: &[u8]) {}
}

/// Why some cells of a claim are what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// What it is told of: `time`, `currency`, `rule of the amount`.
    pub of: &'static str,
    /// What that is: `2025-06-20`, `EUR`, `<number> <currency>`.
    pub is: String,
    /// Why, in sentences.
    pub why: String,
    /// Other texts of which the same is true.
    pub examples: Vec<String>,
}

/// Works on documents between the source and the sinks, on Arrow tables.
pub trait TableStage: Send {
    /// Gets the tables that the stage reads, and returns those that it changes: a table without rows
    /// that were there takes them out, rows with a new key or none are added, columns that are not
    /// returned stay as they are. An error in `problems` with a `doc_id` takes that document out.
    ///
    /// # Errors
    /// As [`Stage::process`].
    fn process(&mut self, tables: Tables) -> Result<Tables, StageError>;
}

/// Why a stage can't go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StageError {
    /// What it is, for machines: the `code` in `problems`.
    pub code: &'static str,
    /// What it is, for people.
    pub message: String,
}

impl StageError {
    /// An error with the code `stage_failed`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: "stage_failed", message: message.into() }
    }
}
