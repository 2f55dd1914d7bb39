//! Text and markup, and how to tell by its beginning what a text is.

use claimline_model::Problem;
use claimline_stage::Decoded;

use super::Piece;
use crate::charset;
use crate::fields::{HTML, Known, MARKDOWN, PLAIN};

/// Plain text, whose header lines, paragraphs and list items are found.
pub(super) fn plain(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    read(piece, PLAIN)
}

/// The same of Markdown.
pub(super) fn markdown(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    read(piece, MARKDOWN)
}

/// A web page, whose markup is left as it is: `clean` reads it.
pub(super) fn page(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    read(piece, HTML)
}

fn read(piece: Piece<'_>, media_type: &'static str) -> Result<Decoded, Box<Problem>> {
    let bytes = &piece.bytes;
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let wide = marked || piece.charset.is_some_and(charset::is_wide);
    if !wide && bytes.contains(&0) {
        return Err(piece.lost("unsupported_format", "this is not text, for it holds NUL bytes"));
    }
    let (text, lossy) = match media_type {
        HTML => charset::decode_page(piece.bytes, piece.charset),
        _ => charset::decode_as(piece.bytes, piece.charset),
    };
    piece.maker.make(&piece.origin, media_type, Known { text: Some(text), ..Known::default() }, lossy)
}

/// Whether it is a web page, whatever its name. One may begin with an XML declaration, a comment and a document
/// type.
pub(super) fn begins_page(head: &[u8]) -> bool {
    let begins = |begin: &[u8]| {
        let start = head.trim_ascii_start();
        start.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin))
    };
    begins(b"<!doctype html") || root(head).is_some_and(|root| root.eq_ignore_ascii_case("html"))
}

/// The name of the first element, without its namespace, of what begins with markup.
pub(super) fn root(head: &[u8]) -> Option<&str> {
    let mut rest = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    while let Some(inner) = rest.strip_prefix(b"<") {
        let end: &[u8] = match inner {
            [b'!', b'-', b'-', ..] => b"-->",
            [b'?', ..] => b"?>",
            [b'!', ..] => b">",
            _ => {
                let name = inner.split(|byte| b"> \t\r\n/".contains(byte)).next()?;
                let name = std::str::from_utf8(name).ok()?;
                return Some(name.rsplit(':').next().unwrap_or(name));
            }
        };
        let at = inner.windows(end.len()).position(|window| window == end)?;
        rest = inner[at + end.len()..].trim_ascii_start();
    }
    None
}

/// Whether it is packed in a way that is not read: 7z, rar, xz.
pub(super) fn begins_packed(head: &[u8]) -> bool {
    [&b"7z\xBC\xAF\x27\x1C"[..], b"Rar!\x1A\x07", b"\xFD7zXZ\0"].iter().any(|begin| head.starts_with(begin))
}

/// Whether it is a mail: header lines, and among them one that only mails have.
pub(super) fn begins_mail(head: &[u8]) -> bool {
    const OF_MAIL: [&str; 6] =
        ["message-id", "received", "mime-version", "return-path", "delivered-to", "x-mailer"];
    let mut of_mail = false;
    for line in head.split(|byte| *byte == b'\n') {
        match line {
            [] | b"\r" => break,
            [b' ' | b'\t', ..] => {}
            line => match header_name(line) {
                Some(name) => of_mail |= OF_MAIL.iter().any(|one| one.eq_ignore_ascii_case(name)),
                None => return false,
            },
        }
    }
    of_mail
}

/// Whether it is a mailbox: a separating line, and a header line behind it.
pub(super) fn begins_mailbox(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.next().is_some_and(separates) && lines.next().is_some_and(|line| header_name(line).is_some())
}

/// Whether a line of a mailbox stands before a message: `From`, who sent it, and a date with a clock time and a
/// year (<https://www.rfc-editor.org/rfc/rfc4155>).
pub(super) fn separates(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(1);
    let clock = |word: &[u8]| word.contains(&b':') && word.iter().all(|b| b.is_ascii_digit() || *b == b':');
    let year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words.by_ref().any(clock) && words.any(year)
}

/// The name of a header line.
fn header_name(line: &[u8]) -> Option<&str> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&line[..colon]).ok()?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then_some(name)
}
