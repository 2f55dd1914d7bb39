//! The text form of a time expression: `Display` and `FromStr`, each other's inverse.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::{
    Anchor, Base, Clock, Count, DayPart, Each, Field, Length, Moon, Pick, Place, Season, Side, TimeExpr,
    Unit, Vague, When,
};
use crate::CellError;

/// The variants of an enum and how each is written.
macro_rules! written {
    ($type:ident: $($variant:ident = $text:literal),+) => {
        impl $type {
            /// How it is written in TIMEX3 and in [`TimeExpr`].
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

written!(Vague: Present = "PRESENT_REF", Past = "PAST_REF", Future = "FUTURE_REF");
written!(Season: Spring = "SP", Summer = "SU", Autumn = "FA", Winter = "WI");
written!(Moon: Chinese = "CHINESE", Hebrew = "HEBREW", Hijri = "HIJRI");
written!(DayPart: Morning = "MO", Midday = "MI", Afternoon = "AF", Evening = "EV", Night = "NI", Daytime = "DT");
written!(Unit: Second = "TS", Minute = "TM", Hour = "TH", Day = "D", Weekend = "WE", Week = "W", Month = "M",
    Quarter = "Q", Year = "Y", Decade = "DE", Century = "CE");
written!(Anchor: Document = "doc", Mentioned = "ref");

impl Display for TimeExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Vague(vague) => f.write_str(vague.as_str())?,
            When::Place(place) => place.fmt(f)?,
            When::Length(length, side) => {
                f.write_str(match side {
                    None => "",
                    Some(Side::Past) => "past ",
                    Some(Side::Next) => "next ",
                })?;
                length.fmt(f)?;
            }
            When::Set { each, times } => {
                f.write_str("each ")?;
                match each {
                    Each::Length(length) => length.fmt(f)?,
                    Each::Place(place) => place.fmt(f)?,
                }
                if let Some(times) = times {
                    write!(f, " {times}x")?;
                }
            }
        }
        match self.modifier {
            Some(modifier) => write!(f, " {}", modifier.as_str()),
            None => Ok(()),
        }
    }
}

impl FromStr for TimeExpr {
    type Err = CellError;

    fn from_str(text: &str) -> Result<Self, CellError> {
        expression(text).ok_or_else(|| CellError::new("a time such as XXXX-06-17 or doc-P1Y", text))
    }
}

fn expression(text: &str) -> Option<TimeExpr> {
    let (text, modifier) = match text.rsplit_once(' ').map(|(head, last)| (head, last.parse())) {
        Some((head, Ok(modifier))) => (head, Some(modifier)),
        _ => (text, None),
    };
    let when = if let Some(vague) = Vague::from_text(text) {
        When::Vague(vague)
    } else if let Some(each) = text.strip_prefix("each ") {
        let (each, times) = match each.rsplit_once(' ').map(|(head, last)| (head, last.strip_suffix('x'))) {
            Some((head, Some(times))) => (head, Some(times.parse().ok()?)),
            _ => (each, None),
        };
        let each = match each.starts_with('P') {
            true => Each::Length(whole_length(each)?),
            false => Each::Place(place(each)?),
        };
        When::Set { each, times }
    } else if text.starts_with('P') {
        When::Length(whole_length(text)?, None)
    } else if let Some(length) = text.strip_prefix("past P").and(text.get(5..)) {
        When::Length(whole_length(length)?, Some(Side::Past))
    } else if let Some(length) = text.strip_prefix("next P").and(text.get(5..)) {
        When::Length(whole_length(length)?, Some(Side::Next))
    } else {
        When::Place(place(text)?)
    };
    Some(TimeExpr { when, modifier })
}

impl Display for Length {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        let mut clock = false;
        for (count, unit) in [Some((self.count, self.unit)), self.rest].into_iter().flatten() {
            let unit = match unit.as_str().strip_prefix('T') {
                Some(unit) => {
                    f.write_str(if std::mem::replace(&mut clock, true) { "" } else { "T" })?;
                    unit
                }
                None => unit.as_str(),
            };
            match count {
                Count::Vague => write!(f, "X{unit}")?,
                Count::Exact(number) => write!(f, "{number}{unit}")?,
            }
        }
        Ok(())
    }
}

