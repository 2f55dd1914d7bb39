//! What a text writes of a time, before anybody knows which time that is.
//!
//! A [`TimeExpr`] keeps what the words say and no more: `last Tuesday` is a Tuesday before the
//! document's date, whatever that date is. Its text form stands in `mentions.expr`, so that a later
//! stage can resolve it without reading the words again; the grammar is in `docs/expressions.md`.

mod text;

use crate::{Decimal, MentionKind, TimeMod};

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeExpr {
    /// Which time.
    pub when: When,
    /// Which part or which side of it: `early 1987`, `more than five years`.
    pub modifier: Option<TimeMod>,
}

/// The kinds of times that TIMEX3 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `now`, `recently`, `the future`.
    Vague(Vague),
    /// A stretch of the calendar, of any grain, down to a clock time.
    Place(Place),
    /// A length of time, and which side of the document's date it lies on: `the past five years`.
    Length(Length, Option<Side>),
    /// A repeated time: `every Tuesday`, `twice a year`.
    Set {
        /// What it is repeated over.
        each: Each,
        /// How often in each, if that is said.
        times: Option<u16>,
    },
}

/// A time that has no place in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vague {
    /// `now`, `currently`.
    Present,
    /// `recently`, `the past`.
    Past,
    /// `soon`, `the future`.
    Future,
}

/// Before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before it.
    Past,
    /// After it.
    Next,
}

/// What a set is repeated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// A length: `daily`.
    Length(Length),
    /// A place in the calendar: `every Tuesday`.
    Place(Place),
}

/// A stretch of the calendar, from its coarsest field to its finest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the places that the fields fit, where the base leaves that open.
    pub pick: Pick,
    /// The year, or the stretch that the words count from.
    pub base: Base,
    /// The part of the base.
    pub field: Option<Field>,
    /// The time of the day.
    pub clock: Option<Clock>,
    /// Whether it is one of a fiscal year, which may begin in any month.
    pub fiscal: bool,
}

/// Which of the places that fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The words do not say.
    #[default]
    Any,
    /// `last June`.
    Last,
    /// `this Tuesday`.
    This,
    /// `next spring`.
    Next,
}

/// The coarsest that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing: `Tuesday`, `June 17`.
    Open,
    /// A year; BC below zero, -44 for 44 BC.
    Year(i16),
    /// Two years, the first below the second: `1986/87`.
    Years(i16, i16),
    /// Ten years, by the first three digits: 198.
    Decade(i16),
    /// A hundred years, by the first two digits: 19.
    Century(i16),
    /// Numbers whose order depends on the writer's country: `5/6/87`. The last may be missing; below
    /// 100 it is a year without its century.
    Numbers(u8, u8, Option<u16>),
    /// A whole unit of the calendar, so many on from the one that holds the anchor: `this month` is
    /// 0, `last year` -1. No unit below a day.
    Unit(Anchor, i16, Unit),
    /// So long before or after the anchor: `two years ago`.
    From(Anchor, Side, Length),
}

/// What relative times count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// When the document was written.
    Document,
    /// The last time that the text names: `a year earlier`.
    Mentioned,
}

/// A part of a year, a month or a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 1 to 12.
    Month(u8),
    /// A month and its day.
    MonthDay(u8, u8),
    /// The day of a month that is not said.
    Day(u8),
    /// 1 to 4.
    Quarter(u8),
    /// The quarter that has the number of the one spoken of: `the 1988 quarter`.
    SameQuarter,
    /// 1 or 2.
    Half(u8),
    /// A season of the northern year.
    Season(Season),
    /// The ISO number, 1 to 53.
    Week(u8),
    /// The week that holds a month and day: `the week of March 6`.
    WeekOf(u8, u8),
    /// 1, Monday, to 7.
    Weekday(u8),
    /// Saturday and Sunday.
    Weekend,
    /// The first such weekday on or after a month and day: Thanksgiving is Thursday from November 22.
    WeekdayFrom(u8, u8, u8),
    /// So many days after Easter Sunday of the Western churches; below zero, before it.
    Easter(i8),
    /// A month of a calendar that goes by the moon, or a day of one.
    Moon(Moon, u8, Option<u8>),
}

/// A calendar that goes by the moon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moon {
    /// China's, by the sun too; month 1 begins with the new year.
    Chinese,
    /// The Jewish one, by the sun too; month 1 is Tishrei, 7 Nisan.
    Hebrew,
    /// The Islamic one; month 9 is Ramadan.
    Hijri,
}

/// A season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// March to May.
    Spring,
    /// June to August.
    Summer,
    /// September to November.
    Autumn,
    /// December to February of the next year.
    Winter,
}

/// A time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A stretch of the day.
    Part(DayPart),
    /// By the clock.
    At {
        /// 0 to 24.
        hour: u8,
        /// 0 to 59.
        minute: Option<u8>,
        /// 0 to 60; only with a minute.
        second: Option<u8>,
        /// Minutes east of Greenwich.
        zone: Option<i16>,
    },
}

/// A stretch of the day, as TIMEX3 has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayPart {
    /// `MO`
    Morning,
    /// `MI`
    Midday,
    /// `AF`
    Afternoon,
    /// `EV`
    Evening,
    /// `NI`
    Night,
    /// `DT`: working hours.
    Daytime,
}

/// A length of time in its own units, which are never rewritten: 24 hours are not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// How many.
    pub count: Count,
    /// Of what.
    pub unit: Unit,
    /// What is added in a finer unit: the six months of `two years and six months`.
    pub rest: Option<(Count, Unit)>,
}

impl Length {
    /// `count` of one unit.
    pub fn of(count: impl Into<Count>, unit: Unit) -> Self {
        Self { count: count.into(), unit, rest: None }
    }
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Some: `years`.
    Vague,
    /// That many.
    Exact(Decimal),
}

impl<N: Into<Decimal>> From<N> for Count {
    fn from(number: N) -> Self {
        Self::Exact(number.into().normalize())
    }
}

/// A unit of time, from the finest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// `TS`
    Second,
    /// `TM`
    Minute,
    /// `TH`
    Hour,
    /// `D`
    Day,
    /// `WE`
    Weekend,
    /// `W`
    Week,
    /// `M`
    Month,
    /// `Q`
    Quarter,
    /// `Y`
    Year,
    /// `DE`
    Decade,
    /// `CE`
    Century,
}

impl Unit {
    /// The unit in singular English.
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Weekend => "weekend",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Decade => "decade",
            Self::Century => "century",
        }
    }
}

impl Place {
    /// A place of which only `base` is said.
    pub fn from_base(base: Base) -> Self {
        Self { pick: Pick::Any, base, field: None, clock: None, fiscal: false }
    }

    /// A place in a year that is not said.
    pub fn from_field(field: Field) -> Self {
        Self { field: Some(field), ..Self::from_base(Base::Open) }
    }
}

impl TimeExpr {
    /// A time without a modifier.
    pub fn new(when: When) -> Self {
        Self { when, modifier: None }
    }

    /// Whether it is a date, a time of day, a duration or a set.
    pub fn kind(&self) -> MentionKind {
        match self.when {
            When::Vague(_) => MentionKind::Date,
            When::Place(Place { clock: Some(_), .. }) => MentionKind::Time,
            When::Place(Place { base: Base::From(_, _, length), .. }) if length.unit < Unit::Day => {
                MentionKind::Time
            }
            When::Place(_) => MentionKind::Date,
            When::Length(..) => MentionKind::Duration,
            When::Set { .. } => MentionKind::Set,
        }
    }
}
