//! What a plugin must bear.

use super::Place;

/// What came of one trial.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was tried.
    pub trial: &'static str,
    /// Why it did not pass.
    pub failure: Option<String>,
}

/// Runs the suite.
pub fn conformance(_: &Place, _: &[serde_json::Value]) -> Vec<Outcome> {
    Vec::new()
}
