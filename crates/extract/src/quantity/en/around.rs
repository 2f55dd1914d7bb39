//! The words around an amount that bound it, or say which way it changed.

use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::{Bound, Change, ChangeRole};

use crate::Phrases;
use crate::cursor::Cursor;

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
