//! Days and months by their names and numbers.

use claimline_language::{Class, Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{Base, Clock, Each, Field, Pick, Place, Unit, When};

use super::grammar::{
    behind_preposition, behind_the, day, ends_clause, hyphen, in_year, month, of_year, place, refer_unit,
    singular, take,
};
use super::{Word, base, field, look, whole};
use crate::cursor::Cursor;
use crate::number::{self, is_numeral};

/// Whether the month here is one by its surroundings: behind a preposition, or before a year.
fn month_is_sure(at: &Cursor<'_>) -> bool {
    match look(at) {
        Some((_, Word::Month { sure: true, .. })) => true,
        Some((_, Word::Month { .. })) => at.capital(0) && behind_preposition(at),
        _ => false,
    }
}

/// `may`, `march`, `jan`: words that are something else too.
pub(super) fn is_unsure_month(at: &Cursor<'_>) -> bool {
    matches!(look(at), Some((_, Word::Month { sure: false, .. })))
}

pub(super) fn month_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let capital = at.capital(0) || month_is_sure(at);
    let month = month(at)?;
    hyphen(at);
    let day = day(at).or_else(|| spelled_day(at)).filter(|_| capital)?;
    // `May 17 people`, `in March 12.5 pct`: a number that counts what follows is no day.
    let counts = at.kind(0) == Some(Kind::Symbol) && at.text(0) == "%";
    // The year `ended Jan. 31` is over, however near the next one is.
    let pick = if start.hash(-1) == const { word("ended") } { Pick::Last } else { Pick::Any };
    (!counts).then(|| place(Place { pick, ..Place::from_field(Field::MonthDay(month, day)) }))
}

/// A day in words behind its month, where nothing follows that it may count: `payable April one`.
fn spelled_day(at: &mut Cursor<'_>) -> Option<u8> {
    let mut ahead = *at;
    (ahead.kind(0) == Some(Kind::Word) && is_numeral(ahead.hash(0))).then_some(())?;
    let day = u8::try_from(whole(number::number(&mut ahead)?.value)?).ok();
    let alone = ends_clause(&ahead, 0) || ahead.class(0).has(Class::PREPOSITION | Class::COORDINATOR);
    let day = day.filter(|day| (1..=31).contains(day) && alone)?;
    *at = ahead;
    Some(day)
}

/// `the week of March 6`.
pub(super) fn week_of(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (singular(at)? == Unit::Week && at.take(const { word("of") })).then_some(())?;
    let When::Place(day) = month_or_day(at)?.when else { return None };
    let Some(Field::MonthDay(month, date)) = day.field else { return None };
    Some(place(Place { field: Some(Field::WeekOf(month, date)), ..day }))
}

pub(super) fn month_day_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let month = month(at)?;
    hyphen(at);
    let day = day(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(base) }))
}

pub(super) fn month_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let month = month(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::Month(month)), ..Place::from_base(base) }))
}

pub(super) fn month_alone(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (start, unsure) = (*at, is_unsure_month(at));
    let sure = month_is_sure(at);
    let month = month(at)?;
    let next = at.class(0);
    let word = at.kind(0) == Some(Kind::Word);
    // `the March accession`, but not `the March against the tax`; `since March`, but not `and Jan Novak`.
    let noun = word && !at.capital(0) && !next.has(Class::CLOSED);
    let name = word && at.capital(0) && next.is_empty() && look(at).is_none();
    let attributive = start.capital(0) && behind_the(&start) && noun;
    let named = name && !is_when(&start) && (unsure || is_name(&start) && !behind_preposition(&start));
    (!named && (attributive || sure && !(unsure && behind_the(&start)))).then(|| field(Field::Month(month)))
}

/// Whether the month here is a name as well: `June Carter`.
fn is_name(at: &Cursor<'_>) -> bool {
    [word("april"), word("june"), word("august")].contains(&at.hash(0))
}

/// Whether a preposition of time stands before the cursor.
fn is_when(at: &Cursor<'_>) -> bool {
    const WHEN: [u64; 8] = [
        word("in"),
        word("since"),
        word("by"),
        word("until"),
        word("from"),
        word("during"),
        word("before"),
        word("after"),
    ];
    WHEN.contains(&at.hash(-1))
}

