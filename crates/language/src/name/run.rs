//! Which runs of words may be a name, and what is seen of one.

use crate::Form;
use crate::linear::{both, key};
use crate::name::hint;
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
    let mut add = |template: u64, value: u64| feature(key(template, value));
    let form = |at: usize, offset: isize| forms.form(at as isize + offset);
    let tag = |at: usize, offset: isize| at.checked_add_signed(offset).and_then(|at| tags.get(at));
    let penn = |at: usize, offset: isize| tag(at, offset).map_or(NOTHING, |tag| tag.penn as u64);
    let pos = |at: usize, offset: isize| tag(at, offset).map_or(NOTHING, |tag| tag.pos as u64);
    let word = |(form, _): &(Form, Known)| form.word;
    let hinted = |(form, _): &(Form, Known)| u64::from(hint(form.word).bits());
    let cluster = |(_, known): &(Form, Known)| u64::from(known.cluster);
    let length = (last - first).min(6) as u64;
    let end = last + 1;

    let noun = noun(tags, first, last);
    let (begin, close, middle) = (form(first, 0), form(last, 0), form(noun, 0));
    let (before, behind) = (form(first, -1), form(last, 1));
    add(1, 0);
    add(2, word(middle));
    add(3, penn(noun, 0));
    add(4, middle.0.suffix(3));
    add(5, middle.0.suffix(2));
    add(6, hinted(middle));
    add(7, cluster(middle));
    add(8, u64::from(noun == last) << 8 | length);
    add(9, word(begin));
    add(10, word(close));
    add(11, penn(first, 0));
    add(12, penn(last, 0));
    add(13, word(before));
    add(14, word(behind));
    add(15, penn(first, -1));
    add(16, penn(last, 1));
    add(17, both(word(form(first, -2)), word(before)));
    add(18, penn(first, -1) << 8 | penn(first, 0));
    add(19, penn(last, 0) << 8 | penn(last, 1));
    add(20, penn(last, 0) << 16 | penn(last, 1) << 8 | penn(last, 2));
    add(21, penn(first, -2) << 16 | penn(first, -1) << 8 | penn(first, 0));
    add(22, pos(first, -1) << 24 | pos(first, 0) << 16 | pos(last, 0) << 8 | pos(last, 1));
    add(23, both(word(behind), penn(last, 0)));
    add(24, hinted(begin));
    add(25, hinted(close));
    add(26, u64::from(first == 0));
    add(27, u64::from(begin.0.shape));
    add(28, u64::from(close.0.shape));
    add(29, u64::from(before.0.is_capitalised()) << 1 | u64::from(behind.0.is_capitalised()));
    add(30, hinted(before));
    add(31, hinted(behind));
    add(32, word(form(last, 2)));
    add(33, cluster(before));
    add(34, cluster(behind));

    let (mut coarse, mut fine, mut words) = (length, length, length);
    let (mut hints, mut proper) = (0, 0);
    for (at, tag) in tags.iter().enumerate().take(end).skip(first) {
        let here = form(at, 0);
        coarse = both(coarse, tag.pos as u64);
        fine = both(fine, tag.penn as u64);
        words = both(words, word(here));
        hints |= hinted(here);
        add(35, word(here));
        if tag.pos == Pos::Propn {
            proper += 1;
            add(36, word(here));
            add(37, here.0.suffix(3));
            add(38, here.0.prefix(3));
            add(39, cluster(here));
        }
    }
    add(40, coarse);
    add(41, fine);
    add(42, words);
    add(43, hints);
    add(44, hints << 8 | length);
    (0..16).filter(|bit| hints >> bit & 1 == 1).for_each(|bit| add(45, bit));
    add(46, proper << 8 | u64::from(proper == (end - first) as u64));

    let Some(arcs) = arcs.filter(|arcs| arcs.len() == tags.len()) else { return noun };
    let inside = |at: Option<u32>| at.is_some_and(|at| (first..end).contains(&(at as usize)));
    let heads = || (first..end).filter(|at| !inside(arcs[*at].head));
    let head = heads().next().unwrap_or(last);
    let label = arcs[head].label as u64;
    let governor = arcs[head].head.map(|at| at as usize);
    let governor_pos = governor.map_or(NOTHING, |at| pos(at, 0));
    let of_head = pos(head, 0);
    add(50, heads().count().min(3) as u64);
    add(51, of_head);
    add(52, label);
    add(53, label << 8 | of_head);
    add(54, label << 8 | governor_pos);
    add(55, governor.map_or(NOTHING, |at| word(form(at, 0))));
    let (start, stop) = phrase(tags, arcs, head);
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
    head
}

/// The last noun before what ends a phrase's core.
fn noun(tags: &[Tag], first: usize, last: usize) -> usize {
    let mut noun = None;
    for (at, tag) in tags.iter().enumerate().take(last + 1).skip(first) {
        match tag.pos {
            Pos::Noun | Pos::Propn | Pos::X | Pos::Num | Pos::Adj | Pos::Pron => noun = Some(at),
            Pos::Adp | Pos::Punct | Pos::Cconj | Pos::Part if noun.is_some() => break,
            _ => {}
        }
    }
    noun.unwrap_or(last)
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
