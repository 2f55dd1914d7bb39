//! Workbooks for Excel and LibreOffice: a sheet a table, with typed cells.
//!
//! A workbook can't be written before its last row is known. So rows are kept in a file of their own a
//! sheet, as they came, and the workbook is made of them when the run is finished, row by row.

use std::cmp::Ordering;
use std::io::BufWriter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};
use claimline_model::Record;
use claimline_stage::{Batch, Body, Kept, Piece, Redo, Registration, Resource};
use claimline_stage::{Sink, SinkError, Staging, Workshop};
use claimline_tables::{Preset, date_from_days};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError,
};
use serde_json::{Value, json};

use crate::cell::{LONGEST_CELL, WhiteSpace, collapse, is_collapsed, longest_cell};
use crate::options::{Tables, check_dir, options};
use crate::sink::{Encode, at, encode};
use crate::table::{Share, Table};

options! {
    /// The options of `xlsx`.
    XlsxOptions {
        /// What becomes of line breaks, tabs and runs of spaces in text cells: by default each run is
        /// one space.
        white_space: WhiteSpace,
    }
}

pub(crate) fn registration() -> Registration {
    Registration::sink(
        "xlsx",
        "Writes the tables as sheets of a workbook, for Excel and LibreOffice.",
        "- xlsx: { tables: [quantities, documents] }",
        |options: XlsxOptions, context| {
            let XlsxOptions { tables, columns, dir, white_space } = options;
            let sheets = || Tables::named(["quantities", "statements", "documents", "problems"]);
            let tables = tables.unwrap_or_else(sheets).open(columns.as_ref(), Preset::Brief, context)?;
            Ok(XlsxSink { tables, path: check_dir(&dir)?.join(FILE), white_space })
        },
    )
}

/// The workbook.
const FILE: &str = "tables.xlsx";

/// How many rows a sheet has at most: Excel has room for 1,048,576
/// (<https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>).
const ROWS_PER_SHEET: u64 = 1_000_000;

/// How many cells of a sheet may be links, by the same page.
const LINKS_PER_SHEET: usize = 65_530;

/// How long a link may be, in UTF-16 units, as the library that writes it has it.
const LONGEST_LINK: usize = 2_080;

/// How many rows of a sheet decide how wide its columns are.
const ROWS_MEASURED: u64 = 1_000;

/// How wide a column may be, in characters.
const WIDTHS: (usize, usize) = (7, 50);

/// From so many cells on a sheet may be larger than 4 GiB before it is compressed.
const LARGE: u64 = 10_000_000;

struct XlsxSink {
    tables: Vec<Table>,
    path: PathBuf,
    white_space: WhiteSpace,
}

struct Columns;

impl Encode for Columns {
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError> {
        // No rows are handed back to a later run, so shares need not be known.
        Ok(Piece { shares: Vec::new(), ..share.columns(file)? })
    }
}

impl Sink for XlsxSink {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        encode(&self.tables, &Columns, batch)
    }

    fn open(&self, workshop: Workshop, kept: &[Kept]) -> Result<Box<dyn Staging>, SinkError> {
        let sheet = |(number, table): (usize, &Table)| {
            let (name, schema) = (table.name(), table.arrow_schema());
            let kept = kept.iter().rfind(|kept| kept.number == number);
            let staged = match kept {
                Some(kept) => Redo::resume(&workshop, kept)?,
                None => Redo::create(&workshop, number, &format!("{name}.rows"), &schema)?,
            };
            let rows = kept.map_or(0, |kept| kept.rows);
            Ok(Sheet { name, schema, descriptor: table.descriptor(), staged, rows })
        };
        let sheets = self.tables.iter().enumerate().map(sheet).collect::<Result<_, _>>()?;
        let (path, white_space) = (self.path.clone(), self.white_space);
        Ok(Box::new(Workbooks { sheets, workshop, path, white_space, rows_per_sheet: ROWS_PER_SHEET }))
    }
}

struct Workbooks {
    sheets: Vec<Sheet>,
    workshop: Workshop,
    path: PathBuf,
    white_space: WhiteSpace,
    rows_per_sheet: u64,
}

/// A table, and its rows so far.
struct Sheet {
    name: &'static str,
    schema: Schema,
    descriptor: Value,
    staged: Redo,
    rows: u64,
}

