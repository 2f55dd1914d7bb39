//! The columns everyone sees: the five tables as Arrow schemas, and the way of a [`Batch`] to Arrow
//! and back.
//!
//! What a plugin receives, what crosses between two stages and what an exporter writes are the same
//! tables. A column's type, nullability, unit and meaning come from the [`Record`]s of
//! `claimline-model`; `docs/tables.md` and `datapackage.json` are written from them.

mod arrow;
mod batch;
mod rows;

pub use crate::arrow::{FromArrowError, arrow_field, exact_column, from_arrow, to_arrow, to_float};
pub use batch::{Batch, OfDocument};
pub use rows::Rows;

pub use claimline_model::{Block, Claim, Document, Mention, Problem, Record};
