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
    let mut after_space = false;
    for c in text.chars() {
        let space = c.is_whitespace();
        if !(space && after_space) {
            out.push(if space { ' ' } else { c });
        }
        after_space = space;
    }
}

/// Whether every white space is a single plain space.
pub(crate) fn is_collapsed(text: &str) -> bool {
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