fn weekday_of(at: &mut Cursor<'_>) -> Option<u8> {
    let capital = at.capital(0);
    take(at, |word| match word {
        Word::Weekday { day, sure } => (sure || capital).then_some((day, sure)),
        _ => None,
    })
    .and_then(|(day, sure)| {
        let dated = || {
            let mut ahead = *at;
            ahead.take(const { word(",") });
            let ordinal = ahead.text(0).len() > 2 && ahead.text(0).starts_with(|c: char| c.is_ascii_digit());
            month_or_day(&mut ahead).is_some() || ordinal && super::grammar::day(&mut ahead).is_some()
        };
        (sure || dated()).then_some(day)
    })
}

/// `Tuesdays`, `Friday nights`.
pub(super) fn weekdays(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let each = take(at, |word| match word {
        Word::Weekdays(day) => Some(Place::from_field(Field::Weekday(day))),
        Word::Parts(part) => Some(Place { clock: Some(Clock::Part(part)), ..Place::from_base(Base::Open) }),
        _ => None,
    })?;
    Some(TimeExpr::new(When::Set { each: Each::Place(each), times: None }))
}

/// `Saturday nights`.
pub(super) fn weekday_parts(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = weekday_of(at)?;
    let part = take(at, |word| match word {
        Word::Parts(part) => Some(part),
        _ => None,
    })?;
    let each = Place { clock: Some(Clock::Part(part)), ..Place::from_field(Field::Weekday(day)) };
    Some(TimeExpr::new(When::Set { each: Each::Place(each), times: None }))
}

/// `June 17`, `17 June`, with or without its year.
pub(super) fn month_or_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let readers = [month_day_year, month_day, day_month_year, day_month];
    readers.into_iter().find_map(|read| {
        let mut ahead = *at;
        let expr = read(&mut ahead)?;
        *at = ahead;
        Some(expr)
    })
}

pub(super) fn weekday(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = weekday_of(at)?;
    let mut ahead = *at;
    if let Some((anchor, count, Unit::Week)) = refer_unit(&mut ahead) {
        *at = ahead;
        let base = Base::Unit(anchor, count, Unit::Week);
        return Some(place(Place { field: Some(Field::Weekday(day)), ..Place::from_base(base) }));
    }
    Some(field(Field::Weekday(day)))
}

pub(super) fn weekday_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    weekday_of(at)?;
    at.take(const { word(",") });
    at.take(const { word("the") });
    month_or_day(at).or_else(|| {
        // `Friday the 13th`, `Fri 14th`; not `Friday, the fourth fall in a week`.
        let ordinal = at.text(0).len() > 2 && at.text(0).starts_with(|c: char| c.is_ascii_digit());
        let day = day(at).filter(|_| ordinal)?;
        Some(field(Field::Day(day)))
    })
}

/// `the 22nd`, `the 28th of that month`: a day whose month has been named, as digits with their ending.
pub(super) fn day_alone(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    const WHEN: [u64; 7] =
        [word("on"), word("by"), word("until"), word("since"), word("before"), word("after"), word("from")];
    let led = behind_the(at) && WHEN.contains(&at.hash(-2));
    let digits = at.text(0).starts_with(|c: char| c.is_ascii_digit());
    let day = day(at).filter(|_| digits && behind_the(&at.to(at.at() - 1)))?;
    let mut ahead = *at;
    if ahead.take(const { word("of") })
        && let Some((anchor, count, Unit::Month)) = refer_unit(&mut ahead)
    {
        *at = ahead;
        let base = Base::Unit(anchor, count, Unit::Month);
        return Some(place(Place { field: Some(Field::Day(day)), ..Place::from_base(base) }));
    }
    // `on the 5th floor`, `the 22nd of the group`
    let alone = at.kind(0) != Some(Kind::Word) || at.class(0).has(Class::PRONOUN | Class::COORDINATOR);
    (led && alone && !at.hyphen(0)).then(|| field(Field::Day(day)))
}

/// Whether a word or a number touches what is before the cursor.
fn is_glued(at: &Cursor<'_>) -> bool {
    at.joined(0) && matches!(at.kind(0), Some(Kind::Word | Kind::Number)) || at.hyphen(0)
}

