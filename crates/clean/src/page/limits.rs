//! What a page may be, so that none can make reading it run away: one pass over the markup before anything parses it,
//! and one over the tree before anything walks it.
//!
//! The parser compares each attribute of a tag with the others, copies formatting that was left open into every block
//! behind it, and looks through all that is open at most tags; what walks the tree afterwards goes into it by
//! recursion, and collects the text below an element once for each element around it. All of that is bounded here, in
//! time linear in the page's length.

use trafilatura::dom::Document;

use super::markup::{Piece, Pieces};
use super::open::Open;

/// The longest page, in bytes: pages that hold their pictures inside are long.
const BYTES: usize = 16 << 20;
/// The most text of a page, in bytes, what scripts and styles hold left out: a long novel has three million.
const TEXT: usize = 4 << 20;
/// What is written as an entity counts for so many bytes of text: it is taken apart and put together again with each
/// step.
const ENTITY: usize = 8;
/// Text that stands so deep counts twice: it is collected anew for the elements around it.
const DEEP_TEXT: usize = 64;
/// The deepest nesting below the body; pages of news reach 40.
const DEPTH: usize = 256;
/// The most nodes: elements, comments and stretches of text. The longest pages we have seen have 30,000.
const NODES: usize = 150_000;
/// So many end tags weigh as much as a node: none is made of them, but the parser looks for what they end.
const ENDS: usize = 4;
/// What stands so deep weighs as much as two nodes.
const DEEP: usize = 16;
/// So many bytes of an element's name weigh as much as a level of depth.
const NAME: usize = 4;
/// So many attributes weigh as much as a node.
const ATTRIBUTES: usize = 4;
/// The most attributes of one element.
const ATTRIBUTES_OF_ONE: usize = 250;

