//! The source `parquet`: one document a row of a Parquet file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::reader::{ChunkReader, Length};
use arrow_array::RecordBatch;
use claimline_model::{Problem, Severity};
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Origin, Raw, Registration, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::columns::{self, Mapped};
use crate::dates::Formats;
use crate::fields::{Fields, Maker, PARQUET};
use crate::places::{Places, Step};
use crate::records::Trouble;

/// Reads Parquet files: each row is one document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, patterns or folders (searched for `.parquet`), relative to the pipeline file. Standard input can't
    /// be read, for a file of this format begins at its end.
    pub paths: Vec<String>,
    /// Which column holds what; only `text` has a name by default: `text`. Columns may be text, numbers or
    /// times, plain or in dictionaries; no other columns are read.
    #[serde(default)]
    pub fields: Fields,
    /// More formats of `published` where that is text, in strptime's notation: `%d/%m/%Y`.
    #[serde(default)]
    pub formats: Vec<String>,
}

const STAGE: &str = "parquet";

/// The most rows that are in memory at once, and about how many bytes they may take.
const ROWS: usize = 256;
const BYTES: i64 = 4 << 20;

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "One document a row of a Parquet file, with a mapping of its columns.",
        "- parquet: { paths: [feed.parquet], fields: { id: id, text: body, published: date } }",
        Parquet::open,
    )
}

/// Files of Parquet.
pub struct Parquet {
    places: Places,
    fields: Fields,
    maker: Maker,
}

impl Parquet {
    fn open(options: Options, context: &Context) -> Result<Self, OptionError> {
        if let Some(at) = options.paths.iter().position(|path| path == "-") {
            let message =
                "a Parquet file is read from its end, which standard input does not have; name the file";
            return Err(OptionError::new(format!("/paths/{at}"), message));
        }
        Ok(Self {
            places: Places::new(STAGE, &options.paths, &context.base, &["parquet"])?,
            fields: options.fields,
            maker: Maker { stage: STAGE, formats: Formats::new(&options.formats)?, published: None },
        })
    }
}

impl Source for Parquet {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        Box::new(Rows { source: self, walk: self.places.walk(), open: None, found: VecDeque::new() })
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        columns::decode(&self.maker, &self.fields, PARQUET, raw)
    }

    fn unmatched(&self) -> Vec<OptionError> {
        self.places.unmatched()
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}

/// The rows of all files at some places, numbered from 1 in each.
struct Rows<'s, W> {
    source: &'s Parquet,
    walk: W,
    open: Option<Open>,
    /// What was found of the batch at hand.
    found: VecDeque<Found>,
}

/// A file that is being read.
struct Open {
    origin: Origin,
    reader: ParquetRecordBatchReader,
    mapped: Mapped,
    /// How many rows are out, of how many.
    rows: u64,
    all: u64,
    /// How many bytes stand for all rows.
    size: u64,
}

impl<W: Iterator<Item = Step>> Iterator for Rows<'_, W> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(found);
            }
            match self.open.take() {
                Some(open) => self.batch(open),
                None => {
                    let step = self.walk.next()?;
                    self.begin(step);
                }
            }
        }
    }
}

impl<W> Rows<'_, W> {
    /// Opens what the walk came upon.
    fn begin(&mut self, step: Step) {
        match step {
            Step::File(origin, path) => match guarded(|| open(&origin, &path, &self.source.fields)) {
                Ok(open) => self.open = Some(open),
                Err(trouble) => self.lost(&origin, trouble),
            },
            Step::Lost(problem) => self.found.push_back(Found::Lost(problem)),
            Step::NoMatch(problem) => self.found.push_back(Found::Warning(problem)),
            // No option leads here.
            Step::Stdin(origin) => self.lost(&origin, ("unreadable", "it has no end to begin at".to_owned())),
        }
    }

    /// Reads the next batch of a file.
    fn batch(&mut self, mut open: Open) {
        let read = guarded(|| open.reader.next().transpose().map_err(|error| unreadable(&error)));
        let batch = match read {
            Ok(Some(batch)) => batch,
            Ok(None) if open.rows == 0 => {
                return self.lost(&open.origin, ("empty", "there is no record in it".to_owned()));
            }
            Ok(None) if open.rows < open.all => {
                let message = format!("it says that it has {} rows, and has {}", open.all, open.rows);
                return self.lost(&open.origin, ("unreadable", message));
            }
            Ok(None) => return,
            Err(trouble) => return self.lost(&open.row(open.rows + 1), trouble),
        };
        for row in 0..batch.num_rows() {
            let raw = open.raw(&batch, row);
            self.found.push_back(Found::Raw(raw));
        }
        self.open = Some(open);
    }

    fn lost(&mut self, origin: &Origin, (code, message): Trouble) {
        self.found.push_back(Found::Lost(origin.problem(STAGE, Severity::Error, code, &message)));
    }
}

