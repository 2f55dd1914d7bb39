//! Noun phrases without a tree: what is counted, and where the phrase behind an amount ends.

use claimline_language::{Class, Kind, singular, word};

use super::unit::unit;
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
    // `five of the three-ton satellites`
    let measure = |at: &Cursor<'_>| at.hyphen(1) && unit(&at.to(at.at() + 2)).is_some();
    if crate::number::is_numeral(at.hash(0)) {
        if one || !measure(&at) {
            return None;
        }
        at.advance(2);
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
        // `20 Boeing 737s`
        if at.at() > start && at.capital(-1) && is_plural_of_digits(at.text(0)) {
            return Some(start..at.at() + 1);
        }
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
        // A name may end in -s before the noun that is counted (`200 Texas farmers`); a plural that looks like
        // its singular may modify it (`two police officers`).
        let modifies = at.capital(0) || INVARIANT.contains(&text) || MODIFYING.contains(&text);
        // `Net 841,893 vs 95,477 Revs 50.3 mln`
        let listed = at.at() == start && at.capital(0) && at.kind(1) == Some(Kind::Number);
        if is_plural(text) && listed {
            return None;
        }
        if is_plural(text)
            && !(modifies && continues(&at.to(at.at() + 1)) && is_plural(at.text(1)))
            && !at.hyphen(1)
        {
            return Some(start..at.at() + 1);
        }
        at.advance(1);
    }
    let end = last.filter(|_| one)?;
    Some(start..end)
}

/// What the number between `before` and `behind` measures in a noun that only a further one tells to be
/// no plural: `course` in `a three course meal`, `member` in `the 11 member trade agreement`.
pub(super) fn measured(before: &Cursor<'_>, behind: &Cursor<'_>) -> Option<Range<usize>> {
    let opening = Class::DETERMINER | Class::POSSESSIVE;
    let led = before.class(-1).has(opening)
        || before.class(-2).has(opening) && continues(&before.to(before.at() - 1));
    let noun = |offset: isize| {
        let verbal = behind.class(offset).has(Class::PAST | Class::GERUND | Class::PARTICIPLE | Class::THIRD);
        let here = behind.to(behind.at() + offset as usize);
        let strong = here.hash(0) == const { word("strong") };
        continues(&here) && !is_degree(here.text(0)) && !here.capital(0) && !verbal && !strong
    };
    (led && noun(0) && noun(1) && !is_plural(behind.text(1))).then(|| behind.at()..behind.at() + 1)
}

/// Whether a hyphen is at the cursor that stands by itself between a number and a noun which goes on:
/// `a 30 - year bond`, as some texts space it.
pub(super) fn is_spaced_hyphen(at: &Cursor<'_>) -> bool {
    let spaced = at.text(0) == "-" && !at.joined(0) && !at.joined(1);
    let plain = at.kind(1) == Some(Kind::Word)
        && !at.capital(1)
        && !is_plural(at.text(1))
        && !at.class(1).has(Class::CLOSED);
    let goes_on = at.kind(2) == Some(Kind::Word) && !at.capital(2) && !at.class(2).has(Class::CLOSED);
    spaced && plain && goes_on
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

fn is_plural_of_digits(text: &str) -> bool {
    text.strip_suffix('s')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// What compares rather than describes.
pub(super) fn is_degree(text: &str) -> bool {
    matches!(text, "most" | "more" | "other" | "less" | "fewer" | "such")
}

/// Whether the word compares one with all others: `biggest`, `worst`.
pub(super) fn is_superlative(text: &str) -> bool {
    let lower = text.bytes().all(|b| b.is_ascii_lowercase());
    lower
        && (text == "worst"
            || text.len() > 3
                && text.ends_with("est")
                && !text.ends_with("west")
                && !NOT_SUPERLATIVE.contains(&text))
}

/// Modifiers in -est that compare nothing.
const NOT_SUPERLATIVE: [&str; 18] = [
    "arrest", "breast", "chest", "conquest", "contest", "earnest", "forest", "guest", "harvest", "honest",
    "interest", "latest", "modest", "nest", "priest", "protest", "request", "test",
];

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

/// Plurals that modify another: `two securities houses`.
const MODIFYING: [&str; 9] =
    ["arms", "communications", "customs", "goods", "operations", "sales", "savings", "securities", "sports"];

/// Plurals that look like their singulars.
const INVARIANT: [&str; 14] = [
    "aircraft",
    "cattle",
    "crew",
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
    "staff",
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
