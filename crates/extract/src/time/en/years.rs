//! Years, their parts, and what is longer.

use claimline_language::{Class, Kind, singular as singular_noun, word};
use claimline_model::time::{Anchor, Base, Field, Length, Place, Unit, When};
use claimline_model::{TimeExpr, TimeMod};

use super::grammar::{
    behind_preposition, behind_the, digits, fiscal, fiscal_name, full_year, hyphen, in_year, of_year, place,
    singular, spelled_year, take, unit, unit_place, year,
};
use super::{Word, base, look, whole};
use crate::cursor::Cursor;
use crate::number;
use crate::quantity::{is_sum, is_unit};

/// Years that a number without more words is taken for.
const USUAL_YEARS: std::ops::RangeInclusive<i16> = 1900..=2049;

pub(super) fn year_alone(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let year = year(at)?;
    // Part of a longer number, a name or an amount: `1987-A`, `#1987`, `$ 1987`, `Boeing 1987`.
    let possessive = matches!(at.text(0), "'s" | "\u{2019}s");
    let glued = at.joined(0) && (at.kind(0) == Some(Kind::Word) && !possessive || at.text(0) == "%");
    let signed = start.kind(-1) == Some(Kind::Symbol);
    let numbered = start.class(-1).has(Class::BEFORE_NUMBER);
    // `2017-13-12`, `+86 138-2010-2015`
    let number = |offset| start.kind(offset) == Some(Kind::Number);
    let chain =
        at.hyphen(0) && at.kind(1) == Some(Kind::Number) && at.hyphen(2) && at.kind(3) == Some(Kind::Number)
            || start.hyphen(-1) && number(-2) && start.hyphen(-3) && number(-4)
            || start.hyphen(-1) && number(-2) && at.hyphen(0) && at.kind(1) == Some(Kind::Number);
    // `555-1987`
    let dialled = start.hyphen(-1) && start.kind(-2) == Some(Kind::Number) && start.text(-2).len() != 4;
    if glued || signed || numbered || dialled || chain {
        return None;
    }
    let class = at.class(0);
    let led = behind_preposition(&start) && !is_sum(&start);
    // What a number counts stands behind it: a noun, a unit, another number.
    let noun = at.kind(0) == Some(Kind::Word)
        && (class.is_empty() || !led && !class.has(Class::CLOSED))
        && !at.capital(0)
        && singular_noun(at.text(0)) != at.text(0)
        && look(at).is_none();
    let some = start.hash(-1) == const { word("some") };
    let determined = !some && start.class(-1).has(Class::DETERMINER | Class::POSSESSIVE);
    let counts = noun && !determined
        || at.kind(0) == Some(Kind::Symbol) && at.text(0) != "_"
        || number::is_numeral(at.hash(0));
    let named = start.capital(-1)
        && start.kind(-1) == Some(Kind::Word)
        && start.class(-1).is_empty()
        && look(&start.to(start.at().saturating_sub(1))).is_none()
        && start.at() > 0
        && !(at.hyphen(0) && digits(&at.to(at.at() + 1), 4).is_some());
    // `2000 yen`, `1950 kg`, but not `in 1992 sterling fell`
    let counts = counts || !led && is_unit(at);
    let surely = led && !counts;
    let range = at.hyphen(0) && at.text(1).len() == 4 || start.hyphen(-1) && start.text(-2).len() == 4;
    (surely || (USUAL_YEARS.contains(&year) || range) && !counts && !named).then(|| base(Base::Year(year)))
}

/// What years that stand together are of: `the 1986-87 season`.
const OF_YEARS: [u64; 10] = [
    word("season"),
    word("seasons"),
    word("crop"),
    word("campaign"),
    word("year"),
    word("term"),
    word("school"),
    word("academic"),
    word("budget"),
    word("marketing"),
];

