//! Tar archives, read on the way: nothing of one is held but the member that is being read.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use tar::{Archive, EntryType};

use super::archive::{no_file, path};
use super::{Container, Limits};
use crate::input::trouble;
use crate::nest::{Budget, Kind, Member, Members};
use crate::records::Trouble;

/// The files of a tar archive, in their order.
pub(super) fn split(archive: Container, _: &Limits) -> Result<Box<dyn Members>, Trouble> {
    Ok(Box::new(Tar { reader: archive.reader, read: 0, ended: false }))
}

struct Tar {
    /// At the header of the next member.
    reader: Box<dyn BufRead + Send>,
    /// How many files there were.
    read: u64,
    ended: bool,
}

/// Data and headers begin at multiples of this.
const BLOCK: u64 = 512;
/// What stands before a member's data, its long name among it, takes less than this.
const HEADERS: u64 = 1 << 20;

impl Members for Tar {
    fn next(&mut self, budget: &mut Budget) -> Option<Member> {
        while !self.ended {
            match self.member(budget) {
                Ok(Some(member)) => {
                    self.read += 1;
                    return Some(member);
                }
                Ok(None) => {}
                Err(error) => {
                    self.ended = true;
                    let (code, message) = trouble(&error);
                    // What is no archive from its first header on was not cut off.
                    let broken = code == "unreadable" || self.read == 0 && code != "expands_too_much";
                    let broken = broken.then(|| ("broken", format!("the tar archive is broken: {message}")));
                    return Some(Member::trouble(broken.unwrap_or((code, message))));
                }
            }
        }
        None
    }
}

impl Tar {
    /// Reads the next member, and passes over what is left of it; nothing comes of folders and notes.
    fn member(&mut self, budget: &mut Budget) -> io::Result<Option<Member>> {
        let left = Cell::new(HEADERS);
        // An archive of its own for each member, since the iterator of one can't be kept beside it.
        let mut archive = Archive::new(Metered { reader: &mut *self.reader, left: &left });
        let Some(entry) = archive.entries()?.next() else {
            self.ended = true;
            // An archive ends with blocks of zeros.
            return if left.get() == HEADERS { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
        };
        let mut entry = entry?;
        left.set(u64::MAX);
        let kind = entry.header().entry_type();
        let sparse = kind == EntryType::GNUSparse;
        let size = if sparse { entry.header().entry_size()? } else { entry.size() };
        let stated = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refused = match kind {
            EntryType::Regular | EntryType::Continuous => None,
            EntryType::Directory | EntryType::XGlobalHeader | EntryType::XHeader => Some(None),
            EntryType::Symlink | EntryType::Link => Some(Some("a link")),
            EntryType::Char | EntryType::Block | EntryType::Fifo => Some(Some("a device or a pipe")),
            _ => Some(Some("a sparse file or of a kind that is not read")),
        };
        let bytes = match (path(&stated), refused) {
            (_, Some(None)) | (Ok(None), _) => None,
            (Err(trouble), _) => Some((stated, Err(trouble))),
            (Ok(Some(name)), Some(Some(what))) => Some((name, Err(no_file(what)))),
            (Ok(Some(name)), None) => {
                let read = budget.read(&mut entry);
                let whole = |bytes: &Vec<u8>| bytes.len() as u64 == size;
                let cut = || trouble(&io::ErrorKind::UnexpectedEof.into());
                Some((name, read.and_then(|bytes| if whole(&bytes) { Ok(bytes) } else { Err(cut()) })))
            }
        };
        let taken = u64::MAX - left.get();
        let rest = size.checked_next_multiple_of(BLOCK).and_then(|end| end.checked_sub(taken));
        let rest = rest.ok_or_else(|| io::Error::other("a member is larger than can be"))?;
        // What was cut off is told once.
        self.ended = matches!(bytes, Some((_, Err(("truncated", _)))));
        io::copy(&mut self.reader.as_mut().take(rest), &mut io::sink())?;
        Ok(bytes.map(|(name, bytes)| Member { name, kind: Kind::File, bytes }))
    }
}

/// Reads so much and no more.
struct Metered<'r> {
    reader: &'r mut (dyn BufRead + Send),
    left: &'r Cell<u64>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.left.get()).unwrap_or(usize::MAX));
        if room == 0 && !buffer.is_empty() {
            return Err(io::Error::other("the name of a member is too long"));
        }
        let n = self.reader.read(&mut buffer[..room])?;
        self.left.set(self.left.get() - n as u64);
        Ok(n)
    }
}
