//! Whose a measure is, and what verb says so: `Acme posted a profit of $5 mln`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::syntax::Role;
use claimline_language::tag::Pos;
use claimline_language::{lemma, rows};

use super::super::Sentence;
use super::MOST_STEPS;
use super::phrase::Phrase;
use super::subject::Found;

static HAVING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| rows::<1>(include_str!("having.tsv")).map(|[verb]| verb).collect());

impl Sentence<'_> {
    /// An amount of `measure`, the phrase of the noun at `at`, with the verb above that and with whose it is.
    pub(super) fn owned(&self, at: usize, measure: Phrase, group: &Range<usize>) -> Found {
        let predicate = self.verb_above(at);
        let owner = predicate.filter(|_| self.tree.role(at) == Role::Object && measure.second.is_none());
        let owner =
            owner.and_then(|verb| self.owner(verb, group)).filter(|owner| owner.end <= measure.start());
        let subject = match owner {
            Some(owner) => Phrase { first: owner, second: Some(measure.first) },
            None => measure,
        };
        Found { subject: Some(subject), predicate }
    }

    /// The subject of a verb of having, unless it is a pronoun.
    fn owner(&self, verb: usize, group: &Range<usize>) -> Option<Range<usize>> {
        let word = self.words.to(verb).text(0);
        if !HAVING.contains(lemma(word, self.tree.tag(verb)).as_ref()) {
            return None;
        }
        let owner = self.subject_of(verb, group)?;
        let named = owner.second.is_none() && self.tree.tag(owner.first.end - 1).pos != Pos::Pron;
        named.then_some(owner.first)
    }

    /// The verb whose subject, object or the like a noun is, by itself or by the noun that it belongs to.
    fn verb_above(&self, mut noun: usize) -> Option<usize> {
        let tree = self.tree;
        for _ in 0..MOST_STEPS {
            let head = tree.head(noun)?;
            match tree.role(noun) {
                Role::Complement | Role::Apposition | Role::Conjunct | Role::Modifier
                    if self.is_noun(head) =>
                {
                    noun = head;
                }
                Role::Subject | Role::Object | Role::Recipient | Role::Oblique => {
                    return (tree.tag(head).pos == Pos::Verb).then_some(head);
                }
                _ => return None,
            }
        }
        None
    }
}
