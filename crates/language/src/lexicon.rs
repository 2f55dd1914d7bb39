//! Lexicons: tables of words that a linguist can edit, and the maps that they become.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash_of;

/// What is known of words, by [`Token::hash`](crate::Token::hash).
///
/// Two words of the same 64-bit hash would be taken for one; with a million words that is less
/// likely than one in ten million.
#[derive(Clone, Debug)]
pub struct WordMap<V>(HashMap<u64, V, BuildHasherDefault<AsIs>>);

impl<V> Default for WordMap<V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<V> WordMap<V> {
    /// What is known of the word with this hash.
    pub fn get(&self, hash: u64) -> Option<&V> {
        self.0.get(&hash)
    }

    /// The place of the word with this hash, to be filled or changed.
    pub fn entry(&mut self, hash: u64) -> Entry<'_, u64, V> {
        self.0.entry(hash)
    }

    /// Adds a word, in whatever case; what was known of it before is returned.
    pub fn insert(&mut self, word: &str, value: V) -> Option<V> {
        self.0.insert(hash_of(word), value)
    }
}

impl<'w, V> FromIterator<(&'w str, V)> for WordMap<V> {
    fn from_iter<I: IntoIterator<Item = (&'w str, V)>>(words: I) -> Self {
        let mut map = Self::default();
        for (word, value) in words {
            map.insert(word, value);
        }
        map
    }
}

/// Takes a hash for what it is.
#[derive(Clone, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The rows of a data file: cells between tabs, `N` of them, those missing at the end empty. Lines
/// that are empty or begin with `# ` are left out.
pub fn rows<const N: usize>(file: &str) -> impl Iterator<Item = [&str; N]> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default().trim())
    })
}
