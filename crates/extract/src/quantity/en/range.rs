//! Two numbers that are one amount: ranges and scores, and dollars with their cents.

use std::ops::Range;

use claimline_language::{Class, Kind, word};
use claimline_model::{AmountKind, Decimal, MentionKind};

use super::around::{self, Cue, cue};
use super::noun;
use super::plain;
use super::term::{Term, term};
use super::unit::unit;
use crate::cursor::{Cursor, is_dash};
use crate::money;
use crate::number::{Form, is_numeral, number};
use crate::quantity::Amount;
/// A first term and what was joined to it.
pub(super) struct Joined {
    pub(super) value: Decimal,
    pub(super) high: Option<Decimal>,
    /// The last of the terms.
    pub(super) last: Term,
    /// Where it ends.
    pub(super) end: usize,
    pub(super) rule: &'static str,
    /// What a range of bare numbers counts: a range by that alone.
    pub(super) counted: Option<Range<usize>>,
}

/// Joins what follows `first` to it, if that makes one amount.
pub(super) fn join(cursor: &Cursor<'_>, first: Term) -> Option<Joined> {
    let number = first.number;
    let mut joined = Joined {
        value: number.value,
        high: number.high,
        last: first,
        end: first.end,
        rule: number.rule,
        counted: None,
    };
    if let Some((second, rule)) = range_end(cursor, &first) {
        let mut low = number.value;
        let high = second.number.value;
        // `4-5 million` shares its million, `200 to 4 million` does not.
        if number.scale == Decimal::ONE && low < high / second.number.scale {
            low = low.checked_mul(second.number.scale)?;
        }
        let counted = noun::counted(&cursor.to(second.end), false);
        let aged = cursor.to(first.start).text(-1) == "aged";
        let touched = !first.is_bare() || !second.is_bare();
        // An en dash between numbers says a range; a hyphen may be anything.
        let dashed = cursor.to(first.end).text(0) == "\u{2013}" && cursor.to(first.end).hyphen(0);
        let bounded = around::bound_before(&cursor.to(first.start)).is_some();
        let plain = number.form == Form::Plain && rule == "<amount>-<amount>" && (dashed || bounded);
        let sure = touched || plain || aged || counted.is_some() || rule == "between <amount> and <amount>";
        // Below zero the greater number comes first: `-18 C to -34 C`.
        let falls = low < Decimal::ZERO && high < low;
        if sure && (low < high || falls) {
            joined = Joined {
                value: low.min(high),
                high: Some(low.max(high)),
                last: second,
                end: second.end,
                rule,
                counted,
            };
        }
    }
    if let Some(second) = tolerance(cursor, &first) {
        (joined.last, joined.end, joined.rule) = (second, second.end, "<amount> \u{B1} <amount>");
    }
    if let Some((cents, end)) = cents(cursor, &joined.last) {
        joined.value = joined.value.checked_add(cents)?;
        (joined.end, joined.rule) = (end, "<dollars> and <cents>");
    }
    Some(joined)
}

/// How far off a measurement may be: `40.333 ± 0.004 days`.
fn tolerance(cursor: &Cursor<'_>, first: &Term) -> Option<Term> {
    let behind = cursor.to(first.end);
    (behind.text(0) == "\u{B1}").then(|| term(&behind.to(first.end + 1), first.end + 1)).flatten()
}

