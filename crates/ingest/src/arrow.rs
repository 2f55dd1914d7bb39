//! The source `arrow`: one document a row of an Arrow IPC stream or file.
//!
//! A file is a stream with a word before it and a list of its batches behind it, so both are read from their
//! beginning on. Batches that are compressed inside, as Feather's are by default, are refused: the library believes
//! what they say of their size, and memory for that may not be there.

use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamDecoder;
use claimline_model::Problem;
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Raw, Registration, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::columns::{self, Mapped};
use crate::dates::Formats;
use crate::fields::{ARROW, Fields, Maker};
use crate::input::{Expansion, max_expanded_bytes, max_ratio, trouble};
use crate::places::Places;
use crate::records::{self, Cut, Record, Trouble};

/// Reads Arrow IPC, streams and files, whose batches are not compressed: each row is one document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, patterns, folders (searched for `.arrow`, `.arrows`, `.feather` and `.ipc`), or `-` for standard
    /// input; relative to the pipeline file. `.gz` and `.zst` are decompressed.
    pub paths: Vec<String>,
    /// Which column holds what; only `text` has a name by default: `text`. Columns may be text, numbers or
    /// times, plain or in dictionaries.
    #[serde(default)]
    pub fields: Fields,
    /// More formats of `published` where that is text, in strptime's notation: `%d/%m/%Y`.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The most bytes that a batch of rows may take, its dictionaries counted; a file with a larger one is a
    /// problem from there on.
    #[serde(default = "max_batch_bytes")]
    #[schemars(range(min = 1))]
    pub max_batch_bytes: usize,
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

fn max_batch_bytes() -> usize {
    256 << 20
}

const STAGE: &str = "arrow";

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "One document a row of an Arrow IPC stream or file, with a mapping of its columns.",
        "- arrow: { paths: [feed.arrow], fields: { id: id, text: body, published: date } }",
        Arrow::open,
    )
}

/// Streams and files of Arrow.
pub struct Arrow {
    places: Places,
    fields: Fields,
    maker: Maker,
    limit: usize,
    expansion: Expansion,
}

impl Arrow {
    fn open(options: Options, context: &Context) -> Result<Self, OptionError> {
        let endings = &["arrow", "arrows", "feather", "ipc"];
        Ok(Self {
            places: Places::new(STAGE, &options.paths, &context.base, endings)?,
            fields: options.fields,
            maker: Maker { stage: STAGE, formats: Formats::new(&options.formats)?, published: None },
            limit: options.max_batch_bytes,
            expansion: Expansion { ratio: options.max_ratio, bytes: options.max_expanded_bytes },
        })
    }
}

impl Arrow {
    fn too_big(&self) -> String {
        format!("a batch takes more than {} bytes, the limit `max_batch_bytes`", self.limit)
    }
}

impl Source for Arrow {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        records::read(STAGE, &self.places, self.expansion, Rows { source: self, open: None })
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        columns::decode(&self.maker, &self.fields, ARROW, raw)
    }

    fn unmatched(&self) -> Vec<OptionError> {
        self.places.unmatched()
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}

/// Cuts a stream into rows, holding one batch of them.
struct Rows<'s> {
    source: &'s Arrow,
    open: Option<Stream>,
}

/// A stream that is being read.
struct Stream {
    decoder: StreamDecoder,
    mapped: Option<Mapped>,
    /// The batch that was read last, and how many of its rows are out.
    batch: RecordBatch,
    row: usize,
    /// What came of looking for another batch, once all rows of this one are out.
    ahead: Option<io::Result<bool>>,
}

/// What a file begins with before its stream
/// (<https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>).
const MAGIC: &[u8] = b"ARROW1";

impl Cut for Rows<'_> {
    fn begin(&mut self, input: &mut dyn BufRead) -> Result<(), Trouble> {
        pass_magic(input).map_err(|error| trouble(&error))?;
        let batch = RecordBatch::new_empty(arrow_schema::Schema::empty().into());
        let mut stream = Stream { decoder: StreamDecoder::new(), mapped: None, batch, row: 0, ahead: None };
        let more = stream.advance(input, self.source).map_err(|error| trouble(&error))?;
        if let Some(schema) = stream.decoder.schema() {
            stream.mapped = Some(columns::map(&schema, &self.source.fields)?);
        } else if !more {
            return Err(("empty", "there is no record in it".to_owned()));
        }
        self.open = Some(stream);
        Ok(())
    }

    fn next(&mut self, input: &mut dyn BufRead) -> io::Result<Record> {
        let Some(stream) = &mut self.open else { return Ok(Record::End) };
        while stream.row >= stream.batch.num_rows() {
            let ahead = stream.ahead.take();
            if !ahead.unwrap_or_else(|| stream.advance(input, self.source))? {
                return Ok(Record::End);
            }
        }
        let Some(mapped) = &stream.mapped else { return Ok(Record::End) };
        let record = columns::record(&stream.batch, mapped, stream.row);
        stream.row += 1;
        if stream.row == stream.batch.num_rows() {
            // What follows the last row of a file is read with it.
            stream.ahead = Some(stream.advance(input, self.source));
        }
        Ok(Record::Whole(record))
    }

    fn too_long(&self) -> Trouble {
        ("unreadable", self.source.too_big())
    }
}

/// Passes over what a file has before its stream, if it is one: a stream begins with a length, which is even.
fn pass_magic(input: &mut dyn BufRead) -> io::Result<()> {
    if input.fill_buf()?.first() != MAGIC.first() {
        return Ok(());
    }
    let mut magic = [0; MAGIC.len()];
    input.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(io::Error::other("it is neither a stream nor a file of Arrow"));
    }
    // Zeros fill it up to where the writer lets its parts begin.
    loop {
        let buffer = input.fill_buf()?;
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 {
            return Ok(());
        }
        input.consume(zeros);
    }
}

impl Stream {
    /// Reads the next batch, if there is one.
    fn advance(&mut self, input: &mut dyn BufRead, source: &Arrow) -> io::Result<bool> {
        let mut taken = 0;
        loop {
            let bytes = input.fill_buf()?;
            if bytes.is_empty() {
                let cut_off = |_| io::Error::other("it ends within a batch: it was cut off");
                return self.decoder.finish().map(|()| false).map_err(cut_off);
            }
            let mut left = arrow_buffer::Buffer::from(bytes);
            let length = left.len();
            let decoded = catch_unwind(AssertUnwindSafe(|| self.decoder.decode(&mut left)));
            let decoded = decoded.unwrap_or_else(|_| {
                Err(arrow_schema::ArrowError::IpcError("the batch contradicts itself".to_owned()))
            });
            taken += length - left.len();
            input.consume(length - left.len());
            match decoded {
                Ok(Some(batch)) => {
                    (self.batch, self.row) = (batch, 0);
                    return Ok(true);
                }
                Ok(None) if taken > source.limit => return Err(io::Error::other(source.too_big())),
                Ok(None) => {}
                // Behind the end of a stream may lie the list of a file's batches.
                Err(_) if self.decoder.finish().is_ok() => {
                    while let rest @ 1.. = input.fill_buf()?.len() {
                        input.consume(rest);
                    }
                    return Ok(false);
                }
                Err(error) if error.to_string().contains("decompress") => {
                    let message = "its batches are compressed, which is not read; write them uncompressed";
                    return Err(io::Error::other(message));
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}
