//! Which elements are open at a place of markup, as the parser will have it.
//!
//! How deep a tree gets is not told by counting begins and ends: an end tag may end nothing, or many elements, and
//! formatting that was left open is made again in every block behind it. The rules are those of the HTML standard
//! (<https://html.spec.whatwg.org/multipage/parsing.html>), as far as depth and the number of elements hang on them.

use super::markup::{Name, Tag};

/// The elements that are open.
#[derive(Default)]
pub(super) struct Open<'t> {
    elements: Vec<Element<'t>>,
    /// Formatting that was left open when what is around it was closed.
    astray: Vec<Element<'t>>,
    /// How many of the open elements are drawings and formulas.
    foreign: usize,
}

#[derive(Clone, Copy)]
struct Element<'t> {
    tag: Tag<'t>,
    kind: Kind,
    /// How much formatting was astray when it was opened.
    astray: usize,
}

/// What the rules ask of an element's name.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// No end tag inside of it reaches outside, and formatting neither.
    Wall,
    Table,
    Foreign,
    /// Any other that the standard calls special: end tags of what is not stop at it.
    Special,
    Formatting,
    Ordinary,
}

/// A page has one of each, whatever is written.
const WHOLE: &[&str] = &["html", "head", "body"];
const WALLS: &[&str] = &["applet", "caption", "marquee", "object", "td", "template", "th"];
const CELLS: &[&str] = &["caption", "td", "th"];
const FOREIGN: &[&str] = &["svg", "math"];
/// Parts of drawings and formulas that hold HTML.
const HOLDS_HTML: &[&str] =
    &["annotation-xml", "desc", "foreignobject", "mi", "mn", "mo", "ms", "mtext", "title"];
const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
const GROUPS: &[&str] = &["tbody", "tfoot", "thead"];
/// What ends with its table.
const IN_TABLE: &[&str] = &["caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"];
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Elements that are none of a paragraph's, and so end it.
const ENDS_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
    "xmp",
];
/// Special elements beside those.
const SPECIAL: &[&str] = &[
    "button", "colgroup", "frameset", "iframe", "noembed", "noframes", "noscript", "script", "select",
    "style", "tbody", "textarea", "tfoot", "thead", "title", "tr",
];
/// So often the parser makes formatting again in a block inside of it, at the most, and so many elements each
/// time: itself, and what formatting stands between.
const AGAIN: usize = 8;
const EACH_TIME: usize = 4;
/// So many pieces of the same formatting are made again at the most.
const SAME: usize = 3;

impl Kind {
    fn of(name: Name) -> Self {
        match () {
            () if name.is_of(FORMATTING) => Kind::Formatting,
            () if name == Name("table") => Kind::Table,
            () if name.is_of(WALLS) => Kind::Wall,
            () if name.is_of(FOREIGN) => Kind::Foreign,
            () if name.is_of(ENDS_PARAGRAPH) || name.is_of(SPECIAL) => Kind::Special,
            () => Kind::Ordinary,
        }
    }

    fn is_special(self) -> bool {
        matches!(self, Kind::Wall | Kind::Table | Kind::Special)
    }

    /// Whether what is open outside is out of reach for most end tags.
    fn is_scope(self) -> bool {
        matches!(self, Kind::Wall | Kind::Table)
    }
}

impl<'t> Open<'t> {
    pub(super) fn depth(&self) -> usize {
        self.elements.len()
    }

