//! What a text says of itself before it begins: header lines, a dateline, Markdown's front matter.

use claimline_model::{BlockKind, PublishedBasis};
use jiff::civil::Date;

use crate::blocks::Part;
use crate::dates::{Formats, leading};

/// What was found at the start of a text.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Header {
    /// The header's lines as blocks.
    pub(crate) parts: Vec<Part>,
    /// Where the text itself begins.
    pub(crate) end: usize,
    pub(crate) published: Option<(Date, PublishedBasis)>,
    /// A date that no format reads.
    pub(crate) unreadable: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Published,
    Title,
    Author,
    Publisher,
    Url,
}

/// The words that begin a header line, and whether they may do without a colon.
const KEYS: &[(&str, Key, bool)] = &[
    ("date", Key::Published, true),
    ("published", Key::Published, true),
    ("title", Key::Title, false),
    ("headline", Key::Title, false),
    ("author", Key::Author, false),
    ("byline", Key::Author, false),
    ("by", Key::Author, true),
    ("source", Key::Publisher, false),
    ("publisher", Key::Publisher, false),
    ("url", Key::Url, false),
    ("link", Key::Url, false),
];

/// A header has at most so many lines, and none longer than this: what is longer is prose.
const LINES: usize = 12;
const LINE: usize = 300;

/// Reads the start of `text`.
pub(crate) fn read(text: &str, formats: &Formats, markdown: bool) -> Header {
    let mut header = Header::default();
    if markdown {
        header.front_matter(text, formats);
    }
    let mut at = header.end;
    for line in text[header.end..].split_inclusive('\n').take(LINES) {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let body = line.trim();
        if body.is_empty() {
            continue;
        }
        if let Some(title) = body.strip_prefix("# ").filter(|_| markdown && header.parts.iter().all(is_other))
        {
            let title = title.trim_end_matches('#').trim();
            let begin = start + body.find(title).unwrap_or(0);
            header.parts.push(Part { kind: BlockKind::Title, bytes: begin..begin + title.len() });
            header.title.get_or_insert_with(|| title.to_owned());
            header.end = start + body.len();
            continue;
        }
        let Some((kind, len)) = header.line(body, formats) else { break };
        header.parts.push(Part { kind, bytes: start..start + len });
        header.end = start + len;
        if len < body.len() {
            break;
        }
    }
    if header.published.is_none() {
        header.published = dated(&text[header.end..]);
    }
    header
}

impl Header {
    /// YAML between two lines of `---`, of which the plain `key: value` lines are understood.
    fn front_matter(&mut self, text: &str, formats: &Formats) {
        let mut lines = text.split_inclusive('\n');
        if lines.next().map(str::trim_end) != Some("---") {
            return;
        }
        let mut at = text.find('\n').map_or(text.len(), |at| at + 1);
        let begin = at;
        for line in lines {
            if matches!(line.trim_end(), "---" | "...") {
                for line in text[begin..at].lines() {
                    self.line(line.trim(), formats);
                }
                self.end = at + line.trim_end().len();
                self.parts.push(Part { kind: BlockKind::Other, bytes: 0..self.end });
                return;
            }
            at += line.len();
        }
    }

    /// Takes in a header line: what kind of block it is, and how many of its bytes belong to it,
    /// since a date may be followed by the text on the same line.
    fn line(&mut self, line: &str, formats: &Formats) -> Option<(BlockKind, usize)> {
        let word = line.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(line.len());
        let (_, key, bare) = KEYS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&line[..word]))?;
        let rest = &line[word..];
        let (value, colon) = match rest.trim_start().strip_prefix(':') {
            Some(value) => (value.trim(), true),
            None if *bare && rest.starts_with(' ') => (rest.trim(), false),
            None => return None,
        };
        let all = (BlockKind::Other, line.len());
        let value_start = line.len() - value.len();
        if *key == Key::Published {
            let whole = formats.day(unquoted(value)).map(|date| (date, value.len()));
            if let Some((date, len)) = whole.or_else(|| leading(value)) {
                self.published.get_or_insert((date, PublishedBasis::Metadata));
                // Behind the date stands a clock time, or the text itself.
                let text = value[len..].contains(char::is_alphabetic);
                return Some((BlockKind::Other, if text { value_start + len } else { line.len() }));
            }
            if !colon || line.len() > LINE || value.is_empty() {
                return None;
            }
            self.unreadable.get_or_insert_with(|| value.to_owned());
            return Some(all);
        }
        let value = unquoted(value);
        if line.len() > LINE || value.is_empty() {
            return None;
        }
        let (slot, kind) = match key {
            Key::Author if !colon && !are_names(value) => return None,
            Key::Author => (&mut self.author, BlockKind::Byline),
            Key::Url if value.contains(' ') => return None,
            Key::Url => (&mut self.url, BlockKind::Other),
            Key::Title => (&mut self.title, BlockKind::Other),
            Key::Publisher | Key::Published => (&mut self.publisher, BlockKind::Other),
        };
        slot.get_or_insert_with(|| value.to_owned());
        Some((kind, line.len()))
    }
}

