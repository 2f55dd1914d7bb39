//! The source `files`: one document a file, plain text, Markdown or a web page, compressed or not.

use std::io::{self, BufRead, Read};
use std::path::Path;

use claimline_model::{Problem, Severity};
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Origin, Raw, Registration, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::charset;
use crate::dates::Formats;
use crate::fields::{HTML, Known, MARKDOWN, Maker, PLAIN};
use crate::input::{Expansion, Input, max_ratio, trouble};
use crate::places::{Places, Step, extension};

/// Reads files, each of which is one document: plain text, Markdown and web pages, whose markup `clean` reads.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, folders (read with all that is in them), patterns with `*`, `**`, `?`, `[a-z]` and
    /// `{a,b}`, or `-` for standard input; relative to the pipeline file. `.gz` and `.zst` are
    /// decompressed. Hidden files are left out unless a pattern spells their dot.
    pub paths: Vec<String>,
    /// The publication day of files that state none, as `2025-06-23`.
    pub published: Option<String>,
    /// More date formats for a `Date:` line, in strptime's notation: `%d.%m.%Y`.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The largest file that is read, in bytes after decompression; a larger one is a problem.
    #[serde(default = "max_bytes")]
    #[schemars(range(min = 1))]
    pub max_bytes: u64,
    /// How many times its size a compressed file may grow to; one that grows more is a problem.
    #[serde(default = "max_ratio")]
    #[schemars(range(min = 1))]
    pub max_ratio: u32,
}

fn max_bytes() -> u64 {
    64 << 20
}

const STAGE: &str = "files";

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "One document a file: plain text, Markdown and web pages, .gz and .zst around them.",
        "- files: { paths: [\"news/**/*.txt\"] }",
        Files::open,
    )
}

/// Files that are documents.
pub struct Files {
    places: Places,
    maker: Maker,
    max_bytes: u64,
    expansion: Expansion,
}

/// Formats that are known by their file's ending, and what to do about them.
const KNOWN: &[(&[&str], &str)] = &[
    (&["jsonl", "ndjson"], "JSON lines: read it with the source `jsonl`"),
    (&["csv", "tsv"], "a table: read it with the source `csv`"),
    (&["mhtml", "mht"], "a web page packed as mail"),
    (&["pdf"], "PDF"),
    (&["docx", "doc", "odt", "rtf", "pages", "epub"], "a word processor's document"),
    (&["xlsx", "xls", "ods", "pptx", "ppt", "odp"], "a spreadsheet or slides"),
    (&["eml", "mbox", "msg"], "mail"),
    (&["json", "xml", "yaml", "yml", "parquet", "arrow", "db", "sqlite"], "data"),
    (&["zip", "tar", "tgz", "7z", "rar", "bz2", "xz"], "an archive"),
    (&["png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp", "svg", "heic", "ico"], "a picture"),
    (&["mp3", "mp4", "wav", "ogg", "flac", "avi", "mov", "mkv", "webm"], "sound or film"),
    (&["exe", "dll", "so", "dylib", "bin", "o", "class", "wasm"], "a program"),
];

/// Formats that are known by their first bytes.
const MAGIC: &[(&[u8], &str)] =
    &[(b"%PDF-", "PDF"), (b"{\\rtf", "a word processor's document"), (b"<?xml", "XML")];

/// How a web page begins, whatever its name.
const PAGE: &[&[u8]] = &[b"<!doctype html", b"<html"];

impl Files {
    fn open(options: Options, context: &Context) -> Result<Self, OptionError> {
        let published = options.published.as_deref().map(|text| {
            text.parse()
                .map_err(|_| OptionError::new("/published", format!("`{text}` is no day such as 2025-06-23")))
        });
        Ok(Self {
            places: Places::new(STAGE, &options.paths, &context.base, &[])?,
            maker: Maker {
                stage: STAGE,
                formats: Formats::new(&options.formats)?,
                published: published.transpose()?,
            },
            max_bytes: options.max_bytes,
            // `max_bytes` bounds what is taken of it.
            expansion: Expansion { ratio: options.max_ratio, bytes: u64::MAX },
        })
    }

