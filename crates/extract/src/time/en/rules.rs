//! The rules, by the kind of word that they begin with. Of all that match, the longest counts, of
//! equally long ones the first.

use claimline_language::{Class, Kind, singular as singular_noun, word};
use claimline_model::TimeExpr;
use claimline_model::time::{
    Anchor, Base, Clock, Count, DayPart, Each, Field, Length, Place, Side, Unit, Vague, When,
};

use super::grammar::{
    behind_preposition, clock, count, day, digits, edge, fiscal, full_year, hyphen, in_year, is_age, is_day,
    length, month, of_year, pick, refer, refer_unit, side, singular, take, unit, unit_place, year,
};
use super::{Refer, Word, base, field, look, whole};
use crate::cursor::Cursor;
use crate::number;

/// What reads one kind of time.
pub(in crate::time) struct Rule {
    /// What it matches, as the table's `rule` column has it.
    pub(in crate::time) name: &'static str,
    pub(super) read: fn(&mut Cursor<'_>) -> Option<TimeExpr>,
}

macro_rules! rules {
    ($($group:ident { $($name:literal $read:path,)+ })+) => {
        $(pub(super) const $group: &[Rule] = &[$(Rule { name: $name, read: $read }),+];)+
        /// All rules.
        #[cfg(test)]
        pub(in crate::time) const ALL: &[&[Rule]] = &[$($group),+];
    };
}

rules! {
    MONTH {
        "<month> <day>" month_day,
        "<month> <day>, <year>" month_day_year,
        "<month> <year>" month_year,
        "<month>" month_alone,
    }
    WEEKDAY {
        "<weekday>" weekday,
        "<weekday>, <date>" weekday_date,
    }
    NUMBER {
        "<year>-<month>-<day>" iso_date,
        "<number>/<number>/<number>" numeric_date,
        "<day> <month>" day_month,
        "<day> <month> <year>" day_month_year,
        "<clock>" clock_time,
        "<year>" year_alone,
        "<year>/<year>" year_pair,
        "<year> BC" year_before_christ,
        "<decade>" decade_digits,
        "<ordinal> <quarter>" ordinal_quarter,
        "<ordinal> century" century,
        "first <length>" first_length,
        "<length>" plain_length,
        "<length> ago" length_ago,
        "<number> times a <unit>" times_a_unit,
    }
    NUMERAL {
        "<day> <month>" day_month,
        "<day> <month> <year>" day_month_year,
        "<ordinal> <quarter>" ordinal_quarter,
        "<ordinal> century" century,
        "first <length>" first_length,
        "<length>" plain_length,
        "<length> ago" length_ago,
        "<year in words>" spelled_year,
        "<number> times a <unit>" times_a_unit,
    }
    QUOTE {
        "'<decade>" short_decade,
        "'<year>" short_year,
    }
    UNIT {
        "<ordinal> <quarter>" ordinal_quarter,
        "the <unit>" the_unit,
        "year-ago" unit_ago,
        "year-end" year_end,
        "year <year>" named_year,
        "<units>" vague_units,
        "<units> ago" vague_units_ago,
        "week-long" unit_long,
    }
    SEASON {
        "<season>" season,
    }
    PART {
        "the <part of day>" the_part,
        "<part of day> of <day>" part_of,
    }
    HOUR {
        "<clock>" clock_time,
    }
    DAY {
        "yesterday" near_day,
    }
    TONIGHT {
        "tonight" tonight,
    }
    VAGUE {
        "now" vague,
    }
    REFER {
        "last <unit>" refer_to_unit,
        "last <weekday>" refer_to_field,
        "last <holiday>" refer_to_named,
        "this <part of day>" refer_to_part,
        "past <length>" past_length,
        "past <unit>" past_unit,
        "same <day> <month>" same_period,
    }
    FEW {
        "<length>" plain_length,
        "<length> ago" length_ago,
    }
    EVERY {
        "every <unit>" every,
    }
    TIMES {
        "twice a <unit>" twice_a_unit,
    }
    DAILY {
        "daily" daily,
    }
    EDGE {
        "early <date>" early,
    }
    ARTICLE {
        "a <unit>" a_unit,
        "a <unit> ago" a_unit_ago,
    }
    DECADE {
        "the eighties" decade_word,
    }
    QUARTER {
        "Q<number>" quarter,
        "H<number>" half,
    }
    FISCAL {
        "fiscal <year>" fiscal_year,
    }
    HOLIDAY {
        "<holiday>" holiday,
    }
}

/// The rules that may begin with a word.
pub(super) fn of(word: Word) -> &'static [Rule] {
    match word {
        Word::Month { .. } => MONTH,
        Word::Weekday { .. } => WEEKDAY,
        Word::Unit { .. } => UNIT,
        Word::Season { .. } => SEASON,
        Word::Part(_) => PART,
        Word::Hour(_) => HOUR,
        Word::Day(_) => DAY,
        Word::Tonight => TONIGHT,
        Word::Vague(_) => VAGUE,
        Word::Refer(_) => REFER,
        Word::Few => FEW,
        Word::Every => EVERY,
        Word::Times(_) => TIMES,
        Word::Daily(_) => DAILY,
        Word::Edge(_) => EDGE,
        Word::Article => ARTICLE,
        Word::Decade(_) => DECADE,
        Word::Quarter(_) | Word::Half(_) => QUARTER,
        Word::Fiscal => FISCAL,
        Word::Holiday { .. } => HOLIDAY,
        Word::Zone(_) | Word::Meridiem(_) | Word::Era | Word::Bound(_) => &[],
    }
}

