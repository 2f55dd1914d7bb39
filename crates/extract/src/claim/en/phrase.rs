//! Noun phrases as cells hold them.

use std::ops::Range;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, word};

use super::super::Sentence;
use crate::time::Time;

/// The longest subject.
pub(super) const MOST_TOKENS: usize = 14;

const ARTICLES: [u64; 3] = [word("the"), word("a"), word("an")];

/// The words of a cell: those of one range, or of two with something between.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// Its words, or the first of them.
    pub first: Range<usize>,
    /// The others, where the amount stands between: `turbocharged 1.6 litre engine`.
    pub second: Option<Range<usize>>,
}

impl From<Range<usize>> for Phrase {
    fn from(first: Range<usize>) -> Self {
        Self { first, second: None }
    }
}

impl Phrase {
    /// Where it begins.
    pub(crate) fn start(&self) -> usize {
        self.first.start
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> usize {
        self.second.as_ref().map_or(self.first.end, |second| second.end)
    }

    /// Its ranges, in order.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        std::iter::once(&self.first).chain(&self.second)
    }
}

impl Sentence<'_> {
    /// The phrase of a noun: from behind its article to the end of what joins it by a preposition or by
    /// `and`; without the words of `group`, so that it is what stands on both sides of them.
    pub(super) fn phrase(&self, head: usize, group: &Range<usize>) -> Phrase {
        let tree = self.tree;
        let nominal = |at: usize| matches!(tree.tag(at).pos, Pos::Noun | Pos::Propn);
        let words = tree.noun_phrase(head).words;
        let floor = (head + 1).saturating_sub(MOST_TOKENS);
        let mut start = words.start.max(floor);
        // A word of a name that the tree hangs elsewhere: `S&P 500`, `Tesla shares`.
        // `iPhone 14's display`
        let numbered =
            |at: usize| tree.tag(at).pos == Pos::Num && !self.is_amount(at) && self.is_noun(at - 1);
        // `since the start of last season Peter Pevensie`
        let cased = |at: usize| tree.preposition(at).is_some();
        while start > floor
            && start <= head
            && (nominal(start) || numbered(start) || tree.tag(start).pos == Pos::Verb && self.is_noun(start))
            && self.is_compound(start - 1, group)
            && !(tree.tag(start).pos == Pos::Propn
                && tree.tag(start - 1).pos == Pos::Noun
                && cased(start - 1))
        {
            start -= 1;
        }
        // `more than the rise`
        let article = |at: &usize| ARTICLES.contains(&self.words.to(*at).hash(0));
        start = (start..head).rev().find(article).unwrap_or(start);
        let mut limit = (start + MOST_TOKENS).min(tree.words());
        if group.start > head {
            limit = limit.min(group.start);
        }
        // A cell of a table is a phrase at most: `Barley | 1,150,000 | EUR 178`.
        limit = (head..limit).find(|at| self.words.to(*at).text(0) == "|").unwrap_or(limit);
        let mut end = words.end.clamp(head + 1, limit.max(head + 1));
        while end < limit && (self.belongs(end, head) || nominal(end - 1) && self.is_compound(end, group)) {
            end += 1;
        }
        // `loan-to-value mortgages`
        while end + 1 < limit && self.words.to(end).hyphen(0) && head < group.end + MOST_TOKENS {
            end += 2;
            while end < limit && self.is_compound(end, group) {
                end += 1;
            }
        }
        // What is cut is cut before a preposition: `stake in a school | in a province of Narnia`.
        if end == limit && end < tree.words() && self.belongs(end, head) {
            end = (head + 1..end).rev().find(|at| tree.tag(*at).pos == Pos::Adp).unwrap_or(end);
        }
        while end > head + 1 && self.joins_only(end - 1) {
            end -= 1;
        }
        // `a year ago petrol`, but `the September contract`
        let dated = self.times.iter().filter(|time| start < time.tokens.end && time.tokens.end <= head);
        let whole = |time: &&Time| time.tokens.len() > 1 || self.tree.tag(time.tokens.start).pos == Pos::Num;
        let from = dated.filter(whole).map(|time| time.tokens.end).max();
        // `last month's sales`
        let owner = |at: usize| usize::from(at < head && tree.tag(at).penn == Penn::POS);
        start = from.map_or(start, |at| at + owner(at));
        let inside = start < group.start && group.end <= head && group.start < group.end;
        let split = if inside { group.clone() } else { start..start };
        if group.start <= start && start < group.end && group.end <= head {
            start = group.end;
        }
        self.parts(start, split, end)
    }

    /// A phrase without its article, and without what stands in `split`.
    fn parts(&self, mut start: usize, split: Range<usize>, end: usize) -> Phrase {
        let last = if split.is_empty() { end } else { split.start };
        start = self.past_list(start, last);
        while start < last && self.opens_nothing(start) {
            start += 1;
        }
        if split.is_empty() {
            return Phrase::from(start..end);
        }
        let mut second = self.past_list(split.end, end);
        while second + 1 < end && self.opens_nothing(second) {
            second += 1;
        }
        if !(start..last).all(|at| self.lists(at)) {
            Phrase { first: start..last, second: Some(second..end) }
        } else {
            Phrase::from(second..end)
        }
    }

    /// Where a noun begins that `start` parts from one of several amounts: `four-, | five- and six-cylinder engines`.
    fn past_list(&self, start: usize, end: usize) -> usize {
        let parted = start < end && matches!(self.tree.tag(start).pos, Pos::Punct | Pos::Cconj);
        let noun = || (start..end).find(|at| !self.lists(*at));
        if parted { noun().unwrap_or(start) } else { start }
    }

    /// Whether a word is of an amount, or stands between amounts in a list.
    fn lists(&self, at: usize) -> bool {
        self.is_amount(at) || matches!(self.tree.tag(at).pos, Pos::Punct | Pos::Cconj)
    }

    /// Words without their article, and without a preposition whose noun is cut off.
    pub(super) fn bare(&self, words: Range<usize>) -> Phrase {
        let Range { start, mut end } = words;
        while end > start + 1 && (self.joins_only(end - 1) || self.acts_beyond(end)) {
            end -= 1;
        }
        self.parts(start, start..start, end)
    }

    /// Whether a word stands in a row with the nouns beside it, and is no time or amount of its own.
    pub(super) fn is_compound(&self, at: usize, group: &Range<usize>) -> bool {
        let named = self.is_noun(at) && self.tree.tag(at).pos != Pos::Pron;
        let free = |at: usize| !group.contains(&at) && !self.is_amount(at) && !self.is_time(at);
        named && !self.is_participle(at) && free(at)
    }

    /// Whether a word tells of the noun before it with what follows a preposition, even where it is tagged as
    /// a noun: `Kazakhstan accounting for`.
    pub(super) fn is_participle(&self, at: usize) -> bool {
        self.words.to(at).class(0).has(Class::GERUND) && self.words.to(at).class(1).has(Class::PREPOSITION)
    }

    /// Whether a phrase can't begin with this word, or is better without it: articles, commas.
    fn opens_nothing(&self, at: usize) -> bool {
        let here = self.words.to(at);
        let adverb = self.tree.tag(at).pos == Pos::Adv && at + 1 < self.tree.words();
        // `well below the average`
        if adverb && self.tree.tag(at + 1).pos == Pos::Adp {
            return true;
        }
        ARTICLES.contains(&here.hash(0))
            || matches!(self.tree.tag(at).pos, Pos::Adp | Pos::Cconj | Pos::Sconj | Pos::Punct)
    }

    /// Whether the words before `end` close with a participle whose own words are cut off: `suicides involving | a
    /// gun`.
    fn acts_beyond(&self, end: usize) -> bool {
        let object = |at: usize| {
            matches!(
                self.tree.tag(at).pos,
                Pos::Det | Pos::Noun | Pos::Propn | Pos::Adj | Pos::Num | Pos::Pron
            )
        };
        let by = |at: usize| matches!(self.tree.tag(at).pos, Pos::Adp | Pos::Adv);
        end < self.tree.words()
            && match self.tree.tag(end - 1).penn {
                Penn::VBG => object(end) || by(end),
                // `with 40% of the budget swallowed | up by farms`
                Penn::VBN => by(end),
                _ => false,
            }
    }

    fn joins_only(&self, at: usize) -> bool {
        let tag = self.tree.tag(at);
        let possessive = tag.penn == Penn::POS;
        !possessive
            && matches!(tag.pos, Pos::Adp | Pos::Det | Pos::Cconj | Pos::Punct | Pos::Sconj | Pos::Part)
    }

    /// Whether the word at `at` belongs to the phrase of `head` by what is between them.
    fn belongs(&self, at: usize, head: usize) -> bool {
        let tree = self.tree;
        let here = self.words.to(at);
        if here.hash(0) == const { word("alone") } {
            return true;
        }
        let joined = here.hyphen(0) || here.hyphen(-1);
        if self.is_participle(at) {
            return false;
        }
        if !joined && matches!(tree.tag(at).pos, Pos::Verb | Pos::Aux | Pos::Punct | Pos::Sconj) {
            return false;
        }
        let mut place = at;
        for _ in 0..MOST_TOKENS {
            let fits = match tree.role(place) {
                Role::Complement | Role::Modifier | Role::Name => true,
                Role::Function => {
                    matches!(tree.tag(place).pos, Pos::Adp | Pos::Cconj | Pos::Part | Pos::Punct)
                }
                Role::Conjunct => matches!(tree.tag(place).pos, Pos::Noun | Pos::Propn),
                _ => false,
            };
            match tree.head(place) {
                Some(next) if fits && next == head => return true,
                Some(next) if fits => place = next,
                _ => return false,
            }
        }
        false
    }
}
