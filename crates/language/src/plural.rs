//! Plural nouns to singular, by the endings of English and a table of what they get wrong.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::{WordMap, hash_of, rows};

/// `plural <tab> singular`.
const IRREGULAR: &str = include_str!("en/plurals.tsv");

static SINGULARS: LazyLock<WordMap<&str>> =
    LazyLock::new(|| rows::<2>(IRREGULAR).map(|[plural, singular]| (plural, singular)).collect());

/// The singular of a noun, in lower case unless the word is all capitals; a singular stays itself.
///
/// ```
/// # use claimline_language::singular;
/// assert_eq!(singular("companies"), "company");
/// assert_eq!(singular("people"), "person");
/// assert_eq!(singular("gas"), "gas");
/// ```
pub fn singular(noun: &str) -> Cow<'_, str> {
    let capitals = noun.strip_suffix('s').unwrap_or(noun);
    if capitals.len() > 1 && capitals.bytes().all(|b| b.is_ascii_uppercase() || b == b'.') {
        return Cow::Borrowed(capitals);
    }
    if let Some(singular) = SINGULARS.get(hash_of(noun)) {
        return Cow::Borrowed(singular);
    }
    let lower = match noun.chars().any(char::is_uppercase) {
        true => Cow::Owned(noun.to_lowercase()),
        false => Cow::Borrowed(noun),
    };
    let Some((cut, add)) = ending(lower.as_bytes()) else { return lower };
    let stem = lower.len() - cut;
    match (lower, add) {
        (Cow::Borrowed(word), "") => Cow::Borrowed(&word[..stem]),
        (word, add) => Cow::Owned(format!("{}{add}", &word[..stem])),
    }
}

/// How many bytes to take from the end, and what to put there instead.
fn ending(word: &[u8]) -> Option<(usize, &'static str)> {
    match word {
        // A word of three letters has no stem left: gas, yes, its.
        [_, _] | [_] | [] | [_, _, b's'] => None,
        [.., b's', b's'] | [.., b'u', b's'] | [.., b'i', b's'] => None,
        [.., b'i', b'e', b's'] => Some((3, "y")),
        [.., b's', b's', b'e', b's']
        | [.., b's' | b'c', b'h', b'e', b's']
        | [.., b'x', b'e', b's']
        | [.., b'z', b'z', b'e', b's']
        | [.., b'o', b'e', b's'] => Some((2, "")),
        [.., b'\'', b's'] => Some((2, "")),
        [.., b's'] => Some((1, "")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_become_singular_and_singulars_stay() {
        for line in [
            "agreements agreement",
            "companies company",
            "days day",
            "churches church",
            "boxes box",
            "classes class",
            "heroes hero",
            "houses house",
            "horses horse",
            "women woman",
            "feet foot",
            "Workers worker",
            "prices price",
            "analyses analysis",
            "aircraft aircraft",
            "business business",
            "virus virus",
            "tonnes tonne",
            "shares share",
            "vehicles vehicle",
            "TVs TV",
            "MW MW",
            "judges judge",
            "matches match",
            "series series",
            "cookies cookie",
            "crises crisis",
            "men man",
            "cases case",
        ] {
            let (plural, expected) = line.split_once(' ').unwrap();
            assert_eq!(singular(plural), expected);
        }
    }

    #[test]
    fn irregulars_are_sorted() {
        assert!(rows::<1>(IRREGULAR).is_sorted_by(|a, b| a < b));
    }
}