    /// Whether a tag stands in a drawing or a formula, where no element holds raw text.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign > 0
    }

    /// Follows a tag, and tells how many elements it makes beside its own; one of many attributes counts for more.
    pub(super) fn take(&mut self, tag: &Tag<'t>) -> usize {
        match tag.name.is_of(WHOLE) {
            true => 0,
            false if tag.ends => self.end(tag.name),
            false => self.begin(tag),
        }
    }

    fn begin(&mut self, tag: &Tag<'t>) -> usize {
        let name = tag.name;
        let kind = Kind::of(name);
        let block = name.is_of(ENDS_PARAGRAPH);
        if block && self.is_foreign() {
            self.leave_drawing();
        }
        let closed: (&[&str], fn(&Element) -> bool) = match () {
            () if name == Name("li") => (&["li"], |open| open.holds_items()),
            () if name.is_of(&["dd", "dt"]) => (&["dd", "dt"], |open| open.holds_items()),
            () if name.is_of(HEADINGS) => (HEADINGS, |_| true),
            () if name.is_of(&["optgroup", "option"]) => (&["option"], |_| true),
            () if name == Name("button") => (&["button"], |open| open.kind.is_scope()),
            () if name.is_of(CELLS) => (CELLS, |open| open.is(&["table", "tr"])),
            () if name.is_of(GROUPS) => (GROUPS, |open| open.is(&["table"])),
            () if name == Name("tr") => (&["tr"], |open| open.is(&["table"])),
            () => (&[], |_| true),
        };
        self.close(|open| open.is(closed.0), closed.1);
        if block {
            self.close(|open| open.is(&["p"]), |open| open.walls_paragraph());
        }
        let mut made = if name.is_of(&["a", "nobr"]) { self.adopt(name) } else { 0 };
        if block {
            let within = self.elements.iter().rev().find(|open| open.kind == Kind::Wall);
            let astray = &self.astray[within.map_or(0, |wall| wall.astray.min(self.astray.len()))..];
            made += astray.iter().map(|one| 1 + one.tag.attributes / EACH_TIME).sum::<usize>();
        }
        let whole = name.is_of(VOID) || self.is_foreign() && tag.is_whole();
        let second_form = name == Name("form") && self.elements.iter().any(|open| open.is(&["form"]));
        if !whole && !second_form {
            self.foreign += usize::from(kind == Kind::Foreign);
            self.elements.push(Element { tag: *tag, kind, astray: self.astray.len() });
        }
        made
    }

    fn end(&mut self, name: Name) -> usize {
        let wall: fn(&Element) -> bool = match Kind::of(name) {
            Kind::Formatting => return self.adopt(name),
            _ if name == Name("form") => {
                let form = self.elements.iter().rposition(|open| open.is(&["form"]));
                form.map(|at| self.elements.remove(at));
                return 0;
            }
            _ if name == Name("p") => |open| open.walls_paragraph(),
            _ if name == Name("li") => |open| open.kind.is_scope() || open.is(&["ol", "ul"]),
            _ if name.is_of(IN_TABLE) => |open| open.is(&["table", "template"]),
            kind if kind.is_special() => |open| open.kind.is_scope(),
            _ => |open| open.kind.is_special(),
        };
        let closed = match name.is_of(HEADINGS) {
            true => self.close(|open| open.is(HEADINGS), wall),
            false => self.close(|open| open.tag.name == name, wall),
        };
        // The end of a paragraph that has no beginning is a paragraph.
        usize::from(!closed && name.is_of(&["p", "br"]))
    }

    /// Ends formatting: blocks that began inside stay open, and it is made again in them.
    fn adopt(&mut self, name: Name) -> usize {
        let inside = self.elements.iter().rev().take_while(|open| !open.kind.is_scope());
        let Some(inner) = inside.into_iter().position(|open| open.tag.name == name) else {
            let astray = self.astray.iter().rposition(|one| one.tag.name == name);
            astray.map(|at| self.astray.remove(at));
            return 0;
        };
        let at = self.elements.len() - 1 - inner;
        let blocks = self.elements[at + 1..].iter().filter(|open| open.kind.is_special()).count();
        match blocks {
            0 => self.truncate(at),
            1..=AGAIN => drop(self.elements.remove(at)),
            _ => {}
        }
        blocks.min(AGAIN) * EACH_TIME
    }

    /// A block ends the drawing that it stands in, but where that holds HTML.
    fn leave_drawing(&mut self) {
        let drawing = self.elements.iter().rposition(|open| open.kind == Kind::Foreign);
        let Some(at) = drawing else { return };
        if !self.elements[at + 1..].iter().any(|open| open.is(HOLDS_HTML)) {
            self.truncate(at);
        }
    }

    /// Closes the innermost element that fits, and all inside of it; tells whether there was one.
    fn close(&mut self, fits: impl Fn(&Element) -> bool, wall: fn(&Element) -> bool) -> bool {
        let stop = self.elements.iter().rposition(|open| fits(open) || wall(open));
        let found = stop.filter(|at| fits(&self.elements[*at]));
        found.inspect(|at| self.truncate(*at)).is_some()
    }

    /// Closes an element and all inside of it.
    fn truncate(&mut self, at: usize) {
        let outer = self.elements[at];
        let inside = self.elements.split_off(at);
        self.foreign -= inside.iter().filter(|open| open.kind == Kind::Foreign).count();
        for open in inside[1..].iter().filter(|open| open.kind == Kind::Formatting) {
            let same = self.astray.iter().filter(|one| one.tag.written == open.tag.written).count();
            if same < SAME {
                self.astray.push(*open);
            }
        }
        if outer.kind == Kind::Wall {
            self.astray.truncate(outer.astray);
        }
    }
}

