//! What a token is, and the hash that stands for its lower-cased form.

use std::ops::Range;

use crate::Class;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, perhaps with digits, dots or `&` inside: `Corp.`, `U.S.`, `A320`, `S&P`, `n't`.
    Word,
    /// Begins with a digit, or with a point before one: `1,200.5`, `.08`, `1/2`, `10:30`, `3rd`,
    /// `1980s`, `½`.
    Number,
    /// Signs that are read aloud: `$`, `US$`, `%`, `°`, `+`.
    Symbol,
    /// Signs that are not: `.`, `,`, `-`, `"`, `--`, `...`.
    Punctuation,
}

/// One token of a text, as Universal Dependencies splits English: `$44bn` is three, `5-year` three,
/// `Xi's` two, `didn't` two; a stop belongs to an abbreviation (`Inc.`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The hash of the lower-cased form, see [`hash_of`].
    pub hash: u64,
    /// Its first byte in the text.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// What it is made of.
    pub kind: Kind,
    /// What the closed-class lexicon and the verb list know of it.
    pub class: Class,
}

impl Token {
    /// The bytes it takes up.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Its words in the text that it was read from.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.range()]
    }
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): one multiplication a byte, and
/// good enough spread that tables use it as it is.
pub(crate) const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

pub(crate) const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(PRIME)
}

pub(crate) fn step_char(mut hash: u64, c: char) -> u64 {
    let mut buffer = [0; 4];
    for lower in c.to_lowercase() {
        for byte in lower.encode_utf8(&mut buffer).bytes() {
            hash = step(hash, byte);
        }
    }
    hash
}

/// The hash of a token's text: of its lower-cased form, with `’` as `'`, and without the stop at the
/// end of an abbreviation, so that `Feb`, `feb.` and `FEB` are one word.
pub fn hash_of(text: &str) -> u64 {
    text[..without_stop(text.as_bytes())].chars().fold(OFFSET, |hash, c| match c {
        '\u{2019}' => step(hash, b'\''),
        c if c.is_ascii() => step(hash, c.to_ascii_lowercase() as u8),
        c => step_char(hash, c),
    })
}

/// [`hash_of`] for a word of ASCII letters in lower case, at compile time.
///
/// # Panics
/// If the word holds an upper-case letter or is not ASCII.
pub const fn word(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let end = without_stop(bytes);
    let mut hash = OFFSET;
    let mut i = 0;
    while i < end {
        assert!(bytes[i].is_ascii() && !bytes[i].is_ascii_uppercase());
        hash = step(hash, bytes[i]);
        i += 1;
    }
    hash
}

const fn without_stop(bytes: &[u8]) -> usize {
    let len = bytes.len();
    if len > 1 && bytes[len - 1] == b'.' && bytes[len - 2] != b'.' { len - 1 } else { len }
}