fn whole_length(text: &str) -> Option<Length> {
    let text = text.strip_prefix('P')?;
    let ((count, unit), text) = length_part(text, false)?;
    let (rest, text) = match text {
        "" => (None, text),
        _ => length_part(text, unit < Unit::Day).map(|(part, text)| (Some(part), text))?,
    };
    text.is_empty().then_some(Length { count, unit, rest })
}

/// One number with its unit, and the text behind it; `clock` where a `T` was before it.
fn length_part(text: &str, clock: bool) -> Option<((Count, Unit), &str)> {
    let (text, clock) = text.strip_prefix('T').map_or((text, clock), |behind| (behind, true));
    let (count, text) = text.split_at(text.find(|c: char| c.is_ascii_uppercase() && c != 'X')?);
    let count = if count == "X" { Count::Vague } else { Count::Exact(count.parse().ok()?) };
    let end = text.find(|c: char| !c.is_ascii_uppercase() || c == 'T' || c == 'X').unwrap_or(text.len());
    let (unit, text) = text.split_at(end);
    let unit = match (clock, unit) {
        (true, "H") => Unit::Hour,
        (true, "M") => Unit::Minute,
        (true, "S") => Unit::Second,
        (true, _) => return None,
        (false, unit) => Unit::from_text(unit).filter(|unit| *unit >= Unit::Day)?,
    };
    Some(((count, unit), text))
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.fiscal { "fiscal " } else { "" })?;
        f.write_str(match self.pick {
            Pick::Any => "",
            Pick::Last => "last ",
            Pick::This => "this ",
            Pick::Next => "next ",
        })?;
        let relative = matches!(self.base, Base::From(..) | Base::Unit(..));
        match self.base {
            Base::Open => f.write_str("XXXX")?,
            Base::Year(year) if year < 0 => write!(f, "BC{:04}", -i32::from(year))?,
            Base::Year(year) => write!(f, "{year:04}")?,
            Base::Years(from, to) => write!(f, "{from:04}/{to:04}")?,
            Base::Decade(decade) => write!(f, "{decade:03}X")?,
            Base::Century(century) => write!(f, "{century:02}XX")?,
            Base::Numbers(first, second, third) => {
                write!(f, "{first}/{second}")?;
                if let Some(third) = third {
                    write!(f, "/{third:02}")?;
                }
            }
            Base::Unit(anchor, count, unit) => {
                write!(f, "{}:{}{count:+}", anchor.as_str(), unit.as_str())?;
            }
            Base::From(anchor, side, length) => {
                let sign = if side == Side::Past { '-' } else { '+' };
                write!(f, "{}{sign}{length}", anchor.as_str())?;
            }
        }
        if let Some(field) = self.field {
            write!(f, "{}{field}", if relative { ' ' } else { '-' })?;
        }
        if let Some(clock) = self.clock {
            f.write_str(if relative { " T" } else { "T" })?;
            clock.fmt(f)?;
        }
        Ok(())
    }
}

fn place(text: &str) -> Option<Place> {
    match text.strip_prefix("fiscal ") {
        Some(behind) => calendar_place(behind).map(|place| Place { fiscal: true, ..place }),
        None => calendar_place(text),
    }
}

fn calendar_place(text: &str) -> Option<Place> {
    let picks = [(Pick::Last, "last "), (Pick::This, "this "), (Pick::Next, "next ")];
    let picked = picks.iter().find_map(|(pick, word)| Some((*pick, text.strip_prefix(word)?)));
    let (pick, text) = picked.unwrap_or((Pick::Any, text));
    let relative =
        text.split_at_checked(3).and_then(|(head, behind)| Some((Anchor::from_text(head)?, behind)));
    if let Some((anchor, behind)) = relative {
        let mut words = behind.split(' ');
        let base = match words.next()?.split_at_checked(1)? {
            ("-", length) => Base::From(anchor, Side::Past, whole_length(length)?),
            ("+", length) => Base::From(anchor, Side::Next, whole_length(length)?),
            (":", unit) => {
                let (unit, count) = unit.split_at(unit.find(['-', '+'])?);
                let unit = Unit::from_text(unit).filter(|unit| *unit >= Unit::Day)?;
                Base::Unit(anchor, count.parse().ok()?, unit)
            }
            _ => return None,
        };
        let mut place = Place { pick, ..Place::from_base(base) };
        for word in words {
            match word.strip_prefix('T') {
                Some(time) if place.clock.is_none() => place.clock = Some(clock(time)?),
                None if place.field.is_none() && place.clock.is_none() => place.field = Some(field(word)?),
                _ => return None,
            }
        }
        return Some(place);
    }
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let (start, rest) = date.split_once('-').map_or((date, None), |(start, rest)| (start, Some(rest)));
    Some(Place {
        pick,
        base: base(start)?,
        field: rest.map_or(Some(None), |rest| field(rest).map(Some))?,
        clock: time.map_or(Some(None), |time| clock(time).map(Some))?,
        fiscal: false,
    })
}

