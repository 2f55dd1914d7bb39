//! What is left of a page around its article: the title once more, lists of links, sections that lead to other
//! pages. A block of that sort gets its kind here, for which `furniture` drops it.

use std::sync::LazyLock;

use claimline_model::BlockKind;

use super::blocks::Part;

/// Headings with nothing but headings between them are headlines of other pages from so many on; fewer are a
/// section and its first part.
const HEADLINES: usize = 3;
/// The share of a block that must be links for it to lead elsewhere.
const LINKED: f64 = 0.9;
/// A block of so many bytes that ends as a sentence does is prose, even below a heading that leads elsewhere.
const PROSE: usize = 80;
/// What leads elsewhere says so, and at most so many words more: "Related articles from the archive".
const WORDS: usize = 4;

static LEADS: LazyLock<Vec<&str>> =
    LazyLock::new(|| claimline_language::rows(include_str!("leads.tsv")).map(|[words]| words).collect());

/// Gives the blocks around the article their kinds.
pub(super) fn mark(parts: &mut [Part]) {
    let is_prose =
        |part: &Part| part.kind != BlockKind::Heading && !is_links(part) && part.kind != BlockKind::Caption;
    let first = parts.iter().position(is_prose).unwrap_or(parts.len());
    let last = parts.iter().rposition(is_prose).map_or(0, |last| last + 1);
    let leading = parts[..first].iter().filter(|part| part.kind == BlockKind::Heading && !part.title).count();
    for part in &mut parts[..first] {
        match part.kind {
            BlockKind::Heading if part.title => part.kind = BlockKind::Title,
            BlockKind::Heading if leading >= HEADLINES => part.kind = BlockKind::Teaser,
            _ => {}
        }
    }
    for part in &mut parts[last..] {
        if part.kind == BlockKind::Heading || is_links(part) {
            part.kind = BlockKind::Teaser;
        }
    }
    let mut at = first;
    while at < last {
        let run = |of: fn(&Part) -> bool| parts[at..last].iter().take_while(|part| of(part)).count();
        let (headings, links) = (run(|part| part.kind == BlockKind::Heading), run(is_links));
        let teasers = match parts[at].kind {
            BlockKind::Heading if leads_elsewhere(&parts[at].text) => {
                let below = parts[at + 1..last].iter();
                1 + below.take_while(|part| part.kind != BlockKind::Heading && !is_sentence(part)).count()
            }
            BlockKind::Heading if headings >= HEADLINES => headings,
            _ if links > 1 => links,
            BlockKind::Paragraph if leads_elsewhere(&parts[at].text) => 1,
            _ => 0,
        };
        for part in &mut parts[at..at + teasers] {
            part.kind = BlockKind::Teaser;
        }
        at += teasers.max(1);
    }
}

/// Whether a block is a link, or links, and next to nothing else.
fn is_links(part: &Part) -> bool {
    let settled = matches!(part.kind, BlockKind::Paragraph | BlockKind::ListItem);
    settled && part.linked as f64 >= LINKED * part.text.len() as f64
}

/// Whether a block reads as prose does.
fn is_sentence(part: &Part) -> bool {
    part.text.len() >= PROSE && part.text.ends_with(['.', '!', '?', '\u{201d}', '"'])
}

fn leads_elsewhere(text: &str) -> bool {
    let text = text.to_lowercase();
    LEADS.iter().any(|words| {
        let rest = text.strip_prefix(words).filter(|rest| !rest.starts_with(char::is_alphanumeric));
        // Behind a colon stands the title of what it leads to.
        rest.is_some_and(|rest| rest.starts_with(':') || rest.split_whitespace().count() <= WORDS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of `kind text`, a link as `a text`, the page's heading as `h1 text`.
    fn kinds(lines: &[&str]) -> Vec<&'static str> {
        let part = |line: &&str| {
            let (tag, text) = line.split_once(' ').unwrap();
            let kind = match tag {
                "h1" | "h2" => BlockKind::Heading,
                "li" => BlockKind::ListItem,
                _ => BlockKind::Paragraph,
            };
            let linked = if tag == "a" { text.len() } else { 0 };
            Part { kind, text: text.to_owned(), linked, title: tag == "h1" }
        };
        let mut parts: Vec<_> = lines.iter().map(part).collect();
        mark(&mut parts);
        parts.iter().map(|part| part.kind.as_str()).collect()
    }

    const PROSE: &str = "p The dam above the old town held through the night, and the river fell by two metres \
                         before noon on the next day.";

    #[test]
    fn headings_and_links_that_lead_elsewhere_are_teasers() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["h1 Dam holds", "h2 A long night", PROSE, "h2 Next", "li one gate", PROSE],
                &["title", "heading", "paragraph", "heading", "list_item", "paragraph"],
            ),
            (
                &[PROSE, "h2 Related articles", "li Bridge shut", PROSE, "h2 Bridge shut", "a Ferry late"],
                &["paragraph", "teaser", "teaser", "paragraph", "teaser", "teaser"],
            ),
            (
                &[PROSE, "h2 Bridge shut", "h2 Ferry late", "h2 Road flooded", PROSE],
                &["paragraph", "teaser", "teaser", "teaser", "paragraph"],
            ),
            // Two headings are a chapter and its first part, one link is a word of the text.
            (
                &[PROSE, "h2 The river", "h2 The night", PROSE, "a the report", PROSE],
                &["paragraph", "heading", "heading", "paragraph", "paragraph", "paragraph"],
            ),
            (
                &[
                    PROSE,
                    "a Bridge shut",
                    "a Ferry late",
                    PROSE,
                    "p Read more: Ferry late and long queues at the old port",
                ],
                &["paragraph", "teaser", "teaser", "paragraph", "teaser"],
            ),
            (
                &[PROSE, "p Related companies of the firm paid for the works on the dam."],
                &["paragraph", "paragraph"],
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(kinds(lines), *expected, "{lines:?}");
        }
    }

    #[test]
    fn words_that_lead_elsewhere_are_sorted() {
        assert!(LEADS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
