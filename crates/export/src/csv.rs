//! CSV for spreadsheets, and for machines that say so.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use claimline_model::Record;
use claimline_stage::{
    Body, Kept, OptionError, Piece, Published, Registration, SinkError, Staging, Workshop,
};
use claimline_tables::Preset;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::cell::{LONGEST_CELL, WhiteSpace, collapse, is_collapsed, longest_cell};
use crate::options::options;
use crate::sink::{Encode, Format, TableSink, Target};
use crate::table::Share;
use crate::text::{Cell, PublishedText, RowWriter, TextFiles, write_rows};

options! {
    /// The options of `csv`.
    CsvOptions {
        /// Whether a file begins with the byte order mark by which Excel knows UTF-8.
        bom: Bom,
        /// What becomes of a text cell that a spreadsheet would take for a formula, one that begins
        /// with `=`, `+`, `-`, `@`, a tab or a carriage return: by default it gets a `'` before.
        formulas: Formulas,
        /// What becomes of line breaks, tabs and runs of spaces in text cells: by default each run is
        /// one space.
        white_space: WhiteSpace,
        /// What stands between two cells, one ASCII character; by default a comma. Excel expects `;`
        /// where the decimal sign is a comma.
        delimiter: Option<char>,
    }
}

/// Whether files begin with a byte order mark; they do by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Bom(pub bool);

impl Default for Bom {
    fn default() -> Self {
        Self(true)
    }
}

/// What becomes of a text cell like a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Formulas {
    /// A `'` is put before it.
    #[default]
    Defuse,
    /// It stays as it is.
    Keep,
}

pub(crate) fn registration() -> Registration {
    Registration::sink(
        "csv",
        "Writes each table as CSV that spreadsheets open as it is.",
        "- csv: { tables: { claims: brief, quantities: { who: source_name, how_much: value, what: unit } } }",
        |options: CsvOptions, context| {
            let CsvOptions { tables, columns, dir, bom, formulas, white_space, delimiter } = options;
            let wrong = "the delimiter must be one ASCII character, such as `;`, and no quote or line break";
            let delimiter = u8::try_from(delimiter.unwrap_or(','))
                .ok()
                .filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte))
                .ok_or_else(|| OptionError::new("/delimiter", wrong))?;
            let format = Csv { bom: bom.0, formulas, white_space, delimiter };
            TableSink::new(tables.as_ref(), columns.as_ref(), &dir, Preset::Brief, context, format)
        },
    )
}

struct Csv {
    bom: bool,
    formulas: Formulas,
    white_space: WhiteSpace,
    delimiter: u8,
}

impl Csv {
    fn writer(&self) -> csv::Writer<Vec<u8>> {
        csv::WriterBuilder::new().delimiter(self.delimiter).from_writer(Vec::new())
    }
}

impl Encode for Csv {
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError> {
        let mut records = Records { format: self, out: self.writer(), scratch: String::new(), cut: 0 };
        let failed = |e: io::Error| SinkError::Encode(e.to_string());
        let rows = write_rows(&share, &mut records).map_err(failed)?;
        let cut = records.cut;
        let bytes = records.out.into_inner().map_err(|e| failed(e.into_error()))?;
        Ok(Piece { file, rows, shares: share.of_documents(), cut, body: Body::Bytes(bytes) })
    }
}

impl Format for Csv {
    const EXTENSION: &'static str = "csv";

    fn open(
        &self,
        workshop: &Workshop,
        kept: &[Kept],
        targets: Vec<Target>,
    ) -> Result<Box<dyn Staging>, SinkError> {
        let notes = self.notes();
        let delimiter = char::from(self.delimiter);
        let describe = move |mut descriptor: serde_json::Value, cut: u64| {
            descriptor["profile"] = json!("tabular-data-resource");
            descriptor["format"] = json!("csv");
            descriptor["mediatype"] = json!("text/csv");
            descriptor["encoding"] = json!("utf-8");
            descriptor["dialect"] = json!({
                "delimiter": delimiter.to_string(),
                "lineTerminator": "\n",
                "quoteChar": "\"",
                "doubleQuote": true,
                "header": true
            });
            descriptor["notes"] = json!(notes);
            descriptor["cut_cells"] = json!(cut);
            descriptor
        };
        TextFiles::open(workshop, kept, targets, |target| self.header(target), describe)
    }

