//! The pipeline crate from outside, with stages of the tests' own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod engine;
mod refusals;
mod stages;
