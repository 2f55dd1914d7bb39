//! What an amount is claimed of: the clause that it stands in, found in the sentence's tree.

mod en;

use std::ops::Range;

use claimline_language::syntax::Tree;
use claimline_model::{Modality, Polarity};

use crate::cursor::Cursor;
use crate::quantity::Amount;
use crate::time::Time;

pub use en::Phrase;
pub(crate) use en::{Dating, HEDGES};

/// The clause around an amount. Ranges are indices of the sentence's tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clause {
    /// What the amount is an amount of, without its article: who has so many, what is measured, what
    /// has the price.
    pub subject: Option<Phrase>,
    /// The verb, with its auxiliaries and the preposition that goes with it.
    pub predicate: Option<Range<usize>>,
    /// The phrase that the amount stands in, where that is more than the amount.
    pub object: Option<Range<usize>>,
    /// What the amount is a share or a sum of, without its article.
    pub whole: Option<Range<usize>>,
    /// Where.
    pub place: Option<Range<usize>>,
    /// All of them, and the amount.
    pub content: Range<usize>,
    /// Whether it is denied.
    pub polarity: Polarity,
    /// How sure it is.
    pub modality: Modality,
    /// The word that makes it less sure.
    pub hedge: Option<usize>,
}

/// A sentence, and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sentence<'s> {
    /// Its words; the cursor is at the first.
    pub(crate) words: Cursor<'s>,
    /// How they hang together.
    pub(crate) tree: Tree<'s>,
    /// Its amounts, in order.
    pub(crate) amounts: &'s [Amount],
    /// Its times, in order.
    pub(crate) times: &'s [Time],
}
