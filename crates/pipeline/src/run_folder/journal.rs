//! `journal`: what is done, a line a batch. A line is the CRC-32 of the rest in hexadecimal, a space,
//! a JSON record.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use claimline_stage::{Disk, DiskFile, Kept};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{FolderError, Publish, Seen, at};
use crate::engine::Counts;

/// A batch that is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Its number, from 0.
    pub(crate) batch: u64,
    /// How many things the sources found that are in it.
    pub(crate) items: u64,
    /// Raw bytes in it.
    pub(crate) bytes: u64,
    /// Input bytes that reading it took.
    pub(crate) consumed: u64,
    /// The BLAKE3 of all that was read up to its end.
    pub(crate) read: String,
    /// Whether a commit group ends with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ends_group: bool,
    /// What it came to.
    pub(crate) counts: Counts,
    /// What the sinks hold of it, each with the sink's number.
    pub(crate) kept: Vec<(usize, Kept)>,
    /// The documents that were let in, in the order of their rows, in base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) seen: String,
    /// What each ordered stage remembers of it, in base64, with the stage's number; none where the
    /// stage failed and was made anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) memories: Vec<(usize, Option<String>)>,
}

impl Note {
    /// The documents that were let in.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        Seen::read_all(&BASE64.decode(self.seen.as_bytes()).unwrap_or_default())
    }
}

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Batch(Note),
    Publish(Publish),
}

/// What is done, all in all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// How many batches.
    pub(crate) batches: u64,
    /// How many things found.
    pub(crate) items: u64,
    /// Raw bytes in the commit group that is open.
    pub(crate) group_bytes: u64,
    /// Input bytes.
    pub(crate) consumed: u64,
    /// The hash of what was read.
    pub(crate) read: String,
    /// The counts so far.
    pub(crate) counts: Counts,
    /// What each sink holds, and last the engine, with what follows on in one file as one.
    pub(crate) kept: Vec<Vec<Kept>>,
}

/// The journal of a run that goes on.
pub(crate) struct Journal {
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl Journal {
    pub(super) fn create(disk: &dyn Disk, path: &Path) -> Result<Self, FolderError> {
        Ok(Self { path: path.to_owned(), file: disk.create(path).map_err(at(path))? })
    }

    /// Cuts a journal behind its first `standing` lines, and adds up what they tell.
    pub(super) fn resume(
        disk: &dyn Disk,
        path: &Path,
        standing: Prefix,
        recall: &mut dyn FnMut(&Note),
    ) -> Result<(Self, Standing), FolderError> {
        let mut sum = Standing { kept: vec![Vec::new(); standing.sinks], ..Standing::default() };
        for note in notes(path).map_err(at(path))?.take(standing.lines) {
            sum.add(&note);
            recall(&note);
        }
        let file = match path.exists() {
            true => disk.resume(path, standing.bytes),
            false => disk.create(path),
        };
        Ok((Self { path: path.to_owned(), file: file.map_err(at(path))? }, sum))
    }

    /// Tells of a batch.
    pub(crate) fn note(&mut self, note: Note) -> Result<(), FolderError> {
        self.write(&Record::Batch(note))
    }

    /// Tells that the run is finished.
    pub(super) fn publish(&mut self, publish: Publish) -> Result<(), FolderError> {
        self.write(&Record::Publish(publish))?;
        self.sync()
    }

    /// Returns once what was told would outlive a loss of power.
    pub(crate) fn sync(&mut self) -> Result<(), FolderError> {
        self.file.sync().map_err(at(&self.path))
    }

    fn write(&mut self, record: &Record) -> Result<(), FolderError> {
        let line = line(record).map_err(|error| at(&self.path)(error.into()))?;
        self.file.write_all(line.as_bytes()).map_err(at(&self.path))
    }
}

fn line(record: &Record) -> serde_json::Result<String> {
    let json = serde_json::to_string(record)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())))
}

impl Standing {
    fn add(&mut self, note: &Note) {
        self.batches += 1;
        self.items += note.items;
        self.consumed += note.consumed;
        self.group_bytes += note.bytes;
        self.read.clone_from(&note.read);
        self.counts.add(&note.counts);
        if note.ends_group {
            self.group_bytes = 0;
            self.kept.iter_mut().for_each(|kept| kept.retain(|one| !one.until_commit));
        }
        for (sink, kept) in &note.kept {
            let Some(before) = self.kept.get_mut(*sink) else { continue };
            if note.ends_group && kept.until_commit {
                continue;
            }
            match before.iter_mut().rfind(|one| one.path == kept.path && one.to == kept.from) {
                Some(one) => {
                    one.to = kept.to;
                    one.rows += kept.rows;
                    one.cut += kept.cut;
                }
                None => before.push(kept.clone()),
            }
        }
    }
}

