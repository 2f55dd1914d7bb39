//! The parts that rules are put together from. Each goes over what it reads, or stays and gives
//! nothing.

use std::ops::Range;

use claimline_language::{Class, Kind, word};
use claimline_model::time::{
    Anchor, Base, Clock, Count, DayPart, Field, Length, Pick, Place, Side, Unit, When,
};
use claimline_model::{Decimal, TimeExpr, TimeMod};

use super::clocks::clock;
use super::{Refer, Word, look, whole};
use crate::cursor::Cursor;
use crate::number::{self, Form};

/// Goes over the word here if `f` makes something of it.
pub(super) fn take<T>(at: &mut Cursor<'_>, f: impl FnOnce(Word) -> Option<T>) -> Option<T> {
    let (len, word) = look(at)?;
    let taken = f(word)?;
    at.advance(len);
    Some(taken)
}

pub(super) fn hyphen(at: &mut Cursor<'_>) -> bool {
    let hyphen = at.hyphen(0);
    at.advance(usize::from(hyphen));
    hyphen
}

/// The digits here, if the token is nothing else, at most `most` of them.
pub(super) fn digits(at: &Cursor<'_>, most: usize) -> Option<u16> {
    let text = at.text(0);
    let fits = (1..=most.min(4)).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// A year in four digits, or in two behind an apostrophe.
pub(super) fn year(at: &mut Cursor<'_>) -> Option<i16> {
    if matches!(at.text(0), "'" | "\u{2019}" | "\u{2018}") && at.joined(1) {
        let year = digits(&at.to(at.at() + 1), 2).filter(|_| at.text(1).len() == 2)?;
        at.advance(2);
        return Some(full_year(year as i16));
    }
    let year = digits(at, 4).filter(|year| (1000..=2199).contains(year))?;
    at.advance(1);
    Some(year as i16)
}

/// The year of `FY2019` or `FY19`.
pub(super) fn fiscal_name(at: &Cursor<'_>) -> Option<i16> {
    let year = at.text(0).strip_prefix("FY")?;
    let digits = year.bytes().all(|b| b.is_ascii_digit());
    let year = year.parse().ok().filter(|_| digits && matches!(year.len(), 2 | 4))?;
    match year {
        0..100 => Some(full_year(year)),
        1900..2200 => Some(year),
        _ => None,
    }
}

/// `nineteen ninety-six`, `two thousand eight`.
pub(super) fn spelled_year(at: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *at;
    if ahead.kind(0) != Some(Kind::Word) {
        return None;
    }
    let century = whole(number::number(&mut ahead)?.value)?;
    let year = match century {
        2000..2050 => century,
        18..=20 => {
            hyphen(&mut ahead);
            let year = whole(number::number(&mut ahead)?.value)?;
            (10..=99).contains(&year).then_some(century * 100 + year)?
        }
        _ => return None,
    };
    *at = ahead;
    i16::try_from(year).ok()
}

/// The year that two digits behind an apostrophe stand for: `'30` to `'99` are of the 20th century.
pub(super) fn full_year(year: i16) -> i16 {
    if year < 30 { 2000 + year } else { 1900 + year }
}

/// The day of a month: `17`, `17th`, `the 17th`, `seventeenth`.
pub(super) fn day(at: &mut Cursor<'_>) -> Option<u8> {
    let mut ahead = *at;
    let the = ahead.take(const { word("the") });
    let day = match digits(&ahead, 2).filter(|_| !the) {
        Some(day) => {
            ahead.advance(1);
            day
        }
        None => {
            let number = number::ordinal(&mut ahead)?;
            u16::try_from(whole(number.value)?).ok()?
        }
    };
    let measured =
        matches!(ahead.text(0), "%" | "/") || (ahead.joined(0) && ahead.kind(0) == Some(Kind::Word));
    let day = u8::try_from(day).ok().filter(|day| (1..=31).contains(day) && !measured)?;
    *at = ahead;
    Some(day)
}

pub(super) fn month(at: &mut Cursor<'_>) -> Option<u8> {
    take(at, |word| match word {
        Word::Month { month, .. } => Some(month),
        _ => None,
    })
}

/// A year behind a part of it: `1987`, `, 1987`, `of last year`, `of fiscal 1988`, `'87`.
pub(super) fn of_year(at: &mut Cursor<'_>) -> Option<Base> {
    let mut ahead = *at;
    let of = ahead.take_any(&const { [word("of"), word("in")] });
    let comma = !of && ahead.take(const { word(",") });
    if !of && !comma {
        hyphen(&mut ahead);
    }
    if of {
        ahead.take(const { word("the") });
    }
    if let Some(year) = fiscal_name(&ahead) {
        ahead.advance(1);
        *at = ahead;
        return Some(Base::Year(year));
    }
    let fiscal = fiscal(&mut ahead);
    let base = match year(&mut ahead).or_else(|| spelled_year(&mut ahead)) {
        Some(year) => Base::Year(year),
        None if comma || fiscal => return None,
        None => {
            let (anchor, count, unit) = refer_unit(&mut ahead)?;
            if unit != Unit::Year {
                return None;
            }
            Base::Unit(anchor, count, unit)
        }
    };
    *at = ahead;
    Some(base)
}

/// `fiscal`, `fiscal year`, `the year`: what stands before a year's number.
pub(super) fn fiscal(at: &mut Cursor<'_>) -> bool {
    let mut ahead = *at;
    let fiscal = take(&mut ahead, |word| (word == Word::Fiscal).then_some(())).is_some();
    let named =
        take(&mut ahead, |word| matches!(word, Word::Unit { unit: Unit::Year, .. }).then_some(())).is_some();
    let numbered = (fiscal || named) && year(&mut ahead.clone()).is_some();
    if numbered {
        *at = ahead;
    }
    numbered
}

/// A field of a year, of the year that is said behind it or of one that is not.
pub(super) fn in_year(at: &mut Cursor<'_>, field: Field) -> Place {
    let base = of_year(at).unwrap_or(Base::Open);
    Place { field: Some(field), ..Place::from_base(base) }
}

/// `last year`, `this month`, `the following day`: the anchor, how many units on, and which.
pub(super) fn refer_unit(at: &mut Cursor<'_>) -> Option<(Anchor, i16, Unit)> {
    let the = at.hash(-1) == const { word("the") };
    let mut ahead = *at;
    let refer = refer(&mut ahead)?;
    take(&mut ahead, |word| (word == Word::Fiscal).then_some(()));
    let unit = match refer == Refer::Latest && ahead.take(const { word("period") }) {
        true => Unit::Quarter,
        false => singular(&mut ahead)?,
    };
    let (anchor, count) = match refer {
        Refer::Last => (Anchor::Document, -1),
        Refer::This | Refer::Current => (Anchor::Document, 0),
        Refer::Next if the && unit != Unit::Quarter => (Anchor::Mentioned, 1),
        Refer::Next | Refer::Coming => (Anchor::Document, 1),
        Refer::Previous => (Anchor::Mentioned, -1),
        Refer::Following => (Anchor::Mentioned, 1),
        Refer::Same => (Anchor::Mentioned, 0),
        Refer::Latest if unit == Unit::Quarter => (Anchor::Mentioned, 0),
        Refer::Latest if unit == Unit::Year => (Anchor::Document, -1),
        Refer::Comparable if unit == Unit::Quarter => (Anchor::Mentioned, -4),
        Refer::Past | Refer::Latest | Refer::Comparable => return None,
    };
    (unit >= Unit::Day).then_some(())?;
    *at = ahead;
    Some((anchor, count, unit))
}

pub(super) fn refer(at: &mut Cursor<'_>) -> Option<Refer> {
    take(at, |word| match word {
        Word::Refer(refer) => Some(refer),
        _ => None,
    })
}

/// A unit in the singular, not followed by what makes it part of something else.
pub(super) fn singular(at: &mut Cursor<'_>) -> Option<Unit> {
    take(at, |word| match word {
        Word::Unit { unit, plural: false } => Some(unit),
        _ => None,
    })
}

pub(super) fn unit(at: &mut Cursor<'_>) -> Option<(Unit, bool)> {
    take(at, |word| match word {
        Word::Unit { unit, plural } => Some((unit, plural)),
        _ => None,
    })
}

/// `several`, `five`, `two and a half`, `24`.
pub(super) fn count(at: &mut Cursor<'_>) -> Option<Count> {
    if take(at, |word| (word == Word::Few).then_some(())).is_some() {
        return Some(Count::Vague);
    }
    if take(at, |word| (word == Word::Couple).then_some(())).is_some() {
        return Some(Count::from(2));
    }
    let number = number::number(at)?;
    match number.form {
        Form::Vague => {
            at.take(const { word("of") });
            Some(Count::Vague)
        }
        _ => Some(Count::from(number.value)),
    }
}

/// `five years`, `a six-month`, `two years and six months`, `several days`.
pub(super) fn length(at: &mut Cursor<'_>) -> Option<Length> {
    let mut ahead = *at;
    // `half an hour`, `half a century`
    if ahead.take(const { word("half") })
        && ahead.take_any(&const { [word("a"), word("an")] })
        && let Some(unit) = singular(&mut ahead)
    {
        *at = ahead;
        return Some(Length::of(Decimal::new(5, 1), unit));
    }
    let mut ahead = *at;
    let count = count(&mut ahead)?;
    let joined = hyphen(&mut ahead);
    if !joined {
        // `three more years`, `five consecutive days`
        ahead.take_any(&const { [word("more"), word("full"), word("consecutive"), word("straight")] });
        const KINDS: [u64; 7] = [
            word("calendar"),
            word("fiscal"),
            word("business"),
            word("working"),
            word("trading"),
            word("previous"),
            word("additional"),
        ];
        ahead.take_any(&KINDS);
    }
    let one = count == Count::from(1);
    if take(&mut ahead, |word| (word == Word::Fortnight).then_some(())).is_some() {
        let Count::Exact(number) = count else { return None };
        *at = ahead;
        return Some(Length::of(number.checked_mul(2.into())?, Unit::Week));
    }
    let (unit, plural) = unit(&mut ahead)?;
    // Two quarters may be of a dollar, one second an ordinal, `a fourth-quarter loss` is of the fourth;
    // `five year` is speech written down.
    let fourth = matches!(count, Count::Exact(number) if number < Decimal::ONE);
    if unit == Unit::Quarter && !plural && (!joined || fourth)
        || unit == Unit::Second && !plural && !joined && !one
    {
        return None;
    }
    let mut length = Length { count, unit, rest: None };
    let mut more = ahead;
    more.take_any(&const { [word("and"), word(",")] });
    if let Some(Count::Exact(number)) = exact(&mut more)
        && let Some((finer, _)) = self::unit(&mut more)
        && finer < unit
        && !joined
    {
        length.rest = Some((Count::Exact(number), finer));
        ahead = more;
    }
    *at = ahead;
    Some(length)
}

fn exact(at: &mut Cursor<'_>) -> Option<Count> {
    number::number(at).map(|number| Count::from(number.value))
}

/// Whether what stands here makes a length an age: `-year-old`, `years of age`.
pub(super) fn is_age(at: &Cursor<'_>) -> bool {
    let mut ahead = *at;
    hyphen(&mut ahead);
    ahead.take_any(&const { [word("old"), word("olds"), word("older"), word("younger")] })
        || (ahead.take(const { word("of") }) && ahead.take(const { word("age") }))
}

/// `ago`, `earlier`, `later`, `from now`: which side of what a length before it lies on.
pub(super) fn side(at: &mut Cursor<'_>) -> Option<(Anchor, Side)> {
    let mut ahead = *at;
    hyphen(&mut ahead);
    let found = match ahead.hash(0) {
        hash if hash == const { word("ago") } => (Anchor::Document, Side::Past),
        hash if hash == const { word("earlier") } => (Anchor::Mentioned, Side::Past),
        hash if hash == const { word("before") } && ends_clause(&ahead, 1) => (Anchor::Mentioned, Side::Past),
        hash if hash == const { word("later") } => (Anchor::Mentioned, Side::Next),
        hash if hash == const { word("hence") } => (Anchor::Document, Side::Next),
        hash if hash == const { word("from") } => {
            ahead.advance(1);
            let now = [word("now"), word("today")].contains(&ahead.hash(0));
            now.then_some((Anchor::Document, Side::Next))?
        }
        _ => return None,
    };
    ahead.advance(1);
    *at = ahead;
    Some(found)
}

/// Whether the token `offset` away is a stop, a comma or nothing.
pub(super) fn ends_clause(at: &Cursor<'_>, offset: isize) -> bool {
    at.kind(offset).is_none_or(|kind| kind == Kind::Punctuation)
}

/// Whether a preposition or `and` stands before the cursor, articles passed over: what shows that a
/// word that may be something else is a time.
pub(super) fn behind_preposition(at: &Cursor<'_>) -> bool {
    let before = if at.hash(-1) == const { word("the") } { -2 } else { -1 };
    let class = at.class(before);
    class.has(Class::PREPOSITION | Class::COORDINATOR | Class::SUBORDINATOR | Class::TO)
        || at
            .at()
            .checked_add_signed(before)
            .is_some_and(|i| matches!(look(&at.to(i)), Some((1, Word::Edge { .. } | Word::Refer(_)))))
}

fn part(at: &mut Cursor<'_>) -> Option<DayPart> {
    take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })
}

