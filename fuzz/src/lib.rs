//! What no input may do, and the seeds that a search for such an input begins with.

pub mod checks;
#[path = "../../crates/cli/registry.rs"]
mod registry;

/// For targets where a library may panic and is caught: libFuzzer's own hook would end the search there. What
/// nothing catches still ends it.
pub fn let_panics_be_caught() {
    drop(std::panic::take_hook());
}