/// The lines at the beginning of a journal that hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    lines: usize,
    bytes: u64,
    sinks: usize,
}

/// The records of a journal whose checksums are right and that follow on one another, each with where
/// its line ends.
fn records(path: &Path) -> io::Result<impl Iterator<Item = (Record, u64)> + use<>> {
    let file = match File::open(path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let (mut file, mut end, mut next) = (file, 0, 0);
    Ok(std::iter::from_fn(move || {
        let mut line = Vec::new();
        // A disk that fails here is one that has lost the rest.
        file.as_mut()?.read_until(b'\n', &mut line).ok()?;
        let record = record(&line)?;
        if let Record::Batch(note) = &record {
            if note.batch != next {
                return None;
            }
            next += 1;
        }
        end += line.len() as u64;
        Some((record, end))
    })
    .fuse())
}

fn record(line: &[u8]) -> Option<Record> {
    let line = line.strip_suffix(b"\n")?;
    let (crc, json) = (line.get(..8)?, line.get(9..)?);
    let crc = u32::from_str_radix(std::str::from_utf8(crc).ok()?, 16).ok()?;
    let whole = line[8] == b' ' && crc == crc32fast::hash(json);
    whole.then(|| serde_json::from_slice(json).ok()).flatten()
}

/// The batch that a line tells of.
pub(super) fn note(line: &[u8]) -> Option<Note> {
    match record(line)? {
        Record::Batch(note) => Some(note),
        Record::Publish(_) => None,
    }
}

/// The batches that hold, each with where its line begins.
pub(super) fn notes_with_place(path: &Path) -> io::Result<impl Iterator<Item = (u64, Note)> + use<>> {
    let mut start = 0;
    Ok(records(path)?.map_while(move |(record, end)| match record {
        Record::Batch(note) => Some((std::mem::replace(&mut start, end), note)),
        Record::Publish(_) => None,
    }))
}

fn notes(path: &Path) -> io::Result<impl Iterator<Item = Note> + use<>> {
    Ok(notes_with_place(path)?.map(|(_, note)| note))
}

/// The record of publishing that a journal ends with, if it does.
pub(super) fn published(path: &Path) -> io::Result<Option<Publish>> {
    Ok(records(path)?.last().and_then(|(record, _)| match record {
        Record::Publish(publish) => Some(publish),
        Record::Batch(_) => None,
    }))
}

/// The longest prefix of a journal that holds, with what it tells of in the folders `parts` of the
/// sinks.
pub(super) fn standing(path: &Path, parts: &[PathBuf]) -> io::Result<Prefix> {
    let mut lines = notes(path)?.count();
    loop {
        let committed = notes(path)?.take(lines).enumerate();
        let open = committed.filter(|(_, note)| note.ends_group).last().map_or(0, |(i, _)| i + 1);
        let mut files = Files { parts, open: HashMap::new(), buffer: vec![0; 256 << 10] };
        let holds = |(i, note): (usize, Note)| {
            note.kept.iter().all(|(sink, kept)| (kept.until_commit && i < open) || files.hold(*sink, kept))
        };
        let held = notes(path)?.take(lines).enumerate().map(holds).take_while(|holds| *holds).count();
        if held == lines {
            break;
        }
        // Without its later lines, a group may be open again whose rows are needed after all.
        lines = held;
    }
    let bytes = records(path)?.take(lines).last().map_or(0, |(_, end)| end);
    Ok(Prefix { lines, bytes, sinks: parts.len() })
}

/// The sinks' files, opened once each.
struct Files<'a> {
    parts: &'a [PathBuf],
    open: HashMap<PathBuf, Option<File>>,
    buffer: Vec<u8>,
}

impl Files<'_> {
    /// Whether a file holds what is told of it.
    fn hold(&mut self, sink: usize, kept: &Kept) -> bool {
        let Some(folder) = self.parts.get(sink) else { return false };
        let path = folder.join(&kept.path);
        if self.open.len() > 64 {
            self.open.clear();
        }
        let file = self.open.entry(path).or_insert_with_key(|path| File::open(path).ok());
        let Some(file) = file else { return false };
        let mut left = kept.to.saturating_sub(kept.from);
        let mut crc = crc32fast::Hasher::new();
        if file.seek(SeekFrom::Start(kept.from)).is_err() {
            return false;
        }
        while left > 0 {
            let room = left.min(self.buffer.len() as u64) as usize;
            match file.read(&mut self.buffer[..room]) {
                Ok(read) if read > 0 => {
                    crc.update(&self.buffer[..read]);
                    left -= read as u64;
                }
                _ => return false,
            }
        }
        crc.finalize() == kept.crc
    }
}
