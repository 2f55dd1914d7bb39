//! The source `files`: files of every format that the table in `format` reads.

use std::collections::VecDeque;

use claimline_model::{Problem, Severity};
use claimline_stage::{Context, Decoded, Found, InputFile, OptionError, Raw, Registration, Source};
use encoding_rs::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::dates::Formats;
use crate::fields::Maker;
use crate::format::{Format, Limits, Piece, Reader};
use crate::input::{Expansion, Input, max_expanded_bytes, max_ratio, trouble};
use crate::nest::{Nest, Told};
use crate::places::{Places, Step};

/// Reads files: plain text, Markdown, web pages, whose markup `clean` reads, PDF, Word documents, mail,
/// mailboxes, feeds of news, web archives, and zip and tar archives of them. What a file is shows in how it begins, else in the
/// ending of its name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Files, folders (read with all that is in them), patterns with `*`, `**`, `?`, `[a-z]` and
    /// `{a,b}`, or `-` for standard input; relative to the pipeline file. `.gz`, `.zst` and `.bz2`
    /// are decompressed. Hidden files are left out unless a pattern spells their dot.
    #[schemars(example = vec!["texts/*"])]
    pub paths: Vec<String>,
    /// The publication day of files that state none, as `2025-06-23`.
    pub published: Option<String>,
    /// More date formats for a `Date:` line, in strptime's notation: `%d.%m.%Y`.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The largest document that is read, in bytes after decompression; a larger one is a problem.
    #[serde(default = "max_bytes")]
    #[schemars(range(min = 1))]
    pub max_bytes: u64,
    /// How many times its size a compressed file, or one that holds others, may grow to; one that grows
    /// more is a problem, and what it holds behind that place is not read.
    #[serde(default = "max_ratio")]
    #[schemars(range(min = 1))]
    pub max_ratio: u32,
    /// The most bytes that a file may hold in all its members; the rest of it is one problem.
    #[serde(default = "max_expanded_bytes")]
    #[schemars(range(min = 1))]
    pub max_expanded_bytes: u64,
    /// How many members a file may have, with those of its members; the rest of it is one problem.
    #[serde(default = "max_members")]
    #[schemars(range(min = 1))]
    pub max_members: u64,
    /// How deep files that hold files may lie in one another: a mail with an attachment is one deep, in an
    /// archive two. A deeper one is a problem.
    #[serde(default = "max_depth")]
    #[schemars(range(min = 1, max = 8))]
    pub max_depth: usize,
    /// How many pages a PDF may have; one with more is a problem.
    #[serde(default = "max_pages")]
    #[schemars(range(min = 1))]
    pub max_pages: usize,
}

fn max_members() -> u64 {
    1_000_000
}

fn max_depth() -> usize {
    2
}

fn max_pages() -> usize {
    5000
}

fn max_bytes() -> u64 {
    64 << 20
}

const STAGE: &str = "files";

/// The name, the options and the door.
pub(crate) fn registration() -> Registration {
    Registration::source(
        STAGE,
        "Files of text, web pages, PDF, Word documents, mail, mailboxes, feeds and web archives, compressed or in archives.",
        "- files: { paths: [\"news/**/*.txt\"] }",
        Files::open,
    )
}

/// Files that are documents, or hold some.
pub struct Files {
    places: Places,
    maker: Maker,
    limits: Limits,
}

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
            limits: Limits {
                bytes: options.max_bytes,
                expansion: Expansion { ratio: options.max_ratio, bytes: options.max_expanded_bytes },
                members: options.max_members,
                depth: options.max_depth,
                pages: options.max_pages,
            },
        })
    }

    /// Begins with what the walk came upon.
    fn begin(&self, step: Step) -> (Option<Nest>, Option<Found>) {
        let (origin, path) = match step {
            Step::File(origin, path) => (origin, Some(path)),
            Step::Stdin(origin) => (origin, None),
            Step::Lost(problem) => return (None, Some(Found::Lost(problem))),
            Step::NoMatch(problem) => return (None, Some(Found::Warning(problem))),
        };
        match Input::open(path.as_deref(), self.limits.expansion) {
            Ok(input) => {
                let (nest, found) = Nest::open(STAGE, origin, path, input, self.limits);
                (Some(nest), found)
            }
            Err(error) => {
                let (code, message) = trouble(&error);
                (None, Some(Found::Lost(origin.problem(STAGE, Severity::Error, code, &message))))
            }
        }
    }
}

impl Source for Files {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        let mut walk = self.places.walk();
        let mut open: Option<Nest> = None;
        // What was found and not told, so that the last record of a file is told with what is left of the file.
        let mut told: VecDeque<Found> = VecDeque::new();
        // Bytes of the input that no record stood for, told with the next one.
        let mut owed = 0;
        Box::new(std::iter::from_fn(move || {
            while told.len() < 2 {
                let found = match &mut open {
                    Some(nest) => {
                        let found = nest.next();
                        if found.is_none() {
                            owed += nest.rest();
                            if let Some(Found::Raw(last)) = told.back_mut() {
                                last.consumed += std::mem::take(&mut owed);
                            }
                            open = None;
                        } else {
                            owed += nest.consumed();
                        }
                        found
                    }
                    None => {
                        let Some(step) = walk.next() else { break };
                        let (nest, found) = self.begin(step);
                        open = nest;
                        found
                    }
                };
                told.extend(found.map(|found| match found {
                    Found::Raw(raw) => {
                        Found::Raw(Raw { consumed: raw.consumed + std::mem::take(&mut owed), ..raw })
                    }
                    other => other,
                }));
            }
            told.pop_front()
        }))
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let Raw { origin, media_type, note, bytes, .. } = raw;
        let told = Told::read(&note);
        let charset = told.charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
        let piece =
            Piece { maker: &self.maker, limits: &self.limits, origin: origin.clone(), charset, bytes };
        let mut decoded = match Format::named(&media_type).map(|format| &format.reader) {
            Some(Reader::Document(decode) | Reader::Documents(_, decode)) => decode(piece)?,
            _ => return Err(piece.lost("unsupported_format", &format!("`{media_type}` is no document"))),
        };
        told.add_to(&mut decoded, STAGE, &origin);
        Ok(decoded)
    }

    fn unmatched(&self) -> Vec<OptionError> {
        self.places.unmatched()
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        self.places.inputs()
    }
}
