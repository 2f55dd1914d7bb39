//! Turns a pipeline file into a plan and runs it. Knows no concrete stage.

mod engine;
mod examine;
mod file;
mod grid;
mod plan;
pub mod plugin;
mod registry;
mod run_folder;
mod schema;
mod trouble;
mod yaml;

pub use claimline_stage::Role;
pub use engine::{Counts, Progress, RunError, Settings, Summary, TableFile, Tracer, run};
pub use examine::{Compared, Mismatch, Test, Verdict, test};
pub use file::pipeline_schema;
pub use grid::{Difference, Grid, Table};
pub use plan::{MaxFailed, Opened, Overrides, Plan, PlannedStage};
pub use registry::Registry;
#[doc(hidden)]
pub use run_folder::recovered;
pub use run_folder::{Again, FolderError, NoRecord, Recorded, problems_file, resolved};
pub use schema::flow;
pub use trouble::{Refusal, Trouble, nearest};