/// Whether what ends at `end` is the name of a show or a book: `"This Week"`, `''60 Minutes''`.
pub(super) fn is_title(start: &Cursor<'_>, end: &Cursor<'_>) -> bool {
    let quoted = matches!(start.text(-1), "\"" | "``" | "''" | "\u{201C}" | "\u{2018}" | "'");
    quoted && end.capital(-1)
}

/// Adds what stands behind a day and tells the time of it: `Monday morning`, `June 17 at 10:30`.
pub(super) fn with_clock(at: &mut Cursor<'_>, expr: &mut TimeExpr) {
    let When::Place(place) = &mut expr.when else { return };
    if place.clock.is_some() || !is_day(place) {
        return;
    }
    if let Some(part) = part(at) {
        place.clock = Some(Clock::Part(part));
        return;
    }
    let mut ahead = *at;
    ahead.take(const { word(",") });
    ahead.take_any(&const { [word("at"), word("around"), word("by")] });
    if let Some(clock) = clock(&mut ahead) {
        place.clock = Some(clock);
        *at = ahead;
    }
}

pub(super) fn is_day(place: &Place) -> bool {
    match place.field {
        Some(field) => matches!(
            field,
            Field::MonthDay(..)
                | Field::Weekday(_)
                | Field::Day(_)
                | Field::WeekdayFrom(..)
                | Field::Easter(_)
                | Field::Moon(_, _, Some(_))
        ),
        None => matches!(place.base, Base::Unit(_, _, Unit::Day) | Base::Numbers(..)),
    }
}

