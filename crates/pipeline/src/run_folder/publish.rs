//! Tables appear whole or not at all: finished files are told of in the journal, then renamed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use claimline_stage::Resource;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{EARLIER, FolderError, Journal, PARTS, PROBLEMS, RunFolder, at};
use crate::engine::{Counts, TableFile};
use crate::run_folder::{ENGINE, FOLDER, PlanFile};

/// The Frictionless descriptor of all files of a run.
const DATA_PACKAGE: &str = "datapackage.json";
/// What a run was, and what it made.
const MANIFEST: &str = "manifest.json";

/// The record that a run is finished, and which file goes where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Publish {
    /// What the run came to.
    pub(crate) counts: Counts,
    /// The files, in the order in which they are renamed.
    pub(crate) files: Vec<Placed>,
    /// Files of the run before that this one does not make, in the output folder.
    gone: Vec<PathBuf>,
}

/// A finished file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placed {
    /// The table; none for what describes them.
    pub(crate) table: Option<String>,
    /// Where it was put together, in the run folder.
    staged: PathBuf,
    /// Where it belongs, in the output folder.
    pub(crate) path: PathBuf,
    /// How many rows.
    pub(crate) rows: u64,
    bytes: u64,
    /// Its BLAKE3.
    hash: String,
}

impl Publish {
    /// The files of the tables, below the output folder `out`.
    pub(crate) fn tables<'a>(&'a self, out: &'a Path) -> impl Iterator<Item = TableFile> + 'a {
        let table = |file: &Placed| {
            let (path, rows) = (out.join(&file.path), file.rows);
            file.table.clone().map(|table| TableFile { table, path, rows })
        };
        self.files.iter().filter_map(table)
    }
}

impl RunFolder {
    /// Writes `datapackage.json` and `manifest.json` beside the finished `files`, tells the journal,
    /// and renames all of them to where they belong.
    pub(crate) fn publish(
        &self,
        plan: &PlanFile,
        counts: &Counts,
        read: &str,
        files: Vec<Resource>,
        mut journal: Journal,
    ) -> Result<Publish, FolderError> {
        let name = plan.pipeline.get("name").and_then(Value::as_str).unwrap_or_default();
        let package = data_package(name, &files).map_err(at(&self.folder))?;
        let mut placed = Vec::new();
        for file in files {
            let placing = self.placed(Some(file.table), &file.staged, file.path, file.rows);
            placed.push(placing.map_err(at(&file.staged))?);
        }
        let entry = |file: &Placed| {
            json!({ "path": slashed(&file.path), "table": file.table, "rows": file.rows,
                    "bytes": file.bytes, "blake3": file.hash })
        };
        let manifest = json!({
            "claimline": plan.program,
            "pipeline": plan.pipeline,
            "limit": plan.limit,
            "input": { "blake3": read },
            // What stages counted depends on which documents a run before had done.
            "counts": Counts { by_stages: Default::default(), ..counts.clone() },
            "files": placed.iter().map(entry).collect::<Vec<_>>(),
        });
        for (path, text) in [(DATA_PACKAGE, package), (MANIFEST, format!("{manifest:#}\n"))] {
            let staged = self.write_whole(path, &text)?;
            placed.push(self.placed(None, &staged, path.into(), 0).map_err(at(&staged))?);
        }
        let problems = self.folder.join(PARTS).join(ENGINE).join(PROBLEMS);
        let path = Path::new(FOLDER).join(PROBLEMS);
        placed.push(
            self.placed(None, &problems, path, counts.failed + counts.warnings).map_err(at(&problems))?,
        );

        let kept: BTreeSet<_> = placed.iter().map(|file| file.path.clone()).collect();
        let gone = self.made_before().into_iter().filter(|path| !kept.contains(path)).collect();
        let publish = Publish { counts: counts.clone(), files: placed, gone };
        self.disk.sync_folder(&self.folder).map_err(at(&self.folder))?;
        journal.publish(publish.clone())?;
        self.place(&publish)?;
        Ok(publish)
    }

