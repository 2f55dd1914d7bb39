//! English amounts: the grammar. Words are in the TSV files beside it, examples in `examples.yaml`.
//!
//! A [`term`] is one number with what it touches; [`range`] joins two; what touches nothing gets its
//! meaning in [`count`]; the words [`around`] an amount bound it and say what changed; what amounts tell
//! of each other is in [`link`].

mod around;
mod count;
mod link;
mod name;
mod noun;
mod per;
mod range;
mod term;
mod unit;

use std::ops::Range;

use claimline_language::tag::{Penn, Pos, Tag};
use claimline_language::{Kind, lemma, singular, word};
use claimline_model::{AmountKind, Bound, Change, ChangeRole, Decimal, MentionKind};

use self::around::{Changed, Cue};
use self::link::Found;
pub(crate) use self::link::with_rests;
pub(crate) use self::noun::phrase_end;
use self::range::Joined;
pub(crate) use self::term::is_sum;
use self::term::{Term, term};
pub(crate) use self::unit::is_unit;
use super::{Amount, UnitKind};
use crate::cursor::Cursor;
use crate::number::{Form, begins_number, is_numeral, number, ordinal};

/// Finds the amounts of a sentence, in order, and appends them to `found`.
///
/// The cursor is at the sentence's first token; `taken` says of each token whether a date or the
/// like has it already, so that its numbers are no amounts.
pub fn amounts(sentence: Cursor<'_>, taken: &[bool], found: &mut Vec<Amount>) {
    let mut linked = Vec::new();
    find(sentence, taken, &mut linked);
    per::per_several(&sentence, &mut linked);
    link::link(&sentence, &mut linked);
    found.extend(linked.into_iter().map(|(amount, _)| amount));
}

fn find(sentence: Cursor<'_>, taken: &[bool], found: &mut Vec<Found>) {
    let is_taken = |at: usize| taken.get(at).copied().unwrap_or(false);
    let begins = |at: usize| match sentence.to(at).kind(0) {
        Some(Kind::Number) => true,
        Some(Kind::Word) => is_numeral(sentence.to(at).hash(0)),
        _ => false,
    };
    let mut floor = 0;
    let mut at = 0;
    while at < sentence.tokens().len() {
        let here = sentence.to(at);
        let starts = begins(at);
        let half = here.hash(0) == const { word("half") };
        if (!starts || half)
            && !is_taken(at)
            && let Some(multiple) = count::multiple(&here, floor)
        {
            found.push(multiple);
            (at, floor) = (at + 1, at + 1);
            continue;
        }
        if is_taken(at) {
            (at, floor) = (at + 1, at + 1);
            continue;
        }
        if !starts {
            at += 1;
            continue;
        }
        // `+44 20 7946 0958`
        if at > floor && here.text(-1) == "+" && here.joined(0) && here.kind(1) == Some(Kind::Number) {
            while sentence.to(at).kind(0) == Some(Kind::Number) || sentence.to(at).hyphen(0) {
                at += 1;
            }
            floor = at;
            continue;
        }
        // `(212) 555-0199`
        if here.text(-1) == "(" && here.text(1) == ")" && here.hyphen(3) && here.kind(4) == Some(Kind::Number)
        {
            (at, floor) = (at + 5, at + 5);
            continue;
        }
        let led = begins_number(here.hash(-1)) && here.kind(0) == Some(Kind::Word);
        // `a few thousand`
        let back = if at > floor + 1 && begins_number(here.hash(-2)) { 2 } else { 1 };
        if at > floor
            && led
            && let Some(one) = amount(&here.to(at - back), floor)
        {
            (at, floor) = (one.0.tokens.end, one.0.tokens.end);
            found.push(one);
            continue;
        }
        match amount(&here, floor) {
            Some(one) if !one.0.tokens.clone().any(is_taken) => {
                // What a counted noun is named by counts nothing itself: `two 737 jets`.
                let named = one
                    .0
                    .counted
                    .clone()
                    .filter(|noun| sentence.to(noun.start).kind(0) != Some(Kind::Number))
                    .filter(|noun| !is_numeral(sentence.to(noun.start).hash(0)))
                    // `seven of the 12 members`: both count.
                    .filter(|noun| !begins(noun.start.saturating_sub(1)) || noun.start == one.0.tokens.end);
                let counted = named.map_or(0, |noun| noun.end);
                (at, floor) = (one.0.tokens.end.max(at + 1).max(counted), one.0.tokens.end);
                found.push(one);
            }
            _ => {
                let mut behind = here;
                let read = number(&mut behind).or_else(|| ordinal(&mut behind));
                at = if read.is_some() { behind.at() } else { at + 1 };
                // The rest of a code, `555-1234-99`, is no amount either, nor of `020 7946 0018`.
                let dialled = here.text(0).len() > 2
                    && here.text(0).bytes().all(|b| b.is_ascii_digit())
                    && here.text(0).starts_with('0');
                while sentence.to(at).hyphen(0) && sentence.to(at + 1).kind(0) == Some(Kind::Number) {
                    at += 2;
                }
                while dialled && sentence.to(at).kind(0) == Some(Kind::Number) {
                    at += 1;
                }
                floor = at;
            }
        }
    }
}

