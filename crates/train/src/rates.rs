//! Makes the tables of exchange rates of `claimline-normalise` from published files, without what is
//! wrong in those.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use rust_decimal::Decimal;

/// A table by date, then by currency.
type Table<D> = BTreeMap<D, HashMap<String, Decimal>>;

/// The currencies whose early rates are of no use, with the first month that is; none where no month is:
/// in old units under a new code, out of step by powers of ten, or in new units under an old code.
const USABLE_FROM: &str = include_str!("../data/rates_from.tsv");

/// Ten significant digits: a rate is published with six.
const DIGITS: u32 = 10;

/// Writes `daily.csv.zst` (units per euro), `monthly.csv.zst` and `yearly.csv.zst` (units per US dollar)
/// to `out`, from `ecb_eurofxref_hist.csv`, `usd_monthly.csv` and `usd_yearly.csv` of `folder`.
pub(crate) fn make(folder: &Path, out: &Path) -> Result<()> {
    let read = |name: &str| -> Result<Table<String>> {
        let path = folder.join(name);
        table(&fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?)
    };
    let daily = read("ecb_eurofxref_hist.csv")?;
    let mut monthly = usable(read("usd_monthly.csv")?);
    // The last month was under way when the file was made.
    monthly.pop_last();
    let last = last_months(&monthly);
    for (month, means) in means_of_months(&daily) {
        let row = monthly.entry(month.clone()).or_default();
        row.extend(means.into_iter().filter(|(code, _)| last.get(code).is_none_or(|last| *last < month)));
    }
    let yearly = years(&monthly, usable(read("usd_yearly.csv")?));
    for (name, table) in [("daily", daily), ("monthly", monthly), ("yearly", yearly)] {
        let path = out.join(format!("{name}.csv.zst"));
        let packed = pack(&table)?;
        println!("{}: {} rows, {} bytes", path.display(), table.len(), packed.len());
        fs::write(&path, packed).with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(())
}

/// Reads a table. Rows may be ragged at their end; one whose date is no date is left out.
fn table(text: &str) -> Result<Table<String>> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().context("the file is empty")?.split(',').collect();
    let mut table = Table::new();
    for line in lines {
        let mut cells = line.split(',');
        let date = cells.next().unwrap_or_default();
        if !date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            continue;
        }
        let rates =
            head[1..].iter().zip(cells).filter_map(|(code, cell)| Some(((*code).to_owned(), decimal(cell)?)));
        table.insert(date.to_owned(), rates.filter(|(code, _)| code.len() == 3).collect());
    }
    Ok(table)
}

fn decimal(cell: &str) -> Option<Decimal> {
    let read = cell.parse().ok().or_else(|| Decimal::from_scientific(cell).ok());
    read.and_then(|rate: Decimal| rate.round_sf(DIGITS)).filter(|rate| *rate > Decimal::ZERO)
}

/// The table without what [`USABLE_FROM`] rules out.
fn usable(mut table: Table<String>) -> Table<String> {
    for line in USABLE_FROM.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(code), Some(from)) = (cells.next(), cells.next()) else { continue };
        for (date, row) in &mut table {
            // A year is usable if its January is.
            let first = if date.len() == 4 { format!("{date}-01") } else { date.clone() };
            if from.is_empty() || *first < *from {
                row.remove(code);
            }
        }
    }
    table
}

fn last_months(monthly: &Table<String>) -> HashMap<String, String> {
    let all =
        monthly.iter().flat_map(|(month, row)| row.keys().map(move |code| (code.clone(), month.clone())));
    // Later months come later, and stay.
    all.collect()
}

/// The means, per US dollar, of the months that the daily table has whole.
fn means_of_months(daily: &Table<String>) -> Table<String> {
    let mut sums: BTreeMap<String, HashMap<String, (Decimal, u32)>> = BTreeMap::new();
    for (day, row) in daily {
        let Some(dollar) = row.get("USD") else { continue };
        let month = sums.entry(day[..7].to_owned()).or_default();
        let euro = ("EUR".to_owned(), Decimal::ONE);
        for (code, rate) in row.iter().map(|(code, rate)| (code.clone(), *rate)).chain([euro]) {
            let (sum, days) = month.entry(code).or_default();
            *sum += rate / dollar;
            *days += 1;
        }
    }
    // Rates come out in the afternoon of every working day: a month whose last has not come is not whole.
    if let Some((day, _)) = daily.last_key_value()
        && day.get(8..).and_then(|day| day.parse().ok()).is_none_or(|day: u32| day < 28)
    {
        sums.pop_last();
    }
    let mean = |(code, (sum, days)): (String, (Decimal, u32))| {
        Some((code, (sum / Decimal::from(days)).round_sf(DIGITS)?))
    };
    let months = sums.into_iter().map(|(month, row)| {
        let days = row.get("EUR").map_or(0, |(_, days)| *days);
        let whole = row.into_iter().filter(|(_, (_, known))| *known == days);
        (month, whole.filter_map(mean).collect())
    });
    months.collect()
}

/// The means of years that have twelve months; of currencies that have none in a year, what the table of
/// years says.
fn years(monthly: &Table<String>, mut published: Table<String>) -> Table<String> {
    // The last year was under way when the file was made.
    published.pop_last();
    let mut sums: BTreeMap<String, HashMap<String, (Decimal, u32)>> = BTreeMap::new();
    for (month, row) in monthly {
        let year = sums.entry(month[..4].to_owned()).or_default();
        for (code, rate) in row {
            let (sum, months) = year.entry(code.clone()).or_default();
            *sum += rate;
            *months += 1;
        }
    }
    let mut years = Table::new();
    for (year, row) in published {
        let known = sums.get(&year);
        let alone = row.into_iter().filter(|(code, _)| known.is_none_or(|known| !known.contains_key(code)));
        years.insert(year, alone.collect::<HashMap<_, _>>());
    }
    for (year, row) in sums {
        let whole = row.into_iter().filter(|(_, (_, months))| *months == 12);
        let mean = |(code, (sum, _)): (String, (Decimal, u32))| {
            Some((code, (sum / Decimal::from(12)).round_sf(DIGITS)?))
        };
        years.entry(year).or_default().extend(whole.filter_map(mean));
    }
    years
}

fn pack(table: &Table<String>) -> Result<Vec<u8>> {
    let mut codes: Vec<&String> = table.values().flat_map(HashMap::keys).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut text = String::from("date");
    codes.iter().for_each(|code| text.extend([",", code.as_str()]));
    for (date, row) in table {
        text.extend(["\n", date.as_str()]);
        for code in &codes {
            text.push(',');
            text.extend(row.get(*code).map(|rate| rate.normalize().to_string()));
        }
    }
    text.push('\n');
    let mut packed = zstd::Encoder::new(Vec::new(), 19)?;
    packed.write_all(text.as_bytes())?;
    Ok(packed.finish()?)
}
