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

mod registration;
mod sink;
mod source;
mod text;

pub use registration::{Context, Door, Factory, OptionError, Order, Registration};
pub use sink::{AddedColumns, Body, Piece, Resource, Sink, SinkError, Staging};
pub use source::{Decoded, Found, Origin, Raw, Source};
pub use text::paragraphs;

pub use claimline_model as model;
pub use claimline_tables as tables;
pub use claimline_tables::Batch;

/// Works on documents between the source and the sinks.
pub trait Stage: Send {
    /// Changes `batch` in place: rows, values, added columns.
    ///
    /// A document that can't be worked on leaves by [`Batch::fail`] with its reason; what only
    /// troubled it is a warning pushed to [`Batch::problems`].
    ///
    /// # Errors
    /// If the stage itself can't go on. The engine then tries the batch's documents one by one, and
    /// those that fail alone become problems.
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError>;
}

/// A stage that can't go on, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StageError(pub String);
