//! Whose a measure is, and what verb says so: `Acme posted a profit of $5 mln`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{lemma, rows, word};

use super::super::Sentence;
use super::MOST_STEPS;
use super::phrase::Phrase;
use super::subject::Found;
use crate::quantity::Amount;

static HAVING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| rows::<1>(include_str!("having.tsv")).map(|[verb]| verb).collect());

impl Sentence<'_> {
    /// An amount of `measure`, the phrase of the noun at `at`, with the verb above that and with whose it is.
    pub(super) fn owned(&self, at: usize, measure: Phrase, amount: &Amount, group: &Range<usize>) -> Found {
        let predicate = self.verb_above(at);
        let whole = measure.second.is_none();
        // `sales gained 2% after a 3% rise`: nothing says what rose but the subject.
        let bare = || self.undated(measure.clone()).first.end == at + 1;
        let bare_change =
            amount.change.is_some() && bare() && !self.is_beside(measure.start().min(group.start));
        let has = |verb: &usize| self.tree.role(at) == Role::Object && self.is_having(*verb);
        let verb = if bare_change { self.clause_above(at) } else { predicate.filter(has) };
        let owner = verb.filter(|_| whole).and_then(|verb| self.owner(verb, group));
        let owner = owner.filter(|owner| owner.end <= measure.start());
        let subject = match owner {
            Some(owner) => Phrase { first: owner, second: Some(measure.first) },
            None => measure,
        };
        Found { subject: Some(subject), predicate }
    }

    /// A phrase that begins with `its` or the like, with whom that means in its place: of the subjects of the verbs
    /// above it the nearest that stands before and agrees.
    pub(super) fn possessed(&self, phrase: Phrase, group: &Range<usize>) -> Phrase {
        let tree = self.tree;
        let Range { start: its, end } = phrase.first;
        let several = match self.words.to(its).hash(0) {
            hash if [word("its"), word("his"), word("her")].contains(&hash) => false,
            hash if hash == const { word("their") } => true,
            _ => return phrase,
        };
        if phrase.second.is_some() || end == its + 1 || tree.tag(its).penn != Penn::PRPS {
            return phrase;
        }
        let agrees = |at: &usize| {
            let joined = tree.dependents(*at).any(|at| tree.role(at) == Role::Conjunct);
            let plural = matches!(tree.tag(*at).penn, Penn::NNS | Penn::NNPS) || joined;
            matches!(tree.tag(*at).pos, Pos::Noun | Pos::Propn) && plural == several
        };
        let above = std::iter::successors(tree.head(its), |at| tree.head(*at)).take(MOST_STEPS);
        let subjects = above.filter_map(|at| tree.clause(at)?.subject);
        let owner =
            subjects.filter(|at| *at < its && !self.is_amount(*at) && !self.is_time(*at)).find(agrees);
        match owner.map(|at| self.phrase(at, group)) {
            Some(Phrase { first, second: None }) if first.end <= its => {
                Phrase { first, second: Some(its + 1..end) }
            }
            _ => phrase,
        }
    }

    /// The subject of a verb, unless it is a pronoun.
    fn owner(&self, verb: usize, group: &Range<usize>) -> Option<Range<usize>> {
        let owner = self.subject_of(verb, group)?;
        let named = owner.second.is_none() && self.tree.tag(owner.first.end - 1).pos != Pos::Pron;
        named.then_some(owner.first)
    }

    /// Whether a phrase that begins at `start`, article aside, says again what stands before its comma.
    fn is_beside(&self, start: usize) -> bool {
        let before = (0..start).rev().find(|at| self.tree.tag(*at).pos != Pos::Det);
        before.is_some_and(|at| self.words.to(at).text(0) == ",")
    }

    fn is_having(&self, verb: usize) -> bool {
        HAVING.contains(lemma(self.words.to(verb).text(0), self.tree.tag(verb)).as_ref())
    }

    /// The nearest verb above a noun.
    fn clause_above(&self, noun: usize) -> Option<usize> {
        let heads = std::iter::successors(self.tree.head(noun), |at| self.tree.head(*at));
        heads.take(MOST_STEPS).find(|at| self.tree.tag(*at).pos == Pos::Verb)
    }

    /// The verb whose subject or object a noun is, by itself or by the noun that it belongs to: `completed
    /// the purchase of a 5% stake`.
    fn verb_above(&self, noun: usize) -> Option<usize> {
        let tree = self.tree;
        let of =
            || tree.preposition(noun).is_some_and(|case| self.words.to(case).hash(0) == const { word("of") });
        let whole = tree.head(noun).filter(|head| match tree.role(noun) {
            Role::Complement => self.is_noun(*head) && of(),
            Role::Conjunct => self.is_noun(*head),
            _ => false,
        });
        let noun = whole.unwrap_or(noun);
        let verb = tree.head(noun).filter(|verb| tree.tag(*verb).pos == Pos::Verb);
        verb.filter(|_| matches!(tree.role(noun), Role::Subject | Role::Object))
    }
}