impl Staging for Workbooks {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        let mut told = Vec::new();
        for piece in pieces {
            let sheet = &mut self.sheets[piece.file];
            let Body::Columns(rows) = piece.body else {
                return Err(SinkError::Encode(format!("{} takes columns", self.path.display())));
            };
            told.extend(sheet.staged.append(&rows)?);
            sheet.rows += piece.rows;
        }
        Ok(told)
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        self.sheets.iter_mut().try_for_each(|sheet| sheet.staged.sync())?;
        Ok(Vec::new())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        self.commit()?;
        let mut left = self.sheets.iter().map(Rows::new).collect::<Result<Vec<_>, _>>()?;
        let mut resources = Vec::new();
        for number in 1.. {
            let mut sheets: Vec<_> = left.iter_mut().filter(|rows| number == 1 || rows.left > 0).collect();
            if sheets.is_empty() {
                break;
            }
            // The library panics where its own scratch files can't be written.
            let written = catch_unwind(AssertUnwindSafe(|| self.write(number, &mut sheets)));
            let full = || SinkError::Encode(format!("{}: a scratch file failed", self.path.display()));
            resources.extend(written.unwrap_or_else(|_| Err(full()))?);
        }
        Ok(resources)
    }
}

impl Workbooks {
    /// Writes the `number`-th workbook, from 1, with as many of the rows as its sheets have room for.
    fn write(&self, number: usize, sheets: &mut [&mut Rows]) -> Result<Vec<Resource>, SinkError> {
        let path = match number {
            1 => self.path.clone(),
            _ => self.path.with_file_name(format!("tables-{number}.xlsx")),
        };
        let staged = self.workshop.folder.join(path.file_name().unwrap_or_default());
        let failed = |error: XlsxError| at(&staged)(std::io::Error::other(error));
        let mut book = begin(&self.workshop.folder).map_err(failed)?;
        let looks = Looks::new();
        let mut resources = Vec::new();
        for rows in sheets {
            let page = book.add_worksheet_with_constant_memory().map_err(failed)?;
            let mut writer = PageWriter {
                page,
                looks: &looks,
                white_space: self.white_space,
                row: 0,
                links: 0,
                cut: 0,
                measured: vec![Vec::new(); rows.sheet.schema.fields().len()],
                scratch: String::new(),
            };
            writer.begin(rows.sheet).map_err(failed)?;
            let written = rows.left.min(self.rows_per_sheet);
            while u64::from(writer.row) < written {
                let Some(next) = rows.next(written - u64::from(writer.row))? else { break };
                writer.write(&next).map_err(failed)?;
            }
            writer.finish(&rows.sheet.schema).map_err(failed)?;
            let (sheet, cut) = (rows.sheet, writer.cut);
            if written * sheet.schema.fields().len() as u64 > LARGE {
                book.use_zip_large_file(true);
            }
            resources.push(Resource {
                table: sheet.name.to_owned(),
                staged: staged.clone(),
                path: path.clone(),
                rows: written,
                descriptor: self.describe(sheet, cut),
            });
        }
        let mut out = BufWriter::new(self.workshop.disk.create(&staged).map_err(at(&staged))?);
        book.save_to_writer(&mut out).map_err(failed)?;
        let mut out = out.into_inner().map_err(|error| at(&staged)(error.into_error()))?;
        out.sync().map_err(at(&staged))?;
        Ok(resources)
    }

    fn describe(&self, sheet: &Sheet, cut: u64) -> Value {
        let mut descriptor = sheet.descriptor.clone();
        descriptor["profile"] = json!("tabular-data-resource");
        descriptor["format"] = json!("xlsx");
        descriptor["mediatype"] = json!("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        descriptor["dialect"] = json!({ "header": true, "excel": { "sheet": sheet.name } });
        let mut notes = vec![
            format!("A cell holds at most {LONGEST_CELL} characters; `cut_cells` were longer."),
            "Days before March 1900, which a workbook has no numbers for, are text.".to_owned(),
        ];
        if self.white_space == WhiteSpace::Collapse {
            notes.push("Each run of white space in a text is one space.".to_owned());
        }
        descriptor["notes"] = json!(notes);
        descriptor["cut_cells"] = json!(cut);
        descriptor
    }
}

/// An empty workbook that is the same whenever it is made, with its scratch files in `folder`.
fn begin(folder: &Path) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_tempdir(folder)?;
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    Ok(book)
}

