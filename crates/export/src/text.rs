//! What CSV and JSON Lines have in common: cells one after the other, and files that grow by bytes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use claimline_model::{Decimal, Record, Timestamp, Value};
use claimline_stage::{Body, Growing, Kept, Piece, Published, Resource, SinkError, Staging, Workshop};
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
    let Share { selection, rows, added, .. } = share;
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
    out: Growing,
    rows: u64,
    cut: u64,
}

impl<D: Fn(serde_json::Value, u64) -> serde_json::Value + Send + 'static> TextFiles<D> {
    /// Begins each file with its header, or goes on with it. `describe` completes the descriptor of a
    /// finished file, of which so many cells were cut.
    pub(crate) fn open(
        workshop: &Workshop,
        kept: &[Kept],
        targets: Vec<Target>,
        header: impl Fn(&Target) -> Vec<u8>,
        describe: D,
    ) -> Result<Box<dyn Staging>, SinkError> {
        let open = |(number, target): (usize, Target)| {
            let kept = kept.iter().rfind(|kept| kept.number == number);
            let mut out = Growing::open(workshop, number, &target.name(), kept)?;
            if kept.is_none() {
                out.append(&header(&target))?;
            }
            let (rows, cut) = kept.map_or((0, 0), |kept| (kept.rows, kept.cut));
            Ok(TextFile { target, out, rows, cut })
        };
        let files = targets.into_iter().enumerate().map(open).collect::<Result<_, _>>()?;
        Ok(Box::new(Self { files, describe }))
    }
}

impl<D: Fn(serde_json::Value, u64) -> serde_json::Value + Send> Staging for TextFiles<D> {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        let mut new = vec![(0, 0); self.files.len()];
        for piece in pieces {
            let file = &mut self.files[piece.file];
            let Body::Bytes(bytes) = piece.body else {
                return Err(SinkError::Encode(format!("{} takes text", file.target.path.display())));
            };
            file.out.append(&bytes)?;
            file.rows += piece.rows;
            file.cut += piece.cut;
            new[piece.file].0 += piece.rows;
            new[piece.file].1 += piece.cut;
        }
        let told = self.files.iter_mut().zip(new).filter_map(|(file, (rows, cut))| {
            let kept = file.out.tell(rows)?;
            Some(Kept { cut, ..kept })
        });
        Ok(told.collect())
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        self.files.iter_mut().try_for_each(|file| file.out.sync())?;
        Ok(Vec::new())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        self.commit()?;
        let Self { files, describe } = *self;
        let resource = |TextFile { target, rows, cut, .. }: TextFile| Resource {
            table: target.table.to_owned(),
            staged: target.staged,
            path: target.path,
            rows,
            descriptor: describe(target.descriptor, cut),
        };
        Ok(files.into_iter().map(resource).collect())
    }
}

/// Finished files of text, from which rows are taken over.
pub(crate) struct PublishedText<S> {
    /// Each file's path, and how long its header is.
    files: Vec<(PathBuf, usize)>,
    /// Where each row in a text ends.
    ends: S,
    /// The stretch of each file that was read last.
    last: HashMap<usize, Stretch>,
}

/// A stretch of a file, read.
struct Stretch {
    from: u64,
    rows: Vec<u8>,
    ends: Vec<usize>,
}

impl<S: Fn(&[u8]) -> Vec<usize> + Send + 'static> PublishedText<S> {
    /// The files of `targets` below `out`, each with its header; `ends` says where rows end.
    pub(crate) fn boxed(
        out: &Path,
        targets: Vec<Target>,
        header: impl Fn(&Target) -> Vec<u8>,
        ends: S,
    ) -> Box<dyn Published> {
        let file = |target: Target| (out.join(&target.path), header(&target).len());
        let files = targets.into_iter().map(file).collect();
        Box::new(Self { files, ends, last: HashMap::new() })
    }

    fn read(&self, kept: &Kept) -> Result<Stretch, SinkError> {
        let Some((path, header)) = self.files.get(kept.number) else {
            return Err(SinkError::Encode(format!("there is no file number {}", kept.number)));
        };
        let mut rows = vec![0; kept.to.saturating_sub(kept.from) as usize];
        let read = File::open(path).and_then(|mut file| {
            file.seek(SeekFrom::Start(kept.from))?;
            file.read_exact(&mut rows)
        });
        read.map_err(at(path))?;
        if crc32fast::hash(&rows) != kept.crc {
            return Err(at(path)(io::Error::other("it is not as the run before left it")));
        }
        if kept.from == 0 {
            rows.drain(..*header);
        }
        let ends = (self.ends)(&rows);
        Ok(Stretch { from: kept.from, rows, ends })
    }
}

impl<S: Fn(&[u8]) -> Vec<usize> + Send + 'static> Published for PublishedText<S> {
    fn rows(&mut self, kept: &Kept, rows: Range<u64>) -> Result<Body, SinkError> {
        if self.last.get(&kept.number).is_none_or(|last| last.from != kept.from) {
            let read = self.read(kept)?;
            self.last.insert(kept.number, read);
        }
        let Stretch { rows: text, ends, .. } = &self.last[&kept.number];
        let end = |row: u64| match row {
            0 => Some(0),
            row => ends.get(row as usize - 1).copied(),
        };
        let bytes = end(rows.start).zip(end(rows.end)).and_then(|(start, end)| text.get(start..end));
        let missing =
            || SinkError::Encode(format!("{:?} has fewer rows than were told", self.files[kept.number]));
        Ok(Body::Bytes(bytes.ok_or_else(missing)?.to_vec()))
    }
}