/// `1986/87`, `1986/1987`, and `1986-87` before a season or the like.
pub(super) fn year_pair(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let dash = at.hyphen(1);
    let (first, second) = match at.text(0).split_once('/') {
        Some(pair) => pair,
        None if dash => {
            let pair = (at.text(0), at.text(2));
            at.advance(2);
            pair
        }
        None => return None,
    };
    at.advance(1);
    let from: i16 = first.parse().ok().filter(|_| first.len() == 4)?;
    let to: i16 = second.parse().ok()?;
    let to = match second.len() {
        2 => from - from % 100 + to,
        4 if !dash => to,
        _ => return None,
    };
    // Further apart, or with a dash between, they are two years and not one season.
    let one = !dash || OF_YEARS.contains(&at.hash(0));
    (one && USUAL_YEARS.contains(&from) && to == from + 1).then(|| base(Base::Years(from, to)))
}

/// The second of two years: the 18 of `1914-18`.
pub(super) fn second_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let behind = at.hyphen(-1) && at.text(-2).len() == 4 && !at.hyphen(-3);
    let from = digits(&at.to(at.at().checked_sub(2)?), 4).filter(|_| behind)? as i16;
    let short = digits(at, 2).filter(|_| at.text(0).len() == 2)? as i16;
    at.advance(1);
    let glued = at.hyphen(0) || at.joined(0) && at.kind(0) != Some(Kind::Punctuation);
    (USUAL_YEARS.contains(&from) && short > from % 100 && !glued)
        .then(|| base(Base::Year(from - from % 100 + short)))
}

pub(super) fn year_before_christ(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let year = digits(at, 4).filter(|year| *year > 0)?;
    at.advance(1);
    // `264 to 241 BC`: both years are before Christ.
    let mut ahead = *at;
    if (hyphen(&mut ahead) || ahead.take_any(&const { [word("to"), word("and"), word("or")] }))
        && digits(&ahead, 4).is_some_and(|second| second < year)
    {
        ahead.advance(1);
        take(&mut ahead, |word| (word == Word::Era).then_some(()))?;
        return Some(base(Base::Year(-(year as i16))));
    }
    take(at, |word| (word == Word::Era).then_some(()))?;
    Some(base(Base::Year(-(year as i16))))
}

/// `1980s`, `1980's`.
pub(super) fn decade_digits(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let year = match text.strip_suffix('s') {
        Some(year) => year,
        None if matches!(at.text(1), "'s" | "\u{2019}s") => {
            at.advance(1);
            text
        }
        None => return None,
    };
    at.advance(1);
    let year: i16 = year.parse().ok().filter(|y| year.len() == 4 && y % 10 == 0)?;
    Some(base(match year % 100 {
        0 if year % 1000 != 0 => Base::Century(year / 100),
        _ => Base::Decade(year / 10),
    }))
}

/// `third quarter`, `fiscal second-quarter`, `first half of 1987`.
pub(super) fn ordinal_quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let second = at.class(-1).has(Class::COORDINATOR);
    let ordinal = whole(number::ordinal(at)?.value)?;
    hyphen(at);
    take(at, |word| (word == Word::Fiscal).then_some(()));
    let half = at.take(const { word("half") });
    let field = if half {
        Field::Half(u8::try_from(ordinal).ok().filter(|half| (1..=2).contains(half))?)
    } else {
        let quarter = u8::try_from(ordinal).ok().filter(|quarter| (1..=4).contains(quarter))?;
        // `the third and fourth quarters`
        let (unit, plural) = unit(at)?;
        (unit == Unit::Quarter && (second || !plural)).then_some(Field::Quarter(quarter))?
    };
    let place = in_year(at, field);
    // Halves and quarters are of games too: without a year they need an article or a preposition.
    (place.base != Base::Open || !half || at.hash(0) != const { word("of") }).then(|| self::place(place))
}

/// The first of `third and fourth quarters of 1987`: it is of the year of the second.
pub(super) fn shared_quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let ordinal = whole(number::ordinal(at)?.value)?;
    let mut ahead = *at;
    ahead.take_any(&const { [word("and"), word("or")] }).then_some(())?;
    let expr = ordinal_quarter(&mut ahead)?;
    let When::Place(place) = expr.when else { return None };
    let ordinal = u8::try_from(ordinal).ok()?;
    let field = match place.field? {
        Field::Quarter(second) if (1..second).contains(&ordinal) => Field::Quarter(ordinal),
        Field::Half(second) if (1..second).contains(&ordinal) => Field::Half(ordinal),
        _ => return None,
    };
    Some(self::place(Place { field: Some(field), ..place }))
}

