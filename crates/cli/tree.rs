//! Syntax trees, drawn with lines.

use std::ops::Range;

use claimline_language::Reading;
use claimline_language::parse::{Workspace, parse};
use claimline_language::tag::{Forms, tag};

use crate::paint::{self, DIM};

/// The tree of the sentence at `bytes` of `text`: a word a line, below the word that it hangs on, with its
/// part of speech and what it is to that word.
pub(crate) fn drawn(text: &str, bytes: Range<usize>) -> String {
    let mut reading = Reading::default();
    reading.read(text, bytes);
    let (mut tags, mut arcs) = (Vec::new(), Vec::new());
    let mut drawn = String::new();
    for sentence in reading.sentences() {
        let tokens = &reading.tokens()[sentence.tokens.clone()];
        tags.clear();
        arcs.clear();
        tag(text, tokens, &mut Forms::default(), &mut tags);
        parse(text, tokens, &tags, &mut Workspace::default(), &mut arcs);
        let hanging = |on: Option<usize>| -> Vec<usize> {
            (0..arcs.len()).filter(|word| arcs[*word].head.map(|head| head as usize) == on).collect()
        };
        // Words yet to be drawn, each behind the lines of those it hangs on; no stack of calls is as deep
        // as a long sentence may be.
        let mut open: Vec<(usize, String, bool)> =
            hanging(None).into_iter().rev().map(|word| (word, String::new(), true)).collect();
        while let Some((word, lines, last)) = open.pop() {
            let root = arcs[word].head.is_none();
            let corner = if root {
                ""
            } else if last {
                "└─ "
            } else {
                "├─ "
            };
            let about = format!("{} {}", tags[word].pos.name(), arcs[word].label.name());
            let shown = paint::plain(tokens[word].text(text));
            drawn += &format!("  {lines}{corner}{shown}  {}\n", paint::styled(&about, DIM));
            let below = if root {
                ""
            } else if last {
                "   "
            } else {
                "│  "
            };
            let words = hanging(Some(word));
            let last = words.last().copied();
            open.extend(
                words.into_iter().rev().map(|word| (word, format!("{lines}{below}"), Some(word) == last)),
            );
        }
    }
    drawn
}