    /// Reads one file whole; what it took of the input is the second value.
    fn found(&self, origin: Origin, input: io::Result<Input>) -> (Found, u64) {
        let lost = |code, message: &str| Found::Lost(origin.problem(STAGE, Severity::Error, code, message));
        let mut input = match input {
            Ok(input) => input,
            Err(error) => {
                let (code, message) = trouble(&error);
                return (lost(code, &message), 0);
            }
        };
        let mut bytes = Vec::new();
        let read = (&mut *input.reader).take(self.max_bytes).read_to_end(&mut bytes);
        let more = read.and_then(|_| Ok(!input.reader.fill_buf()?.is_empty()));
        let consumed = input.rest();
        let found = match more {
            Ok(false) => Found::Raw(Raw { origin, bytes, consumed }),
            Ok(true) => {
                let message = format!("it is longer than {} bytes, the limit `max_bytes`", self.max_bytes);
                lost("file_too_big", &message)
            }
            Err(error) => {
                let (code, message) = trouble(&error);
                lost(code, &message)
            }
        };
        (found, consumed)
    }
}

impl Source for Files {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        // Bytes of files that were lost, told with the next one.
        let mut owed = 0;
        Box::new(self.places.walk().map(move |step| {
            let (origin, path) = match step {
                Step::File(origin, path) => (origin, Some(path)),
                Step::Stdin(origin) => (origin, None),
                Step::Lost(problem) => return Found::Lost(problem),
                Step::NoMatch(problem) => return Found::Warning(problem),
            };
            if let Some(format) = known_by_name(&origin) {
                owed += path.and_then(|path| path.metadata().ok()).map_or(0, |data| data.len());
                return Found::Lost(unsupported(&origin, format));
            }
            let (found, consumed) = self.found(origin, Input::open(path.as_deref(), self.expansion));
            owed += consumed;
            match found {
                Found::Raw(raw) => Found::Raw(Raw { consumed: std::mem::take(&mut owed), ..raw }),
                other => other,
            }
        }))
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let Raw { origin, bytes, .. } = raw;
        let start = bytes.trim_ascii_start();
        let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
        let media_type = match extension(Path::new(&*origin.path)).as_str() {
            "html" | "htm" | "xhtml" => HTML,
            _ if PAGE.iter().any(|begin| begins(start, begin)) => HTML,
            "md" | "markdown" => MARKDOWN,
            _ => PLAIN,
        };
        let mut magic = MAGIC.iter().filter(|(begin, _)| start.starts_with(begin));
        // A page may begin with an XML declaration.
        let format =
            magic.find(|(_, format)| media_type != HTML || *format != "XML").map(|(_, format)| *format);
        let binary = || (!marked && bytes.contains(&0)).then_some("not text, for it holds NUL bytes");
        if let Some(format) = format.or_else(binary) {
            return Err(Box::new(unsupported(&origin, format)));
        }
        let (text, lossy) = match media_type {
            HTML => charset::decode_page(bytes),
            _ => charset::decode(bytes),
        };
        self.maker.make(&origin, media_type, Known { text: Some(text), ..Known::default() }, lossy)
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}

/// Whether bytes begin so, whatever the case.
fn begins(bytes: &[u8], begin: &[u8]) -> bool {
    bytes.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))
}

fn known_by_name(origin: &Origin) -> Option<&'static str> {
    let extension = extension(Path::new(&*origin.path));
    KNOWN.iter().find(|(endings, _)| endings.contains(&extension.as_str())).map(|(_, format)| *format)
}

fn unsupported(origin: &Origin, format: &str) -> Problem {
    let message = format!("`files` reads plain text, Markdown and web pages; this is {format}");
    origin.problem(STAGE, Severity::Error, "unsupported_format", &message)
}
