//! English times: the words are in `words.tsv`, the table of rules is in `rules`, what the rules read
//! in the modules beside it, and what they are put together from in `grammar`.

mod clocks;
mod days;
mod grammar;
mod lengths;
mod relative;
pub(super) mod rules;
mod tense;
mod years;

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Kind, rows};
use claimline_model::time::{Base, Count, DayPart, Field, Length, Moon, Place, Season, Unit, Vague, When};
use claimline_model::{Decimal, Tense, TimeExpr, TimeMod};

pub(super) use self::tense::tense;
use super::Time;
use crate::cursor::Cursor;
use crate::{Phrases, number};

/// What a word is in a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Word {
    /// From 1; unsure where the word is a verb or an abbreviation of something else too.
    Month {
        month: u8,
        sure: bool,
    },
    /// 1 is Monday.
    Weekday {
        day: u8,
        sure: bool,
    },
    /// `Tuesdays`.
    Weekdays(u8),
    Unit {
        unit: Unit,
        plural: bool,
    },
    Season {
        season: Season,
        sure: bool,
    },
    Part(DayPart),
    /// `mornings`.
    Parts(DayPart),
    /// `noon`.
    Hour(u8),
    /// `yesterday`: days on from today.
    Day(i16),
    Tonight,
    Overnight,
    /// `at night`: of no day in particular.
    At(DayPart),
    Vague(Vague),
    Refer(Refer),
    /// `several`.
    Few,
    /// `a couple of`, which news means as two.
    Couple,
    Every,
    /// `twice`.
    Times(u16),
    /// `daily`, `quarterly`: so many units; unsure where it is a noun's as often as a verb's.
    Daily {
        count: u8,
        unit: Unit,
        sure: bool,
    },
    /// `early`; `the end`, which needs `of` or a hyphen behind it.
    Edge {
        edge: TimeMod,
        of: bool,
    },
    Article,
    /// Minutes east of Greenwich.
    Zone(i16),
    /// Hours to add.
    Meridiem(u8),
    /// `eighties`: 8.
    Decade(i16),
    Quarter(u8),
    Half(u8),
    Fiscal,
    /// Before Christ.
    Era,
    Holiday(Field),
    /// `the full year`, `another week`.
    Whole,
    Fortnight,
    /// `the final quarter of`.
    Final,
    /// What is chosen of a year: in `player of the year` no year is told.
    Award,
    /// `more than`.
    Bound(TimeMod),
}

/// A word that points from one time to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refer {
    Last,
    Past,
    This,
    Current,
    Next,
    Coming,
    Previous,
    Following,
    Same,
    Latest,
    /// `the corresponding quarter`: the same of the year before.
    Comparable,
}

static WORDS: LazyLock<Phrases<Word>> = LazyLock::new(|| {
    let mut words = Phrases::default();
    for [phrase, kind, value] in rows::<3>(include_str!("words.tsv")) {
        if let Some(word) = word_of(kind, value) {
            words.insert(phrase, word);
        }
    }
    words
});

/// The word that a line of `words.tsv` describes.
pub(super) fn word_of(kind: &str, value: &str) -> Option<Word> {
    let number = || value.parse::<u8>().ok();
    let (kind, sure) = kind.strip_suffix('?').map_or((kind, true), |kind| (kind, false));
    Some(match kind {
        "month" => Word::Month { month: number()?, sure },
        "weekday" => Word::Weekday { day: number()?, sure },
        "weekdays" => Word::Weekdays(number()?),
        "unit" | "units" => Word::Unit { unit: unit_of(value)?, plural: kind == "units" },
        "season" => {
            let seasons = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];
            Word::Season { season: seasons.into_iter().find(|s| s.as_str() == value)?, sure }
        }
        "part" => Word::Part(part_of(value)?),
        "parts" => Word::Parts(part_of(value)?),
        "hour" => Word::Hour(number()?),
        "day" => Word::Day(value.parse().ok()?),
        "tonight" => Word::Tonight,
        "overnight" => Word::Overnight,
        "at" => Word::At(part_of(value)?),
        "whole" => Word::Whole,
        "fortnight" => Word::Fortnight,
        "final" => Word::Final,
        "award" => Word::Award,
        "vague" => {
            let all = [Vague::Present, Vague::Past, Vague::Future];
            Word::Vague(all.into_iter().find(|vague| vague.as_str() == value)?)
        }
        "refer" => Word::Refer(match value {
            "last" => Refer::Last,
            "past" => Refer::Past,
            "this" => Refer::This,
            "current" => Refer::Current,
            "next" => Refer::Next,
            "coming" => Refer::Coming,
            "previous" => Refer::Previous,
            "following" => Refer::Following,
            "same" => Refer::Same,
            "latest" => Refer::Latest,
            "comparable" => Refer::Comparable,
            _ => return None,
        }),
        "few" => Word::Few,
        "couple" => Word::Couple,
        "every" => Word::Every,
        "times" => Word::Times(value.parse().ok()?),
        "daily" => {
            let (count, unit) = value.split_once(' ').unwrap_or(("1", value));
            Word::Daily { count: count.parse().ok()?, unit: unit_of(unit)?, sure }
        }
        "edge" | "edge of" => Word::Edge { edge: value.parse().ok()?, of: kind == "edge of" },
        "article" => Word::Article,
        "zone" => Word::Zone(value.parse().ok()?),
        "meridiem" => Word::Meridiem(number()?),
        "decade" => Word::Decade(value.parse().ok()?),
        "quarter" => Word::Quarter(number()?),
        "half" => Word::Half(number()?),
        "fiscal" => Word::Fiscal,
        "era" => Word::Era,
        "holiday" => Word::Holiday(holiday(value)?),
        "bound" => Word::Bound(value.parse().ok()?),
        _ => return None,
    })
}