/// The second day of two that share a month: `June 3-5`, `June 3 and 5, 1987`. The year behind it is
/// the first one's too.
pub(super) fn second_day(at: &mut Cursor<'_>, expr: &mut TimeExpr) -> Option<(Range<usize>, TimeExpr)> {
    let When::Place(place) = &mut expr.when else { return None };
    let (Some(Field::MonthDay(month, first)), Base::Open, None) = (place.field, place.base, place.clock)
    else {
        return None;
    };
    let mut ahead = *at;
    // `17 June` does not share its month with a number behind it.
    digits(&at.to(at.at().checked_sub(1)?), 2)?;
    let joined = hyphen(&mut ahead)
        || ahead.take_any(&const { [word("and"), word("to"), word("or"), word("through"), word("until")] });
    if !joined {
        return None;
    }
    let start = ahead.at();
    let second = day(&mut ahead).filter(|second| *second > first)?;
    if ahead.kind(0) == Some(Kind::Word) && (look(&ahead).is_some() || !ahead.class(0).has(Class::CLOSED)) {
        return None;
    }
    let base = of_year(&mut ahead).unwrap_or(Base::Open);
    place.base = base;
    *at = ahead;
    let second = Place { field: Some(Field::MonthDay(month, second)), ..Place::from_base(base) };
    Some((start..ahead.at(), TimeExpr::new(When::Place(second))))
}