fn place(place: Place) -> TimeExpr {
    TimeExpr::new(When::Place(place))
}

/// Whether the month here is one by its surroundings: behind a preposition, or before a year.
fn month_is_sure(at: &Cursor<'_>) -> bool {
    match look(at) {
        Some((_, Word::Month { sure: true, .. })) => true,
        Some((_, Word::Month { .. })) => at.capital(0) && behind_preposition(at),
        _ => false,
    }
}

fn month_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let capital = at.capital(0) || month_is_sure(at);
    let month = month(at)?;
    hyphen(at);
    let day = day(at).filter(|_| capital)?;
    // `May 17 people`, `in March 12.5 pct`: a number that counts what follows is no day.
    let counts = at.kind(0) == Some(Kind::Symbol);
    (!counts).then(|| field(Field::MonthDay(month, day)))
}

fn month_day_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let month = month(at)?;
    hyphen(at);
    let day = day(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(base) }))
}

fn month_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let month = month(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::Month(month)), ..Place::from_base(base) }))
}

fn month_alone(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // A month among capitals is a name: `April Jones`.
    let sure = month_is_sure(at);
    let month = month(at)?;
    sure.then(|| field(Field::Month(month)))
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
            month_or_day(&mut ahead).is_some()
        };
        (sure || dated()).then_some(day)
    })
}

/// `June 17`, `17 June`, with or without its year.
fn month_or_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let readers = [month_day_year, month_day, day_month_year, day_month];
    readers.into_iter().find_map(|read| {
        let mut ahead = *at;
        let expr = read(&mut ahead)?;
        *at = ahead;
        Some(expr)
    })
}

fn weekday(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = weekday_of(at)?;
    let mut ahead = *at;
    if let Some((anchor, count, Unit::Week)) = refer_unit(&mut ahead) {
        *at = ahead;
        let base = Base::Unit(anchor, count, Unit::Week);
        return Some(place(Place { field: Some(Field::Weekday(day)), ..Place::from_base(base) }));
    }
    Some(field(Field::Weekday(day)))
}

fn weekday_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    weekday_of(at)?;
    at.take(const { word(",") });
    at.take(const { word("the") });
    month_or_day(at)
}

fn iso_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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