impl Element<'_> {
    fn is(&self, names: &[&str]) -> bool {
        self.tag.name.is_of(names)
    }

    /// Whether an item inside of it is not one of the list around it.
    fn holds_items(&self) -> bool {
        self.kind.is_special() && !self.is(&["address", "div", "p"])
    }

    fn walls_paragraph(&self) -> bool {
        self.kind.is_scope() || self.is(&["button"])
    }
}

#[cfg(test)]
mod tests {
    use trafilatura::dom::Document;

    use super::super::markup::{Piece, Pieces};
    use super::*;

    /// The greatest depth below the body, by the rules here.
    fn told(markup: &str) -> usize {
        let mut open = Open::default();
        let depths = Pieces::of(markup).map(|piece| {
            if let Piece::Tag(tag) = piece {
                open.take(&tag);
            }
            open.depth()
        });
        depths.max().unwrap_or(0)
    }

    /// The same by the parser.
    fn parsed(markup: &str) -> usize {
        let page = Document::parse(markup);
        let mut open: Vec<_> = page.body().map(|body| (body, 0)).into_iter().collect();
        let mut deepest = 0;
        while let Some((node, depth)) = open.pop() {
            deepest = deepest.max(depth);
            open.extend(page.children(node).into_iter().map(|child| (child, depth + 1)));
        }
        deepest
    }

    #[test]
    fn depth_is_that_of_the_parser() {
        for (markup, deepest) in [
            ("<div>", 40),
            ("<div></div>", 1),
            ("<p>", 1),
            ("<p><span>", 2),
            ("<ul><li>", 80),
            ("<ul><li></ul>", 2),
            ("<li>", 1),
            ("<li><div>", 2),
            ("<li><section>", 80),
            ("<li><ul></li>", 80),
            ("<dt>a<dd>b", 1),
            ("<h1>a</h2>", 1),
            ("<h1><h2>", 1),
            ("<select><option>a<option>b</select>", 2),
            ("<option><span>", 80),
            ("<button>", 1),
            ("<form>", 1),
            ("<span><div></span></div>", 41),
            ("<div></body></html>", 40),
            ("<body><html>", 0),
            ("<b><p></b>", 2),
            ("<b><div></b>", 41),
            ("<b><i><div></b></i>", 42),
            ("<a>", 1),
            ("<div><table><tbody><tr><td></div>", 200),
            ("<table><tbody><tr><td>a<td>b<tr><td>c</table>", 4),
            ("<object><p></object>", 2),
            ("<svg><path></svg>", 2),
            ("<svg><path>", 80),
            ("<svg><path><div></div>", 2),
            ("<svg><foreignObject><div></svg>", 120),
            ("<div/>", 40),
        ] {
            let markup = markup.repeat(40);
            assert_eq!((told(&markup), parsed(&markup)), (deepest, deepest), "{markup:.50}");
        }
    }

    #[test]
    fn formatting_is_made_again_where_the_parser_does_so() {
        let made = |markup: &str| -> usize {
            let mut open = Open::default();
            let tags = Pieces::of(markup).filter_map(|piece| match piece {
                Piece::Tag(tag) => Some(open.take(&tag)),
                _ => None,
            });
            tags.sum()
        };
        assert_eq!(made("<p><b><i>x</p><p>y</p>"), 2);
        assert_eq!(made("<p><b><i>x</p></b></i><p>y</p>"), 0);
        assert_eq!(made("<table><tr><td><p><b>x</td><td><p>y</td></table><p>z"), 0, "not out of a cell");
        assert_eq!(made(&"<p><b>x</p>".repeat(100)), 1 + 2 + 3 * 97, "three of the same at the most");
    }
}
