//! Lengths of time, what lies so far away, and sets.

use claimline_language::{Class, Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{
    Anchor, Base, Clock, Count, Each, Field, Length, Place, Side, Unit, Vague, When,
};

use super::grammar::{
    behind_the, count, hyphen, is_age, length, of_year, place, refer, side, singular, take, unit, unit_place,
};
use super::{Refer, Word, base, look, whole};
use crate::cursor::Cursor;
use crate::number;

/// `first nine months of 1987`.
pub(super) fn first_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (whole(number::ordinal(at)?.value)? == 1).then_some(())?;
    let length = length(at)?;
    of_year(at);
    Some(TimeExpr::new(When::Length(length, None)))
}

pub(super) fn plain_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // A share of the whole, not a length: `four of five years`.
    let length = length(at)?;
    let moments = length.count == Count::Vague && length.unit == Unit::Second;
    (!moments && !is_age(at)).then(|| TimeExpr::new(When::Length(length, None)))
}

/// The first of `12 and 18 months`: it has the unit of the second.
pub(super) fn shared_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // `between 12 and 18 months` is one length, and so is `two or three years`.
    let between = at.hash(-1) == const { word("between") };
    let count = count(at)?;
    let mut ahead = *at;
    ahead.take(const { word("and") }).then_some(())?;
    let second = length(&mut ahead).filter(|_| !between && !is_age(&ahead))?;
    let first = Length { count, ..second };
    let alike = second.rest.is_none() && count != Count::Vague && second.count != Count::Vague;
    alike.then(|| TimeExpr::new(When::Length(first, None)))
}

fn from_length(at: &mut Cursor<'_>, length: Length) -> Option<TimeExpr> {
    let (anchor, side) = side(at)?;
    Some(base(Base::From(anchor, side, length)))
}

pub(super) fn length_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let length = length(at)?;
    from_length(at, length)
}

pub(super) fn times_a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let Count::Exact(times) = count(at)? else { return None };
    at.take(const { word("times") }).then_some(())?;
    a_unit_of_set(at, u16::try_from(whole(times)?).ok()?)
}

pub(super) fn twice_a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let times = take(at, |word| match word {
        Word::Times(times) => Some(times),
        _ => None,
    })?;
    a_unit_of_set(at, times)
}

fn a_unit_of_set(at: &mut Cursor<'_>, times: u16) -> Option<TimeExpr> {
    at.take_any(&const { [word("a"), word("an"), word("per"), word("every"), word("each")] }).then_some(())?;
    let each = match count(&mut at.clone()) {
        Some(_) => length(at)?,
        None => Length::of(1, unit(at)?.0),
    };
    Some(TimeExpr::new(When::Set { each: Each::Length(each), times: Some(times) }))
}

/// `for years`, `weeks of talks`.
pub(super) fn vague_units(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let (unit, plural) = unit(at)?;
    // Before a noun that is counted `years` may be anything; minutes are taken at meetings.
    let recent = start.hash(-1) == const { word("recent") };
    let length = plural && unit >= Unit::Hour && (recent || !matches!(unit, Unit::Quarter | Unit::Weekend));
    let counted = start.kind(-1) == Some(Kind::Number) || number::is_numeral(start.hash(-1));
    let determined = start.class(-1).has(Class::POSSESSIVE | Class::DETERMINER);
    // `in the weeks ahead`, `the years since`
    let open = determined && at.take_any(&const { [word("ahead"), word("since")] });
    let determined = determined && !open;
    // `on days when it rains`, `the early hours of Monday`
    let early = unit == Unit::Hour && start.hash(-1) == const { word("early") };
    let counted = counted || early || start.hash(-1) == const { word("on") };
    let alone = !determined && !counted && !start.hyphen(-1) && !is_age(at);
    (length && alone)
        .then(|| TimeExpr::new(When::Length(Length { count: Count::Vague, unit, rest: None }, None)))
}

pub(super) fn vague_units_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (unit, plural) = unit(at)?;
    let length = plural.then_some(Length { count: Count::Vague, unit, rest: None })?;
    from_length(at, length)
}

pub(super) fn unit_long(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (unit, plural) = unit(at)?;
    (hyphen(at) && at.take(const { word("long") })).then_some(())?;
    let count = if plural { Count::Vague } else { Count::from(1) };
    Some(TimeExpr::new(When::Length(Length { count, unit, rest: None }, None)))
}

/// `past five years`, `next few weeks`.
pub(super) fn past_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let side = match refer(at)? {
        Refer::Past | Refer::Last | Refer::Latest => Some(Side::Past),
        Refer::Next | Refer::Coming => Some(Side::Next),
        Refer::Previous | Refer::Following | Refer::This | Refer::Same => None,
        Refer::Current | Refer::Comparable => return None,
    };
    let length = match quarters(at).or_else(|| length(at)) {
        Some(length) => length,
        None => {
            let (unit, plural) = unit(at)?;
            plural.then_some(Length { count: Count::Vague, unit, rest: None })?
        }
    };
    (!is_age(at)).then(|| TimeExpr::new(When::Length(length, side)))
}

