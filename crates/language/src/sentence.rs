//! Tokens to sentences, by the rules of UAX #29 with what it leaves to a dictionary: abbreviations,
//! initials, quotations that close behind the stop.

use std::ops::Range;

use crate::scan::{Item, Scanner};
use crate::{Class, Kind, Token};

/// A sentence that is longer is cut: such are tables without stops, and a row repeats its sentence.
const MOST_TOKENS: usize = 400;

/// One sentence of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its tokens' places in [`Reading::tokens`]; never empty.
    pub tokens: Range<usize>,
    /// Its bytes in the text.
    pub bytes: Range<usize>,
}

/// The sentences and tokens of a text, in buffers to be used again.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    tokens: Vec<Token>,
    sentences: Vec<Sentence>,
}

impl Reading {
    /// Forgets the text, keeps the buffers.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.sentences.clear();
    }

    /// The tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The sentences, in order; every token stands in one.
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// Reads the paragraph at `bytes` of `text`, behind what was read of that text before.
    ///
    /// A sentence goes over single newlines, as hard-wrapped text needs, but not over a blank line,
    /// nor over a line that begins with four blanks, which is how newswire begins a paragraph.
    /// Offsets have 32 bits: of a text beyond 4 GiB nothing is read.
    ///
    /// # Panics
    /// If `bytes` does not lie on character boundaries of `text`.
    pub fn read(&mut self, text: &str, bytes: Range<usize>) {
        if u32::try_from(bytes.end).is_err() {
            return;
        }
        let mut from = self.tokens.len();
        for item in Scanner::new(text, bytes.start, bytes.end) {
            match item {
                Item::Token(token) => self.tokens.push(token),
                Item::Pair(first, second) => self.tokens.extend([first, second]),
                Item::ParagraphEnd => {
                    self.split(text, from);
                    from = self.tokens.len();
                }
            }
        }
        self.split(text, from);
    }

    /// Makes sentences of the tokens of a paragraph, which begins at `from`.
    fn split(&mut self, text: &str, from: usize) {
        let len = self.tokens.len();
        let mut start = from;
        let mut at = from;
        while at < len {
            let end =
                self.sentence_end(text, start, at).or((at - start + 1 == MOST_TOKENS).then_some(at + 1));
            at = end.unwrap_or(at + 1);
            if end.is_some() || at == len {
                let bytes = self.tokens[start].start as usize..self.tokens[at - 1].end as usize;
                self.sentences.push(Sentence { tokens: start..at, bytes });
                start = at;
            }
        }
    }

    /// Where the sentence that began at `start` ends, if the token at `at` ends it.
    fn sentence_end(&self, text: &str, start: usize, at: usize) -> Option<usize> {
        let token = &self.tokens[at];
        let first = text.as_bytes()[token.start as usize];
        let last = text.as_bytes()[token.end as usize - 1];
        let abbreviation = token.kind == Kind::Word && last == b'.';
        let stops = match token.kind {
            Kind::Punctuation => {
                matches!(first, b'.' | b'!' | b'?') || matches!(token.text(text), "\u{2026}" | "\u{3002}")
            }
            _ => abbreviation,
        };
        if !stops || token.class.has(Class::TITLE | Class::BEFORE_NUMBER) {
            return None;
        }
        // `6 . 2`, as a tokenizer writes it
        let number = |i: usize| self.tokens.get(i).is_some_and(|token| token.kind == Kind::Number);
        let apart = |i: usize| self.tokens[i - 1].end < self.tokens[i].start;
        if at > start && number(at - 1) && number(at + 1) && apart(at) && apart(at + 1) {
            return None;
        }
        let numbered = at == start + 1 && self.tokens[start].kind == Kind::Number;
        let joined = |i: usize| i < self.tokens.len() && self.tokens[i].start == self.tokens[i - 1].end;
        let mut end = at + 1;
        loop {
            if joined(end) && closes(self.tokens[end].text(text)) {
                end += 1;
            } else if let Some(behind) = self.behind_a_note(text, end) {
                end = behind;
            } else {
                break;
            }
        }
        let Some(next) = self.tokens[end..].iter().position(|t| !opens(t.text(text))) else {
            return Some(end);
        };
        let next = end + next;
        let capital = text[self.tokens[next].range()].chars().next();
        let lower = capital.is_some_and(char::is_lowercase);
        let opened = at > start && opens(self.tokens[at - 1].text(text));
        // A stop inside something: `end.Next` is two sentences; `.5.`, `(.FTSE)` and `?)` followed by more
        // are not.
        if joined(end) && (opened || !(first == b'.' && capital.is_some_and(char::is_uppercase))) {
            return None;
        }
        // What stands in brackets behind an abbreviation belongs to it: `Acme Inc. (NYSE: ACM)`.
        let bracket = matches!(self.tokens[end].text(text), "(" | "[");
        let begins = match abbreviation {
            true => !bracket && (next > end || self.tokens[next].class.has(Class::CLOSED)),
            false => !numbered,
        };
        let informal = end == at + 1 && matches!(first, b'!' | b'?')
            || text[self.tokens[start].range()].starts_with(char::is_lowercase);
        (begins && (!lower || informal && !abbreviation)).then_some(end)
    }

    /// Behind what follows a stop and belongs to its sentence: an emoticon, or a reference (`[17]`).
    fn behind_a_note(&self, text: &str, end: usize) -> Option<usize> {
        match self.tokens.get(end..)? {
            [face, ..] if face.kind == Kind::Symbol && text[face.range()].starts_with([':', ';', '=']) => {
                (face.end - face.start > 1).then_some(end + 1)
            }
            [open, number, close, ..] if number.kind == Kind::Number => {
                (open.text(text) == "[" && close.text(text) == "]").then_some(end + 3)
            }
            _ => None,
        }
    }
}

