//! A tree of elements as blocks: what begins on a line of its own is a block.

use claimline_model::BlockKind;
use trafilatura::dom::{Document, NodeId};

/// A block of a page, before it is judged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) kind: BlockKind,
    pub(super) text: String,
    /// How many bytes of the text are links.
    pub(super) linked: usize,
    /// Whether it is a heading of the first level.
    pub(super) title: bool,
}

/// The blocks of markup.
pub(super) fn of_markup(markup: &str) -> Vec<Part> {
    let page = Document::parse(markup);
    page.body().map_or_else(Vec::new, |body| of(&page, body))
}

/// The blocks below a node.
pub(super) fn of(page: &Document, node: NodeId) -> Vec<Part> {
    let mut walk = Walk { page, parts: Vec::new(), open: String::new(), linked: 0, depth: 0 };
    walk.children(node, BlockKind::Paragraph);
    walk.end(BlockKind::Paragraph);
    walk.parts
}

/// Elements that are part of a line; everything else begins and ends one.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "ruby", "rb", "rt", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
/// Elements of which no word is seen.
const UNSEEN: &[&str] = &[
    "script", "style", "noscript", "template", "head", "svg", "math", "iframe", "object", "audio", "video",
    "canvas", "textarea", "select", "input", "button",
];

/// Nothing is looked at deeper in a tree than this: what finds the article writes markup that `limits` has not seen.
const DEPTH: usize = 512;

struct Walk<'p> {
    page: &'p Document,
    parts: Vec<Part>,
    /// The line that is being written.
    open: String,
    /// How many bytes of it are links.
    linked: usize,
    depth: usize,
}

