//! What a run before has published, from which the rows of documents that are the same today are taken
//! over.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::journal::{self, Note};
use super::{FolderError, at};

/// The journal of that run, and where in it each document is told of: 16 bytes a document and what a
/// hash table takes beside.
pub(crate) struct Earlier {
    journal: PathBuf,
    documents: HashMap<u64, Place>,
    /// Where the line of each batch begins.
    batches: Vec<u64>,
}

/// A document's batch, and its place in that.
pub(crate) type Place = (u32, u32);

impl Earlier {
    pub(super) fn open(journal: &Path) -> io::Result<Self> {
        let mut earlier =
            Self { journal: journal.to_owned(), documents: HashMap::new(), batches: Vec::new() };
        for (at, note) in journal::notes_with_place(journal)? {
            let batch = earlier.batches.len() as u32;
            earlier.batches.push(at);
            for (i, seen) in note.seen().iter().enumerate().filter(|(_, seen)| seen.clean) {
                earlier.documents.insert(key(seen.content, seen.place), (batch, i as u32));
            }
        }
        Ok(earlier)
    }

    /// Where a document of that content and place may be told of.
    pub(crate) fn find(&self, content: u128, place: u64) -> Option<Place> {
        self.documents.get(&key(content, place)).copied()
    }

    /// What is told of a batch.
    ///
    /// # Errors
    /// If the journal can't be read any more.
    pub(crate) fn batch(&self, batch: u32) -> Result<Note, FolderError> {
        self.read(batch).map_err(at(&self.journal))
    }

    fn read(&self, batch: u32) -> io::Result<Note> {
        let mut file = BufReader::new(File::open(&self.journal)?);
        let mut line = Vec::new();
        if let Some(start) = self.batches.get(batch as usize) {
            file.seek(SeekFrom::Start(*start))?;
            file.read_until(b'\n', &mut line)?;
        }
        journal::note(&line).ok_or_else(|| io::Error::other("it has been changed"))
    }
}

fn key(content: u128, place: u64) -> u64 {
    content as u64 ^ place
}
