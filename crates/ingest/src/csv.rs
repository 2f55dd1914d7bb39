//! The source `csv`: one document a record of a table with a header row.

use std::io::{self, BufRead};

use claimline_model::{Problem, Severity};
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Raw, Registration, Source};
use csv_core::{ReadRecordResult, ReaderBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::charset;
use crate::dates::Formats;
use crate::fields::{CSV, FIELDS, Fields, Known, Maker};
use crate::input::{Expansion, max_expanded_bytes, max_ratio, trouble};
use crate::places::Places;
use crate::records::{self, Cut, Record, Trouble};

/// Reads tables in CSV: each record is one document. The first record names the columns.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, patterns, folders (searched for `.csv` and `.tsv`), or `-` for standard input;
    /// relative to the pipeline file. `.gz` and `.zst` are decompressed.
    #[schemars(example = vec!["feed.csv"])]
    pub paths: Vec<String>,
    /// Which column holds what; only `text` has a name by default: `text`.
    #[serde(default)]
    pub fields: Fields,
    /// More formats of `published`, in strptime's notation: `%d/%m/%Y`.
    #[serde(default)]
    pub formats: Vec<String>,
    /// What stands between two cells: one ASCII character, `"\t"` for a tab.
    #[serde(default = "delimiter")]
    pub delimiter: char,
    /// The longest record that is read, in bytes; a longer one is a problem and is passed over.
    #[serde(default = "max_record_bytes")]
    #[schemars(range(min = 1))]
    pub max_record_bytes: usize,
    /// How many times its size a compressed file may grow to; one that grows more is a problem.
    #[serde(default = "max_ratio")]
    #[schemars(range(min = 1))]
    pub max_ratio: u32,
    /// The most bytes that a compressed file may expand to. What lies before that is read, and the rest of
    /// the file is one problem. A file that is not compressed may be of any size.
    #[serde(default = "max_expanded_bytes")]
    #[schemars(range(min = 1))]
    pub max_expanded_bytes: u64,
}

fn delimiter() -> char {
    ','
}

fn max_record_bytes() -> usize {
    16 << 20
}

const STAGE: &str = "csv";

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "One document a record of a CSV table, with a mapping of its columns.",
        "- csv: { paths: [feed.csv], fields: { id: id, text: body, published: date } }",
        Csv::open,
    )
}

/// Files of CSV records.
pub struct Csv {
    places: Places,
    fields: Fields,
    maker: Maker,
    delimiter: u8,
    limit: usize,
    expansion: Expansion,
}

impl Csv {
    fn open(options: Options, context: &Context) -> Result<Self, OptionError> {
        let delimiter = u8::try_from(options.delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
            OptionError::new("/delimiter", "the delimiter must be one ASCII character, such as `,` or `;`")
        })?;
        Ok(Self {
            places: Places::new(STAGE, &options.paths, &context.base, &["csv", "tsv"])?,
            fields: options.fields,
            maker: Maker { stage: STAGE, formats: Formats::new(&options.formats)?, published: None },
            delimiter,
            limit: options.max_record_bytes,
            expansion: Expansion { ratio: options.max_ratio, bytes: options.max_expanded_bytes },
        })
    }
}

impl Source for Csv {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        records::read(STAGE, &self.places, self.expansion, Rows::new(self))
    }

    /// A record comes with its table's header row before it, so that it can be read by itself.
    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let problem =
            |code, message: &str| Box::new(raw.origin.problem(STAGE, Severity::Error, code, message));
        let (table, lossy) = charset::decode(raw.bytes);
        let mut rows = rows(&table, self.delimiter);
        let (Some(Ok(header)), Some(Ok(row))) = (rows.next(), rows.next()) else {
            return Err(problem("bad_csv", "it is no record of a table"));
        };
        if row.len() != header.len() {
            let message = format!("the record has {} cells, the header {}", row.len(), header.len());
            return Err(problem("ragged_row", &message));
        }
        let mut values = [const { None }; FIELDS];
        for (name, value) in self.fields.names().iter().zip(&mut values) {
            let column = name.and_then(|name| header.iter().position(|column| column.trim() == name));
            *value = column.and_then(|column| row.get(column)).map(str::to_owned);
        }
        self.maker.make(&raw.origin, CSV, Known::from_values(values), lossy)
    }

    fn unmatched(&self) -> Vec<OptionError> {
        self.places.unmatched()
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}

