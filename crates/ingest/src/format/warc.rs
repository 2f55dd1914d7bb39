//! Web archives: what a crawler was answered, of which each page, text and file that is read is a member
//! (<https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>).
//!
//! They are read on the way, a record at a time. Requests, notes of the crawler, what it had before, redirects, and
//! pictures, scripts and the like are passed over.

use std::io::{self, BufRead, Read, Take};

use brotli_decompressor::Decompressor as Brotli;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use zstd::Decoder as Zstd;

use super::{Container, Format, Limits};
use crate::charset;
use crate::input::trouble;
use crate::nest::{Budget, Kind, Member, Members, Told};
use crate::records::Trouble;

/// How every record begins.
const MARK: &[u8] = b"WARC/";
/// The header of a record, and that of an answer in one, is no longer than this.
const HEADER: u64 = 64 << 10;
/// A line that is longer is passed over in pieces.
const LINE: u64 = 64 << 10;

/// The answers in a web archive, called by the ids of their records, else by their numbers.
pub(super) fn split(archive: Container, _: &Limits) -> Result<Box<dyn Members>, Trouble> {
    let reader = archive.reader;
    let mut archive =
        Archive { reader, read: 0, last: String::new(), told: false, begun: false, ended: false };
    let clean = archive.seek().map_err(|error| trouble(&error))?;
    if !clean || archive.ended {
        return Err(("broken", "this is no web archive: it does not begin with `WARC/`".to_owned()));
    }
    Ok(Box::new(archive))
}

struct Archive {
    reader: Box<dyn BufRead + Send>,
    /// How many records there were.
    read: u64,
    /// What the last one is called.
    last: String,
    /// Whether what was wrong with it is told.
    told: bool,
    /// Whether the first line of the next one is read.
    begun: bool,
    ended: bool,
}

impl Members for Archive {
    fn next(&mut self, budget: &mut Budget) -> Option<Member> {
        loop {
            let told = match self.begin() {
                Ok(()) if self.ended => return None,
                Ok(()) => self.record(budget),
                Err(trouble) => Err(trouble),
            };
            let (kind, bytes) = match told {
                Ok(None) => continue,
                Ok(Some((told, bytes))) => (Kind::Served(told), Ok(bytes)),
                Err(trouble) => {
                    self.told = true;
                    (Kind::File, Err(trouble))
                }
            };
            return Some(Member { name: self.last.clone(), kind, bytes });
        }
    }
}

impl Archive {
    /// Goes on to the next record.
    ///
    /// # Errors
    /// If there is something else before it.
    fn begin(&mut self) -> Result<(), Trouble> {
        if self.begun || self.ended {
            return Ok(());
        }
        let clean = match self.seek() {
            Ok(clean) => clean,
            Err(error) => {
                self.last = (self.read + 1).to_string();
                return Err(self.end(&error));
            }
        };
        if clean || self.told {
            return Ok(());
        }
        Err(broken("what stands behind it is no record, so its `Content-Length` is wrong"))
    }

    /// Reads up to the line that the next record begins with, or to the end; whether all before it were blank.
    fn seek(&mut self) -> io::Result<bool> {
        let (mut line, mut begins, mut clean) = (Vec::new(), true, true);
        loop {
            line.clear();
            self.reader.as_mut().take(LINE).read_until(b'\n', &mut line)?;
            self.begun = begins && line.starts_with(MARK);
            self.ended = line.is_empty();
            if self.begun || self.ended {
                return Ok(clean);
            }
            clean &= line.trim_ascii().is_empty();
            begins = line.ends_with(b"\n");
        }
    }

