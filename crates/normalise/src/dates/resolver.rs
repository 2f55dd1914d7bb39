//! From what is written to the stretch of the calendar that is meant, in the document's context.

use claimline_model::time::{Anchor, Base, Count, Field, Length, Pick, Place, Side, Unit};
use claimline_model::{Date, Decimal, Tense};
use rust_decimal::prelude::ToPrimitive;

use super::DateOrder;
use super::calendar::{Stretch, easter, monday, months_on, moon, weekday_from};

/// Past this many days, the tense of the clause outweighs which occurrence is nearer.
const TENSE_DECIDES: i32 = 120;

/// A bare year further than this from the one told of is an aside.
const ASIDE: u16 = 10;

/// What is known when a time is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// When the document was written.
    pub(super) published: Option<Date>,
    /// Whether the text tells of times long gone, so that a bare month is one of the year last named.
    pub(super) narrative: bool,
    /// The order of `5/6/87`: never [`DateOrder::Auto`].
    pub(super) order: DateOrder,
    /// The last time that the text named.
    pub(super) mentioned: Option<Stretch>,
    /// The last quarter that the text named.
    pub(super) quarter: Option<Stretch>,
    /// In a narrative, a bare year far from the one told of, which nothing has followed up yet.
    pub(super) aside: Option<Stretch>,
    /// Whether weeks begin on Sunday, so that a Sunday is of the week behind it.
    pub(super) sunday: bool,
    /// How many months fiscal years are ahead of the calendar's: 3 where they begin in October.
    pub(super) ahead: i32,
    /// Whether the last quarter named is one of a fiscal year.
    pub(super) fiscal_quarter: bool,
}

/// What a place comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// That stretch.
    Stretch(Stretch),
    /// Some time before, some time after: `years ago`.
    Side(Side),
    /// What is known does not suffice.
    Open,
}

impl Context {
    /// The stretch that a place means, its clock left aside.
    pub(super) fn find(&self, place: Place, tense: Option<Tense>) -> Found {
        match place.base {
            Base::From(_, side, Length { count: Count::Vague, .. }) => Found::Side(side),
            _ if place.fiscal && self.ahead > 0 => {
                // In the calendar of a fiscal year, which numbers its months from its first.
                let published = self.published.and_then(|day| months_on(day, self.ahead));
                let quarter = self.quarter.filter(|_| self.fiscal_quarter);
                let context = Self { published, mentioned: None, quarter, ..*self };
                context.stretch(place, tense).map_or(Found::Open, Found::Stretch)
            }
            _ => self.stretch(place, tense).map_or(Found::Open, Found::Stretch),
        }
    }

    /// Whether the stretch that a place came to is one of a fiscal year that is not the calendar's.
    pub(super) fn is_fiscal(&self, place: Place, stretch: Stretch) -> bool {
        // `a year earlier` than a fiscal quarter
        let quarter = matches!(stretch, Stretch::Quarter(..))
            && (matches!(place.base, Base::From(..) | Base::Unit(Anchor::Mentioned, ..))
                || place.field == Some(Field::SameQuarter));
        self.ahead > 0 && (place.fiscal || quarter && self.fiscal_quarter)
    }

    /// Keeps what later times may count from.
    pub(super) fn remember(&mut self, place: Place, stretch: Stretch) {
        // What a time is compared with does not become the time that is spoken of.
        let compared = match place.base {
            Base::From(..) => !self.narrative,
            Base::Unit(Anchor::Document, ..) => self.narrative,
            Base::Unit(Anchor::Mentioned, count, Unit::Quarter) => count < 0,
            _ => place.field == Some(Field::SameQuarter),
        };
        if self.narrative && self.is_aside(place, stretch) {
            self.aside = Some(stretch);
            return;
        }
        self.aside = None;
        if !compared {
            self.mentioned = Some(stretch);
            if matches!(stretch, Stretch::Quarter(..)) {
                self.fiscal_quarter = self.is_fiscal(place, stretch);
                self.quarter = Some(stretch);
            }
        }
    }

