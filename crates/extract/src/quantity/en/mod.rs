//! English amounts: the grammar. Words are in the TSV files beside it, examples in `examples.yaml`.
//!
//! A [`term`] is one number with what it touches; [`range`] joins two; what touches nothing gets its
//! meaning in [`count`]; the words [`around`] an amount bound it and say what changed.

mod around;
mod count;
mod noun;
mod per;
mod range;
mod term;

use std::ops::Range;

use claimline_language::{Kind, singular, word};
use claimline_model::{AmountKind, Bound, Change, ChangeRole, Decimal, MentionKind};

pub(crate) use self::noun::phrase_end;
use self::range::Joined;
use self::term::{Term, term};
use super::{Amount, UnitKind};
use crate::cursor::Cursor;
use crate::number::{Form, is_numeral, number, ordinal};

/// Finds the amounts of a sentence, in order, and appends them to `found`.
///
/// The cursor is at the sentence's first token; `taken` says of each token whether a date or the
/// like has it already, so that its numbers are no amounts.
pub fn amounts(sentence: Cursor<'_>, taken: &[bool], found: &mut Vec<Amount>) {
    let is_taken = |at: usize| taken.get(at).copied().unwrap_or(false);
    let mut floor = 0;
    let mut at = 0;
    while at < sentence.tokens().len() {
        let here = sentence.to(at);
        let starts = match here.kind(0) {
            Some(Kind::Number) => true,
            Some(Kind::Word) => is_numeral(here.hash(0)),
            _ => false,
        };
        if !starts || is_taken(at) {
            at += 1;
            continue;
        }
        if at > floor
            && matches!(here.hash(-1), hash if hash == const { word("a") } || hash == const { word("an") })
            && here.kind(0) == Some(Kind::Word)
            && let Some(amount) = amount(&here.to(at - 1), floor)
        {
            (at, floor) = (amount.tokens.end, amount.tokens.end);
            found.push(amount);
            continue;
        }
        match amount(&here, floor) {
            Some(amount) if !amount.tokens.clone().any(is_taken) => {
                (at, floor) = (amount.tokens.end.max(at + 1), amount.tokens.end);
                found.push(amount);
            }
            _ => {
                let mut behind = here;
                let read = number(&mut behind).or_else(|| ordinal(&mut behind));
                at = if read.is_some() { behind.at() } else { at + 1 };
                // The rest of a code, `555-1234-99`, is no amount either.
                while sentence.to(at).hyphen(0) && sentence.to(at + 1).kind(0) == Some(Kind::Number) {
                    at += 2;
                }
                floor = at;
            }
        }
    }
}

/// The amount whose number is at the cursor; nothing before `floor` is taken.
fn amount(cursor: &Cursor<'_>, floor: usize) -> Option<Amount> {
    let mut behind = *cursor;
    let rank = ordinal(&mut behind);
    // `twenty-second` is no twenty seconds.
    let first = term(cursor, floor).filter(|first| rank.is_none() || first.end > behind.at());
    let Some(mut first) = first else {
        let number = rank?;
        let mut amount = plain(cursor.at()..behind.at(), number.value, number.rule);
        (amount.mention, amount.kind) = (MentionKind::Ordinal, Some(AmountKind::Ordinal));
        return Some(amount);
    };
    range::share_unit(cursor, &mut first);
    if let Some(score) = range::score(cursor, &first) {
        return Some(score);
    }
    if range::is_code(cursor, &first) {
        return None;
    }
    let joined = range::join(cursor, first)?;
    let mut amount = of_kind(cursor, &first, joined)?;
    if let Some((count, per)) = per::per(&cursor.to(amount.tokens.end), &amount) {
        amount.per = Some(per);
        amount.tokens.end += count;
        amount.rule = "<amount> per <unit>";
    }
    around::set_bound(cursor, floor, &mut amount);
    let outer = amount.bound_tokens.as_ref().map_or(first.start, |bound| bound.start.min(first.start));
    if let Some((change, role)) = around::change(cursor, outer, amount.tokens.end) {
        (amount.change, amount.role) = (Some(change), Some(role));
    } else if first.signed && cursor.to(first.start).text(0) == "+" {
        (amount.change, amount.role) = (Some(Change::Up), Some(ChangeRole::By));
    }
    amount.of = whole(cursor, &amount);
    amount.value = amount.value.normalize();
    amount.high = amount.high.map(|high| high.normalize());
    Some(amount)
}

/// The amount that joined terms are, by what they touch.
fn of_kind(cursor: &Cursor<'_>, first: &Term, joined: Joined) -> Option<Amount> {
    let mut amount = plain(first.start..joined.end, joined.value, joined.rule);
    amount.high = joined.high;
    if let Some(currency) = first.currency.or(joined.last.currency) {
        amount.value = amount.value.checked_div(currency.parts)?;
        amount.high = amount.high.and_then(|high| high.checked_div(currency.parts));
        amount.currency = Some(currency.expr);
        (amount.mention, amount.kind) = (MentionKind::Money, Some(AmountKind::Money));
        let rule = if first.prefixed { "<currency> <number>" } else { "<number> <currency>" };
        ruled(&mut amount, first, rule);
        return Some(amount);
    }
    amount.unit = joined.last.unit.or(first.unit);
    let Some(unit) = amount.unit else {
        return count::of_bare(cursor, amount, first, joined.counted);
    };
    if first.age || joined.last.age {
        (amount.mention, amount.kind) = (MentionKind::Age, Some(AmountKind::Age));
        ruled(&mut amount, first, "<number> years old");
        return Some(amount);
    }
    let (mention, kind) = match unit.kind {
        UnitKind::Percent => (MentionKind::Percent, AmountKind::Percent),
        UnitKind::Point => (MentionKind::Percent, AmountKind::PercentagePoint),
        UnitKind::Duration => (MentionKind::Duration, AmountKind::Duration),
        UnitKind::Measure => (MentionKind::Quantity, AmountKind::Measure),
    };
    (amount.mention, amount.kind) = (mention, Some(kind));
    ruled(&mut amount, first, "<number> <unit>");
    let elsewhere = unit.kind == UnitKind::Duration && around::is_point_in_time(cursor, &amount.tokens);
    (!elsewhere).then_some(amount)
}

/// What an amount is a share or a sum of: `40% of the trade`.
fn whole(cursor: &Cursor<'_>, amount: &Amount) -> Option<Range<usize>> {
    if !matches!(amount.kind, Some(AmountKind::Percent | AmountKind::Ratio | AmountKind::Money)) {
        return None;
    }
    let mut at = cursor.to(amount.tokens.end);
    if !at.take(const { word("of") }) {
        return None;
    }
    let end = phrase_end(&at);
    (end > at.at()).then(|| at.at()..end)
}

fn plain(tokens: Range<usize>, value: Decimal, rule: &'static str) -> Amount {
    Amount {
        tokens,
        mention: MentionKind::Number,
        kind: None,
        value,
        high: None,
        bound: Bound::Exactly,
        bound_tokens: None,
        change: None,
        role: None,
        currency: None,
        unit: None,
        counted: None,
        per: None,
        of: None,
        rule,
    }
}

/// Names the rule, where it is not a range's.
fn ruled(amount: &mut Amount, first: &Term, rule: &'static str) {
    if amount.rule == first.number.rule && first.number.form != Form::Vague {
        amount.rule = rule;
    }
}

/// The singular of the noun that `counted` ends in.
pub(crate) fn head(sentence: &Cursor<'_>, counted: &Range<usize>) -> String {
    singular(sentence.to(counted.end.saturating_sub(1)).text(0)).into_owned()
}
