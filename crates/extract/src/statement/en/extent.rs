//! How far a content goes: clauses and phrases in a tree that is not always right.

use std::ops::Range;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, word};

use super::Finder;

/// How far behind a cue its `that` may stand: `said in Paris on Tuesday that`.
const MOST_BEFORE_THAT: usize = 12;

impl Finder<'_> {
    /// The finite clause behind a cue, with its `that`. A cue with a hearer has it behind that.
    pub(super) fn finite(&self, at: usize, end: usize, hearer: bool) -> Option<Range<usize>> {
        let tree = self.tree;
        let is_clause = |child: &usize| {
            let Some(clause) = tree.clause(*child) else { return false };
            let beside = tree.role(*child) == Role::Beside && clause.subject.is_some();
            *child >= end
                && (beside || tree.role(*child) == Role::Content)
                && !self.has_to(*child)
                && (clause.subject.is_some() || tree.tag(*child).penn != Penn::VBG)
        };
        let child = tree.dependents(at).find(is_clause);
        // These begin a clause whatever the tree says.
        let asks = [word("whether"), word("why"), word("how"), word("what"), word("if")];
        let opens = |at: usize| {
            let that = self.hash(at) == const { word("that") };
            that && (tree.tag(at).pos == Pos::Sconj || hearer && self.tag_is(at, Penn::WDT))
                || at == end && asks.contains(&self.hash(at))
        };
        let reach = child.unwrap_or(end + MOST_BEFORE_THAT / 2).min(end + MOST_BEFORE_THAT).min(self.len());
        let start = match ((end..reach).find(|at| opens(*at)), child) {
            (Some(mark), _) => mark,
            (None, Some(child)) => tree.extent(child).start.max(end),
            (None, None) => return None,
        };
        let top = child.unwrap_or_else(|| self.top_of(start, at));
        let stop = if self.flat { self.end() } else { tree.extent(top).end };
        let content = self.tidy(start..stop.max(start + 1));
        (!content.is_empty()).then_some(content)
    }

    /// A clause behind a verb that the tree does not show: a noun phrase, and a finite verb behind it.
    pub(super) fn unparsed(&self, end: usize) -> Option<Range<usize>> {
        let tree = self.tree;
        let opens = [Pos::Noun, Pos::Propn, Pos::Pron, Pos::Det, Pos::Num, Pos::Adj];
        if end >= self.len() || !opens.contains(&tree.tag(end).pos) {
            return None;
        }
        let verb = (end + 1..self.end()).find(|at| self.is_finite(*at))?;
        let relative = tree.dependents(verb).any(|child| self.words.to(child).class(0).has(Class::RELATIVE));
        let apart =
            (end..verb).any(|at| matches!(self.text(at), "," | ";") || tree.tag(at).pos == Pos::Cconj);
        let reach = |at: usize| tree.extent(self.top_of(at, end - 1)).end;
        (!relative && !apart && tree.role(verb) != Role::Relative)
            .then(|| self.tidy(end..reach(end).max(reach(verb))))
    }

    /// The highest word above `start` that stands behind `limit`.
    pub(super) fn top_of(&self, start: usize, limit: usize) -> usize {
        let mut at = start;
        for _ in 0..self.len() {
            match self.tree.head(at) {
                Some(above) if above > limit => at = above,
                _ => break,
            }
        }
        at
    }

    /// The words from `start` to the end of what they hang on, below the word at `cue`.
    pub(super) fn extent_from(&self, start: usize, cue: usize) -> Range<usize> {
        if start >= self.len() {
            return 0..0;
        }
        let stop = match self.flat {
            true => (start..self.end()).find(|at| self.text(*at) == ",").unwrap_or(self.end()),
            false => self.tree.extent(self.top_of(start, cue)).end,
        };
        self.part(start..stop)
    }

    /// A range as a part of a content, in the places of the document.
    pub(super) fn part(&self, range: Range<usize>) -> Range<usize> {
        self.with_quote(self.tidy(range))
    }

    /// What hangs on `head` behind `after` with a preposition.
    pub(super) fn joined_by(&self, head: usize, after: usize, preposition: u64) -> Option<usize> {
        self.tree.dependents(head).filter(|child| *child > after).find(|child| {
            let start = self.tree.extent(*child).start;
            start > after && self.hash(start) == preposition
        })
    }

    pub(super) fn is_infinitive(&self, to: usize) -> bool {
        to < self.len() && self.tag_is(to, Penn::TO) && self.tree.tag(to).pos == Pos::Part
    }

    pub(super) fn has_to(&self, verb: usize) -> bool {
        self.tree.dependents(verb).any(|child| child < verb && self.tag_is(child, Penn::TO))
    }

    pub(super) fn is_verb(&self, at: usize) -> bool {
        matches!(self.tree.tag(at).pos, Pos::Verb | Pos::Aux)
    }

    pub(super) fn is_finite(&self, at: usize) -> bool {
        matches!(self.tree.tag(at).penn, Penn::VBZ | Penn::VBD | Penn::VBP | Penn::MD)
    }

    pub(super) fn tag_is(&self, at: usize, penn: Penn) -> bool {
        at < self.len() && self.tree.tag(at).penn == penn
    }
}
