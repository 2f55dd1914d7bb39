//! Numbers: digits and words to exact decimals.
//!
//! `8-1/2` is one number, and so are `five thousand` and `1.2bn`; `tens of millions` is one with an
//! upper end. What stands around a number (units, currencies, ranges) is for other dimensions.

mod digits;
mod en;

use claimline_model::Decimal;

pub use en::{begins_number, is_numeral, magnitude, number, number_of_money, ordinal};

/// The rules, by the names that rows carry where a number is no more than that.
pub const RULES: &[&str] = &[
    "<digits>",
    "<digits> x 10^<digits>",
    "<digits> <magnitude>",
    "<digits>-<fraction>",
    "<fraction>",
    "<number> and a <part>",
    "<ordinal>",
    "<words>",
    "<words> point <words>",
    "half a <magnitude>",
    "several <magnitude>",
    "tens of",
    "tens of <magnitude>",
];

/// A number in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its value, scaled: `5 mln` is 5000000. The lower end of a vague one.
    pub value: Decimal,
    /// The upper end of a vague one: `tens of millions` is 10000000 to 100000000.
    pub high: Option<Decimal>,
    /// What a magnitude multiplied it by; 1 where there is none.
    pub scale: Decimal,
    /// How it is written.
    pub form: Form,
    /// The rule that read it.
    pub rule: &'static str,
}

/// `part` of `whole`, to the 15 significant digits that a float cell of the tables holds whatever the
/// value: two thirds are 0.666666666666667. None if `whole` is zero.
pub(crate) fn quotient(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole)?.round_sf(15)
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In digits without sign, separator or point: it may be a year, or part of a name.
    Plain,
    /// In digits that are surely an amount: separated, with a point, a fraction or a magnitude.
    Digits,
    /// In words.
    Words,
    /// As part of a whole: `a third`, `two-thirds`.
    Part,
    /// `tens of millions`.
    Vague,
}
