//! Rows of Arrow tables as JSON objects and back, for plugins that speak JSON lines.
//!
//! Dates are ISO 8601 (`2025-06-23`), instants RFC 3339, numbers JSON numbers; a missing key and a null
//! are cells without a value.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use claimline_model::{Date, Timestamp};
use serde_json::Value;

use crate::arrow::{date_from_days, days};

/// Writes the row at `row` as an object; cells without a value are left out.
///
/// # Errors
/// If writing fails.
pub fn write_row(table: &RecordBatch, row: usize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{")?;
    let mut first = true;
    for (field, values) in table.schema_ref().fields().iter().zip(table.columns()) {
        if values.is_null(row) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut *out, field.name())?;
        out.write_all(b":")?;
        match values.data_type() {
            DataType::Utf8 => serde_json::to_writer(&mut *out, values.as_string::<i32>().value(row))?,
            DataType::Int64 => {
                serde_json::to_writer(&mut *out, &values.as_primitive::<Int64Type>().value(row))?;
            }
            DataType::Float64 => {
                serde_json::to_writer(&mut *out, &values.as_primitive::<Float64Type>().value(row))?;
            }
            _ => serde_json::to_writer(&mut *out, &cell_to_json(values, row))?,
        }
    }
    out.write_all(b"}")
}

/// The cell at `row`.
pub fn cell_to_json(values: &ArrayRef, row: usize) -> Value {
    if values.is_null(row) {
        return Value::Null;
    }
    match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().value(row).into(),
        DataType::Int64 => values.as_primitive::<Int64Type>().value(row).into(),
        DataType::Boolean => values.as_boolean().value(row).into(),
        DataType::Float64 => values.as_primitive::<Float64Type>().value(row).into(),
        DataType::Date32 => date_from_days(values.as_primitive::<Date32Type>().value(row))
            .map_or(Value::Null, |date| date.to_string().into()),
        DataType::Timestamp(..) => {
            Timestamp::from_microsecond(values.as_primitive::<TimestampMicrosecondType>().value(row))
                .map_or(Value::Null, |at| at.to_string().into())
        }
        _ => Value::Null,
    }
}

/// An array of that type, one of those that tables hold.
///
/// # Errors
/// If a cell is of another type.
pub fn array_from_json(data_type: &DataType, cells: &[Value]) -> Result<ArrayRef, String> {
    /// A builder filled with what `$read` makes of each cell that is not null.
    macro_rules! build {
        ($builder:expr, $expected:literal, |$cell:ident| $read:expr) => {{
            let mut builder = $builder;
            for $cell in cells {
                match ($cell.is_null(), $read) {
                    (true, _) => builder.append_null(),
                    (false, Some(value)) => builder.append_value(value),
                    (false, None) => return Err(format!("expected {}, found {}", $expected, $cell)),
                }
            }
            Ok(Arc::new(builder.finish()) as ArrayRef)
        }};
    }
    match data_type {
        DataType::Int64 => build!(Int64Builder::new(), "a whole number", |cell| cell.as_i64()),
        DataType::Boolean => build!(BooleanBuilder::new(), "true or false", |cell| cell.as_bool()),
        DataType::Float64 => {
            let number = |cell: &Value| cell.as_f64().or_else(|| cell.as_str()?.parse().ok());
            build!(Float64Builder::new(), "a number", |cell| number(cell))
        }
        DataType::Date32 => {
            let date = |cell: &Value| cell.as_str()?.parse::<Date>().ok().map(days);
            build!(Date32Builder::new(), "a date such as 2025-06-23", |cell| date(cell))
        }
        DataType::Timestamp(..) => {
            let at = |cell: &Value| Some(cell.as_str()?.parse::<Timestamp>().ok()?.as_microsecond());
            let builder = TimestampMicrosecondBuilder::new().with_timezone("UTC");
            build!(builder, "an instant such as 2025-06-23T10:00:00Z", |cell| at(cell))
        }
        _ => build!(StringBuilder::new(), "text", |cell| cell.as_str()),
    }
}

/// The type of the table's own column of that name.
pub fn own_type(table: &str, column: &str) -> Option<DataType> {
    use crate::{Block, Claim, Document, Mention, Problem};
    match table {
        "documents" => crate::take_in::own_type::<Document>(column),
        "blocks" => crate::take_in::own_type::<Block>(column),
        "mentions" => crate::take_in::own_type::<Mention>(column),
        "claims" => crate::take_in::own_type::<Claim>(column),
        "problems" => crate::take_in::own_type::<Problem>(column),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::StringArray;
    use arrow_schema::{Field, Schema, TimeUnit};

    use super::*;

    #[test]
    fn cells_are_read_as_they_are_written() {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let cases = [
            (DataType::Utf8, r#"["naïve \"x\"",null]"#),
            (DataType::Int64, "[9007199254740993,null]"),
            (DataType::Boolean, "[true,null]"),
            (DataType::Float64, "[0.1,2700000.0]"),
            (DataType::Date32, r#"["2025-06-23",null]"#),
            (instant, r#"["2025-06-23T10:00:00Z",null]"#),
        ];
        for (data_type, json) in cases {
            let cells: Vec<Value> = serde_json::from_str(json).unwrap();
            let array = array_from_json(&data_type, &cells).unwrap();
            assert_eq!(*array.data_type(), data_type);
            let back: Vec<Value> = (0..array.len()).map(|i| cell_to_json(&array, i)).collect();
            assert_eq!(serde_json::to_string(&back).unwrap(), json);
        }
        let wrong = array_from_json(&DataType::Date32, &["June".into()]).unwrap_err();
        assert_eq!(wrong, "expected a date such as 2025-06-23, found \"June\"");
    }

    #[test]
    fn a_row_is_an_object_without_its_empty_cells() {
        let schema =
            Schema::new(vec![Field::new("a", DataType::Utf8, true), Field::new("b", DataType::Utf8, true)]);
        let column = |cells: [Option<&str>; 2]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
        let arrays = vec![column([None, Some("x")]), column([Some("y\n"), None])];
        let table = RecordBatch::try_new(schema.into(), arrays).unwrap();
        let line = |row| {
            let mut out = Vec::new();
            write_row(&table, row, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!((line(0), line(1)), (r#"{"b":"y\n"}"#.to_owned(), r#"{"a":"x"}"#.to_owned()));
    }
}
