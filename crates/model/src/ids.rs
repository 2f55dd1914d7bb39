//! Identifiers that depend on what they name alone, never on the machine or the run.

use data_encoding::BASE32_NOPAD;

use crate::{Claim, Mention, Span, Str};

/// The ten bytes behind an [`id`]: 80 bits, so that a million documents collide with a probability
/// of about 4 in 10^13.
pub type Id = [u8; 10];

/// An identifier of the form `d` + 16 lower-case base32 characters of the blake3 hash of `parts`.
///
/// Each part is hashed with its length, so `["ab", "c"]` and `["a", "bc"]` differ.
///
/// ```
/// # use claimline_model::{id, id_text, parse_id};
/// let first = id('d', &[b"mail/a.txt", b""]);
/// assert_eq!(first.len(), 17);
/// assert_ne!(first, id('d', &[b"mail/a.tx", b"t"]));
/// assert_eq!(id_text('d', &parse_id(&first).unwrap()), first);
/// ```
pub fn id(prefix: char, parts: &[&[u8]]) -> Str {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes: Id = [0; 10];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..10]);
    id_text(prefix, &bytes)
}

/// The text of an identifier; `prefix` is an ASCII letter.
pub fn id_text(prefix: char, bytes: &Id) -> Str {
    let mut text = [0; 17];
    text[0] = prefix as u8;
    BASE32_NOPAD.encode_mut(bytes, &mut text[1..]);
    text.make_ascii_lowercase();
    Str::new(String::from_utf8_lossy(&text))
}

/// The bytes of an identifier that [`id`] made, or `None` for any other text.
pub fn parse_id(text: &str) -> Option<Id> {
    let digits = text.as_bytes().get(1..).filter(|digits| digits.len() == 16)?;
    BASE32_NOPAD.decode(&digits.to_ascii_uppercase()).ok()?.try_into().ok()
}

impl Mention {
    /// The `mention_id` that follows from the document, the kind and the place.
    pub fn made_id(&self) -> Str {
        let place = Span::new(self.char_start, self.char_end).to_string();
        id('m', &[self.doc_id.as_bytes(), self.kind.as_str().as_bytes(), place.as_bytes()])
    }
}

impl Claim {
    /// The `claim_id` that follows from the document, the kind, where the content and the amount stand,
    /// and the role in a change.
    pub fn made_id(&self) -> Str {
        let (content, amount) = (self.content_spans.to_string(), self.amount_spans.to_string());
        let role = self.change_role.map_or("", |role| role.as_str());
        let parts = [&self.doc_id, self.kind.as_str(), &content, &amount, role];
        id('c', &parts.map(str::as_bytes))
    }
}
