//! Exchange rates by day, month and year, for as far back as published tables go.
//!
//! The tables in `rates/` are made by `claimline-train rates` from the European Central Bank's daily
//! reference rates (units per euro, since 1999) and from means by month and year (units per US dollar,
//! since 1940, from IMF, FRED and OECD); `rates/LICENSE` has the sources. What became of currencies
//! that ended, or changed their unit under the same name, is in `rates/changes.tsv`.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::LazyLock;

use claimline_model::{Date, Decimal, FxBasis};
use jiff::ToSpan;

/// A code of ISO 4217, of today or of then.
type Code = [u8; 3];

/// The time that a rate is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// A day.
    Day(Date),
    /// Months, from a first to a last one, both by any of their days.
    Months(Date, Date),
    /// A year.
    Year(i16),
}

impl When {
    /// Its first day.
    pub(crate) fn start(self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(day),
            Self::Months(first, _) => Some(first.first_of_month()),
            Self::Year(year) => Date::new(year, 1, 1).ok(),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Months(first, last) => {
                write!(f, "{}", first.strftime("%Y-%m"))?;
                if first.first_of_month() < last.first_of_month() {
                    write!(f, " to {}", last.strftime("%Y-%m"))?;
                }
                Ok(())
            }
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}

/// A rate, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Units of the one per unit of the other, to 15 significant digits.
    pub(crate) rate: Decimal,
    /// The day, or the first of the month or year.
    pub(crate) date: Date,
    /// Which rate it is.
    pub(crate) basis: FxBasis,
}

/// Why there is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRate {
    /// The tables have none.
    #[error("no rate from {from} to {to} for {when}")]
    Unknown {
        /// The one.
        from: String,
        /// The other.
        to: String,
        /// The time.
        when: String,
    },
    /// The unit has changed since, and which one is meant is not to be told.
    #[error("{code} had another unit before {day}")]
    OtherUnit {
        /// The currency.
        code: String,
        /// When it changed.
        day: Date,
    },
}

/// A change of the unit, or of the currency.
struct Change {
    code: Code,
    before: Code,
    day: Date,
    /// Units before in one unit.
    units: Decimal,
}

static CHANGES: LazyLock<Vec<Change>> = LazyLock::new(|| {
    let lines = include_str!("rates/changes.tsv").lines().filter(|line| !line.starts_with('#'));
    let change = |line: &str| {
        let mut cells = line.split('\t');
        Some(Change {
            code: code(cells.next()?)?,
            before: code(cells.next()?)?,
            day: cells.next()?.parse().ok()?,
            units: cells.next()?.parse().ok()?,
        })
    };
    lines.filter_map(change).collect()
});

const EUR: Code = *b"EUR";
const USD: Code = *b"USD";

fn code(text: &str) -> Option<Code> {
    text.as_bytes().try_into().ok().filter(|code: &Code| code.iter().all(u8::is_ascii_uppercase))
}

fn text(code: Code) -> String {
    String::from_utf8_lossy(&code).into_owned()
}

/// One table: dates, and for each currency the units per unit of the table's own.
struct Series<D> {
    dates: Vec<D>,
    columns: HashMap<Code, Vec<Option<Decimal>>>,
}

impl<D: Ord> Series<D> {
    fn read(packed: &[u8], date: impl Fn(&str) -> Option<D>) -> Self {
        let mut series = Self { dates: Vec::new(), columns: HashMap::new() };
        let mut text = String::new();
        // What is built in is well formed: a test reads it.
        let _ = zstd::Decoder::new(packed).and_then(|mut packed| packed.read_to_string(&mut text));
        let mut lines = text.lines();
        let codes: Vec<_> =
            lines.next().into_iter().flat_map(|head| head.split(',').skip(1)).map(code).collect();
        let mut columns = vec![Vec::new(); codes.len()];
        for line in lines {
            let mut cells = line.split(',');
            let Some(date) = cells.next().and_then(&date) else { continue };
            series.dates.push(date);
            for column in &mut columns {
                column.push(cells.next().and_then(|cell| cell.parse().ok()));
            }
        }
        series.columns =
            codes.into_iter().zip(columns).filter_map(|(code, rates)| Some((code?, rates))).collect();
        series
    }

