//! The words around an amount that bound it, or say which way it changed.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::tag::{Penn, Pos, Tag};
use claimline_language::{Class, Kind, WordMap, hash_of, lemma, rows, word};
use claimline_model::{AmountKind, Bound, Change, ChangeRole};

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

static CHANGES: LazyLock<WordMap<Direction>> = LazyLock::new(|| {
    let words = rows::<3>(include_str!("changes.tsv"));
    let direction = |[word, change, only]: [&'static str; 3]| {
        (word, Direction { change: change.parse().ok(), shares: only == "shares", apart: only == "apart" })
    };
    words.map(direction).collect()
});

/// Which way a word says that something went.
#[derive(Clone, Copy)]
struct Direction {
    /// None where the amounts say it: `went from 5 to 10`.
    change: Option<Change>,
    /// Whether it says so of percentages and points alone: shares that lost 3 pct fell, a firm that lost
    /// 3 mln dlrs did not.
    shares: bool,
    /// Whether what stands right behind it is no change but what was got: `raised 5 mln dlrs`. Of shares
    /// it is one.
    apart: bool,
}

/// What a word beside an amount tells of it.
#[derive(Clone, Copy)]
pub(super) enum Cue {
    /// One of what it is, by itself: `annually`.
    Adverb,
    /// Before an amount, that it is compared with one of the same kind: `versus`.
    Compare,
    /// Between two amounts that are said of like things: `while`.
    Contrast,
    /// Before a number, that it is part of a name: `section 12`.
    Label,
    /// Behind a number in words and a hyphen, that the two describe and count nothing: `two-way`.
    Manner,
    /// Before a number, that it is a day: `March nine`.
    Month,
    /// One of what it is, behind `per`: `annum`.
    Named,
    /// Before `3 to 1`, that it is a ratio.
    Odds,
    /// One of what it may be, behind `a`: `a share`.
    Per,
    /// Before a number between commas, that it is an age: `the driver, 45,`.
    Person,
    /// A verb that says no change with the particles that it means: `make up`.
    Phrasal,
    /// That two numbers are a score.
    Score,
    /// Before a length of time, that it is a point: `the past five years`.
    Side,
    /// Before `of` and a number, that this is an amount: `an average of`.
    Sum,
    /// Before `of` and a number, that a letter behind it is a magnitude: `a profit of 3.2m`.
    Takings,
    /// Behind a length of time, that it is a point: `five years ago`.
    Turn,
    /// Before a length of time, that it says only when something is: `after five days`.
    When,
    /// Behind a number, that it is a year: `1988 sales`.
    Yearly,
}

/// The names of the cues in `cues.tsv`, in the order of [`Cue`].
const CUE_NAMES: [&str; 18] = [
    "adverb", "compare", "contrast", "label", "manner", "month", "named", "odds", "per", "person", "phrasal",
    "score", "side", "sum", "takings", "turn", "when", "yearly",
];

