//! Which reader a file leads to, by its first bytes and by its name's ending: the table [`FORMATS`].
//!
//! A new format is a file of this folder and a line of the table. What is known and not read has a line too, so
//! that its problem can say what it is.

#[cfg(any(feature = "zip", feature = "tar"))]
mod archive;
#[cfg(feature = "docx")]
mod docx;
#[cfg(feature = "feed")]
mod feed;
#[cfg(feature = "mail")]
mod mail;
#[cfg(feature = "mail")]
mod mbox;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "tar")]
mod tar;
mod text;
#[cfg(feature = "warc")]
mod warc;
#[cfg(feature = "zip")]
mod zip;

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use claimline_model::{Problem, Severity};
use claimline_stage::{Decoded, Origin};
use encoding_rs::Encoding;

use crate::fields::{HTML, MARKDOWN, Maker, PLAIN};
use crate::input::{Expansion, ending, trouble};
use crate::nest::Members;
use crate::records::Trouble;

/// A kind of file.
pub(crate) struct Format {
    /// Its media type, which leads a record from the reader to its decoder.
    pub(crate) media_type: &'static str,
    /// What to call it.
    pub(crate) name: &'static str,
    /// The endings of its files' names, in lower case.
    endings: &'static [&'static str],
    /// Whether a file that begins so is of it.
    begins: fn(&[u8]) -> bool,
    /// How it is read.
    pub(crate) reader: Reader,
}

/// How a format is read.
pub(crate) enum Reader {
    /// A file of it is a document.
    Document(Decode),
    /// A file of it holds files, or documents of other formats.
    Members(Split),
    /// A file of it holds documents of its own kind, and maybe others.
    Documents(Split, Decode),
    /// It could be, by a program that is built with this feature.
    #[allow(dead_code, reason = "a build may have all features")]
    Without(&'static str),
    /// It is not.
    Never,
}

/// Makes the document; the workers do this.
pub(crate) type Decode = fn(Piece<'_>) -> Result<Decoded, Box<Problem>>;

/// Opens what holds members; this and reading them is for the one thread that reads.
pub(crate) type Split = fn(Container, &Limits) -> Result<Box<dyn Members>, Trouble>;

/// The bytes of one document, and what it takes to read them.
pub(crate) struct Piece<'r> {
    pub(crate) maker: &'r Maker,
    pub(crate) limits: &'r Limits,
    pub(crate) origin: Origin,
    /// Its charset, if who served it named one.
    pub(crate) charset: Option<&'static Encoding>,
    pub(crate) bytes: Vec<u8>,
}

impl Piece<'_> {
    /// The problem that there is instead of a document.
    pub(crate) fn lost(&self, code: &str, message: &str) -> Box<Problem> {
        Box::new(self.origin.problem(self.maker.stage, Severity::Error, code, message))
    }
}

/// What holds members, open at its beginning.
pub(crate) struct Container {
    /// Its bytes, decompressed.
    pub(crate) reader: Box<dyn BufRead + Send>,
    /// Its file, if that holds the same bytes: for formats that are read from their end.
    pub(crate) file: Option<PathBuf>,
}

impl Container {
    /// All of it, for formats that can't be read on the way.
    ///
    /// # Errors
    /// If it is longer than a document may be, or reading fails.
    pub(crate) fn whole(self, limits: &Limits) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        let read = self.reader.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| trouble(&error))?;
        if bytes.len() as u64 > limits.bytes {
            return Err(file_too_big(limits.bytes));
        }
        Ok(bytes)
    }
}

/// What to say of what is longer than so many bytes.
pub(crate) fn file_too_big(most: u64) -> Trouble {
    ("file_too_big", format!("it is longer than {most} bytes, the limit `max_bytes`"))
}

/// How much of it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The bytes of a document, decompressed.
    pub(crate) bytes: u64,
    /// What one file of the input may grow to, with all its members.
    pub(crate) expansion: Expansion,
    /// The members of one file of the input.
    pub(crate) members: u64,
    /// Archives in archives.
    pub(crate) depth: usize,
    /// The pages of a document that has some.
    pub(crate) pages: usize,
}

/// The reader, if this build has it.
macro_rules! with {
    ($feature:literal, $reader:expr) => {{
        #[cfg(feature = $feature)]
        {
            $reader
        }
        #[cfg(not(feature = $feature))]
        {
            Reader::Without($feature)
        }
    }};
}

