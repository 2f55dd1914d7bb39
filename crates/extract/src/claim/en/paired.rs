//! Which of several an amount is of, where a sentence tells of them in turn: `Acme and Bolt rose 5% and 7%,
//! respectively`.

use std::ops::Range;

use claimline_language::tag::Pos;
use claimline_language::word;

use super::super::Sentence;
use super::phrase::Phrase;
use super::subject::Found;

/// The furthest that `respectively` stands from the last of the amounts.
const MOST_BEHIND: usize = 16;

impl Sentence<'_> {
    /// What the amount of that number is of alone, where `found` tells of as many things as there are amounts.
    pub(super) fn paired(&self, which: usize, found: &Found) -> Option<Phrase> {
        let group = |at: usize| self.group(&self.amounts[at]);
        let end = group(which).end;
        let pairs = |at: &usize| self.words.to(*at).hash(0) == const { word("respectively") };
        let told = (end..self.tree.words()).find(pairs)?;
        let joins = |between: Range<usize>| {
            let joins = |at| matches!(self.tree.tag(at).pos, Pos::Punct | Pos::Cconj | Pos::Adv);
            !between.is_empty() && between.into_iter().all(joins)
        };
        let last = self.amounts.iter().rposition(|amount| amount.tokens.end <= told)?;
        let follows = |at: &usize| joins(group(*at - 1).end..group(*at).start);
        let first = last - (1..=last).rev().take_while(follows).count();
        let (place, several) = (which.checked_sub(first)?, last - first + 1);
        let between = told.checked_sub(group(last).end)?;
        if several < 2 || place >= several || between > MOST_BEHIND {
            return None;
        }
        // `5 and 6 inches for the small and the large screen, respectively`
        let behind = self.items(group(last).end..told);
        if behind.len() == several {
            let second = self.bare(behind[place].clone()).first;
            return Some(match &found.subject {
                Some(subject) if subject.second.is_none() => {
                    Phrase { first: subject.first.clone(), second: Some(second) }
                }
                _ => Phrase::from(second),
            });
        }
        // `profits at Acme and Bolt`; `Acme and Bolt reported sales of`
        let above = || found.predicate.and_then(|verb| self.subject_of(verb, &group(which)));
        let alone = |subject: Phrase| {
            let items = self.items(subject.first.clone());
            (items.len() == several).then(|| {
                let case = |at: &usize| self.tree.tag(*at).pos == Pos::Adp;
                let shared = items[0].clone().rev().find(case).map_or(items[0].start, |case| case + 1);
                let item = if place == 0 { shared..items[0].end } else { items[place].clone() };
                (items[0].start..shared, self.bare(item).first)
            })
        };
        // `Acme, Bolt and Crane lost`
        let listed = || {
            let start = found.subject.as_ref()?.start();
            let verb = self.predicate(found.predicate?, start).start;
            (start < verb).then(|| Phrase::from(start..verb))
        };
        let written = found.subject.clone().and_then(alone);
        let (shared, item) =
            written.or_else(|| above().and_then(alone)).or_else(|| listed().and_then(alone))?;
        Some(match shared.is_empty() {
            true => Phrase::from(item),
            false => Phrase { first: shared, second: Some(item) },
        })
    }

    /// What commas and `and` part in a stretch of words, where each has a noun.
    fn items(&self, words: Range<usize>) -> Vec<Range<usize>> {
        let mut items: Vec<Range<usize>> = Vec::new();
        for at in words {
            let parts = matches!(self.tree.tag(at).pos, Pos::Punct | Pos::Cconj);
            match items.last_mut() {
                _ if parts => {}
                Some(last) if last.end == at => last.end = at + 1,
                _ => items.push(at..at + 1),
            }
        }
        let named = |item: &Range<usize>| {
            item.clone()
                .any(|at| matches!(self.tree.tag(at).pos, Pos::Noun | Pos::Propn | Pos::Adj | Pos::Num))
        };
        items.retain(named);
        items
    }
}
