//! What is known of a word by itself: its closed classes, and the forms of verbs it may be.

use std::ops::BitOr;
use std::sync::LazyLock;

use crate::lexicon::{WordMap, rows};

/// A set of classes that a word may belong to; a word is often of several (`that`, `set`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class(u32);

macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal = $bit:literal,)+) => {
        impl Class {
            $($(#[doc = $doc])+ pub const $name: Class = Class(1 << $bit);)+

            /// The class that a data file calls `name`.
            fn named(name: &str) -> Option<Class> {
                match name { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

classes! {
    /// `the`, `this`, `every`.
    DETERMINER "determiner" = 0,
    /// `of`, `with`, `despite`.
    PREPOSITION "preposition" = 1,
    /// `he`, `them`, `itself`.
    PRONOUN "pronoun" = 2,
    /// `and`, `or`, `but`.
    COORDINATOR "coordinator" = 3,
    /// `because`, `although`, `that`.
    SUBORDINATOR "subordinator" = 4,
    /// Forms of be, have, do.
    AUXILIARY "auxiliary" = 5,
    /// `will`, `could`, `must`.
    MODAL "modal" = 6,
    /// `not`, `n't`, `never`.
    NEGATION "negation" = 7,
    /// `who`, `which`, `where`.
    RELATIVE "relative" = 8,
    /// `my`, `its`.
    POSSESSIVE "possessive" = 9,
    /// Adverbs that stand among verbs: `also`, `already`, `still`.
    ADVERB "adverb" = 10,
    /// The infinitive's `to`.
    TO "to" = 11,
    /// A verb's plain form: `rise`.
    VERB "verb" = 12,
    /// A verb's third person: `rises`.
    THIRD "third" = 13,
    /// A verb's past: `rose`.
    PAST "past" = 14,
    /// A verb's past participle: `risen`.
    PARTICIPLE "participle" = 15,
    /// A verb's `-ing` form: `rising`.
    GERUND "gerund" = 16,
    /// A title or the like, whose stop never ends a sentence: `Mr.`, `vs.`.
    TITLE "title" = 17,
    /// Another abbreviation with a stop: `Inc.`, `Feb.`.
    ABBREVIATION "abbreviation" = 18,
    /// An abbreviation only where a number follows: `No. 5`, `Sat. 12`.
    BEFORE_NUMBER "before_number" = 19,
    /// What a hyphen joins to the word behind it: `non-members`, `e-mail`.
    PREFIX "prefix" = 20,
}

impl Class {
    /// Every word of a small, fixed set: what a capital letter on it tells is that a sentence begins.
    pub const CLOSED: Class = Class(0x0FFF);
    /// Any form of a verb that can carry a clause by itself.
    pub const FINITE: Class = Class((1 << 12) | (1 << 13) | (1 << 14) | (1 << 5) | (1 << 6));

    /// Both sets, in a constant too.
    pub const fn or(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }

    /// Whether the word may belong to any of `classes`.
    pub fn has(self, classes: Class) -> bool {
        self.0 & classes.0 != 0
    }

    /// The set as a number, for a model to see.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// Whether nothing is known of the word.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Class {
    type Output = Class;

    fn bitor(self, other: Class) -> Class {
        self.or(other)
    }
}

/// `word <tab> classes, space between`.
const CLOSED: &str = include_str!("en/closed.tsv");
/// `abbreviation <tab> class`.
const ABBREVIATIONS: &str = include_str!("en/abbreviations.tsv");
/// `verb <tab> past <tab> participle`; both empty for a regular verb.
const VERBS: &str = include_str!("en/verbs.tsv");

pub(crate) static CLASSES: LazyLock<WordMap<Class>> = LazyLock::new(|| {
    let mut classes = WordMap::default();
    let mut add = |word: &str, class: Class| {
        let known: Class = classes.get(crate::hash_of(word)).copied().unwrap_or_default();
        classes.insert(word, known | class);
    };
    for [word, names, ..] in rows::<2>(CLOSED).chain(rows::<2>(ABBREVIATIONS)) {
        for class in names.split(' ').filter_map(Class::named) {
            add(word, class);
        }
    }
    for (verb, forms) in rows::<3>(VERBS).map(forms) {
        add(verb, Class::VERB);
        for (form, class) in forms.iter().zip([Class::THIRD, Class::GERUND, Class::PAST, Class::PARTICIPLE]) {
            add(form, class);
        }
    }
    classes
});

/// Each form of each verb of the list, with the verb.
pub(crate) fn verb_forms() -> impl Iterator<Item = (String, &'static str)> {
    rows::<3>(VERBS)
        .map(forms)
        .flat_map(|(verb, forms)| std::iter::once(verb.to_owned()).chain(forms).map(move |form| (form, verb)))
}

/// The forms of a verb beside its plain one: third person, `-ing` form, past and past participle. One that
/// the list of irregular verbs does not have is regular.
///
/// ```
/// # use claimline_language::inflected;
/// assert_eq!(inflected("say"), ["says", "saying", "said", "said"]);
/// assert_eq!(inflected("imply"), ["implies", "implying", "implied", "implied"]);
/// ```
pub fn inflected(verb: &'static str) -> [String; 4] {
    let known = rows::<3>(VERBS).find(|[word, ..]| *word == verb);
    forms(known.unwrap_or([verb, "", ""])).1
}

/// A verb, and its third person, `-ing` form, past and past participle.
fn forms([verb, past, participle]: [&'static str; 3]) -> (&'static str, [String; 4]) {
    let past = if past.is_empty() { ed(verb) } else { past.to_owned() };
    let participle = if participle.is_empty() { past.clone() } else { participle.to_owned() };
    (verb, [third(verb), ing(verb), past, participle])
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u')
}

fn third(verb: &str) -> String {
    match verb.as_bytes() {
        [.., before, b'y'] if !is_vowel(*before) => format!("{}ies", &verb[..verb.len() - 1]),
        [.., b's' | b'x' | b'z' | b'o'] | [.., b'c' | b's', b'h'] => format!("{verb}es"),
        _ => format!("{verb}s"),
    }
}

fn ed(verb: &str) -> String {
    match verb.as_bytes() {
        [.., b'e'] => format!("{verb}d"),
        [.., before, b'y'] if !is_vowel(*before) => format!("{}ied", &verb[..verb.len() - 1]),
        _ => format!("{}ed", doubled(verb)),
    }
}

fn ing(verb: &str) -> String {
    match verb.as_bytes() {
        [.., b'i', b'e'] => format!("{}ying", &verb[..verb.len() - 2]),
        [.., b'e', b'e'] | [b'b', b'e'] => format!("{verb}ing"),
        [.., b'e'] => format!("{}ing", &verb[..verb.len() - 1]),
        _ => format!("{}ing", doubled(verb)),
    }
}

/// The stem before `-ed` and `-ing`: the last consonant of a short vowel's only syllable is doubled.
fn doubled(verb: &str) -> String {
    let bytes = verb.as_bytes();
    let vowels = bytes.iter().filter(|b| is_vowel(**b)).count();
    match bytes {
        [.., before, vowel, last]
            if vowels == 1
                && !is_vowel(*before)
                && is_vowel(*vowel)
                && !is_vowel(*last)
                && !matches!(last, b'w' | b'x' | b'y') =>
        {
            format!("{verb}{}", *last as char)
        }
        _ => verb.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash_of;

    #[test]
    fn forms_of_verbs_are_known() {
        for (form, class) in [
            ("rose", Class::PAST),
            ("risen", Class::PARTICIPLE),
            ("carries", Class::THIRD),
            ("carried", Class::PAST),
            ("dropped", Class::PAST),
            ("dropping", Class::GERUND),
            ("reaches", Class::THIRD),
            ("agreed", Class::PARTICIPLE),
            ("exceeding", Class::GERUND),
            ("have", Class::AUXILIARY),
            ("n't", Class::NEGATION),
            ("Mr.", Class::TITLE),
        ] {
            let found = CLASSES.get(hash_of(form)).copied().unwrap_or_default();
            assert!(found.has(class), "{form}");
        }
    }

    #[test]
    fn data_files_name_known_classes_and_no_word_twice() {
        for file in [CLOSED, ABBREVIATIONS, VERBS] {
            let words: Vec<_> = rows::<1>(file).map(|[word]| word).collect();
            assert!(words.is_sorted_by(|a, b| a < b), "{:?}", words.windows(2).find(|w| w[0] >= w[1]));
        }
        for [word, names] in rows::<2>(CLOSED).chain(rows::<2>(ABBREVIATIONS)) {
            assert!(names.split(' ').all(|name| Class::named(name).is_some()), "{word}: {names}");
        }
    }
}
