//! One pass over markup before anything parses it, so that no page can make parsing run away.
//!
//! The parser compares each attribute of a tag with the others, copies formatting that was left open into
//! every block behind it, and nests as deep as the page does; what walks the tree afterwards goes into it by
//! recursion. All of that is bounded here, in time linear in the page's length.

/// The longest page, in bytes: pages that hold their pictures inside are long.
const BYTES: usize = 16 << 20;
/// The most text of a page, in bytes, what scripts hold left out: a long novel has three million.
const TEXT: usize = 4 << 20;
/// The deepest nesting; pages of news reach 60.
const DEPTH: usize = 256;
/// The most nodes: elements, comments and stretches of text. The longest pages we have seen have 30,000.
const NODES: usize = 200_000;
/// The most attributes of one element.
const ATTRIBUTES: usize = 500;
/// So many attributes weigh as much as a node.
const NODE: usize = 8;

/// Why a page is not parsed: the code of a problem, and its message.
pub(super) type Trouble = (&'static str, String);

/// Refuses a page that is too long, too deep or too big.
pub(super) fn check(markup: &str) -> Result<(), Trouble> {
    let big = |what: String| Err(("html_too_big", format!("the page has more than {what}")));
    if markup.len() > BYTES {
        return big(format!("{BYTES} bytes"));
    }
    let (mut nodes, mut text) = (0, 0);
    let mut open = Open::default();
    for piece in (Pieces { markup, ..Pieces::default() }) {
        nodes += 1;
        if let Piece::Text(len) = piece {
            text += len;
        }
        if text > TEXT {
            return big(format!("{TEXT} bytes of text"));
        }
        if let Piece::Tag(tag) = piece {
            if tag.attributes > ATTRIBUTES {
                return big(format!("{ATTRIBUTES} attributes in one element"));
            }
            nodes += tag.attributes / NODE + open.take(&tag);
            if open.names.len() > DEPTH {
                return Err(("html_too_deep", format!("elements are nested deeper than {DEPTH}")));
            }
        }
        if nodes > NODES {
            return big(format!("{NODES} elements and pieces of text"));
        }
    }
    Ok(())
}

/// What markup consists of.
#[derive(Debug, PartialEq)]
enum Piece<'t> {
    /// So many bytes of text.
    Text(usize),
    /// A comment, a doctype, a processing instruction.
    Aside,
    Tag(Tag<'t>),
}

#[derive(Debug, PartialEq)]
struct Tag<'t> {
    name: Name<'t>,
    ends: bool,
    attributes: usize,
}

/// A name as it is written, compared without case.
#[derive(Clone, Copy, Debug)]
struct Name<'t>(&'t str);

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Name<'_> {
    fn is_of(self, names: &[&str]) -> bool {
        names.iter().any(|name| self == Name(name))
    }
}

#[derive(Default)]
struct Pieces<'t> {
    markup: &'t str,
    at: usize,
    /// How deep we are in drawings and formulas, where nothing is raw text.
    foreign: usize,
}

/// Elements whose content is text up to their end tag.
const RAW: &[&str] =
    &["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript"];

const FOREIGN: &[&str] = &["svg", "math"];

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let rest = &self.markup[self.at..];
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let (piece, len) = match (bytes[0], bytes.get(1)) {
            (b'<', Some(b'!' | b'?')) => (Piece::Aside, aside(rest)),
            (b'<', Some(b'/')) if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => tag(rest, true),
            (b'<', Some(first)) if first.is_ascii_alphabetic() => tag(rest, false),
            _ => {
                let len = bytes[1..].iter().position(|b| *b == b'<').map_or(rest.len(), |at| at + 1);
                (Piece::Text(len), len)
            }
        };
        self.at += len;
        match piece {
            Piece::Tag(Tag { name, ends: false, .. }) if name.is_of(FOREIGN) => self.foreign += 1,
            Piece::Tag(Tag { name, ends: true, .. }) if name.is_of(FOREIGN) => {
                self.foreign = self.foreign.saturating_sub(1);
            }
            Piece::Tag(Tag { name, ends: false, .. }) if name.is_of(RAW) && self.foreign == 0 => {
                self.at += raw(&self.markup[self.at..], name);
            }
            _ => {}
        }
        Some(piece)
    }
}

