//! Turns a pipeline file into a plan and runs it. Knows no concrete stage.

mod engine;
mod plan;
pub mod plugin;
mod publish;
mod registry;
mod schema;
mod trouble;
mod yaml;

pub use claimline_stage::Role;
pub use engine::{Progress, RunError, Settings, Summary, run};
pub use plan::{MaxFailed, Opened, Overrides, Plan, PlannedStage};
pub use publish::PublishError;
pub use registry::Registry;
pub use trouble::{Refusal, Trouble, nearest};
