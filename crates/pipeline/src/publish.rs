//! Tables appear whole or not at all: files grow in a folder of their own and are renamed at the end.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use claimline_stage::Resource;
use serde_json::{Value, json};

use crate::Plan;

/// The folder, inside the output folder, that a run works in.
const RUN_FOLDER: &str = ".claimline";
/// The Frictionless descriptor of all files of a run.
const DATA_PACKAGE: &str = "datapackage.json";

/// A file or folder of the output that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write {}: {error}", path.display())]
pub struct PublishError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

/// The folder that files grow in; it goes when the run ends, whichever way.
pub(crate) struct Staging {
    out: PathBuf,
    folder: PathBuf,
}

impl Staging {
    /// Makes the output folder and, in it, an empty one to work in.
    pub(crate) fn create(out: &Path) -> Result<Self, PublishError> {
        let folder = out.join(RUN_FOLDER).join("staged");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        Ok(Self { out: out.to_owned(), folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Renames finished files to where they belong, with `datapackage.json` beside them, and says
    /// where they are.
    pub(crate) fn publish(&self, plan: &Plan, files: Vec<Resource>) -> Result<Vec<Resource>, PublishError> {
        let package = self.folder.join(DATA_PACKAGE);
        let written = File::create(&package).and_then(|mut file| {
            file.write_all(data_package(&plan.name, &files)?.as_bytes())?;
            file.sync_all()
        });
        written.map_err(at(&package))?;
        let mut published = Vec::new();
        for mut resource in files {
            let target = self.out.join(&resource.path);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(at(parent))?;
            }
            fs::rename(&resource.staged, &target).map_err(at(&target))?;
            resource.staged = target;
            published.push(resource);
        }
        let target = self.out.join(DATA_PACKAGE);
        fs::rename(&package, &target).map_err(at(&target))?;
        Ok(published)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What is left is of no use to anybody; the next run clears it if this one can't.
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_dir(self.out.join(RUN_FOLDER));
    }
}

/// The descriptor of <https://specs.frictionlessdata.io/data-package/>.
fn data_package(name: &str, files: &[Resource]) -> io::Result<String> {
    let resource = |file: &Resource| -> io::Result<Value> {
        let path = file.path.to_string_lossy().replace('\\', "/");
        let mut entry = json!({
            "name": path.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
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
    let slug = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let package = json!({ "profile": "data-package", "name": slug, "title": name, "resources": resources });
    Ok(format!("{package:#}\n"))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.to_owned();
    move |error| PublishError { path, error }
}