fn numeric_date(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let text = at.text(0);
    let dots = text.contains('.');
    let parts: [Option<&str>; 4] = if text.contains(['/', '.']) {
        let mut parts = text.split(['/', '.']);
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
        None => at.class(-2).has(Class::PREPOSITION) && day_and_month(second, first),
    };
    let year_first = first > 31 && !third.is_some_and(|day| (1..=31).contains(&day));
    (fits && !year_first).then(|| base(Base::Numbers(first, second, third)))
}

fn day_month(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = day(at)?;
    let _ = hyphen(at) || at.take(const { word("of") });
    let capital = at.capital(0);
    let sure = matches!(look(at), Some((_, Word::Month { sure: true, .. })));
    let month = month(at).filter(|_| capital || sure)?;
    Some(field(Field::MonthDay(month, day)))
}

fn day_month_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let day = day(at)?;
    let _ = hyphen(at) || at.take(const { word("of") });
    let month = month(at)?;
    let base = of_year(at)?;
    Some(place(Place { field: Some(Field::MonthDay(month, day)), ..Place::from_base(base) }))
}

fn clock_time(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let clock = clock(at)?;
    let day = day_behind(at).unwrap_or(Place::from_base(Base::Open));
    Some(place(Place { clock: Some(clock), ..day }))
}

/// The day that a time of day before it is of: `Monday`, `on June 17`, `of that day`.
fn day_behind(at: &mut Cursor<'_>) -> Option<Place> {
    let mut ahead = *at;
    ahead.take(const { word(",") });
    ahead.take_any(&const { [word("on"), word("of")] });
    ahead.take(const { word("the") });
    let (_, word) = look(&ahead).unwrap_or((0, Word::Article));
    let groups: &[&[Rule]] = match word {
        Word::Month { .. } | Word::Weekday { .. } | Word::Day(_) | Word::Refer(_) => &[of(word)],
        _ if ahead.kind(0)? == Kind::Number => &[NUMBER],
        _ => return None,
    };
    let (end, expr) = longest(&ahead, groups)?;
    let When::Place(place) = expr.when else { return None };
    (is_day(&place) && place.clock.is_none()).then_some(())?;
    *at = end;
    Some(place)
}

fn longest<'t>(at: &Cursor<'t>, groups: &[&[Rule]]) -> Option<(Cursor<'t>, TimeExpr)> {
    let read = |rule: &Rule| {
        let mut ahead = *at;
        let expr = (rule.read)(&mut ahead)?;
        Some((ahead, expr))
    };
    groups
        .iter()
        .copied()
        .flatten()
        .filter_map(read)
        .reduce(|best, next| if next.0.at() > best.0.at() { next } else { best })
}

/// Years that a number without more words is taken for.
const USUAL_YEARS: std::ops::RangeInclusive<i16> = 1900..=2049;

fn year_alone(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let year = year(at)?;
    // Part of a longer number, a name or an amount: `1987-A`, `#1987`, `$ 1987`, `Boeing 1987`.
    let glued = at.joined(0) && (at.kind(0) == Some(Kind::Word) || at.text(0) == "%");
    let signed = start.kind(-1) == Some(Kind::Symbol);
    let numbered = start.class(-1).has(Class::BEFORE_NUMBER);
    // `555-1987`
    let dialled = start.hyphen(-1) && start.kind(-2) == Some(Kind::Number) && start.text(-2).len() != 4;
    if glued || signed || numbered || dialled {
        return None;
    }
    let class = at.class(0);
    // What a number counts stands behind it: a noun, a unit, another number.
    let noun = at.kind(0) == Some(Kind::Word)
        && class.is_empty()
        && !at.capital(0)
        && singular_noun(at.text(0)) != at.text(0)
        && look(at).is_none();
    let counts = noun || matches!(at.kind(0), Some(Kind::Symbol)) || number::is_numeral(at.hash(0));
    let named = start.capital(-1)
        && start.kind(-1) == Some(Kind::Word)
        && start.class(-1).is_empty()
        && look(&start.to(start.at().saturating_sub(1))).is_none()
        && start.at() > 0;
    let led = behind_preposition(&start);
    let surely = led && !counts;
    (surely || USUAL_YEARS.contains(&year) && !counts && !named).then(|| base(Base::Year(year)))
}