/// Whether an amount is asserted: a length of time that only says when (`after five days`) is not,
/// and neither is a place in an order.
pub(crate) fn is_claimed(amount: &Amount, cursor: &Cursor<'_>) -> bool {
    let start = amount.bound_tokens.as_ref().map_or(amount.tokens.start, |bound| bound.start);
    match amount.kind {
        _ if amount.rest_of.is_some() => false,
        Some(AmountKind::Ordinal) => false,
        None => amount.mention == MentionKind::Number,
        // `one of the ports` tells of a port, not how many.
        Some(AmountKind::Count) if cursor.to(amount.tokens.end).hash(0) == const { word("of") } => {
            amount.value != Decimal::ONE
        }
        Some(AmountKind::Duration) => {
            let before = cursor.to(start);
            // `in about 8 seconds`: how long it takes.
            let short = ["second", "minute", "hour"];
            let takes = before.hash(-1) == const { word("in") }
                && amount.unit.is_some_and(|unit| short.contains(&unit.name));
            takes || around::cue(Cue::When, before.hash(-1)).is_none()
        }
        Some(_) => true,
    }
}

/// The amount whose number is at the cursor; nothing before `floor` is taken.
fn amount(cursor: &Cursor<'_>, floor: usize) -> Option<Found> {
    if let Some(score) = range::score(cursor) {
        return Some((score, None));
    }
    let mut behind = *cursor;
    let rank = ordinal(&mut behind);
    // `twenty-second` is no twenty seconds.
    let first = term(cursor, floor).filter(|first| rank.is_none() || first.end > behind.at());
    let Some(mut first) = first else {
        let number = rank?;
        let mut amount = plain(cursor.at()..behind.at(), number.value, number.rule);
        (amount.mention, amount.kind) = (MentionKind::Ordinal, Some(AmountKind::Ordinal));
        return Some((amount, None));
    };
    range::share_unit(cursor, &mut first);
    if range::is_code(cursor, &first) {
        return None;
    }
    let joined = range::join(cursor, first)?;
    let mut amount = of_kind(cursor, &first, joined)?;
    if let Some((count, per)) = per::per(&cursor.to(amount.tokens.end), &amount) {
        amount.per = Some(per);
        amount.tokens.end += count;
        amount.rule = "<amount> per <unit>";
    } else if amount.kind.is_some() {
        amount.per = per::per_of_phrase(cursor, &amount);
    }
    around::set_bound(cursor, floor, &mut amount);
    let outer = amount.bound_tokens.as_ref().map_or(first.start, |bound| bound.start.min(first.start));
    let mut changed = around::change(cursor, outer, &amount);
    if changed.is_none() && is_marked(cursor, &first, &amount) {
        let change = if amount.value.is_sign_negative() { Change::Down } else { Change::Up };
        changed = Some(Changed { change: Some(change), role: ChangeRole::By, by: first.start });
    }
    (amount.change, amount.role) = (changed.and_then(|c| c.change), changed.map(|c| c.role));
    amount.of = amount.of.take().or_else(|| whole(cursor, &amount));
    amount.value = amount.value.normalize();
    amount.high = amount.high.map(|high| high.normalize());
    Some((amount, changed.map(|changed| changed.by)))
}

/// Whether a sign says that the amount is a change: `+5`, and behind the name of what changed, `FTSE
/// -0.6%`.
fn is_marked(cursor: &Cursor<'_>, first: &Term, amount: &Amount) -> bool {
    let before = cursor.to(first.start);
    let named =
        before.kind(-1) == Some(Kind::Word) && before.capital(-1) || before.kind(-1) == Some(Kind::Number);
    first.signed
        && (before.text(0) == "+" || amount.mention == MentionKind::Percent && named && amount.high.is_none())
}

