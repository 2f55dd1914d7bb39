//! JSON Lines: an object a row.

use std::io::{self, Write};
use std::path::Path;

use claimline_model::Record;
use claimline_stage::{Body, Kept, Piece, Published, Registration, SinkError, Staging, Workshop};
use claimline_tables::Preset;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::options::options;
use crate::sink::{Encode, Format, TableSink, Target};
use crate::table::Share;
use crate::text::{Cell, PublishedText, RowWriter, TextFiles, write_rows};

options! {
    /// The options of `jsonl`.
    JsonlOptions {
        /// What becomes of a cell without a value: by default `null`, so that every line has every
        /// column.
        nulls: Nulls,
    }
}

/// What becomes of a cell without a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// It is null.
    #[default]
    Keep,
    /// Its key is left out.
    Omit,
}

pub(crate) fn registration() -> Registration {
    Registration::sink(
        "jsonl",
        "Writes each table as JSON Lines, one object a row.",
        "- jsonl: { tables: [claims], nulls: omit }",
        |options: JsonlOptions, context| {
            let JsonlOptions { tables, columns, dir, nulls } = options;
            TableSink::new(tables.as_ref(), columns.as_ref(), &dir, Preset::Full, context, Jsonl { nulls })
        },
    )
}

struct Jsonl {
    nulls: Nulls,
}

impl Encode for Jsonl {
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError> {
        let key = |name: &str| format!("{}:", json!(name)).into_bytes();
        let keys = share.selection.columns.iter().map(|c| key(&c.name)).collect();
        let mut lines = Lines { bytes: Vec::new(), keys, nulls: self.nulls, open: false };
        let rows = write_rows(&share, &mut lines).map_err(|e| SinkError::Encode(e.to_string()))?;
        Ok(Piece { file, rows, shares: share.of_documents(), cut: 0, body: Body::Bytes(lines.bytes) })
    }
}

impl Format for Jsonl {
    const EXTENSION: &'static str = "jsonl";

    fn open(
        &self,
        workshop: &Workshop,
        kept: &[Kept],
        targets: Vec<Target>,
    ) -> Result<Box<dyn Staging>, SinkError> {
        let describe = |mut descriptor: serde_json::Value, _| {
            descriptor["format"] = json!("jsonl");
            descriptor["mediatype"] = json!("application/jsonl");
            descriptor["encoding"] = json!("utf-8");
            descriptor
        };
        TextFiles::open(workshop, kept, targets, |_| Vec::new(), describe)
    }

    fn published(&self, out: &Path, targets: Vec<Target>) -> Box<dyn Published> {
        let ends = |text: &[u8]| {
            let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            ends.map(|(at, _)| at + 1).collect()
        };
        PublishedText::boxed(out, targets, |_| Vec::new(), ends)
    }
}

struct Lines {
    bytes: Vec<u8>,
    /// The columns' names as JSON, each with its colon.
    keys: Vec<Vec<u8>>,
    nulls: Nulls,
    /// Whether the line has been begun.
    open: bool,
}

impl RowWriter for Lines {
    fn cell(&mut self, column: usize, cell: Cell<'_>) -> io::Result<()> {
        let cell = match cell {
            Cell::Float(float) if !float.is_finite() => Cell::Null,
            cell => cell,
        };
        if self.nulls == Nulls::Omit && matches!(cell, Cell::Null) {
            return Ok(());
        }
        let bytes = &mut self.bytes;
        bytes.push(if self.open { b',' } else { b'{' });
        self.open = true;
        bytes.extend_from_slice(&self.keys[column]);
        match cell {
            Cell::Null => bytes.extend_from_slice(b"null"),
            Cell::Text(text) => serde_json::to_writer(bytes, text)?,
            Cell::Safe(text) => write!(bytes, "\"{text}\"")?,
            Cell::Int(int) => serde_json::to_writer(bytes, &int)?,
            Cell::Decimal(decimal) => write!(bytes, "{decimal}")?,
            Cell::Float(float) => serde_json::to_writer(bytes, &float)?,
            Cell::Bool(bool) => write!(bytes, "{bool}")?,
        }
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.bytes.extend_from_slice(if self.open { b"}\n" } else { b"{}\n" });
        self.open = false;
        Ok(())
    }
}