fn unquoted(value: &str) -> &str {
    let inner = |mark| value.strip_prefix(mark).and_then(|v: &str| v.strip_suffix(mark));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Whether a line behind "By" is nothing but names: two to eight words, each beginning with a
/// capital, and no full stop.
fn are_names(line: &str) -> bool {
    let name = |word: &str| {
        matches!(word, "and" | "&" | "de" | "van" | "von" | "bin" | "al")
            || word.starts_with(char::is_uppercase)
    };
    (2..=8).contains(&line.split_whitespace().count())
        && !line.ends_with('.')
        && line.split_whitespace().all(name)
}

fn is_other(part: &Part) -> bool {
    part.kind == BlockKind::Other
}

/// The date of one of the first paragraphs, if it has a dateline ("ASTANA, June 17, 2025 (Agency) -")
/// or is a date and nothing else. Neither is taken out of the text.
pub(crate) fn dated(text: &str) -> Option<(Date, PublishedBasis)> {
    /// The date may stand below a title and a summary.
    const PARAGRAPHS: usize = 3;
    claimline_stage::paragraphs(text).take(PARAGRAPHS).find_map(|range| {
        let paragraph = &text[range];
        let alone = paragraph.trim_matches(['*', '_', '.']);
        match leading(alone).filter(|(_, len)| *len == alone.len()) {
            Some((date, _)) => Some((date, PublishedBasis::Metadata)),
            None => dateline(paragraph).map(|date| (date, PublishedBasis::Dateline)),
        }
    })
}

/// The date of a dateline: a place, a comma, a full date, perhaps the agency in brackets, a dash.
fn dateline(paragraph: &str) -> Option<Date> {
    /// The longest place: "SAN FRANCISCO, California (Agency)".
    const PLACE: usize = 60;
    for (comma, _) in paragraph.match_indices(',').take_while(|(at, _)| *at <= PLACE) {
        let rest = paragraph[comma + 1..].trim_start();
        let Some((date, len)) = leading(rest) else { continue };
        let place = paragraph[..comma].split_whitespace();
        let named = place.clone().all(|word| word.trim_start_matches('(').starts_with(char::is_uppercase));
        let mut behind = rest[len..].trim_start();
        if let Some((_, rest)) = behind.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            behind = rest.trim_start();
        }
        let dash = behind.starts_with(['-', '\u{2013}', '\u{2014}']);
        return (named && dash && place.count() > 0).then_some(date);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header as `key=value` lines, and the text behind it.
    fn check(text: &str, expected: &[&str], body: &str) {
        let header = read(text, &Formats::default(), text.starts_with(['-', '#']));
        let mut found = Vec::new();
        if let Some((date, basis)) = header.published {
            found.push(format!("{}={date}", basis.as_str()));
        }
        let fields = [
            ("unreadable", header.unreadable),
            ("title", header.title),
            ("author", header.author),
            ("publisher", header.publisher),
            ("url", header.url),
        ];
        found.extend(fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))));
        assert_eq!(found, expected, "{text:?}");
        assert_eq!(text[header.end..].trim(), body, "{text:?}");
    }

    #[test]
    fn header_lines_are_told_from_text() {
        check(" date 2025-03-04 Ruritania signs.", &["metadata=2025-03-04"], "Ruritania signs.");
        check("Date: 2025-03-04 10:30\nText.", &["metadata=2025-03-04"], "Text.");
        check("Published: 4 March 2025, 10:30\n\nText.", &["metadata=2025-03-04"], "Text.");
        check("Date: Tue, 04 Mar 2025 10:30:00 +0100\nText.", &["metadata=2025-03-04"], "Text.");
        check(
            "Title: Dam bursts\nBy Ann Lee and Bo Ruiz\nSource: Delta Wire\nURL: https://example.org/a\nText.",
            &[
                "title=Dam bursts",
                "author=Ann Lee and Bo Ruiz",
                "publisher=Delta Wire",
                "url=https://example.org/a",
            ],
            "Text.",
        );
        check("Date: some day\nText.", &["unreadable=some day"], "Text.");
        check(
            "---\ntitle: \"A: b\"\ndate: 2025-03-04\ntags: [x]\n---\n# A",
            &["metadata=2025-03-04", "title=A: b"],
            "",
        );
        check(
            "# Dam bursts #\n\nBy Ann Lee\n\n*4 March 2025*\n\nText.",
            &["metadata=2025-03-04", "title=Dam bursts", "author=Ann Lee"],
            "*4 March 2025*\n\nText.",
        );
        for text in [
            "",
            "Date palms grow here.",
            "Title fights are rare.",
            "By Monday the river had risen.",
            "By Monday",
            "Source code leaked: see below.",
            "Source:",
            "\u{e9}t\u{e9}: x",
        ] {
            check(text, &[], text);
        }
    }

    #[test]
    fn a_dateline_gives_a_date_if_it_has_the_year() {
        for text in [
            "ASTANA, June 17, 2025 (Agency) - Trade grew.",
            "SAN JOS\u{c9}, Costa Rica, 17 June 2025 \u{2014} Trade grew.",
            "Trade grew\n\nGENEVA (Agency), June 17, 2025 -- Trade grew.",
        ] {
            check(text, &["dateline=2025-06-17"], text);
        }
        for text in [
            "ASTANA, June 17 (Agency) - Trade grew.",
            "The summit in Astana, June 17, 2025 - a Tuesday - was short.",
            "On Tuesday, June 17, 2025, trade grew.",
        ] {
            check(text, &[], text);
        }
        check(
            "Tuesday, June 17, 2025\n\nTrade grew.",
            &["metadata=2025-06-17"],
            "Tuesday, June 17, 2025\n\nTrade grew.",
        );
    }
}