/// `1986/87`, `1986-87`, `1986/1987`.
fn year_pair(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (first, second) = match at.text(0).split_once('/') {
        Some(pair) => pair,
        None if at.hyphen(1) => {
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
        4 => to,
        _ => return None,
    };
    // Further apart they are two years, not one season.
    (USUAL_YEARS.contains(&from) && to == from + 1).then(|| base(Base::Years(from, to)))
}

fn year_before_christ(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let year = digits(at, 4).filter(|year| *year > 0)?;
    at.advance(1);
    take(at, |word| (word == Word::Era).then_some(()))?;
    Some(base(Base::Year(-(year as i16))))
}

/// `1980s`, `1980's`.
fn decade_digits(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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
fn ordinal_quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let ordinal = whole(number::ordinal(at)?.value)?;
    hyphen(at);
    take(at, |word| (word == Word::Fiscal).then_some(()));
    let half = at.take(const { word("half") });
    let field = if half {
        Field::Half(u8::try_from(ordinal).ok().filter(|half| (1..=2).contains(half))?)
    } else {
        let quarter = u8::try_from(ordinal).ok().filter(|quarter| (1..=4).contains(quarter))?;
        (singular(at)? == Unit::Quarter).then_some(Field::Quarter(quarter))?
    };
    let place = in_year(at, field);
    // Halves and quarters are of games too: without a year they need an article or a preposition.
    (place.base != Base::Open || !half || at.hash(0) != const { word("of") }).then(|| self::place(place))
}

fn century(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let ordinal = whole(number::ordinal(at)?.value)?;
    hyphen(at);
    let century = i16::try_from(ordinal).ok().filter(|century| (2..=30).contains(century))?;
    (singular(at)? == Unit::Century).then(|| base(Base::Century(century - 1)))
}

/// `first nine months of 1987`.
fn first_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (whole(number::ordinal(at)?.value)? == 1).then_some(())?;
    let length = length(at)?;
    of_year(at);
    Some(TimeExpr::new(When::Length(length, None)))
}

fn plain_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // A share of the whole, not a length: `four of five years`.
    let length = length(at)?;
    let moments = length.count == Count::Vague && length.unit == Unit::Second;
    (!moments && !is_age(at)).then(|| TimeExpr::new(When::Length(length, None)))
}

fn from_length(at: &mut Cursor<'_>, length: Length) -> Option<TimeExpr> {
    let (anchor, side) = side(at)?;
    Some(base(Base::From(anchor, side, length)))
}

fn length_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let length = length(at)?;
    from_length(at, length)
}

fn times_a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let Count::Exact(times) = count(at)? else { return None };
    at.take(const { word("times") }).then_some(())?;
    a_unit_of_set(at, u16::try_from(whole(times)?).ok()?)
}

fn twice_a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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

/// `nineteen ninety-six`, `two thousand eight`.
fn spelled_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let century = whole(number::number(at)?.value)?;
    if (2000..2050).contains(&century) {
        return Some(base(Base::Year(i16::try_from(century).ok()?)));
    }
    hyphen(at);
    let year = whole(number::number(at)?.value)?;
    let fits = matches!(century, 18..=20) && (10..=99).contains(&year);
    let year = i16::try_from(century * 100 + year).ok()?;
    fits.then(|| base(Base::Year(year)))
}

fn short_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    year(at).map(|year| base(Base::Year(year)))
}

fn short_decade(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    at.advance(1);
    let year = at.text(0).strip_suffix('s').filter(|year| year.len() == 2)?;
    let year: i16 = year.parse().ok().filter(|year| year % 10 == 0)?;
    at.advance(1);
    Some(base(Base::Decade(full_year(year) / 10)))
}

fn behind_the(at: &Cursor<'_>) -> bool {
    at.hash(-1) == const { word("the") }
}

