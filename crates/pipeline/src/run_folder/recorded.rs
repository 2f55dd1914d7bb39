//! What the folder of a finished run tells of it, so that one of its documents can be run again.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{FOLDER, INPUTS, JOURNAL, PLAN, PlanFile, inputs, journal};
use crate::{Overrides, Plan, Refusal, Registry, TableFile};

/// A finished run: its pipeline, opened again, and what has changed since.
pub struct Recorded {
    /// The program and its build.
    pub program: String,
    /// The pipeline as it was then, with variables and overrides in place. Its own tests are not there.
    pub plan: Plan,
    /// The tables that it wrote.
    pub tables: Vec<TableFile>,
    /// What is not as it was: the program, the files of plugins and of stages.
    pub changes: Vec<String>,
    /// The list of its input, and where the paths in it start from.
    inputs: PathBuf,
    folder: PathBuf,
}

/// Why a run can't be looked into.
#[derive(Debug, thiserror::Error)]
pub enum NoRecord {
    /// There is none.
    #[error("{} is the output folder of no run", .0.display())]
    NoRun(PathBuf),
    /// It has not come to its end.
    #[error("the run to {} is not finished: the command that began it goes on", .0.display())]
    Unfinished(PathBuf),
    /// A file of it can't be read.
    #[error("can't read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Its pipeline does not open any more.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Recorded {
    /// What is known of the run to the output folder `out`. `program` is the one that asks.
    ///
    /// # Errors
    /// If there is none, it is not finished, or its pipeline can't be opened any more.
    pub fn read(out: &Path, registry: &Registry, program: &str) -> Result<Self, NoRecord> {
        let folder = out.join(FOLDER);
        let stored = PlanFile::read(&folder.join(PLAN)).ok_or_else(|| NoRecord::NoRun(out.to_owned()))?;
        let path = folder.join(JOURNAL);
        let published = journal::published(&path).map_err(|error| NoRecord::Io { path, error })?;
        let published = published.ok_or_else(|| NoRecord::Unfinished(out.to_owned()))?;

        let mut pipeline = stored.pipeline.clone();
        pipeline["version"] = 1.into();
        let overrides = Overrides { out: Some(out.to_owned()), ..Overrides::default() };
        let file = stored.folder.join(&stored.file);
        let plan = Plan::new(&file, &written(&pipeline), registry, &overrides, &|_| None)?;
        let now = PlanFile { program: program.to_owned(), files: plan.file_hashes(), ..stored.clone() };
        Ok(Self {
            changes: stored.changes(&now),
            program: stored.program,
            tables: published.tables(out).collect(),
            plan,
            inputs: folder.join(INPUTS),
            folder: stored.folder,
        })
    }

    /// What became of a file of the input since the run, if it is not what it was.
    ///
    /// # Errors
    /// If the list of the input can't be read.
    pub fn change_of_input(&self, uri: &str) -> Result<Option<String>, NoRecord> {
        let change = inputs::change_of(&self.inputs, &self.folder, uri, self.files());
        change.map_err(|error| NoRecord::Io { path: self.inputs.clone(), error })
    }

    /// What became of the files of the input since the run; of many, the first few. Nothing of input that
    /// can't be read again.
    ///
    /// # Errors
    /// If the list of the input can't be read.
    pub fn changes_of_input(&self) -> Result<Vec<String>, NoRecord> {
        if !self.inputs.exists() {
            return Ok(Vec::new());
        }
        let changes = inputs::changes(&self.inputs, &self.folder, self.files());
        changes.map_err(|error| NoRecord::Io { path: self.inputs.clone(), error })
    }

    /// The files of the input as they are now, of sources that can read them again.
    fn files(&self) -> impl Iterator<Item = claimline_stage::InputFile> + '_ {
        self.plan.sources.iter().filter_map(|source| source.part.inputs()).flatten()
    }
}

/// A pipeline as a text in which nothing stands for a variable. JSON is YAML.
fn written(pipeline: &Value) -> String {
    format!("{pipeline:#}").replace("${", "$${")
}
