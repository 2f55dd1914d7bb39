//! Stretches of the calendar: which days, which TIMEX3 value, and what lies so many further on.

use claimline_model::time::{Moon, Season, Unit};

use claimline_model::{Date, TimeGrain};
use icu_calendar::Iso;
use icu_calendar::cal::Hijri;
use icu_calendar::types::Month;
use jiff::ToSpan;
use jiff::civil::{ISOWeekDate, Weekday};

/// A stretch of the calendar with a place of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    Day(Date),
    /// By its Saturday.
    Weekend(Date),
    /// By its Monday.
    Week(Date),
    /// Year, and month from 1.
    Month(i16, i8),
    Quarter(i16, i8),
    Half(i16, i8),
    Season(i16, Season),
    Year(i16),
    /// First and last.
    Years(i16, i16),
    /// By the first three digits of its years.
    Decade(i16),
    /// By the first two digits of its years.
    Century(i16),
    /// A month that is none of the calendar's: its first and last day.
    Days(Date, Date),
}

impl Stretch {
    /// The `unit` that holds `day`.
    pub(super) fn holding(day: Date, unit: Unit) -> Option<Self> {
        let (year, month) = (day.year(), day.month());
        let monday = |day: Date| day.checked_sub(i32::from(day.weekday().to_monday_zero_offset()).days());
        Some(match unit {
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => Self::Day(day),
            Unit::Weekend => Self::Weekend(monday(day).ok()?.checked_add(5.days()).ok()?),
            Unit::Week => Self::Week(monday(day).ok()?),
            Unit::Month => Self::Month(year, month),
            Unit::Quarter => Self::Quarter(year, (month - 1) / 3 + 1),
            Unit::Year => Self::Year(year),
            Unit::Decade => Self::Decade(year.div_euclid(10)),
            Unit::Century => Self::Century(year.div_euclid(100)),
        })
    }

