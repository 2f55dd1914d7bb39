//! Money in the reader's own currency: at the rate of the claim's time, or of the day of publication.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use claimline_model::{AmountKind, Claim, Date, Decimal, Document, FxBasis, Str, TimeGrain};

use crate::rates::{self, NoRate, Rate, When};

/// Converts the amounts of money of claims to one currency.
#[derive(Clone, Debug)]
pub(crate) struct Converter {
    to: Str,
    own: OwnRates,
}

impl Converter {
    /// To the currency `to`; `own` rates go before those that are built in.
    pub(crate) fn new(to: &str, own: OwnRates) -> Self {
        Self { to: to.into(), own }
    }

    /// Fills `base_currency`, and `base_value` with where it comes from or `fx_reason`, of the claims of a
    /// document, whose currencies and times are resolved.
    pub(crate) fn convert(&self, document: &Document, claims: &mut [Claim]) {
        for claim in claims.iter_mut().filter(|claim| claim.amount_kind == Some(AmountKind::Money)) {
            claim.base_currency = Some(self.to.clone());
            match self.rate(claim, document.published) {
                Ok(rate) => {
                    let worth = |value: Option<Decimal>| match rate {
                        Some(Rate { rate, .. }) => Some(value?.checked_mul(rate)?.round_sf(15)?.normalize()),
                        None => value,
                    };
                    claim.base_value = worth(claim.value);
                    claim.base_value_high = worth(claim.value_high);
                    claim.fx_rate = Some(rate.map_or(Decimal::ONE, |rate| rate.rate));
                    claim.fx_date = rate.map(|rate| rate.date);
                    claim.fx_basis = rate.map(|rate| rate.basis);
                }
                Err(reason) => claim.fx_reason = Some(reason),
            }
        }
    }

    /// The rate for a claim; none is needed where it counts in that currency already.
    fn rate(&self, claim: &Claim, published: Option<Date>) -> Result<Option<Rate>, Str> {
        let from = claim.currency.as_deref().ok_or("its currency is not known")?;
        if *from == *self.to {
            return Ok(None);
        }
        let when = when(claim, published).ok_or("neither its time nor the day of publication is known")?;
        if let Some(rate) = self.own.rate(from, &self.to, when) {
            return Ok(Some(rate));
        }
        rates::rate(from, &self.to, when, published)
            .map(Some)
            .map_err(|error: NoRate| Str::new(error.to_string()))
    }
}

/// The time of a claim's rate. What is not over when the text appears, or is longer than a year, is
/// counted at the rate of the day of publication.
pub(crate) fn when(claim: &Claim, published: Option<Date>) -> Option<When> {
    let of_publication = published.map(When::Day);
    let (Some(start), Some(end)) = (claim.time_start, claim.time_end) else { return of_publication };
    if published.is_some_and(|published| end > published) {
        return of_publication;
    }
    match claim.time_grain {
        Some(TimeGrain::Month | TimeGrain::Quarter | TimeGrain::Half | TimeGrain::Season) => {
            Some(When::Months(start, end))
        }
        Some(TimeGrain::Year) if start.year() == end.year() => Some(When::Year(start.year())),
        Some(TimeGrain::Week | TimeGrain::Weekend) => Some(When::Day(end)),
        _ if start == end => Some(When::Day(start)),
        _ => of_publication,
    }
}

/// A user's own rates.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnRates {
    /// By the two currencies, and the day from which it is good.
    rates: BTreeMap<(Str, Str), BTreeMap<Date, Decimal>>,
}

impl OwnRates {
    /// Reads a CSV file with the columns `date`, `from`, `to` and `rate`, by their names: a unit of `from`
    /// is worth `rate` units of `to`, from that day on until the next row of the two. A date is a day, or a
    /// month or year, which stand for their first day.
    ///
    /// # Errors
    /// What is wrong with it, and in which line.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read(path).map_err(|error| format!("can't read {}: {error}", path.display()))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&text[..]);
        let head = reader.headers().map_err(|error| format!("{}: {error}", path.display()))?.clone();
        let place = |name: &str| {
            let bare = |cell: &str| cell.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name);
            head.iter().position(bare).ok_or_else(|| {
                format!("{}: there is no column `{name}`; it needs date, from, to, rate", path.display())
            })
        };
        let [date, from, to, rate] = [place("date")?, place("from")?, place("to")?, place("rate")?];
        let mut own = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| format!("{}: {error}", path.display()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).unwrap_or_default();
            let wrong = |what: &str, at: usize| {
                format!("{}, line {line}: {:?} is no {what}", path.display(), cell(at))
            };
            let currency = |at: usize| {
                let is_code = cell(at).len() == 3 && cell(at).bytes().all(|byte| byte.is_ascii_uppercase());
                is_code.then(|| Str::new(cell(at))).ok_or_else(|| wrong("code of ISO 4217, such as EUR", at))
            };
            let day = first_day(cell(date))
                .ok_or_else(|| wrong("date, such as 2024-06-17, 2024-06 or 2024", date))?;
            let worth: Option<Decimal> = cell(rate).parse().ok();
            let worth = worth
                .filter(|rate| *rate > Decimal::ZERO)
                .ok_or_else(|| wrong("rate above 0, such as 0.92", rate))?;
            own.rates.entry((currency(from)?, currency(to)?)).or_default().insert(day, worth);
        }
        Ok(own)
    }

    /// Whether it has rates of a currency.
    pub(crate) fn knows(&self, code: &str) -> bool {
        self.rates.keys().any(|(from, to)| from == code || to == code)
    }

    fn rate(&self, from: &str, to: &str, when: When) -> Option<Rate> {
        let start = when.start()?;
        let last = |from: &str, to: &str| {
            let rates = self.rates.get(&(Str::new(from), Str::new(to)))?;
            rates.range(..=start).next_back().map(|(date, rate)| (*date, *rate))
        };
        let inverse = || {
            let (date, rate) = last(to, from)?;
            Some((date, Decimal::ONE.checked_div(rate)?.round_sf(15)?))
        };
        let (date, rate) = last(from, to).or_else(inverse)?;
        Some(Rate { rate, date, basis: FxBasis::User })
    }
}

