//! Lengths of time, what lies so far away, and sets.

use claimline_language::{Class, Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{Base, Clock, Count, Each, Field, Length, Place, Side, Unit, When};

use super::grammar::{count, hyphen, is_age, length, of_year, refer, side, singular, take, unit};
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
    let length = plural && unit >= Unit::Hour && unit != Unit::Quarter && unit != Unit::Weekend;
    let counted = start.kind(-1) == Some(Kind::Number) || number::is_numeral(start.hash(-1));
    let determined = start.class(-1).has(Class::POSSESSIVE | Class::DETERMINER);
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
        Refer::Current => return None,
    };
    let length = match length(at) {
        Some(length) => length,
        None => {
            let (unit, plural) = unit(at)?;
            plural.then_some(Length { count: Count::Vague, unit, rest: None })?
        }
    };
    Some(TimeExpr::new(When::Length(length, side)))
}

/// `past year`, `past decade`: the length that ends now.
pub(super) fn past_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let refer = refer(at)?;
    let side = match refer {
        Refer::Past => Side::Past,
        Refer::Coming => Side::Next,
        _ => return None,
    };
    let unit = singular(at)?;
    Some(TimeExpr::new(When::Length(Length::of(1, unit), Some(side))))
}

pub(super) fn every(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| (word == Word::Every).then_some(()))?;
    at.take(const { word("other") });
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
        Each::Length(Length::of(1, unit))
    } else {
        Each::Length(length(at)?)
    };
    Some(TimeExpr::new(When::Set { each, times: None }))
}

pub(super) fn daily(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| match word {
        Word::Daily(unit) => Some(Length::of(1, unit)),
        _ => None,
    })
    .map(|each| TimeExpr::new(When::Set { each: Each::Length(each), times: None }))
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
