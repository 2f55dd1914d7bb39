//! Which runs of words may be a name, and what is seen of one.

use crate::Form;
use crate::linear::{both, key};
use crate::name::{Hint, hint};
use crate::parse::{Arc, Label};
use crate::tag::{Forms, Known, Penn, Pos, Tag};

/// A longer run is never weighed.
const MOST_WORDS: usize = 8;

/// Calls `run` with the first and the last word of each run that may be a name: it holds what may name, and
/// begins, goes on and ends as a noun phrase can.
pub fn each(forms: &Forms, tags: &[Tag], mut run: impl FnMut(usize, usize)) {
    use Pos::{Adp, Aux, Cconj, Det, Intj, Part, Punct, Sconj, Verb};
    for first in 0..tags.len() {
        if matches!(tags[first].pos, Punct | Cconj | Adp | Verb | Aux | Sconj | Part | Intj) {
            continue;
        }
        let mut named = false;
        for (last, tag) in tags.iter().enumerate().skip(first).take(MOST_WORDS) {
            if matches!(tag.pos, Aux | Sconj) || tag.penn == Penn::Stop {
                break;
            }
            named |= is_named(forms, tags, last);
            if named && !matches!(tag.pos, Punct | Cconj | Adp | Det | Aux | Sconj | Intj | Verb) {
                run(first, last);
            }
        }
    }
}

/// Whether a word may be what names a run: a proper noun, or a noun or an adjective with a capital that no
/// sentence's beginning gave it.
fn is_named(forms: &Forms, tags: &[Tag], at: usize) -> bool {
    match tags[at].pos {
        Pos::Propn => true,
        Pos::Noun | Pos::Adj | Pos::X => at > 0 && forms.form(at as isize).0.is_capitalised(),
        _ => false,
    }
}

/// The number of a word's neighbour outside the sentence.
const NOTHING: u64 = 255;

/// A sentence whose runs are seen: most of what is seen of one hangs on a single word of it, and is the same for
/// all runs that have that word in that place.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) forms: &'a Forms,
    pub(super) tags: &'a [Tag],
    /// The hint of each word.
    pub(super) hints: &'a [Hint],
}

/// The place of a word in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The first word.
    First,
    /// The last word.
    Last,
    /// The last noun before a preposition or a comma.
    Noun,
    /// Any word.
    Word,
}

/// How many kinds of [`Part`] there are.
pub(super) const PARTS: usize = 4;

/// What a feature hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// The word in its place.
    Here,
    /// The word before it.
    Before,
    /// The word behind it.
    Behind,
    /// Tags and capitals.
    Tags,
    /// The hints of a run's words.
    Hints,
    /// What hardly ever comes again.
    Rare,
}

/// Calls `feature` with each feature of the run from `first` to `last`, and returns the place of its head: by
/// the tree if there are `arcs`, otherwise the last noun before a preposition or a comma.
pub fn features(
    forms: &Forms,
    tags: &[Tag],
    arcs: Option<&[Arc]>,
    first: usize,
    last: usize,
    mut feature: impl FnMut(u64),
) -> usize {
    let hints: Vec<Hint> = hints(forms, tags).collect();
    let seen = Seen { forms, tags, hints: &hints };
    let noun = seen.noun(first, last);
    let words = (first..=last).map(|at| (Part::Word, at));
    let parts = [(Part::First, first), (Part::Last, last), (Part::Noun, noun)];
    parts.into_iter().chain(words).for_each(|(part, at)| seen.part(part, at, |_, key| feature(key)));
    seen.whole(first, last, noun).features(|_, key| feature(key));
    arcs.and_then(|arcs| seen.tree(arcs, first, last, &mut feature)).unwrap_or(noun)
}

/// The hint of each word of a sentence.
pub(super) fn hints(forms: &Forms, tags: &[Tag]) -> impl Iterator<Item = Hint> {
    (0..tags.len()).map(|at| hint(forms.form(at as isize).0.word))
}