/// `1988 quarter`, `1988 period`: the one that has been compared with it.
pub(super) fn year_period(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let year = year(at)?;
    let quarter = at.take(const { word("period") }) || singular(at)? == Unit::Quarter;
    let field = Some(Field::SameQuarter);
    quarter.then(|| place(Place { field, ..Place::from_base(Base::Year(year)) }))
}

/// `1988 second quarter`, `1988-Q2`.
pub(super) fn year_quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let year = year(at)?;
    hyphen(at);
    let field = part_of_year(at)?;
    Some(place(Place { field: Some(field), ..Place::from_base(Base::Year(year)) }))
}

/// `Q2`, `H1`, `second quarter`, of a year that is told before.
fn part_of_year(at: &mut Cursor<'_>) -> Option<Field> {
    let named = take(at, |word| match word {
        Word::Quarter(quarter) => Some(Field::Quarter(quarter)),
        Word::Half(half) => Some(Field::Half(half)),
        _ => None,
    });
    named.or_else(|| match ordinal_quarter(at)?.when {
        When::Place(Place { base: Base::Open, field, .. }) => field,
        _ => None,
    })
}

/// `final quarter of 2009`, `latter half of 2008`; of another year's too, but not by themselves.
pub(super) fn final_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    at.advance(1);
    let field = match at.take(const { word("half") }) {
        true => Field::Half(2),
        false => (singular(at)? == Unit::Quarter).then_some(Field::Quarter(4))?,
    };
    let place = in_year(at, field);
    (place.base != Base::Open).then(|| self::place(place))
}

pub(super) fn century(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let ordinal = whole(number::ordinal(at)?.value)?;
    hyphen(at);
    let century = i16::try_from(ordinal).ok().filter(|century| (2..=30).contains(century))?;
    (singular(at)? == Unit::Century).then(|| base(Base::Century(century - 1)))
}

/// `the 70s`, `mid-90s`; not of a temperature.
pub(super) fn decade_tens(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    const WARM: [u64; 4] = [word("highs"), word("lows"), word("temperatures"), word("degrees")];
    let warm = (-6..0).any(|offset| WARM.contains(&at.hash(offset)));
    let led = behind_the(at) || is_edge_before(at);
    let tens: i16 = at.text(0).strip_suffix('s').filter(|tens| tens.len() == 2)?.parse().ok()?;
    at.advance(1);
    (led && !warm && tens % 10 == 0).then(|| base(Base::Decade(full_year(tens) / 10)))
}

/// Whether `early`, `mid-` or the like stands before the cursor.
fn is_edge_before(at: &Cursor<'_>) -> bool {
    let back = if at.hyphen(-1) { 2 } else { 1 };
    at.at() >= back && matches!(look(&at.to(at.at() - back)), Some((1, Word::Edge { .. })))
}

pub(super) fn year_in_words(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    spelled_year(at).map(|year| base(Base::Year(year)))
}

/// `nineteen seventies`, `twenty-tens`.
pub(super) fn decade_in_words(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let century = spelled_century(at)?;
    hyphen(at);
    let decade = take(at, |word| match word {
        Word::Decade(decade) => Some(decade),
        _ => None,
    })?;
    Some(base(Base::Decade(century * 10 + decade)))
}

fn spelled_century(at: &mut Cursor<'_>) -> Option<i16> {
    const CENTURIES: [(u64, i16); 4] =
        [(word("seventeen"), 17), (word("eighteen"), 18), (word("nineteen"), 19), (word("twenty"), 20)];
    let (_, century) = CENTURIES.iter().find(|(hash, _)| *hash == at.hash(0))?;
    at.advance(1);
    Some(*century)
}

pub(super) fn short_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // The second of two quotation marks: `''60 Minutes''`.
    (at.text(-1) != at.text(0)).then_some(())?;
    year(at).map(|year| base(Base::Year(year)))
}

pub(super) fn short_decade(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    at.advance(1);
    let year = at.text(0).strip_suffix('s').filter(|year| year.len() == 2)?;
    let year: i16 = year.parse().ok().filter(|year| year % 10 == 0)?;
    at.advance(1);
    Some(base(Base::Decade(full_year(year) / 10)))
}

