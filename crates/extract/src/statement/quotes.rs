//! Quotations: where they open and close, within a paragraph.

use std::ops::Range;

use claimline_language::Token;

/// A quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    /// Its tokens in the document, with its marks.
    pub(crate) tokens: Range<usize>,
    /// Whether it has a mark at its end. One that goes on in the next paragraph has none.
    pub(crate) closed: bool,
}

/// Which marks a quotation stands between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// `"`, `“` and `”`, `''`; some texts open with one and close with another.
    Double,
    /// `«` and `»`.
    Guillemet,
    /// `'`, or `‘` and `’`.
    Single,
}

/// The longest quotation between single marks that ends behind a word, not behind a stop: an apostrophe
/// would often be taken for its end.
const MOST_SINGLE: usize = 8;

/// Appends the quotations of a paragraph, which is `range` of the document's tokens.
pub(crate) fn quotes(text: &str, tokens: &[Token], range: Range<usize>, found: &mut Vec<Quote>) {
    let mut open: Option<(usize, Mark)> = None;
    let mut at = range.start;
    let joined =
        |at: usize| range.contains(&at) && at > range.start && tokens[at - 1].end == tokens[at].start;
    while at < range.end {
        let word = tokens[at].text(text);
        let two = word == "'" && joined(at + 1) && tokens[at + 1].text(text) == "'";
        let width = if two { 2 } else { 1 };
        let opens = !joined(at) || at > range.start && is_opening(tokens[at - 1].text(text));
        let opens = opens && joined(at + width);
        let mark = match word {
            "\"" | "''" | "``" | "\u{201C}" => Some((Mark::Double, opens, !opens)),
            "\u{201D}" => Some((Mark::Double, false, true)),
            "\u{AB}" => Some((Mark::Guillemet, true, false)),
            "\u{BB}" => Some((Mark::Guillemet, false, true)),
            "'" if two => Some((Mark::Double, opens, !opens)),
            "\u{2018}" => Some((Mark::Single, true, false)),
            "'" | "\u{2019}" => Some((Mark::Single, opens && word == "'", !joined(at + 1))),
            _ => None,
        };
        let Some((mark, opens, closes)) = mark else {
            at += 1;
            continue;
        };
        match open {
            None if opens => open = Some((at, mark)),
            Some((start, known)) if known == mark && closes && ends(text, tokens, start, at, mark) => {
                found.push(Quote { tokens: start..at + width, closed: true });
                open = None;
            }
            // The one before was never closed.
            Some((start, known)) if known == mark && opens && mark != Mark::Single => {
                found.push(Quote { tokens: start..at, closed: false });
                open = Some((at, mark));
            }
            // What looked like a single mark was an apostrophe.
            Some((_, Mark::Single)) if opens && mark != Mark::Single => open = Some((at, mark)),
            _ => {}
        }
        at += width;
    }
    if let Some((start, _)) = open.filter(|(_, mark)| *mark != Mark::Single) {
        found.push(Quote { tokens: start..range.end, closed: false });
    }
}

/// Whether a quotation that began at `start` ends at `at`, where a mark stands that closes.
fn ends(text: &str, tokens: &[Token], start: usize, at: usize, mark: Mark) -> bool {
    let stop = matches!(tokens[at - 1].text(text), "." | "," | "?" | "!" | "\u{2026}" | "...");
    mark != Mark::Single || stop || at - start <= MOST_SINGLE
}

fn is_opening(text: &str) -> bool {
    matches!(text, "(" | "[" | "-" | "--" | "\u{2013}" | "\u{2014}" | ":" | "'" | "\u{2018}")
}