/// `the quarter`, `the day`: the one that is spoken of.
fn the_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at);
    let unit = singular(at).filter(|_| the)?;
    let spoken =
        matches!(unit, Unit::Day | Unit::Weekend | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year);
    // `the day he left`, `the week of the vote`: not one that has been named.
    let described = at.hash(0) == const { word("of") } || at.hyphen(0) || at.class(0).has(Class::PRONOUN);
    (spoken && !described).then(|| match unit {
        Unit::Weekend => field(Field::Weekend),
        _ => place(unit_place(Anchor::Mentioned, 0, unit)),
    })
}

/// `year-ago`, `year-earlier quarter`.
fn unit_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let unit = singular(at)?;
    at.hyphen(0).then_some(())?;
    let (anchor, side) = side(at)?;
    let mut ahead = *at;
    if singular(&mut ahead).is_some() || ahead.take(const { word("period") }) {
        *at = ahead;
    }
    Some(base(Base::From(anchor, side, Length::of(1, unit))))
}

fn year_end(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (singular(at)? == Unit::Year && hyphen(at) && at.take(const { word("end") })).then_some(())?;
    let base = of_year(at).unwrap_or(Base::Unit(Anchor::Document, 0, Unit::Year));
    Some(place(Place { field: Some(Field::MonthDay(12, 31)), ..Place::from_base(base) }))
}

/// `year 2000`.
fn named_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (singular(at)? == Unit::Year).then_some(())?;
    match year(at) {
        Some(year) => Some(base(Base::Year(year))),
        None => spelled_year(at),
    }
}

/// `for years`, `weeks of talks`.
fn vague_units(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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

fn vague_units_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (unit, plural) = unit(at)?;
    let length = plural.then_some(Length { count: Count::Vague, unit, rest: None })?;
    from_length(at, length)
}

fn unit_long(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (unit, plural) = unit(at)?;
    (hyphen(at) && at.take(const { word("long") })).then_some(())?;
    let count = if plural { Count::Vague } else { Count::from(1) };
    Some(TimeExpr::new(When::Length(Length { count, unit, rest: None }, None)))
}

fn season(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let led = behind_preposition(at) || behind_the(at);
    let verb = at.hash(-1) == const { word("to") } || at.class(-1).has(Class::MODAL | Class::PRONOUN);
    let (season, sure) = take(at, |word| match word {
        Word::Season { season, sure } => Some((season, sure)),
        _ => None,
    })?;
    let dated = of_year(&mut at.clone()).is_some();
    // `a fall of 5 pct`, `the fall in prices`, `prices fall in June`.
    let drop = !dated
        && at.hash(0) != 0
        && (at.class(0).has(Class::PREPOSITION) || at.kind(0) == Some(Kind::Number));
    let shown = dated || led && !verb && !drop;
    (sure && !verb || shown).then(|| place(in_year(at, Field::Season(season))))
}

fn the_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let led = behind_the(at);
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })
    .filter(|_| led)?;
    let today = unit_place(Anchor::Mentioned, 0, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(part)), ..today }))
}

fn part_of(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })?;
    (at.hash(0) == const { word("of") } || at.hash(0) == const { word("on") }).then_some(())?;
    let day = day_behind(at)?;
    Some(place(Place { clock: Some(Clock::Part(part)), ..day }))
}

fn near_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| match word {
        Word::Day(count) => Some(place(unit_place(Anchor::Document, count, Unit::Day))),
        _ => None,
    })
}

fn tonight(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| (word == Word::Tonight).then_some(()))?;
    let today = unit_place(Anchor::Document, 0, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(DayPart::Night)), ..today }))
}

