//! Text as blocks: paragraphs and list items of plain text, and the block syntax of Markdown.

use std::ops::Range;

use claimline_model::{Block, BlockKind, Offsets, Str};
use claimline_stage::paragraphs;

/// A block's place in the text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) kind: BlockKind,
    pub(crate) bytes: Range<usize>,
}

/// A text that is put together of blocks, which stand apart by a blank line.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
}

impl Composed {
    /// Adds a block without the white space around it, if anything is left.
    pub(crate) fn push(&mut self, kind: BlockKind, block: &str) {
        let block = block.trim();
        if block.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        self.text.push_str(block);
        self.parts.push(Part { kind, bytes: start..self.text.len() });
    }
}

/// An indent of so many columns begins a paragraph, where other lines have less: newswire's habit.
const INDENT: usize = 3;
/// No hard-wrapped text has lines as long as this; where most of a text stands in such lines, each
/// line is a paragraph.
const UNWRAPPED: usize = 120;

/// The rows of the table for parts of `text`.
pub(crate) fn rows(doc_id: &Str, text: &str, parts: &[Part]) -> Vec<Block> {
    let offsets = Offsets::new(text);
    let row = |(ordinal, part): (usize, &Part)| {
        let span = offsets.span(part.bytes.clone());
        Block {
            doc_id: doc_id.clone(),
            ordinal: ordinal as u32,
            block_kind: part.kind,
            text: Str::new(&text[part.bytes.clone()]),
            kept: true,
            reason: None,
            char_start: Some(span.start),
            char_end: Some(span.end),
        }
    };
    parts.iter().enumerate().map(row).collect()
}

/// Adds the paragraphs and list items of plain text, from byte `from` on.
pub(crate) fn plain(text: &str, from: usize, parts: &mut Vec<Part>) {
    let unwrapped = is_unwrapped(&text[from..]);
    for paragraph in paragraphs(&text[from..]) {
        let paragraph = from + paragraph.start..from + paragraph.end;
        if !text[paragraph.clone()].contains('\n') {
            push_plain(text, paragraph, parts);
            continue;
        }
        let first = text[from..paragraph.start].rfind('\n').map_or(from, |at| from + at + 1);
        let block = &text[first..paragraph.end];
        let (mut least, mut bullets) = (usize::MAX, 0);
        for line in block.split('\n') {
            least = least.min(indent(line));
            bullets += usize::from(bullet(line).is_some());
        }
        // One line that happens to begin with a dash is no list.
        let list = bullets > 1 || bullet(block).is_some();
        let (mut at, mut open) = (first, paragraph.start);
        for line in block.split_inclusive('\n') {
            let deep = indent(line);
            let begins = unwrapped || (deep >= INDENT && deep > least) || (list && bullet(line).is_some());
            if begins && at > open {
                push_plain(text, open..at, parts);
                open = at;
            }
            at += line.len();
        }
        push_plain(text, open..paragraph.end, parts);
    }
}

fn push_plain(text: &str, bytes: Range<usize>, parts: &mut Vec<Part>) {
    let (kind, skip) = match bullet(&text[bytes.clone()]) {
        Some(marker) => (BlockKind::ListItem, marker),
        None => (BlockKind::Paragraph, 0),
    };
    push(text, kind, bytes.start + skip..bytes.end, parts);
}

/// Adds a part without the white space around it, if anything is left.
fn push(text: &str, kind: BlockKind, bytes: Range<usize>, parts: &mut Vec<Part>) {
    let inner = &text[bytes.clone()];
    let start = bytes.start + (inner.len() - inner.trim_start().len());
    let end = start + inner.trim().len();
    if start < end {
        parts.push(Part { kind, bytes: start..end });
    }
}

fn is_unwrapped(text: &str) -> bool {
    let long: usize = text.split('\n').map(str::len).filter(|len| *len > UNWRAPPED).sum();
    long * 2 > text.len()
}

/// The columns of white space that a line begins with, a tab for four.
fn indent(line: &str) -> usize {
    let gap = line.bytes().take_while(|b| matches!(b, b' ' | b'\t'));
    gap.map(|b| if b == b'\t' { 4 } else { 1 }).sum()
}

