//! Dictionary forms, by the endings of English and tables of what they get wrong.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::class::verb_forms;
use crate::name::{Hint, hint};
use crate::tag::{Penn, Pos, Tag};
use crate::{WordMap, hash_of, rows, singular, word as word_hash};

/// `form <tab> lemma`: closed classes and comparison, in lower case.
const LEMMAS: &str = include_str!("en/lemmas.tsv");

static CLOSED: LazyLock<WordMap<&str>> =
    LazyLock::new(|| rows::<2>(LEMMAS).map(|[form, lemma]| (form, lemma)).collect());

static VERBS: LazyLock<WordMap<&str>> = LazyLock::new(|| {
    let mut verbs = WordMap::default();
    for (form, verb) in verb_forms() {
        // A plain form is its own lemma, whatever else it may be the past of: `found`.
        if verbs.get(hash_of(&form)).is_none() || form == verb {
            verbs.insert(&form, verb);
        }
    }
    verbs
});

/// The lemma of a word with this tag, as Universal Dependencies writes it.
///
/// ```
/// # use claimline_language::{lemma, tag::{Penn, Pos, Tag}};
/// assert_eq!(lemma("rose", Tag { pos: Pos::Verb, penn: Penn::VBD }), "rise");
/// assert_eq!(lemma("Companies", Tag { pos: Pos::Noun, penn: Penn::NNS }), "company");
/// assert_eq!(lemma("them", Tag { pos: Pos::Pron, penn: Penn::PRP }), "they");
/// ```
pub fn lemma(word: &str, tag: Tag) -> Cow<'_, str> {
    match tag.pos {
        Pos::Propn if tag.penn == Penn::NNPS => plural_name(word),
        Pos::Propn | Pos::X | Pos::Sym | Pos::Punct | Pos::Num => Cow::Borrowed(word),
        Pos::Part if tag.penn == Penn::POS => Cow::Borrowed("'s"),
        // `Israeli`, and `New` of `New York`, are written as names are.
        Pos::Adj if tag.penn == Penn::NNP || hint(hash_of(word)).has(Hint::NATIONALITY) => {
            Cow::Borrowed(word)
        }
        Pos::Adj
            if matches!(tag.penn, Penn::JJR | Penn::JJS)
                && hash_of(word) == const { word_hash("better") } =>
        {
            Cow::Borrowed("good")
        }
        Pos::Adj if tag.penn == Penn::JJS && hash_of(word) == const { word_hash("best") } => {
            Cow::Borrowed("good")
        }
        Pos::Noun if tag.penn == Penn::NNS => singular(word),
        Pos::Verb => verb(word, tag.penn),
        Pos::Adj | Pos::Adv | Pos::Aux | Pos::Part | Pos::Pron | Pos::Det => {
            match CLOSED.get(hash_of(word)).filter(|_| tag.penn != Penn::PRPS) {
                Some(lemma) => Cow::Borrowed(*lemma),
                None if matches!(tag.penn, Penn::JJR | Penn::RBR) => comparison(word, "er"),
                None if matches!(tag.penn, Penn::JJS | Penn::RBS) => comparison(word, "est"),
                None => lower(word),
            }
        }
        _ => lower(word),
    }
}

fn lower(word: &str) -> Cow<'_, str> {
    match word.chars().any(char::is_uppercase) {
        true => Cow::Owned(word.to_lowercase()),
        false => Cow::Borrowed(word),
    }
}

/// The singular of a name, with its capital.
fn plural_name(word: &str) -> Cow<'_, str> {
    let singular = singular(word);
    let shared = singular.len().min(word.len());
    match word.get(..shared) {
        Some(start) if start.eq_ignore_ascii_case(&singular) => Cow::Borrowed(start),
        _ => Cow::Borrowed(word),
    }
}

fn verb(word: &str, penn: Penn) -> Cow<'_, str> {
    if matches!(penn, Penn::VB | Penn::VBP) {
        return CLOSED.get(hash_of(word)).map_or_else(|| lower(word), |lemma| Cow::Borrowed(*lemma));
    }
    if let Some(lemma) = VERBS.get(hash_of(word)).or_else(|| CLOSED.get(hash_of(word))) {
        return Cow::Borrowed(*lemma);
    }
    let word = lower(word);
    let stem = match penn {
        Penn::VBG => word.strip_suffix("ing"),
        Penn::VBD | Penn::VBN => {
            if let Some(stem) = word.strip_suffix("ied") {
                return Cow::Owned(format!("{stem}y"));
            }
            word.strip_suffix("ed")
        }
        Penn::VBZ => {
            if let Some(stem) = word.strip_suffix("ies") {
                return Cow::Owned(format!("{stem}y"));
            }
            let sibilant = ["ses", "xes", "zes", "ches", "shes", "oes"].iter().any(|end| word.ends_with(end));
            return match word.strip_suffix(if sibilant { "es" } else { "s" }) {
                Some(stem) if sibilant && !stem.ends_with("ss") && stem.ends_with(['s', 'z']) => {
                    Cow::Owned(format!("{stem}e"))
                }
                Some(stem) => Cow::Owned(stem.to_owned()),
                None => word,
            };
        }
        _ => None,
    };
    match stem {
        Some(stem) => Cow::Owned(restored(stem)),
        None => word,
    }
}

