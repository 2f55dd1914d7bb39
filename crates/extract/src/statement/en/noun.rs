//! Nouns, adjectives and adverbs that attribute: `the claim that`, `confident that`, `reportedly`.

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::word;

use super::lexicon::{Cue, Frame};
use super::source::Source;
use super::{Finder, Found};
use crate::statement::Strength;

impl Finder<'_> {
    pub(super) fn noun(&self, at: usize, cue: &Cue) -> Option<Found> {
        let end = at + 1;
        // `with reference to` joins, and says nothing.
        let joins =
            |to: u64| to == const { word("to") } && at > 0 && self.hash(at - 1) == const { word("with") };
        let (content, reach, strength, rule) = cue.frames.iter().find_map(|(frame, strength)| {
            let (content, reach, rule) = match *frame {
                Frame::Clause if self.hash(end) == const { word("that") } && !self.tag_is(end, Penn::WDT) => {
                    (self.extent_from(end, at), end, "<noun> that <clause>")
                }
                Frame::Infinitive if self.is_infinitive(end) => {
                    (self.extent_from(end, at), end, "<noun> to <verb>")
                }
                Frame::With(preposition)
                    if self.hash(end) == preposition && !self.is_infinitive(end) && !joins(preposition) =>
                {
                    (self.extent_from(end + 1, at), end + 1, "<noun> of <phrase>")
                }
                _ => return None,
            };
            (!content.is_empty()).then_some((content, reach, *strength, rule))
        })?;
        Some(Found { source: self.owner(at), cue: at..reach, content: vec![content], strength, rule })
    }

    /// Whose a noun is: `the bank's claim`, `a claim by the bank`, `she made the claim`.
    fn owner(&self, at: usize) -> Option<Source> {
        let tree = self.tree;
        let possessive = |child: &usize| {
            let marked = tree.dependents(*child).any(|case| tree.tag(case).penn == Penn::POS);
            *child < at && (marked || tree.tag(*child).penn == Penn::PRPS)
        };
        if let Some(owner) = tree.dependents(at).find(possessive) {
            let mut source = self.source(owner, at);
            source.words.end = source.words.end.min(at);
            while source.words.end > owner + 1 && self.tag_is(source.words.end - 1, Penn::POS) {
                source.words.end -= 1;
            }
            return Some(source);
        }
        self.agent(at).or_else(|| {
            // `expressed concern that`, `made the claim that`
            let verb = tree.head(at).filter(|verb| self.is_verb(*verb) && tree.role(at) == Role::Object)?;
            let (subject, _) = self.subject(verb)?;
            Some(self.source(subject, verb))
        })
    }

    pub(super) fn adjective(&self, at: usize, cue: &Cue) -> Option<Found> {
        let tree = self.tree;
        let end = at + 1;
        let (subject, _) = self.subject(at)?;
        let expletive = self.hash(subject) == const { word("it") };
        let (content, reach, strength, rule) = cue.frames.iter().find_map(|(frame, strength)| {
            let (content, reach, rule) = match *frame {
                Frame::Clause if !expletive => {
                    (self.finite(at, end, false)?, end, "<source> is <adjective> that <clause>")
                }
                Frame::ItClause if expletive => {
                    (self.finite(at, end, false)?, end, "<source> is <adjective> that <clause>")
                }
                Frame::Infinitive if self.is_infinitive(end) => {
                    (self.extent_from(end, at), end, "<source> is <adjective> to <verb>")
                }
                Frame::With(preposition) if self.hash(end) == preposition && !self.is_infinitive(end) => {
                    (self.extent_from(end + 1, at), end + 1, "<source> is <adjective> of <phrase>")
                }
                _ => return None,
            };
            (!content.is_empty()).then_some((content, reach, *strength, rule))
        })?;
        let copula = tree.clause(at).and_then(|clause| clause.copula).filter(|copula| *copula < at);
        let start = copula.map_or(at, |copula| self.cue(copula, copula + 1).start);
        let close = (start..at).all(|at| matches!(tree.tag(at).pos, Pos::Adv | Pos::Aux | Pos::Part));
        let cue = if close { start..reach } else { at..reach };
        let source = (!expletive).then(|| self.source(subject, at));
        Some(Found { source, cue, content: vec![self.with_quote(content)], strength, rule })
    }

    pub(super) fn adverb(&self, at: usize) -> Option<Found> {
        let extent = self.tree.extent(self.tree.head(at)?);
        let content = vec![self.tidy(extent.start..at), self.tidy(at + 1..extent.end.max(at + 1))];
        Some(Found { source: None, cue: at..at + 1, content, strength: Strength::Seems, rule: "<adverb>" })
    }
}