fn base(text: &str) -> Option<Base> {
    let digits = |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(());
    let year = |text: &str| digits(text).filter(|()| text.len() == 4).and_then(|()| text.parse().ok());
    if text == "XXXX" {
        return Some(Base::Open);
    }
    if let Some(before) = text.strip_prefix("BC") {
        return year(before).filter(|year: &i16| *year > 0).map(|year| Base::Year(-year));
    }
    if let Some(century) = text.strip_suffix("XX") {
        return digits(century).and_then(|()| Some(Base::Century(century.parse().ok()?)));
    }
    if let Some(decade) = text.strip_suffix('X') {
        return digits(decade).and_then(|()| Some(Base::Decade(decade.parse().ok()?)));
    }
    match text.split_once('/') {
        None => year(text).map(Base::Year),
        Some((from, to)) if from.len() == 4 => {
            let (from, to) = (year(from)?, year(to)?);
            (from < to).then_some(Base::Years(from, to))
        }
        Some((first, rest)) => {
            let (second, third) =
                rest.split_once('/').map_or((rest, None), |(second, third)| (second, Some(third)));
            let third = third.map_or(Some(None), |third| third.parse().ok().map(Some))?;
            Some(Base::Numbers(first.parse().ok()?, second.parse().ok()?, third))
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Field::Month(month) => write!(f, "{month:02}"),
            Field::MonthDay(month, day) => write!(f, "{month:02}-{day:02}"),
            Field::Day(day) => write!(f, "XX-{day:02}"),
            Field::Quarter(quarter) => write!(f, "Q{quarter}"),
            Field::SameQuarter => f.write_str("QX"),
            Field::Half(half) => write!(f, "H{half}"),
            Field::Season(season) => f.write_str(season.as_str()),
            Field::Week(week) => write!(f, "W{week:02}"),
            Field::WeekOf(month, day) => write!(f, "{month:02}-{day:02}+WXX"),
            Field::Weekday(day) => write!(f, "WXX-{day}"),
            Field::Weekend => f.write_str("WXX-WE"),
            Field::WeekdayFrom(month, day, weekday) => write!(f, "{month:02}-{day:02}+WXX-{weekday}"),
            Field::Easter(days) => write!(f, "PASCHA{days:+}"),
            Field::Moon(moon, month, None) => write!(f, "{}-{month:02}", moon.as_str()),
            Field::Moon(moon, month, Some(day)) => write!(f, "{}-{month:02}-{day:02}", moon.as_str()),
        }
    }
}

fn field(text: &str) -> Option<Field> {
    fn number(text: &str, range: std::ops::RangeInclusive<u8>) -> Option<u8> {
        text.parse().ok().filter(|number| range.contains(number))
    }
    if let Some(season) = Season::from_text(text) {
        return Some(Field::Season(season));
    }
    if let Some(days) = text.strip_prefix("PASCHA") {
        return days.parse().ok().map(Field::Easter);
    }
    if let Some((moon, date)) =
        text.split_once('-').and_then(|(moon, date)| Some((Moon::from_text(moon)?, date)))
    {
        let (month, day) = date.split_once('-').map_or((date, None), |(month, day)| (month, Some(day)));
        let day = day.map_or(Some(None), |day| number(day, 1..=30).map(Some))?;
        return Some(Field::Moon(moon, number(month, 1..=12)?, day));
    }
    if let Some((from, weekday)) = text.split_once("+WXX") {
        let Field::MonthDay(month, day) = field(from)? else { return None };
        return Some(match weekday.strip_prefix('-') {
            Some(weekday) => Field::WeekdayFrom(month, day, number(weekday, 1..=7)?),
            None if weekday.is_empty() => Field::WeekOf(month, day),
            None => return None,
        });
    }
    Some(match text.split_once('-') {
        Some(("WXX", "WE")) => Field::Weekend,
        Some(("WXX", day)) => Field::Weekday(number(day, 1..=7)?),
        Some(("XX", day)) => Field::Day(number(day, 1..=31)?),
        Some((month, day)) => Field::MonthDay(number(month, 1..=12)?, number(day, 1..=31)?),
        None => match text.split_at_checked(1)? {
            ("Q", "X") => Field::SameQuarter,
            ("Q", quarter) => Field::Quarter(number(quarter, 1..=4)?),
            ("H", half) => Field::Half(number(half, 1..=2)?),
            ("W", week) => Field::Week(number(week, 1..=53)?),
            _ => Field::Month(number(text, 1..=12)?),
        },
    })
}