/// Every format that is known. Of those whose beginning fits, the first whose ending fits as well is taken, else
/// the first; where no beginning fits, the ending decides, and what no line knows is plain text.
#[rustfmt::skip]
pub(crate) const FORMATS: &[Format] = &[
    Format { media_type: HTML, name: "a web page", endings: &["html", "htm", "xhtml"], begins: text::begins_page, reader: Reader::Document(text::page) },
    Format { media_type: MARKDOWN, name: "Markdown", endings: &["md", "markdown"], begins: never, reader: Reader::Document(text::markdown) },
    PLAIN_TEXT,
    Format { media_type: "message/rfc822", name: "mail", endings: &["eml"], begins: text::begins_mail, reader: with!("mail", Reader::Documents(mail::split, mail::decode)) },
    Format { media_type: "application/mbox", name: "a mailbox", endings: &["mbox", "mbx"], begins: text::begins_mailbox, reader: with!("mail", Reader::Members(mbox::split)) },
    #[cfg(not(feature = "bzip2"))]
    Format { media_type: "application/x-bzip2", name: "compressed by bzip2", endings: &["bz2", "tbz2", "tbz"], begins: |head| head.starts_with(b"BZh"), reader: Reader::Without("bzip2") },
    Format { media_type: "application/pdf", name: "PDF", endings: &["pdf"], begins: |head| head.starts_with(b"%PDF-"), reader: with!("pdf", Reader::Document(pdf::decode)) },
    known("application/x-ndjson", "JSON lines: read it with the source `jsonl`", &["jsonl", "ndjson"], never),
    known("text/csv", "a table: read it with the source `csv`", &["csv", "tsv"], never),
    known("multipart/related", "a web page packed as mail", &["mhtml", "mht"], never),
    Format { media_type: "application/zip", name: "a zip archive", endings: &["zip"], begins: begins_zip, reader: with!("zip", Reader::Members(zip::split)) },
    Format { media_type: "application/x-tar", name: "a tar archive", endings: &["tar"], begins: |head| head.get(257..262) == Some(b"ustar"), reader: with!("tar", Reader::Members(tar::split)) },
    Format { media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", name: "a Word document", endings: &["docx", "docm"], begins: begins_zip, reader: with!("docx", Reader::Document(docx::decode)) },
    known("application/x-opendocument", "a word processor's document", &["odt", "pages", "epub"], begins_zip),
    known("application/x-office-open", "a spreadsheet or slides", &["xlsx", "xlsm", "ods", "pptx", "odp", "numbers", "key"], begins_zip),
    known("application/rtf", "a word processor's document in RTF", &["rtf"], |head| head.starts_with(b"{\\rtf")),
    known("application/x-ole-storage", "an Office file of before 2007, or one that is locked by a password", &["doc", "xls", "ppt"], |head| head.starts_with(b"\xD0\xCF\x11\xE0")),
    known("application/vnd.ms-outlook", "mail in Outlook's own format", &["msg", "pst"], never),
    known("application/x-data", "data", &["json", "xml", "yaml", "yml", "parquet", "arrow", "db", "sqlite"], never),
    Format { media_type: "application/rss+xml", name: "a feed of news", endings: &["rss", "atom"], begins: |head| text::root(head).is_some_and(|root| ["rss", "feed", "RDF"].contains(&root)), reader: with!("feed", Reader::Documents(feed::split, feed::decode)) },
    Format { media_type: "application/warc", name: "a web archive", endings: &["warc", "wet"], begins: |head| head.starts_with(b"WARC/"), reader: with!("warc", Reader::Members(warc::split)) },
    known("application/xml", "XML", &[], |head| head.trim_ascii_start().starts_with(b"<?xml")),
    known("application/x-compressed", "an archive", &["7z", "rar", "xz", "lzma", "cab", "iso"], text::begins_packed),
    known("image/*", "a picture", &["png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp", "svg", "heic", "ico"], never),
    known("text/x-notes", "a signature, a calendar or a card", &["asc", "sig", "p7s", "ics", "vcf"], never),
    known("audio/*", "sound or film", &["mp3", "mp4", "wav", "ogg", "flac", "avi", "mov", "mkv", "webm"], never),
    known("application/x-executable", "a program", &["exe", "dll", "so", "dylib", "bin", "o", "class", "wasm"], never),
];

/// What anything is that no line knows.
const PLAIN_TEXT: Format = Format {
    media_type: PLAIN,
    name: "plain text",
    endings: &["txt", "text"],
    begins: never,
    reader: Reader::Document(text::plain),
};

const fn known(
    media_type: &'static str,
    name: &'static str,
    endings: &'static [&'static str],
    begins: fn(&[u8]) -> bool,
) -> Format {
    Format { media_type, name, endings, begins, reader: Reader::Never }
}