fn vague(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let vague = take(at, |word| match word {
        Word::Vague(vague) => Some(vague),
        _ => None,
    })?;
    // `the past two years` and `the future of the firm` are others; `as soon as` and `soon after` tell
    // of another event, `now that` of a reason.
    let other = match vague {
        Vague::Past => {
            look(at).is_some_and(|(_, word)| {
                matches!(word, Word::Unit { .. } | Word::Few | Word::Fiscal | Word::Season { .. })
            }) || number::is_numeral(at.hash(0)) && start.at() + 2 == at.at()
                || at.kind(0) == Some(Kind::Number)
        }
        Vague::Present => at.hash(0) == const { word("that") },
        Vague::Future => {
            start.hash(-1) == const { word("as") }
                || at.class(0).has(Class::PREPOSITION | Class::SUBORDINATOR)
                || at.class(0).has(Class::PAST)
        }
    };
    (!other).then(|| TimeExpr::new(When::Vague(vague)))
}

fn refer_to_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let (anchor, count, unit) = refer_unit(at)?;
    // `the last day of June`, `next day`: of something else, or of what was named.
    let mut last = Place::from_base(Base::Unit(anchor, count, unit));
    let first = refer(&mut start.clone())?;
    if matches!(first, Refer::Last | Refer::Next) && unit == Unit::Day {
        last.base = match first {
            Refer::Next => Base::Unit(Anchor::Mentioned, count, unit),
            _ => return None,
        };
    }
    if unit == Unit::Weekend && anchor == Anchor::Document {
        last = Place { pick: pick(first)?, ..Place::from_field(Field::Weekend) };
    }
    // `last year's third quarter`
    if unit == Unit::Year && matches!(at.text(0), "'s" | "\u{2019}s") {
        let mut ahead = *at;
        ahead.advance(1);
        if let Some(part) = part_of_year(&mut ahead) {
            *at = ahead;
            last.field = Some(part);
        }
    }
    Some(place(last))
}

/// `third quarter`, `second half`, `spring`, `June`: behind `last year's`.
fn part_of_year(at: &mut Cursor<'_>) -> Option<Field> {
    if let Some((_, Word::Month { .. } | Word::Season { .. })) = look(at) {
        return take(at, |word| match word {
            Word::Month { month, .. } => Some(Field::Month(month)),
            Word::Season { season, .. } => Some(Field::Season(season)),
            _ => None,
        });
    }
    let When::Place(place) = ordinal_quarter(at)?.when else { return None };
    place.field
}

fn refer_to_field(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let pick = pick(refer(at)?)?;
    let field = take(at, |word| match word {
        Word::Weekday { day, .. } => Some(Field::Weekday(day)),
        Word::Month { month, .. } => Some(Field::Month(month)),
        Word::Season { season, .. } => Some(Field::Season(season)),
        _ => None,
    })?;
    if let Field::Month(month) = field
        && let Some(day) = day(at)
    {
        return Some(place(Place { pick, ..Place::from_field(Field::MonthDay(month, day)) }));
    }
    Some(place(Place { pick, ..Place::from_field(field) }))
}

/// `last Christmas`, `next June 17`.
fn refer_to_named(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let pick = pick(refer(at)?)?;
    let (month, day) = take(at, |word| match word {
        Word::Holiday { month, day } => Some((month, day)),
        _ => None,
    })?;
    Some(place(Place { pick, ..Place::from_field(Field::MonthDay(month, day)) }))
}

fn refer_to_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (anchor, count) = match refer(at)? {
        Refer::Last => (Anchor::Document, -1),
        Refer::This => (Anchor::Document, 0),
        Refer::Same => (Anchor::Mentioned, 0),
        Refer::Next | Refer::Following => (Anchor::Mentioned, 1),
        _ => return None,
    };
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })?;
    let day = unit_place(anchor, count, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(part)), ..day }))
}

/// `past five years`, `next few weeks`.
fn past_length(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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
fn past_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let refer = refer(at)?;
    let side = match refer {
        Refer::Past => Side::Past,
        Refer::Coming => Side::Next,
        _ => return None,
    };
    let unit = singular(at)?;
    Some(TimeExpr::new(When::Length(Length::of(1, unit), Some(side))))
}

