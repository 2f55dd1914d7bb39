//! What a model sees of a word's letters: its ends, and its shape.

use std::sync::LazyLock;

use crate::linear::{both, key};
use crate::{Kind, Token, WordMap, rows};

/// Words that no treebank has, as the words that they are short for.
static SHORTHAND: LazyLock<WordMap<Form>> = LazyLock::new(|| {
    let words = rows::<2>(include_str!("en/shorthand.tsv"));
    words.map(|[word, long]| (word, Form::spelled(long, &Token::assumed(long, 0, long.len())))).collect()
});

/// A token's letters, packed into numbers that features are made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form {
    /// [`Token::hash`].
    pub word: u64,
    /// The last four bytes, in lower case; the last of the word is the lowest.
    pub suffix: u32,
    /// The first four, the first lowest.
    pub prefix: u32,
    /// Capitals, digits, hyphens, stops, length up to four, kind.
    pub shape: u16,
    /// The closed classes and verb forms it may be, as a number.
    pub class: u32,
}

impl Form {
    /// What a model sees of `token`; of shorthand (`dlrs`), what it sees of the word that is meant.
    pub fn of(text: &str, token: &Token) -> Self {
        match SHORTHAND.get(token.hash) {
            None => Self::spelled(text, token),
            Some(long) => {
                let capital = text.as_bytes()[token.start as usize].is_ascii_uppercase();
                Self { shape: long.shape | u16::from(capital) << 9, ..*long }
            }
        }
    }

    fn spelled(text: &str, token: &Token) -> Self {
        let bytes = &text.as_bytes()[token.range()];
        let packed = |bytes: &mut dyn Iterator<Item = &u8>| {
            bytes
                .take(4)
                .enumerate()
                .fold(0, |packed: u32, (i, byte)| packed | u32::from(byte.to_ascii_lowercase()) << (8 * i))
        };
        let mut shape = token.kind as u16 | (bytes.len().min(4) as u16 - 1) << 2;
        let (mut upper, mut lower) = (0, 0);
        for byte in bytes {
            match byte {
                b'A'..=b'Z' => upper += 1,
                b'a'..=b'z' => lower += 1,
                b'0'..=b'9' => shape |= 1 << 4,
                b'-' => shape |= 1 << 5,
                b'.' => shape |= 1 << 6,
                0x80.. => shape |= 1 << 7,
                _ => shape |= 1 << 8,
            }
        }
        shape |= u16::from(bytes[0].is_ascii_uppercase()) << 9;
        shape |= u16::from(upper > 1) << 10 | u16::from(lower > 0) << 11;
        Self {
            word: token.hash,
            suffix: packed(&mut bytes.iter().rev()),
            prefix: packed(&mut bytes.iter()),
            shape,
            class: token.class.bits(),
        }
    }

    /// A hash of all that is seen of it.
    pub(crate) fn hash(&self) -> u64 {
        let letters = u64::from(self.prefix) << 32 | u64::from(self.suffix);
        key(u64::from(self.class) << 16 | u64::from(self.shape), both(self.word, letters))
    }

    /// The last `n` letters, one to four.
    pub fn suffix(&self, n: u32) -> u64 {
        u64::from(self.suffix & (u32::MAX >> (32 - 8 * n)))
    }

    /// The first `n` letters, one to four.
    pub fn prefix(&self, n: u32) -> u64 {
        u64::from(self.prefix & (u32::MAX >> (32 - 8 * n)))
    }

    /// Whether it begins with a capital.
    pub fn is_capitalised(&self) -> bool {
        self.shape & 1 << 9 != 0
    }
}

/// A token that stands for the words of a file, not of a text that was scanned.
impl Token {
    /// The token at `start..end` of `text`, as the scanner would see it by itself.
    pub fn assumed(text: &str, start: usize, end: usize) -> Token {
        let word = &text[start..end];
        let first = word.chars().next().unwrap_or(' ');
        let second = word.chars().nth(1).unwrap_or(' ');
        let kind = if first.is_alphabetic() || matches!(first, '\'' | '\u{2019}') && second.is_alphabetic() {
            Kind::Word
        } else if first.is_numeric() || matches!(first, '.' | ',' | '-' | '\'') && second.is_numeric() {
            Kind::Number
        } else if crate::scan::is_punctuation(first) && !matches!(first, ':' | ';' if word.len() > 1) {
            Kind::Punctuation
        } else {
            Kind::Symbol
        };
        let hash = crate::hash_of(word);
        let class = match kind {
            Kind::Word => crate::class::CLASSES.get(hash).copied().unwrap_or_default(),
            _ => crate::Class::default(),
        };
        Token { hash, start: start as u32, end: end as u32, kind, class }
    }
}
