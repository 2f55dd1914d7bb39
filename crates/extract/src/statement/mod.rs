//! Who says so: statements, with their source, their cue and their content.

mod carried;
mod en;
mod quotes;
mod rows;

use std::ops::Range;

use claimline_model::{Modality, Polarity, SourceKind};

pub(crate) use carried::carry;
pub(crate) use en::{Finder, Outlook, outlook};
#[cfg(test)]
pub(crate) use en::{RULES, unknown_words};
pub(crate) use quotes::{Quote, quotes};
pub(crate) use rows::{Rows, kind_of_named, tell_parents};

/// What a cue tells of the attitude of its source to the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strength {
    /// It is said: `announced`.
    #[default]
    Says,
    /// It is said not to be so: `denied`.
    Denies,
    /// It is asked: `wondered`.
    Asks,
    /// It is thought: `believes`.
    Believes,
    /// The source means to do it: `plans`.
    Plans,
    /// The source wants it done: `urged`.
    Wants,
    /// The source finds it good or bad: `criticised`.
    Judges,
    /// The source is evidence of it: `the figures show`.
    Shows,
    /// It looks so: `seems`.
    Seems,
}

impl Strength {
    /// The one that the lexicon calls `name`.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "says" => Self::Says,
            "denies" => Self::Denies,
            "asks" => Self::Asks,
            "believes" => Self::Believes,
            "plans" => Self::Plans,
            "wants" => Self::Wants,
            "judges" => Self::Judges,
            "shows" => Self::Shows,
            "seems" => Self::Seems,
            _ => return None,
        })
    }
}

/// Who a source is, as far as its own words tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Who {
    /// The word whose name is to be looked for: the head, or the name beside a role.
    pub(crate) head: usize,
    /// What it is called, where no name is found: the noun phrase without its article.
    pub(crate) name: Option<Range<usize>>,
    /// What kind of source that is.
    pub(crate) kind: SourceKind,
}

/// What a content claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// What it is about.
    pub(crate) subject: Option<Range<usize>>,
    /// What it says of it.
    pub(crate) predicate: Option<Range<usize>>,
    /// What the verb acts on.
    pub(crate) object: Option<Range<usize>>,
    /// Whether it is denied, by the source or in its words.
    pub(crate) polarity: Polarity,
    /// How sure it is.
    pub(crate) modality: Modality,
    /// The word that makes it less sure.
    pub(crate) hedge: Option<usize>,
}

/// A statement. Ranges are places of tokens in the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Statement {
    /// Who says so: the whole noun phrase.
    pub(crate) source: Option<Range<usize>>,
    /// Who that is.
    pub(crate) who: Option<Who>,
    /// The outlet that the source passes on.
    pub(crate) passed_on: Option<Range<usize>>,
    /// What attributes it.
    pub(crate) cue: Option<Range<usize>>,
    /// What is said; in several ranges where the attribution stands between, in order.
    pub(crate) content: Vec<Range<usize>>,
    /// What that claims.
    pub(crate) told: Told,
    /// The attitude of the source.
    pub(crate) strength: Strength,
    /// Whether it is one inside of another's content too.
    pub(crate) nests: bool,
    /// The rule that found it.
    pub(crate) rule: &'static str,
}

impl Statement {
    /// The place of its cue, or of its content where there is none.
    pub(crate) fn place(&self) -> usize {
        self.cue.as_ref().or(self.content.first()).map_or(0, |range| range.start)
    }
}
