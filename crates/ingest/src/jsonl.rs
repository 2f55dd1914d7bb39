//! The source `jsonl`: one document a line, each line a JSON object.

use std::fmt;
use std::io::{self, BufRead};

use claimline_model::{Problem, Severity};
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Raw, Registration, Source};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::charset;
use crate::dates::Formats;
use crate::fields::{FIELDS, Fields, JSON, Known, Maker};
use crate::input::{Expansion, max_expanded_bytes, max_ratio};
use crate::places::Places;
use crate::records::{self, Cut, Record, Trouble};

/// Reads JSON lines: each line is a JSON object and one document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, patterns, folders (searched for `.jsonl` and `.ndjson`), or `-` for standard input;
    /// relative to the pipeline file. `.gz` and `.zst` are decompressed.
    #[schemars(example = vec!["feed.jsonl"])]
    pub paths: Vec<String>,
    /// Which field of a record holds what; only `text` has a name by default: `text`.
    #[serde(default)]
    pub fields: Fields,
    /// More formats of `published`, in strptime's notation: `%d-%b-%Y %H:%M:%S%.f`.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The longest line that is read, in bytes; a longer one is a problem and is passed over.
    #[serde(default = "max_line_bytes")]
    #[schemars(range(min = 1))]
    pub max_line_bytes: usize,
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

fn max_line_bytes() -> usize {
    16 << 20
}

const STAGE: &str = "jsonl";

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "One document a line of JSON, with a mapping of its fields.",
        "- jsonl: { paths: [feed.jsonl], fields: { id: id, text: body, published: date } }",
        Jsonl::open,
    )
}

/// Files of JSON lines.
pub struct Jsonl {
    places: Places,
    fields: Fields,
    maker: Maker,
    limit: usize,
    expansion: Expansion,
}

impl Jsonl {
    fn open(options: Options, context: &Context) -> Result<Self, OptionError> {
        Ok(Self {
            places: Places::new(STAGE, &options.paths, &context.base, &["jsonl", "ndjson"])?,
            fields: options.fields,
            maker: Maker { stage: STAGE, formats: Formats::new(&options.formats)?, published: None },
            limit: options.max_line_bytes,
            expansion: Expansion { ratio: options.max_ratio, bytes: options.max_expanded_bytes },
        })
    }
}

impl Source for Jsonl {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        records::read(STAGE, &self.places, self.expansion, Lines { limit: self.limit })
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let (line, lossy) = charset::decode(raw.bytes);
        let mut json = serde_json::Deserializer::from_str(&line);
        let values = Pick(self.fields.names()).deserialize(&mut json);
        let values = values.and_then(|values| json.end().map(|()| values)).map_err(|error| {
            let message = format!("not a JSON object: {error}");
            Box::new(raw.origin.problem(STAGE, Severity::Error, "bad_json", &message))
        })?;
        let known = Known::from_values(values);
        if known.text.is_none() {
            let message = format!("the record has no text in `{}`", self.fields.text);
            return Err(Box::new(raw.origin.problem(STAGE, Severity::Error, "no_text", &message)));
        }
        self.maker.make(&raw.origin, JSON, known, lossy)
    }

    fn unmatched(&self) -> Vec<OptionError> {
        self.places.unmatched()
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}

/// Cuts a file at its line ends; lines of white space alone are no records.
struct Lines {
    limit: usize,
}

impl Cut for Lines {
    fn begin(&mut self, _: &mut dyn BufRead) -> Result<(), Trouble> {
        Ok(())
    }

    fn next(&mut self, input: &mut dyn BufRead) -> io::Result<Record> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let buffer = input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(buffer.len(), |end| end + 1);
            too_long |= line.len() + end.unwrap_or(taken) > self.limit;
            let last = buffer.is_empty();
            if too_long {
                line = Vec::new();
            } else {
                line.extend_from_slice(&buffer[..end.unwrap_or(taken)]);
            }
            input.consume(taken);
            if end.is_none() && !last {
                continue;
            }
            if too_long {
                return Ok(Record::TooLong);
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Record::Whole(line));
            }
            if last {
                return Ok(Record::End);
            }
            line.clear();
        }
    }

    fn too_long(&self) -> Trouble {
        let message = format!("the line is longer than {} bytes, the limit `max_line_bytes`", self.limit);
        ("line_too_long", message)
    }
}

/// Reads the values of the named fields out of an object, and passes over all others.
struct Pick<'n>([Option<&'n str>; FIELDS]);

impl<'de> DeserializeSeed<'de> for Pick<'_> {
    type Value = [Option<String>; FIELDS];

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pick<'_> {
    type Value = [Option<String>; FIELDS];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [const { None }; FIELDS];
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if !self.0.contains(&Some(&*key)) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = plain(map.next_value::<Value>()?);
            for (name, slot) in self.0.iter().zip(&mut values) {
                if *name == Some(&*key) {
                    slot.clone_from(&value);
                }
            }
        }
        Ok(values)
    }
}

/// A value as text: numbers as written, a list of texts (authors) with commas, nothing for the rest.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Vec<String> = items.into_iter().filter_map(plain).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}