    /// Whether a year stands so far from the time told of that it is one look ahead or back, such as
    /// `documents released in 2005`; a second such year shows that the narrative has moved on.
    fn is_aside(&self, place: Place, stretch: Stretch) -> bool {
        let year = |stretch: Stretch| stretch.first().map(Date::year);
        let (Base::Year(_) | Base::Years(..), None, Some(told)) = (place.base, place.field, self.mentioned)
        else {
            return false;
        };
        let far = |from: Stretch| match (year(from), year(stretch)) {
            (Some(from), Some(to)) => from.abs_diff(to) > ASIDE,
            _ => false,
        };
        far(told) && self.aside.is_none_or(far)
    }

    fn stretch(&self, place: Place, tense: Option<Tense>) -> Option<Stretch> {
        let base = match place.base {
            Base::Open => return self.open(place, tense),
            Base::Year(year) => Stretch::Year(year),
            Base::Years(from, to) => Stretch::Years(from, to),
            Base::Decade(decade) => Stretch::Decade(decade),
            Base::Century(century) => Stretch::Century(century),
            Base::Numbers(first, second, third) => return self.numbers(first, second, third, tense),
            Base::Unit(anchor, count, unit) => self.unit(anchor, i32::from(count), unit)?,
            Base::From(anchor, side, length) => self.shifted(anchor, side, length)?,
        };
        match (place.field, self.quarter) {
            (Some(Field::SameQuarter), Some(Stretch::Quarter(_, quarter))) => {
                part(base, Field::Quarter(quarter as u8))
            }
            // Without a quarter to compare it with, the period is the year.
            (Some(Field::SameQuarter) | None, _) => Some(base),
            (Some(field), _) => part(base, field),
        }
    }

    /// The time that a place is counted from; none where it names its own.
    pub(super) fn reference(&self, place: Place) -> Option<Stretch> {
        match place.base {
            Base::Year(_) | Base::Years(..) | Base::Decade(_) | Base::Century(_) => None,
            Base::Numbers(_, _, Some(_)) => None,
            Base::Open | Base::Numbers(..) => self.told().or(self.published.map(Stretch::Day)),
            Base::Unit(anchor, _, unit) => self.unit_from(anchor, unit),
            Base::From(anchor, _, Length { unit, .. }) => {
                self.compared(unit).or_else(|| self.length_from(anchor))
            }
        }
    }

    /// The time that the narrative tells of.
    fn told(&self) -> Option<Stretch> {
        self.narrative.then_some(self.mentioned).flatten()
    }

    /// What units are counted from.
    fn unit_from(&self, anchor: Anchor, unit: Unit) -> Option<Stretch> {
        let from = match anchor {
            Anchor::Document => Stretch::Day(self.published?),
            // Whoever writes of the quarter writes of the last whole one.
            Anchor::Mentioned if unit == Unit::Quarter => match self.quarter {
                Some(quarter) if quarter.last() < self.published || self.narrative => quarter,
                _ => Stretch::holding(self.published?, unit)?.shifted(-1)?,
            },
            Anchor::Mentioned => self.mentioned.or(self.published.map(Stretch::Day))?,
        };
        // `that day` of news that has named none is the document's.
        Some(match self.published {
            Some(day) if from.unit() > unit && !self.narrative => Stretch::Day(day),
            _ => from,
        })
    }

    /// What lengths are counted from.
    fn length_from(&self, anchor: Anchor) -> Option<Stretch> {
        match anchor {
            Anchor::Document => Some(Stretch::Day(self.published?)),
            Anchor::Mentioned => self.mentioned.or(self.published.map(Stretch::Day)),
        }
    }

    /// The quarter that years are counted from: results are compared with the same quarter of another year,
    /// whatever the words say.
    fn compared(&self, unit: Unit) -> Option<Stretch> {
        if self.narrative || unit != Unit::Year { None } else { self.quarter }
    }

    /// The unit that lies `count` on from the one with the anchor.
    fn unit(&self, anchor: Anchor, count: i32, unit: Unit) -> Option<Stretch> {
        let from = self.unit_from(anchor, unit)?;
        (from.unit() <= unit).then_some(())?;
        self.holding(from.first()?, unit)?.shifted(count)
    }

    fn holding(&self, day: Date, unit: Unit) -> Option<Stretch> {
        let day = if self.sunday && unit == Unit::Week { day.tomorrow().ok()? } else { day };
        Stretch::holding(day, unit)
    }

