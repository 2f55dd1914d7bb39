//! The words that attribute: verbs, nouns, adjectives and adverbs, with what may follow them.

use std::sync::LazyLock;

use claimline_language::tag::{Penn, Pos, Tag};
use claimline_language::{WordMap, hash_of, inflected, rows, word};

use crate::cursor::Cursor;
use crate::statement::Strength;

/// What part of speech a cue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `say`.
    Verb,
    /// `claim`.
    Noun,
    /// `confident`.
    Adjective,
    /// `reportedly`.
    Adverb,
}

/// What says the content of a cue, beside it; the first that fits is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frame {
    /// A quotation: `said, "It rose"`.
    Quote,
    /// The object hears it and is no content: `told them it rose`.
    Hearer,
    /// A clause: `said that it rose`, `said it rose`, `asked whether it rose`.
    Clause,
    /// A clause that `it` stands for: `it is clear that it rose`.
    ItClause,
    /// An infinitive: `plans to sell`.
    Infinitive,
    /// A gerund: `proposed selling`.
    Gerund,
    /// An object with an infinitive: `urged them to sell`, `is expected to rise`.
    ObjectInfinitive,
    /// An object with a phrase of this preposition: `accused them of lying`.
    ObjectWith(u64),
    /// An object with what it is called: `called it a mistake`.
    ObjectBare,
    /// A phrase with this preposition: `called for a sale`.
    With(u64),
    /// An object: `announced a sale`.
    Object,
    /// A predicate: `seems right`.
    Bare,
}

/// A word that may attribute.
#[derive(Clone, Debug)]
pub(super) struct Cue {
    pub(super) kind: Kind,
    /// The words behind the first: `point out`.
    pub(super) rest: Box<[u64]>,
    /// What it may have beside it, and what it then tells.
    pub(super) frames: Vec<(Frame, Strength)>,
}

impl Cue {
    /// What the cue tells with this frame, if it may have it.
    pub(super) fn with(&self, frame: Frame) -> Option<Strength> {
        self.frames.iter().find(|(known, _)| *known == frame).map(|(_, strength)| *strength)
    }

    pub(super) fn has(&self, frame: Frame) -> bool {
        self.with(frame).is_some()
    }

    /// Whether a word of that tag may be the cue.
    pub(super) fn is_tagged(&self, tag: Tag) -> bool {
        match self.kind {
            Kind::Verb => tag.pos == Pos::Verb,
            Kind::Noun => tag.pos == Pos::Noun,
            Kind::Adjective => tag.pos == Pos::Adj || tag.penn == Penn::VBN,
            Kind::Adverb => true,
        }
    }

    /// Whether the cue may stand at a word, as far as the words behind tell.
    pub(super) fn may_stand(&self, here: &Cursor<'_>, tags: &[Tag]) -> bool {
        let Some(tag) = tags.get(here.at()).filter(|tag| self.is_tagged(**tag)) else { return false };
        let end = self.rest.len() as isize + 1;
        let behind = self.rest.iter().zip(1..).all(|(hash, offset)| here.hash(offset) == *hash);
        let next = tags.get(here.at() + end as usize).map_or(Pos::Punct, |tag| tag.pos);
        let to = here.hash(end) == const { word("to") };
        behind
            && self.frames.iter().any(|(frame, _)| match frame {
                Frame::With(preposition) => here.hash(end) == *preposition,
                Frame::Infinitive => to,
                Frame::Clause if self.kind == Kind::Noun => here.hash(end) == const { word("that") },
                Frame::Gerund => next == Pos::Verb,
                Frame::Object => !matches!(next, Pos::Adp | Pos::Punct | Pos::Cconj) || tag.penn == Penn::VBN,
                _ => true,
            })
    }
}

static CUES: LazyLock<WordMap<Vec<Cue>>> = LazyLock::new(|| {
    let mut cues: WordMap<Vec<Cue>> = WordMap::default();
    for [words, kind, strength, frames] in rows::<4>(FILE) {
        let (Some(kind), Some(strength)) = (kind_named(kind), Strength::named(strength)) else { continue };
        let mut parts = words.split(' ');
        let first = parts.next().unwrap_or_default();
        let rest: Box<[u64]> = parts.map(hash_of).collect();
        let mut forms = vec![first.to_owned()];
        match kind {
            Kind::Verb => forms.extend(inflected(first)),
            Kind::Noun => forms.push(plural(first)),
            Kind::Adjective | Kind::Adverb => {}
        }
        forms.sort();
        forms.dedup();
        for form in forms {
            let known = cues.entry(hash_of(&form)).or_default();
            let place =
                known.iter().position(|cue| cue.kind == kind && cue.rest == rest).unwrap_or_else(|| {
                    // `point out` before `point`.
                    let place = known.partition_point(|cue| cue.rest.len() >= rest.len());
                    known.insert(place, Cue { kind, rest: rest.clone(), frames: Vec::new() });
                    place
                });
            let known = &mut known[place].frames;
            known.extend(frames.split(' ').filter_map(frame_named).map(|frame| (frame, strength)));
            known.sort_by_key(|(frame, _)| *frame);
        }
    }
    cues
});

/// `words <tab> kind <tab> strength <tab> frames`.
pub(super) const FILE: &str = include_str!("cues.tsv");

/// The cues that may begin with a word.
pub(super) fn cues(hash: u64) -> &'static [Cue] {
    CUES.get(hash).map_or(&[], Vec::as_slice)
}

pub(super) fn kind_named(name: &str) -> Option<Kind> {
    Some(match name {
        "verb" => Kind::Verb,
        "noun" => Kind::Noun,
        "adjective" => Kind::Adjective,
        "adverb" => Kind::Adverb,
        _ => return None,
    })
}

pub(super) fn frame_named(name: &str) -> Option<Frame> {
    Some(match name {
        "clause" => Frame::Clause,
        "quote" => Frame::Quote,
        "to" => Frame::Infinitive,
        "ing" => Frame::Gerund,
        "object" => Frame::Object,
        "hearer" => Frame::Hearer,
        "object+to" => Frame::ObjectInfinitive,
        "object+bare" => Frame::ObjectBare,
        "bare" => Frame::Bare,
        "it+clause" => Frame::ItClause,
        "to+noun" => Frame::With(hash_of("to")),
        _ => match name.strip_prefix("object+") {
            Some(preposition) => Frame::ObjectWith(hash_of(preposition)),
            None => Frame::With(hash_of(name)),
        },
    })
}

/// The plural of a noun, by its ending.
fn plural(noun: &str) -> String {
    match noun.as_bytes() {
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ies", &noun[..noun.len() - 1]),
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}