/// The bytes of the marker, white space included, that makes a line a list item: `- `, `* `, `+ `,
/// `• `, `1. `, `1) `.
pub(crate) fn bullet(line: &str) -> Option<usize> {
    let body = line.trim_start_matches([' ', '\t']);
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match digits {
        0 => body.chars().next().filter(|c| matches!(c, '-' | '*' | '+' | '•' | '▪' | '●'))?.len_utf8(),
        1..=3 if body[digits..].starts_with(['.', ')']) => digits + 1,
        _ => return None,
    };
    let rest = &body[marker..];
    let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    (gap > 0).then_some(line.len() - body.len() + marker + gap)
}

/// Adds the blocks of Markdown, from byte `from` on: headings of both kinds, list items, quotes, table
/// rows, pictures (captions), code and link definitions (other), paragraphs.
pub(crate) fn markdown(text: &str, from: usize, parts: &mut Vec<Part>) {
    let mut open: Option<Part> = None;
    let mut fence: Option<(&str, usize)> = None;
    let mut titled = false;
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let body = line.trim();
        if let Some((mark, begun)) = fence {
            if body.starts_with(mark) {
                push(text, BlockKind::Other, begun..end, parts);
                fence = None;
            }
            continue;
        }
        let begin = start + (line.len() - line.trim_start().len());
        let underlined = open.as_ref().is_some_and(|part| part.kind == BlockKind::Paragraph);
        let whole = |kind| Line::Whole(kind, begin..end);
        let line = match body.chars().next() {
            None => Line::Gap,
            Some('`' | '~') if body.starts_with("```") || body.starts_with("~~~") => Line::Fence(&body[..3]),
            Some('#') => match body.trim_start_matches('#') {
                rest if body.len() - rest.len() <= 6
                    && (rest.is_empty() || rest.starts_with([' ', '\t'])) =>
                {
                    let level = body.len() - rest.len();
                    let words = rest.trim_end().trim_end_matches('#');
                    Line::Heading(level, begin + level..begin + level + words.len())
                }
                _ => Line::Text,
            },
            Some('=') if underlined && is_rule(body, '=', 2) => Line::Underline(1),
            Some('-') if underlined && is_rule(body, '-', 2) => Line::Underline(2),
            Some(c @ ('-' | '*' | '_')) if is_rule(body, c, 3) => Line::Gap,
            Some('>') => match &open {
                Some(part) if part.kind == BlockKind::Quote => Line::Text,
                _ => Line::Begin(BlockKind::Quote, begin + 1),
            },
            Some('|') if body.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) => Line::Gap,
            Some('|') => whole(BlockKind::TableRow),
            Some('!') if body.starts_with("![") && body.ends_with(')') => whole(BlockKind::Caption),
            Some('[') if body.contains("]: ") => whole(BlockKind::Other),
            Some('<') if body.ends_with('>') => whole(BlockKind::Other),
            Some(_) => match bullet(&text[begin..end]) {
                Some(marker) => Line::Begin(BlockKind::ListItem, begin + marker),
                None => Line::Text,
            },
        };
        match line {
            Line::Text => match &mut open {
                Some(part) => part.bytes.end = end,
                None => open = Some(Part { kind: BlockKind::Paragraph, bytes: begin..end }),
            },
            Line::Underline(level) => {
                if let Some(part) = open.take() {
                    push(text, heading(level, &mut titled), part.bytes, parts);
                }
            }
            other => {
                if let Some(part) = open.take() {
                    push(text, part.kind, part.bytes, parts);
                }
                match other {
                    Line::Heading(level, bytes) => push(text, heading(level, &mut titled), bytes, parts),
                    Line::Whole(kind, bytes) => push(text, kind, bytes, parts),
                    Line::Begin(kind, begin) => open = Some(Part { kind, bytes: begin..end }),
                    Line::Fence(mark) => fence = Some((mark, start)),
                    Line::Gap | Line::Text | Line::Underline(_) => {}
                }
            }
        }
    }
    if let Some((_, begun)) = fence {
        push(text, BlockKind::Other, begun..text.len(), parts);
    }
    if let Some(part) = open {
        push(text, part.kind, part.bytes, parts);
    }
}

