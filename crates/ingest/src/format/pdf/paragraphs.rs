//! Text from lines: running heads apart, rows of tables and paragraphs put together, words whole again that a
//! line end parted.

use std::collections::{HashMap, HashSet};

use claimline_model::BlockKind;
use unicode_normalization::UnicodeNormalization;

use super::lines::{Line, Page};
use crate::blocks::{Composed, bullet};

/// So many lines at the top and at the bottom of a page may be running heads.
const EDGE: usize = 3;
/// A heading is larger than the text by so much, and has not more characters than this.
const LARGER: f64 = 1.12;
const HEADING: usize = 250;
/// A gap of so many times the usual one parts paragraphs.
pub(super) const APART: f64 = 1.3;
/// A first line is set in by so much of its characters' size.
const INDENT: f64 = 0.8;
/// A line that ends so much before the widest, by the size of its characters, was not full.
const SHORT: f64 = 3.0;

/// A block that may go on.
struct Block {
    kind: BlockKind,
    text: String,
    size: f64,
    page: usize,
}

/// The text of pages, and what is written largest on the first: the title, if anything is.
pub(super) fn compose(mut pages: Vec<Page>) -> (Composed, Option<String>) {
    for line in pages.iter_mut().flatten() {
        line.text = normalised(&line.text);
    }
    let body = usual(pages.iter().flatten().map(|line| (line.size, line.text.len())));
    let heads = running_heads(&pages);
    let words: HashSet<String> = pages.iter().flatten().flat_map(|line| hyphenated(&line.text)).collect();

    let mut blocks: Vec<Block> = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let edges = edges(page);
        let is_head =
            |i: usize| edges.contains(&i) && (heads.contains(&place(&page[i])) || is_number(&page[i].text));
        let pitch =
            usual(page.windows(2).map(|pair| (pair[0].y - pair[1].y, 1)).filter(|(gap, _)| *gap > 0.0));
        let margins: Vec<(f64, f64)> = page
            .chunk_by(|a, b| a.column == b.column)
            .flat_map(|column| {
                let text = column.iter().filter(|line| line.size <= body * LARGER);
                let left = usual(text.map(|line| (line.start, 1)));
                let right = column.iter().map(|line| line.end).fold(0.0, f64::max);
                std::iter::repeat_n((left, right), column.len())
            })
            .collect();
        // The line above, of the text.
        let mut above: Option<&Line> = None;
        for (i, line) in page.iter().enumerate() {
            if is_head(i) {
                blocks.push(block(BlockKind::Other, line, number));
                continue;
            }
            let (left, right) = margins[i];
            let row = line.text.contains('\t');
            let heading = line.size > body * LARGER && line.text.chars().count() <= HEADING;
            let item = bullet(&line.text);
            let leader = LEADERS.iter().any(|leader| line.text.contains(leader));
            let kind = match (row, heading, item) {
                _ if leader => BlockKind::Navigation,
                (true, ..) => BlockKind::TableRow,
                (_, true, _) => BlockKind::Heading,
                (.., Some(_)) => BlockKind::ListItem,
                _ => BlockKind::Paragraph,
            };
            let open = blocks.iter_mut().rev().find(|block| block.kind != BlockKind::Other);
            let goes_on = open.filter(|open| match above {
                _ if row || leader || item.is_some() => false,
                // Of the text, what went over the page's end.
                None => {
                    let text = kind == BlockKind::Paragraph
                        && matches!(open.kind, BlockKind::Paragraph | BlockKind::ListItem);
                    text && open.page + 1 == number && runs_on(&open.text, &line.text)
                }
                Some(above) => {
                    let same = (open.size - line.size).abs() <= 0.1 * body.max(line.size);
                    let gap = above.y - line.y;
                    let indent =
                        line.start - left > INDENT * line.size && above.start - left < INDENT * line.size;
                    let full = above.end > right - SHORT * line.size || above.end - above.start < 0.0;
                    let next_column = gap <= 0.0 && runs_on(&open.text, &line.text);
                    let inside = gap > 0.0
                        && gap <= APART * pitch.max(line.size)
                        && (full || !ends(&open.text))
                        && !(indent && ends(&open.text) && open.kind == BlockKind::Paragraph);
                    let fits =
                        kind == open.kind || (open.kind, kind) == (BlockKind::ListItem, BlockKind::Paragraph);
                    same && fits && open.page == number && (inside || next_column)
                }
            });
            match goes_on {
                Some(open) => {
                    join(&mut open.text, &line.text, &words);
                    open.page = number;
                }
                None => blocks.push(block(kind, line, number)),
            }
            above = Some(line);
        }
    }
    let headings = blocks.iter().filter(|block| block.kind == BlockKind::Heading && block.page == 0);
    let largest = headings.reduce(|first, next| if next.size > first.size { next } else { first });
    let title = largest.map(|block| block.text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut composed = Composed::default();
    for Block { kind, text, .. } in blocks {
        let text = match kind {
            BlockKind::TableRow => text.split('\t').map(str::trim).collect::<Vec<_>>().join(" | "),
            _ => text.replace('\t', " "),
        };
        let marker = bullet(&text).filter(|_| kind == BlockKind::ListItem).unwrap_or(0);
        composed.push(kind, &text[marker..]);
    }
    (composed, title)
}

