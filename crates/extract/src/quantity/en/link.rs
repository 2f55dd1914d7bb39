//! What the amounts of a sentence tell of each other: which restates which, which are of one change, and
//! whose unit a bare number leaves unsaid.

use claimline_language::{Class, Kind, word};
use claimline_model::{AmountKind, Bound, Change, ChangeRole, Decimal};

use super::around::{Cue, cue};
use super::per::per;
use super::unit::part_of;
use crate::cursor::{Cursor, is_dash};
use crate::quantity::Amount;

/// The furthest that a number stands from the amount that says its unit.
const REACH: usize = 24;

/// An amount, and the token that says what change it is of.
pub(super) type Found = (Amount, Option<usize>);

/// Links the amounts of the sentence, which stand in its order.
pub(super) fn link(sentence: &Cursor<'_>, found: &mut [Found]) {
    rests(sentence, found);
    for i in 1..found.len() {
        let (before, rest) = found.split_at_mut(i);
        let (here, changed) = &mut rest[0];
        let (last, last_changed) = &mut before[i - 1];
        if restates(sentence, last, here) {
            restate(sentence, last, here);
            here.same_as = last.same_as.or(last.rest_of).or(Some(i - 1));
            *changed = *last_changed;
        } else if here.role.is_none()
            && (is_alternative(sentence, last, here) || is_in_turn(sentence, last, here))
        {
            (here.change, here.role) = (last.change, last.role);
            *changed = *last_changed;
        } else if here.kind.is_none()
            && let Some(source) = source(sentence, before, here)
        {
            take_unit(here, source);
        }
    }
    let mut listed = false;
    for i in (1..found.len()).rev() {
        let (before, rest) = found.split_at_mut(i);
        // `four-, five- and six-cylinder engines`
        let (last, here) = (&mut before[i - 1].0, &rest[0].0);
        let behind = sentence.to(last.tokens.end);
        let hangs = super::range::hangs(&behind) && here.kind.is_some() && outer(here) <= behind.at() + 3;
        // `3, 4 and 5 kg`
        let comma = listed && behind.text(0) == "," && behind.at() + 1 == outer(here);
        listed = last.kind.is_none() && (hangs || comma || shares_unit(sentence, last, here));
        if listed {
            take_unit(last, here);
        }
    }
    group(found);
}

/// Marks what is left over of an amount, told in a smaller unit: `6 ft 2 in`, `two hours, 15 minutes and 30
/// seconds`.
fn rests(sentence: &Cursor<'_>, found: &mut [Found]) {
    for i in 1..found.len() {
        let (last, here) = (&found[i - 1].0, &found[i].0);
        let Some((part, count)) = last.unit.and_then(part_of) else { continue };
        let mut between = sentence.to(last.tokens.end);
        let comma = usize::from(between.text(0) == "," || between.hyphen(0));
        between.advance(comma);
        between.take(const { word("and") });
        let follows = between.at() == here.tokens.start && here.unit == Some(part);
        let plain =
            |amount: &Amount| amount.high.is_none() && amount.per.is_none() && amount.kind == last.kind;
        let whole = last.value.fract().is_zero() && here.value < count && here.value > Decimal::ZERO;
        if follows && whole && here.bound == Bound::Exactly && plain(last) && plain(here) {
            let first = last.rest_of.unwrap_or(i - 1);
            found[i].0.rest_of = Some(first);
        }
    }
}

/// An amount with what is left over of it, in the smallest unit that they are told in; none where nothing is.
pub(crate) fn with_rests(amounts: &[Amount], which: usize) -> Option<Amount> {
    let mut whole = amounts[which].clone();
    for rest in amounts[which + 1..].iter().take_while(|rest| rest.rest_of == Some(which)) {
        let (part, count) = whole.unit.and_then(part_of)?;
        whole.value = whole.value.checked_mul(count)?.checked_add(rest.value)?;
        (whole.unit, whole.tokens.end) = (Some(part), rest.tokens.end);
    }
    (whole.unit != amounts[which].unit).then_some(whole)
}

/// `7,740 and 7,841 lire`, `to 1.01 billion from 964 mln dlrs`: whether a number and the amount right behind
/// it are of one unit.
fn shares_unit(sentence: &Cursor<'_>, last: &Amount, here: &Amount) -> bool {
    let suits = matches!(
        here.kind,
        Some(AmountKind::Money | AmountKind::Measure | AmountKind::Percent | AmountKind::Count)
    );
    // What a sign before it says is of its own number alone: `5 and $10`.
    let behind_it = here.rule != "<currency> <number>" && here.rule != "<number>-<noun>";
    let between = sentence.to(last.tokens.end);
    let joined = between.at() + 1 == outer(here);
    let and = between.hash(0) == const { word("and") } || between.hash(0) == const { word("or") };
    let from = between.hash(0) == const { word("from") } && last.role == Some(ChangeRole::To);
    let alike = last.high.is_none() && last.rule != "<words>" && here.same_as.is_none();
    suits && joined && alike && (and && behind_it || from)
}

