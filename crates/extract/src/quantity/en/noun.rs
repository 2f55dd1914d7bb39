//! Noun phrases without a tree: what is counted, and where the phrase behind an amount ends.

use claimline_language::{Class, Kind, singular, word};

use super::term::unit;
use crate::cursor::Cursor;
use std::ops::Range;

/// The furthest that a counted noun stands from its number.
const MOST_TOKENS: usize = 8;

/// The noun phrase at the cursor, up to the plural that a number counts: `Chinese-funded companies`.
/// With `one`, up to a singular.
pub(super) fn counted(cursor: &Cursor<'_>, one: bool) -> Option<Range<usize>> {
    let start = cursor.at();
    let mut at = *cursor;
    let mut last = None;
    if crate::number::is_numeral(at.hash(0)) {
        return None;
    }
    // `eight million 250ml bottles`
    if !one && at.kind(0) == Some(Kind::Number) {
        let behind = at.to(at.at() + 1);
        let measured = (behind.joined(0) && !behind.hyphen(0)).then(|| unit(&behind)).flatten();
        let hyphened = behind.hyphen(0).then(|| unit(&behind.to(behind.at() + 1))).flatten();
        at.advance(match (measured, hyphened) {
            (Some((count, _)), _) => 1 + count,
            (_, Some((count, _))) => 2 + count,
            _ => return None,
        });
    }
    while at.at() < start + MOST_TOKENS {
        if at.at() > start && (at.hyphen(0) || names_model(&at) || !one && joins_modifiers(&at)) {
            at.advance(1);
            continue;
        }
        let verb = one && at.at() > start && at.class(0).has(Class::PAST | Class::THIRD);
        let numeral = at.at() > start && !at.hyphen(-1) && crate::number::is_numeral(at.hash(0));
        if !continues(&at) || verb || numeral || is_bare_verb(&at, start) {
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

/// Whether the number at the cursor is part of a name among the modifiers: `two 737 Max jets`, `300
/// Model 3 sedans`.
fn names_model(at: &Cursor<'_>) -> bool {
    let digits = at.kind(0) == Some(Kind::Number) && at.text(0).bytes().all(|b| b.is_ascii_digit());
    let named = |offset| at.kind(offset) == Some(Kind::Word) && at.capital(offset);
    // `COVID-19 tests`
    let money = crate::money::before(at).is_some();
    digits && !money && (named(-1) || named(1) || at.hyphen(-1) && named(-2))
}

/// Whether the cursor is at an `and` between two modifiers of one noun: `Kia and Hyundai vehicles`.
fn joins_modifiers(at: &Cursor<'_>) -> bool {
    let and = matches!(at.hash(0), hash if hash == const { word("and") } || hash == const { word("or") });
    and && at.capital(-1) && at.capital(1) && at.kind(1) == Some(Kind::Word) && !is_plural(at.text(1))
}

fn continues(at: &Cursor<'_>) -> bool {
    // `20 most expensive restaurants`, `5 more people`, `gas-only cars`
    let open = is_degree(at.text(0)) || at.hyphen(-1);
    let closed = at.class(0).has(Class::CLOSED) && !open;
    at.kind(0) == Some(Kind::Word) && !closed && at.text(0).starts_with(char::is_alphabetic)
}

/// What compares rather than describes.
pub(super) fn is_degree(text: &str) -> bool {
    matches!(text, "most" | "more" | "other" | "less" | "fewer" | "such")
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
