//! Finds what a text asserts: mentions of amounts and times, and the claims they make.

pub mod claim;
pub mod cursor;
#[cfg(test)]
mod examples;
mod explain;
mod meant;
pub mod money;
pub mod number;
mod phrases;
pub mod quantity;
mod rows;
mod stage;
mod statement;
mod syntax;
pub mod time;

pub use phrases::Phrases;
pub use stage::{Extract, ExtractOptions, registrations};
pub use syntax::Syntax;
