//! `plan.json`: what a run was begun with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All that the bytes of the tables depend on, beside the input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlanFile {
    /// Of this file's format.
    pub(crate) version: u32,
    /// The program and its build.
    pub(crate) program: String,
    /// Where one stood: paths that are relative start from there. It may be another at the next run.
    #[serde(default)]
    pub(crate) folder: PathBuf,
    /// The pipeline file.
    #[serde(default)]
    pub(crate) file: PathBuf,
    /// The pipeline's name, sources, stages and sinks, with variables and overrides in place.
    pub(crate) pipeline: Value,
    /// The hash of each file that plugins consist of, or that stages read when they are opened.
    pub(crate) files: BTreeMap<String, String>,
    /// `--limit`.
    pub(crate) limit: Option<u64>,
    /// What cuts batches and commit groups.
    pub(crate) cuts: [u64; 3],
    /// Whether the input can be read again.
    pub(crate) resumable: bool,
    /// What each sink's files look like; none if rows can't be taken over from one run to another.
    pub(crate) shapes: Option<Vec<String>>,
    /// Whether rows are taken over from what a run before has published.
    pub(crate) takes_over: bool,
}

/// The version of the run folder's format.
pub(crate) const VERSION: u32 = 2;

impl PlanFile {
    /// The file at `path`; none if there is none, or none that can be read.
    pub(super) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).map_or_else(|_| String::new(), |text| text + "\n")
    }

    /// What is different `now` beside the stages, and the programs that run them.
    pub(super) fn changes_beside_stages(&self, now: &Self) -> Vec<String> {
        let mut like = now.clone();
        like.program.clone_from(&self.program);
        like.files.clone_from(&self.files);
        if let (Some(stages), Some(was)) = (like.pipeline.get_mut("stages"), self.pipeline.get("stages")) {
            stages.clone_from(was);
        }
        let mut changes = self.changes(&like);
        if changes.is_empty() && self.shapes != now.shapes {
            changes.push("tables: they have other columns".to_owned());
        }
        changes
    }

    /// What is different `now`.
    pub(super) fn changes(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if (self.version, &self.program) != (now.version, &now.program) {
            changes.push(format!("program: it was {}, and is {}", self.program, now.program));
        }
        differences("", &self.pipeline, &now.pipeline, &mut changes);
        for (file, hash) in &now.files {
            if self.files.get(file).is_some_and(|before| before != hash) {
                changes.push(format!("file {file} has changed"));
            }
        }
        if self.limit != now.limit {
            let shown = |limit: Option<u64>| limit.map_or("none".to_owned(), |limit| limit.to_string());
            changes.push(format!(
                "option --limit: it was {}, and is {}",
                shown(self.limit),
                shown(now.limit)
            ));
        }
        if self.cuts != now.cuts {
            changes.push("option: batches or commit groups have another size".to_owned());
        }
        changes
    }
}

/// Tells where two parts of a pipeline differ, as deep down as can be.
fn differences(at: &str, was: &Value, is: &Value, changes: &mut Vec<String>) {
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    match (was, is) {
        _ if was == is => {}
        (Value::Object(was), Value::Object(is)) => {
            let keys = was.keys().chain(is.keys().filter(|key| !was.contains_key(*key)));
            for key in keys {
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
                differences(&below(key), &of(was), &of(is), changes);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (i, (was, is)) in was.iter().zip(is).enumerate() {
                differences(&below(&i.to_string()), was, is, changes);
            }
        }
        _ => changes.push(format!("pipeline: {at} was {was}, and is {is}")),
    }
}
