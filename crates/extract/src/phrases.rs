//! Lexicons whose entries may be several tokens long.

use claimline_language::{Reading, WordMap, hash_of};

use crate::cursor::Cursor;

/// What is known of words and of phrases, by their tokens' hashes. A lookup of a word that begins
/// nothing is one map access.
#[derive(Debug)]
pub struct Phrases<V> {
    /// By the hash of the first token: the hashes of the others, the longest first.
    by_first: WordMap<Vec<(Box<[u64]>, V)>>,
}

impl<V> Default for Phrases<V> {
    fn default() -> Self {
        Self { by_first: WordMap::default() }
    }
}

impl<V> Phrases<V> {
    /// Adds `phrase`, split as the text will be. Of two equal ones the first comes first.
    pub fn insert(&mut self, phrase: &str, value: V) {
        let mut reading = Reading::default();
        reading.read(phrase, 0..phrase.len());
        let Some((first, rest)) = reading.tokens().split_first() else { return };
        let rest: Box<[u64]> = rest.iter().map(|token| token.hash).collect();
        self.add(first.hash, rest, value);
    }

    /// Adds `word` as one token, however it would be split by itself: `$US`, which is one before
    /// digits.
    pub fn insert_token(&mut self, word: &str, value: V) {
        self.add(hash_of(word), Box::default(), value);
    }

    fn add(&mut self, first: u64, rest: Box<[u64]>, value: V) {
        let entries = self.by_first.entry(first).or_default();
        let place = entries.partition_point(|(known, _)| known.len() >= rest.len());
        entries.insert(place, (rest, value));
    }

    /// The longest phrase that begins at the cursor, and its number of tokens.
    pub fn longest(&self, cursor: &Cursor<'_>) -> Option<(usize, &V)> {
        self.all(cursor).next()
    }

    /// Every phrase that begins at the cursor, the longest first, with its number of tokens.
    pub fn all<'p>(&'p self, cursor: &Cursor<'_>) -> impl Iterator<Item = (usize, &'p V)> {
        let behind = cursor.tokens().get(cursor.at() + 1..).unwrap_or_default();
        let entries = self.by_first.get(cursor.hash(0)).map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(move |(rest, value)| {
            let matches = behind.len() >= rest.len() && rest.iter().zip(behind).all(|(a, b)| *a == b.hash);
            matches.then_some((rest.len() + 1, value))
        })
    }

    /// Every phrase of at most `most` tokens that ends right before the cursor, the longest first,
    /// with its number of tokens.
    pub fn ending<'p>(&'p self, cursor: &Cursor<'_>, most: usize) -> impl Iterator<Item = (usize, &'p V)> {
        (1..=most.min(cursor.at())).rev().filter_map(|count| {
            let start = cursor.to(cursor.at() - count);
            self.all(&start).find(|(len, _)| *len == count)
        })
    }
}