/// What a line of Markdown does to the blocks.
enum Line<'t> {
    /// Goes on with what is open, or begins a paragraph.
    Text,
    /// Ends what is open.
    Gap,
    /// Makes a heading of this level of the open paragraph.
    Underline(usize),
    /// A heading of this level.
    Heading(usize, Range<usize>),
    /// A block of one line.
    Whole(BlockKind, Range<usize>),
    /// Begins a block at this byte.
    Begin(BlockKind, usize),
    /// Begins code.
    Fence(&'t str),
}

/// The first heading of the first level is the document's title.
fn heading(level: usize, titled: &mut bool) -> BlockKind {
    if level == 1 && !std::mem::replace(titled, true) { BlockKind::Title } else { BlockKind::Heading }
}

/// Whether a line is `mark` alone, at least so many times.
fn is_rule(body: &str, mark: char, least: usize) -> bool {
    body.len() >= least && body.chars().all(|c| c == mark || (c == ' ' && least > 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&str, usize, &mut Vec<Part>), text: &str, expected: &[(&str, &str)]) {
        let mut parts = Vec::new();
        read(text, 0, &mut parts);
        let found: Vec<_> = parts.iter().map(|p| (p.kind.as_str(), &text[p.bytes.clone()])).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn plain_text_is_cut_where_its_writer_cut_it() {
        let long = "A line that no terminal ever wrapped, because it runs on and on well past any width that a \
                    typist would have chosen for it.";
        let unwrapped = format!("Details\n{long}\n{long}");
        check(plain, &unwrapped, &[("paragraph", "Details"), ("paragraph", long), ("paragraph", long)]);
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("One\ntwo.\n\nThree.", &[("paragraph", "One\ntwo."), ("paragraph", "Three.")]),
            (
                "First of\nthe story.\n    Second of\nit.\n    Third.",
                &[
                    ("paragraph", "First of\nthe story."),
                    ("paragraph", "Second of\nit."),
                    ("paragraph", "Third."),
                ],
            ),
            ("    All of it\n    is set in.", &[("paragraph", "All of it\n    is set in.")]),
            (
                "Key points:\n- one\n- two\n  goes on\n",
                &[("paragraph", "Key points:"), ("list_item", "one"), ("list_item", "two\n  goes on")],
            ),
            ("the firm\n- which fell - rose", &[("paragraph", "the firm\n- which fell - rose")]),
            ("1. One\n2. Two", &[("list_item", "One"), ("list_item", "Two")]),
            ("1.5 million came.", &[("paragraph", "1.5 million came.")]),
            ("\u{2022} \u{e9}t\u{e9}\r\n\r\nend", &[("list_item", "\u{e9}t\u{e9}"), ("paragraph", "end")]),
        ];
        for (text, expected) in cases {
            check(plain, text, expected);
        }
    }

    #[test]
    fn markdown_keeps_its_kinds() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            (
                "# Title #\n\nText\nmore.\n\n## Part\n- a\n- b\n  c\n\n> said\n> so\n\nEnd",
                &[
                    ("title", "Title"),
                    ("paragraph", "Text\nmore."),
                    ("heading", "Part"),
                    ("list_item", "a"),
                    ("list_item", "b\n  c"),
                    ("quote", "said\n> so"),
                    ("paragraph", "End"),
                ],
            ),
            (
                "Title\n=====\nPart\n---\ntext",
                &[("title", "Title"), ("heading", "Part"), ("paragraph", "text")],
            ),
            (
                "| a | b |\n|---|:-:|\n| 1 | 2 |\n\n---\n\n![a dam](dam.jpg)",
                &[("table_row", "| a | b |"), ("table_row", "| 1 | 2 |"), ("caption", "![a dam](dam.jpg)")],
            ),
            (
                "```\n# code\n```\n#tag is text",
                &[("other", "```\n# code\n```"), ("paragraph", "#tag is text")],
            ),
            ("~~~\nnever closed", &[("other", "~~~\nnever closed")]),
        ];
        for (text, expected) in cases {
            check(markdown, text, expected);
        }
    }
}