/// Office files are zip archives too: the ending tells which.
fn begins_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// For formats that only their endings tell.
fn never(_: &[u8]) -> bool {
    false
}

impl Format {
    /// The format of a file of this name that begins so; `declared` is the media type that is told of it.
    pub(crate) fn of(name: &str, declared: Option<&str>, head: &[u8]) -> &'static Self {
        let ending = ending(Path::new(name));
        let named = |format: &&Self| format.endings.contains(&ending.as_str());
        let mut begun = FORMATS.iter().filter(|format| (format.begins)(head));
        let first = begun.clone().next();
        let by_name = || FORMATS.iter().find(named);
        let by_declaration = || declared.and_then(Self::declared);
        begun.find(named).or(first).or_else(by_name).or_else(by_declaration).unwrap_or(&PLAIN_TEXT)
    }

    /// The format of a declared media type: `image/png` is one of `image/*`.
    pub(crate) fn declared(media_type: &str) -> Option<&'static Self> {
        let fits = |format: &&Self| match format.media_type.strip_suffix('*') {
            Some(kind) => media_type.starts_with(kind),
            None => media_type == format.media_type,
        };
        FORMATS.iter().find(fits)
    }

    /// The format of a media type, if it has a line.
    pub(crate) fn named(media_type: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.media_type == media_type)
    }

    /// Why a file of this format is not read; nothing if it is.
    pub(crate) fn refusal(&self) -> Option<Trouble> {
        let message = match self.reader {
            Reader::Never => format!("this is {}, which `files` does not read", self.name),
            Reader::Without(feature) => format!(
                "this is {}, which is read by a program that is built with the feature `{feature}`",
                self.name
            ),
            Reader::Document(_) | Reader::Members(_) | Reader::Documents(..) => return None,
        };
        Some(("unsupported_format", message))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_leads_to_each_format_by_one_way() {
        let mut seen = HashSet::new();
        for format in FORMATS {
            assert!(seen.insert(format.media_type), "{} has two lines", format.media_type);
            for ending in format.endings {
                assert!(seen.insert(ending), "`{ending}` stands in two lines");
                assert_eq!(*ending, ending.to_lowercase());
            }
        }
    }

    #[test]
    fn the_beginning_goes_before_the_ending() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("a.txt", b"Trade grew.", "plain text"),
            ("a", b"Trade grew.", "plain text"),
            ("a.xyz", b"", "plain text"),
            ("a.TXT.gz", b"Trade grew.", "plain text"),
            ("a.md", b"# Trade", "Markdown"),
            ("a.pdf", b"<!DOCTYPE html><title>Log in</title>", "a web page"),
            ("a.txt", b"\n <HTML>", "a web page"),
            ("a.html", b"<?xml version='1.0'?><html>", "a web page"),
            ("a.htm", b"", "a web page"),
            ("a.pdf", b"%PDF-1.7", "PDF"),
            ("a.txt", b"%PDF-1.7", "PDF"),
            ("a.doc", b"{\\rtf1", "a word processor's document in RTF"),
            (
                "a.docx",
                b"\xD0\xCF\x11\xE0",
                "an Office file of before 2007, or one that is locked by a password",
            ),
            ("a.docx", b"PK\x03\x04", "a Word document"),
            ("a", b"PK\x03\x04", "a zip archive"),
            ("a.tgz", b"", "a tar archive"),
            ("a.bz2", b"7z\xBC\xAF\x27\x1C", "an archive"),
            ("a.xml", b"<?xml version='1.0'?><report/>", "XML"),
            ("a.xml", b"<?xml version='1.0'?><!-- news --><rss version='2.0'>", "a feed of news"),
            ("a.eml", b"Trade grew.", "mail"),
            ("1732.V8.host:2,S", b"Received: from a\n by b\nSubject: Trade\n\nIt grew.", "mail"),
            ("a.txt", b"Date: 2025-03-04\nTitle: Inner\n\nTrade grew.", "plain text"),
            ("a.txt", b"From Paris to Rome,\nreported: trade", "plain text"),
            ("Inbox", b"From ann@x.example Mon Jun 23 10:00:00 2025\nSubject: Trade\n\n", "a mailbox"),
            ("a.mbox", b"", "a mailbox"),
            ("a.png", b"\x89PNG", "a picture"),
            ("a.warc.wet.gz", b"", "a web archive"),
            ("a", b"WARC/1.1\r\nWARC-Type: warcinfo\r\n", "a web archive"),
        ];
        for (name, head, expected) in cases {
            assert_eq!(Format::of(name, None, head).name, *expected, "{name} {}", head.escape_ascii());
        }
    }
}
