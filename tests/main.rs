//! End to end: the command on the bundled pipelines, on bad input, and what the house forbids.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on has failed, and says so if it was skipped"
)]

mod arrows;
mod bad_input;
mod broken;
#[path = "../fuzz/src/checks/mod.rs"]
mod checks;
mod command;
mod crossing;
mod dedupe;
mod explained;
mod faults;
mod fuzz;
mod guide;
mod plugin_abi;
mod plugin_examples;
mod plugin_faults;
mod plugin_new;
mod previewed;
mod readme;
#[path = "../crates/cli/registry.rs"]
mod registry;
mod samples;
mod schema;
mod tables;
mod tested;
mod torture;
mod tour;
mod update;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The folder of this repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the command in `folder`.
fn claimline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_claimline")).args(arguments).current_dir(folder).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a pipeline of its own, whose tables are JSON lines.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// `ingest` is the YAML of one source.
    fn new(ingest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = format!(
            "version: 1\nname: test\ningest:\n  - {ingest}\nstages: [clean, extract, normalise]\nout: out\nexport: [jsonl]\n"
        );
        fs::write(folder.path().join("pipeline.yaml"), pipeline).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Runs the pipeline, which must succeed, and reads its tables.
    fn run(&self) -> Tables {
        let output = claimline(self.folder.path(), &["run", "pipeline.yaml"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        Tables::read(&self.path("out"))
    }
}

/// The tables of a run, from their JSON lines.
struct Tables {
    documents: Vec<Value>,
    claims: Vec<Value>,
    problems: Vec<Value>,
}

impl Tables {
    fn read(out: &Path) -> Self {
        let rows = |table: &str| {
            let text = fs::read_to_string(out.join(format!("{table}.jsonl"))).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        Self { documents: rows("documents"), claims: rows("claims"), problems: rows("problems") }
    }

    /// How many problems there are of each code.
    fn codes(&self) -> BTreeMap<&str, usize> {
        let mut codes = BTreeMap::new();
        for problem in &self.problems {
            *codes.entry(problem["code"].as_str().unwrap()).or_default() += 1;
        }
        codes
    }
}