    /// Its size; years that stand together count as years, a half as quarters, a season as months.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Day(_) => Unit::Day,
            Self::Weekend(_) => Unit::Weekend,
            Self::Week(_) => Unit::Week,
            Self::Month(..) | Self::Season(..) | Self::Days(..) => Unit::Month,
            Self::Quarter(..) | Self::Half(..) => Unit::Quarter,
            Self::Year(_) | Self::Years(..) => Unit::Year,
            Self::Decade(_) => Unit::Decade,
            Self::Century(_) => Unit::Century,
        }
    }

    /// The stretch of the same kind that lies `count` further on.
    pub(super) fn shifted(self, count: i32) -> Option<Self> {
        let short = |n: i32| i16::try_from(n).ok().filter(|n| (-9999..=9999).contains(n));
        let days = |day: Date, days: i32| day.checked_add(jiff::Span::new().try_days(days).ok()?).ok();
        /// The part of a year `count` further on, where a year has `parts`, numbered from 1.
        fn part(year: i16, at: i8, parts: i32, count: i32) -> (i32, i8) {
            let all = i32::from(year) * parts + i32::from(at) - 1 + count;
            (all.div_euclid(parts), (all.rem_euclid(parts) + 1) as i8)
        }
        let count = if count.unsigned_abs() < 4_000_000 { count } else { return None };
        let year = |year: i16, count: i32| short(i32::from(year) + count);
        Some(match self {
            Self::Day(day) => Self::Day(days(day, count)?),
            Self::Weekend(day) => Self::Weekend(days(day, count * 7)?),
            Self::Week(day) => Self::Week(days(day, count * 7)?),
            Self::Month(y, month) => {
                let (y, month) = part(y, month, 12, count);
                Self::Month(short(y)?, month)
            }
            Self::Quarter(y, quarter) => {
                let (y, quarter) = part(y, quarter, 4, count);
                Self::Quarter(short(y)?, quarter)
            }
            Self::Half(y, half) => {
                let (y, half) = part(y, half, 2, count);
                Self::Half(short(y)?, half)
            }
            Self::Season(y, season) => {
                const SEASONS: [Season; 4] = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];
                let at = SEASONS.iter().position(|s| *s == season)?;
                let (y, at) = part(y, at as i8 + 1, 4, count);
                Self::Season(short(y)?, SEASONS[at as usize - 1])
            }
            Self::Year(y) => Self::Year(year(y, count)?),
            Self::Years(from, to) => Self::Years(year(from, count)?, year(to, count)?),
            Self::Decade(decade) => Self::Decade(year(decade, count)?),
            Self::Century(century) => Self::Century(year(century, count)?),
            Self::Days(..) => return None,
        })
    }

    /// The same part of the calendar, `count` years on; a 29 February goes to the 28th.
    pub(super) fn years_on(self, count: i32) -> Option<Self> {
        match self {
            Self::Day(day) => day.checked_add(jiff::Span::new().try_years(count).ok()?).ok().map(Self::Day),
            Self::Month(..) => self.shifted(count.checked_mul(12)?),
            Self::Quarter(..) | Self::Season(..) => self.shifted(count.checked_mul(4)?),
            Self::Half(..) => self.shifted(count.checked_mul(2)?),
            Self::Year(_) | Self::Years(..) => self.shifted(count),
            _ => Self::Year(self.first()?.year()).shifted(count),
        }
    }

    /// The first day, if the calendar goes that far.
    pub(super) fn first(self) -> Option<Date> {
        let (year, month) = match self {
            Self::Day(day) | Self::Weekend(day) | Self::Week(day) | Self::Days(day, _) => return Some(day),
            Self::Month(year, month) => (year, month),
            Self::Quarter(year, quarter) => (year, quarter * 3 - 2),
            Self::Half(year, half) => (year, half * 6 - 5),
            Self::Season(year, Season::Spring) => (year, 3),
            Self::Season(year, Season::Summer) => (year, 6),
            Self::Season(year, Season::Autumn) => (year, 9),
            Self::Season(year, Season::Winter) => (year, 12),
            Self::Year(year) | Self::Years(year, _) => (year, 1),
            Self::Decade(decade) => (decade.checked_mul(10)?, 1),
            Self::Century(century) => (century.checked_mul(100)?, 1),
        };
        Date::new(year, month, 1).ok()
    }

    /// The last day, inclusive.
    pub(super) fn last(self) -> Option<Date> {
        let month = |year, month| Date::new(year, month, 1).ok().map(Date::last_of_month);
        match self {
            Self::Day(day) | Self::Days(_, day) => Some(day),
            Self::Weekend(day) => day.checked_add(1.day()).ok(),
            Self::Week(day) => day.checked_add(6.days()).ok(),
            Self::Month(year, at) => month(year, at),
            Self::Quarter(year, quarter) => month(year, quarter * 3),
            Self::Half(year, half) => month(year, half * 6),
            Self::Season(..) => month_after(self.first()?, 2),
            Self::Year(year) | Self::Years(_, year) => month(year, 12),
            Self::Decade(decade) => month(decade.checked_mul(10)?.checked_add(9)?, 12),
            Self::Century(century) => month(century.checked_mul(100)?.checked_add(99)?, 12),
        }
    }

    pub(super) fn grain(self) -> TimeGrain {
        match self {
            Self::Day(_) => TimeGrain::Day,
            Self::Weekend(_) => TimeGrain::Weekend,
            Self::Week(_) => TimeGrain::Week,
            Self::Month(..) | Self::Days(..) => TimeGrain::Month,
            Self::Quarter(..) => TimeGrain::Quarter,
            Self::Half(..) => TimeGrain::Half,
            Self::Season(..) => TimeGrain::Season,
            Self::Year(_) | Self::Years(..) => TimeGrain::Year,
            Self::Decade(_) => TimeGrain::Decade,
            Self::Century(_) => TimeGrain::Century,
        }
    }

    /// The TIMEX3 value.
    pub(super) fn value(self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Weekend(day) => format!("{}-WE", week(day)),
            Self::Week(day) => week(day),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Quarter(year, quarter) => format!("{year:04}-Q{quarter}"),
            Self::Half(year, half) => format!("{year:04}-H{half}"),
            Self::Season(year, season) => format!("{year:04}-{}", season.as_str()),
            Self::Year(year) if year < 0 => format!("BC{:04}", -i32::from(year)),
            Self::Year(year) => format!("{year:04}"),
            Self::Years(from, to) => format!("{from:04}/{to:04}"),
            Self::Decade(decade) => format!("{decade:03}"),
            Self::Century(century) => format!("{century:02}"),
            Self::Days(first, last) => format!("{first}/{last}"),
        }
    }

    /// The weekday of the week that this is; 1 is Monday.
    pub(super) fn weekday(self, day: u8) -> Option<Self> {
        match self {
            Self::Week(monday) => monday.checked_add((i32::from(day) - 1).days()).ok().map(Self::Day),
            _ => None,
        }
    }
}