/// Where the first of two days ends whose second begins at `second`.
pub(super) fn behind_first_day(start: &Cursor<'_>, second: usize) -> usize {
    (second - 1).max(start.at() + 1)
}

/// Takes in what stands before a time and belongs to it: `the`, and before a length `more than`. Gives
/// the place where the time begins then; the tokens before `free` are another's.
pub(super) fn extend_left(cursor: &Cursor<'_>, end: &Cursor<'_>, free: usize, expr: &mut TimeExpr) -> usize {
    let start = cursor.at();
    let mut at = *cursor;
    // In `the June figures` the article is the noun's.
    let spoken = end.kind(0) == Some(Kind::Word);
    let bare = matches!(expr.when, When::Place(Place { base, field, clock: None, .. })
        if matches!((base, field), (Base::Year(_), None) | (Base::Open, Some(Field::Month(_)))));
    let class = end.class(0);
    let noun = spoken && (class.is_empty() || bare && !class.has(Class::CLOSED) && expr.modifier.is_none());
    let the = !noun && start > free && at.hash(-1) == const { word("the") };
    if let When::Length(_, None) = expr.when
        && expr.modifier.is_none()
    {
        let before = if the { at.to(start - 1) } else { at };
        for len in (1..=3).filter(|len| before.at() >= free + len) {
            let from = before.to(before.at() - len);
            if let Some((found, Word::Bound(modifier))) = look(&from)
                && found == len
            {
                expr.modifier = Some(modifier);
                at = from;
            }
        }
        if expr.modifier.is_some() {
            return at.at();
        }
    }
    start - usize::from(the)
}