fn closes(text: &str) -> bool {
    matches!(text, "\"" | "'" | ")" | "]" | "!" | "?" | "\u{201D}" | "\u{2019}" | "\u{BB}")
}

fn opens(text: &str) -> bool {
    matches!(
        text,
        "\"" | "'" | "(" | "[" | "\u{201C}" | "\u{2018}" | "\u{AB}" | "-" | "--" | "\u{2013}" | "\u{2014}"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Reading {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        reading
    }

    #[track_caller]
    fn tokens(text: &str, expected: &str) {
        let reading = read(text);
        let found: Vec<_> = reading.tokens().iter().map(|t| t.text(text)).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn splits_tokens_as_treebanks_do() {
        tokens("$44bn (40%) in 2025.", "$ 44 bn ( 40 % ) in 2025 .");
        tokens("1,200.5 8-1/2 5-year US$3", "1,200.5 8 - 1/2 5 - year US$ 3");
        tokens("Xi's 72nd, it didn't; they cannot, can't", "Xi 's 72nd , it did n't ; they can not , ca n't");
        tokens("Kazakhstan’s O'Brien doesn’t", "Kazakhstan ’s O'Brien does n’t");
        tokens(
            "the 1980s at 10:30am on 2025-06-17, 12/25/87",
            "the 1980s at 10:30 am on 2025 - 06 - 17 , 12/25/87",
        );
        tokens("AT&T and S&P 500 -- Q3 A320...", "AT&T and S&P 500 -- Q3 A320 ...");
        tokens("Rs20 RM300 PS5 GT500", "Rs 20 RM 300 PS5 GT500");
        tokens("£.08 2½ −5°C rate:1,5", "£ .08 2 ½ − 5 ° C rate : 1,5");
        tokens("U.S. Inc. a.m. No. 5, no. Ph.D.'s", "U.S. Inc. a.m. No. 5 , no . Ph.D. 's");
        tokens("EUR50m $US3 A320 MP3 $A5bn Rs1,599", "EUR 50 m $US 3 A320 MP3 $A 5 bn Rs 1,599");
        tokens("5kW 3pm 1,00,000 June 17,2025", "5 kW 3 pm 1,00,000 June 17 , 2025");
        tokens(
            "see https://a.example/x?y=1. mail a@b.example",
            "see https://a.example/x?y=1 . mail a@b.example",
        );
        tokens("it ended.Then more", "it ended . Then more");
    }

    #[track_caller]
    fn sentences(expected: &[&str]) {
        sentences_of(&expected.join(" "), expected);
    }

    #[track_caller]
    fn sentences_of(text: &str, expected: &[&str]) {
        let reading = read(text);
        let found: Vec<_> = reading.sentences().iter().map(|s| &text[s.bytes.clone()]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn ends_sentences_at_stops_that_end_them() {
        sentences(&["Acme Inc. fell 3.5 pct.", "It had risen on Feb. 26."]);
        sentences(&["Mr. J. R. Smith of Acme Corp. agreed.", "\"We will,\" he said."]);
        sentences(&["He left the U.S. in May.", "The U.S. Senate met at 5 p.m. on Monday.", "No. 5 won."]);
        sentences(&["\"Is it true?\" she asked.", "\"It is.\"", "(They laughed.)", "Then they left!"]);
        sentences(&["They waited ... and went.", "So…", "It was over."]);
        sentences(&["Sales rose at Acme Co.", "The shares fell."]);
        sentences(&["Acme Inc. (NYSE: ACM) rose at 10 a.m. (0900 GMT) on Monday.", "(Others fell.)"]);
        sentences(&["1. Buy the bread.", "He said no.", "It cost $5."]);
        sentences(&["Sales rose 6 . 2 % to a record .", "They fell ."]);
        sentences(&["It grew by 5.", "2025 was better."]);
        sentences(&["London's index (.FTSE) fell.", "It was Monday."]);
    }

    #[test]
    fn sentences_go_over_lines_but_not_over_paragraphs() {
        sentences_of("It rose\nby 5 pct.\nThen it fell", &["It rose\nby 5 pct.", "Then it fell"]);
        sentences_of("A headline\n\nThe text.", &["A headline", "The text."]);
        sentences_of("it said\n    The bank rose", &["it said", "The bank rose"]);
        sentences_of(" \n", &[]);
    }

    #[test]
    fn a_table_without_stops_is_cut() {
        let text = "12 ".repeat(MOST_TOKENS * 2 + 1);
        assert_eq!(read(&text).sentences().len(), 3);
    }

    proptest! {
        #[test]
        fn spans_lie_on_characters_in_order_and_leave_out_only_space(
            text in "(?s)(.|[0-9.,'’ \n$%A-Za-z-]|Inc\\.|n't|½|漢|é|\u{301}){0,60}"
        ) {
            let reading = read(&text);
            let mut at = 0;
            for token in reading.tokens() {
                prop_assert!(token.start < token.end);
                let gap = &text[at..token.start as usize];
                prop_assert!(gap.chars().all(char::is_whitespace), "{gap:?} in {text:?}");
                at = token.end as usize;
                prop_assert_eq!(token.hash, crate::hash_of(token.text(&text)), "{:?}", token.text(&text));
            }
            prop_assert!(text[at..].trim().is_empty());
            let places: Vec<_> = reading.sentences().iter().flat_map(|s| s.tokens.clone()).collect();
            prop_assert_eq!(places, (0..reading.tokens().len()).collect::<Vec<_>>());
        }
    }
}
