//! Rows to Arrow arrays and back.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::str::FromStr;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, TimestampMicrosecondArray, UInt32Array, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use arrow_select::take::take;
use claimline_model::{CellError, Column, ColumnType, Date, Decimal, Record, Timestamp, Value};
use jiff::civil::date;

use crate::{Origin, Rows, Selected, Selection};

/// The decimal columns that have a twin, `value_exact` beside `value`, with the decimal as text:
/// what the text states may have more digits than a 64-bit float holds. All other decimals are
/// reckoned, and rounded to what a float holds where they are made.
const EXACT: &[&str] = &["value", "value_high"];

/// The name of the column that holds `column` as exact text, if it has one.
pub fn exact_column<R>(column: &Column<R>) -> Option<String> {
    EXACT.contains(&column.name).then(|| format!("{}_exact", column.name))
}

/// A table that is not what it says it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FromArrowError {
    /// A column has another type than its table's schema says.
    #[error("column {column} of {table} must be {expected}, not {found}")]
    Type {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// What it should be.
        expected: DataType,
        /// What it is.
        found: DataType,
    },
    /// A column that must be there is not.
    #[error("{table} has no column {column}, which may not be missing")]
    Missing {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// A cell does not fit.
    #[error("row {row}, column {column} of {table}: {error}")]
    Cell {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        error: CellError,
    },
}

/// The Arrow field of a column.
pub fn arrow_field<R>(column: &Column<R>) -> Field {
    Field::new(column.name, data_type(column.column_type), column.nullable)
}