    /// What lies `length` before or after the anchor, as precise as the length's unit.
    fn shifted(&self, anchor: Anchor, side: Side, length: Length) -> Option<Stretch> {
        let (count, unit) = whole(length)?;
        let count = if side == Side::Past { count.checked_neg()? } else { count };
        let from = self.length_from(anchor)?;
        if let Some(quarter) = self.compared(unit) {
            return quarter.years_on(count);
        }
        if let (Unit::Year, Anchor::Mentioned, Stretch::Month(..)) = (unit, anchor, from) {
            return from.years_on(count);
        }
        (from.unit() <= unit).then_some(())?;
        if unit < Unit::Day {
            return None;
        }
        self.holding(from.first()?, unit)?.shifted(count)
    }

    /// A place whose year is not said.
    fn open(&self, place: Place, tense: Option<Tense>) -> Option<Stretch> {
        let told = self.told();
        let day = match told {
            Some(told) => told.first()?,
            None => self.published?,
        };
        let Some(field) = place.field else { return Some(Stretch::Day(day)) };
        let around = around(day, field);
        let mut candidates = around.iter().copied().flatten();
        let before = |stretch: &Stretch| stretch.last().is_some_and(|last| last < day);
        let after = |stretch: &Stretch| stretch.first().is_some_and(|first| first > day);
        let begun = |stretch: &Stretch| stretch.first().is_some_and(|first| first <= day);
        let future = tense == Some(Tense::Future);
        match place.pick {
            Pick::Last => candidates.rfind(before),
            Pick::Next => candidates.find(after),
            Pick::This => around[1],
            Pick::Any if told.is_some() && !matches!(field, Field::Weekday(_) | Field::Weekend) => {
                around[1].or(around[0]).or(around[2])
            }
            Pick::Any => match field {
                Field::MonthDay(..)
                | Field::WeekOf(..)
                | Field::WeekdayFrom(..)
                | Field::Easter(_)
                | Field::Moon(..) => {
                    let distance = |stretch: &Stretch| {
                        let span = stretch.first().and_then(|first| day.until(first).ok());
                        span.map_or(i32::MAX, |span| span.get_days().abs())
                    };
                    let nearest = candidates.clone().min_by_key(distance)?;
                    match tense {
                        Some(Tense::Past) | None if distance(&nearest) > TENSE_DECIDES => {
                            candidates.rfind(begun)
                        }
                        Some(Tense::Future) if distance(&nearest) > TENSE_DECIDES => candidates.find(after),
                        _ => Some(nearest),
                    }
                }
                Field::Week(_) => around[1],
                // Results are published later than they are expected.
                Field::Quarter(_) => {
                    let latest = candidates.clone().rfind(begun)?;
                    let long_ago = latest.shifted(2)?.last()? < day;
                    if future && long_ago { candidates.find(after) } else { Some(latest) }
                }
                Field::Weekday(_) | Field::Weekend | Field::Day(_) if future => candidates.find(after),
                _ if future => candidates.find(|stretch| !before(stretch)),
                _ => candidates.rfind(begun),
            },
        }
    }

    fn numbers(&self, first: u8, second: u8, third: Option<u16>, tense: Option<Tense>) -> Option<Stretch> {
        let (day, month, year) = match (self.order, third) {
            (DateOrder::Ymd, Some(third)) => (u8::try_from(third).ok()?, second, Some(u16::from(first))),
            (DateOrder::Dmy, _) if second <= 12 => (first, second, third),
            (_, _) if first > 12 => (first, second, third),
            (_, _) => (second, first, third),
        };
        let Some(year) = year else {
            return self.open(Place::from_field(Field::MonthDay(month, day)), tense);
        };
        part(Stretch::Year(self.century_of(year)?), Field::MonthDay(month, day))
    }

    /// The year that a number means: one below 100 is that of its century nearest the document's
    /// date, or without one, of the years 1970 to 2069.
    fn century_of(&self, year: u16) -> Option<i16> {
        let year = i16::try_from(year).ok()?;
        if year >= 100 {
            return Some(year);
        }
        let centre = self.published.map_or(2019, |day| day.year());
        let nearest = centre - (centre - year + 50).rem_euclid(100) + 50;
        Some(nearest)
    }
}