/// The amount that joined terms are, by what they touch.
fn of_kind(cursor: &Cursor<'_>, first: &Term, joined: Joined) -> Option<Amount> {
    let mut amount = plain(first.start..joined.end, joined.value, joined.rule);
    amount.high = joined.high;
    if let Some(currency) = first.currency.or(joined.last.currency) {
        amount.value = amount.value.checked_div(currency.parts)?;
        amount.high = amount.high.and_then(|high| high.checked_div(currency.parts));
        (amount.currency, amount.parts) = (Some(currency.expr), currency.parts);
        (amount.mention, amount.kind) = (MentionKind::Money, Some(AmountKind::Money));
        let rule = if first.prefixed { "<currency> <number>" } else { "<number> <currency>" };
        ruled(&mut amount, first, rule);
        return Some(amount);
    }
    amount.unit = joined.last.unit.or(first.unit);
    let Some(unit) = amount.unit else {
        return count::of_bare(cursor, amount, first, joined.counted);
    };
    // `under the age of 5 years`
    let before = cursor.to(first.start);
    let aged = unit.kind == UnitKind::Duration
        && (before.text(-1) == "aged" || before.text(-1) == "of" && before.text(-2) == "age");
    if first.age || joined.last.age || aged {
        (amount.mention, amount.kind) = (MentionKind::Age, Some(AmountKind::Age));
        ruled(&mut amount, first, "<number> years old");
        return Some(amount);
    }
    let (mention, kind) = match unit.kind {
        UnitKind::Percent => (MentionKind::Percent, AmountKind::Percent),
        // A difference between percentages is none.
        UnitKind::Point => (MentionKind::Quantity, AmountKind::PercentagePoint),
        UnitKind::Duration => (MentionKind::Duration, AmountKind::Duration),
        UnitKind::Measure => (MentionKind::Quantity, AmountKind::Measure),
    };
    (amount.mention, amount.kind) = (mention, Some(kind));
    ruled(&mut amount, first, "<number> <unit>");
    let elsewhere = unit.kind == UnitKind::Duration
        && amount.high.is_none()
        && around::is_point_in_time(cursor, &amount.tokens);
    // `the same 1986 month`
    let year = unit.kind == UnitKind::Duration
        && cursor.to(first.start).text(0).len() == 4
        && (Decimal::from(1900)..Decimal::from(2100)).contains(&amount.value)
        && !noun::is_plural(cursor.to(amount.tokens.end).text(-1));
    (!elsewhere && !year).then_some(amount)
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
    let former = at.hash(0) == const { word("it") } || count::FORMER.contains(&at.hash(0));
    let end = if former { at.at() + 1 } else { phrase_end(&at) };
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
        parts: Decimal::ONE,
        unit: None,
        counted: None,
        per: None,
        counted_like: None,
        same_as: None,
        rest_of: None,
        group: None,
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

/// What is counted, in the singular and with what it is modified by: `commercial fisherman`.
///
/// People are `people`, however many they are, since that is what tables call them.
pub(crate) fn head(sentence: &Cursor<'_>, counted: &Range<usize>) -> String {
    let last = counted.end.saturating_sub(1);
    let noun = sentence.to(last);
    let is_modifier = |at: &usize| !noun::is_degree(sentence.to(*at).text(0));
    let start = (counted.start..last).find(is_modifier).unwrap_or(last);
    let mut words = sentence.source()[sentence.bytes(start..counted.end)].to_owned();
    words.truncate(words.len() - noun.text(0).len());
    // `the 20 biggest firms` are big firms, as the `most expensive` ones are expensive.
    if start < last && noun::is_superlative(sentence.to(start).text(0)) {
        let degree = sentence.to(start).text(0);
        let lemma = lemma(degree, Tag { pos: Pos::Adj, penn: Penn::JJS });
        words.replace_range(..degree.len(), &lemma);
    }
    if words.contains('\n') {
        words = words
            .split_inclusive(char::is_whitespace)
            .map(|word| word.replace(char::is_whitespace, " "))
            .collect();
    }
    let mut singular = match singular(noun.text(0)) {
        person if person == "person" => "people".into(),
        other => other,
    };
    // `World Cups`
    if start < last && noun.capital(0) && noun.capital(-1) {
        let initial = singular.chars().next().map_or(0, char::len_utf8);
        let capital = singular[..initial].to_uppercase();
        singular.to_mut().replace_range(..initial, &capital);
    }
    words.push_str(&singular);
    words
}
