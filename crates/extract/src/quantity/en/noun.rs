//! Noun phrases without a tree: what is counted, and where the phrase behind an amount ends.

use claimline_language::{Class, Kind, singular, word};

use crate::cursor::Cursor;
use std::ops::Range;

/// The furthest that a counted noun stands from its number.
const MOST_TOKENS: usize = 6;

/// The noun phrase at the cursor, up to the plural that a number counts: `Chinese-funded companies`.
/// With `one`, up to a singular.
pub(super) fn counted(cursor: &Cursor<'_>, one: bool) -> Option<Range<usize>> {
    let start = cursor.at();
    let mut at = *cursor;
    let mut last = None;
    while at.at() < start + MOST_TOKENS {
        if at.hyphen(0) && at.at() > start {
            at.advance(1);
            continue;
        }
        let verb = one && at.at() > start && at.class(0).has(Class::PAST | Class::THIRD);
        if !continues(&at) || verb || is_bare_verb(&at, start) {
            break;
        }
        last = Some(at.at() + 1);
        let text = at.text(0);
        // A name may end in -s before the noun that is counted (`200 Texas farmers`).
        if is_plural(text)
            && !(at.capital(0) && continues(&at.to(at.at() + 1)) && is_plural(at.text(1)))
            && !at.hyphen(1)
        {
            return Some(start..at.at() + 1);
        }
        at.advance(1);
    }
    let end = last.filter(|_| one)?;
    Some(start..end)
}

fn continues(at: &Cursor<'_>) -> bool {
    // `20 most expensive restaurants`, `5 more people`
    let degree = matches!(at.text(0), "most" | "more" | "other" | "less" | "fewer");
    let closed = at.class(0).has(Class::CLOSED) && !degree;
    at.kind(0) == Some(Kind::Word) && !closed && at.text(0).starts_with(char::is_alphabetic)
}

/// A verb right behind the number has the number for its subject (`35 died`), unless it modifies a
/// noun, which only a participle in -ed can (`35 injured people`).
fn is_bare_verb(at: &Cursor<'_>, start: usize) -> bool {
    let class = at.class(0);
    at.at() == start
        && class.has(Class::PAST | Class::GERUND)
        && !(continues(&at.to(at.at() + 1)) && is_plural(at.text(1)))
}

pub(super) fn is_plural(text: &str) -> bool {
    let singular = singular(text);
    singular.len() != text.len() || !singular.eq_ignore_ascii_case(text) || INVARIANT.contains(&text)
}

/// Plurals that look like their singulars.
const INVARIANT: [&str; 12] = [
    "aircraft",
    "cattle",
    "deer",
    "fish",
    "offspring",
    "personnel",
    "police",
    "sheep",
    "series",
    "species",
    "spacecraft",
    "headquarters",
];

/// Where the noun phrase at the cursor ends, phrases with `of` included; its start if there is none.
pub(crate) fn phrase_end(cursor: &Cursor<'_>) -> usize {
    let mut at = *cursor;
    let mut end = at.at();
    let opening = Class::DETERMINER | Class::POSSESSIVE;
    loop {
        let class = at.class(0);
        let of = at.hash(0) == const { word("of") };
        let joins = at.hash(0) == const { word("'s") } || at.text(0) == "'" || at.hyphen(0);
        let and = at.hash(0) == const { word("and") } && at.capital(1) && end > cursor.at() && at.capital(-1);
        let fits = match at.kind(0) {
            Some(Kind::Word) if joins || of || and => true,
            Some(Kind::Word) if class.has(opening) => {
                end == cursor.at() || at.hash(-1) == const { word("of") }
            }
            Some(Kind::Word) if class.has(Class::CLOSED) => false,
            Some(Kind::Word) => !class.has(Class::PAST) || at.hyphen(-1) || end == cursor.at(),
            Some(Kind::Number | Kind::Symbol) => true,
            Some(Kind::Punctuation) => joins,
            None => false,
        };
        if !fits || at.at() > cursor.at() + 2 * MOST_TOKENS {
            return end;
        }
        at.advance(1);
        // A phrase can't end in what only joins.
        if !of && !and && !at.hyphen(-1) && !class.has(opening) {
            end = at.at();
        }
    }
}
