//! What an amount is claimed of: the clause around it, without a tree.

mod en;

use std::ops::Range;

use claimline_model::{Modality, Polarity};

pub(crate) use en::clause;

/// The clause around an amount. Ranges are indices of the sentence's tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clause {
    /// What the amount is said of.
    pub subject: Option<Range<usize>>,
    /// The verb, with its auxiliaries and the preposition that goes with it.
    pub predicate: Option<Range<usize>>,
    /// The phrase that the amount stands in, where that is more than the amount.
    pub object: Option<Range<usize>>,
    /// All of them, and the amount.
    pub content: Range<usize>,
    /// Whether it is denied.
    pub polarity: Polarity,
    /// How sure it is.
    pub modality: Modality,
    /// The word that makes it less sure.
    pub hedge: Option<usize>,
}