/// The records of some CSV, the header among them.
fn rows(table: &str, delimiter: u8) -> csv::StringRecordsIntoIter<&[u8]> {
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(delimiter).has_headers(false).flexible(true);
    reader.from_reader(table.as_bytes()).into_records()
}

/// Cuts a table into its records by the same automaton that reads them later, so that a line end
/// in quotes is none here either. Cells are thrown away: only where records end matters.
struct Rows<'s> {
    source: &'s Csv,
    reader: csv_core::Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// The header row, and a line end.
    header: Vec<u8>,
}

impl<'s> Rows<'s> {
    fn new(source: &'s Csv) -> Self {
        Self {
            source,
            reader: ReaderBuilder::new().delimiter(source.delimiter).build(),
            cells: vec![0; 16 << 10],
            ends: vec![0; 64],
            header: Vec::new(),
        }
    }

    /// The bytes of the next record behind those of `record`.
    fn cut(&mut self, input: &mut dyn BufRead, mut record: Vec<u8>) -> io::Result<Record> {
        let before = record.len();
        let mut too_long = false;
        loop {
            let buffer = input.fill_buf()?;
            let (result, taken, ..) = self.reader.read_record(buffer, &mut self.cells, &mut self.ends);
            too_long |= record.len() - before + taken > self.source.limit;
            if !too_long {
                // The line end of the record before may have a second byte.
                let new = &buffer[..taken];
                let skip = if record.len() == before {
                    new.iter().take_while(|b| is_line_end(**b)).count()
                } else {
                    0
                };
                record.extend_from_slice(&new[skip..]);
            }
            input.consume(taken);
            match result {
                ReadRecordResult::Record if too_long => return Ok(Record::TooLong),
                ReadRecordResult::Record => {
                    let end = record.iter().rposition(|byte| !is_line_end(*byte)).map_or(before, |at| at + 1);
                    record.truncate(end.max(before));
                    return Ok(Record::Whole(record));
                }
                ReadRecordResult::End => return Ok(Record::End),
                ReadRecordResult::InputEmpty
                | ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull => {}
            }
        }
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

impl Cut for Rows<'_> {
    fn begin(&mut self, input: &mut dyn BufRead) -> Result<(), Trouble> {
        self.reader.reset();
        let mut header = match self.cut(input, Vec::new()).map_err(|error| trouble(&error))? {
            Record::Whole(header) => header,
            Record::TooLong => return Err(self.too_long()),
            Record::End => return Err(("empty", "there is no header row in it".to_owned())),
        };
        let (text, _) = charset::decode(header.clone());
        let columns = rows(&text, self.source.delimiter).next().and_then(Result::ok).unwrap_or_default();
        let columns: Vec<&str> = columns.iter().map(str::trim).collect();
        if let Some(missing) =
            self.source.fields.names().iter().flatten().find(|name| !columns.contains(name))
        {
            let message = format!("there is no column `{missing}`; the columns are {}", columns.join(", "));
            return Err(("no_column", message));
        }
        header.push(b'\n');
        self.header = header;
        Ok(())
    }

    fn next(&mut self, input: &mut dyn BufRead) -> io::Result<Record> {
        let header = self.header.clone();
        self.cut(input, header)
    }

    fn too_long(&self) -> Trouble {
        let limit = self.source.limit;
        let message = format!(
            "the record is longer than {limit} bytes, the limit `max_record_bytes`; a quotation mark may be open"
        );
        ("record_too_long", message)
    }
}
