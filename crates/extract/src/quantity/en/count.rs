//! Numbers that touch neither currency nor unit: ages, shares, counts, multiples.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::{AmountKind, Change, ChangeRole, Decimal, MentionKind};

use super::around::{self, Changed, Cue};
use super::link::Found;
use super::noun;
use super::term::Term;
use super::unit::unit;
use super::{plain, ruled};
use crate::cursor::Cursor;
use crate::number::{Form, is_numeral, number, quotient};
use crate::quantity::{Amount, UNITS};

static MULTIPLES: LazyLock<WordMap<Decimal>> = LazyLock::new(|| {
    let words = rows::<2>(include_str!("multiples.tsv"));
    words.filter_map(|[word, value]| Some((word, value.parse().ok()?))).collect()
});

/// The multiple that the word at the cursor is: `doubled`, `tenfold`, `twice as much`.
///
/// Nothing before `floor` bounds it.
pub(super) fn multiple(cursor: &Cursor<'_>, floor: usize) -> Option<Found> {
    let half = cursor.hash(0) == const { word("half") };
    let value = match MULTIPLES.get(cursor.hash(0)) {
        Some(value) => *value,
        None if half && is_as_much(cursor) => Decimal::new(5, 1),
        None => return None,
    };
    let at = cursor.at();
    let mut amount = plain(at..at + 1, value, "<multiple>");
    amount.kind = Some(AmountKind::Multiple);
    around::set_bound(cursor, floor, &mut amount);
    if half || cursor.hash(0) == const { word("twice") } {
        // `twice a week` says how often, `twice when` no more than that.
        let often = matches!(cursor.text(1), "a" | "an" | "this" | "every" | "each");
        let of = cursor.class(1).has(OPENING) || cursor.capital(1);
        return (is_as_much(cursor) || of && !often).then_some((amount, None));
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

/// Whether `as` and what is compared follow the word here: `twice as much`, `half as large as`, but not
/// `scored twice as United won`.
fn is_as_much(cursor: &Cursor<'_>) -> bool {
    let open = !cursor.class(2).has(Class::CLOSED) && !cursor.capital(2) && !noun::is_plural(cursor.text(2));
    let much = matches!(cursor.text(2), "much" | "many" | "few" | "little");
    let goes_on = cursor.class(3).has(Class::PAST | Class::AUXILIARY);
    cursor.hash(1) == const { word("as") } && (much || open && !goes_on)
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
    if let Some(end) = odds(cursor, &behind, first) {
        amount.tokens.end = end;
        amount.kind = Some(AmountKind::Ratio);
        amount.rule = "<number> to one";
        return Some(amount);
    }
    if let Some((end, share)) = ratio(&before, &behind, amount.value) {
        (amount.tokens.end, amount.value) = (end, share);
        amount.kind = Some(AmountKind::Ratio);
        amount.counted = noun::counted(&cursor.to(end), false);
        amount.rule = "<number> in <number>";
        return Some(amount);
    }
    if form == Form::Part {
        // `half` is a share of something, or says nothing; the second half is a place in an order.
        if matches!(before.text(-1), "first" | "second" | "latter" | "other" | "final" | "last" | "next") {
            return None;
        }
        // `a one-third stake`
        let stake = behind.hyphen(-2) && is_noun(&behind, 0);
        // `fell by two thirds`, `rose from a third to a half`
        let by = before.hash(-1) == const { word("by") };
        let closed = behind.kind(0) != Some(Kind::Word) || behind.class(0).has(Class::CLOSED);
        let by = by || closed && around::changed(cursor, amount.tokens.clone(), false).is_some();
        let whole = behind.hash(0) == const { word("of") } || behind.class(0).has(OPENING) || stake || by;
        amount.kind = Some(AmountKind::Ratio);
        amount.rule = "<part> of";
        return whole.then_some(amount);
    }
    // `300 of them`, `30 of which`
    let some = amount.value != Decimal::ONE || form != Form::Words;
    if some && behind.hash(0) == const { word("of") } && FORMER.contains(&behind.hash(1)) {
        (amount.mention, amount.kind) = (MentionKind::Quantity, Some(AmountKind::Count));
        amount.of = Some(behind.at() + 1..behind.at() + 2);
        amount.rule = "<number> of them";
        return Some(amount);
    }
    let one = amount.value == Decimal::ONE && form == Form::Words;
    // `one person was hurt`; mostly `one` says who, not how many.
    let person = one && behind.hash(0) == const { word("person") };
    let bounded = person || around::bound_before(&before).is_some();
    let noun_at = noun_at(&behind, form == Form::Vague || one);
    let mut rule = "<number> <noun>";
    // `at least one bank says`: one is of a plural only behind `of`.
    let plural = !one || noun_at.at() > behind.at();
    let mut found = counted.or_else(|| noun::counted(&noun_at, false).filter(|_| plural));
    let joined =
        behind.hyphen(0) && around::bound_after(&behind).is_none() || noun::is_spaced_hyphen(&behind);
    if found.is_none() && joined && is_noun(&behind, 1) {
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
    found = found.or_else(|| noun::measured(&before, &behind));
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

/// What stands for things that were named before.
pub(super) const FORMER: [u64; 5] = [word("them"), word("these"), word("those"), word("which"), word("whom")];

/// What begins a noun phrase.
const OPENING: Class = Class::DETERMINER.or(Class::POSSESSIVE);

fn is_noun(behind: &Cursor<'_>, offset: isize) -> bool {
    // `386-based`
    let described = Class::PAST | Class::PARTICIPLE | Class::GERUND;
    let open = !behind.class(offset).has(Class::CLOSED | described);
    // `10-K`
    let noun = !matches!(behind.text(offset), "strong" | "odd") && behind.text(offset).len() > 1;
    behind.kind(offset) == Some(Kind::Word) && open && noun && !is_numeral(behind.hash(offset))
}

/// Where the counted noun may begin: behind `of` and `of the`, behind `or more`.
fn noun_at<'t>(behind: &Cursor<'t>, of: bool) -> Cursor<'t> {
    let mut at = *behind;
    // `7,199 head of cattle`
    let heads = at.hash(0) == const { word("head") } && at.hash(1) == const { word("of") };
    at.advance(if heads { 2 } else { 0 });
    // `two of Johnson's deputies`
    if at.hash(0) == const { word("of") } && at.capital(1) && at.hash(2) == const { word("'s") } {
        at.advance(3);
    }
    // `13 of 140 countries`
    let share = || {
        let mut all = at.to(at.at() + 1);
        number(&mut all).is_some_and(|all| all.form != Form::Part) && noun::counted(&all, false).is_some()
    };
    if at.hash(0) == const { word("of") }
        && (of || at.class(1).has(OPENING) || share())
        && !at.class(1).has(Class::RELATIVE)
    {
        at.advance(1);
        at.advance(usize::from(at.class(0).has(OPENING)));
        // `seven of the 12 members`
        let mut all = at;
        if number(&mut all).is_some_and(|all| all.form != Form::Part) && noun::counted(&all, false).is_some()
        {
            at = all;
        }
    }
    let bound = around::bound_after(&at).map_or(0, |(count, _)| count);
    at.advance(bound);
    at
}

/// `three times as large`, but not `won three times`.
fn is_multiple(behind: &Cursor<'_>, value: Decimal) -> bool {
    let as_much = is_as_much(behind);
    let compared = behind.class(1).has(OPENING)
        || as_much
        || behind.text(1).ends_with("er")
        || behind.capital(1)
        || !value.fract().is_zero();
    behind.hash(0) == const { word("times") } && value > Decimal::ONE && compared
}

/// `aged 45`, `Smith, 45, said` and `the driver, 45, said`, `she is 45` and `the average age is 45`.
fn is_age(before: &Cursor<'_>, behind: &Cursor<'_>, value: Decimal) -> bool {
    let years = Decimal::ONE <= value && value < Decimal::from(120) && value.fract().is_zero();
    let said =
        matches!(before.text(-1), "aged" | "age") || before.text(-1) == "of" && is_span_of_life(before, -2);
    let named = before.capital(-2) && (before.at() == 2 || before.capital(-3));
    let person = around::cue(Cue::Person, before.hash(-2)).is_some();
    let apposed = before.text(-1) == ","
        && matches!(behind.text(0), "," | ".")
        && before.kind(-2) == Some(Kind::Word)
        && (named || person)
        && behind.kind(1) != Some(Kind::Number);
    years && (said || apposed || is_told_age(before, behind))
}

/// `she will be 45`, `who turned 45`, `the average age for men is around 45`.
fn is_told_age(before: &Cursor<'_>, behind: &Cursor<'_>) -> bool {
    let bound = around::bound_before(before).map_or(0, |(count, _)| count);
    let verb = before.to(before.at() - bound);
    let turns = matches!(verb.text(-1), "turn" | "turns" | "turned" | "turning");
    let is = verb.class(-1).has(Class::AUXILIARY);
    let ends = match behind.kind(0) {
        None => true,
        Some(Kind::Punctuation) => matches!(behind.text(0), "," | "." | ";" | ")"),
        _ => {
            behind.class(0).has(Class::COORDINATOR | Class::SUBORDINATOR)
                || matches!(behind.text(0), "in" | "on" | "by")
        }
    };
    let helped = verb.class(-2).has(Class::MODAL | Class::AUXILIARY | Class::ADVERB);
    let someone = matches!(
        verb.hash(if helped { -3 } else { -2 }),
        hash if hash == const { word("he") } || hash == const { word("she") } || hash == const { word("who") }
    );
    // No other verb stands between an age and what it is: `life expectancy for men is around 73`.
    let mut back = (2..=AGE_REACH).take_while(|back| {
        verb.kind(-back) == Some(Kind::Word) && !verb.class(-back).has(Class::PAST | Class::AUXILIARY)
    });
    let told = is && back.any(|back| is_span_of_life(&verb, -back));
    someone && ends && (turns || is) || told && noun::counted(behind, false).is_none()
}

/// The furthest that `age` stands from the number that it is.
const AGE_REACH: isize = 8;

/// Whether the word there is `age`, or the `expectancy` of life.
fn is_span_of_life(cursor: &Cursor<'_>, offset: isize) -> bool {
    matches!(cursor.hash(offset), hash if hash == const { word("age") } || hash == const { word("expectancy") })
}

/// `three to one`, `a ratio of 3 to 1`: where it ends. What is changed to one is none: `from 3 to 1`.
fn odds(cursor: &Cursor<'_>, behind: &Cursor<'_>, first: &Term) -> Option<usize> {
    let one = behind.hash(1) == const { word("one") } || behind.text(1) == "1";
    let words = first.number.form == Form::Words && behind.hash(1) == const { word("one") };
    let near = |at: usize| around::cue(Cue::Odds, cursor.to(at).hash(0)).is_some();
    let told = (first.start.saturating_sub(ODDS_REACH)..first.start).any(near);
    let before = cursor.to(first.start);
    let changed = before.hash(-1) == const { word("from") }
        || around::changed(cursor, first.start..behind.at(), false).is_some();
    let end = behind.at() + 2;
    let alone = !cursor.to(end).hyphen(0)
        && noun::counted(&cursor.to(end), true).is_none()
        && unit(&cursor.to(end)).is_none();
    let to = behind.hash(0) == const { word("to") } || told && behind.hyphen(0);
    (to && one && (words || told) && !changed && alone).then_some(end)
}

/// The furthest that a word for it stands before a ratio: `the ratio of men to women was 3 to 1`.
const ODDS_REACH: usize = 8;

/// `one in five`, `nine out of 10`: where it ends, and the share that it is.
fn ratio(before: &Cursor<'_>, behind: &Cursor<'_>, value: Decimal) -> Option<(usize, Decimal)> {
    let mut at = *behind;
    // `one-in-five`
    let joined = at.hyphen(0) && at.hash(1) == const { word("in") } && at.hyphen(2);
    at.advance(usize::from(joined));
    let out_of = at.hash(0) == const { word("out") } && at.hash(1) == const { word("of") };
    let every = at.hash(0) == const { word("in") } && at.hash(1) == const { word("every") };
    at.advance(match at.hash(0) {
        _ if out_of || every => 2,
        hash if hash == const { word("in") } => 1 + usize::from(joined),
        _ => return None,
    });
    let whole = number(&mut at).filter(|n| n.form != Form::Vague && n.value > value)?;
    // `3,000 in 2025` and `scored 5 in 10 games` are no ratios, `one in five` and `3 in 10 adults` are.
    let counts = || {
        value < Decimal::TEN
            && !before.class(-1).has(Class::PAST)
            && (noun::counted(&at, false).is_some() || at.hash(0) == const { word("chance") })
    };
    let small =
        value < Decimal::ONE_HUNDRED && (whole.form == Form::Words || out_of || every || joined || counts());
    if !small || unit(&at).is_some() {
        return None;
    }
    Some((at.at(), quotient(value, whole.value)?))
}
