//! Names of persons, organisations and places: a perceptron over words, tags and lists of words that
//! names are made of.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::linear::{CLASSES, Linear, best, both, key};
use crate::tag::{Forms, Penn, Pos, Tag};
use crate::{Token, WordMap, rows};

names! {
    /// What a name is the name of.
    NameKind {
        /// A person.
        Person "person",
        /// A company, a ministry, a club.
        Organisation "organization",
        /// A country, a town, a river.
        Place "place",
    }
}

/// A name in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The place of its first word.
    pub start: u32,
    /// The place behind its last.
    pub end: u32,
    /// What it is the name of.
    pub kind: NameKind,
}

/// What a word by itself tells of a name; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint(u16);

macro_rules! hints {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal = $bit:literal,)+) => {
        impl Hint {
            $($(#[doc = $doc])+ pub const $name: Hint = Hint(1 << $bit);)+

            fn named(name: &str) -> Option<Hint> {
                match name { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

hints! {
    /// A country or a continent, or a word of its name.
    COUNTRY "country" = 0,
    /// Its people, or what is of it.
    NATIONALITY "nationality" = 1,
    /// A capital or a large city.
    CITY "city" = 2,
    /// A state, a province.
    REGION "region" = 3,
    /// What ends or begins a place's name: `River`, `Mount`.
    PLACE "place" = 4,
    /// What ends or begins an organisation's name, or the whole of it.
    ORGANISATION "organisation" = 5,
    /// A title or an office before a person's name.
    TITLE "title" = 6,
    /// A man's given name.
    HE "he" = 7,
    /// A woman's given name.
    SHE "she" = 8,
}

impl Hint {
    /// Whether the word may be any of `hints`.
    pub fn has(self, hints: Hint) -> bool {
        self.0 & hints.0 != 0
    }
}

/// `word <tab> hints, space between`.
const WORDS: &str = include_str!("en/names.tsv");

static HINTS: LazyLock<WordMap<Hint>> = LazyLock::new(|| {
    let mut hints = WordMap::default();
    for [word, kinds] in rows::<2>(WORDS) {
        let all = kinds.split(' ').filter_map(Hint::named).fold(0, |all, hint| all | hint.0);
        hints.insert(word, Hint(all));
    }
    hints
});

/// What the word of this hash tells of a name.
pub fn hint(word: u64) -> Hint {
    HINTS.get(word).copied().unwrap_or_default()
}

/// Outside a name is 0; then for each kind the first word of a name, and a later one.
pub const OUTSIDE: usize = 0;

/// The class of a word in a name.
pub fn class(kind: NameKind, first: bool) -> usize {
    1 + 2 * kind as usize + usize::from(!first)
}

static BYTES: &[u8] = include_bytes!("../models/names.bin");

static MODEL: LazyLock<Option<Linear<'static>>> =
    LazyLock::new(|| Linear::read(BYTES).map(|(model, _)| model));

/// Appends the names of the sentence that `forms` was last filled with; `tags` are its tags.
pub fn names(forms: &Forms, tags: &[Tag], found: &mut Vec<Name>) {
    if let Some(model) = &*MODEL {
        names_with(model, forms, tags, found);
    }
}

/// Appends the names by a model of one's own.
pub fn names_with(model: &Linear<'_>, forms: &Forms, tags: &[Tag], found: &mut Vec<Name>) {
    let (mut before, mut two_before) = (OUTSIDE, OUTSIDE);
    let mut open = None;
    for at in 0..tags.len() {
        let mut scores = [0i16; CLASSES];
        features(forms, tags, at, before, two_before, |key| model.add(key, &mut scores));
        let class = best(&scores[..=2 * NameKind::ALL.len()]);
        let kind = class.checked_sub(1).and_then(|class| NameKind::numbered(class as u8 / 2));
        let goes_on = class > 0 && class.is_multiple_of(2);
        if let (Some(Name { kind: before, end, .. }), Some(kind), true) = (&mut open, kind, goes_on)
            && *before == kind
        {
            *end += 1;
        } else {
            found.extend(open.take());
            open = kind.map(|kind| Name { start: at as u32, end: at as u32 + 1, kind });
        }
        (two_before, before) = (before, class);
    }
    found.extend(open);
}

/// The features of the word at `at`, behind the classes `before` and `two_before`.
pub fn features(
    forms: &Forms,
    tags: &[Tag],
    at: usize,
    before: usize,
    two_before: usize,
    mut feature: impl FnMut(u64),
) {
    let Some(window) = forms.window(at) else { return };
    let [pp, p, w, n, nn] = window.each_ref().map(|(form, known)| (form, u64::from(known.cluster)));
    let tag = |offset: isize| {
        at.checked_add_signed(offset).and_then(|at| tags.get(at)).map_or(0, |tag| 1 + tag.penn as u64)
    };
    let hint = |word: u64| u64::from(hint(word).0);
    let hints = [p, w, n].map(|(form, _)| hint(form.word));
    let shape = |form: &crate::Form| u64::from(form.shape);
    let (before, two_before) = (before as u64, two_before as u64);
    let around = tag(-1) << 16 | tag(0) << 8 | tag(1);
    feature(key(1, before << 8 | two_before));
    feature(key(2, both(w.0.word, before)));
    feature(key(3, w.0.word));
    feature(key(4, p.0.word));
    feature(key(5, n.0.word));
    feature(key(6, both(p.0.word, before)));
    feature(key(7, both(shape(w.0), before)));
    feature(key(8, around << 8 | before));
    feature(key(9, tag(0) << 16 | tag(1) << 8 | tag(2)));
    feature(key(10, tag(-2) << 16 | tag(-1) << 8 | tag(0)));
    feature(key(11, (hints[1] << 10 | hints[2]) << 8 | before));
    feature(key(12, hints[0] << 10 | hints[1]));
    feature(key(13, hints[1]));
    feature(key(14, shape(p.0) << 32 | shape(w.0) << 16 | shape(n.0)));
    feature(key(15, w.0.suffix(3)));
    feature(key(16, w.0.prefix(3)));
    feature(key(17, w.1));
    feature(key(18, w.1 << 8 | before));
    feature(key(19, p.1));
    feature(key(20, n.1));
    feature(key(21, pp.1 << 8 | p.1));
    feature(key(22, hint(n.0.word) << 10 | hint(nn.0.word)));
    feature(key(23, hints[1] << 32 | around << 8 | before));
    feature(key(24, w.0.suffix(2)));
    // The first noun from here decides the kind of a phrase that begins with a determiner or a title.
    let noun = (at..tags.len().min(at + 6)).find(|i| {
        use crate::tag::Pos::{Noun, Propn};
        matches!(tags[*i].pos, Noun | Propn)
            && tags.get(i + 1).is_none_or(|next| !matches!(next.pos, Noun | Propn))
    });
    if let Some((form, known)) = noun.and_then(|i| forms.window(i)).map(|window| &window[2]) {
        feature(key(26, form.word));
        feature(key(27, u64::from(known.cluster) << 8 | before));
        feature(key(28, hint(form.word) << 8 | before));
        feature(key(29, form.suffix(3)));
        feature(key(30, both(form.word, before)));
    }
}

/// Lets the names of a document agree: a name takes the kind it has most often, and words that are a
/// name in one sentence are one in all where they are proper nouns and no name has them yet. `sentences`
/// are the tokens, tags and names of each.
pub fn agree(sentences: &mut [(&[Token], &[Tag], Vec<Name>)]) {
    let mut votes: HashMap<u64, [u32; NameKind::ALL.len()]> = HashMap::new();
    let mut longest = 0;
    for (tokens, tags, names) in sentences.iter() {
        for name in names {
            let words = bare(tokens, tags, *name);
            longest = longest.max(words.len());
            votes.entry(together(&tokens[words])).or_default()[name.kind as usize] += 1;
        }
    }
    let kind_of = |tokens: &[Token]| {
        let votes = votes.get(&together(tokens))?;
        let most = votes.iter().max()?;
        NameKind::ALL.iter().copied().find(|kind| votes[*kind as usize] == *most)
    };
    for (tokens, tags, names) in sentences {
        for name in names.iter_mut() {
            name.kind = kind_of(&tokens[bare(tokens, tags, *name)]).unwrap_or(name.kind);
        }
        let mut at = 0;
        while at < tokens.len() {
            let free = |at: &usize| {
                tags.get(*at).is_some_and(|tag| tag.pos == Pos::Propn)
                    && !names.iter().any(|name| (name.start..name.end).contains(&(*at as u32)))
            };
            let run = (at..tokens.len()).take(longest).take_while(free).count();
            let known = (1..=run).rev().find_map(|n| Some((n, kind_of(&tokens[at..at + n])?)));
            if let Some((n, kind)) = known {
                names.push(Name { start: at as u32, end: (at + n) as u32, kind });
            }
            at += known.map_or(1, |(n, _)| n);
        }
        names.sort_by_key(|name| name.start);
    }
}

/// The words of a name without what may stand before it: determiners, titles.
fn bare(tokens: &[Token], tags: &[Tag], name: Name) -> Range<usize> {
    let all = name.start as usize..name.end as usize;
    let begins = |at: &usize| tags[*at].pos == Pos::Propn && hint(tokens[*at].hash) != Hint::TITLE;
    let start = all.clone().find(begins).unwrap_or(all.start);
    let end = if tags[all.end - 1].penn == Penn::POS && all.end - 1 > start { all.end - 1 } else { all.end };
    start..end
}

/// The hash of several words.
fn together(tokens: &[Token]) -> u64 {
    tokens.iter().fold(tokens.len() as u64, |hash, token| both(hash, token.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_words_is_sorted_and_names_known_hints() {
        assert!(rows::<1>(WORDS).is_sorted_by(|a, b| a < b));
        for [word, kinds] in rows::<2>(WORDS) {
            assert!(kinds.split(' ').all(|kind| Hint::named(kind).is_some()), "{word}: {kinds}");
        }
    }
}
