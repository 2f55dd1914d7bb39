//! Two numbers that are one amount: ranges and scores, and dollars with their cents.

use std::ops::Range;

use claimline_language::{Kind, word};
use claimline_model::{AmountKind, Decimal, MentionKind};

use super::around::{self, Cue, cue};
use super::noun;
use super::plain;
use super::term::{Term, term};
use crate::cursor::{Cursor, is_dash};
use crate::number::{Form, is_numeral};
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
        let sure = touched || aged || counted.is_some() || rule == "between <amount> and <amount>";
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
    if let Some((cents, end)) = cents(cursor, &joined.last) {
        joined.value = joined.value.checked_add(cents)?;
        (joined.end, joined.rule) = (end, "<dollars> and <cents>");
    }
    Some(joined)
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
    let rule = match behind.hash(0) {
        hash if hash == const { word("to") } => "<amount> to <amount>",
        hash if hash == const { word("and") } && between => "between <amount> and <amount>",
        hash if hash == const { word("or") } => "<amount> or <amount>",
        _ if is_dash(behind.text(0)) && behind.joined(0) == behind.joined(1) => "<amount>-<amount>",
        _ => return None,
    };
    let mut at = behind.to(first.end + 1);
    // A currency may stand before the second number.
    let signs = (0..=2).find(|n| {
        let here = at.to(at.at() + n);
        here.kind(0) == Some(Kind::Number) || here.kind(0) == Some(Kind::Word) && is_numeral(here.hash(0))
    })?;
    at.advance(signs);
    let second = term(&at, first.end + 1).filter(|second| second.start == first.end + 1)?;
    // `rose by $43 million to $419 million` and `rose from 5 to 10 pct` are two amounts.
    let moved = around::change(&cursor.to(0), first.start, first.end).is_some();
    let whole = !first.is_bare() || first.number.scale > Decimal::ONE;
    let from = before.hash(-1) == const { word("from") };
    if moved && behind.hash(0) == const { word("to") } && (whole && !between || from) {
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
    let apart = rule == "<amount> or <amount>"
        && second.number.value
            > first.number.value.saturating_add(Decimal::TWO.saturating_mul(first.number.scale));
    let signs_agree = second.number.value.is_sign_negative() == first.number.value.is_sign_negative();
    (same_currency && same_unit && !apart && signs_agree).then_some((second, rule))
}

/// `from 24.2 to 33 billion euros`: the first number takes the unit and the magnitude of the second.
pub(super) fn share_unit(cursor: &Cursor<'_>, first: &mut Term) {
    let bare = first.is_bare() && first.number.scale == Decimal::ONE;
    let behind = cursor.to(first.end);
    if !bare
        || cursor.to(first.start).hash(-1) != const { word("from") }
        || behind.hash(0) != const { word("to") }
    {
        return;
    }
    let Some(second) = term(&cursor.to(first.end + 1), first.end + 1) else { return };
    (first.unit, first.currency) = (second.unit, second.currency);
    let scaled = first.number.value.checked_mul(second.number.scale);
    if let Some(value) = scaled.filter(|_| first.number.value < Decimal::ONE_THOUSAND) {
        first.number.value = value;
        first.number.scale = second.number.scale;
    }
}

/// `and 50 cents` behind whole units: their value in those, and where they end.
fn cents(cursor: &Cursor<'_>, whole: &Term) -> Option<(Decimal, usize)> {
    let currency = whole.currency.filter(|currency| currency.parts == Decimal::ONE && !whole.prefixed)?;
    let mut at = cursor.to(whole.end);
    at.take(const { word("and") });
    let part = term(&at, at.at()).filter(|part| part.start == at.at())?;
    let parts = part.currency?.parts;
    let fits = parts > currency.parts && part.number.value < parts;
    fits.then(|| (part.number.value / parts, part.end))
}

/// `3-2` beside a word of winning: the score of a game or a vote.
pub(super) fn score(cursor: &Cursor<'_>, first: &Term) -> Option<Amount> {
    let behind = cursor.to(first.end);
    let bare = |term: &Term| term.is_bare() && term.number.form == Form::Plain;
    if !bare(first) || !(behind.hyphen(0) || behind.hash(0) == const { word("to") }) {
        return None;
    }
    let second = term(&cursor.to(first.end + 1), first.end + 1).filter(bare)?;
    let near = (first.start.saturating_sub(5)..first.start).chain(second.end..second.end + 4);
    let won = near.clone().any(|at| cue(Cue::Score, cursor.to(at).hash(0)).is_some());
    if !won || cursor.to(second.end).hyphen(0) {
        return None;
    }
    let mut amount = plain(first.start..second.end, first.number.value, "<score>");
    amount.mention = MentionKind::Score;
    amount.kind = Some(AmountKind::Score);
    amount.high = Some(second.number.value);
    Some(amount)
}

/// `555-1234-99`, `10-K`: more hyphens than a range has, and no unit.
pub(super) fn is_code(cursor: &Cursor<'_>, first: &Term) -> bool {
    let behind = cursor.to(first.end);
    let digits = |offset| behind.hyphen(offset) && behind.kind(offset + 1) == Some(Kind::Number);
    first.is_bare() && digits(0) && digits(2)
}