/// The second term of a range whose first is `first`, and the rule that joined them.
fn range_end(cursor: &Cursor<'_>, first: &Term) -> Option<(Term, &'static str)> {
    let behind = cursor.to(first.end);
    let before = cursor.to(first.start);
    let opened = |hash| {
        before.hash(-1) == hash
            || around::bound_before(&before).is_some_and(|(n, _)| before.hash(-1 - n as isize) == hash)
    };
    let between = opened(const { word("between") });
    let mut next = first.end + 1;
    let rule = match behind.hash(0) {
        hash if hash == const { word("to") } => "<amount> to <amount>",
        // `0-to-60-mph`
        _ if behind.hyphen(0) && behind.hash(1) == const { word("to") } && behind.hyphen(2) => {
            next = first.end + 3;
            "<amount> to <amount>"
        }
        hash if hash == const { word("and") } && between => "between <amount> and <amount>",
        hash if hash == const { word("or") } => "<amount> or <amount>",
        _ if is_dash(behind.text(0)) && behind.joined(0) == behind.joined(1) => "<amount>-<amount>",
        _ => return None,
    };
    let mut at = behind.to(next);
    // A currency may stand before the second number.
    let signs = (0..=2).find(|n| {
        let here = at.to(at.at() + n);
        here.kind(0) == Some(Kind::Number) || here.kind(0) == Some(Kind::Word) && is_numeral(here.hash(0))
    })?;
    at.advance(signs);
    let second = term(&at, next).filter(|second| second.start == next)?;
    // `rose by $43 million to $419 million` and `rose from 5 to 10 pct` are two amounts.
    let moved = around::changed(cursor, first.start..first.end, true).is_some();
    let whole = !first.is_bare() || first.number.scale > Decimal::ONE;
    let from = before.hash(-1) == const { word("from") };
    // `from 5 to 7 pct to 3 to 5 pct`: both ends are ranges.
    let both = from && ends_in_range(cursor, second.end);
    if moved && behind.hash(0) == const { word("to") } && (whole && !between || from) && !both {
        return None;
    }
    let same_currency = match (first.currency, second.currency) {
        (Some(a), Some(b)) => a.expr == b.expr && a.parts == b.parts,
        (Some(_), None) => second.unit.is_none(),
        (None, _) => true,
    };
    let same_unit = match (first.unit, second.unit) {
        (Some(a), Some(b)) => a == b,
        (Some(_), None) => second.currency.is_none() && second.number.form == Form::Plain && between,
        (None, Some(_)) => first.currency.is_none(),
        (None, None) => true,
    };
    // `cut by half to 66 mln`
    if first.number.form == Form::Part && second.number.form != Form::Part && !between {
        return None;
    }
    // `three or four`, `40 or 50`, but not `40 or 47`
    let (low, high) = (first.number.value, second.number.value);
    let step = [1000, 100, 10]
        .map(Decimal::from)
        .into_iter()
        .find(|step| (low % step).is_zero() && (high % step).is_zero());
    let step = step.unwrap_or(Decimal::ONE).max(first.number.scale);
    let apart =
        rule == "<amount> or <amount>" && high > low.saturating_add(Decimal::TWO.saturating_mul(step));
    let signs_agree = second.number.value.is_sign_negative() == first.number.value.is_sign_negative();
    (same_currency && same_unit && !apart && signs_agree).then_some((second, rule))
}

/// Whether `to` and a range that it goes to stand at that token.
fn ends_in_range(cursor: &Cursor<'_>, at: usize) -> bool {
    let joins = |at: usize| cursor.to(at).hash(0) == const { word("to") };
    let low = || term(&cursor.to(at + 1), at + 1);
    joins(at)
        && low().is_some_and(|low| joins(low.end) && term(&cursor.to(low.end + 1), low.end + 1).is_some())
}

/// `from 24.2 to 33 billion euros`, `a 7- or 8-inch screen`: the first number takes the unit and the
/// magnitude of the second.
pub(super) fn share_unit(cursor: &Cursor<'_>, first: &mut Term) {
    let bare = first.is_bare() && first.number.scale == Decimal::ONE;
    let behind = cursor.to(first.end);
    let from = cursor.to(first.start).hash(-1) == const { word("from") };
    let moves = from && behind.hash(0) == const { word("to") };
    let next = match moves {
        true => Some(first.end + 1),
        false => suspended(&behind),
    };
    let Some(next) = next.filter(|_| bare) else { return };
    let Some(mut second) = term(&cursor.to(next), next) else { return };
    if moves
        && second.is_bare()
        && let Some((third, _)) = range_end(cursor, &second)
    {
        second = third;
    }
    (first.unit, first.currency) = (second.unit, second.currency);
    let scaled = first.number.value.checked_mul(second.number.scale);
    if let Some(value) = scaled.filter(|_| moves && first.number.value < Decimal::ONE_THOUSAND) {
        first.number.value = value;
        first.number.scale = second.number.scale;
    }
}

/// Whether a hyphen is at the cursor that touches the number before it alone.
pub(super) fn hangs(at: &Cursor<'_>) -> bool {
    at.joined(0) && is_dash(at.text(0)) && (!at.joined(1) || at.text(1) == ",")
}

/// Where the next number is behind a hyphen that leaves its unit to it: `7- or 8-inch`, `4-, 5- and
/// 6-inch`.
fn suspended(behind: &Cursor<'_>) -> Option<usize> {
    let mut at = *behind;
    let hangs = hangs(&at);
    at.advance(1);
    let joins = [word("and"), word("or"), word("to")];
    let comma = at.text(0) == ",";
    at.advance(usize::from(comma));
    let joined = at.take_any(&joins);
    if !hangs || !comma && !joined {
        return None;
    }
    let number = |at: &Cursor<'_>| {
        at.kind(0) == Some(Kind::Number) || at.kind(0) == Some(Kind::Word) && is_numeral(at.hash(0))
    };
    // The last of them has the unit.
    while number(&at) && self::hangs(&at.to(at.at() + 1)) {
        at = at.to(suspended(&at.to(at.at() + 1))?);
    }
    number(&at).then_some(at.at())
}

