//! Numbers that touch neither currency nor unit: ages, shares, counts, multiples.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::{AmountKind, Change, ChangeRole, Decimal, MentionKind};

use super::around::{self, Changed, Cue};
use super::link::Found;
use super::noun;
use super::term::{Term, unit};
use super::{plain, ruled};
use crate::cursor::Cursor;
use crate::number::{Form, is_numeral, number, quotient};
use crate::quantity::{Amount, UNITS};

static MULTIPLES: LazyLock<WordMap<Decimal>> = LazyLock::new(|| {
    let words = rows::<2>(include_str!("multiples.tsv"));
    words.filter_map(|[word, value]| Some((word, value.parse().ok()?))).collect()
});

/// The multiple that the word at the cursor is: `doubled`, `tenfold`, `twice as much`.
pub(super) fn multiple(cursor: &Cursor<'_>) -> Option<Found> {
    let value = *MULTIPLES.get(cursor.hash(0))?;
    let at = cursor.at();
    let mut amount = plain(at..at + 1, value, "<multiple>");
    amount.kind = Some(AmountKind::Multiple);
    if cursor.hash(0) == const { word("twice") } {
        // `twice a week` says how often, `twice when` no more than that.
        let often = matches!(cursor.text(1), "a" | "an" | "this" | "every" | "each");
        let as_much = cursor.hash(1) == const { word("as") };
        let of = cursor.class(1).has(OPENING) || cursor.capital(1);
        return (as_much || of && !often).then_some((amount, None));
    }
    // `doubled` changes by itself, `a tenfold rise` and `rose tenfold` by another word.
    let by_itself = cursor.class(0).has(Class::PAST | Class::THIRD | Class::GERUND | Class::PARTICIPLE);
    let changed = match by_itself {
        true => {
            let change = if value < Decimal::ONE { Change::Down } else { Change::Up };
            Some(Changed { change: Some(change), role: ChangeRole::By, by: at })
        }
        false => around::changed(cursor, at..at + 1, false),
    };
    (amount.change, amount.role) = (changed.and_then(|c| c.change), changed.map(|c| c.role));
    Some((amount, changed.map(|changed| changed.by)))
}

/// A number that touches neither currency nor unit: an age, a share, a count, a multiple, or a
/// number of nothing in particular.
pub(super) fn of_bare(
    cursor: &Cursor<'_>,
    mut amount: Amount,
    first: &Term,
    counted: Option<Range<usize>>,
) -> Option<Amount> {
    let before = cursor.to(amount.tokens.start);
    let behind = cursor.to(amount.tokens.end);
    let form = first.number.form;
    if form != Form::Vague && is_age(&before, &behind, amount.value) {
        (amount.mention, amount.kind) = (MentionKind::Age, Some(AmountKind::Age));
        amount.unit = UNITS.iter().find(|unit| unit.name == "year").copied();
        amount.rule = "<name>, <number>,";
        return Some(amount);
    }
    // `three-fold`, `10-fold`
    if behind.hyphen(0) && behind.hash(1) == const { word("fold") } {
        amount.tokens.end += 2;
        amount.kind = Some(AmountKind::Multiple);
        amount.rule = "<number> times";
        return Some(amount);
    }
    if is_multiple(&behind, amount.value) {
        amount.tokens.end += 1;
        amount.kind = Some(AmountKind::Multiple);
        amount.rule = "<number> times";
        return Some(amount);
    }
    if let Some((end, share)) = ratio(&behind, amount.value) {
        (amount.tokens.end, amount.value) = (end, share);
        amount.kind = Some(AmountKind::Ratio);
        amount.rule = "<number> in <number>";
        return Some(amount);
    }
    if form == Form::Part {
        // `half` is a share of something, or says nothing; the second half is a place in an order.
        if matches!(before.text(-1), "first" | "second" | "latter" | "other" | "final" | "last" | "next") {
            return None;
        }
        let whole = behind.hash(0) == const { word("of") } || behind.class(0).has(OPENING);
        amount.kind = Some(AmountKind::Ratio);
        amount.rule = "<part> of";
        return whole.then_some(amount);
    }
    let one = amount.value == Decimal::ONE && form == Form::Words;
    let bounded = around::bound_before(&before).is_some();
    let noun_at = noun_at(&behind, form == Form::Vague || one);
    let mut rule = "<number> <noun>";
    let mut found = counted.or_else(|| noun::counted(&noun_at, false));
    if found.is_none() && behind.hyphen(0) && is_noun(&behind, 1) {
        // `a 500-seat hall`, `a four-cylinder engine`, but not `a two-way street`
        if form == Form::Words && around::cue(Cue::Manner, behind.hash(1)).is_some() {
            return None;
        }
        amount.tokens.end += 2;
        found = Some(amount.tokens.end - 1..amount.tokens.end);
        rule = "<number>-<noun>";
    } else if one && !bounded && noun_at.at() == behind.at() {
        // `one` alone is mostly a pronoun.
        return None;
    }
    // `1/4 point`, `at least one person`
    let singular = one && bounded || amount.value.abs() <= Decimal::ONE && form != Form::Words;
    found = found.or_else(|| noun::counted(&noun_at, true).filter(|_| singular));
    match found {
        Some(noun) => {
            amount.counted = Some(noun);
            (amount.mention, amount.kind) = (MentionKind::Quantity, Some(AmountKind::Count));
            ruled(&mut amount, first, rule);
        }
        None if one => return None,
        // `35 died`, `rose to 45.88`
        None => {}
    }
    Some(amount)
}