/// Why a page is not read: the code of a problem, and its message.
pub(super) type Trouble = (&'static str, String);

/// Refuses a page that is too long, too deep or too big to be parsed.
pub(super) fn check(markup: &str) -> Result<(), Trouble> {
    if markup.len() > BYTES {
        return too_big(format!("{BYTES} bytes"));
    }
    let (mut weight, mut text, mut outermost) = (Weight::default(), 0, 0);
    let mut open = Open::default();
    let mut pieces = Pieces::of(markup);
    while let Some(piece) = pieces.next() {
        let mut shown = "";
        match piece {
            Piece::Aside => weight.add(1, open.depth())?,
            Piece::Text(words) => {
                shown = words;
                weight.add(1, open.depth())?;
            }
            Piece::Tag(tag) => {
                // The page has one body, which gets the attributes of all.
                outermost += if tag.name.is_of(&["body", "html"]) { tag.attributes } else { 0 };
                if tag.attributes.max(outermost) > ATTRIBUTES_OF_ONE {
                    return too_big(format!("{ATTRIBUTES_OF_ONE} attributes in one element"));
                }
                let made = open.take(&tag);
                weight.add(usize::from(!tag.ends) + made, open.depth())?;
                let rest = if tag.ends { DEEP / ENDS } else { tag.attributes * DEEP / ATTRIBUTES };
                weight.parts(rest + tag.name.0.len() / NAME)?;
                text += tag.written.bytes().filter(|byte| *byte == b'&').count() * ENTITY;
                if !tag.ends && !open.is_foreign() && tag.name.is_of(RAW) {
                    let raw = pieces.raw(tag.name);
                    shown = if tag.name.is_of(UNSEEN) { "" } else { raw };
                }
            }
        }
        text += (shown.len() + entities(shown) * ENTITY) * (DEEP_TEXT + open.depth()) / DEEP_TEXT;
        if text > TEXT {
            return too_big(format!(
                "{TEXT} bytes of text, where an entity counts for {ENTITY} and {DEEP_TEXT} levels of depth for as much \
                 again"
            ));
        }
    }
    Ok(())
}

/// Elements whose content is text up to their end tag, and those of which nobody reads it.
const RAW: &[&str] =
    &["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript"];
const UNSEEN: &[&str] = &["script", "style"];

/// Refuses a page whose tree is deeper or bigger than its markup told.
pub(super) fn check_tree(page: &Document) -> Result<(), Trouble> {
    let mut weight = Weight::default();
    let mut open: Vec<_> = page.child_nodes(page.root()).into_iter().map(|node| (node, 0)).collect();
    while let Some((node, depth)) = open.pop() {
        weight.add(1, depth)?;
        // The body is a child of the root's child.
        let inside = if matches!(page.tag_name(node), "html" | "body") { depth } else { depth + 1 };
        open.extend(page.child_nodes(node).into_iter().map(|child| (child, inside)));
    }
    Ok(())
}

/// How much a page weighs, in parts of a node.
#[derive(Default)]
struct Weight(usize);

impl Weight {
    fn add(&mut self, nodes: usize, depth: usize) -> Result<(), Trouble> {
        if depth > DEPTH {
            return Err(("html_too_deep", format!("elements are nested deeper than {DEPTH}")));
        }
        self.parts(nodes * (DEEP + depth))
    }

    fn parts(&mut self, parts: usize) -> Result<(), Trouble> {
        self.0 += parts;
        if self.0 > NODES * DEEP {
            return too_big(format!(
                "{NODES} elements and pieces of text, where {ATTRIBUTES} attributes or {DEEP} levels of depth count \
                 for one more"
            ));
        }
        Ok(())
    }
}

fn too_big(what: String) -> Result<(), Trouble> {
    Err(("html_too_big", format!("the page has more than {what}")))
}

/// How many characters of a text are entities, or are written as one by whatever writes markup.
fn entities(text: &str) -> usize {
    let bytes = text.as_bytes();
    let plain = bytes.iter().filter(|byte| matches!(byte, b'&' | b'>')).count();
    plain + bytes.windows(2).filter(|pair| *pair == "\u{a0}".as_bytes()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(markup: &str) -> &'static str {
        let checked = check(markup).and_then(|()| check_tree(&Document::parse(markup)));
        checked.map_or_else(|(code, _)| code, |()| "")
    }

    #[test]
    fn pages_past_a_limit_are_refused_by_name() {
        const BIG: &str = "html_too_big";
        const DEEP: &str = "html_too_deep";
        for (markup, expected) in [
            ("<div>".repeat(DEPTH), ""),
            ("<div>".repeat(DEPTH + 1), DEEP),
            ("<div></div>".repeat(NODES / 3), ""),
            ("<div></div>".repeat(NODES), BIG),
            ("<br>".repeat(NODES), BIG),
            // What is deep weighs more.
            (("<div>".repeat(20) + &"</div>".repeat(20)).repeat(NODES / 100), ""),
            (("<div>".repeat(DEPTH) + &"</div>".repeat(DEPTH)).repeat(NODES / 1_000), BIG),
            ("<div>".repeat(DEPTH) + &"</p>".repeat(NODES / 10), BIG),
            // These close by themselves.
            ("<p>x".repeat(DEPTH * 9), ""),
            ("<ul>".to_owned() + &"<li><p>x".repeat(DEPTH * 9), ""),
            ("<table>".to_owned() + &"<tr><td>x<td>y".repeat(DEPTH * 9), ""),
            ("<svg>".to_owned() + &"<path d='M0'/>".repeat(DEPTH * 9), ""),
            ("<ul><li>".repeat(DEPTH), DEEP),
            // A table has a body and an element of formatting is made again, written or not.
            ("<table><tr><td>".repeat(DEPTH / 4 + 1), DEEP),
            (("<p>".to_owned() + &attributes("<b a", 20) + "</p>x").repeat(20), DEEP),
            // Each paragraph gets all the formatting that was left open before it.
            (format!("<p>{}</p>", attributes("<font size", 9)) + &"<p>x</p>".repeat(NODES / 10), BIG),
            ("<p><b>x</p>".repeat(NODES / 50), ""),
            (("<b>".repeat(80) + &"<div>".repeat(80) + &"</b>".repeat(80)).repeat(200), DEEP),
            (format!("<p{}>", " a".repeat(ATTRIBUTES_OF_ONE)), ""),
            (format!("<p{}>", " a=b".repeat(ATTRIBUTES_OF_ONE + 1)), BIG),
            (format!("<p{}>", " a=b".repeat(ATTRIBUTES_OF_ONE)).repeat(NODES / 50), BIG),
            (format!("<p title=\"{}\">", " a".repeat(ATTRIBUTES_OF_ONE + 1)), ""),
            ("<script>".to_owned() + &"<div>".repeat(DEPTH * 2), ""),
            ("<svg><title>".to_owned() + &"<div>".repeat(DEPTH), DEEP),
            (" ".repeat(BYTES + 1), BIG),
            ("x".repeat(TEXT), ""),
            ("x".repeat(TEXT + 1), BIG),
            ("<noscript>".to_owned() + &"x".repeat(TEXT + 1), BIG),
            ("<script>".to_owned() + &"x".repeat(TEXT + 1), ""),
            ("<div>".repeat(DEPTH) + &"x".repeat(TEXT / 4), BIG),
            ("<body a".to_owned() + &"<body b=c>".repeat(ATTRIBUTES_OF_ONE + 1), BIG),
            (format!("<{}>", "x".repeat(BYTES - 2)), BIG),
            ("&amp;".repeat(TEXT / (2 * ENTITY)), ""),
            ("&amp;".repeat(TEXT / ENTITY), BIG),
            ("\u{a0}".repeat(TEXT / ENTITY), BIG),
            (format!("<p title='{}'>", "&amp;".repeat(TEXT / ENTITY + 1)), BIG),
            ("<".repeat(100), ""),
            ("<a href='".to_owned(), ""),
            ("<!--".to_owned(), ""),
        ] {
            assert_eq!(code(&markup), expected, "{:.40}", markup);
        }
    }

    /// As many tags that begin so, no two the same.
    fn attributes(begin: &str, count: usize) -> String {
        (0..count).map(|i| format!("{begin}={i}>")).collect()
    }
}