    /// Reads a record behind its first line.
    fn record(&mut self, budget: &mut Budget) -> Result<Option<(Told, Vec<u8>)>, Trouble> {
        self.read += 1;
        self.last = self.read.to_string();
        (self.begun, self.told) = (false, false);
        let header = match header(&mut self.reader).map_err(|error| self.end(&error))? {
            Header::Whole(header) => header,
            Header::Cut(_) => return Err(self.end(&io::ErrorKind::UnexpectedEof.into())),
            Header::TooLong => return Err(broken(&format!("its header is longer than {HEADER} bytes"))),
        };
        if let Some(id) = field(&header, "WARC-Record-ID").map(bare).filter(|id| !id.is_empty()) {
            self.last = id;
        }
        let length = field(&header, "Content-Length").and_then(|length| length.parse().ok());
        let mut block = (&mut self.reader).take(length.ok_or_else(|| broken("it has no `Content-Length`"))?);
        let answer = answer(&header, &mut block, budget);
        let passed = io::copy(&mut block, &mut io::sink());
        let left = block.limit();
        match (passed, answer) {
            (Err(error), _) => Err(self.end(&error)),
            (Ok(_), answer) if left == 0 => answer,
            _ => Err(self.end(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// What to say of an archive that can't be read on.
    fn end(&mut self, error: &io::Error) -> Trouble {
        self.ended = true;
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                ("truncated", "the archive ends in it: the file was cut off".to_owned())
            }
            _ => trouble(error),
        }
    }
}

/// What came of reading a header.
enum Header {
    Whole(Vec<u8>),
    /// It ends without a blank line.
    Cut(Vec<u8>),
    TooLong,
}

/// Reads the lines of a header and the blank one behind them.
fn header(reader: &mut dyn BufRead) -> io::Result<Header> {
    let mut reader = reader.take(HEADER);
    let mut header = Vec::new();
    loop {
        let start = header.len();
        reader.read_until(b'\n', &mut header)?;
        match &header[start..] {
            b"\n" | b"\r\n" => return Ok(Header::Whole(header)),
            [.., b'\n'] => {}
            _ if reader.limit() == 0 => return Ok(Header::TooLong),
            _ => return Ok(Header::Cut(header)),
        }
    }
}

/// The value of a field of a header, with the lines that it goes on in.
fn field(header: &[u8], name: &str) -> Option<String> {
    let mut lines = header.split(|byte| *byte == b'\n');
    let mut value = lines.find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let named = line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        named.then(|| line[colon + 1..].to_vec())
    })?;
    lines
        .take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t"))
        .for_each(|line| value.extend(line));
    Some(String::from_utf8_lossy(&value).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// An id or an address without the brackets around it.
fn bare(value: String) -> String {
    value.trim_matches(['<', '>']).to_owned()
}

/// What a record has of a page, a text or a file, and what its headers tell of it.
fn answer(
    record: &[u8],
    block: &mut Take<&mut Box<dyn BufRead + Send>>,
    budget: &mut Budget,
) -> Result<Option<(Told, Vec<u8>)>, Trouble> {
    let http = match field(record, "WARC-Type").as_deref() {
        Some("response") => match header(block).map_err(|error| trouble(&error))? {
            // Records of other protocols (`dns:`) are no HTTP.
            Header::Whole(http) | Header::Cut(http) if http.starts_with(b"HTTP/") => Some(http),
            Header::Whole(_) | Header::Cut(_) => return Ok(None),
            Header::TooLong => {
                return Err(broken(&format!("the answer's header is longer than {HEADER} bytes")));
            }
        },
        Some("resource" | "conversion") => None,
        _ => return Ok(None),
    };
    let stated = field(http.as_deref().unwrap_or(record), "Content-Type").unwrap_or_default().to_lowercase();
    let url = field(record, "WARC-Target-URI").map(bare);
    // What crawlers may not read (<https://www.rfc-editor.org/rfc/rfc9309>).
    let rules = url.as_deref().is_some_and(|url| url.ends_with("/robots.txt"));
    let Some(media_type) = served(&stated).filter(|_| !rules) else { return Ok(None) };
    let told = Told {
        media_type: Some(media_type),
        charset: charset::label(stated.as_bytes(), b"charset").map(|one| one.name().to_owned()),
        url,
        cut: ["WARC-Truncated", "WARC-Segment-Number"].iter().any(|name| field(record, name).is_some()),
        ..Told::default()
    };
    let Some(http) = http else { return Ok(Some((told, budget.read(block)?))) };
    let status = http.split(|byte| *byte == b'\n').next().map(String::from_utf8_lossy).unwrap_or_default();
    let status = status.split_whitespace().nth(1).and_then(|code| code.parse().ok());
    match status {
        Some(200 | 203) => {}
        Some(status @ 400..=599) => return Err(("not_an_article", format!("the server answered {status}"))),
        Some(100..=399) => return Ok(None),
        _ => return Err(broken("the answer has no status")),
    }
    let mut body = budget.read(block)?;
    if field(&http, "Transfer-Encoding").is_some_and(|coding| coding.to_lowercase().contains("chunked")) {
        body = joined(body);
    }
    let codings = field(&http, "Content-Encoding").unwrap_or_default().to_lowercase();
    for coding in codings.rsplit(',') {
        body = decoded(body, coding.trim(), budget)?;
    }
    Ok(Some((told, body)))
}

/// What servers call what is read beside the media types in the table of formats, and what that calls it. Of XML it
/// has to be seen whether it is a feed, and of what is of no stated kind what it is.
const SERVED: &[(&str, &str)] = &[
    ("application/xhtml+xml", "text/html"),
    ("application/atom+xml", "application/rss+xml"),
    ("application/rdf+xml", "application/rss+xml"),
    ("application/xml", "application/xml"),
    ("text/xml", "application/xml"),
    ("application/x-pdf", "application/pdf"),
    ("application/octet-stream", "application/x-data"),
    ("", "application/x-data"),
];

/// The media type in the value of a `Content-Type` in lower case, as the table of formats has it; none if files of it
/// are not read.
fn served(stated: &str) -> Option<String> {
    let stated = stated.split(';').next().unwrap_or_default().trim();
    let known = SERVED.iter().find(|(name, _)| *name == stated).map(|(_, known)| *known);
    let read = || Format::declared(stated).filter(|format| format.refusal().is_none()).map(|_| stated);
    known.or_else(read).map(str::to_owned)
}

/// The chunks of a body one behind the other, as far as they go; the body itself if it is in no chunks, for crawlers
/// may join them and leave the header as it came.
fn joined(body: Vec<u8>) -> Vec<u8> {
    let (mut whole, mut rest) = (Vec::with_capacity(body.len()), &body[..]);
    while let Some(end) = rest.iter().take(HEADER as usize).position(|byte| *byte == b'\n') {
        let size = rest[..end].split(|byte| *byte == b';').next().map(<[u8]>::trim_ascii);
        let size = size.and_then(|size| usize::from_str_radix(str::from_utf8(size).ok()?, 16).ok());
        let Some(size) = size else { break };
        let (chunk, behind) = rest[end + 1..].split_at(size.min(rest.len() - end - 1));
        whole.extend_from_slice(chunk);
        if size == 0 {
            return whole;
        }
        rest = behind.strip_prefix(b"\r\n").or(behind.strip_prefix(b"\n")).unwrap_or(behind);
    }
    if rest.len() == body.len() { body } else { whole }
}

/// A body before it was packed. Text is not packed: crawlers may unpack it and leave the header as it came.
fn decoded(body: Vec<u8>, coding: &str, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    if ["", "identity"].contains(&coding) || str::from_utf8(&body).is_ok_and(is_text) {
        return Ok(body);
    }
    let packed = &body[..];
    match coding {
        "gzip" | "x-gzip" if packed.starts_with(&[0x1F, 0x8B]) => {
            budget.read(&mut MultiGzDecoder::new(packed))
        }
        "gzip" | "x-gzip" => Ok(body),
        // Some servers leave out the frame that the name stands for
        // (<https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2>).
        "deflate" if packed[0] & 0xF == 8 => budget.read(&mut ZlibDecoder::new(packed)),
        "deflate" => budget.read(&mut DeflateDecoder::new(packed)),
        "br" => budget.read(&mut Brotli::new(packed, 4096)),
        "zstd" => budget.read(&mut Zstd::with_buffer(packed).map_err(|error| trouble(&error))?),
        _ => Err(("unsupported_format", format!("it is packed by `{coding}`, which is not read"))),
    }
}

fn broken(why: &str) -> Trouble {
    ("broken", format!("the record is broken: {why}"))
}
