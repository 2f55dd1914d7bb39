//! Names of persons, organisations and places. Each run of words that may be one is weighed by itself, by
//! its words, tags, lists of words that names are made of, and its tree where there is one; of runs that
//! overlap the likelier ones stand.

pub mod run;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use self::run::{On, PARTS, Part, Seen};
use crate::linear::{Linear, both, key};
use crate::matrix::exp;
use crate::memo::Memo;
use crate::network::CODE;
use crate::parse::{Arc, Workspace};
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
    /// The set as a number, for a model to see.
    pub(crate) fn bits(self) -> u16 {
        self.0
    }

    /// Whether the word may be any of `hints`.
    pub fn has(self, hints: Hint) -> bool {
        self.0 & hints.0 != 0
    }
}

impl std::ops::BitOr for Hint {
    type Output = Hint;

    fn bitor(self, other: Hint) -> Hint {
        Hint(self.0 | other.0)
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

static BYTES: &[u8] = include_bytes!("../models/names.bin");

static MODEL: LazyLock<Option<Namer<'static>>> = LazyLock::new(|| Namer::read(BYTES));

/// Appends the names of the sentence that `forms` was last filled with; `tags` are its tags.
pub fn names(forms: &Forms, tags: &[Tag], found: &mut Vec<Name>) {
    if let Some(namer) = &*MODEL {
        namer.names(forms, tags, None, found);
    }
}

/// Appends the names of a sentence that was parsed, which are surer than without: `forms` was last filled
/// with it, `workspace` last parsed it, and `tags` and `arcs` are what was found.
pub fn names_in_tree(
    forms: &Forms,
    tags: &[Tag],
    arcs: &[Arc],
    workspace: &Workspace,
    found: &mut Vec<Name>,
) {
    if let Some(namer) = &*MODEL {
        namer.names(forms, tags, Some((arcs, workspace.codes())), found);
    }
}

/// What is known of a sentence that was parsed: its arcs, and [`CODE`] numbers of each word.
pub type Parsed<'a> = Option<(&'a [Arc], &'a [f32])>;

/// A model that tells of a run of words whether it is a name, and of what: the logarithms of the odds of
/// each kind against none, as sums of weights.
#[derive(Clone, Debug)]
pub struct Namer<'m> {
    weights: Linear<'m>,
    /// For each role of a word in a run, each number of its code, and each kind.
    codes: &'m [u8],
    scale: f32,
}

/// Which words' codes are looked at: the head, the first, the last, the one behind.
pub const CODED: usize = 4;
/// Kinds of names.
pub const KINDS: usize = NameKind::ALL.len();
/// Weights of codes.
pub const CODE_WEIGHTS: usize = CODED * CODE * KINDS;
/// What a weight of a feature is multiplied with.
pub const SCALE: f32 = 32.0;
/// A run is a name if its belief in a kind is higher. Lower than a half, for a name that is missed costs as
/// much as one too many.
const THRESHOLD: f32 = 0.2;
/// Where the odds of all kinds are lower, so is the belief in each, whatever the others are: `exp(x) / (1 + exp(x))`
/// is the threshold at -1.39.
const UNLIKELY: f32 = -1.4;

/// The weights of features, summed, by kind.
type Sums = [i32; KINDS];

/// The sums of features that hang on the same few words or tags, which come again. They are of the model that
/// comes with the crate: no other looks for names.
type Kept = Memo<Sums, 16384>;

/// Buffers of a thread.
#[derive(Default)]
struct Scratch {
    kept: Kept,
    hints: Vec<Hint>,
    /// What each word adds to the runs that have it in each place, where that was asked for.
    parts: Vec<[Option<Sums>; PARTS]>,
    runs: Vec<(Name, f32)>,
    /// The best sum of gains up to each word, and the run that ends there if one is taken.
    best: Vec<(f32, Option<usize>)>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl<'m> Namer<'m> {
    /// Reads a model; none if `bytes` are not one.
    pub fn read(bytes: &'m [u8]) -> Option<Self> {
        let (scale, rest) = bytes.split_first_chunk()?;
        let (codes, rest) = rest.split_at_checked(CODE_WEIGHTS)?;
        let (weights, _) = Linear::read(rest)?;
        Some(Self { weights, codes, scale: f32::from_le_bytes(*scale) })
    }

    /// Writes a model; the weights of features are multiplied with [`SCALE`] already.
    pub fn write(weights: &[(u64, Vec<(u8, i8)>)], codes: &[f32]) -> Vec<u8> {
        let scale = codes.iter().fold(1e-9, |highest: f32, value| highest.max(value.abs())) / 127.0;
        let mut out = scale.to_le_bytes().to_vec();
        out.extend(codes.iter().map(|value| (value / scale).round() as i8 as u8));
        Linear::write(weights, &mut out);
        out
    }

    /// Appends the names of a sentence: of the runs that don't overlap those with the highest sum of belief.
    fn names(&self, forms: &Forms, tags: &[Tag], parsed: Parsed<'_>, found: &mut Vec<Name>) {
        SCRATCH.with_borrow_mut(|Scratch { kept, hints, parts, runs, best }| {
            runs.clear();
            parts.clear();
            parts.resize(tags.len(), [None; PARTS]);
            hints.clear();
            hints.extend(run::hints(forms, tags));
            let seen = Seen { forms, tags, hints };
            run::each(forms, tags, |first, last| {
                let odds = self.odds(seen, kept, parts, parsed, first, last);
                if odds.iter().all(|odds| *odds < UNLIKELY) {
                    return;
                }
                for (kind, belief) in NameKind::ALL.iter().zip(beliefs(odds)) {
                    if belief > THRESHOLD {
                        let name = Name { start: first as u32, end: last as u32 + 1, kind: *kind };
                        runs.push((name, belief - THRESHOLD));
                    }
                }
            });
            best.clear();
            best.resize(tags.len() + 1, (0.0, None));
            for end in 1..=tags.len() {
                best[end] = (best[end - 1].0, None);
                for (number, (name, gain)) in runs.iter().enumerate() {
                    let sum = best[name.start as usize].0 + gain;
                    if name.end as usize == end && sum > best[end].0 {
                        best[end] = (sum, Some(number));
                    }
                }
            }
            let (before, mut end) = (found.len(), tags.len());
            while end > 0 {
                end = match best[end].1 {
                    Some(number) => {
                        found.push(runs[number].0);
                        runs[number].0.start as usize
                    }
                    None => end - 1,
                };
            }
            found[before..].reverse();
        });
    }

    /// The odds that a run is a name of each kind, in logarithms; `parts` is what its words add, as far as that is known.
    fn odds(
        &self,
        seen: Seen<'_>,
        kept: &mut Kept,
        parts: &mut [[Option<Sums>; PARTS]],
        parsed: Parsed<'_>,
        first: usize,
        last: usize,
    ) -> [f32; KINDS] {
        let noun = seen.noun(first, last);
        let mut sums = [0; KINDS];
        let words = (first..=last).map(|at| (Part::Word, at));
        for (part, at) in
            [(Part::First, first), (Part::Last, last), (Part::Noun, noun)].into_iter().chain(words)
        {
            let added = parts[at][part as usize].get_or_insert_with(|| self.part(seen, kept, part, at));
            add(&mut sums, added);
        }
        add(&mut sums, &self.whole(seen, kept, first, last, noun));
        let head = parsed.and_then(|(arcs, _)| seen.tree(arcs, first, last, |key| self.add(key, &mut sums)));
        let head = head.unwrap_or(noun);
        let mut odds = sums.map(|sum| sum as f32 / SCALE);
        if let Some((_, codes)) = parsed {
            for (place, weights) in
                [head, first, last, last + 1].iter().zip(self.codes.chunks_exact(CODE * KINDS))
            {
                let Some(code) = codes.get(place * CODE..(place + 1) * CODE) else { continue };
                let mut sums = [0f32; KINDS];
                for (value, weights) in code.iter().zip(weights.chunks_exact(KINDS)) {
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += value * f32::from(*weight as i8);
                    }
                }
                odds.iter_mut().zip(sums).for_each(|(odds, sum)| *odds += sum * self.scale);
            }
        }
        odds
    }

