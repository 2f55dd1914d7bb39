//! The columns everyone sees: the five tables as Arrow schemas, and the way of a [`Batch`] to Arrow
//! and back.
//!
//! A [`Selection`] is the columns of a table, or of a [`View`] of one, that a sink writes.
//!
//! What a plugin receives, what crosses between two stages and what an exporter writes are the same
//! tables. A column's type, nullability, unit and meaning come from the [`Record`]s of
//! `claimline-model`; `docs/tables.md` and `datapackage.json` are written from them.

mod added;
mod arrow;
mod batch;
mod cast;
mod crossing;
mod frictionless;
pub mod json;
mod rows;
mod select;
mod take_in;
mod views;

pub use crate::arrow::{
    FromArrowError, arrow_field, column_to_arrow, data_type, date_from_days, exact_column, exact_to_arrow,
    from_arrow, to_arrow, to_float,
};
pub use added::AddedColumns;
pub use arrow_schema::ArrowError;
pub use batch::{Batch, OfDocument};
pub use crossing::{Lens, Reads, Tables, changes};
pub use rows::Rows;
pub use select::{Columns, Origin, Preset, SelectError, Selected, Selection, nearest};
pub use take_in::{DROPPED, Leaving, Terms};
pub use views::{BLOCKS, CLAIMS, DOCUMENTS, MENTIONS, PROBLEMS, QUANTITIES, STATEMENTS, View};

pub use claimline_model::{Block, Claim, ColumnType, Document, Mention, Problem, Record};