    fn get(&self, code: Code, row: usize) -> Option<Decimal> {
        self.columns.get(&code)?.get(row).copied().flatten()
    }

    /// The last row on or before a date.
    fn row(&self, date: &D) -> Option<usize> {
        self.dates.partition_point(|one| one <= date).checked_sub(1)
    }
}

/// Units per euro.
static BY_DAY: LazyLock<Series<Date>> =
    LazyLock::new(|| Series::read(include_bytes!("rates/daily.csv.zst"), |date| date.parse().ok()));
/// Units per US dollar, by year and month.
static BY_MONTH: LazyLock<Series<(i16, i8)>> = LazyLock::new(|| {
    Series::read(include_bytes!("rates/monthly.csv.zst"), |date| {
        let (year, month) = date.split_once('-')?;
        Some((year.parse().ok()?, month.parse().ok()?))
    })
});
/// Units per US dollar.
static BY_YEAR: LazyLock<Series<i16>> =
    LazyLock::new(|| Series::read(include_bytes!("rates/yearly.csv.zst"), |date| date.parse().ok()));

/// Whether there are rates of a currency at all.
pub(crate) fn is_known(currency: &str) -> bool {
    code(currency).is_some_and(|code| {
        let listed = |code: &Code| {
            *code == EUR || BY_MONTH.columns.contains_key(code) || BY_YEAR.columns.contains_key(code)
        };
        listed(&code) || CHANGES.iter().any(|change| change.before == code)
    })
}

/// How long a day's rate is good for: over Easter and New Year's Day none is published for five days.
const GOOD_DAYS: i64 = 6;

/// The units of `to` that a unit of `from` was worth, in the words of a text that was `published` then.
///
/// Of a day it is that day's rate or the last of the days before; where the tables have none, the mean
/// of the month, else of the year.
///
/// # Errors
/// If no table has it, or the unit can't be told.
pub(crate) fn rate(from: &str, to: &str, when: When, published: Option<Date>) -> Result<Rate, NoRate> {
    let unknown = || NoRate::Unknown { from: from.into(), to: to.into(), when: when.to_string() };
    let (Some(named), Some(base), Some(start)) = (code(from), code(to), when.start()) else {
        return Err(unknown());
    };
    let meant = unit(named, start, published)?;
    let ratio =
        |from: Option<Decimal>, to: Option<Decimal>| Some(to?.checked_div(from?)?.round_sf(15)?.normalize());
    let by_day = |day: Date| {
        let row = BY_DAY.row(&day)?;
        let found = BY_DAY.dates[row];
        let close = day.since(found).is_ok_and(|gap| i64::from(gap.get_days()) <= GOOD_DAYS);
        let of = |code| {
            within(code, found, found, &|code| {
                if code == EUR { Some(Decimal::ONE) } else { BY_DAY.get(code, row) }
            })
        };
        let rate = ratio(of(meant), of(base)).filter(|_| close)?;
        Some(Rate {
            rate,
            date: found,
            basis: if found == day { FxBasis::Day } else { FxBasis::PreviousDay },
        })
    };
    let by_months = |first: Date, last: Date| {
        let (first, last) = (first.first_of_month(), last.first_of_month());
        let mut month = first;
        let (mut sum, mut count) = (Decimal::ZERO, 0);
        while month <= last {
            let row = BY_MONTH
                .row(&(month.year(), month.month()))
                .filter(|row| BY_MONTH.dates[*row] == (month.year(), month.month()))?;
            let of = |code| {
                within(code, month, month.last_of_month(), &|code| {
                    if code == USD { Some(Decimal::ONE) } else { BY_MONTH.get(code, row) }
                })
            };
            sum += ratio(of(meant), of(base))?;
            count += 1;
            month = month.checked_add(1.month()).ok()?;
        }
        let rate = sum.checked_div(count.into())?.round_sf(15)?;
        Some(Rate { rate, date: first, basis: FxBasis::Month })
    };
    let by_year = |year: i16| {
        let row = BY_YEAR.row(&year).filter(|row| BY_YEAR.dates[*row] == year)?;
        let first = Date::new(year, 1, 1).ok()?;
        let of = |code| {
            within(code, first, first.last_of_year(), &|code| {
                if code == USD { Some(Decimal::ONE) } else { BY_YEAR.get(code, row) }
            })
        };
        Some(Rate { rate: ratio(of(meant), of(base))?, date: first, basis: FxBasis::Year })
    };
    let found = match when {
        When::Day(day) => by_day(day).or_else(|| by_months(day, day)).or_else(|| by_year(day.year())),
        When::Months(first, last) => {
            by_months(first, last).or_else(|| by_year(first.year()).filter(|_| first.year() == last.year()))
        }
        When::Year(year) => by_year(year),
    };
    found.ok_or_else(unknown)
}