/// `and 50 cents` behind whole units, or only their number where nothing else can be meant (`15 dollars
/// 50`): their value in those, and where they end.
fn cents(cursor: &Cursor<'_>, whole: &Term) -> Option<(Decimal, usize)> {
    let currency = whole.currency.filter(|currency| currency.parts == Decimal::ONE)?;
    let mut at = cursor.to(whole.end);
    let and = at.take(const { word("and") });
    let part = term(&at, at.at()).filter(|part| part.start == at.at())?;
    let value = part.number.value;
    let Some(minor) = part.currency else {
        let behind = cursor.to(part.end);
        let alone = match behind.kind(0) {
            None => true,
            Some(Kind::Punctuation) => !behind.hyphen(0) && behind.text(0) != ":",
            _ => !and && behind.class(0).has(Class::CLOSED),
        };
        let two_digits = part.is_bare() && part.number.high.is_none() && value.fract().is_zero();
        let fits = two_digits && Decimal::TEN <= value && value < Decimal::ONE_HUNDRED;
        let whole = whole.number.value.fract().is_zero() && whole.number.scale == Decimal::ONE;
        return (fits && whole && alone).then_some((value / Decimal::ONE_HUNDRED, part.end));
    };
    let fits = minor.parts > currency.parts && value < minor.parts;
    fits.then(|| (value / minor.parts, part.end))
}

/// `3-2` beside a word of winning, wherever the cursor is at its first number: the score of a game or a vote.
/// `11 votes to four` is one by itself.
pub(super) fn score(cursor: &Cursor<'_>) -> Option<Amount> {
    let votes = matches!(cursor.text(1), "vote" | "votes") && cursor.hash(2) == const { word("to") };
    if !(votes || cursor.hyphen(1) || cursor.hash(1) == const { word("to") }) {
        return None;
    }
    let mut at = *cursor;
    let plain_number = |at: &mut Cursor<'_>| {
        number(at).filter(|number| number.form == Form::Plain || votes && number.form == Form::Words)
    };
    let first = plain_number(&mut at)?;
    at.advance(usize::from(votes));
    if !(at.hyphen(0) || at.hash(0) == const { word("to") }) {
        return None;
    }
    at.advance(1);
    let second = plain_number(&mut at)?;
    let (start, end) = (cursor.at(), at.at());
    let near = (start.saturating_sub(5)..start).chain(end..end + 4);
    let won = votes || near.clone().any(|at| cue(Cue::Score, cursor.to(at).hash(0)).is_some());
    // `rejected 3-5 bids`, `won 3-5 dollars`
    let counts = noun::counted(&at, false).is_some() || unit(&at).is_some();
    let money = money::before(cursor).is_some() || money::after(&at, &second).is_some();
    let glued = cursor.joined(0) && cursor.at() > 0 && !matches!(cursor.text(-1), "(" | "\"");
    if !won || counts || money || glued || at.hyphen(0) {
        return None;
    }
    let mut amount = plain(start..end, first.value, "<score>");
    amount.mention = MentionKind::Score;
    amount.kind = Some(AmountKind::Score);
    amount.high = Some(second.value);
    Some(amount)
}

/// `555-1234-99`, `10-K`, `747-400`: more hyphens than a range has, or no range's ends, and no unit.
pub(super) fn is_code(cursor: &Cursor<'_>, first: &Term) -> bool {
    let behind = cursor.to(first.end);
    let digits = |offset| behind.hyphen(offset) && behind.kind(offset + 1) == Some(Kind::Number);
    let falls = || {
        let second = term(&behind.to(first.end + 1), first.end + 1);
        second.is_some_and(|second| {
            let plain = second.is_bare() && second.number.form == Form::Plain;
            // `odds of 5-1`
            let one = second.number.value == Decimal::ONE;
            plain && !one && first.number.form == Form::Plain && second.number.value < first.number.value
        })
    };
    let letter = behind.hyphen(0) && behind.capital(1) && behind.text(1).len() == 1;
    first.is_bare() && (letter || digits(0) && (digits(2) || falls()))
}