fn first_day(text: &str) -> Option<Date> {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<Date> {
        text.parse().ok()
    }

    fn claim(value: i64, currency: &str) -> Claim {
        Claim {
            amount_kind: Some(AmountKind::Money),
            value: Some(value.into()),
            currency: Some(currency.into()),
            ..Claim::default()
        }
    }

    fn over(claim: Claim, grain: TimeGrain, start: &str, end: &str) -> Claim {
        Claim { time_grain: Some(grain), time_start: day(start), time_end: day(end), ..claim }
    }

    /// `base_value`, then the basis and the date, or the reason.
    fn converted(own: &OwnRates, claim: Claim, published: &str) -> String {
        let document = Document { published: day(published), ..Document::default() };
        let mut claims = [claim];
        Converter::new("EUR", own.clone()).convert(&document, &mut claims);
        let [claim] = claims;
        match (claim.base_value, claim.fx_reason) {
            (Some(value), None) => {
                let from =
                    claim.fx_basis.map(|basis| format!(", {} {}", basis.as_str(), claim.fx_date.unwrap()));
                format!("{}{}", value.round_dp(2), from.unwrap_or_default())
            }
            (None, Some(reason)) => reason.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_rate_is_that_of_the_claims_time_if_it_is_over_else_of_the_publication() {
        let own = OwnRates::default();
        let dollars = || claim(1_000_000, "USD");
        let with = |grain, start, end| over(dollars(), grain, start, end);
        for (claim, published, expected) in [
            // 1,000,000 / 1.0712
            (dollars(), "2024-06-17", "933532.49, day 2024-06-17"),
            (with(TimeGrain::Day, "2024-06-14", "2024-06-14"), "2024-06-17", "935803.86, day 2024-06-14"),
            (
                with(TimeGrain::Week, "2024-06-10", "2024-06-16"),
                "2024-06-17",
                "935803.86, previous_day 2024-06-14",
            ),
            (with(TimeGrain::Month, "2020-03-01", "2020-03-31"), "2024-06-17", "904182.74, month 2020-03-01"),
            (with(TimeGrain::Year, "1995-01-01", "1995-12-31"), "2024-06-17", "764954.6, year 1995-01-01"),
            // It is not over yet, it is to come, it is too long.
            (with(TimeGrain::Year, "2024-01-01", "2024-12-31"), "2024-06-17", "933532.49, day 2024-06-17"),
            (with(TimeGrain::Year, "2030-01-01", "2030-12-31"), "2024-06-17", "933532.49, day 2024-06-17"),
            (with(TimeGrain::Decade, "2010-01-01", "2019-12-31"), "2024-06-17", "933532.49, day 2024-06-17"),
            (dollars(), "", "neither its time nor the day of publication is known"),
            (claim(5, "EUR"), "2024-06-17", "5"),
            (Claim { currency: None, ..dollars() }, "2024-06-17", "its currency is not known"),
            (claim(7, "KZT"), "2026-11-01", "no rate from KZT to EUR for 2026-11-01"),
        ] {
            assert_eq!(converted(&own, claim, published), expected);
        }
        let mut others = [Claim { amount_kind: Some(AmountKind::Percent), ..dollars() }];
        Converter::new("EUR", own).convert(&Document::default(), &mut others);
        assert_eq!((&others[0].base_currency, &others[0].fx_reason), (&None, &None));
    }

    #[test]
    fn own_rates_go_first_and_hold_until_the_next() {
        let file = std::env::temp_dir().join(format!("claimline-rates-{}.csv", std::process::id()));
        let read = |text: &str| {
            fs::write(&file, text).unwrap();
            OwnRates::read(&file)
        };
        let text = "\u{feff}Date, from, to, rate, note\n2024-01, USD, EUR, 0.5, x\n2024-06-17,USD,EUR,0.25,\n2020,EUR,KZT,500,\n";
        let own = read(text).unwrap();
        let dollars = || claim(100, "USD");
        assert_eq!(converted(&own, dollars(), "2024-06-16"), "50, user 2024-01-01");
        assert_eq!(converted(&own, dollars(), "2026-11-20"), "25, user 2024-06-17");
        // 100 / 1.1023
        assert_eq!(converted(&own, dollars(), "2023-12-22"), "90.72, day 2023-12-22");
        assert_eq!(converted(&own, claim(100, "KZT"), "2026-11-20"), "0.2, user 2020-01-01");
        for (text, wrong) in [
            ("date,from,rate\n", "there is no column `to`"),
            ("date,from,to,rate\n2024-13-01,USD,EUR,1\n", "line 2: \"2024-13-01\" is no date"),
            ("date,from,to,rate\n2024,usd,EUR,1\n", "line 2: \"usd\" is no code of ISO 4217"),
            ("date,from,to,rate\n2024,USD,EUR,1\n2024,USD,EUR,0\n", "line 3: \"0\" is no rate above 0"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(wrong), "{message}");
        }
        fs::remove_file(&file).unwrap();
    }
}
