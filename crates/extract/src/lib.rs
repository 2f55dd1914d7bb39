//! Finds what a text asserts: mentions of amounts and times, and the claims they make.

pub mod cursor;
pub mod number;
mod phrases;

pub use phrases::Phrases;