impl Open {
    fn row(&self, number: u64) -> Origin {
        Origin { member: Some(number.to_string().into()), ..self.origin.clone() }
    }

    /// The next row as a record, which stands for an even share of the file's bytes.
    fn raw(&mut self, batch: &RecordBatch, row: usize) -> Raw {
        let told =
            |rows: u64| (u128::from(self.size) * u128::from(rows) / u128::from(self.all.max(1))) as u64;
        let consumed = told((self.rows + 1).min(self.all)) - told(self.rows.min(self.all));
        self.rows += 1;
        let bytes = columns::record(batch, &self.mapped, row);
        Raw { origin: self.row(self.rows), bytes, consumed, ..Raw::default() }
    }
}

/// Opens a file, for the columns that are named.
fn open(origin: &Origin, path: &Path, fields: &Fields) -> Result<Open, Trouble> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let size = file.metadata().map_err(|error| unreadable(&error))?.len();
    if size == 0 {
        return Err(("empty", "there is nothing in it".to_owned()));
    }
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(Bounded(file)).map_err(|error| unreadable(&error))?;
    let mapped = columns::map(builder.schema(), fields)?;
    let mut places: Vec<usize> = mapped.iter().flatten().copied().collect();
    places.sort_unstable();
    places.dedup();
    // What is read has only the columns that are named, in their order.
    let among = |place: usize| places.iter().position(|one| *one == place);
    let mapped = mapped.map(|place| place.and_then(among));
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    let (all, rows) =
        (builder.metadata().file_metadata().num_rows(), rows_at_once(builder.metadata(), &mask));
    let reader = builder.with_projection(mask).with_batch_size(rows).build();
    let reader = reader.map_err(|error| unreadable(&error))?;
    Ok(Open { origin: origin.clone(), reader, mapped, rows: 0, all: u64::try_from(all).unwrap_or(0), size })
}

/// How many rows to read at once, by what the columns that are read take in the row group with the longest.
fn rows_at_once(metadata: &ParquetMetaData, mask: &ProjectionMask) -> usize {
    let row_bytes = metadata.row_groups().iter().map(|group| {
        let columns = group.columns().iter().enumerate().filter(|(leaf, _)| mask.leaf_included(*leaf));
        let bytes: i64 =
            columns.map(|(_, column)| column.uncompressed_size().max(0)).fold(0, i64::saturating_add);
        bytes / group.num_rows().max(1)
    });
    let rows = BYTES / row_bytes.max().unwrap_or(0).max(1);
    usize::try_from(rows).unwrap_or(ROWS).clamp(1, ROWS)
}

/// Does something with the library, which panics at some files that contradict themselves.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let contradicts = |_| Err(("unreadable", "the file contradicts itself".to_owned()));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(contradicts)
}

fn unreadable(error: &dyn std::error::Error) -> Trouble {
    ("unreadable", error.to_string())
}

/// A file, of which nothing is asked that it can't hold: what it says of its parts may be wrong.
struct Bounded(File);

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Bounded {
    type T = <File as ChunkReader>::T;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.len()) {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "a part of it lies behind its end");
            return Err(ParquetError::External(Box::new(error)));
        }
        self.0.get_bytes(start, length)
    }
}
