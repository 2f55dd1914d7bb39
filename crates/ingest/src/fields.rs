//! From the fields of a record, or the text of a file, to a document.

use claimline_model::{Document, Problem, PublishedBasis, Severity, Str};
use claimline_stage::{Decoded, Origin};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::blocks::{self, Composed, Part};
use crate::dates::Formats;
use crate::header::{self, Header};
use crate::records::Trouble;

/// Which field of a record holds what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// The text. A record without it is a problem.
    #[serde(default = "text")]
    pub text: String,
    /// The record's own id, which becomes `doc_id`: a text or a number, never twice in the input.
    pub id: Option<String>,
    /// The headline.
    pub title: Option<String>,
    /// The day it was published: ISO 8601, RFC 2822, with its month in letters (`26-FEB-1987`), or one of
    /// `formats`.
    pub published: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// Its language, as a BCP 47 code.
    pub language: Option<String>,
}

fn text() -> String {
    "text".to_owned()
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            text: text(),
            id: None,
            title: None,
            published: None,
            url: None,
            author: None,
            publisher: None,
            language: None,
        }
    }
}

/// How many fields a document has room for.
pub(crate) const FIELDS: usize = 8;

impl Fields {
    /// The names of the fields in the order of [`Known::from_values`].
    pub(crate) fn names(&self) -> [Option<&str>; FIELDS] {
        let Self { text, id, title, published, url, author, publisher, language } = self;
        let [id, title, published, url, author, publisher, language] =
            [id, title, published, url, author, publisher, language].map(Option::as_deref);
        [Some(text), id, title, published, url, author, publisher, language]
    }
}

/// What is known of a document before its text is looked into.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) text: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) language: Option<String>,
    /// When the file was made: a date in its text goes before this one.
    pub(crate) made: Option<String>,
}

impl Known {
    /// From values in the order of [`Fields::names`].
    pub(crate) fn from_values(values: [Option<String>; FIELDS]) -> Self {
        let [text, id, title, published, url, author, publisher, language] = values;
        let said = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
        Self {
            text,
            id: said(id),
            title: said(title),
            published: said(published),
            url: said(url),
            author: said(author),
            publisher: said(publisher),
            language: said(language),
            made: None,
        }
    }
}

/// Makes documents for one source.
#[derive(Debug, Default)]
pub(crate) struct Maker {
    /// The source's name, for problems.
    pub(crate) stage: &'static str,
    pub(crate) formats: Formats,
    /// The day of documents that state none.
    pub(crate) published: Option<Date>,
}

impl Maker {
    /// The document of a record. `lossy` says what its charset cost. What the fields say goes before
    /// what the text's header says.
    ///
    /// # Errors
    /// If there is no text.
    pub(crate) fn make(
        &self,
        origin: &Origin,
        media_type: &'static str,
        known: Known,
        lossy: Option<String>,
    ) -> Result<Decoded, Box<Problem>> {
        let text = self.said(origin, known.text.as_deref())?;
        let (header, parts) = match media_type {
            // `clean` makes blocks of markup.
            HTML => Default::default(),
            _ => self.read(text, media_type == MARKDOWN),
        };
        let warnings = lossy.map(|message| ("charset", message));
        Ok(self.put(origin, media_type, known, header, &parts, warnings.into_iter().collect()))
    }

    /// The document of a file whose format tells its blocks. What the format says goes before a dateline of the
    /// text, which goes before the day that the file was made.
    ///
    /// # Errors
    /// If there is no text.
    pub(crate) fn compose(
        &self,
        origin: &Origin,
        media_type: &'static str,
        known: Known,
        Composed { text, parts }: Composed,
        warnings: Vec<Trouble>,
    ) -> Result<Decoded, Box<Problem>> {
        self.said(origin, Some(&text))?;
        let header = Header { published: header::dated(&text), ..Header::default() };
        let known = Known { text: Some(text), ..known };
        Ok(self.put(origin, media_type, known, header, &parts, warnings))
    }

    /// The text of a document, which must say something.
    fn said<'t>(&self, origin: &Origin, text: Option<&'t str>) -> Result<&'t str, Box<Problem>> {
        let (code, message) = match text {
            None => ("no_text", "it has no text"),
            Some(text) if text.trim().is_empty() => ("empty", "its text is empty"),
            Some(text) => return Ok(text),
        };
        Err(Box::new(origin.problem(self.stage, Severity::Error, code, message)))
    }

    fn put(
        &self,
        origin: &Origin,
        media_type: &'static str,
        known: Known,
        header: Header,
        parts: &[Part],
        warnings: Vec<Trouble>,
    ) -> Decoded {
        let mut unreadable = None;
        let mut metadata = |stated: Option<String>| {
            let stated = stated?;
            let day = self.formats.day(&stated);
            if day.is_none() {
                unreadable = Some(stated);
            }
            Some((day?, PublishedBasis::Metadata))
        };
        let (stated, made) = (metadata(known.published), metadata(known.made));
        let default = self.published.map(|date| (date, PublishedBasis::Option));
        let published = stated.or(header.published).or(made).or(default);
        let own_id = known.id.is_some();
        let doc_id = known.id.map_or_else(|| origin.doc_id(), |id| Str::new(id.trim()));

        let warning = |code, message: String| Problem {
            doc_id: Some(doc_id.clone()),
            ..origin.problem(self.stage, Severity::Warning, code, &message)
        };
        let mut warnings: Vec<_> =
            warnings.into_iter().map(|(code, message)| warning(code, message)).collect();
        if let Some(stated) = unreadable.or(header.unreadable) {
            let message = format!(
                "`{stated}` is no date in ISO 8601, RFC 2822, with its month in letters, or in one of `formats`"
            );
            warnings.push(warning("unreadable_date", message));
        }
        let text = known.text.unwrap_or_default();
        let or = |known: Option<String>, header: Option<String>| known.or(header).map(Str::from);
        let document = Document {
            source_uri: origin.uri.clone(),
            member: origin.member.clone(),
            media_type: Str::new_static(media_type),
            title: or(known.title, header.title),
            author: or(known.author, header.author),
            publisher: or(known.publisher, header.publisher),
            published: published.map(|(date, _)| date),
            published_basis: published.map_or(PublishedBasis::None, |(_, basis)| basis),
            language: known.language.map(Str::from),
            url: or(known.url, header.url),
            chars: text.chars().count() as u32,
            text: Str::from(text),
            doc_id,
            ..Document::default()
        };
        let blocks = blocks::rows(&document.doc_id, &document.text, parts);
        Decoded { document, blocks, own_id, warnings }
    }

    /// What a text says of itself, and its blocks.
    fn read(&self, text: &str, markdown: bool) -> (Header, Vec<Part>) {
        let mut header = header::read(text, &self.formats, markdown);
        let mut parts = std::mem::take(&mut header.parts);
        if markdown {
            blocks::markdown(text, header.end, &mut parts);
        } else {
            blocks::plain(text, header.end, &mut parts);
        }
        (header, parts)
    }
}

/// The media types that are read.
pub(crate) const PLAIN: &str = "text/plain";
pub(crate) const MARKDOWN: &str = "text/markdown";
pub(crate) const HTML: &str = "text/html";
pub(crate) const JSON: &str = "application/json";
pub(crate) const CSV: &str = "text/csv";
#[cfg(feature = "arrow")]
pub(crate) const ARROW: &str = "application/vnd.apache.arrow.stream";
#[cfg(feature = "parquet")]
pub(crate) const PARQUET: &str = "application/vnd.apache.parquet";