/// The Arrow type of a column.
pub fn data_type(column: ColumnType) -> DataType {
    match column {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Int => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Decimal => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// All columns of a table: its own, the exact twins, and what plugins added.
///
/// # Errors
/// If an added column holds null where its field says it can't.
pub fn to_arrow<R: Record>(rows: &Rows<R>) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::with_capacity(R::COLUMNS.len());
    let mut arrays = Vec::with_capacity(R::COLUMNS.len());
    for column in R::COLUMNS {
        fields.push(Arc::new(arrow_field(column)));
        arrays.push(column_to_arrow(column, rows.iter()));
        if let Some(name) = exact_column(column) {
            fields.push(Arc::new(Field::new(name, DataType::Utf8, column.nullable)));
            arrays.push(exact_to_arrow(column, rows.iter()));
        }
    }
    for (field, values) in rows.added() {
        fields.push(field);
        arrays.push(values);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}

impl<R: Record> Selection<R> {
    /// The schema of what is selected, with the columns' meanings as field metadata.
    pub fn arrow_schema(&self) -> Schema {
        let field = |selected: &Selected<R>| {
            let field = match &selected.origin {
                Origin::Own(column) => arrow_field(column).with_name(&selected.name),
                Origin::Exact(column) => Field::new(&selected.name, DataType::Utf8, column.nullable),
                Origin::Added(field) => Field::new(&selected.name, field.data_type().clone(), true),
            };
            let description = selected.description().map(|d| ("description".to_owned(), d.into_owned()));
            field.with_metadata(description.into_iter().collect::<HashMap<_, _>>())
        };
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }

    /// What is selected of some rows; `added` are the columns that plugins added to them.
    ///
    /// # Errors
    /// If an added column is not as long as the rows.
    pub fn to_arrow(&self, rows: &[R], added: &[(FieldRef, ArrayRef)]) -> Result<RecordBatch, ArrowError> {
        self.to_arrow_as(&Arc::new(self.arrow_schema()), rows, added)
    }

    /// The same, with a schema that was made before from [`Selection::arrow_schema`].
    pub(crate) fn to_arrow_as(
        &self,
        schema: &SchemaRef,
        rows: &[R],
        added: &[(FieldRef, ArrayRef)],
    ) -> Result<RecordBatch, ArrowError> {
        let (arrays, n) = match self.kept(rows) {
            None => (self.arrays(rows.iter(), added, None)?, rows.len()),
            Some(kept) => {
                let n = kept.len();
                let kept = UInt32Array::from(kept);
                let rows = kept.values().iter().map(|i| &rows[*i as usize]);
                (self.arrays(rows, added, Some(&kept))?, n)
            }
        };
        let options = RecordBatchOptions::new().with_row_count(Some(n));
        RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
    }

    fn arrays<'r>(
        &self,
        rows: impl ExactSizeIterator<Item = &'r R> + Clone,
        added: &[(FieldRef, ArrayRef)],
        kept: Option<&UInt32Array>,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let array = |(selected, added): (&Selected<R>, Option<&ArrayRef>)| {
            Ok(match (&selected.origin, added, kept) {
                (Origin::Own(column), ..) => column_to_arrow(column, rows.clone()),
                (Origin::Exact(column), ..) => exact_to_arrow(column, rows.clone()),
                (Origin::Added(_), Some(values), None) => values.clone(),
                (Origin::Added(_), Some(values), Some(kept)) => take(values, kept, None)?,
                (Origin::Added(field), None, _) => new_null_array(field.data_type(), rows.len()),
            })
        };
        self.columns.iter().zip(self.added(added)).map(array).collect()
    }
}

/// One column of some rows.
pub fn column_to_arrow<'r, R: 'r>(
    column: &Column<R>,
    rows: impl ExactSizeIterator<Item = &'r R> + Clone,
) -> ArrayRef {
    let n = rows.len();
    let mut cells = rows.map(column.get);
    // Half of the columns of a batch are empty: those need no building.
    if column.nullable && cells.clone().all(|cell| matches!(cell, Value::Null)) {
        return new_null_array(&data_type(column.column_type), n);
    }
    cells_to_arrow(column.column_type, n, &mut cells)
}

fn cells_to_arrow<'r>(column: ColumnType, n: usize, cells: impl Iterator<Item = Value<'r>>) -> ArrayRef {
    /// A builder filled with the cells' one variant; what is not that variant is null.
    macro_rules! build {
        ($builder:expr, $variant:ident($cell:ident) => $value:expr) => {{
            let mut builder = $builder;
            for cell in cells {
                match cell {
                    Value::$variant($cell) => builder.append_value($value),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }};
    }
    match column {
        ColumnType::Text => build!(StringBuilder::with_capacity(n, n * 8), Text(text) => text),
        ColumnType::Int => build!(Int64Builder::with_capacity(n), Int(int) => int),
        ColumnType::Bool => build!(BooleanBuilder::with_capacity(n), Bool(bool) => bool),
        ColumnType::Decimal => build!(Float64Builder::with_capacity(n), Decimal(d) => to_float(d)),
        ColumnType::Date => build!(Date32Builder::with_capacity(n), Date(date) => days(date)),
        ColumnType::Timestamp => build!(
            TimestampMicrosecondBuilder::with_capacity(n).with_timezone("UTC"),
            Timestamp(at) => at.as_microsecond()
        ),
    }
}

/// The decimals of a column as text.
pub fn exact_to_arrow<'r, R: 'r>(column: &Column<R>, rows: impl Iterator<Item = &'r R>) -> ArrayRef {
    exact_texts(rows.map(column.get))
}

fn exact_texts<'r>(cells: impl Iterator<Item = Value<'r>>) -> ArrayRef {
    let mut texts = StringBuilder::new();
    for cell in cells {
        match cell {
            Value::Decimal(decimal) => {
                // Writing to a builder does not fail.
                let _ = write!(texts, "{decimal}");
                texts.append_value("");
            }
            _ => texts.append_null(),
        }
    }
    Arc::new(texts.finish())
}

/// A table that is put together column by column.
pub(crate) struct TableBuilder {
    rows: usize,
    fields: Vec<FieldRef>,
    arrays: Vec<ArrayRef>,
}

impl TableBuilder {
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, fields: Vec::new(), arrays: Vec::new() }
    }

    /// Adds a column of the table's own, with its exact twin; cells that are as in `unset` are null.
    pub(crate) fn column<R>(&mut self, column: &Column<R>, rows: &[R], unset: Option<&R>) {
        let cells = || {
            rows.iter().map(|row| match ((column.get)(row), unset) {
                (cell, Some(unset)) if cell == (column.get)(unset) => Value::Null,
                (cell, _) => cell,
            })
        };
        let nullable = column.nullable || unset.is_some();
        self.fields.push(Arc::new(arrow_field(column).with_nullable(nullable)));
        self.arrays.push(cells_to_arrow(column.column_type, self.rows, cells()));
        if let Some(name) = exact_column(column) {
            self.fields.push(Arc::new(Field::new(name, DataType::Utf8, true)));
            self.arrays.push(exact_texts(cells()));
        }
    }

    /// Adds a column that a plugin adds.
    pub(crate) fn added(&mut self, field: FieldRef, values: ArrayRef) {
        self.fields.push(field);
        self.arrays.push(values);
    }

    pub(crate) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(self.fields)), self.arrays, &options)
    }
}