fn block(kind: BlockKind, line: &Line, page: usize) -> Block {
    Block { kind, text: line.text.clone(), size: line.size, page }
}

/// NFKC, so that ligatures are letters; but fractions and raised figures stay what they are, for 2½ is not 21/2.
fn normalised(text: &str) -> String {
    let kept = |c: char| matches!(c, '¼'..='¾' | '²' | '³' | '¹' | '\u{2070}'..='\u{209c}' | '⅐'..='⅞');
    let mut out = String::with_capacity(text.len());
    for stretch in text.split_inclusive(kept) {
        let last = stretch.chars().next_back().filter(|c| kept(*c));
        let plain = &stretch[..stretch.len() - last.map_or(0, char::len_utf8)];
        out.extend(plain.nfkc());
        out.extend(last);
    }
    out
}

/// What most weigh, of lengths with weights; alike are those that differ by less than half a unit.
fn usual(lengths: impl Iterator<Item = (f64, usize)>) -> f64 {
    let mut weights: HashMap<i64, usize> = HashMap::new();
    for (length, weight) in lengths {
        *weights.entry((length * 2.0).round() as i64).or_default() += weight;
    }
    weights
        .into_iter()
        .max_by_key(|(length, weight)| (*weight, -*length))
        .map_or(0.0, |(l, _)| l as f64 / 2.0)
}

/// The places of the lines at the top and the bottom of a page.
fn edges(page: &Page) -> Vec<usize> {
    let mut order: Vec<usize> = (0..page.len()).collect();
    order.sort_by(|a, b| page[*b].y.total_cmp(&page[*a].y));
    let bottom = order.len().saturating_sub(EDGE).max(EDGE.min(order.len()));
    [&order[..EDGE.min(order.len())], &order[bottom..]].concat()
}

/// What leads from an entry of a table of contents to its page.
const LEADERS: [&str; 2] = [". . . .", "....."];

/// What is left of a line when its numbers may be any: `Page 3` and `Page 4` are of a shape.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c.is_ascii_digit() {
            true if shape.ends_with('0') => {}
            true => shape.push('0'),
            false => shape.extend(c.to_lowercase()),
        }
    }
    shape
}

/// What makes lines at the edges of two pages the same: their shape, height and size.
type Place = (String, i64, i64);

fn place(line: &Line) -> Place {
    (shape(&line.text), (line.y / 4.0).round() as i64, line.size.round() as i64)
}

/// What stands at the edge of more than one page.
fn running_heads(pages: &[Page]) -> HashSet<Place> {
    let mut times: HashMap<Place, usize> = HashMap::new();
    for page in pages {
        let places: HashSet<Place> = edges(page).into_iter().map(|i| place(&page[i])).collect();
        let worded = places.into_iter().filter(|(shape, ..)| shape.contains(char::is_alphabetic));
        worded.for_each(|place| *times.entry(place).or_default() += 1);
    }
    times.into_iter().filter(|(_, times)| *times > 1).map(|(place, _)| place).collect()
}

/// Whether a line is a page's number: `12`, `- 12 -`, `Page 3 of 10`, `3/10`.
fn is_number(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut digits = 0;
    for word in words {
        match word.to_lowercase().as_str() {
            "page" | "of" | "p" => {}
            word if word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit()) => digits += 1,
            _ => return false,
        }
    }
    (1..=2).contains(&digits)
}

/// Whether a text ends where a sentence may.
fn ends(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']).ends_with(['.', '!', '?', ':', ';', '…'])
}

/// Whether a sentence goes on behind the end of a page or a column.
fn runs_on(text: &str, next: &str) -> bool {
    let begins = next.chars().find(|c| c.is_alphanumeric());
    !ends(text) && begins.is_some_and(|c| c.is_lowercase() || c.is_numeric() || text.ends_with(['-', ',']))
}

const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];

/// The words of a line with a hyphen inside, in lower case.
fn hyphenated(line: &str) -> impl Iterator<Item = String> + '_ {
    let words = line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.contains(HYPHENS)).map(str::to_lowercase)
}