/// A verb from what stands before `-ed` or `-ing`.
fn restored(stem: &str) -> String {
    match stem.as_bytes() {
        [.., a, b] if a == b && !matches!(a, b'l' | b's' | b'z' | b'f') => stem[..stem.len() - 1].to_owned(),
        // `heat`, `boast`, `fear`: two letters for one vowel.
        [.., b'e' | b'o', b'a', b't' | b'r'] => stem.to_owned(),
        // Sounds that English writes with an e behind: `manage`, `reduce`, `value`, `solve`, `use`.
        [.., b'c' | b'v' | b'u' | b'z']
        | [.., b'd' | b'r' | b'n', b'g']
        | [.., b'a' | b'i' | b'u' | b'o', b's']
        | [.., b'b' | b'd' | b'f' | b'g' | b'k' | b'p' | b't' | b'z', b'l']
        | [.., b'r' | b'n' | b'l', b's']
        | [.., _, b'a' | b'u', b't' | b'r' | b'g']
        | [.., _, b'i', b'r' | b'b' | b'd' | b'n' | b'k'] => format!("{stem}e"),
        _ if is_short(stem) => format!("{stem}e"),
        _ => stem.to_owned(),
    }
}

fn comparison<'w>(word: &'w str, ending: &str) -> Cow<'w, str> {
    let word = lower(word);
    let Some(stem) = word.strip_suffix(ending) else { return word };
    Cow::Owned(match stem.as_bytes() {
        [.., b'i'] => format!("{}y", &stem[..stem.len() - 1]),
        [.., a, b] if a == b && !matches!(a, b'l' | b's') => stem[..stem.len() - 1].to_owned(),
        [.., b'g' | b'c' | b'v'] if !stem.ends_with("ng") => format!("{stem}e"),
        [.., b'b' | b'd' | b'g' | b'p' | b't', b'l'] => format!("{stem}e"),
        _ if is_short(stem) => format!("{stem}e"),
        _ => stem.to_owned(),
    })
}

/// Whether the stem has one vowel, and one consonant behind it: without a silent -e it would double that.
fn is_short(stem: &str) -> bool {
    let vowel = |byte: &u8| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let one = stem.bytes().filter(|byte| vowel(byte)).count() == 1;
    matches!(stem.as_bytes(), [.., v, c] if one && vowel(v) && !vowel(c) && !matches!(c, b'w' | b'x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lemmas_are_those_of_a_dictionary() {
        for line in [
            "rose VERB VBD rise",
            "was AUX VBD be",
            "'s AUX VBZ be",
            "ca AUX MD can",
            "n't PART RB not",
            "larger ADJ JJR large",
            "biggest ADJ JJS big",
            "easier ADJ JJR easy",
            "greatest ADJ JJS great",
            "finest ADJ JJS fine",
            "closer ADJ JJR close",
            "cleverest ADJ JJS clever",
            "simpler ADJ JJR simple",
            "newest ADJ JJS new",
            "better ADV RBR well",
            "managed VERB VBD manage",
            "hoping VERB VBG hope",
            "hopping VERB VBG hop",
            "wiped VERB VBD wipe",
            "planning VERB VBG plan",
            "heated VERB VBD heat",
            "feared VERB VBD fear",
            "boxed VERB VBD box",
            "opened VERB VBD open",
            "carries VERB VBZ carry",
            "uses VERB VBZ use",
            "passes VERB VBZ pass",
            "Jones PROPN NNP Jones",
            "best ADJ JJS good",
            "'s PART POS 's",
            "Palestinians PROPN NNPS Palestinian",
            "Israeli ADJ JJ Israeli",
            "her PRON PRP she",
            "her PRON PRP$ her",
            "women NOUN NNS woman",
        ] {
            let [word, pos, penn, expected] =
                line.split(' ').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{line}"));
            let tag = Tag { pos: Pos::named(pos).unwrap(), penn: Penn::named(penn).unwrap() };
            assert_eq!(lemma(word, tag), expected, "{line}");
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(rows::<1>(LEMMAS).is_sorted_by(|a, b| a < b));
    }
}