/// The rows of a sheet that are not in a workbook yet.
struct Rows<'s> {
    sheet: &'s Sheet,
    left: u64,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, SinkError>> + 's>,
    /// What a workbook had no room for.
    rest: Option<RecordBatch>,
}

impl<'s> Rows<'s> {
    fn new(sheet: &'s Sheet) -> Result<Self, SinkError> {
        let batches: Box<dyn Iterator<Item = _>> = match sheet.rows {
            0 => Box::new(std::iter::empty()),
            _ => Box::new(sheet.staged.rows()?),
        };
        Ok(Self { sheet, left: sheet.rows, batches, rest: None })
    }

    /// At most so many of the next rows.
    fn next(&mut self, most: u64) -> Result<Option<RecordBatch>, SinkError> {
        let Some(rows) = self.rest.take().map(Ok).or_else(|| self.batches.next()).transpose()? else {
            return Ok(None);
        };
        let taken = rows.num_rows().min(usize::try_from(most).unwrap_or(usize::MAX));
        if taken < rows.num_rows() {
            self.rest = Some(rows.slice(taken, rows.num_rows() - taken));
        }
        self.left -= taken as u64;
        Ok(Some(rows.slice(0, taken)))
    }
}

/// How cells look. Those with text are wrapped in rows of one height, so that a long text neither runs
/// into the next cell nor makes its row tall.
struct Looks {
    header: Format,
    plain: Format,
    text: Format,
    link: Format,
    int: Format,
    whole: Format,
    fraction: Format,
    vast: Format,
    day: Format,
    instant: Format,
}

impl Looks {
    fn new() -> Self {
        let plain = Format::new().set_align(FormatAlign::Top);
        let text = plain.clone().set_text_wrap();
        // A number must not touch the text behind it.
        let number =
            |shown: &str| plain.clone().set_align(FormatAlign::Right).set_indent(1).set_num_format(shown);
        let day = |shown: &str| plain.clone().set_align(FormatAlign::Left).set_num_format(shown);
        Self {
            header: Format::new()
                .set_bold()
                .set_align(FormatAlign::Top)
                .set_background_color(0xE7_EC_F2)
                .set_border_bottom(FormatBorder::Thin),
            link: text
                .clone()
                .set_font_color(0x05_63_C1)
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
            whole: number("#,##0"),
            fraction: number("#,##0.0#####"),
            vast: number("0.00E+00"),
            int: number("0"),
            day: day("yyyy-mm-dd"),
            instant: day("yyyy-mm-dd hh:mm:ss"),
            plain,
            text,
        }
    }
}

/// A sheet that is being written.
struct PageWriter<'b> {
    page: &'b mut Worksheet,
    looks: &'b Looks,
    white_space: WhiteSpace,
    /// The rows so far, the header not counted.
    row: u32,
    links: usize,
    cut: u64,
    /// How many characters the first cells of each column show.
    measured: Vec<Vec<usize>>,
    scratch: String,
}

