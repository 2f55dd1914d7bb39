//! English, read once: text to sentences and tokens. Knows nothing of claims.
//!
//! [`Reading::read`] makes one pass over a paragraph and appends its sentences and tokens to buffers
//! that are used again for the next document; no token allocates. A token carries a hash of its
//! lower-cased form, computed in the same pass, so that a lexicon is a [`WordMap`] from that hash to
//! whatever is known of the word, and a rule compares numbers: `token.hash == word("of")`.
//!
//! ```
//! # use claimline_language::{Reading, word};
//! let text = "Acme Corp. paid $44bn, Mr. Roe's aides said. It didn't stop there.";
//! let mut reading = Reading::default();
//! reading.read(text, 0..text.len());
//! assert_eq!(reading.sentences().len(), 2);
//! let words: Vec<_> = reading.tokens().iter().map(|t| t.text(text)).collect();
//! assert_eq!(words[..7], ["Acme", "Corp.", "paid", "$", "44", "bn", ","]);
//! assert_eq!(reading.tokens()[1].hash, word("corp"));
//! ```

mod class;
mod lexicon;
mod plural;
mod scan;
mod sentence;
mod token;

pub use class::Class;
pub use lexicon::{WordMap, rows};
pub use plural::singular;
pub use sentence::{Reading, Sentence};
pub use token::{Kind, Token, hash_of, word};
