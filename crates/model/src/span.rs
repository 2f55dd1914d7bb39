//! Where in a document's text something stands.

use std::fmt;
use std::str::FromStr;

use crate::CellError;

/// A stretch of `documents.text` in Unicode code points, from 0, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
}

impl Span {
    /// The stretch from `start` up to `end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl FromStr for Span {
    type Err = CellError;

    fn from_str(text: &str) -> Result<Self, CellError> {
        let number = |s: &str| s.parse().ok();
        let span = text.split_once("..").and_then(|(a, b)| Some(Span::new(number(a)?, number(b)?)));
        span.filter(|s| s.start <= s.end).ok_or_else(|| CellError::new("a span such as 12..40", text))
    }
}

/// Stretches that belong together, in order: most are one, the content of a split quotation is two.
///
/// Written `12..40` or `12..40;55..80`; none is an empty cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    first: Option<Span>,
    rest: Vec<Span>,
}

impl Spans {
    /// Adds a stretch behind those there are.
    pub fn push(&mut self, span: Span) {
        match self.first {
            None => self.first = Some(span),
            Some(_) => self.rest.push(span),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The stretches, in order.
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.first.into_iter().chain(self.rest.iter().copied())
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        Self { first: Some(span), rest: Vec::new() }
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut all = Self::default();
        spans.into_iter().for_each(|span| all.push(span));
        all
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, span) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(";")?;
            }
            span.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Spans {
    type Err = CellError;

    fn from_str(text: &str) -> Result<Self, CellError> {
        let mut spans = Spans::default();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            spans.push(part.parse()?);
        }
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_they_are_read() {
        for text in ["", "12..40", "12..40;55..80"] {
            assert_eq!(text.parse::<Spans>().unwrap().to_string(), text);
        }
        for text in ["12", "40..12", "a..b", "1..2,3..4"] {
            assert!(text.parse::<Spans>().is_err(), "{text}");
        }
    }
}
