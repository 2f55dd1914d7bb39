//! What a cell of a spreadsheet may hold, and how text is made to fit.

use schemars::JsonSchema;
use serde::Deserialize;

/// What becomes of white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhiteSpace {
    /// Each run is one space.
    #[default]
    Collapse,
    /// It stays as it is.
    Keep,
}

/// What a cell may hold in Excel, in UTF-16 units:
/// <https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>.
pub(crate) const LONGEST_CELL: usize = 32_767;

/// Adds `text` to `out`, each run of white space as one space.
pub(crate) fn collapse(text: &str, out: &mut String) {
    let mut words = text.split(char::is_whitespace);
    out.push_str(words.next().unwrap_or_default());
    let mut after_space = false;
    for word in words {
        if !after_space {
            out.push(' ');
        }
        out.push_str(word);
        after_space = word.is_empty();
    }
}

/// Whether every white space is a single plain space.
pub(crate) fn is_collapsed(text: &str) -> bool {
    if text.is_ascii() {
        // No early end, so that many bytes are looked at side by side.
        let bytes = text.as_bytes();
        let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
        let broken = bytes.iter().fold(false, |any, byte| any | matches!(byte, b'\t'..=b'\r'));
        let doubled = pairs.fold(false, |any, (a, b)| any | (*a == b' ' && *b == b' '));
        return !broken && !doubled;
    }
    let mut after_space = false;
    text.chars().all(|c| {
        let fine = !c.is_whitespace() || (c == ' ' && !after_space);
        after_space = c == ' ';
        fine
    })
}

/// The byte at which a text is too long for a cell, if it is.
pub(crate) fn longest_cell(text: &str) -> Option<usize> {
    if text.len() <= LONGEST_CELL {
        return None;
    }
    let mut units = 0;
    let too_far = |(_, c): &(usize, char)| {
        units += c.len_utf16();
        units > LONGEST_CELL
    };
    text.char_indices().find(too_far).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_of_white_space_is_one_space() {
        for (text, collapsed) in [
            ("", ""),
            ("one two", "one two"),
            ("one\ntwo", "one two"),
            ("  one \t two\r\n", " one two "),
            ("\u{b}one\u{c}", " one "),
            ("caf\u{e9}\u{a0} au\u{2003}lait", "caf\u{e9} au lait"),
            ("\u{1c}one", "\u{1c}one"),
        ] {
            let mut out = String::new();
            collapse(text, &mut out);
            assert_eq!(out, collapsed, "{text:?}");
            assert_eq!(is_collapsed(text), text == collapsed, "{text:?}");
        }
    }
}