/// `year-end`, which is a day; `year end`, `year's end`.
pub(super) fn year_end(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (singular(at)? == Unit::Year).then_some(())?;
    let day = hyphen(at);
    let possessive = matches!(at.text(0), "'s" | "\u{2019}s");
    at.advance(usize::from(possessive));
    at.take(const { word("end") }).then_some(())?;
    if !day {
        let year = of_year(at).unwrap_or(Base::Unit(Anchor::Document, 0, Unit::Year));
        return Some(TimeExpr { modifier: Some(TimeMod::End), ..base(year) });
    }
    let base = of_year(at).unwrap_or(Base::Unit(Anchor::Document, 0, Unit::Year));
    Some(place(Place { field: Some(Field::MonthDay(12, 31)), ..Place::from_base(base) }))
}

/// `year 2000`.
pub(super) fn named_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (singular(at)? == Unit::Year).then_some(())?;
    match year(at) {
        Some(year) => Some(base(Base::Year(year))),
        None => year_in_words(at),
    }
}

pub(super) fn season(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let led = behind_preposition(at) || behind_the(at);
    let verb = at.hash(-1) == const { word("to") } || at.class(-1).has(Class::MODAL | Class::PRONOUN);
    let (season, sure) = take(at, |word| match word {
        Word::Season { season, sure } => Some((season, sure)),
        _ => None,
    })?;
    let dated = of_year(&mut at.clone()).is_some();
    // `Summer Olympics 2012`
    let name = start.capital(0) && at.capital(0) && at.class(0).is_empty() && look(at).is_none();
    (!name || is_all_capitals(at.text(0))).then_some(())?;
    // `a fall of 5 pct`, `the fall in prices`, `prices fall in June`.
    let drop = !dated
        && at.hash(0) != 0
        && (at.class(0).has(Class::PREPOSITION) || at.kind(0) == Some(Kind::Number));
    let shown = !verb && (dated || led && !drop);
    (sure && !verb || shown).then(|| place(in_year(at, Field::Season(season))))
}

/// Whether a word is written as in a headline, where capitals tell nothing.
fn is_all_capitals(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_lowercase())
}

/// `the eighties`.
pub(super) fn decade_word(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at) || is_edge_before(at);
    let decade = take(at, |word| match word {
        Word::Decade(decade) => Some(decade),
        _ => None,
    });
    decade.filter(|_| the).map(|decade| base(Base::Decade(190 + decade)))
}

pub(super) fn quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let field = take(at, |word| match word {
        Word::Quarter(quarter) => Some(Field::Quarter(quarter)),
        _ => None,
    })?;
    Some(place(in_year(at, field)))
}

pub(super) fn half(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let field = take(at, |word| match word {
        Word::Half(half) => Some(Field::Half(half)),
        _ => None,
    })?;
    let place = in_year(at, field);
    (place.base != Base::Open).then(|| self::place(place))
}

/// `FY2019`, `FY19 Q3`, `FY2019 third quarter`.
pub(super) fn fiscal_year_name(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let year = fiscal_name(at)?;
    at.advance(1);
    let mut part = *at;
    let _ = hyphen(&mut part) || part.take(const { word(",") });
    let field = part_of_year(&mut part);
    if field.is_some() {
        *at = part;
    }
    Some(place(Place { field, ..Place::from_base(Base::Year(year)) }))
}

/// `fiscal 1988`, `fiscal third quarter`.
pub(super) fn fiscal_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    if fiscal(at) {
        return year(at).map(|year| base(Base::Year(year)));
    }
    let the = behind_the(at);
    at.advance(1);
    match singular(&mut at.clone()) {
        // `the fiscal year ended March 31`
        Some(Unit::Year) if the && [word("ended"), word("ending")].contains(&at.hash(1)) => {
            at.advance(1);
            Some(TimeExpr::new(When::Length(Length::of(1, Unit::Year), None)))
        }
        Some(unit) if the && unit >= Unit::Quarter => {
            at.advance(1);
            Some(place(unit_place(Anchor::Mentioned, 0, unit)))
        }
        _ => ordinal_quarter(at),
    }
}