static CUES: LazyLock<[WordMap<&'static str>; CUE_NAMES.len()]> = LazyLock::new(|| {
    CUE_NAMES.map(|name| {
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
    // `at least an 80 pct stake`
    let article = matches!(cursor.to(start).text(-1), "a" | "an")
        && matches!(
            cursor.to(start).text(-2),
            "least" | "most" | "nearly" | "almost" | "than" | "roughly" | "approximately"
        );
    let before = bound_before(&cursor.to(start - usize::from(article)));
    let before = before.map(|(count, bound)| (count + usize::from(article), bound)).filter(|(count, _)| {
        // `inched back up to 5 pct` is where it ended.
        let moved = cursor.to(start - count);
        let ended = moved.hash(0) == const { word("up") }
            && (moved.hash(-1) == const { word("back") } || CHANGES.get(moved.hash(-1)).is_some());
        // `on roads over three years`, `by 5 % over two years` say how long, `took over two years` how long at least.
        let during = amount.kind == Some(AmountKind::Duration)
            && moved.hash(0) == const { word("over") }
            && moved.at() > 0
            && !moved.class(-1).has(Class::CLOSED | Class::VERB | Class::PAST | Class::THIRD | Class::GERUND)
            && moved.kind(-1) != Some(Kind::Punctuation);
        // `the top 10%` are not more than that
        let best = moved.hash(0) == const { word("top") } && moved.class(-1).has(Class::DETERMINER);
        start - count >= floor && !ended && !during && !best
    });
    let behind = amount.counted.as_ref().map_or(end, |noun| noun.end.max(end));
    let after = || [end, behind].into_iter().find_map(|at| Some((at, bound_after(&cursor.to(at))?)));
    // `30+ years`, `1,000 or more kilograms`
    let inside = (start + 1..end).find_map(|at| Some((at, bound_after(&cursor.to(at))?)));
    let found = before.map(|(count, bound)| (bound, start - count..start));
    let found = found.or_else(|| inside.map(|(at, (count, bound))| (bound, at..at + count)));
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

/// A change that an amount is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed {
    /// The direction; none where only both its ends tell.
    pub(super) change: Option<Change>,
    pub(super) role: ChangeRole,
    /// The token that says so.
    pub(super) by: usize,
}

/// The change that `amount` is of, whose bound and number begin at `start`.
pub(super) fn change(sentence: &Cursor<'_>, start: usize, amount: &Amount) -> Option<Changed> {
    let share = matches!(amount.kind, Some(AmountKind::Percent | AmountKind::PercentagePoint))
        || amount.counted.as_ref().is_some_and(|noun| {
            matches!(sentence.to(noun.end - 1).hash(0), hash if hash == const { word("points") } || hash == const { word("point") })
        });
    // A length of time is no change of what it modifies: `three-year growth`.
    let length = amount.kind == Some(AmountKind::Duration);
    let end = amount.tokens.end;
    let counted = amount.counted.as_ref().map_or(end, |noun| noun.end);
    changed(sentence, start..end, share).filter(|changed| match changed.by {
        by if by >= end => by >= counted && !length,
        _ => true,
    })
}

/// [`change`] of an amount at `tokens`; `share` if that is a percentage or in points.
pub(super) fn changed(sentence: &Cursor<'_>, tokens: Range<usize>, share: bool) -> Option<Changed> {
    let Range { start, end } = tokens;
    let look = |at: usize| CHANGES.get(sentence.to(at).hash(0)).filter(|found| share || !found.shares);
    let start = start - record_before(&sentence.to(start));
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
    if role.is_none()
        && let Some(by) = (end..end + 3).find(|at| look(*at).is_some())
        && let Some(change @ Some(_)) = look(by).map(|found| found.change)
        && modifies(sentence, end..by)
        && !sentence.to(by).class(0).has(Class::PAST)
    {
        return Some(Changed { change, role: ChangeRole::By, by });
    }
    let mut beside = None;
    for by in (start.saturating_sub(REACH)..start).rev() {
        let here = sentence.to(by);
        // `from 450 before the war to 300`
        let from = |at: usize| sentence.to(at).hash(0) == const { word("from") };
        let of_from = || {
            let ends = role == Some(ChangeRole::To) && here.class(0).has(Class::PREPOSITION);
            ends && (start.saturating_sub(REACH)..by).any(from)
        };
        if here.text(0) == ";"
            || here.class(0).has(Class::RELATIVE | Class::SUBORDINATOR)
                && here.hash(0) != const { word("as") }
                && !of_from()
        {
            break;
        }
        if let Some(Direction { change, apart, .. }) = look(by).copied().filter(|_| !is_phrasal(sentence, by))
        {
            // Without a preposition the amount stands at the verb: `rose 5 pct`, `up sharply 5 pct`.
            let near = start - by <= 2 && before != const { word("of") };
            // `raise its 4 pct share` does not say by how much.
            let owned = sentence.to(by + 1).class(0).has(Class::POSSESSIVE)
                || sentence.to(by + 1).hash(0) == const { word("the") };
            let got = apart && by + 1 == start && !share;
            let role = role.or((near && !owned && !got).then_some(ChangeRole::By))?;
            if change.is_none() && !(by..start).any(from) {
                break;
            }
            // `up to 5` and `down to 5` are no changes, `dipped down to 5` is one.
            let particle = matches!(here.text(0), "up" | "down") && role == ChangeRole::To && near;
            let particle = particle && (by == 0 || look(by - 1).is_none());
            if particle {
                break;
            }
            let found = Changed { change, role, by };
            // `cut its forecast for growth from 3 to 2 pct`: growth is not what goes from one to the other, if
            // anything before it is.
            let named = matches!(role, ChangeRole::From | ChangeRole::To)
                && here.class(-1).has(Class::PREPOSITION)
                && !here.class(0).has(Class::PAST | Class::GERUND);
            if !named {
                return Some(found);
            }
            beside = beside.or(Some(found));
        }
    }
    beside
}

/// How many words before an amount say no more than that it is one: `to a record 5 mln`, `to an average of 5`.
fn record_before(at: &Cursor<'_>) -> usize {
    let article = |offset: isize| matches!(at.text(offset), "a" | "an");
    let sum = || at.hash(-1) == const { word("of") } && cue(Cue::Sum, at.hash(-2)).is_some();
    match at.text(-1) {
        "record" if article(-2) => 2,
        _ if article(-3) && sum() => 3,
        _ => 0,
    }
}

/// Whether the particle at `by` makes another verb of the one before it, which says no change: `made up 15
/// pct`, `racked up 5 mln dlrs`.
fn is_phrasal(sentence: &Cursor<'_>, by: usize) -> bool {
    let particle = sentence.to(by).text(0);
    if !matches!(particle, "up" | "down") {
        return false;
    }
    let verb = sentence.to(by);
    let penn = match verb.class(-1) {
        class if class.has(Class::GERUND) || verb.text(-1).ends_with("ing") => Penn::VBG,
        class if class.has(Class::PAST) || verb.text(-1).ends_with("ed") => Penn::VBD,
        class if class.has(Class::THIRD) => Penn::VBZ,
        _ => Penn::VB,
    };
    let lemma = lemma(verb.text(-1), Tag { pos: Pos::Verb, penn });
    cue(Cue::Phrasal, hash_of(&lemma)).is_some_and(|particles| particles.contains(particle))
}

/// Whether the amount that ends before `between` modifies the word behind that; `30 mln shares up for
/// sale` are no rise.
fn modifies(sentence: &Cursor<'_>, between: Range<usize>) -> bool {
    let behind = sentence.to(between.end + 1).hash(0);
    let offered = behind == const { word("for") } || behind == const { word("to") };
    let particle = matches!(sentence.to(between.end).text(0), "up" | "down");
    let open = |at: usize| {
        let here = sentence.to(at);
        here.hyphen(0) || !here.class(0).has(Class::CLOSED) && here.kind(0) == Some(Kind::Word)
    };
    !(particle && offered) && between.into_iter().all(open)
}
