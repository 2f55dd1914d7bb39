//! Times as they are written: dates of any grain, clock times, lengths of time, repeated times.
//!
//! What a time means is not asked here: a bare `Tuesday` stays one. [`TimeExpr`] says what the words
//! say, and the document's context resolves it later.

mod en;
#[cfg(test)]
mod tests;

use std::ops::Range;

use claimline_language::Kind;
use claimline_model::time::{Count, Each, When};
use claimline_model::{Decimal, MentionKind, Tense, TimeExpr};

use crate::cursor::Cursor;
use crate::number::is_numeral;
use crate::quantity::Amount;

/// A time in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    /// Its tokens, by their index in the sentence.
    pub tokens: Range<usize>,
    /// What is written.
    pub expr: TimeExpr,
    /// The rule that read it.
    pub rule: &'static str,
    /// The tense of the words around it, where they show one.
    pub tense: Option<Tense>,
    /// How many of what, for a length of one unit.
    pub amount: Option<(Decimal, &'static str)>,
}

impl Time {
    /// Whether its numbers are no amount of anything, unlike those of a length; a set may be what an
    /// amount is per.
    pub(crate) fn is_no_amount(&self) -> bool {
        match self.expr.when {
            When::Place(_) | When::Vague(_) | When::Set { times: Some(_), .. } => true,
            // The 12 of `12 and 18 months`.
            When::Length(..) => self.tokens.len() == 1,
            When::Set { each: Each::Length(length), times: None } => length.count != Count::from(1),
            _ => false,
        }
    }

    /// Whether it has a place of its own: a date, a time of day, or a length that ends or begins now.
    pub(crate) fn is_dated(&self) -> bool {
        matches!(self.expr.kind(), MentionKind::Date | MentionKind::Time)
            || matches!(self.expr.when, When::Length(_, Some(_)))
    }

    /// Whether it is the length that an amount is.
    pub(crate) fn is_same_length(&self, amount: &Amount) -> bool {
        let overlap = self.tokens.start < amount.tokens.end && amount.tokens.start < self.tokens.end;
        amount.mention == MentionKind::Duration && matches!(self.expr.when, When::Length(..)) && overlap
    }
}

/// The place among `times` of the only one that a claim may be of: what a sentence without a tree tells
/// the time by.
pub(crate) fn only(times: &[Time]) -> Option<usize> {
    let mut dated = times.iter().enumerate().filter(|(_, time)| time.is_dated()).map(|(i, _)| i);
    dated.next().filter(|_| dated.next().is_none())
}

/// A phrase without the times that it begins or ends with: `Tuesday the operator`, `sales last year`.
/// One that is nothing but times stays.
pub(crate) fn without(times: &[Time], phrase: Range<usize>) -> Range<usize> {
    let mut rest = phrase.clone();
    for time in times.iter().filter(|time| matches!(time.expr.kind(), MentionKind::Date | MentionKind::Time))
    {
        if time.tokens.start <= rest.start && rest.start < time.tokens.end {
            rest.start = time.tokens.end;
        } else if time.tokens.start < rest.end && rest.end <= time.tokens.end {
            rest.end = time.tokens.start;
        }
    }
    if rest.start < rest.end { rest } else { phrase }
}

/// Appends the times of a sentence, whose first token the cursor is at, to `found`, in order and
/// without overlap.
pub fn find(sentence: Cursor<'_>, found: &mut Vec<Time>) {
    let mut at = sentence;
    let mut free = 0;
    while !at.is_end() {
        match en::read(&at, free) {
            Some(mut read) => {
                free = read.tokens.end;
                at = at.to(free.max(at.at() + 1));
                let next = read.next.take();
                let tense = en::tense(&sentence, &read.tokens, &read.expr);
                let mut time = read.into_time(tense);
                // `a decade` is long, but no amount.
                let written = |at: usize| {
                    let here = sentence.to(at);
                    here.kind(0) == Some(Kind::Number) || is_numeral(here.hash(0))
                };
                time.amount = time.amount.filter(|_| time.tokens.clone().any(written));
                found.push(time);
                if let Some((tokens, expr, rule)) = next {
                    free = tokens.end;
                    at = at.to(free);
                    found.push(Time { tokens, expr, rule, tense, amount: None });
                }
            }
            None => at.advance(1),
        }
    }
}

/// The names of all rules.
#[cfg(test)]
pub(crate) fn rules() -> Vec<&'static str> {
    en::rules::ALL.iter().copied().flatten().map(|rule| rule.name).collect()
}
