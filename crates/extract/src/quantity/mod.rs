//! Amounts: numbers with what makes them amounts of something. Currencies, units, counted nouns,
//! ages, shares; ranges and bounds; the direction and the role in a change.

mod en;

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::rows;
use claimline_model::{AmountKind, Bound, Change, ChangeRole, Decimal, MentionKind};

pub use en::amounts;
pub(crate) use en::{head, is_claimed, is_sum, is_unit, phrase_end, with_rests};

/// The rules, by the names that rows carry: the outermost that matched.
pub const RULES: &[&str] = &[
    "<amount> or <amount>",
    "<amount> per <unit>",
    "<amount> to <amount>",
    "<amount>-<amount>",
    "<currency> <number>",
    "<dollars> and <cents>",
    "<amount> \u{B1} <amount>",
    "<multiple>",
    "<name>, <number>,",
    "<number> <currency>",
    "<number> <noun>",
    "<number> <unit>",
    "<number> in <number>",
    "<number> of them",
    "<number> times",
    "<number> to one",
    "<number> years old",
    "<number>-<noun>",
    "<part> of",
    "<score>",
    "between <amount> and <amount>",
];

/// A unit of `units.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name in singular English.
    pub name: &'static str,
    /// Its code in the Unified Code for Units of Measure.
    pub code: &'static str,
    /// What it measures.
    pub kind: UnitKind,
    /// The quantity that it is a unit of: length, mass, power.
    pub dimension: &'static str,
}

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// Something physical.
    Measure,
    /// Time.
    Duration,
    /// A share of a whole.
    Percent,
    /// A difference between two shares.
    Point,
}

/// All units, by name.
static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let kind = |kind| match kind {
        "time" => UnitKind::Duration,
        "percent" => UnitKind::Percent,
        "point" => UnitKind::Point,
        _ => UnitKind::Measure,
    };
    let units = rows::<3>(include_str!("units.tsv"));
    units.map(|[name, code, of]| Unit { name, code, kind: kind(of), dimension: of }).collect()
});

/// An amount among the tokens of a sentence. Ranges are indices of tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// The amount with its currency or unit, without its bound and what is counted.
    pub tokens: Range<usize>,
    /// What the mention of it is.
    pub mention: MentionKind,
    /// What a claim of it is; none for a number of nothing in particular.
    pub kind: Option<AmountKind>,
    /// The value, or the lower end of a range, in whole units of the currency.
    pub value: Decimal,
    /// The upper end of a range.
    pub high: Option<Decimal>,
    /// How it bounds what is meant.
    pub bound: Bound,
    /// The words that say so.
    pub bound_tokens: Option<Range<usize>>,
    /// The direction of the change that it is of.
    pub change: Option<Change>,
    /// Its role in that change.
    pub role: Option<ChangeRole>,
    /// The currency as written.
    pub currency: Option<&'static str>,
    /// How many of what is written make one of the currency: 100 for cents.
    pub parts: Decimal,
    /// The unit.
    pub unit: Option<Unit>,
    /// What is counted: the noun with its modifiers, whose last token is the head.
    pub counted: Option<Range<usize>>,
    /// What one of which the amount is for.
    pub per: Option<Per>,
    /// What a bare number counts where another amount's noun says it: `63` in `460 cars, compared with 63`.
    pub counted_like: Option<Range<usize>>,
    /// The place in the sentence's amounts of the one that this one restates in another currency or unit:
    /// `60 miles` in `100 km (60 miles)`.
    pub same_as: Option<usize>,
    /// The place in the sentence's amounts of the one that this is left over of, in a smaller unit: `2 in` in `6
    /// ft 2 in`.
    pub rest_of: Option<usize>,
    /// The place in the sentence's amounts of the first of those that are of one change: by, from and to.
    pub group: Option<usize>,
    /// The whole that it is a share of.
    pub of: Option<Range<usize>>,
    /// The rule that found it.
    pub rule: &'static str,
}

/// What one of which an amount is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Per {
    /// A unit.
    Unit(Unit),
    /// A word, at this token.
    Word(usize),
    /// What an adverb means: `annually`.
    Named(&'static str),
    /// Several: `100 kilos`, `100,000 people`.
    Several {
        /// How many.
        value: Decimal,
        /// The unit that they are measured in.
        unit: Option<Unit>,
        /// What they count.
        counted: Option<Range<usize>>,
        /// Where they end.
        end: usize,
    },
}