/// What begins a noun phrase.
const OPENING: Class = Class::DETERMINER.or(Class::POSSESSIVE);

fn is_noun(behind: &Cursor<'_>, offset: isize) -> bool {
    // `386-based`
    let described = Class::PAST | Class::PARTICIPLE | Class::GERUND;
    let open = !behind.class(offset).has(Class::CLOSED | described);
    behind.kind(offset) == Some(Kind::Word) && open && !is_numeral(behind.hash(offset))
}

/// Where the counted noun may begin: behind `of` and `of the`, behind `or more`.
fn noun_at<'t>(behind: &Cursor<'t>, of: bool) -> Cursor<'t> {
    let mut at = *behind;
    // `two of Johnson's deputies`
    if at.hash(0) == const { word("of") } && at.capital(1) && at.hash(2) == const { word("'s") } {
        at.advance(3);
    }
    if at.hash(0) == const { word("of") }
        && (of || at.class(1).has(OPENING) && !at.class(1).has(Class::RELATIVE))
    {
        at.advance(1);
        at.advance(usize::from(at.class(0).has(OPENING)));
    }
    let bound = around::bound_after(&at).map_or(0, |(count, _)| count);
    at.advance(bound);
    at
}

/// `three times as large`, but not `won three times`.
fn is_multiple(behind: &Cursor<'_>, value: Decimal) -> bool {
    let compared = behind.class(1).has(Class::DETERMINER | Class::SUBORDINATOR | Class::POSSESSIVE)
        || behind.text(1).ends_with("er")
        || behind.capital(1)
        || !value.fract().is_zero();
    behind.hash(0) == const { word("times") } && value > Decimal::ONE && compared
}

/// `aged 45`, and `Smith, 45, said`.
fn is_age(before: &Cursor<'_>, behind: &Cursor<'_>, value: Decimal) -> bool {
    let years = Decimal::ONE <= value && value < Decimal::from(120) && value.fract().is_zero();
    let said =
        matches!(before.text(-1), "aged" | "age") || before.text(-1) == "of" && before.text(-2) == "age";
    let apposed = before.text(-1) == ","
        && matches!(behind.text(0), "," | ".")
        && before.kind(-2) == Some(Kind::Word)
        && before.capital(-2)
        && (before.at() == 2 || before.capital(-3))
        && behind.kind(1) != Some(Kind::Number);
    years && (said || apposed)
}

/// `one in five`, `nine out of 10`: where it ends, and the share that it is.
fn ratio(behind: &Cursor<'_>, value: Decimal) -> Option<(usize, Decimal)> {
    let mut at = *behind;
    let out_of = at.hash(0) == const { word("out") } && at.hash(1) == const { word("of") };
    let every = at.hash(0) == const { word("in") } && at.hash(1) == const { word("every") };
    at.advance(match at.hash(0) {
        _ if out_of || every => 2,
        hash if hash == const { word("in") } => 1,
        _ => return None,
    });
    let whole = number(&mut at).filter(|n| n.form != Form::Vague && n.value > value)?;
    // `3,000 in 2025` is no ratio, and `one in five` is.
    let small = value < Decimal::ONE_HUNDRED && (whole.form == Form::Words || out_of || every);
    if !small || unit(&at).is_some() {
        return None;
    }
    Some((at.at(), quotient(value, whole.value)?))
}