/// The same day, `count` months on; the last of a month where that has no such day.
pub(super) fn months_on(day: Date, count: i32) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_months(count).ok()?).ok()
}

fn month_after(first: Date, months: i32) -> Option<Date> {
    first.checked_add(months.months()).ok().map(Date::last_of_month)
}

fn week(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// The Monday of an ISO week.
pub(super) fn monday(year: i16, week: u8) -> Option<Date> {
    ISOWeekDate::new(year, week as i8, Weekday::Monday).ok().map(ISOWeekDate::date)
}

/// The first day on or after `day` that is this weekday; 1 is Monday.
pub(super) fn weekday_from(day: Date, weekday: u8) -> Option<Date> {
    let on = i32::from(weekday) - i32::from(day.weekday().to_monday_one_offset());
    day.checked_add(on.rem_euclid(7).days()).ok()
}

/// Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher
/// (Meeus, Astronomical Algorithms, chapter 8).
pub(super) fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century, of_century) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let skipped = century - century / 4 - (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + skipped + 15).rem_euclid(30);
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let days = moon + sunday - 7 * late + 114;
    Date::new(year, (days / 31) as i8, (days % 31 + 1) as i8).ok()
}

/// The first time that a month of a calendar of the moon, or a day of it, falls in `year`. Islamic months
/// are those of Umm al-Qura, Saudi Arabia's; elsewhere they may begin a day later.
pub(super) fn moon(year: i16, calendar: Moon, month: u8, day: Option<u8>) -> Option<Stretch> {
    let near = match calendar {
        Moon::Chinese => i32::from(year),
        // The Jewish year begins in autumn, 3760 years before ours.
        Moon::Hebrew => i32::from(year) + 3760,
        // 33 Islamic years are 32 of ours, counted from 622.
        Moon::Hijri => (i32::from(year) - 622) * 33 / 32,
    };
    let falls =
        |of: &i32| day_of_moon(calendar, *of, month, day.unwrap_or(1)).is_some_and(|d| d.year() == year);
    let of = (near - 1..=near + 2).find(falls)?;
    let at = |day| day_of_moon(calendar, of, month, day);
    Some(match day {
        Some(day) => Stretch::Day(at(day)?),
        None => Stretch::Days(at(1)?, at(30).or_else(|| at(29))?),
    })
}

/// A day of a calendar of the moon, by its own year; China's has the number of ours that it begins in.
fn day_of_moon(calendar: Moon, year: i32, month: u8, day: u8) -> Option<Date> {
    let month = Month::new(month);
    let iso = match calendar {
        Moon::Chinese => {
            icu_calendar::Date::try_new_chinese_traditional(year, month, day).ok()?.to_calendar(Iso)
        }
        Moon::Hebrew => icu_calendar::Date::try_new_hebrew_v2(year, month, day).ok()?.to_calendar(Iso),
        Moon::Hijri => {
            let hijri = Hijri::new_umm_al_qura();
            icu_calendar::Date::try_new(year.into(), month, day, hijri).ok()?.to_calendar(Iso)
        }
    };
    let year = i16::try_from(iso.era_year().year).ok()?;
    Date::new(year, iso.month().ordinal as i8, iso.day_of_month().0 as i8).ok()
}
