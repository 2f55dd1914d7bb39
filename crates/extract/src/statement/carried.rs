//! Quotations that nobody is named for: what the source of the paragraph before goes on to say.

use std::ops::Range;

use super::{Quote, Statement, Strength};

/// The rule of a paragraph that is nothing but a quotation.
pub(crate) const RULE: &str = "<quote> in a paragraph of its own";

/// Appends a statement for each paragraph that is nothing but a quotation, behind one whose source is quoted.
pub(crate) fn carry(paragraphs: &[Range<usize>], quotes: &[Quote], statements: &mut Vec<Statement>) {
    let mut speaker: Option<Statement> = None;
    let mut next = 0;
    let found = statements.len();
    for paragraph in paragraphs {
        // Those of the paragraph, in the order they were found in.
        let start = next;
        let of_it = |statement: &Statement| statement.place() < paragraph.end;
        next += statements[start..found].iter().take_while(|statement| of_it(statement)).count();
        let here = &statements[start..next];
        let said = |statement: &&Statement| {
            statement.content.iter().any(|part| part.start < paragraph.end && paragraph.start < part.end)
        };
        let taken = statements[..next].iter().rev().take(here.len() + 1).find(said).is_some();
        if let Some(speaker) = speaker.as_ref().filter(|_| !taken && is_quoted(paragraph, quotes)) {
            let content = vec![paragraph.clone()];
            statements.push(Statement {
                cue: None,
                passed_on: None,
                told: Default::default(),
                content,
                rule: RULE,
                ..speaker.clone()
            });
            continue;
        }
        let quoted = |statement: &&Statement| {
            let quote = |part: &Range<usize>| {
                quotes[quotes.partition_point(|quote| quote.tokens.end <= part.start)..]
                    .first()
                    .is_some_and(|quote| quote.tokens.start < part.end)
            };
            statement.strength == Strength::Says
                && statement.source.is_some()
                && statement.content.iter().any(quote)
        };
        speaker = here.iter().rev().find(quoted).cloned();
    }
}

/// Whether a paragraph is nothing but quotations.
fn is_quoted(paragraph: &Range<usize>, quotes: &[Quote]) -> bool {
    let first = quotes.partition_point(|quote| quote.tokens.end <= paragraph.start);
    let mut at = paragraph.start;
    for quote in &quotes[first..] {
        if quote.tokens.start != at {
            break;
        }
        at = quote.tokens.end;
        if at >= paragraph.end {
            return true;
        }
    }
    false
}
