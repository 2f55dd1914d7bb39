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

/// An enum whose variants have the names that a treebank writes.
macro_rules! names {
    ($(#[doc = $doc:literal])+ $type:ident { $($(#[doc = $about:literal])+ $variant:ident $name:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(clippy::upper_case_acronyms)]
        pub enum $type { $($(#[doc = $about])+ $variant,)+ }

        impl $type {
            /// All of them, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that a treebank writes.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// The one of this number.
            pub fn numbered(number: u8) -> Option<Self> {
                Self::ALL.get(number as usize).copied()
            }
        }
    };
}

pub mod chunk;
mod class;
mod form;
mod lemma;
mod lexicon;
pub mod linear;
pub mod matrix;
mod memo;
pub mod name;
pub mod network;
pub mod parse;
mod plural;
pub mod resolve;
mod scan;
mod sentence;
pub mod syntax;
pub mod tag;
mod token;
pub mod transition;

pub use class::{Class, inflected};
pub use form::Form;
pub use lemma::lemma;
pub use lexicon::{WordMap, rows};
pub use plural::singular;
pub use sentence::{Reading, Sentence};
pub use token::{Kind, Token, hash_of, word};