/// The length of a comment or a declaration.
fn aside(rest: &str) -> usize {
    let end = match rest.strip_prefix("<!--") {
        // `<!-->` is a whole comment.
        Some(inner) if inner.starts_with('>') => Some(5),
        Some(_) => rest[2..].find("-->").map(|at| at + 5),
        None => rest.find('>').map(|at| at + 1),
    };
    end.unwrap_or(rest.len())
}

/// A tag, and its length.
fn tag(rest: &str, ends: bool) -> (Piece<'_>, usize) {
    let bytes = rest.as_bytes();
    let start = 1 + usize::from(ends);
    let space = |b: &u8| b.is_ascii_whitespace();
    let mut at = bytes[start..].iter().position(|b| space(b) || matches!(b, b'/' | b'>'));
    let name = at.map_or(&rest[start..], |len| &rest[start..start + len]);
    at = at.map(|len| start + len);
    // `named` is whether the last attribute may still get a value.
    let (mut attributes, mut in_name, mut named) = (0, false, false);
    while let Some(i) = at {
        let Some(byte) = bytes.get(i) else { break };
        match byte {
            b'>' => return (Piece::Tag(Tag { name: Name(name), ends, attributes }), i + 1),
            b'=' if named => {
                let value = bytes[i + 1..].iter().position(|b| !space(b)).map(|gap| i + 1 + gap);
                let end = value.and_then(|value| {
                    let (inner, within): (usize, fn(u8, u8) -> bool) = match bytes[value] {
                        b'"' | b'\'' => (value + 1, |b, mark| b != mark),
                        _ => (value, |b, _| !b.is_ascii_whitespace() && b != b'>'),
                    };
                    let len = bytes[inner..].iter().position(|b| !within(*b, bytes[value]))?;
                    // Past a closing mark, not past what else ends a value.
                    Some(inner + len + (inner - value))
                });
                (in_name, named) = (false, false);
                at = end;
                continue;
            }
            b if space(b) || *b == b'/' => in_name = false,
            _ => {
                attributes += usize::from(!in_name);
                (in_name, named) = (true, true);
            }
        }
        at = Some(i + 1);
    }
    // A tag that is never closed is dropped by the parser, with all behind it.
    (Piece::Tag(Tag { name: Name(name), ends, attributes }), rest.len())
}

/// The length of raw text, up to the end tag of its element.
fn raw(rest: &str, name: Name) -> usize {
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        at += found;
        let end = at + 2 + name.0.len();
        if rest.get(at + 2..end).is_some_and(|other| name == Name(other)) {
            return at;
        }
        at += 2;
    }
    rest.len()
}

/// The elements that are open.
#[derive(Default)]
struct Open<'t> {
    names: Vec<Name<'t>>,
    /// How many formatting elements were left open when what is around them was closed.
    astray: usize,
}

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// What begins closes one of these that is open, unless one of the walls stands between.
const CLOSES: &[(&[&str], &[&str], &[&str])] = &[
    (&["li"], &["li"], &["ul", "ol", "menu"]),
    (&["dt", "dd"], &["dt", "dd"], &["dl"]),
    (&["option", "optgroup"], &["option"], &["select"]),
    (&["tr", "tbody", "thead", "tfoot"], &["tr"], &["table"]),
    (&["td", "th"], &["td", "th"], &["tr", "table"]),
];
/// Elements that are none of a paragraph's, and so end it.
const ENDS_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dir",
    "div",
    "dl",
    "dd",
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
    "hr",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];
const PARAGRAPH_WALLS: &[&str] = &["table", "td", "th", "button", "object", "caption"];