impl Seen<'_> {
    fn form(&self, at: usize, offset: isize) -> &(Form, Known) {
        self.forms.form(at as isize + offset)
    }

    fn tag(&self, at: usize, offset: isize) -> Option<&Tag> {
        at.checked_add_signed(offset).and_then(|at| self.tags.get(at))
    }

    fn penn(&self, at: usize, offset: isize) -> u64 {
        self.tag(at, offset).map_or(NOTHING, |tag| tag.penn as u64)
    }

    fn pos(&self, at: usize, offset: isize) -> u64 {
        self.tag(at, offset).map_or(NOTHING, |tag| tag.pos as u64)
    }

    /// The features of the word at `at` in that place of a run.
    #[inline(always)]
    pub(super) fn part(&self, part: Part, at: usize, mut feature: impl FnMut(On, u64)) {
        use On::{Before, Behind, Here, Rare, Tags};
        let mut add = |on: On, template: u64, value: u64| feature(on, key(template, value));
        let penn = |offset: isize| self.penn(at, offset);
        let here = self.form(at, 0);
        match part {
            Part::First => {
                let before = self.form(at, -1);
                add(Here, 9, word(here));
                add(Tags, 11, penn(0));
                add(Before, 13, word(before));
                add(Tags, 15, penn(-1));
                add(Rare, 17, both(word(self.form(at, -2)), word(before)));
                add(Tags, 18, penn(-1) << 8 | penn(0));
                add(Tags, 21, penn(-2) << 16 | penn(-1) << 8 | penn(0));
                add(Here, 24, hinted(here));
                add(Tags, 26, u64::from(at == 0));
                add(Here, 27, u64::from(here.0.shape));
                add(Before, 30, hinted(before));
                add(Before, 33, cluster(before));
            }
            Part::Last => {
                let behind = self.form(at, 1);
                add(Here, 10, word(here));
                add(Tags, 12, penn(0));
                add(Behind, 14, word(behind));
                add(Tags, 16, penn(1));
                add(Tags, 19, penn(0) << 8 | penn(1));
                add(Tags, 20, penn(0) << 16 | penn(1) << 8 | penn(2));
                add(Rare, 23, both(word(behind), penn(0)));
                add(Here, 25, hinted(here));
                add(Here, 28, u64::from(here.0.shape));
                add(Behind, 31, hinted(behind));
                add(Rare, 32, word(self.form(at, 2)));
                add(Behind, 34, cluster(behind));
            }
            Part::Noun => {
                add(Here, 2, word(here));
                add(Here, 3, penn(0));
                add(Here, 4, here.0.suffix(3));
                add(Here, 5, here.0.suffix(2));
                add(Here, 6, hinted(here));
                add(Here, 7, cluster(here));
            }
            Part::Word => {
                add(Here, 35, word(here));
                if self.pos(at, 0) == Pos::Propn as u64 {
                    add(Here, 36, word(here));
                    add(Here, 37, here.0.suffix(3));
                    add(Here, 38, here.0.prefix(3));
                    add(Here, 39, cluster(here));
                }
            }
        }
    }

    /// What the features of a part hang on, each with its hash, but for what is rare.
    #[inline(always)]
    pub(super) fn hang(&self, part: Part, at: usize, mut on: impl FnMut(On, u64)) {
        let word = |offset: isize| self.form(at, offset).0.hash();
        let tags = |offset: isize| (0..3).fold(0, |tags, next| tags << 8 | self.penn(at, offset + next));
        match part {
            Part::First => {
                on(On::Here, word(0));
                on(On::Before, word(-1));
                on(On::Tags, tags(-2));
            }
            Part::Last => {
                on(On::Here, word(0));
                on(On::Behind, word(1));
                on(On::Tags, tags(0));
            }
            Part::Noun => on(On::Here, both(word(0), self.penn(at, 0))),
            Part::Word => on(On::Here, both(word(0), u64::from(self.pos(at, 0) == Pos::Propn as u64))),
        }
    }

    /// What is seen of the run as a whole.
    #[inline(always)]
    pub(super) fn whole(&self, first: usize, last: usize, noun: usize) -> Whole {
        let pos = |at: usize, offset: isize| self.pos(at, offset);
        let length = (last - first).min(6) as u64;
        let (before, behind) = (self.form(first, -1), self.form(last, 1));
        let mut whole = Whole {
            length,
            head_last: noun == last,
            edges: pos(first, -1) << 24 | pos(first, 0) << 16 | pos(last, 0) << 8 | pos(last, 1),
            capitals: u64::from(before.0.is_capitalised()) << 1 | u64::from(behind.0.is_capitalised()),
            coarse: length,
            fine: length,
            words: length,
            hints: 0,
            proper: 0,
        };
        for at in first..=last {
            let here = self.form(at, 0);
            whole.coarse = both(whole.coarse, pos(at, 0));
            whole.fine = both(whole.fine, self.penn(at, 0));
            whole.words = both(whole.words, word(here));
            whole.hints |= u64::from(self.hints[at].bits());
            whole.proper += u64::from(pos(at, 0) == Pos::Propn as u64);
        }
        whole.proper = whole.proper << 8 | u64::from(whole.proper == (last + 1 - first) as u64);
        whole
    }

    /// The features of the run in the tree, and its head there; none where the arcs are not this sentence's.
    pub(super) fn tree(
        &self,
        arcs: &[Arc],
        first: usize,
        last: usize,
        mut feature: impl FnMut(u64),
    ) -> Option<usize> {
        let mut add = |template: u64, value: u64| feature(key(template, value));
        if arcs.len() != self.tags.len() {
            return None;
        }
        let end = last + 1;
        let inside = |at: Option<u32>| at.is_some_and(|at| (first..end).contains(&(at as usize)));
        let heads = || (first..end).filter(|at| !inside(arcs[*at].head));
        let head = heads().next().unwrap_or(last);
        let label = arcs[head].label as u64;
        let governor = arcs[head].head.map(|at| at as usize);
        let governor_pos = governor.map_or(NOTHING, |at| self.pos(at, 0));
        let of_head = self.pos(head, 0);
        add(50, heads().count().min(3) as u64);
        add(51, of_head);
        add(52, label);
        add(53, label << 8 | of_head);
        add(54, label << 8 | governor_pos);
        add(55, governor.map_or(NOTHING, |at| word(self.form(at, 0))));
        let (start, stop) = phrase(self.tags, arcs, head);
        let apart = |a: usize, b: usize| (a as i64 - b as i64).clamp(-3, 3) as u64 & 0xF;
        add(56, apart(start, first) << 4 | apart(stop, last));
        add(57, u64::from((start, stop) == (first, last)) << 8 | of_head);
        let mut leaves = 0;
        for (at, arc) in arcs.iter().enumerate() {
            let within = (first..end).contains(&at);
            if arc.head == Some(head as u32) {
                add(58, (arc.label as u64) << 2 | u64::from(within) << 1 | u64::from(at < head));
            } else if !within && inside(arc.head) {
                leaves += 1;
            }
        }
        add(59, leaves.min(2));
        Some(head)
    }

    /// The last noun before what ends a phrase's core.
    pub(super) fn noun(&self, first: usize, last: usize) -> usize {
        let mut noun = None;
        for (at, tag) in self.tags.iter().enumerate().take(last + 1).skip(first) {
            match tag.pos {
                Pos::Noun | Pos::Propn | Pos::X | Pos::Num | Pos::Adj | Pos::Pron => noun = Some(at),
                Pos::Adp | Pos::Punct | Pos::Cconj | Pos::Part if noun.is_some() => break,
                _ => {}
            }
        }
        noun.unwrap_or(last)
    }
}

