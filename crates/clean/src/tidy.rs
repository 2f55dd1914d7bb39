//! Text as people see it: one code point for one letter, plain spaces, nothing invisible.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in NFC, with odd spaces as plain ones, line ends as `\n`, and without control
/// characters, soft hyphens, byte order marks, direction marks and zero-width spaces. Quotation marks
/// and dashes stay as they are.
///
/// ```
/// # use claimline_clean::tidy;
/// assert_eq!(tidy("10\u{a0}000\u{202f}€\r\nin to\u{ad}tal"), "10 000 €\nin total");
/// assert_eq!(tidy("cafe\u{301} “Zoë”"), "café “Zoë”");
/// ```
pub fn tidy(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if !text.bytes().any(|b| b.is_ascii_control() && b != b'\n') {
            return Cow::Borrowed(text);
        }
    } else if is_nfc_quick(text.chars()) == IsNormalized::Yes && text.chars().all(|c| same(c) == Some(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut before = '\0';
    for c in text.nfc() {
        match (before, c) {
            ('\r', '\n') => {}
            (_, '\r') => out.push('\n'),
            (_, c) => out.extend(same(c)),
        }
        before = c;
    }
    Cow::Owned(out)
}

/// What stands for a character; `None` for one that goes.
fn same(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\t' | '\u{b}' | '\u{c}' => Some(' '),
        // Next line, line separator, paragraph separator.
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        // No-break space, ogham space, the spaces of typography, medium mathematical, ideographic.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        // Soft hyphen, zero-width space, word joiner, byte order mark.
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => None,
        // Marks, embeddings and isolates of direction.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tidy_is_not_copied() {
        for text in ["", "plain\ntext", "naïve “quotes” – 10 €"] {
            assert!(matches!(tidy(text), Cow::Borrowed(_)), "{text:?}");
        }
    }

    #[test]
    fn tidying_twice_changes_nothing_more() {
        for text in
            ["\u{feff}a\rb\r\nc\td\u{2028}e\0\u{1b}[31m", "e\u{301}\u{200d}👩\u{200d}💻", "\u{202e}x\u{85}"]
        {
            let once = tidy(text).into_owned();
            assert_eq!(tidy(&once), once);
        }
    }
}