impl Display for Clock {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Clock::Part(part) => f.write_str(part.as_str()),
            Clock::At { hour, minute, second, zone } => {
                write!(f, "{hour:02}")?;
                for part in [minute, second].into_iter().flatten() {
                    write!(f, ":{part:02}")?;
                }
                match zone {
                    None => Ok(()),
                    Some(0) => f.write_str("Z"),
                    Some(zone) => {
                        let sign = if zone < 0 { '-' } else { '+' };
                        write!(f, "{sign}{:02}", zone.abs() / 60)?;
                        if zone % 60 == 0 { Ok(()) } else { write!(f, ":{:02}", zone.abs() % 60) }
                    }
                }
            }
        }
    }
}

fn clock(text: &str) -> Option<Clock> {
    if let Some(part) = DayPart::from_text(text) {
        return Some(Clock::Part(part));
    }
    let (time, zone) = match text.find(['Z', '+', '-']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let zone = match zone {
        None => None,
        Some("Z") => Some(0),
        Some(zone) => {
            let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "0"));
            let minutes = hours.parse::<i16>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
            Some(if zone.starts_with('-') { -minutes } else { minutes })
        }
    };
    let mut parts = time.split(':').map(|part| part.parse::<u8>().ok());
    let hour = parts.next()??;
    let minute = parts.next().map_or(Some(None), |minute| minute.map(Some))?;
    let second = parts.next().map_or(Some(None), |second| second.map(Some))?;
    let within = hour <= 24 && minute.is_none_or(|m| m < 60) && second.is_none_or(|s| s <= 60);
    (within && parts.next().is_none()).then_some(Clock::At { hour, minute, second, zone })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Decimal, TimeMod};

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "1987-06-17",
            "XXXX-06-17",
            "XXXX-WXX-2",
            "last XXXX-WXX-2",
            "198X",
            "19XX",
            "BC0044",
            "1986/1987",
            "5/6",
            "5/6/87",
            "5/6/1987T10:30",
            "doc-P1Y",
            "doc:Y-1 Q3",
            "doc:D+1 TMO",
            "ref-P1Y6M",
            "XXXX-06-17T18:00+05:30",
            "XXXXT10:30Z",
            "PXY",
            "PT24H MORE_THAN",
            "past P5Y",
            "each P1W 2x",
            "each XXXX-WXX-2",
            "PRESENT_REF",
            "doc:Y+0 START",
            "doc:D-1",
            "ref:Q-4",
            "doc:W+1 WXX-5",
        ] {
            assert_eq!(text.parse::<TimeExpr>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "June",
            "1987-13",
            "1987-06-32",
            "P",
            "P1",
            "PT1D",
            "doc",
            "doc-1Y",
            "5/",
            "each",
            "1987/1986",
        ] {
            assert!(text.parse::<TimeExpr>().is_err(), "{text}");
        }
    }

    const UNITS: [Unit; 11] = [
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Weekend,
        Unit::Week,
        Unit::Month,
        Unit::Quarter,
        Unit::Year,
        Unit::Decade,
        Unit::Century,
    ];

    fn numbers() -> impl Strategy<Value = Count> {
        prop_oneof![
            Just(Count::Vague),
            (0..100_000i64, 0..3u32).prop_map(|(n, scale)| Count::from(Decimal::new(n, scale))),
        ]
    }

    fn lengths() -> impl Strategy<Value = Length> {
        let unit = prop::sample::select(&UNITS[..]);
        (numbers(), unit.clone(), prop::option::of((numbers(), unit)))
            .prop_map(|(count, unit, rest)| Length { count, unit, rest: rest.filter(|rest| rest.1 < unit) })
    }

    fn places() -> impl Strategy<Value = Place> {
        let anchor = prop::sample::select(&[Anchor::Document, Anchor::Mentioned][..]);
        let base = prop_oneof![
            Just(Base::Open),
            (-9999..=9999i16).prop_map(Base::Year),
            (0..=9998i16).prop_map(|year| Base::Years(year, year + 1)),
            (0..=999i16).prop_map(Base::Decade),
            (0..=99i16).prop_map(Base::Century),
            (0..=99u8, 0..=99u8, prop::option::of(prop_oneof![0..=99u16, 1000..=9999u16]))
                .prop_map(|(a, b, c)| Base::Numbers(a, b, c)),
            (anchor.clone(), any::<i16>(), prop::sample::select(&UNITS[3..]))
                .prop_map(|(anchor, count, unit)| Base::Unit(anchor, count, unit)),
            (anchor, prop::bool::ANY, lengths()).prop_map(|(anchor, past, length)| {
                Base::From(anchor, if past { Side::Past } else { Side::Next }, length)
            }),
        ];
        let field = prop_oneof![
            (1..=12u8).prop_map(Field::Month),
            (1..=12u8, 1..=31u8).prop_map(|(month, day)| Field::MonthDay(month, day)),
            (1..=31u8).prop_map(Field::Day),
            (1..=4u8).prop_map(Field::Quarter),
            (1..=2u8).prop_map(Field::Half),
            prop::sample::select(&[Season::Spring, Season::Summer, Season::Autumn, Season::Winter][..])
                .prop_map(Field::Season),
            (1..=53u8).prop_map(Field::Week),
            (1..=12u8, 1..=31u8).prop_map(|(month, day)| Field::WeekOf(month, day)),
            (1..=7u8).prop_map(Field::Weekday),
            Just(Field::Weekend),
            (
                prop::sample::select(&[Moon::Chinese, Moon::Hebrew, Moon::Hijri][..]),
                1..=12u8,
                prop::option::of(1..=30u8)
            )
                .prop_map(|(moon, month, day)| Field::Moon(moon, month, day)),
        ];
        let clock = prop_oneof![
            prop::sample::select(&[DayPart::Morning, DayPart::Midday, DayPart::Night, DayPart::Daytime][..])
                .prop_map(Clock::Part),
            (
                0..=24u8,
                prop::option::of((0..60u8, prop::option::of(0..=60u8))),
                prop::option::of(-840..=840i16)
            )
                .prop_map(|(hour, rest, zone)| Clock::At {
                    hour,
                    minute: rest.map(|(minute, _)| minute),
                    second: rest.and_then(|(_, second)| second),
                    zone,
                }),
        ];
        let pick = prop::sample::select(&[Pick::Any, Pick::Last, Pick::This, Pick::Next][..]);
        (pick, base, prop::option::of(field), prop::option::of(clock), prop::bool::ANY)
            .prop_map(|(pick, base, field, clock, fiscal)| Place { pick, base, field, clock, fiscal })
    }

    fn expressions() -> impl Strategy<Value = TimeExpr> {
        let side = prop::sample::select(&[None, Some(Side::Past), Some(Side::Next)][..]);
        let each = prop_oneof![lengths().prop_map(Each::Length), places().prop_map(Each::Place)];
        let when = prop_oneof![
            prop::sample::select(&[Vague::Present, Vague::Past, Vague::Future][..]).prop_map(When::Vague),
            places().prop_map(When::Place),
            (lengths(), side).prop_map(|(length, side)| When::Length(length, side)),
            (each, prop::option::of(any::<u16>())).prop_map(|(each, times)| When::Set { each, times }),
        ];
        let modifier = prop::option::of(prop::sample::select(TimeMod::ALL));
        (when, modifier).prop_map(|(when, modifier)| TimeExpr { when, modifier })
    }

    proptest! {
        #[test]
        fn every_expression_reads_back_as_itself(expr in expressions()) {
            let text = expr.to_string();
            prop_assert_eq!(text.parse::<TimeExpr>().unwrap(), expr, "{}", text);
        }

        #[test]
        fn no_text_panics(text in "(?s).{0,20}|[PTX0-9YMWD /:Z+-]{0,20}") {
            let _ = text.parse::<TimeExpr>();
        }
    }
}
