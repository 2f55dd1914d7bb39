//! Where documents come from.

use claimline_model::{Block, Document, Problem, Severity, Str, id};
use serde::{Deserialize, Serialize};

use crate::OptionError;

/// Finds raw records, and makes documents of them.
///
/// Reading (files, decompression, splitting into records) runs on one thread, in a fixed order;
/// decoding (charset, markup, fields) runs in the workers.
pub trait Source: Send + Sync {
    /// The input, from its beginning, in an order that depends on the input alone.
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_>;

    /// Makes the document of a record that this source read.
    ///
    /// # Errors
    /// The row that says why there is none.
    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>>;

    /// What its options name and is not there, each by the place of the option: patterns that no file
    /// matches. It is told before a run, as a warning.
    fn unmatched(&self) -> Vec<OptionError> {
        Vec::new()
    }

    /// The files that the input lies in, in the order in which they are read; none if it can't be
    /// read again, as standard input, so that a run of it can't be resumed.
    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>>;
}

/// A file of the input, as far as it takes to see that it is the same as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The file as the user may open it, [`Origin::uri`].
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed, in nanoseconds since 1970, where the system tells.
    pub modified: Option<i64>,
}

/// What reading comes upon.
pub enum Found {
    /// One record: one document to be, or one problem.
    Raw(Raw),
    /// A document that was read whole, and that needs no decoding.
    Document(Box<Decoded>),
    /// A place that could not be read, and that counts as one document lost.
    Lost(Problem),
    /// Something to know that costs no document.
    Warning(Problem),
}

/// The bytes of one record, not yet decoded.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// Where it was.
    pub origin: Origin,
    /// What the source takes it for, if it reads several kinds; for its own [`Source::decode`].
    pub media_type: Str,
    /// What else the source knows of it; for its own [`Source::decode`].
    pub note: Str,
    /// The bytes, decompressed.
    pub bytes: Vec<u8>,
    /// How many bytes of the input (compressed, if they were) reading it took.
    pub consumed: u64,
}

/// Where a record was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file as the user may open it.
    pub uri: Str,
    /// The file's path below the folder that the pattern begins with, `/` between its parts.
    pub path: Str,
    /// The path inside an archive, or the record's number (from 1) inside a file of many.
    pub member: Option<Str>,
}

impl Origin {
    /// The `doc_id` of a record that brings none of its own.
    pub fn doc_id(&self) -> Str {
        let member = self.member.as_deref().unwrap_or_default();
        id('d', &[self.path.as_bytes(), member.as_bytes()])
    }

    /// A problem with this record, of the source `stage`.
    pub fn problem(&self, stage: &str, severity: Severity, code: &str, message: &str) -> Problem {
        Problem {
            source_uri: self.uri.clone(),
            member: self.member.clone(),
            doc_id: None,
            stage: stage.into(),
            severity,
            code: code.into(),
            message: message.into(),
            location: None,
        }
    }
}

/// One document as its source understands it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The document, its `text` as it came in.
    pub document: Document,
    /// Its blocks, whose spans lie in `text`; [`crate::paragraphs`] makes those of plain text.
    pub blocks: Vec<Block>,
    /// Whether `doc_id` is the source's own, and so must not come twice.
    pub own_id: bool,
    /// What was lost or left unread in it.
    pub warnings: Vec<Problem>,
}