/// `same period last year`, `same month of 1986`.
fn same_period(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    (refer(at)? == Refer::Same).then_some(())?;
    let unit = match at.take(const { word("period") }) {
        true => Unit::Quarter,
        false => singular(at)?,
    };
    let base = of_year(at).or_else(|| {
        at.take_any(&const { [word("a"), word("the")] });
        let (anchor, side) = unit_ago_or_earlier(at)?;
        Some(Base::From(anchor, side, Length::of(1, Unit::Year)))
    })?;
    let back = match base {
        Base::Unit(Anchor::Document, count, Unit::Year) => i16::checked_mul(count, 4)?,
        Base::From(..) => -4,
        other => return Some(self::base(other)),
    };
    Some(match unit {
        Unit::Quarter => place(unit_place(Anchor::Mentioned, back, unit)),
        Unit::Month => place(unit_place(Anchor::Mentioned, back * 3, unit)),
        _ => self::base(base),
    })
}

fn unit_ago_or_earlier(at: &mut Cursor<'_>) -> Option<(Anchor, Side)> {
    let mut ahead = *at;
    (singular(&mut ahead)? == Unit::Year).then_some(())?;
    let found = side(&mut ahead)?;
    *at = ahead;
    Some(found)
}

fn every(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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

fn daily(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| match word {
        Word::Daily(unit) => Some(Length::of(1, unit)),
        _ => None,
    })
    .map(|each| TimeExpr::new(When::Set { each: Each::Length(each), times: None }))
}

/// `early June`, `the end of 1987`, `mid-1987`, `late Monday`, `earlier this year`.
fn early(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let modifier = edge(at)?;
    hyphen(at);
    at.take_any(&const { [word("of"), word("in"), word("on"), word("to")] });
    at.take(const { word("the") });
    let groups: &[&[Rule]] = match look(at) {
        Some((_, Word::Edge(_) | Word::Bound(_) | Word::Article)) => return None,
        Some((_, word)) => &[of(word)],
        None if at.kind(0)? == Kind::Number => &[NUMBER],
        None if number::is_numeral(at.hash(0)) => &[NUMERAL],
        None => &[QUOTE],
    };
    let (end, mut expr) = longest(at, groups)?;
    let When::Place(place) = expr.when else { return None };
    *at = end;
    // `earlier today`, `later that day`: the day itself.
    let of_day = matches!(start.text(0), "earlier" | "Earlier" | "later" | "Later") && is_day(&place);
    let clock = matches!(place.clock, Some(Clock::At { .. }));
    if !of_day && !clock {
        expr.modifier = Some(modifier);
    }
    Some(expr)
}

/// `for a week`, `an hour`, `a year and a half`.
fn a_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
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

fn a_unit_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let length = article_length(at)?;
    from_length(at, length)
}

/// `the eighties`.
fn decade_word(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at) || matches!(look(&at.to(at.at().saturating_sub(1))), Some((1, Word::Edge(_))));
    let decade = take(at, |word| match word {
        Word::Decade(decade) => Some(decade),
        _ => None,
    });
    decade.filter(|_| the).map(|decade| base(Base::Decade(190 + decade)))
}

fn quarter(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let field = take(at, |word| match word {
        Word::Quarter(quarter) => Some(Field::Quarter(quarter)),
        _ => None,
    })?;
    Some(place(in_year(at, field)))
}

fn half(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let field = take(at, |word| match word {
        Word::Half(half) => Some(Field::Half(half)),
        _ => None,
    })?;
    let place = in_year(at, field);
    (place.base != Base::Open).then(|| self::place(place))
}

/// `fiscal 1988`, `fiscal third quarter`.
fn fiscal_year(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    if fiscal(at) {
        return year(at).map(|year| base(Base::Year(year)));
    }
    at.advance(1);
    ordinal_quarter(at)
}

fn holiday(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let capital = at.capital(0);
    let (month, day) = take(at, |word| match word {
        Word::Holiday { month, day } => Some((month, day)),
        _ => None,
    })?;
    capital.then(|| place(in_year(at, Field::MonthDay(month, day))))
}