impl<'t> Open<'t> {
    /// Follows a tag, and tells how many nodes it makes beside its own.
    fn take(&mut self, tag: &Tag<'t>) -> usize {
        let name = tag.name;
        if tag.ends {
            self.close(|open| open == name, |_| false);
            return 0;
        }
        for (begins, closed, walls) in CLOSES {
            if name.is_of(begins) {
                self.close(|open| open.is_of(closed), |open| open.is_of(walls));
            }
        }
        let block = name.is_of(ENDS_PARAGRAPH);
        if block {
            self.close(|open| open == Name("p"), |open| open.is_of(PARAGRAPH_WALLS));
        }
        if !name.is_of(VOID) {
            self.names.push(name);
        }
        if block { self.astray } else { 0 }
    }

    /// Closes the innermost element that fits, and all inside of it.
    fn close(&mut self, fits: impl Fn(Name) -> bool, wall: impl Fn(Name) -> bool) {
        let mut inside = self.names.iter().rev().take_while(|open| !wall(**open));
        let Some(inner) = inside.position(|open| fits(*open)) else { return };
        let at = self.names.len() - 1 - inner;
        self.astray += self.names[at + 1..].iter().filter(|open| open.is_of(FORMATTING)).count();
        self.names.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(markup: &str) -> &'static str {
        check(markup).map_or_else(|(code, _)| code, |()| "")
    }

    #[test]
    fn markup_is_cut_as_the_parser_cuts_it() {
        let markup = "<!doctype html><p class='a>b' id = x hidden>é < b<!-- > --><BR/><script>if (a<b) '</p>'\
                      </Script><!--><img src=x/>";
        let pieces: Vec<_> = Pieces { markup, ..Pieces::default() }.collect();
        let tag = |name, ends, attributes| Piece::Tag(Tag { name: Name(name), ends, attributes });
        assert_eq!(
            pieces,
            [
                Piece::Aside,
                tag("p", false, 3),
                Piece::Text(3),
                Piece::Text(3),
                Piece::Aside,
                tag("br", false, 0),
                tag("script", false, 0),
                tag("script", true, 0),
                Piece::Aside,
                tag("img", false, 1),
            ]
        );
    }

    #[test]
    fn pages_past_a_limit_are_refused_by_name() {
        for (markup, expected) in [
            ("<div>".repeat(DEPTH), ""),
            ("<div>".repeat(DEPTH + 1), "html_too_deep"),
            ("<div></div>".repeat(NODES / 2), ""),
            ("<div></div>".repeat(NODES / 2 + 1), "html_too_big"),
            ("<br>".repeat(NODES + 1), "html_too_big"),
            // These close by themselves.
            ("<p>x".repeat(DEPTH * 9), ""),
            ("<ul>".to_owned() + &"<li><p>x".repeat(DEPTH * 9), ""),
            ("<table>".to_owned() + &"<tr><td>x<td>y".repeat(DEPTH * 9), ""),
            ("<ul><li>".repeat(DEPTH), "html_too_deep"),
            // Each paragraph gets all the formatting that was left open before it.
            ("<p><font size=1><font size=2><b><i><u></p>".repeat(2_000), "html_too_big"),
            (format!("<p{}>", " a".repeat(ATTRIBUTES)), ""),
            (format!("<p{}>", " a=b".repeat(ATTRIBUTES + 1)), "html_too_big"),
            (format!("<p{}>", " a=b".repeat(ATTRIBUTES)).repeat(NODES / (ATTRIBUTES / NODE)), "html_too_big"),
            (format!("<p title=\"{}\">", " a".repeat(ATTRIBUTES + 1)), ""),
            ("<script>".to_owned() + &"<div>".repeat(DEPTH * 2), ""),
            ("<svg><title>".to_owned() + &"<div>".repeat(DEPTH), "html_too_deep"),
            (" ".repeat(BYTES + 1), "html_too_big"),
            ("x".repeat(TEXT), ""),
            ("x".repeat(TEXT + 1), "html_too_big"),
            ("<script>".to_owned() + &"x".repeat(TEXT + 1), ""),
            ("</p>".repeat(NODES), ""),
            ("<".repeat(100), ""),
            ("<a href='".to_owned(), ""),
            ("<!--".to_owned(), ""),
        ] {
            assert_eq!(code(&markup), expected, "{:.40}", markup);
        }
    }
}