impl Walk<'_> {
    /// Goes through the children of a node; loose text among them is of `kind`.
    fn children(&mut self, node: NodeId, kind: BlockKind) {
        if self.depth > DEPTH {
            return;
        }
        self.depth += 1;
        self.each(node, kind);
        self.depth -= 1;
    }

    fn each(&mut self, node: NodeId, kind: BlockKind) {
        for child in self.page.child_nodes(node) {
            if self.page.is_text(child) {
                let text = self.page.text_content(child);
                self.write(&text);
                continue;
            }
            let kind_inside = match self.page.tag_name(child) {
                // A comment.
                "" => continue,
                "br" => {
                    self.line_break(kind);
                    continue;
                }
                tag if UNSEEN.contains(&tag) => continue,
                tag if INLINE.contains(&tag) => {
                    let begun = self.open.len();
                    self.children(child, kind);
                    if tag == "a" {
                        self.linked += self.open.len().saturating_sub(begun);
                    }
                    continue;
                }
                "tr" if self.is_row(child) => {
                    self.end(kind);
                    self.row(child);
                    continue;
                }
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BlockKind::Heading,
                "li" | "dt" | "dd" => BlockKind::ListItem,
                "blockquote" => BlockKind::Quote,
                "figcaption" | "caption" => BlockKind::Caption,
                "pre" => BlockKind::Other,
                // What is said of a list's or a quotation's paragraph is said of the list and the quotation.
                "p" | "div" | "section" | "article" => kind,
                _ => BlockKind::Paragraph,
            };
            self.end(kind);
            let first = self.parts.len();
            self.children(child, kind_inside);
            self.end(kind_inside);
            if self.page.tag_name(child) == "h1" {
                self.parts[first..].iter_mut().for_each(|part| part.title = true);
            }
        }
    }

    /// Adds text to the line, its white space as single spaces.
    fn write(&mut self, text: &str) {
        // A no-break space is the writer's own, and `tidy` sees to it.
        let space = |c: char| c.is_ascii_whitespace();
        for (i, word) in text.split(space).enumerate() {
            let begun = !self.open.is_empty() && !self.open.ends_with([' ', '\n']);
            if i > 0 && begun {
                self.open.push(' ');
            }
            self.open.push_str(word);
        }
    }

    /// One break goes on in the same paragraph, two end it.
    fn line_break(&mut self, kind: BlockKind) {
        let len = self.open.trim_end_matches(' ').len();
        self.open.truncate(len);
        match self.open.ends_with('\n') {
            true => self.end(kind),
            false if len > 0 => self.open.push('\n'),
            false => {}
        }
    }

    fn end(&mut self, kind: BlockKind) {
        let text = self.open.trim();
        if !text.is_empty() {
            let linked = self.linked.min(text.len());
            self.parts.push(Part { kind, text: text.to_owned(), linked, title: false });
        }
        self.open.clear();
        self.linked = 0;
    }

    /// Whether a row is one of figures or words, and not a way to lay out a page: two cells or more, and
    /// no blocks inside.
    fn is_row(&self, row: NodeId) -> bool {
        let cells = self.page.children(row);
        let flat = |cell: &NodeId| {
            let inside = self.page.iter_descendants(*cell, &[]);
            inside.iter().all(|node| {
                let tag = self.page.tag_name(*node);
                matches!(tag, "br" | "p" | "img" | "col") || INLINE.contains(&tag) || UNSEEN.contains(&tag)
            })
        };
        cells.len() > 1 && cells.iter().all(flat)
    }

    /// A row as one line, a bar between its cells.
    fn row(&mut self, row: NodeId) {
        let mut line = String::new();
        for (i, cell) in self.page.children(row).into_iter().enumerate() {
            if i > 0 {
                line.push_str(" | ");
            }
            let at = self.parts.len();
            self.children(cell, BlockKind::TableRow);
            self.end(BlockKind::TableRow);
            for (i, part) in self.parts.drain(at..).enumerate() {
                line.push_str(if i > 0 { " " } else { "" });
                line.push_str(&part.text.replace('\n', " "));
            }
        }
        if line.chars().any(char::is_alphanumeric) {
            self.parts.push(Part { kind: BlockKind::TableRow, text: line, linked: 0, title: false });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: &str, expected: &[(&str, &str)]) {
        let parts = of_markup(markup);
        let found: Vec<_> = parts.iter().map(|part| (part.kind.as_str(), part.text.as_str())).collect();
        assert_eq!(found, expected, "{markup}");
    }

    #[test]
    fn blocks_begin_where_a_browser_begins_a_line() {
        check(
            "<h2>The <i>dam</i></h2>\n<p>It  held\n for <b>two</b> days.<p>Then<!-- x -->\nnot. <script>1</script>",
            &[("heading", "The dam"), ("paragraph", "It held for two days."), ("paragraph", "Then not.")],
        );
        check(
            "<p>One<br>two<br><br>three<br></p>loose<div>deep<div>er</div>end</div>",
            &[
                ("paragraph", "One\ntwo"),
                ("paragraph", "three"),
                ("paragraph", "loose"),
                ("paragraph", "deep"),
                ("paragraph", "er"),
                ("paragraph", "end"),
            ],
        );
        check(
            "<ul><li><p>one</p><li>two <ol><li>inner</ol></ul><blockquote><p>said</blockquote><pre>x = 1</pre>\
             <figure><img><figcaption>A dam</figcaption></figure>",
            &[
                ("list_item", "one"),
                ("list_item", "two"),
                ("list_item", "inner"),
                ("quote", "said"),
                ("other", "x = 1"),
                ("caption", "A dam"),
            ],
        );
    }

    #[test]
    fn rows_of_cells_are_rows_and_the_layout_of_a_page_is_not() {
        check(
            "<table><tr><th>Year<th>Tonnes<tr><td>2024<td><p>2.7<br>million</p><tr><td><td></table>",
            &[("table_row", "Year | Tonnes"), ("table_row", "2024 | 2.7 million")],
        );
        check(
            "<table><tr><td><div>Menu</div><td><h1>Title</h1><p>Text.</table><table><tr><td>Alone</table>",
            &[("paragraph", "Menu"), ("heading", "Title"), ("paragraph", "Text."), ("paragraph", "Alone")],
        );
    }
}
