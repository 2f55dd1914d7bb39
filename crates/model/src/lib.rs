//! The nouns that every part of claimline agrees on: documents, blocks, mentions, claims and
//! problems, the values in them, and the names of their columns.
//!
//! Nothing here reads or writes anything, and nothing here knows Arrow, YAML or English. A
//! [`Record`] is a struct whose fields are the columns of a table, in order; the doc comment of a
//! field is the column's meaning, and stands nowhere else. `claimline-tables` derives the Arrow
//! schema, the documentation and the Frictionless descriptor from it.

mod ids;
mod offsets;
mod record;
mod rows;
mod span;
pub mod time;
mod words;

pub use ids::{Id, id, id_text, parse_id};
pub use offsets::Offsets;
pub use record::{Cell, CellError, Column, ColumnType, Record, Value};
pub use rows::{Block, Claim, Document, Mention, Problem};
pub use span::{Span, Spans};
pub use time::TimeExpr;
pub use words::{
    AmountKind, BlockKind, Bound, Change, ChangeRole, ClaimKind, CurrencyBasis, FxBasis, MentionKind,
    Modality, Polarity, PublishedBasis, Severity, SourceKind, Speech, Tense, TimeBasis, TimeGrain, TimeMod,
};

/// A short text in a cell: up to 23 bytes in place, longer ones shared, so that a clone never copies.
pub type Str = smol_str::SmolStr;
/// An exact decimal: what money and every other amount is, never a float.
pub type Decimal = rust_decimal::Decimal;
/// A calendar day of the proleptic Gregorian calendar.
pub type Date = jiff::civil::Date;
/// An instant; tables keep microseconds, UTC.
pub type Timestamp = jiff::Timestamp;
