//! From byte offsets, which code works in, to code points, which tables hold, and back.

use std::ops::Range;

use crate::Span;

/// Bytes between two remembered positions of a text that is not ASCII.
const STRIDE: usize = 128;

/// Turns byte offsets of one text into code points and back.
///
/// Building is one pass; a lookup in an ASCII text costs nothing, elsewhere it counts at most 128
/// bytes.
///
/// ```
/// # use claimline_model::{Offsets, Span};
/// let text = "naïve – yes";
/// let offsets = Offsets::new(text);
/// let yes = text.find("yes").unwrap();
/// assert_eq!(offsets.span(yes..yes + 3), Span::new(8, 11));
/// assert_eq!(&text[offsets.bytes(Span::new(8, 11))], "yes");
/// ```
pub struct Offsets<'t> {
    text: &'t str,
    /// Code points before byte `i * STRIDE`; empty for ASCII.
    marks: Vec<u32>,
}

impl<'t> Offsets<'t> {
    /// The offsets of `text`.
    pub fn new(text: &'t str) -> Self {
        let mut marks = Vec::new();
        if !text.is_ascii() {
            let mut points = 0;
            for chunk in text.as_bytes().chunks(STRIDE) {
                marks.push(points);
                points += count(chunk);
            }
        }
        Self { text, marks }
    }

    /// The code points before byte `at`, which is brought down to the end of the text.
    pub fn point(&self, at: usize) -> u32 {
        let at = at.min(self.text.len());
        let Some(last) = self.marks.len().checked_sub(1) else { return at as u32 };
        let mark = (at / STRIDE).min(last);
        self.marks[mark] + count(&self.text.as_bytes()[mark * STRIDE..at])
    }

    /// The bytes before code point `point`, which is brought down to the end of the text.
    pub fn byte(&self, point: u32) -> usize {
        if self.marks.is_empty() {
            return (point as usize).min(self.text.len());
        }
        let mark = self.marks.partition_point(|&before| before <= point) - 1;
        let mut left = point - self.marks[mark];
        for (i, byte) in self.text.as_bytes().iter().enumerate().skip(mark * STRIDE) {
            if starts_point(*byte) {
                if left == 0 {
                    return i;
                }
                left -= 1;
            }
        }
        self.text.len()
    }

    /// The code points of a range of bytes.
    pub fn span(&self, bytes: Range<usize>) -> Span {
        Span::new(self.point(bytes.start), self.point(bytes.end))
    }

    /// The bytes of a range of code points.
    pub fn bytes(&self, span: Span) -> Range<usize> {
        self.byte(span.start)..self.byte(span.end)
    }
}

fn starts_point(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

fn count(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| starts_point(**b)).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_goes_there_and_back() {
        for text in ["", "plain", &"aé漢🦀 ".repeat(200), &format!("{}é", "x".repeat(STRIDE - 1))] {
            let offsets = Offsets::new(text);
            for (point, (byte, _)) in text.char_indices().enumerate() {
                assert_eq!(offsets.point(byte), point as u32);
                assert_eq!(offsets.byte(point as u32), byte);
            }
            assert_eq!(offsets.point(text.len()), text.chars().count() as u32);
            assert_eq!(offsets.byte(u32::MAX), text.len());
        }
    }
}
