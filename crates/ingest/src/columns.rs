//! Records that lie in columns: which column holds what, and the cells of a row as text.

use arrow_array::cast::{AsArray, as_primitive_array};
use arrow_array::types::{
    Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::types::{UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};
use claimline_model::{Problem, Severity};
use claimline_stage::tables::nearest;
use claimline_stage::{Decoded, Raw};
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use crate::fields::{FIELDS, Fields, Known, Maker};
use crate::records::Trouble;

/// The columns of a table that hold the fields of a document.
pub(crate) type Mapped = [Option<usize>; FIELDS];

/// Where in a table the named columns are.
///
/// # Errors
/// If there is none of a name, or one has a type that is no text, number or time.
pub(crate) fn map(schema: &Schema, fields: &Fields) -> Result<Mapped, Trouble> {
    let mut mapped = [None; FIELDS];
    for (name, slot) in fields.names().into_iter().zip(&mut mapped) {
        let Some(name) = name else { continue };
        let Some((place, field)) = schema.column_with_name(name) else {
            let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let hint = nearest(name, &columns).map_or_else(String::new, |n| format!("did you mean `{n}`? "));
            let message =
                format!("there is no column `{name}`; {hint}the columns are {}", columns.join(", "));
            return Err(("no_column", message));
        };
        if !is_readable(field.data_type()) {
            let message = format!("the column `{name}` holds {}, no text, number or time", field.data_type());
            return Err(("column_type", message));
        }
        *slot = Some(place);
    }
    Ok(mapped)
}

fn is_readable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => true,
        DataType::Float32 | DataType::Float64 => true,
        DataType::Dictionary(_, values) => is_readable(values),
        DataType::List(item) | DataType::LargeList(item) => is_readable(item.data_type()),
        other => other.is_integer(),
    }
}

/// The cells of a row that documents are made of, in the order of [`Known::from_values`], as JSON.
pub(crate) fn record(rows: &RecordBatch, mapped: &Mapped, row: usize) -> Vec<u8> {
    let cells = mapped.map(|column| column.and_then(|column| cell(rows.column(column), row)));
    // Texts and nulls are always JSON.
    serde_json::to_vec(&cells).unwrap_or_default()
}

/// The document of such a record.
///
/// # Errors
/// If it has no text.
pub(crate) fn decode(
    maker: &Maker,
    fields: &Fields,
    media_type: &'static str,
    raw: Raw,
) -> Result<Decoded, Box<Problem>> {
    let lost =
        |code, message: &str| Box::new(raw.origin.problem(maker.stage, Severity::Error, code, message));
    let cells: [Option<String>; FIELDS] =
        serde_json::from_slice(&raw.bytes).map_err(|error| lost("unreadable", &error.to_string()))?;
    let known = Known::from_values(cells);
    if known.text.is_none() {
        return Err(lost("no_text", &format!("the row has no text in `{}`", fields.text)));
    }
    maker.make(&raw.origin, media_type, known, None)
}

/// A cell as text: a day for what is a time, commas between the items of a list.
fn cell(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    macro_rules! digits {
        ($($pattern:pat => $type:ty),*) => {
            match column.data_type() {
                $($pattern => return Some(as_primitive_array::<$type>(column).value(row).to_string()),)*
                _ => {}
            }
        };
    }
    digits! {
        DataType::Int8 => Int8Type, DataType::Int16 => Int16Type, DataType::Int32 => Int32Type,
        DataType::Int64 => Int64Type, DataType::UInt8 => UInt8Type, DataType::UInt16 => UInt16Type,
        DataType::UInt32 => UInt32Type, DataType::UInt64 => UInt64Type, DataType::Float32 => Float32Type,
        DataType::Float64 => Float64Type
    }
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Some(column.as_string_view().value(row).to_owned()),
        DataType::Binary => Some(lossy(column.as_binary::<i32>().value(row))),
        DataType::LargeBinary => Some(lossy(column.as_binary::<i64>().value(row))),
        DataType::BinaryView => Some(lossy(column.as_binary_view().value(row))),
        DataType::Date32 => {
            let days = as_primitive_array::<Date32Type>(column).value(row);
            day(i64::from(days).checked_mul(86_400)?, None)
        }
        DataType::Date64 => day(as_primitive_array::<Date64Type>(column).value(row).div_euclid(1_000), None),
        DataType::Timestamp(unit, zone) => {
            let seconds = match unit {
                TimeUnit::Second => as_primitive_array::<TimestampSecondType>(column).value(row),
                TimeUnit::Millisecond => {
                    as_primitive_array::<TimestampMillisecondType>(column).value(row).div_euclid(1_000)
                }
                TimeUnit::Microsecond => {
                    as_primitive_array::<TimestampMicrosecondType>(column).value(row).div_euclid(1_000_000)
                }
                TimeUnit::Nanosecond => {
                    as_primitive_array::<TimestampNanosecondType>(column).value(row).div_euclid(1_000_000_000)
                }
            };
            day(seconds, zone.as_deref())
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            cell(dictionary.values(), cell(dictionary.keys(), row)?.parse().ok()?)
        }
        DataType::List(_) => list(&column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&column.as_list::<i64>().value(row)),
        _ => None,
    }
}

fn list(items: &dyn Array) -> Option<String> {
    let items: Vec<String> = (0..items.len()).filter_map(|i| cell(items, i)).collect();
    (!items.is_empty()).then(|| items.join(", "))
}

/// The day that an instant, in seconds from 1970 in UTC, lies on where it was told: in that zone, a name or
/// an offset.
fn day(seconds: i64, zone: Option<&str>) -> Option<String> {
    let offset =
        |zone: &str| Pieces::parse(format!("1970-01-01T00:00{zone}").as_str()).ok()?.to_numeric_offset();
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok().or_else(|| Some(offset(zone)?.to_time_zone())));
    let at = Timestamp::from_second(seconds).ok()?;
    Some(zone.unwrap_or(TimeZone::UTC).to_datetime(at).date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_zone() {
        // 2025-06-23T23:30:00Z.
        let at = 1_750_721_400;
        let cases = [
            (None, "2025-06-23"),
            (Some("UTC"), "2025-06-23"),
            (Some("+02:00"), "2025-06-24"),
            (Some("Asia/Almaty"), "2025-06-24"),
            (Some("America/New_York"), "2025-06-23"),
        ];
        for (zone, expected) in cases {
            assert_eq!(day(at, zone).unwrap(), expected, "{zone:?}");
        }
        assert_eq!(day(-1, None).unwrap(), "1969-12-31");
        assert_eq!(day(i64::MAX, None), None);
    }
}