    /// What the word at `at` adds to the runs that have it in that place.
    fn part(&self, seen: Seen<'_>, kept: &mut Kept, part: Part, at: usize) -> Sums {
        let sum = |wanted: On| {
            let mut sums = [0; KINDS];
            seen.part(part, at, |on, key| {
                if on == wanted {
                    self.add(key, &mut sums)
                }
            });
            sums
        };
        let mut sums = sum(On::Rare);
        seen.hang(part, at, |on, hash| {
            add(&mut sums, kept.get(key((part as u64) << 8 | on as u64, hash), || sum(on)));
        });
        sums
    }

    /// What a run adds as a whole.
    fn whole(&self, seen: Seen<'_>, kept: &mut Kept, first: usize, last: usize, noun: usize) -> Sums {
        let whole = seen.whole(first, last, noun);
        let sum = |wanted: On| {
            let mut sums = [0; KINDS];
            whole.features(|on, key| {
                if on == wanted {
                    self.add(key, &mut sums)
                }
            });
            sums
        };
        let mut sums = sum(On::Rare);
        whole.hang(|on, hash| {
            add(&mut sums, kept.get(key((PARTS as u64) << 8 | on as u64, hash), || sum(on)));
        });
        sums
    }

    /// Adds the weights of a feature.
    fn add(&self, key: u64, sums: &mut Sums) {
        for pair in self.weights.row(key).chunks_exact(2) {
            if let Some(sum) = sums.get_mut(pair[0] as usize) {
                *sum += i32::from(pair[1] as i8);
            }
        }
    }
}

fn add(sums: &mut Sums, added: &Sums) {
    sums.iter_mut().zip(added).for_each(|(sum, added)| *sum += added);
}

/// Odds against none, in logarithms, to beliefs.
pub fn beliefs(odds: [f32; KINDS]) -> [f32; KINDS] {
    let highest = odds.iter().fold(0f32, |a, b| a.max(*b));
    let shares = odds.map(|odds| exp(odds - highest));
    let sum = shares.iter().fold(exp(-highest), |a, b| a + b);
    shares.map(|share| share / sum)
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
