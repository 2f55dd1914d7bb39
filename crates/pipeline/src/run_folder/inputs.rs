//! `inputs.jsonl`: the files that a run reads, to see later whether they are the same.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

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

/// What is different between the list at `path`, whose own paths start from `folder`, and the files of now.
/// The order is of no account.
pub(super) fn changes(
    path: &Path,
    folder: &Path,
    now: impl Iterator<Item = InputFile>,
) -> io::Result<Vec<String>> {
    let mut now = now.fuse();
    let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
    for before in listed(path, folder)? {
        let before = before?;
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
        changes.extend(change(before, is.remove(path).as_ref()));
    }
    changes.extend(is.keys().map(|path| format!("input {path} is new")));
    let more = changes.len().saturating_sub(TOLD);
    if more > 0 {
        changes.truncate(TOLD);
        changes.push(format!("input and {more} more"));
    }
    Ok(changes)
}

/// What became of a file, if it is not what it was.
fn change(before: &InputFile, now: Option<&InputFile>) -> Option<String> {
    let path = &before.path;
    match now {
        None => Some(format!("input {path} is gone")),
        Some(now) if now.bytes != before.bytes => {
            Some(format!("input {path} has {} bytes, it had {}", now.bytes, before.bytes))
        }
        Some(now) if now.modified != before.modified => Some(format!("input {path} has been written since")),
        Some(_) => None,
    }
}

/// What became of the file `input` since the list at `path`, whose own paths start from `folder`, was written,
/// if it is not what it was.
pub(super) fn change_of(
    path: &Path,
    folder: &Path,
    input: &str,
    mut now: impl Iterator<Item = InputFile>,
) -> io::Result<Option<String>> {
    let input = resolved(Path::new(input));
    for before in listed(path, folder)? {
        let before = before?;
        if before.path == input.to_string_lossy() {
            let is_it = |file: &InputFile| resolved(Path::new(&file.path)) == input;
            return Ok(change(&before, now.find(is_it).as_ref()));
        }
    }
    let input = input.display();
    Ok(Some(format!("input {input} is new")))
}

/// The list at `path`, with its paths in `folder`.
fn listed(path: &Path, folder: &Path) -> io::Result<impl Iterator<Item = io::Result<InputFile>>> {
    let input = move |line: io::Result<String>| {
        let input: InputFile = serde_json::from_str(&line?)?;
        // A run that goes on compares paths as they were written.
        let path = match folder.as_os_str().is_empty() {
            true => input.path,
            false => resolved(&folder.join(&input.path)).to_string_lossy().into_owned(),
        };
        Ok(InputFile { path, ..input })
    };
    Ok(BufReader::new(File::open(path)?).lines().map(input))
}

/// A path without `.` and `folder/..`, as one would type it. Nothing is looked up.
pub fn resolved(path: &Path) -> PathBuf {
    let mut parts: Vec<Component> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (Component::CurDir, _) => {}
            _ => parts.push(part),
        }
    }
    parts.iter().collect()
}
