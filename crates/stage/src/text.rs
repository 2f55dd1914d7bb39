//! Plain text as blocks.

use std::ops::Range;

/// The paragraphs of plain text: the byte ranges between blank lines, without the white space
/// around them.
///
/// ```
/// # use claimline_stage::paragraphs;
/// let text = " Headline\n \nFirst line,\nsecond line.\n";
/// let found: Vec<_> = paragraphs(text).map(|range| &text[range]).collect();
/// assert_eq!(found, ["Headline", "First line,\nsecond line."]);
/// ```
pub fn paragraphs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut lines = text.split_inclusive('\n');
    let mut at = 0;
    let mut open: Option<usize> = None;
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let line = lines.next();
            at += line.map_or(0, str::len);
            let blank = line.is_none_or(|line| line.trim().is_empty());
            match (blank, open) {
                (false, None) => open = Some(start),
                (true, Some(from)) => {
                    open = None;
                    let paragraph = &text[from..start];
                    let inner = paragraph.trim();
                    let from = from + (paragraph.len() - paragraph.trim_start().len());
                    return Some(from..from + inner.len());
                }
                _ if line.is_none() => return None,
                _ => {}
            }
        }
    })
}
