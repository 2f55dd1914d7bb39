//! The words around an amount that bound it, or say which way it changed.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::{Bound, Change, ChangeRole};

use crate::Phrases;
use crate::cursor::Cursor;
use crate::quantity::Amount;

/// The longest bound: `a little more than`.
const MOST_TOKENS: usize = 6;

/// Bounds that stand before an amount, and those behind it.
static BOUNDS: LazyLock<[Phrases<Bound>; 2]> = LazyLock::new(|| {
    let mut bounds = [Phrases::default(), Phrases::default()];
    for [words, bound, place] in rows::<3>(include_str!("bounds.tsv")) {
        if let Ok(bound) = bound.parse() {
            bounds[usize::from(place == "after")].insert(words, bound);
        }
    }
    bounds
});

static CHANGES: LazyLock<WordMap<Change>> = LazyLock::new(|| {
    let words = rows::<2>(include_str!("changes.tsv"));
    words.filter_map(|[word, change]| Some((word, change.parse().ok()?))).collect()
});

/// What a word beside an amount tells of it.
#[derive(Clone, Copy)]
pub(super) enum Cue {
    /// One of what it is, by itself: `annually`.
    Adverb,
    /// One of what it is, behind `per`: `annum`.
    Named,
    /// One of what it may be, behind `a`: `a share`.
    Per,
    /// That two numbers are a score.
    Score,
    /// Before a length of time, that it is a point: `the past five years`.
    Side,
    /// Behind a length of time, that it is a point: `five years ago`.
    Turn,
}

static CUES: LazyLock<[WordMap<&'static str>; 6]> = LazyLock::new(|| {
    ["adverb", "named", "per", "score", "side", "turn"].map(|name| {
        let of_name = rows::<3>(include_str!("cues.tsv")).filter(|[cue, ..]| *cue == name);
        of_name.map(|[_, word, meaning]| (word, meaning)).collect()
    })
});

/// What the word of this hash means as a cue of that kind, if it is one.
pub(super) fn cue(kind: Cue, hash: u64) -> Option<&'static str> {
    CUES[kind as usize].get(hash).copied()
}

/// Whether a length of time is a point in it (`the past five years`, `five years ago`), and so
/// another dimension's.
pub(super) fn is_point_in_time(cursor: &Cursor<'_>, tokens: &Range<usize>) -> bool {
    let before = cursor.to(tokens.start).hash(-1);
    let behind = cursor.to(tokens.end).hash(0);
    cue(Cue::Side, before).is_some() || cue(Cue::Turn, behind).is_some()
}

/// Sets the bound by the words before the amount, from `floor` on, or behind it.
pub(super) fn set_bound(cursor: &Cursor<'_>, floor: usize, amount: &mut Amount) {
    let (start, end) = (amount.tokens.start, amount.tokens.end);
    let before = bound_before(&cursor.to(start)).filter(|(count, _)| start - count >= floor);
    let behind = amount.counted.as_ref().map_or(end, |noun| noun.end.max(end));
    let after = || [end, behind].into_iter().find_map(|at| Some((at, bound_after(&cursor.to(at))?)));
    let found = before.map(|(count, bound)| (bound, start - count..start));
    let found = found.or_else(|| after().map(|(at, (count, bound))| (bound, at..at + count)));
    if let Some((bound, tokens)) = found {
        amount.bound = bound;
        amount.bound_tokens = Some(tokens);
    }
}

/// The bound that ends right before the cursor, and its tokens.
pub(super) fn bound_before(cursor: &Cursor<'_>) -> Option<(usize, Bound)> {
    BOUNDS[0].ending(cursor, MOST_TOKENS).next().map(|(count, bound)| (count, *bound))
}

/// The bound at the cursor, and its tokens.
pub(super) fn bound_after(cursor: &Cursor<'_>) -> Option<(usize, Bound)> {
    let (count, bound) = BOUNDS[1].longest(cursor)?;
    // `50+` is joined; `50 + 3` is a sum.
    let fits = cursor.kind(0) == Some(Kind::Word) || cursor.joined(0);
    fits.then_some((count, *bound))
}

/// The furthest that a verb of change stands from the amounts of its change.
const REACH: usize = 12;

/// The change that the amount at `start..end` is of: its direction and the amount's role.
pub(super) fn change(sentence: &Cursor<'_>, start: usize, end: usize) -> Option<(Change, ChangeRole)> {
    let look = |at: usize| CHANGES.get(sentence.to(at).hash(0)).copied();
    let before = sentence.to(start.saturating_sub(1)).hash(0);
    let role = match before {
        _ if start == 0 => None,
        hash if hash == const { word("to") } || hash == const { word("at") } => Some(ChangeRole::To),
        hash if hash == const { word("from") } => Some(ChangeRole::From),
        hash if hash == const { word("by") } => Some(ChangeRole::By),
        // `a rise of 5 pct`, but not `raised revenues of 5 mln`
        hash if start > 1 && hash == const { word("of") } => {
            Some(ChangeRole::By).filter(|_| look(start - 2).is_some())
        }
        _ => match sentence.to(start).hash(0) {
            // The bound says where it ended: `slipped below 10`.
            hash if hash == const { word("below") } || hash == const { word("above") } => {
                Some(ChangeRole::To)
            }
            _ => None,
        },
    };
    // `a 5 pct rise`
    if role.is_none() || role == Some(ChangeRole::By) {
        let noun = (end..end + 3).find(|at| look(*at).is_some());
        let between = |at: usize| {
            (end..at).all(|i| {
                sentence.to(i).hyphen(0)
                    || !sentence.to(i).class(0).has(Class::CLOSED)
                        && sentence.to(i).kind(0) == Some(Kind::Word)
            })
        };
        if let Some(at) = noun.filter(|at| between(*at))
            && let Some(change) = look(at)
            && role.is_none()
            && !sentence.to(at).class(0).has(Class::PAST)
        {
            return Some((change, ChangeRole::By));
        }
    }
    for at in (start.saturating_sub(REACH)..start).rev() {
        let here = sentence.to(at);
        if here.text(0) == ";"
            || here.class(0).has(Class::RELATIVE | Class::SUBORDINATOR)
                && here.hash(0) != const { word("as") }
        {
            return None;
        }
        if let Some(change) = look(at) {
            // Without a preposition the amount stands at the verb: `rose 5 pct`, `up sharply 5 pct`.
            let near = start - at <= 2 && before != const { word("of") };
            let role = role.or(near.then_some(ChangeRole::By))?;
            // `up to 5` and `down to 5` are no changes; `of` goes with a noun: `a rise of 5 pct`.
            let particle = matches!(here.text(0), "up" | "down") && role == ChangeRole::To && near;
            return (!particle).then_some((change, role));
        }
    }
    None
}