/// The rows of a table; columns that are none of its own are carried along as added ones.
///
/// # Errors
/// If a column that may not be empty is missing, or a column or a cell has the wrong type.
pub fn from_arrow<R: Record>(table: &RecordBatch) -> Result<Rows<R>, FromArrowError> {
    let missing = R::COLUMNS.iter().find(|c| !c.nullable && table.column_by_name(c.name).is_none());
    match missing {
        Some(column) => Err(FromArrowError::Missing { table: R::TABLE, column: column.name.to_owned() }),
        None => rows_from_arrow(table, Nulls::Set),
    }
}

/// The rows of a table of which some columns or cells may be missing: those are the default ones.
///
/// # Errors
/// If a column or a cell has the wrong type.
pub fn part_from_arrow<R: Record>(table: &RecordBatch) -> Result<Rows<R>, FromArrowError> {
    rows_from_arrow(table, Nulls::Keep)
}

fn rows_from_arrow<R: Record>(table: &RecordBatch, nulls: Nulls) -> Result<Rows<R>, FromArrowError> {
    let mut rows = vec![R::default(); table.num_rows()];
    for column in R::COLUMNS {
        fill(&mut rows, column, table, nulls)?;
    }
    let mut rows = Rows::from(rows);
    for (field, values) in table.schema().fields().iter().zip(table.columns()) {
        if !is_own::<R>(field.name()) {
            rows.add(field.clone(), values.clone());
        }
    }
    Ok(rows)
}

/// Whether the table itself has a column of that name, and not a stage that adds one.
pub(crate) fn is_own<R: Record>(name: &str) -> bool {
    R::COLUMNS.iter().any(|c| c.name == name || exact_column(c).as_deref() == Some(name))
}

fn typed<'t, R: Record>(
    table: &'t RecordBatch,
    name: &str,
    expected: DataType,
) -> Result<Option<&'t ArrayRef>, FromArrowError> {
    match table.column_by_name(name) {
        Some(array) if *array.data_type() != expected => Err(FromArrowError::Type {
            table: R::TABLE,
            column: name.to_owned(),
            expected,
            found: array.data_type().clone(),
        }),
        array => Ok(array),
    }
}

/// What a null does to a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// It empties it; a cell that can't be empty refuses it.
    Set,
    /// It leaves it as it is.
    Keep,
}

/// Sets the cells of a column, if the table has it. A decimal whose text is in the exact twin is that
/// text; where a plugin changed the float beside it, the float wins. A float that the cell's decimal
/// rounds to leaves the decimal as it is.
pub(crate) fn fill<R: Record>(
    rows: &mut [R],
    column: &Column<R>,
    table: &RecordBatch,
    nulls: Nulls,
) -> Result<(), FromArrowError> {
    let Some(array) = typed::<R>(table, column.name, data_type(column.column_type))? else { return Ok(()) };
    let exact = match exact_column(column) {
        Some(name) => typed::<R>(table, &name, DataType::Utf8)?,
        None => None,
    };
    let floats = array.as_any().downcast_ref::<Float64Array>();
    for (i, row) in rows.iter_mut().enumerate() {
        let value = match (exact.and_then(|exact| text_at(exact, i)), floats) {
            _ if array.is_null(i) && nulls == Nulls::Keep => continue,
            _ if array.is_null(i) => Ok(Value::Null),
            (None, Some(floats)) if rounds_to((column.get)(row), floats.value(i)) => continue,
            (Some(text), Some(floats)) => match Decimal::from_str(text) {
                Ok(exact) if to_float(exact) == floats.value(i) => Ok(Value::Decimal(exact)),
                Ok(_) => cell(array, i, column.column_type),
                Err(_) => {
                    let name = exact_column(column).unwrap_or_default();
                    return Err(at_cell::<R>(&name, i, CellError::new("a decimal", text)));
                }
            },
            _ => cell(array, i, column.column_type),
        };
        let set = value.and_then(|value| (column.set)(row, value));
        set.map_err(|error| at_cell::<R>(column.name, i, error))?;
    }
    Ok(())
}