    fn published(&self, out: &Path, targets: Vec<Target>) -> Box<dyn Published> {
        let mut reader = csv::ReaderBuilder::new();
        reader.delimiter(self.delimiter).has_headers(false).flexible(true);
        let ends = move |text: &[u8]| {
            let mut records = reader.from_reader(text);
            let mut record = csv::ByteRecord::new();
            let mut ends = Vec::new();
            // Reading from memory does not fail, and any bytes are records.
            while records.read_byte_record(&mut record).unwrap_or(false) {
                ends.push(records.position().byte() as usize);
            }
            ends
        };
        PublishedText::boxed(out, targets, |target| self.header(target), ends)
    }
}

impl Csv {
    fn header(&self, target: &Target) -> Vec<u8> {
        let mut out = self.writer();
        // Writing into memory does not fail.
        let _ = out.write_record(&target.columns);
        let mut bytes = if self.bom { "\u{feff}".into() } else { Vec::new() };
        bytes.extend(out.into_inner().unwrap_or_default());
        bytes
    }

    /// How the cells differ from the values.
    fn notes(&self) -> Vec<String> {
        let mut notes =
            vec![format!("A cell holds at most {LONGEST_CELL} characters; `cut_cells` were longer.")];
        if self.formulas == Formulas::Defuse {
            notes.push(
                "A text that begins with = + - @, a tab or a carriage return has a ' before it.".into(),
            );
        }
        if self.white_space == WhiteSpace::Collapse {
            notes.push("Each run of white space in a text is one space.".into());
        }
        notes
    }
}

struct Records<'f> {
    format: &'f Csv,
    out: csv::Writer<Vec<u8>>,
    scratch: String,
    cut: u64,
}

impl RowWriter for Records<'_> {
    fn cell(&mut self, _: usize, cell: Cell<'_>) -> io::Result<()> {
        self.scratch.clear();
        let written = match cell {
            Cell::Null => Ok(()),
            Cell::Text(text) => return self.text(text),
            Cell::Safe(text) => write!(self.scratch, "{text}"),
            Cell::Int(int) => write!(self.scratch, "{int}"),
            Cell::Decimal(decimal) => write!(self.scratch, "{decimal}"),
            Cell::Float(float) if !float.is_finite() => Ok(()),
            Cell::Float(float) => write!(self.scratch, "{float}"),
            Cell::Bool(bool) => write!(self.scratch, "{bool}"),
        };
        written.map_err(io::Error::other)?;
        Ok(self.out.write_field(&self.scratch)?)
    }

    fn end_row(&mut self) -> io::Result<()> {
        Ok(self.out.write_record(None::<&[u8]>)?)
    }
}

impl Records<'_> {
    /// Writes a text cell; `scratch` is empty.
    fn text(&mut self, text: &str) -> io::Result<()> {
        let defused = self.format.formulas == Formulas::Defuse && is_like_a_formula(text);
        let collapsed = self.format.white_space == WhiteSpace::Collapse && !is_collapsed(text);
        if !defused && !collapsed && text.len() <= LONGEST_CELL {
            return Ok(self.out.write_field(text)?);
        }
        if defused {
            self.scratch.push('\'');
        }
        if collapsed {
            collapse(text, &mut self.scratch);
        } else {
            self.scratch.push_str(text);
        }
        if let Some(end) = longest_cell(&self.scratch) {
            self.scratch.truncate(end);
            self.cut += 1;
        }
        Ok(self.out.write_field(&self.scratch)?)
    }
}

/// Whether a spreadsheet might compute this text. Spaces before do not make it safe: some programs
/// take them off.
fn is_like_a_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r']) || text.trim_start().starts_with(['=', '+', '-', '@'])
}
