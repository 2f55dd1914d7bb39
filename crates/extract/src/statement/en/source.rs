//! Who says so: the noun phrase that a cue has for its subject.

use std::ops::Range;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, word};

use super::Finder;

/// How far up a tree a subject is looked for.
const MOST_STEPS: usize = 6;

/// A source, in indices of the sentence.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) head: usize,
    pub(super) words: Range<usize>,
}

impl Finder<'_> {
    /// The subject of a verb, its own or one that it takes over, and whether that is the verb's own.
    pub(super) fn subject(&self, verb: usize) -> Option<(usize, bool)> {
        let tree = self.tree;
        let mut at = verb;
        for step in 0..MOST_STEPS {
            // The nearest, where the tree hangs that of what is said there too.
            let nominal = |child: &usize| !self.is_verb(*child) && self.tree.tag(*child).pos != Pos::Adv;
            let subjects =
                tree.dependents(at).filter(|child| tree.role(*child) == Role::Subject).filter(nominal);
            let near = subjects.clone().rfind(|child| *child < at).or_else(|| subjects.clone().next_back());
            let own = near.or_else(|| tree.clause(at).and_then(|clause| clause.subject).filter(nominal));
            if let Some(subject) = own {
                return Some((subject, step == 0));
            }
            let above = tree.head(at)?;
            match tree.role(at) {
                Role::Relative => return Some((above, false)),
                Role::Adverbial | Role::Conjunct | Role::Content | Role::Beside => at = above,
                Role::Oblique | Role::Complement if tree.tag(at).penn == Penn::VBG => at = above,
                _ => return None,
            }
        }
        None
    }

    /// The noun right before a verb, which is its subject whatever the tree says: `In May the bank said`.
    pub(super) fn before(&self, verb: usize) -> Option<usize> {
        let tree = self.tree;
        let noun = self.cue(verb, verb).start.checked_sub(1)?;
        let finite = matches!(tree.tag(verb).penn, Penn::VBD | Penn::VBZ | Penn::VBP);
        let own = !tree.dependents(verb).any(|child| tree.role(child) == Role::Subject && child < verb);
        let nominal = matches!(tree.tag(noun).pos, Pos::Noun | Pos::Propn | Pos::Pron);
        (finite && own && nominal && tree.role(verb) != Role::Conjunct).then_some(noun)
    }

    /// The noun phrase of a head, with its title, its apposition and what is told of it, but without the
    /// word at `cue`.
    pub(super) fn source(&self, head: usize, cue: usize) -> Source {
        let tree = self.tree;
        let mut words = tree.extent(head);
        // A quotation mark that the tree takes for a name.
        let spelt = |at: &usize| self.text(*at).starts_with(char::is_alphanumeric);
        let head = if spelt(&head) { head } else { (head..words.end).find(spelt).unwrap_or(head) };
        if words.contains(&cue) {
            if cue > head {
                words.end = cue;
            } else {
                words.start = cue + 1;
            }
        }
        while words.end > head + 1 && self.is_loose(words.end - 1) {
            words.end -= 1;
        }
        while words.start < head && self.is_loose(words.start) {
            words.start += 1;
        }
        // `In May the minister said`: what the preposition joins is no part of it.
        const WHEN_OR_WHERE: [u64; 5] = [word("in"), word("on"), word("at"), word("since"), word("during")];
        let joined = words.start.checked_sub(1).is_some_and(|at| WHEN_OR_WHERE.contains(&self.hash(at)));
        let article = (words.start..head).rev().find(|at| self.hash(*at) == const { word("the") });
        words.start = article.filter(|_| joined).unwrap_or(words.start);
        Source { head, words }
    }

    fn is_loose(&self, at: usize) -> bool {
        let tag = self.tree.tag(at);
        matches!(tag.pos, Pos::Cconj | Pos::Adp | Pos::Aux | Pos::Adv)
            || !self.text(at).starts_with(char::is_alphanumeric) && !matches!(self.text(at), ")" | "(" | "$")
            || tag.penn == Penn::TO
    }

    /// The noun phrase that begins at `start`: `according to the bank`.
    pub(super) fn source_from(&self, start: usize) -> Option<Source> {
        let tree = self.tree;
        if start >= self.len() {
            return None;
        }
        // The head of what begins here: up while the head still stands behind.
        let mut head = start;
        for _ in 0..self.len() {
            match tree.head(head) {
                Some(above) if above > head && !self.is_verb(above) => head = above,
                Some(above) if above >= start && above < head && !self.is_verb(above) => head = above,
                _ => break,
            }
        }
        let source = self.source(head, start.saturating_sub(1));
        let mut words = source.words;
        words.start = start;
        let comma = (words.start..words.end).find(|at| self.text(*at) == "," && *at > head);
        // An apposition is short; what is longer is the rest of the sentence.
        if let Some(comma) = comma {
            let apposition = tree.appositions(head).any(|at| at > comma);
            let relative = self.words.to(comma + 1).class(0).has(Class::RELATIVE);
            if !apposition && !relative {
                words.end = comma;
            }
        }
        (words.start < words.end).then_some(Source { head: head.min(words.end - 1), words })
    }

    /// The source that a passive verb or a noun names with `by`.
    pub(super) fn agent(&self, at: usize) -> Option<Source> {
        let tree = self.tree;
        let by = |place: &usize| {
            tree.preposition(*place).is_some_and(|case| self.hash(case) == const { word("by") })
        };
        let agent = tree.dependents(at).filter(|place| *place > at).find(by)?;
        let mut source = self.source(agent, at);
        if self.hash(source.words.start) == const { word("by") } {
            source.words.start += 1;
        }
        Some(source)
    }
}
