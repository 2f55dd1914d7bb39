//! Money: the names, signs and codes of currencies beside a number.
//!
//! What is written stays as written, as a [`Currency::expr`]; which dollars they are, the document
//! tells, and another stage reads it there.

mod en;

use claimline_model::Decimal;

pub use en::{after, before, country, is_name, named_before};

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
    /// Before the number that it touches.
    Touching,
    /// After the number that it touches.
    Touched,
    /// After a number with a magnitude.
    Scaled,
    /// After a number, since few of them are mostly something else: `two crowns`.
    Many,
    /// After a number that `$` stands before.
    Sign,
}

/// Currencies without a minor unit in use, whose texts group digits by points: `Rp 169.000`.
const GROUPED_BY_POINT: [&str; 5] = ["CLP", "COP", "IDR", "PYG", "VND"];

impl Currency {
    /// Whether three digits behind a point are thousands in this currency, not parts of one.
    pub fn groups_by_point(&self) -> bool {
        GROUPED_BY_POINT.contains(&self.expr.get(..3).unwrap_or_default())
    }
}