/// `two quarters`, which elsewhere may be a half of anything.
fn quarters(at: &mut Cursor<'_>) -> Option<Length> {
    // The number by itself: with its noun it is a fraction.
    let tokens = at.tokens().get(..at.at() + 1)?;
    let count = count(&mut Cursor::new(at.source(), tokens).to(at.at()))?;
    let mut ahead = at.to(at.at() + 1);
    let quarters = matches!(unit(&mut ahead)?, (Unit::Quarter, true));
    quarters.then(|| *at = ahead)?;
    Some(Length { count, unit: Unit::Quarter, rest: None })
}

/// `past year`, `past decade`: the length that ends now.
pub(super) fn past_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at);
    let refer = refer(at)?;
    let side = match refer {
        Refer::Past | Refer::Last => Side::Past,
        Refer::Coming | Refer::Next => Side::Next,
        _ => return None,
    };
    let unit = singular(at)?;
    // `last year` is a year of the calendar; `last hour` is not one of the clock.
    let ten = the && unit >= Unit::Decade;
    (matches!(refer, Refer::Past | Refer::Coming) || unit == Unit::Hour || ten).then_some(())?;
    Some(TimeExpr::new(When::Length(Length::of(1, unit), Some(side))))
}

pub(super) fn every(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| (word == Word::Every).then_some(()))?;
    let other = at.take(const { word("other") });
    let each = if let Some(field) = take(at, |word| match word {
        Word::Weekday { day, .. } => Some(Field::Weekday(day)),
        Word::Month { month, .. } => Some(Field::Month(month)),
        Word::Season { season, .. } => Some(Field::Season(season)),
        _ => None,
    }) {
        Each::Place(Place::from_field(field))
    } else if let Some(part) = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    }) {
        Each::Place(Place { clock: Some(Clock::Part(part)), ..Place::from_base(Base::Open) })
    } else if let Some((unit, false)) = unit(at) {
        Each::Length(Length::of(if other { 2 } else { 1 }, unit))
    } else {
        Each::Length(length(at)?)
    };
    Some(TimeExpr::new(When::Set { each, times: None }))
}

pub(super) fn daily(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (each, sure) = take(at, |word| match word {
        Word::Daily { count, unit, sure } => Some((Length::of(count, unit), sure)),
        _ => None,
    })?;
    // `paid quarterly`, but not `the quarterly dividend`.
    let noun = at.kind(0) == Some(Kind::Word) && !at.class(0).has(Class::CLOSED);
    (sure || !noun).then(|| TimeExpr::new(When::Set { each: Each::Length(each), times: None }))
}

/// `for a week`, `an hour`, `a year and a half`.
pub(super) fn a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let length = article_length(at)?;
    // What a price or a rate is for: `$5 a day`, `barrels a day`.
    let before = start.kind(-1);
    let rate = before == Some(Kind::Number)
        || start.text(-1) == "%"
        || before == Some(Kind::Word)
            && start.class(-1).is_empty()
            && look(&start.to(start.at().saturating_sub(1))).is_none();
    (!is_age(at) && !at.hyphen(0)).then(|| {
        if rate {
            TimeExpr::new(When::Set { each: Each::Length(length), times: None })
        } else {
            TimeExpr::new(When::Length(length, None))
        }
    })
}

fn article_length(at: &mut Cursor<'_>) -> Option<Length> {
    take(at, |word| (word == Word::Article).then_some(()))?;
    // `a full year`, `a whole day`
    at.take_any(&const { [word("full"), word("whole"), word("further")] });
    if take(at, |word| (word == Word::Fortnight).then_some(())).is_some() {
        return Some(Length::of(2, Unit::Week));
    }
    let unit = singular(at)?;
    (!matches!(unit, Unit::Second | Unit::Quarter | Unit::Weekend)).then_some(())?;
    let mut half = *at;
    let half = half.take(const { word("and") })
        && half.take(const { word("a") })
        && half.take(const { word("half") });
    if half {
        at.advance(3);
        return Some(Length::of(claimline_model::Decimal::new(15, 1), unit));
    }
    Some(Length::of(1, unit))
}

pub(super) fn a_unit_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let length = article_length(at)?;
    from_length(at, length)
}

/// `the full year`, which is the one spoken of; `another week`, `all day`.
pub(super) fn whole_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at);
    at.advance(1);
    hyphen(at);
    take(at, |word| (word == Word::Fiscal).then_some(()));
    let unit = singular(at).filter(|unit| *unit >= Unit::Hour && *unit != Unit::Weekend)?;
    let spoken = the && matches!(unit, Unit::Week | Unit::Month | Unit::Quarter | Unit::Year);
    (!at.hyphen(0) && !is_age(at)).then_some(())?;
    Some(match spoken {
        true => place(unit_place(Anchor::Mentioned, 0, unit)),
        false => TimeExpr::new(When::Length(Length::of(1, unit), None)),
    })
}

/// `some days`: `some` is `about` elsewhere.
pub(super) fn some_units(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    at.take(const { word("some") }).then_some(())?;
    let (unit, plural) = unit(at)?;
    let length = plural && unit >= Unit::Day && unit != Unit::Weekend && unit != Unit::Quarter;
    length.then(|| TimeExpr::new(When::Length(Length { count: Count::Vague, unit, rest: None }, None)))
}

/// `will one day be`: some time to come.
pub(super) fn one_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let modal = at.class(-1).has(Class::MODAL);
    let one_day = at.take(const { word("one") }) && at.take(const { word("day") });
    (modal && one_day).then(|| TimeExpr::new(When::Vague(Vague::Future)))
}