/// What is seen of a run as a whole.
pub(super) struct Whole {
    length: u64,
    /// Whether its noun is its last word.
    head_last: bool,
    /// The tags of its ends, and of the words around it.
    edges: u64,
    /// Whether the words around it have capitals.
    capitals: u64,
    /// Hashes of its coarse tags, its fine ones and its words.
    coarse: u64,
    fine: u64,
    words: u64,
    hints: u64,
    /// How many words are proper nouns, and whether all are.
    proper: u64,
}

impl Whole {
    /// Its features.
    #[inline(always)]
    pub(super) fn features(&self, mut feature: impl FnMut(On, u64)) {
        let mut add = |on: On, template: u64, value: u64| feature(on, key(template, value));
        add(On::Tags, 1, 0);
        add(On::Tags, 8, u64::from(self.head_last) << 8 | self.length);
        add(On::Tags, 22, self.edges);
        add(On::Tags, 29, self.capitals);
        add(On::Tags, 40, self.coarse);
        add(On::Rare, 41, self.fine);
        add(On::Rare, 42, self.words);
        add(On::Hints, 43, self.hints);
        add(On::Hints, 44, self.hints << 8 | self.length);
        (0..16).filter(|bit| self.hints >> bit & 1 == 1).for_each(|bit| add(On::Hints, 45, bit));
        add(On::Tags, 46, self.proper);
    }

    /// What they hang on, each with its hash, but for what is rare; the coarse tags tell which word is the noun.
    #[inline(always)]
    pub(super) fn hang(&self, mut on: impl FnMut(On, u64)) {
        on(On::Tags, both(both(self.coarse, self.edges), self.capitals));
        on(On::Hints, self.hints << 8 | self.length);
    }
}

fn word((form, _): &(Form, Known)) -> u64 {
    form.word
}

fn hinted((form, _): &(Form, Known)) -> u64 {
    u64::from(hint(form.word).bits())
}

fn cluster((_, known): &(Form, Known)) -> u64 {
    u64::from(known.cluster)
}

/// The first and the last word of the noun phrase around `head`: what depends on it, without what ties it to
/// its clause, its conjuncts, and punctuation at its ends.
fn phrase(tags: &[Tag], arcs: &[Arc], head: usize) -> (usize, usize) {
    use Label::{Advmod, Aux, Case, Cc, Conj, Cop, Dep, Discourse, Mark, Nsubj, Parataxis, Punct};
    let belongs = |at: usize| {
        let mut at = at;
        for _ in 0..arcs.len() {
            match arcs[at].head.map(|above| above as usize) {
                Some(above) if above == head => {
                    return !matches!(
                        arcs[at].label,
                        Case | Punct
                            | Conj
                            | Cc
                            | Cop
                            | Nsubj
                            | Advmod
                            | Mark
                            | Aux
                            | Parataxis
                            | Dep
                            | Discourse
                    );
                }
                Some(above) => at = above,
                None => return false,
            }
        }
        false
    };
    let (mut first, mut last) = (head, head);
    while first > 0 && belongs(first - 1) {
        first -= 1;
    }
    while last + 1 < arcs.len() && belongs(last + 1) {
        last += 1;
    }
    while last > head && tags[last].pos == Pos::Punct {
        last -= 1;
    }
    while first < head && tags[first].pos == Pos::Punct {
        first += 1;
    }
    (first, last)
}
