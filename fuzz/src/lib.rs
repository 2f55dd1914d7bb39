//! What no input may do, and the seeds that a search for such an input begins with.

pub mod checks;
#[path = "../../crates/cli/registry.rs"]
mod registry;
