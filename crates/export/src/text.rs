//! What CSV and JSON Lines have in common: cells one after the other, and files that grow by bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use claimline_model::{Decimal, Record, Timestamp, Value};
use claimline_stage::{Body, Piece, Resource, SinkError, Staging};
use claimline_tables::{Origin, date_from_days};

use crate::sink::{Target, at};
use crate::table::Share;

/// One cell on its way to text.
pub(crate) enum Cell<'a> {
    /// Nothing.
    Null,
    /// Words, which may hold anything.
    Text(&'a str),
    /// Digits, a date or an instant: text that is safe as it stands.
    Safe(&'a dyn std::fmt::Display),
    /// A whole number.
    Int(i64),
    /// A decimal as a number.
    Decimal(Decimal),
    /// A float that a plugin made.
    Float(f64),
    /// True or false.
    Bool(bool),
}

/// Takes cells row by row.
pub(crate) trait RowWriter {
    fn cell(&mut self, column: usize, cell: Cell<'_>) -> io::Result<()>;
    fn end_row(&mut self) -> io::Result<()>;
}

/// Gives a writer all cells of a share, and says how many rows there were.
pub(crate) fn write_rows<R: Record>(share: &Share<'_, R>, out: &mut impl RowWriter) -> io::Result<u64> {
    let Share { selection, rows, added } = share;
    let added = selection.added(added);
    let mut row = |i: usize| {
        for (c, (selected, added)) in selection.columns.iter().zip(&added).enumerate() {
            match &selected.origin {
                Origin::Own(column) => own_cell(out, c, (column.get)(&rows[i]))?,
                Origin::Exact(column) => match (column.get)(&rows[i]) {
                    Value::Decimal(decimal) => out.cell(c, Cell::Safe(&decimal))?,
                    _ => out.cell(c, Cell::Null)?,
                },
                Origin::Added(_) => match added {
                    Some(values) if values.is_valid(i) => added_cell(out, c, values, i)?,
                    _ => out.cell(c, Cell::Null)?,
                },
            }
        }
        out.end_row()
    };
    match selection.kept(rows) {
        Some(kept) => {
            kept.iter().try_for_each(|i| row(*i as usize))?;
            Ok(kept.len() as u64)
        }
        None => {
            (0..rows.len()).try_for_each(row)?;
            Ok(rows.len() as u64)
        }
    }
}

fn own_cell(out: &mut impl RowWriter, column: usize, value: Value<'_>) -> io::Result<()> {
    match value {
        Value::Null => out.cell(column, Cell::Null),
        Value::Text(text) => out.cell(column, Cell::Text(&text)),
        Value::Int(int) => out.cell(column, Cell::Int(int)),
        Value::Bool(bool) => out.cell(column, Cell::Bool(bool)),
        Value::Decimal(decimal) => out.cell(column, Cell::Decimal(decimal)),
        Value::Date(date) => out.cell(column, Cell::Safe(&date)),
        Value::Timestamp(at) => instant(out, column, at.as_microsecond()),
    }
}

/// A cell, not null, of an added column, whose type the selection has checked.
fn added_cell(out: &mut impl RowWriter, column: usize, values: &ArrayRef, i: usize) -> io::Result<()> {
    match values.data_type() {
        DataType::Int64 => out.cell(column, Cell::Int(values.as_primitive::<Int64Type>().value(i))),
        DataType::Boolean => out.cell(column, Cell::Bool(values.as_boolean().value(i))),
        DataType::Float64 => out.cell(column, Cell::Float(values.as_primitive::<Float64Type>().value(i))),
        DataType::Date32 => match date_from_days(values.as_primitive::<Date32Type>().value(i)) {
            Ok(date) => out.cell(column, Cell::Safe(&date)),
            Err(_) => out.cell(column, Cell::Null),
        },
        DataType::Timestamp(..) => {
            instant(out, column, values.as_primitive::<TimestampMicrosecondType>().value(i))
        }
        _ => out.cell(column, Cell::Text(values.as_string::<i32>().value(i))),
    }
}

/// An instant in ISO 8601, or null outside the years -9999 to 9999.
fn instant(out: &mut impl RowWriter, column: usize, microsecond: i64) -> io::Result<()> {
    match Timestamp::from_microsecond(microsecond) {
        Ok(at) => out.cell(column, Cell::Safe(&at)),
        Err(_) => out.cell(column, Cell::Null),
    }
}

/// Files that grow by the bytes of each piece.
pub(crate) struct TextFiles<D> {
    files: Vec<TextFile>,
    describe: D,
}

struct TextFile {
    target: Target,
    out: BufWriter<File>,
    rows: u64,
}

impl<D: Fn(usize, serde_json::Value) -> serde_json::Value + Send + 'static> TextFiles<D> {
    /// Begins each file with its header. `describe` completes the descriptor of a finished file.
    pub(crate) fn create(
        targets: Vec<Target>,
        header: impl Fn(&Target) -> Vec<u8>,
        describe: D,
    ) -> Result<Box<dyn Staging>, SinkError> {
        let begin = |target: Target| {
            let mut out = BufWriter::new(File::create(&target.staged).map_err(at(&target.staged))?);
            out.write_all(&header(&target)).map_err(at(&target.staged))?;
            Ok(TextFile { target, out, rows: 0 })
        };
        let files = targets.into_iter().map(begin).collect::<Result<_, _>>()?;
        Ok(Box::new(Self { files, describe }))
    }
}

impl<D: Fn(usize, serde_json::Value) -> serde_json::Value + Send> Staging for TextFiles<D> {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<(), SinkError> {
        for piece in pieces {
            let file = &mut self.files[piece.file];
            let Body::Bytes(bytes) = piece.body else {
                return Err(SinkError::Encode(format!("{} takes text", file.target.path.display())));
            };
            file.out.write_all(&bytes).map_err(at(&file.target.staged))?;
            file.rows += piece.rows;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), SinkError> {
        for file in &mut self.files {
            file.out
                .flush()
                .and_then(|()| file.out.get_ref().sync_data())
                .map_err(at(&file.target.staged))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        self.commit()?;
        let Self { files, describe } = *self;
        let resource = |(i, TextFile { target, rows, .. }): (usize, TextFile)| Resource {
            table: target.table.to_owned(),
            staged: target.staged,
            path: target.path,
            rows,
            descriptor: describe(i, target.descriptor),
        };
        Ok(files.into_iter().enumerate().map(resource).collect())
    }
}