/// A place so many units on from the anchor.
pub(super) fn unit_place(anchor: Anchor, count: i16, unit: Unit) -> Place {
    Place::from_base(Base::Unit(anchor, count, unit))
}

/// How a word before a month, a weekday or a season picks one.
pub(super) fn pick(refer: Refer) -> Option<Pick> {
    match refer {
        Refer::Last | Refer::Past | Refer::Previous => Some(Pick::Last),
        Refer::This | Refer::Current => Some(Pick::This),
        Refer::Next | Refer::Coming | Refer::Following => Some(Pick::Next),
        Refer::Same | Refer::Latest | Refer::Comparable => None,
    }
}

/// `early`, `late in`, `the end of`, `mid-`: the part of a time that follows.
pub(super) fn edge(at: &mut Cursor<'_>) -> Option<TimeMod> {
    let mut ahead = *at;
    let (edge, noun) = take(&mut ahead, |word| match word {
        Word::Edge { edge, of } => Some((edge, of)),
        _ => None,
    })?;
    let linked = hyphen(&mut ahead) || ahead.take(const { word("of") });
    // `beginning in 1970` is a verb.
    (linked || !noun).then_some(())?;
    if !linked {
        ahead.take_any(&const { [word("in"), word("on")] });
    }
    ahead.take(const { word("the") });
    *at = ahead;
    Some(edge)
}

pub(super) fn place(place: Place) -> TimeExpr {
    TimeExpr::new(When::Place(place))
}

pub(super) fn behind_the(at: &Cursor<'_>) -> bool {
    at.hash(-1) == const { word("the") }
}