/// Where the words of an amount begin, its bound included.
fn outer(amount: &Amount) -> usize {
    let bound = amount.bound_tokens.as_ref().map_or(amount.tokens.start, |bound| bound.start);
    bound.min(amount.tokens.start)
}

/// Where an amount ends, with what it counts.
pub(super) fn end(amount: &Amount) -> usize {
    amount.counted.as_ref().map_or(amount.tokens.end, |noun| noun.end.max(amount.tokens.end))
}

/// `(`, `, or` and, in brackets, `/` between two amounts; the second must measure the same otherwise.
fn restates(sentence: &Cursor<'_>, first: &Amount, second: &Amount) -> bool {
    let otherwise = match (first.kind, second.kind) {
        // `4.6 mln dlrs, or 64 cts per share` says something else of it.
        (Some(AmountKind::Money), Some(AmountKind::Money)) => {
            first.currency != second.currency && first.parts == second.parts
        }
        (Some(AmountKind::Measure), Some(AmountKind::Measure)) => {
            first.unit.zip(second.unit).is_some_and(|(a, b)| a != b && a.dimension == b.dimension)
        }
        _ => false,
    };
    let between = end(first).max(first.tokens.end)..outer(second);
    let at = |i: usize| sentence.to(between.start + i);
    let closed = sentence.to(end(second)).text(0) == ")";
    otherwise
        && match between.len() {
            1 => at(0).text(0) == "(" || first.same_as.is_some() && matches!(at(0).text(0), "/" | ";" | ","),
            2 => at(0).text(0) == "," && at(1).hash(0) == const { word("or") } && !closed,
            _ => false,
        }
}

/// Gives an amount what was said of the one that it restates, and that what stands behind both: `C$6
/// (US$4.46) per share`.
fn restate(sentence: &Cursor<'_>, first: &mut Amount, second: &mut Amount) {
    let behind = sentence.to(second.tokens.end);
    if first.per.is_none()
        && behind.text(0) == ")"
        && let Some((_, found)) = per(&behind.to(behind.at() + 1), first)
    {
        first.per = Some(found);
    }
    if first.per.is_some() && second.per.is_none() {
        second.per = first.per.clone();
    }
    if second.bound == Bound::Exactly {
        second.bound = first.bound;
    }
    (second.change, second.role) = (first.change, first.role);
}

/// `fell 2 % or 1.40 dlrs`, `162 points (2.1 %)`: the same change, measured otherwise.
fn is_alternative(sentence: &Cursor<'_>, first: &Amount, second: &Amount) -> bool {
    let between = sentence.to(end(first));
    let or = |at: &Cursor<'_>| at.hash(0) == const { word("or") };
    let joined = match outer(second).checked_sub(between.at()) {
        Some(1) => or(&between) || between.text(0) == "(",
        Some(2) => between.text(0) == "," && or(&between.to(between.at() + 1)),
        _ => false,
    };
    joined && first.role == Some(ChangeRole::By) && second.kind.is_some() && second.kind != first.kind
}

/// `rose 5 % and 7 %, respectively`: each is such a change.
fn is_in_turn(sentence: &Cursor<'_>, first: &Amount, second: &Amount) -> bool {
    let between = sentence.to(end(first));
    let joined = between.hash(0) == const { word("and") } || between.text(0) == ",";
    let alone = second.counted.is_none() && second.of.is_none() && second.currency == first.currency;
    let alike = second.kind.is_some() && second.kind == first.kind && second.unit == first.unit;
    joined && between.at() + 1 == outer(second) && alone && alike && first.role.is_some()
}