/// The currency that a code names in a text: before a change of the unit, the unit before, if the text
/// is of that time too; a later text may count in either.
fn unit(named: Code, start: Date, published: Option<Date>) -> Result<Code, NoRate> {
    let mut meant = named;
    // Nothing was called a euro before there was one.
    while let Some(change) =
        CHANGES.iter().find(|change| change.code == meant && change.code != EUR && start < change.day)
    {
        if published.is_none_or(|published| published >= change.day) {
            return Err(NoRate::OtherUnit { code: text(named), day: change.day });
        }
        meant = change.before;
    }
    Ok(meant)
}

/// The units of a currency per unit of a table's own, in a stretch of days: from its own column as long
/// as there was such a currency, else from that of the one that took its place.
fn within(code: Code, first: Date, last: Date, column: &dyn Fn(Code) -> Option<Decimal>) -> Option<Decimal> {
    let change = CHANGES.iter().find(|change| change.before == code);
    let own = column(code).filter(|_| change.is_none_or(|change| last < change.day));
    own.or_else(|| {
        let change = change.filter(|change| change.code != EUR || first >= change.day)?;
        change.units.checked_mul(within(change.code, first, last, column)?)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// `2024-06-17`, `2024-06` or `2024`.
    fn when(text: &str) -> When {
        match text.len() {
            4 => When::Year(text.parse().unwrap()),
            7 => {
                let month = format!("{text}-01").parse().unwrap();
                When::Months(month, month)
            }
            _ => When::Day(text.parse().unwrap()),
        }
    }

    fn examples() -> impl Iterator<Item = [&'static str; 11]> {
        let lines = include_str!("rates/examples.tsv").lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap())
    }

    fn number(text: &str) -> Decimal {
        text.parse().or_else(|_| Decimal::from_scientific(text)).unwrap()
    }

    #[test]
    fn rates_are_those_worked_out_by_hand() {
        for [from, to, at, published, basis, _, _, of_from, of_to, units_from, units_to] in examples() {
            let by_hand = number(of_to) * number(units_to) / (number(of_from) * number(units_from));
            let found = rate(from, to, when(at), published.parse().ok()).unwrap();
            // The tables keep ten digits of a mean.
            let apart = ((found.rate - by_hand) / by_hand).abs();
            assert!(apart < number("1e-9"), "{from} {to} {at}: {} and not {by_hand}", found.rate);
            assert_eq!(found.basis.as_str(), basis, "{from} {to} {at}");
        }
    }

    #[test]
    fn the_figures_worked_with_are_the_published_ones() {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/fx"));
        if !folder.exists() {
            println!("skipped: the published files are not on this machine");
            return;
        }
        let mut found = 0;
        for [from, to, at, _, _, table, row, of_from, of_to, units_from, units_to] in examples() {
            let file = match table {
                "ecb" => "ecb_eurofxref_hist.csv".to_owned(),
                table => format!("usd_{table}.csv"),
            };
            let text = fs::read_to_string(folder.join(file)).unwrap();
            let head: Vec<&str> = text.lines().next().unwrap().split(',').collect();
            let line = text.lines().find(|line| line.split(',').next() == Some(row)).unwrap();
            for (code, figure, units) in [(from, of_from, units_from), (to, of_to, units_to)] {
                // A figure of 1 is the table's own currency.
                if figure == "1" {
                    continue;
                }
                let has = |code: &str| {
                    head.iter().position(|one| *one == code).and_then(|at| line.split(',').nth(at))
                };
                // Of itself, of one that took its place, or of one whose place it took.
                let mut codes = vec![code.to_owned()];
                while let Some(change) =
                    CHANGES.iter().find(|one| super::text(one.before) == codes[codes.len() - 1])
                {
                    codes.push(super::text(change.code));
                }
                let before = CHANGES.iter().filter(|one| super::text(one.code) == code);
                codes.extend(before.map(|one| super::text(one.before)));
                assert!(
                    codes.iter().any(|code| has(code) == Some(figure)),
                    "{code} {at}: {figure} x {units}"
                );
                found += 1;
            }
        }
        assert!(found > 40);
    }

    #[test]
    fn what_can_not_be_told_is_not_guessed() {
        let reason = |from: &str, to: &str, at: &str, published: Option<&str>| {
            rate(from, to, when(at), published.map(|day| day.parse().unwrap())).unwrap_err().to_string()
        };
        assert_eq!(reason("USD", "EUR", "2031-01-01", None), "no rate from USD to EUR for 2031-01-01");
        assert_eq!(reason("KZT", "EUR", "2026-10-05", None), "no rate from KZT to EUR for 2026-10-05");
        assert_eq!(reason("VES", "USD", "2019", None), "no rate from VES to USD for 2019");
        assert_eq!(reason("XXX", "USD", "2019", None), "no rate from XXX to USD for 2019");
        // Of which roubles a text of 2001 speaks when it speaks of 1995 is not to be told.
        let changed = "RUB had another unit before 1998-01-01";
        assert_eq!(reason("RUB", "USD", "1995-06", Some("2001-06-01")), changed);
        assert_eq!(reason("RUB", "USD", "1995-06", None), changed);
        // Years and months that were not over when the tables were made have no mean.
        assert_eq!(reason("KZT", "USD", "2025", None), "no rate from KZT to USD for 2025");
        assert_eq!(reason("USD", "EUR", "2026", None), "no rate from USD to EUR for 2026");
    }

    #[test]
    fn months_since_the_tables_of_months_end_are_means_of_days() {
        let found = rate("USD", "EUR", when("2026-03"), None).unwrap();
        assert_eq!((found.basis, found.date), (FxBasis::Month, Date::constant(2026, 3, 1)));
        let quarter = When::Months(Date::constant(2024, 1, 1), Date::constant(2024, 3, 31));
        let months = ["2024-01", "2024-02", "2024-03"];
        let mean: Decimal =
            months.iter().map(|at| rate("GBP", "USD", when(at), None).unwrap().rate).sum::<Decimal>()
                / Decimal::from(3);
        assert_eq!(rate("GBP", "USD", quarter, None).unwrap().rate, mean.round_sf(15).unwrap());
    }

    #[test]
    fn every_change_is_read() {
        let lines = include_str!("rates/changes.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(CHANGES.len(), lines.count());
        assert!(BY_DAY.dates.is_sorted() && BY_MONTH.dates.is_sorted() && BY_YEAR.dates.is_sorted());
        assert!(BY_DAY.dates.len() > 7000 && BY_MONTH.columns.len() > 130 && BY_YEAR.columns.len() > 140);
    }
}
