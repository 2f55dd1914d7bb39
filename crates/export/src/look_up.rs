//! Finds the document of a claim in a table that was written before.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use arrow_array::{Array, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;

/// The columns of claims that name them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClaimIds {
    /// The claim.
    pub claim_id: String,
    /// Its document.
    pub doc_id: String,
}

/// What comes of looking through a table; of a row that has no claim, as of one written by another program,
/// nothing.
type Rows = Box<dyn Iterator<Item = io::Result<ClaimIds>>>;

/// The ids in a table of claims that a sink has written as `csv`, `jsonl` or `parquet`; none if the file is
/// another, or one without these two columns.
///
/// # Errors
/// If it can't be read.
pub fn claim_ids(path: &Path) -> io::Result<Option<Rows>> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => in_csv(path),
        Some("jsonl") => in_jsonl(path).map(Some),
        Some("parquet") => in_parquet(path),
        _ => Ok(None),
    }
}

fn in_csv(path: &Path) -> io::Result<Option<Rows>> {
    let mut reader = csv::Reader::from_path(path)?;
    let head = reader.headers()?;
    let place = |name: &str| head.iter().position(|cell| cell == name);
    let (Some(claim), Some(document)) = (place("claim_id"), place("doc_id")) else { return Ok(None) };
    let ids = move |record: Result<csv::StringRecord, csv::Error>| {
        let record = record?;
        let cell = |at| record.get(at).unwrap_or_default();
        let own = cell(document);
        // What a spreadsheet would take for a formula was written behind an apostrophe.
        let own = own.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
        Ok(ClaimIds { claim_id: cell(claim).to_owned(), doc_id: own.unwrap_or(cell(document)).to_owned() })
    };
    Ok(Some(Box::new(reader.into_records().map(ids))))
}

fn in_jsonl(path: &Path) -> io::Result<Rows> {
    let lines = BufReader::new(File::open(path)?).lines();
    let ids = |line: io::Result<String>| match line {
        // A line without the two columns is none of ours.
        Ok(line) => serde_json::from_str(&line).ok().map(Ok),
        Err(error) => Some(Err(error)),
    };
    Ok(Box::new(lines.filter_map(ids)))
}

fn in_parquet(path: &Path) -> io::Result<Option<Rows>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let columns = ["claim_id", "doc_id"];
    let schema = builder.schema();
    if columns.iter().any(|name| schema.column_with_name(name).is_none()) {
        return Ok(None);
    }
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
    let batches = builder.with_projection(mask).build()?;
    let ids = move |batch: Result<arrow_array::RecordBatch, _>| -> Vec<io::Result<ClaimIds>> {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return vec![Err(io::Error::other(error))],
        };
        let column = |name| batch.column_by_name(name)?.as_any().downcast_ref::<StringArray>();
        let (Some(claims), Some(documents)) = (column("claim_id"), column("doc_id")) else {
            return Vec::new();
        };
        let row =
            |at| ClaimIds { claim_id: claims.value(at).to_owned(), doc_id: documents.value(at).to_owned() };
        (0..batch.num_rows()).map(|at| Ok(row(at))).collect()
    };
    Ok(Some(Box::new(batches.flat_map(ids))))
}
