//! Zip archives, which are read from their end: one on a disk where it lies, any other held whole.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::archive::{no_file, path};
use super::{Container, Limits};
use crate::input;
use crate::nest::{Budget, Kind, Member, Members};
use crate::records::Trouble;

/// Where a zip archive is read from.
trait Place: Read + Seek + Send {}

impl<P: Read + Seek + Send> Place for P {}

/// The files of a zip archive, in the order of its directory.
pub(super) fn split(archive: Container, limits: &Limits) -> Result<Box<dyn Members>, Trouble> {
    let place: Box<dyn Place> = match &archive.file {
        Some(path) => Box::new(BufReader::new(File::open(path).map_err(|error| input::trouble(&error))?)),
        None => Box::new(Cursor::new(archive.whole(limits)?)),
    };
    Ok(Box::new(Zip { archive: ZipArchive::new(place).map_err(trouble)?, next: 0 }))
}

struct Zip {
    archive: ZipArchive<Box<dyn Place>>,
    next: usize,
}

impl Members for Zip {
    fn next(&mut self, budget: &mut Budget) -> Option<Member> {
        while self.next < self.archive.len() {
            let at = self.next;
            self.next += 1;
            let stated = match self.archive.name_for_index(at) {
                Some(Ok(name)) => name.into_owned(),
                _ => format!("{}", at + 1),
            };
            if stated.ends_with(['/', '\\']) {
                continue;
            }
            let (name, bytes) = match path(&stated) {
                Ok(None) => continue,
                Ok(Some(name)) => (name, self.file(at, budget)),
                Err(trouble) => (stated, Err(trouble)),
            };
            return Some(Member { name, kind: Kind::File, bytes });
        }
        None
    }
}

impl Zip {
    fn file(&mut self, at: usize, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
        let mut file = self.archive.by_index(at).map_err(trouble)?;
        if file.is_symlink() {
            return Err(no_file("a link"));
        }
        budget.read(&mut file)
    }
}

/// What to say of an archive, or a file in one, that can't be read.
pub(super) fn trouble(error: ZipError) -> Trouble {
    match error {
        ZipError::Io(error) => input::trouble(&error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            ("encrypted", "it is encrypted".to_owned())
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            ("unsupported_format", format!("it is packed in a way that is not read: {error}"))
        }
        _ => ("broken", format!("the zip archive is broken or cut off: {error}")),
    }
}