/// The places that fit a field in the period of `day` and the ones before and after it.
fn around(day: Date, field: Field) -> [Option<Stretch>; 3] {
    let period = match field {
        Field::Weekday(_) | Field::Weekend => Unit::Week,
        Field::Day(_) => Unit::Month,
        _ => Unit::Year,
    };
    let now = Stretch::holding(day, period);
    [-1, 0, 1].map(|count| part(now?.shifted(count)?, field))
}

/// The part of a stretch that a field names, if it has such a part.
fn part(whole: Stretch, field: Field) -> Option<Stretch> {
    let day = |year, month: u8, day: u8| Date::new(year, month as i8, day as i8).ok().map(Stretch::Day);
    match (whole, field) {
        (Stretch::Year(year), Field::Month(month)) => Some(Stretch::Month(year, month as i8)),
        (Stretch::Year(year), Field::MonthDay(month, at)) => day(year, month, at),
        (Stretch::Year(year), Field::WeekOf(month, at)) => {
            Stretch::holding(Date::new(year, month as i8, at as i8).ok()?, Unit::Week)
        }
        (Stretch::Year(year), Field::WeekdayFrom(month, at, weekday)) => {
            let from = Date::new(year, month as i8, at as i8).ok()?;
            weekday_from(from, weekday).map(Stretch::Day)
        }
        (Stretch::Year(year), Field::Easter(days)) => Stretch::Day(easter(year)?).shifted(i32::from(days)),
        (Stretch::Year(year), Field::Moon(calendar, month, at)) => moon(year, calendar, month, at),
        (Stretch::Year(year), Field::Quarter(quarter)) => Some(Stretch::Quarter(year, quarter as i8)),
        (Stretch::Year(year), Field::Half(half)) => Some(Stretch::Half(year, half as i8)),
        (Stretch::Year(year), Field::Season(season)) => Some(Stretch::Season(year, season)),
        (Stretch::Year(year), Field::Week(week)) => monday(year, week).map(Stretch::Week),
        (Stretch::Month(year, month), Field::Day(at)) => day(year, month as u8, at),
        (Stretch::Week(_), Field::Weekday(day)) => whole.weekday(day),
        (Stretch::Week(monday), Field::Weekend) => Stretch::holding(monday, Unit::Weekend),
        _ => None,
    }
}

/// A length as a whole number of one unit: two and a half years are 30 months.
fn whole(length: Length) -> Option<(i32, Unit)> {
    let finer = |unit| match unit {
        Unit::Century => Some((100, Unit::Year)),
        Unit::Decade => Some((10, Unit::Year)),
        Unit::Year => Some((12, Unit::Month)),
        Unit::Quarter => Some((3, Unit::Month)),
        Unit::Week => Some((7, Unit::Day)),
        Unit::Day => Some((24, Unit::Hour)),
        _ => None,
    };
    let Count::Exact(mut count) = length.count else { return None };
    let mut unit = length.unit;
    if let Some((Count::Exact(rest), rest_unit)) = length.rest {
        while unit != rest_unit {
            let (times, below) = finer(unit)?;
            (count, unit) = (count.checked_mul(Decimal::from(times))?, below);
        }
        count = count.checked_add(rest)?;
    }
    while !count.fract().is_zero() {
        let (times, below) = finer(unit)?;
        (count, unit) = (count.checked_mul(Decimal::from(times))?.normalize(), below);
    }
    Some((count.to_i32()?, unit))
}

/// The day that lies `length` before or after `day`.
pub(super) fn days_beside(day: Date, side: Side, length: Length) -> Option<Date> {
    let (count, unit) = whole(length)?;
    let count = i64::from(if side == Side::Past { -count } else { count });
    let span = jiff::Span::new();
    let span = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => return None,
        Unit::Day => span.try_days(count),
        Unit::Weekend | Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Quarter => span.try_months(count * 3),
        Unit::Year => span.try_years(count),
        Unit::Decade => span.try_years(count * 10),
        Unit::Century => span.try_years(count * 100),
    };
    day.checked_add(span.ok()?).ok()
}
