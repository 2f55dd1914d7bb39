//! Money: the names, signs and codes of currencies beside a number.
//!
//! What is written stays as written, as a [`Currency::expr`]; which dollars they are, the document
//! tells, and another stage reads it there.

mod en;

use claimline_model::Decimal;

pub use en::{after, before};

/// A currency as a text names it.
#[derive(Debug)]
pub struct Currency {
    /// What is written, in the grammar of `docs/expressions.md`: `USD`, `CAD dollar`, `dollar`.
    pub expr: &'static str,
    /// How many of these make one of the currency: 100 for cents, 1 for dollars.
    pub parts: Decimal,
    /// Where it stands beside the number.
    place: Place,
    /// The only spelling that counts, if one does.
    exact: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    After,
    Both,
    /// After a number with a magnitude.
    Scaled,
}