/// `11/2016`, `2016/11`, `2016-11`; but `2007-08` is two years.
pub(super) fn numeric_month(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let dash = at.hyphen(1);
    let (first, second) = match text.split_once('/') {
        Some(pair) => pair,
        None if dash && !at.hyphen(3) && !at.hyphen(-1) => {
            let pair = (text, at.text(2));
            at.advance(2);
            pair
        }
        None => return None,
    };
    at.advance(1);
    let (year, month) = if first.len() == 4 { (first, second) } else { (second, first) };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (year.len() == 4 && (1..=2).contains(&month.len()) && digits(year) && digits(month)).then_some(())?;
    let (year, month): (i16, u8) = (year.parse().ok()?, month.parse().ok()?);
    let years = dash && first.len() == 4 && i16::from(month) == year % 100 + 1;
    let fits = !years && (1900..2100).contains(&year) && (1..=12).contains(&month) && !is_glued(at);
    fits.then(|| place(Place { field: Some(Field::Month(month)), ..Place::from_base(Base::Year(year)) }))
}

/// `20161016`, `2015.5.13`.
pub(super) fn packed_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = if digits {
        (&text[..4], &text[4..6], &text[6..])
    } else {
        let (year, rest) = text.split_once('.')?;
        let (month, day) = rest.split_once('.')?;
        (year, month, day)
    };
    at.advance(1);
    let year = year.parse().ok().filter(|y| (1900..2100).contains(y) && year.len() == 4)?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && !is_glued(at);
    fits.then(|| {
        place(Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(Base::Year(year)) })
    })
}

pub(super) fn iso_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let (year, month, day) = if let Some((year, rest)) = text.split_once('/') {
        let (month, day) = rest.split_once('/')?;
        (year, month, day)
    } else if at.hyphen(1) && at.hyphen(3) {
        let parts = (text, at.text(2), at.text(4));
        at.advance(4);
        parts
    } else {
        return None;
    };
    let year: i16 = year.parse().ok().filter(|_| year.len() == 4)?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    at.advance(1);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    let place = Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(Base::Year(year)) };
    fits.then(|| self::place(place))
}

pub(super) fn numeric_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let dots = text.contains('.');
    let parts: [Option<&str>; 4] = if text.contains(['/', '.']) {
        let mut parts = text.split(if dots { '.' } else { '/' });
        at.advance(1);
        std::array::from_fn(|_| parts.next())
    } else if at.hyphen(1) && at.hyphen(3) {
        let parts = [Some(text), Some(at.text(2)), Some(at.text(4)), None];
        at.advance(5);
        parts
    } else {
        return None;
    };
    let short = |text: &str| (text.len() <= 2).then(|| text.parse::<u8>().ok()).flatten();
    let [Some(first), Some(second), third, None] = parts else { return None };
    let (first, second) = (short(first)?, short(second)?);
    let day_and_month = |day: u8, month: u8| (1..=31).contains(&day) && (1..=12).contains(&month);
    let third = match third {
        Some(third) => Some(third.parse::<u16>().ok().filter(|_| matches!(third.len(), 2 | 4))?),
        // Two numbers alone are a fraction or a pair as often as a date.
        None if dots => return None,
        None => None,
    };
    let fits = match third {
        Some(_) => day_and_month(first, second) || day_and_month(second, first) || first > 31,
        None => {
            let led = at.class(-2).has(Class::PREPOSITION);
            led && (day_and_month(second, first) || day_and_month(first, second))
        }
    };
    let year_first = first > 31 && !third.is_some_and(|day| (1..=31).contains(&day));
    (fits && !year_first).then(|| base(Base::Numbers(first, second, third)))
}

pub(super) fn day_month(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = day(at)?;
    let _ = hyphen(at) || at.take(const { word("of") });
    let capital = at.capital(0);
    let sure = matches!(look(at), Some((_, Word::Month { sure: true, .. })));
    let month = month(at).filter(|_| capital || sure)?;
    Some(field(Field::MonthDay(month, day)))
}

pub(super) fn day_month_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = day(at)?;
    let _ = hyphen(at) || at.take(const { word("of") });
    let month = month(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(base) }))
}

pub(super) fn holiday(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = take(at, |word| match word {
        Word::Holiday(day) => Some(day),
        _ => None,
    })?;
    Some(place(in_year(at, day)))
}