impl PageWriter<'_> {
    fn begin(&mut self, sheet: &Sheet) -> Result<(), XlsxError> {
        self.page.set_name(sheet.name)?;
        // A height of its own keeps rows from growing with their text.
        self.page.set_default_row_height(15.75);
        self.page.set_freeze_panes(1, 0)?;
        for (column, field) in sheet.schema.fields().iter().enumerate() {
            self.page.write_string_with_format(0, column as u16, field.name(), &self.looks.header)?;
        }
        Ok(())
    }

    fn write(&mut self, rows: &RecordBatch) -> Result<(), XlsxError> {
        for i in 0..rows.num_rows() {
            self.row += 1;
            for (column, cells) in rows.columns().iter().enumerate() {
                if cells.is_null(i) {
                    continue;
                }
                let shown = self.cell(column as u16, cells, i)?;
                if u64::from(self.row) <= ROWS_MEASURED {
                    self.measured[column].push(shown);
                }
            }
        }
        Ok(())
    }

    /// Writes a cell, and says how many characters it shows.
    fn cell(&mut self, column: u16, cells: &ArrayRef, i: usize) -> Result<usize, XlsxError> {
        let (page, looks, row) = (&mut *self.page, self.looks, self.row);
        match cells.data_type() {
            DataType::Int64 => {
                let int = cells.as_primitive::<Int64Type>().value(i);
                page.write_number_with_format(row, column, int as f64, &looks.int)?;
                Ok(int.to_string().len())
            }
            DataType::Float64 => {
                let float = cells.as_primitive::<Float64Type>().value(i);
                if !float.is_finite() {
                    return Ok(0);
                }
                let (look, shown) = match float.abs() {
                    size if size >= 1e15 || (size < 1e-6 && size > 0.0) => (&looks.vast, 8),
                    size if size.fract() == 0.0 => (&looks.whole, grouped(size)),
                    size => (&looks.fraction, grouped(size) + 4),
                };
                page.write_number_with_format(row, column, float, look)?;
                Ok(shown)
            }
            DataType::Boolean => {
                page.write_boolean_with_format(row, column, cells.as_boolean().value(i), &looks.plain)?;
                Ok(5)
            }
            DataType::Date32 => {
                let day = cells.as_primitive::<Date32Type>().value(i);
                match serial(f64::from(day)) {
                    Some(serial) => {
                        page.write_number_with_format(row, column, serial, &looks.day)?;
                    }
                    None => {
                        let day = date_from_days(day).map_or_else(|_| String::new(), |day| day.to_string());
                        page.write_string_with_format(row, column, day, &looks.plain)?;
                    }
                }
                Ok(10)
            }
            DataType::Timestamp(..) => {
                let microseconds = cells.as_primitive::<TimestampMicrosecondType>().value(i);
                match serial(microseconds as f64 / 86_400e6) {
                    Some(serial) => {
                        page.write_number_with_format(row, column, serial, &looks.instant)?;
                    }
                    None => {
                        let at = claimline_model::Timestamp::from_microsecond(microseconds);
                        let at = at.map_or_else(|_| String::new(), |at| at.to_string());
                        page.write_string_with_format(row, column, at, &looks.plain)?;
                    }
                }
                Ok(19)
            }
            _ => self.text(column, cells.as_string::<i32>().value(i)),
        }
    }

    fn text(&mut self, column: u16, text: &str) -> Result<usize, XlsxError> {
        let mut text = text;
        if self.white_space == WhiteSpace::Collapse && !is_collapsed(text) {
            self.scratch.clear();
            collapse(text, &mut self.scratch);
            text = &self.scratch;
        }
        if let Some(end) = longest_cell(text) {
            text = &text[..end];
            self.cut += 1;
        }
        let looks = self.looks;
        if self.links < LINKS_PER_SHEET && is_link(text) {
            self.links += 1;
            self.page.write_url_with_format(self.row, column, Url::new(text), &looks.link)?;
        } else if !text.is_empty() {
            self.page.write_string_with_format(self.row, column, text, &looks.text)?;
        }
        Ok(text.chars().count())
    }

    fn finish(&mut self, schema: &Schema) -> Result<(), XlsxError> {
        for (column, (field, shown)) in schema.fields().iter().zip(&mut self.measured).enumerate() {
            // Room for the button of the filter.
            let header = field.name().chars().count() + 3;
            // Nine cells of ten are seen whole.
            let nth = shown.len() * 9 / 10;
            let most = if shown.is_empty() { 0 } else { *shown.select_nth_unstable_by(nth, Ord::cmp).1 };
            let width = most.max(header).clamp(WIDTHS.0, WIDTHS.1);
            self.page.set_column_width(column as u16, width as f64 + 1.0)?;
        }
        let last = schema.fields().len().saturating_sub(1);
        self.page.autofilter(0, 0, self.row, last as u16)?;
        Ok(())
    }
}

/// The number that stands for an instant told in days from 1970-01-01, if workbooks agree on it: Excel
/// takes 1900 for a leap year, LibreOffice does not
/// (<https://learn.microsoft.com/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year>).
fn serial(days: f64) -> Option<f64> {
    /// 1970-01-01.
    const EPOCH: f64 = 25_569.0;
    /// 1900-03-01.
    const FIRST: f64 = 61.0;
    /// The day after 9999-12-31.
    const END: f64 = 2_958_466.0;
    Some(days + EPOCH).filter(|serial| (FIRST..END).contains(serial))
}

/// How many characters the digits before the point take, with commas.
fn grouped(size: f64) -> usize {
    let digits = match size.partial_cmp(&1.0) {
        Some(Ordering::Greater) => size.log10().floor() as usize + 1,
        _ => 1,
    };
    digits + (digits - 1) / 3
}

/// Whether a text is an address that a workbook can open.
fn is_link(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.encode_utf16().count() < LONGEST_LINK
        && !text.contains(char::is_whitespace)
}
