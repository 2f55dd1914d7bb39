//! `inputs.jsonl`: the files that a run reads, to see later whether they are the same.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use claimline_stage::{Disk, InputFile};

/// How many differences are told.
const TOLD: usize = 5;

/// Writes the list, synced.
pub(super) fn write(disk: &dyn Disk, path: &Path, inputs: impl Iterator<Item = InputFile>) -> io::Result<()> {
    let mut out = BufWriter::new(disk.create(path)?);
    for input in inputs {
        serde_json::to_writer(&mut out, &input)?;
        out.write_all(b"\n")?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync()
}

/// What is different between the list at `path` and the files of now. The order is of no account.
pub(super) fn changes(path: &Path, now: impl Iterator<Item = InputFile>) -> io::Result<Vec<String>> {
    let mut now = now.fuse();
    let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
    for line in BufReader::new(File::open(path)?).lines() {
        let before: InputFile = serde_json::from_str(&line?)?;
        match now.next() {
            // As long as both are in step, nothing has to be remembered.
            Some(input) if input == before => {}
            Some(input) => {
                was.insert(before.path.clone(), before);
                is.insert(input.path.clone(), input);
            }
            None => {
                was.insert(before.path.clone(), before);
            }
        }
    }
    is.extend(now.map(|input| (input.path.clone(), input)));
    let mut changes = Vec::new();
    for (path, before) in &was {
        match is.remove(path) {
            None => changes.push(format!("input {path} is gone")),
            Some(now) if now.bytes != before.bytes => {
                changes.push(format!("input {path} has {} bytes, it had {}", now.bytes, before.bytes));
            }
            Some(now) if now.modified != before.modified => {
                changes.push(format!("input {path} has been written since"));
            }
            Some(_) => {}
        }
    }
    changes.extend(is.keys().map(|path| format!("input {path} is new")));
    let more = changes.len().saturating_sub(TOLD);
    if more > 0 {
        changes.truncate(TOLD);
        changes.push(format!("input and {more} more"));
    }
    Ok(changes)
}