    fn placed(&self, table: Option<String>, staged: &Path, path: PathBuf, rows: u64) -> io::Result<Placed> {
        let (bytes, hash) = bytes_and_hash(staged)?;
        let staged = staged.strip_prefix(&self.folder).unwrap_or(staged).to_owned();
        Ok(Placed { table, staged, path, rows, bytes, hash })
    }

    /// The files that the run before made, by its manifest.
    fn made_before(&self) -> Vec<PathBuf> {
        let manifest = fs::read(self.out.join(MANIFEST)).ok();
        let manifest: Option<Value> = manifest.and_then(|text| serde_json::from_slice(&text).ok());
        let files = manifest.as_ref().and_then(|manifest| manifest["files"].as_array());
        let path = |file: &Value| file["path"].as_str().map(PathBuf::from);
        // A manifest may have been edited: nothing outside of the output folder is touched.
        let inside = |path: &PathBuf| path.components().all(|part| matches!(part, Component::Normal(_)));
        files.into_iter().flatten().filter_map(path).filter(inside).collect()
    }

    /// Renames what has not been renamed yet, and removes the parts.
    pub(super) fn place(&self, publish: &Publish) -> Result<(), FolderError> {
        let mut folders = BTreeSet::from([self.out.clone()]);
        for file in &publish.files {
            let (staged, target) = (self.folder.join(&file.staged), self.out.join(&file.path));
            if !staged.exists() {
                continue;
            }
            if let Some(parent) = target.parent() {
                self.disk.create_folder(parent).map_err(at(parent))?;
                folders.insert(parent.to_owned());
            }
            let replaced = self.disk.rename(&staged, &target);
            replaced.map_err(|error| FolderError::Replace { path: target.clone(), error })?;
        }
        for path in &publish.gone {
            let path = self.out.join(path);
            match self.disk.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(FolderError::Replace { path, error });
                }
                _ => {}
            }
        }
        folders.iter().try_for_each(|folder| self.disk.sync_folder(folder).map_err(at(folder)))?;
        self.remove_if_there(EARLIER)?;
        self.clear_parts()
    }

    /// Which published files are not as they were left.
    pub(super) fn damages(&self, publish: &Publish, strict: bool) -> Vec<String> {
        let damage = |file: &Placed| {
            let path = self.out.join(&file.path);
            let whole = match strict {
                true => bytes_and_hash(&path).is_ok_and(|(_, hash)| hash == file.hash),
                false => fs::metadata(&path).is_ok_and(|data| data.len() == file.bytes),
            };
            (!whole).then(|| format!("output {} is not as the run left it", path.display()))
        };
        publish.files.iter().filter_map(damage).collect()
    }
}

fn bytes_and_hash(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(path)?, &mut hash)?;
    Ok((bytes, hash.finalize().to_hex().to_string()))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The descriptor of <https://specs.frictionlessdata.io/data-package/>.
fn data_package(name: &str, files: &[Resource]) -> io::Result<String> {
    let slug = |name: &str| name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let resource = |file: &Resource| -> io::Result<Value> {
        let path = slashed(&file.path);
        // A workbook holds several tables.
        let shared = files.iter().filter(|other| other.path == file.path).count() > 1;
        let name = if shared { format!("{path}-{}", file.table) } else { path.clone() };
        let mut entry = json!({
            "name": slug(&name),
            "path": path,
            "bytes": fs::metadata(&file.staged)?.len(),
            "rows": file.rows,
        });
        if let (Value::Object(entry), Value::Object(more)) = (&mut entry, file.descriptor.clone()) {
            entry.extend(more);
        }
        Ok(entry)
    };
    let resources = files.iter().map(resource).collect::<io::Result<Vec<_>>>()?;
    let package =
        json!({ "profile": "data-package", "name": slug(name), "title": name, "resources": resources });
    Ok(format!("{package:#}\n"))
}