/// The amount before `here` whose unit that leaves unsaid, if a word of comparing says so: `fell to 5 mln
/// dlrs from 6`, `460 cars, compared with 63`, `6 mln homes, including 1.5 mln in Los Angeles`.
fn source<'a>(sentence: &Cursor<'_>, before: &'a [Found], here: &Amount) -> Option<&'a Amount> {
    let start = outer(here);
    let before_it = sentence.to(start);
    // `compared with`, `compared to`
    let joined =
        matches!(before_it.hash(-1), hash if hash == const { word("with") } || hash == const { word("to") });
    let compared = cue(Cue::Compare, before_it.hash(if joined { -2 } else { -1 })).is_some();
    let last = &before.last()?.0;
    // `from 14-18 mpg to 24`, `by 52 votes to 48`
    let led = match before_it.text(-1) {
        "to" => end(last) + 1 == start && matches!(sentence.to(outer(last)).text(-1), "from" | "by"),
        // `to 70 billion rupees in 1988 from 78 billion`
        "from" => sentence.to(outer(last)).text(-1) == "to",
        _ => false,
    };
    let moved = here.role.is_some_and(|role| role != ChangeRole::By) || led;
    // `and 95,800 who have not`
    let counted = before_it.hash(-1) == const { word("and") }
        && sentence.to(here.tokens.end).class(0).has(Class::RELATIVE);
    // `the highest was 84 cents, while the lowest was 74`
    let set_against = || (end(last)..start).any(|at| cue(Cue::Contrast, sentence.to(at).hash(0)).is_some());
    let likened = before_it.class(-1).has(Class::AUXILIARY) && set_against();
    let only_likened = likened && !(compared || moved || counted);
    let named =
        sentence.to(here.tokens.end).kind(0) == Some(Kind::Word) && sentence.to(here.tokens.end).capital(0);
    if !(compared || moved || counted || likened) || is_dash(sentence.to(here.tokens.end).text(0)) || named {
        return None;
    }
    // What says when, and the difference where an end is meant, are passed over.
    let passed = |amount: &Amount| {
        // `rose 40 points to 2,500`: in points, both are alike.
        let points = amount.counted.as_ref().is_some_and(
            |noun| matches!(sentence.to(noun.end - 1).hash(0), hash if hash == const { word("points") }),
        );
        let difference = moved && amount.role == Some(ChangeRole::By) && !points;
        // `from 61 years to 67`
        let length = amount.kind == Some(AmountKind::Duration) && amount.role.is_none();
        let when = length || matches!(amount.kind, Some(AmountKind::Ordinal | AmountKind::Age));
        amount.same_as.is_some() || difference || when
    };
    let (amount, _) = before.iter().rev().find(|(amount, _)| !passed(amount))?;
    let share = amount.kind == Some(AmountKind::Percent);
    let suits = matches!(
        amount.kind,
        Some(AmountKind::Money | AmountKind::Measure | AmountKind::Count | AmountKind::Duration)
    ) || share && !only_likened;
    let near = start.saturating_sub(amount.tokens.end) <= REACH;
    (suits && near).then_some(amount)
}

fn take_unit(here: &mut Amount, source: &Amount) {
    if source.parts != Decimal::ONE
        && let (Some(value), high) =
            (here.value.checked_div(source.parts), here.high.and_then(|high| high.checked_div(source.parts)))
    {
        (here.value, here.high) = (value.normalize(), high.map(|high| high.normalize()));
    }
    (here.currency, here.parts, here.unit) = (source.currency, source.parts, source.unit);
    (here.mention, here.kind) = (source.mention, source.kind);
    here.per = here.per.take().or_else(|| source.per.clone());
    here.counted_like = source.counted.clone().or_else(|| source.counted_like.clone());
}

/// Marks those that are of one change as its group, and says which way it went if only they tell. What is told
/// twice in the same way is of another thing: `prices rose by 5 % and wages by 3 %`.
fn group(found: &mut [Found]) {
    let mut members = Vec::new();
    for first in 0..found.len() {
        let Some(by) = found[first].1.filter(|_| found[first].0.group.is_none()) else { continue };
        members.clear();
        for (which, (amount, changed)) in found.iter().enumerate().skip(first) {
            if amount.same_as.is_some() || *changed != Some(by) {
                continue;
            }
            let twice = |other: &usize| {
                let (other, _) = &found[*other];
                (other.role, other.kind) == (amount.role, amount.kind)
            };
            if members.iter().any(twice) {
                break;
            }
            members.push(which);
        }
        if members.len() < 2 {
            continue;
        }
        let end =
            |role| members.iter().map(|at| &found[*at].0).find(|a| a.role == Some(role)).map(|a| a.value);
        let told = match (end(ChangeRole::From), end(ChangeRole::To)) {
            (Some(from), Some(to)) if from < to => Some(Change::Up),
            (Some(from), Some(to)) if to < from => Some(Change::Down),
            _ => None,
        };
        for at in &members {
            found[*at].0.group = Some(first);
            found[*at].0.change = found[*at].0.change.or(told);
        }
    }
}