/// The day that `12-25`, `11-22/4` (the first Thursday from then on), `easter-2` or `hijri 10-01` says.
fn holiday(value: &str) -> Option<Field> {
    let moons = [("chinese ", Moon::Chinese), ("hebrew ", Moon::Hebrew), ("hijri ", Moon::Hijri)];
    if let Some((moon, date)) =
        moons.into_iter().find_map(|(name, moon)| Some((moon, value.strip_prefix(name)?)))
    {
        let (month, day) = date.split_once('-').map_or((date, None), |(month, day)| (month, Some(day)));
        let day = day.map_or(Some(None), |day| day.parse().ok().map(Some))?;
        return Some(Field::Moon(moon, month.parse().ok()?, day));
    }
    if let Some(days) = value.strip_prefix("easter") {
        return days.parse().ok().map(Field::Easter);
    }
    let (date, weekday) = value.split_once('/').map_or((value, None), |(date, day)| (date, Some(day)));
    let (month, day) = date.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    match weekday {
        Some(weekday) => Some(Field::WeekdayFrom(month, day, weekday.parse().ok()?)),
        None => Some(Field::MonthDay(month, day)),
    }
}

fn part_of(name: &str) -> Option<DayPart> {
    use DayPart::{Afternoon, Daytime, Evening, Midday, Morning, Night};
    let parts = [Morning, Midday, Afternoon, Evening, Night, Daytime];
    parts.into_iter().find(|part| part.as_str() == name)
}

fn unit_of(name: &str) -> Option<Unit> {
    use Unit::{Century, Day, Decade, Hour, Minute, Month, Quarter, Second, Week, Weekend, Year};
    let units = [Second, Minute, Hour, Day, Weekend, Week, Month, Quarter, Year, Decade, Century];
    units.into_iter().find(|unit| unit.name() == name)
}

/// The longest word or phrase at the cursor, and its number of tokens.
pub(super) fn look(cursor: &Cursor<'_>) -> Option<(usize, Word)> {
    WORDS.longest(cursor).map(|(len, word)| (len, *word))
}

/// What a rule read.
pub(super) struct Read {
    pub(super) tokens: Range<usize>,
    pub(super) expr: TimeExpr,
    rule: &'static str,
    /// The second time of two that share a month: the 5 of `June 3-5`.
    pub(super) next: Option<(Range<usize>, TimeExpr, &'static str)>,
}

impl Read {
    pub(super) fn into_time(self, tense: Option<Tense>) -> Time {
        let amount = match self.expr.when {
            When::Length(Length { count: Count::Exact(count), unit, rest: None }, _) => {
                Some((count, unit.name()))
            }
            _ => None,
        };
        Time { tokens: self.tokens, expr: self.expr, rule: self.rule, tense, amount }
    }
}

/// The longest time that begins at the cursor; the tokens from `free` on are nobody's yet.
pub(super) fn read(cursor: &Cursor<'_>, free: usize) -> Option<Read> {
    let rules = match cursor.kind(0)? {
        Kind::Number => rules::NUMBER,
        Kind::Word => match look(cursor) {
            Some((_, word)) => rules::of(word),
            None if number::is_numeral(cursor.hash(0)) => rules::NUMERAL,
            None if grammar::fiscal_name(cursor).is_some() => rules::FISCAL_NAME,
            None => return None,
        },
        Kind::Punctuation if cursor.joined(1) && matches!(cursor.text(0), "'" | "\u{2019}" | "\u{2018}") => {
            rules::QUOTE
        }
        _ => return None,
    };
    let mut best: Option<(Cursor<'_>, TimeExpr, &'static str)> = None;
    for rule in rules {
        let mut at = *cursor;
        if let Some(expr) = (rule.read)(&mut at)
            && best.as_ref().is_none_or(|(end, ..)| at.at() > end.at())
        {
            best = Some((at, expr, rule.name));
        }
    }
    let (mut end, mut expr, rule) = best?;
    if let When::Place(place) = &mut expr.when {
        let here = |at: usize| cursor.to(at);
        place.fiscal = (cursor.at()..end.at()).any(|at| {
            matches!(look(&here(at)), Some((_, Word::Fiscal))) || grammar::fiscal_name(&here(at)).is_some()
        });
    }
    grammar::with_clock(&mut end, &mut expr);
    let next = grammar::second_day(&mut end, &mut expr);
    let first = match &next {
        Some((tokens, ..)) => grammar::behind_first_day(cursor, tokens.start),
        None => end.at(),
    };
    let start = grammar::extend_left(cursor, &end, free, &mut expr);
    let next = next.map(|(tokens, expr)| (tokens, expr, rule));
    Some(Read { tokens: start..first, expr, rule, next })
}

/// A place with nothing but a field.
fn field(field: Field) -> TimeExpr {
    TimeExpr::new(When::Place(Place::from_field(field)))
}

/// A place with nothing but a base.
fn base(base: Base) -> TimeExpr {
    TimeExpr::new(When::Place(Place::from_base(base)))
}

fn whole(number: Decimal) -> Option<i64> {
    use rust_decimal::prelude::ToPrimitive;
    number.is_integer().then(|| number.to_i64()).flatten()
}