/// Adds a line. A hyphen at the end of the line before is one of the line's, unless what is behind it begins with
/// a capital or a figure, or the text has the word with its hyphen elsewhere.
fn join(text: &mut String, line: &str, words: &HashSet<String>) {
    let parted = text.strip_suffix(HYPHENS).filter(|word| word.ends_with(char::is_alphanumeric));
    let Some(parted) = parted else {
        text.push(' ');
        text.push_str(line);
        return;
    };
    let first = parted.split_whitespace().next_back().unwrap_or_default();
    let second = line.split_whitespace().next().unwrap_or_default();
    let second = second.trim_end_matches(|c: char| !c.is_alphanumeric());
    let whole =
        format!("{}-{second}", first.trim_start_matches(|c: char| !c.is_alphanumeric())).to_lowercase();
    let letters = parted.ends_with(char::is_alphabetic) && line.starts_with(char::is_lowercase);
    if letters && !words.contains(&whole) {
        text.truncate(parted.len());
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line at a place, of a size.
    fn line(text: &str, start: f64, y: f64, size: f64) -> Line {
        Line {
            text: text.to_owned(),
            start,
            end: start + text.len() as f64 * size / 2.0,
            y,
            size,
            ..Line::default()
        }
    }

    /// Lines of a page, from its top, 12 apart and of size 10, those with a blank line between further.
    fn page(lines: &[&str]) -> Page {
        let mut y = 800.0;
        let mut page = Page::new();
        for text in lines {
            y -= 12.0;
            if !text.is_empty() {
                let indent = text.len() - text.trim_start().len();
                page.push(line(text.trim_start(), 50.0 + indent as f64 * 5.0, y, 10.0));
            }
        }
        page
    }

    fn check(pages: Vec<Page>, expected: &[(&str, &str)]) {
        let (Composed { text, parts }, _) = compose(pages);
        let found: Vec<_> =
            parts.iter().map(|part| (part.kind.as_str(), &text[part.bytes.clone()])).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_are_paragraphs_again() {
        check(
            vec![page(&[
                "The harbour of Velmar han\u{ad}",
                "dled 4.2 million con-",
                "tainers, a long-",
                "term record, as well-known",
                "firms say. A long-term plan",
                "follows.",
                "   It costs \u{fb01}fty million.",
                "More is to come next year, in",
                "the plan's second part.",
                "",
                "- one",
                "- two, which is longer and",
                "  goes on",
            ])],
            &[
                (
                    "paragraph",
                    "The harbour of Velmar handled 4.2 million containers, a long-term record, as well-known firms \
                     say. A long-term plan follows.",
                ),
                (
                    "paragraph",
                    "It costs fifty million. More is to come next year, in the plan's second part.",
                ),
                ("list_item", "one"),
                ("list_item", "two, which is longer and goes on"),
            ],
        );
    }

    #[test]
    fn running_heads_and_page_numbers_are_no_text() {
        let pages = [
            ["Annual report 2024", "", "Trade through the port of Velmar grew again, to the most", "", "3"],
            ["Annual report 2024", "", "containers that it ever had.", "", "4"],
        ];
        check(
            pages.iter().map(|lines| page(lines)).collect(),
            &[
                ("other", "Annual report 2024"),
                (
                    "paragraph",
                    "Trade through the port of Velmar grew again, to the most containers that it ever had.",
                ),
                ("other", "3"),
                ("other", "Annual report 2024"),
                ("other", "4"),
            ],
        );
        for number in ["12", "- 12 -", "Page 3 of 10", "3/10", "p. 7"] {
            assert!(is_number(number), "{number}");
        }
        for text in ["", "2,400 tonnes", "12345", "1 2 3", "Page"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn large_lines_are_headings_and_gaps_part_columns() {
        let mut page = page(&["", "", "", "Trade grew.", "", "Port\tTonnes", "Velmar\t4,200"]);
        page.insert(0, line("The year", 50.0, 790.0, 18.0));
        page.insert(1, line("of the port", 50.0, 770.0, 18.0));
        assert_eq!(compose(vec![page.clone()]).1.as_deref(), Some("The year of the port"));
        check(
            vec![page],
            &[
                ("heading", "The year of the port"),
                ("paragraph", "Trade grew."),
                ("table_row", "Port | Tonnes"),
                ("table_row", "Velmar | 4,200"),
            ],
        );
    }

    #[test]
    fn fractions_stay_what_they_are() {
        assert_eq!(normalised("2\u{bd} m\u{b2} of \u{fb02}oor \u{ff04}5"), "2\u{bd} m\u{b2} of floor $5");
    }
}
