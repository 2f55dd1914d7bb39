//! A place among the tokens of a sentence, which rules are written against.

use std::ops::Range;

use claimline_language::{Class, Kind, Token};

/// A place among the tokens of one sentence. It is small and copied freely: a rule tries its luck on
/// a copy and hands that back when it matched.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// The first of a sentence's `tokens`, which were read from `text`.
    pub fn new(text: &'t str, tokens: &'t [Token]) -> Self {
        Self { text, tokens, at: 0 }
    }

    /// The whole text, which the tokens' bytes count in.
    pub fn source(&self) -> &'t str {
        self.text
    }

    /// The sentence's tokens.
    pub fn tokens(&self) -> &'t [Token] {
        self.tokens
    }

    /// The index of the token here, among the sentence's.
    pub fn at(&self) -> usize {
        self.at
    }

    /// This cursor at another index; past the end is the end.
    pub fn to(mut self, at: usize) -> Self {
        self.at = at.min(self.tokens.len());
        self
    }

    /// Whether no token is left.
    pub fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Goes `count` tokens on.
    pub fn advance(&mut self, count: usize) {
        *self = self.to(self.at + count);
    }

    /// The token `offset` away from here: 0 is the one here, -1 the one before.
    pub fn token(&self, offset: isize) -> Option<&'t Token> {
        self.tokens.get(self.at.checked_add_signed(offset)?)
    }

    /// The words of the token `offset` away; empty beyond the ends.
    pub fn text(&self, offset: isize) -> &'t str {
        self.token(offset).map_or("", |token| token.text(self.text))
    }

    /// The hash of the token `offset` away, to compare with [`claimline_language::word`]; 0, which no
    /// word has, beyond the ends.
    pub fn hash(&self, offset: isize) -> u64 {
        self.token(offset).map_or(0, |token| token.hash)
    }

    /// The kind of the token `offset` away.
    pub fn kind(&self, offset: isize) -> Option<Kind> {
        self.token(offset).map(|token| token.kind)
    }

    /// The classes of the token `offset` away; none beyond the ends.
    pub fn class(&self, offset: isize) -> Class {
        self.token(offset).map_or(Class::default(), |token| token.class)
    }

    /// Whether the token `offset` away touches the one before it, without white space between.
    pub fn joined(&self, offset: isize) -> bool {
        match (self.token(offset - 1), self.token(offset)) {
            (Some(before), Some(token)) => before.end == token.start,
            _ => false,
        }
    }

    /// Whether the token `offset` away begins with a capital letter.
    pub fn capital(&self, offset: isize) -> bool {
        self.text(offset).chars().next().is_some_and(char::is_uppercase)
    }

    /// Whether the token `offset` away is a hyphen or a dash that touches both its neighbours.
    pub fn hyphen(&self, offset: isize) -> bool {
        self.joined(offset) && self.joined(offset + 1) && is_dash(self.text(offset))
    }

    /// Goes over the token here if its hash is `hash`.
    pub fn take(&mut self, hash: u64) -> bool {
        let taken = self.hash(0) == hash;
        self.at += usize::from(taken);
        taken
    }

    /// Goes over the token here if its hash is among `hashes`.
    pub fn take_any(&mut self, hashes: &[u64]) -> bool {
        let taken = hashes.contains(&self.hash(0));
        self.at += usize::from(taken);
        taken
    }

    /// The bytes that the tokens at `tokens` take up in the text.
    pub fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        match self.tokens.get(tokens).unwrap_or_default() {
            [] => 0..0,
            [only] => only.range(),
            [first, .., last] => first.start as usize..last.end as usize,
        }
    }
}

/// Hyphen-minus, hyphen, non-breaking hyphen, figure dash, en dash, em dash, minus.
pub(crate) fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "\u{2010}" | "\u{2011}" | "\u{2012}" | "\u{2013}" | "\u{2014}" | "\u{2212}")
}
