//! Units of measure to those that all amounts of a kind can be compared in.

use std::collections::HashMap;
use std::sync::LazyLock;

use claimline_model::{Claim, Decimal, Str};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What units of measure are converted to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnitsOptions {
    /// The system that `std_value` and `std_unit` are in. The unit that is written stays in `unit`.
    pub to: UnitSystem,
}

/// A system of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnitSystem {
    /// None: `std_value` and `std_unit` stay empty.
    #[default]
    None,
    /// One metric unit for each kind of measure: metre, kilogram, litre, degree Celsius.
    Metric,
}

/// How a unit becomes a metric one: `(value + add) * times / by`.
struct Metric {
    unit: &'static str,
    times: Decimal,
    by: Decimal,
    add: Decimal,
}

static METRIC: LazyLock<HashMap<&'static str, Metric>> = LazyLock::new(|| {
    lines().filter_map(|[name, unit, factor, add]| Some((name, metric(unit, factor, add)?))).collect()
});

fn lines() -> impl Iterator<Item = [&'static str; 4]> {
    let lines = include_str!("units/metric.tsv").lines().filter(|line| !line.starts_with("# "));
    lines.map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

fn metric(unit: &'static str, factor: &str, add: &str) -> Option<Metric> {
    let (times, by) = factor.split_once('/').unwrap_or((factor, "1"));
    let add = if add.is_empty() { Decimal::ZERO } else { add.parse().ok()? };
    Some(Metric { unit, times: times.parse().ok()?, by: by.parse().ok()?, add })
}

/// Fills `std_value` and `std_unit` of claims whose unit is a measure that the table has.
pub(crate) fn convert(claims: &mut [Claim], options: UnitsOptions) {
    if options.to == UnitSystem::None {
        return;
    }
    for claim in claims {
        let found = claim.value.zip(claim.unit.as_deref().and_then(|unit| METRIC.get(unit)));
        if let Some((value, metric)) = found
            && let Some(value) = converted(value, metric)
        {
            claim.std_value = Some(value);
            claim.std_unit = Some(Str::new_static(metric.unit));
        }
    }
}

/// How a unit becomes the one of the metric system that it is converted to, if it is: `1609.344`,
/// `(+ 459.67) 5/9`.
pub(crate) fn factor(unit: &str) -> Option<String> {
    let metric = METRIC.get(unit)?;
    let by = Some(metric.by).filter(|by| *by != Decimal::ONE).map_or_else(String::new, |by| format!("/{by}"));
    let times = format!("{}{by}", metric.times);
    Some(if metric.add.is_zero() { format!("x {times}") } else { format!("({:+}) x {times}", metric.add) })
}

/// To the 15 significant digits that a float cell of the tables holds; nothing where it is too large.
fn converted(value: Decimal, metric: &Metric) -> Option<Decimal> {
    let value = value.checked_add(metric.add)?.checked_mul(metric.times)?.checked_div(metric.by)?;
    Some(value.round_sf(15)?.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, unit: &str, expected: &str) {
        let mut claims = [Claim { value: value.parse().ok(), unit: Some(unit.into()), ..Claim::default() }];
        convert(&mut claims, UnitsOptions { to: UnitSystem::Metric });
        let [claim] = claims;
        let found = claim.std_value.zip(claim.std_unit).map(|(value, unit)| format!("{value} {unit}"));
        assert_eq!(found.as_deref().unwrap_or("-"), expected, "{value} {unit}");
        assert_eq!(claim.unit.as_deref(), Some(unit));
    }

    #[test]
    fn units_become_metric_and_keep_what_was_written() {
        check("60", "mile", "96560.64 metre");
        check("100", "kilometre", "100000 metre");
        check("98.6", "degree Fahrenheit", "37 degree Celsius");
        check("-40", "degree Fahrenheit", "-40 degree Celsius");
        check("500000", "barrel per day", "79493647.464 litre per day");
        check("2", "pound", "0.90718474 kilogram");
        check("80", "mile per hour", "128.74752 kilometre per hour");
        check("12", "hectare", "120000 square metre");
        check("5", "year", "-");
        check("5", "percent", "-");
        check("79228162514264337593543950335", "light-year", "-");
    }

    #[test]
    fn nothing_is_converted_unless_asked_for() {
        let mut claims = [Claim { value: Some(Decimal::ONE), unit: Some("mile".into()), ..Claim::default() }];
        convert(&mut claims, UnitsOptions::default());
        assert_eq!(claims[0].std_value, None);
    }

    #[test]
    fn the_table_is_sorted_and_every_line_of_it_is_read() {
        let names: Vec<_> = lines().map(|[name, ..]| name).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(METRIC.len(), names.len());
        // What is converted to is its own measure.
        for metric in METRIC.values() {
            let itself = METRIC.get(metric.unit).is_none_or(|itself| itself.times == Decimal::ONE);
            assert!(itself, "{}", metric.unit);
        }
    }
}