fn rounds_to(cell: Value<'_>, float: f64) -> bool {
    matches!(cell, Value::Decimal(decimal) if to_float(decimal) == float)
}

fn at_cell<R: Record>(column: &str, row: usize, error: CellError) -> FromArrowError {
    FromArrowError::Cell { table: R::TABLE, column: column.to_owned(), row, error }
}

fn text_at(array: &ArrayRef, i: usize) -> Option<&str> {
    let texts = array.as_any().downcast_ref::<StringArray>()?;
    texts.is_valid(i).then(|| texts.value(i))
}

/// The cell at `i`, which is not null, of an array whose type has been checked.
fn cell(array: &ArrayRef, i: usize, column: ColumnType) -> Result<Value<'_>, CellError> {
    macro_rules! value {
        ($array:ty) => {
            array.as_any().downcast_ref::<$array>().map(|array| array.value(i))
        };
    }
    let value = match column {
        ColumnType::Text => text_at(array, i).map(|text| Value::Text(Cow::Borrowed(text))),
        ColumnType::Int => value!(Int64Array).map(Value::Int),
        ColumnType::Bool => value!(BooleanArray).map(Value::Bool),
        ColumnType::Decimal => value!(Float64Array).map(from_float).transpose()?.map(Value::Decimal),
        ColumnType::Date => value!(Date32Array).map(date_from_days).transpose()?.map(Value::Date),
        ColumnType::Timestamp => value!(TimestampMicrosecondArray)
            .map(|us| {
                Timestamp::from_microsecond(us).map_err(|_| CellError::new("an instant", us.to_string()))
            })
            .transpose()?
            .map(Value::Timestamp),
    };
    value.ok_or_else(|| CellError::new(format!("{column:?}"), array.data_type().to_string()))
}

/// The nearest 64-bit float.
pub fn to_float(decimal: Decimal) -> f64 {
    /// Mantissas up to here, and powers of ten up to 10^22, are floats without rounding, so that
    /// one division rounds once.
    const EXACT_MANTISSA: u128 = 1 << 53;
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    let mantissa = decimal.mantissa();
    match POWERS.get(decimal.scale() as usize) {
        Some(power) if mantissa.unsigned_abs() <= EXACT_MANTISSA => mantissa as f64 / power,
        _ => decimal.to_string().parse().unwrap_or(f64::NAN),
    }
}

fn from_float(float: f64) -> Result<Decimal, CellError> {
    // A float prints as the shortest decimal that reads back as it.
    Decimal::from_str(&float.to_string())
        .map_err(|_| CellError::new("a number below 7.9e28 that is not NaN", float.to_string()))
}

/// 1970-01-01, from which Arrow counts days.
const EPOCH: Date = date(1970, 1, 1);

pub(crate) fn days(date: Date) -> i32 {
    // Two dates that exist are at most 8 million days apart.
    (date.duration_since(EPOCH).as_hours() / 24) as i32
}

/// The day that Arrow counts so, from 1970-01-01.
///
/// # Errors
/// If it lies outside the years -9999 to 9999.
pub fn date_from_days(days: i32) -> Result<Date, CellError> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).unwrap_or_default())
        .map_err(|_| CellError::new("a day of the years -9999 to 9999", days.to_string()))
}
