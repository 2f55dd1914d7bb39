//! Markup cut into tags and what stands between them, as the parser cuts it, in time linear in its length.

/// What markup consists of.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// A comment, a doctype, a processing instruction.
    Aside,
    Tag(Tag<'t>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tag<'t> {
    pub(super) name: Name<'t>,
    /// The tag as it is written.
    pub(super) written: &'t str,
    pub(super) ends: bool,
    pub(super) attributes: usize,
}

impl Tag<'_> {
    /// Whether it is written as one that has no end tag; only in drawings and formulas it then has none.
    pub(super) fn is_whole(&self) -> bool {
        self.written.ends_with("/>")
    }
}

/// A name as it is written, compared without case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'t>(pub(super) &'t str);

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Name<'_> {
    pub(super) fn is_of(self, names: &[&str]) -> bool {
        names.iter().any(|name| self == Name(name))
    }
}

#[derive(Default)]
pub(super) struct Pieces<'t> {
    markup: &'t str,
    at: usize,
}

impl<'t> Pieces<'t> {
    pub(super) fn of(markup: &'t str) -> Self {
        Self { markup, at: 0 }
    }

    /// Skips what is text up to the end tag of this element, whatever it looks like.
    pub(super) fn raw(&mut self, name: Name) -> &'t str {
        let rest = &self.markup[self.at..];
        let ends =
            |at: &usize| rest.get(at + 2..at + 2 + name.0.len()).is_some_and(|other| name == Name(other));
        let len = rest.match_indices("</").map(|(at, _)| at).find(ends).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
}

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
                (Piece::Text(&rest[..len]), len)
            }
        };
        self.at += len;
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
    let name = Name(at.map_or(&rest[start..], |len| &rest[start..start + len]));
    at = at.map(|len| start + len);
    // `named` is whether the last attribute may still get a value.
    let (mut attributes, mut in_name, mut named) = (0, false, false);
    while let Some(i) = at {
        let Some(byte) = bytes.get(i) else { break };
        match byte {
            b'>' => return (Piece::Tag(Tag { name, written: &rest[..=i], ends, attributes }), i + 1),
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
    (Piece::Tag(Tag { name, written: rest, ends, attributes }), rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_cut_as_the_parser_cuts_it() {
        let markup = "<!doctype html><p class='a>b' id = x hidden>é < b<!-- > --><BR/><script>if (a<b) '</p>'\
                      </Script><!--><img src=x/>";
        let mut pieces = Pieces::of(markup);
        let mut found = Vec::new();
        while let Some(piece) = pieces.next() {
            found.push(match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Aside => "aside".to_owned(),
                Piece::Tag(tag) if tag.name == Name("script") && !tag.ends => pieces.raw(tag.name).to_owned(),
                Piece::Tag(tag) => format!("{} {} {}", tag.name.0, tag.attributes, tag.is_whole()),
            });
        }
        let expected = [
            "aside",
            "p 3 false",
            "é ",
            "< b",
            "aside",
            "BR 0 true",
            "if (a<b) '</p>'",
            "Script 0 false",
            "aside",
            "img 1 true",
        ];
        assert_eq!(found, expected);
    }
}
