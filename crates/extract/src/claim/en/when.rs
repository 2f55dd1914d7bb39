//! Which of a sentence's times a claim is of: the one that hangs nearest above its amount in the tree.

use std::ops::Range;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, Kind, word};
use claimline_model::time::{Base, Field, Place, Side, Unit, When};
use claimline_model::{ChangeRole, Modality, Tense};

use super::super::{Clause, Sentence};
use super::MOST_STEPS;
use crate::quantity::Amount;
use crate::time::Time;

/// A time that a claim may be of, and where it hangs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dating {
    /// Its place among the sentence's times.
    time: usize,
    /// The word that it hangs on.
    head: usize,
    /// The predicate of its clause, or the root.
    clause: usize,
    /// Whether it belongs to a noun behind it: `the June agreement`, `Tuesday's vote`.
    noun: bool,
}

impl Sentence<'_> {
    /// Appends the times that a claim of this sentence may be of. What an amount is compared with is
    /// none: `5 pct more than in May`.
    pub(crate) fn datings(&self, found: &mut Vec<Dating>) {
        for (time, Time { tokens, .. }) in self.times.iter().enumerate().filter(|(_, time)| time.is_dated()) {
            const BEFORE: [u64; 5] =
                [word("from"), word("than"), word("vs"), word("versus"), word("against")];
            let before = |back: usize| {
                tokens.start.checked_sub(back).is_some_and(|at| BEFORE.contains(&self.words.to(at).hash(0)))
            };
            // `a rise of 5 % on 2023`, `on last year`; a day has `on` before it anyhow.
            let last = self.words.to(tokens.end.saturating_sub(1));
            let year = tokens.len() == 1 && last.text(0).len() == 4 && last.kind(0) == Some(Kind::Number);
            let long = year || [word("year"), word("quarter"), word("month")].contains(&last.hash(0));
            let on = long && self.words.to(tokens.start).hash(-1) == const { word("on") };
            let compared = on
                || before(1)
                || before(2) && self.words.to(tokens.start - 1).hash(0) == const { word("in") };
            if compared || self.is_since_a_record(tokens.start) || tokens.end > self.tree.words() {
                continue;
            }
            // `the three months ended September 30`
            let ended = [word("ended"), word("ending")].contains(&self.words.to(tokens.start).hash(-1));
            let top = if ended && tokens.start > 1 { tokens.start - 2 } else { self.top(tokens) };
            let head = self.tree.head(top).unwrap_or(top);
            let verb = ended && head + 1 == tokens.start;
            let head = if verb { self.tree.head(head).unwrap_or(head) } else { head };
            let possessive = matches!(self.words.to(tokens.end).text(0), "'s" | "\u{2019}s");
            // `In May sales rose`, whatever the tree makes of it.
            let opens = tokens.start == 1 && self.words.to(0).class(0).has(Class::PREPOSITION);
            let modifies = possessive || !opens && self.tree.role(top) == Role::Modifier;
            let noun = top < head && modifies;
            found.push(Dating { time, head, clause: self.predicate_above(head), noun });
        }
    }

    /// The place among the sentence's times of the one that governs the clause around the amount of that
    /// number: what hangs on the words above it, from the amount to the root, and in each clause on that
    /// way what stands in it at all. A clause that is joined to it comes last. Times of clauses below,
    /// and beside, are not its own: `rose 5 pct after it fell in May`.
    pub(crate) fn when(&self, which: usize, clause: &Clause, datings: &[Dating]) -> Option<usize> {
        let amount = &self.amounts[which].tokens;
        let distance = |tokens: &Range<usize>| {
            tokens.start.saturating_sub(amount.end).max(amount.start.saturating_sub(tokens.end))
        };
        let fits = |dating: &&Dating| {
            let time = &self.times[dating.time];
            let apart = time.tokens.end <= amount.start || amount.end <= time.tokens.start;
            // `said on Tuesday that it will pay $5 million`
            let to_come = clause.modality == Modality::Planned && time.tense == Some(Tense::Past);
            let other = self.starts_at(&time.tokens).is_some_and(|start| start != which);
            apart
                && !to_come
                && !other
                && !self.is_bracketed_off(amount, &time.tokens)
                && (!is_compared(time) || !self.parted(amount, &time.tokens))
        };
        let nearest = |fits_too: &dyn Fn(&Dating) -> bool| {
            let found = datings.iter().filter(fits).filter(|dating| fits_too(dating));
            found.min_by_key(|dating| distance(&self.times[dating.time].tokens)).map(|dating| dating.time)
        };
        let top = self.top(amount);
        if let Some(own) = nearest(&|dating| amount.contains(&dating.head)) {
            return Some(own);
        }
        // What is told aside is of no time of the clause around it: `the mill, which employs 800, shut in May`.
        let aside = |at: usize| {
            let start = self.tree.extent(at).start;
            let comma = (start.saturating_sub(1)..=start).any(|at| self.words.to(at).text(0) == ",");
            self.tree.role(at) == Role::Relative && comma
        };
        let up = |at: &usize| self.tree.head(*at).filter(|_| !aside(*at));
        let above = || std::iter::successors(Some(top), up).take(MOST_STEPS);
        let on_the_way = above().find_map(|at| {
            let is_clause = self.predicate_above(at) == at;
            nearest(&|dating| dating.head == at && !(is_clause && dating.noun))
                .or_else(|| nearest(&|dating| is_clause && dating.clause == at && !dating.noun))
                .or_else(|| nearest(&|dating| is_clause && dating.clause == at))
        });
        let first = self.first_joined(self.predicate_above(top));
        on_the_way.or_else(|| nearest(&|dating| !dating.noun && self.first_joined(dating.clause) == first))
    }

    /// The time that the sentence as a whole is of, for sentences behind it: the first of its main clause, or
    /// of what is said there; of times that belong to a noun only a period of results is.
    pub(crate) fn told(&self, datings: &[Dating]) -> Option<usize> {
        let main = |dating: &&Dating| {
            let above = |at: &usize| self.tree.head(*at).filter(|_| self.tree.role(*at) == Role::Content);
            let said = std::iter::successors(Some(dating.clause), above).take(MOST_STEPS).last();
            let root = said.is_some_and(|at| self.tree.head(at).is_none());
            root && !is_compared(&self.times[dating.time])
        };
        let found = datings.iter().filter(main);
        let whole = found.clone().find(|dating| !dating.noun);
        whole
            .or_else(|| found.clone().find(|dating| is_period(&self.times[dating.time])))
            .map(|dating| dating.time)
    }

    /// Whether the clause around the amount of that number may be of a time that was told before: not what
    /// is to come, not what a present tells, which is so as the text is written, and not what is of a
    /// length of its own (`for the nine months it earned $5 million`).
    pub(crate) fn may_inherit(&self, which: usize, clause: &Clause) -> bool {
        let amount = &self.amounts[which].tokens;
        let is_other = |time: &Time| time.tokens.end <= amount.start || amount.end <= time.tokens.start;
        let lasts = |time: &Time| matches!(time.expr.when, When::Length(_, None)) && is_other(time);
        if self.times.iter().any(lasts) {
            return false;
        }
        let tags = || clause.predicate.clone().into_iter().flatten().map(|at| self.tree.tag(at).penn);
        let perfect = tags().any(|penn| penn == Penn::VBN);
        let present = !perfect && tags().any(|penn| matches!(penn, Penn::VBZ | Penn::VBP));
        !present && clause.modality != Modality::Planned
    }

    /// Whether a time stands in brackets with another amount, which it is of: `42% (2022: 39%)`.
    fn is_bracketed_off(&self, amount: &Range<usize>, time: &Range<usize>) -> bool {
        let text = |at: usize| self.words.to(at).text(0);
        let near = (time.start.saturating_sub(MOST_IN_BRACKETS)..time.start).rev();
        let open = near.take_while(|at| text(*at) != ")").find(|at| text(*at) == "(");
        let Some(open) = open.filter(|open| !(*open < amount.start && amount.start < time.end)) else {
            return false;
        };
        let close = (time.end..self.tree.words()).take(MOST_IN_BRACKETS).find(|at| text(*at) == ")");
        close.is_some_and(|close| {
            let inside = |at: usize| open < at && at < close;
            !inside(amount.start) && self.amounts.iter().any(|other| inside(other.tokens.start))
        })
    }

    /// Whether the time that begins at `start` is when something was last so: `19%, the highest since 1977`.
    fn is_since_a_record(&self, start: usize) -> bool {
        let since = start.checked_sub(1).filter(|at| self.words.to(*at).hash(0) == const { word("since") });
        since.is_some_and(|since| {
            let near = (since.saturating_sub(MOST_OF_RECORD)..since).rev();
            let mut near = near.take_while(|at| !matches!(self.tree.tag(*at).pos, Pos::Verb | Pos::Punct));
            near.any(|at| matches!(self.tree.tag(at).penn, Penn::JJS | Penn::RBS))
        })
    }

    /// The amount that a change begins at and whose time this is alone: `61%, down from 68% in 2018`.
    fn starts_at(&self, time: &Range<usize>) -> Option<usize> {
        let joins = |at: usize| self.tree.tag(at).pos == Pos::Adp;
        let before = |amount: &Amount| {
            let end = self.group(amount).end;
            end < time.start && (end..time.start).all(joins)
        };
        let starts = |amount: &Amount| amount.role == Some(ChangeRole::From);
        self.amounts.iter().position(|amount| starts(amount) && before(amount))
    }

    /// The nearest word that is a predicate, from `at` to the root.
    fn predicate_above(&self, at: usize) -> usize {
        let mut last = at;
        for at in std::iter::successors(Some(at), |at| self.tree.head(*at)).take(MOST_STEPS) {
            last = at;
            let verb = matches!(self.tree.tag(at).pos, Pos::Verb | Pos::Aux)
                && !matches!(self.tree.role(at), Role::Modifier | Role::Function);
            if verb || self.tree.dependents(at).any(|below| self.tree.role(below) == Role::Subject) {
                break;
            }
        }
        last
    }

    /// The first of the clauses that this one is joined to by `and` or the like.
    fn first_joined(&self, clause: usize) -> usize {
        let mut first = clause;
        for _ in 0..MOST_STEPS {
            match self.tree.head(first) {
                Some(head) if self.tree.role(first) == Role::Conjunct => first = head,
                _ => break,
            }
        }
        first
    }

    /// Whether another amount stands between an amount and a time behind it.
    fn parted(&self, amount: &Range<usize>, time: &Range<usize>) -> bool {
        let between = amount.end..time.start;
        self.amounts.iter().any(|other| between.contains(&other.tokens.start))
    }
}

/// The most words of a bracket that are looked through, either way.
const MOST_IN_BRACKETS: usize = 12;

/// The furthest that the superlative of a record stands before its `since`: `the biggest monthly fall since`.
const MOST_OF_RECORD: usize = 5;

/// Whether it is the kind of time that results are compared with: `up from $3 million a year earlier`.
fn is_compared(time: &Time) -> bool {
    matches!(time.expr.when, When::Place(Place { base: Base::From(_, Side::Past, _), .. }))
}

/// Whether it is a quarter or a half of a year.
fn is_period(time: &Time) -> bool {
    let When::Place(place) = time.expr.when else { return false };
    matches!(place.field, Some(Field::Quarter(_) | Field::Half(_) | Field::SameQuarter))
        || matches!(place.base, Base::Unit(_, _, Unit::Quarter))
}
