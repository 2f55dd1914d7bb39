//! Numbers that name something, and so are no amounts.

use claimline_language::{Class, Kind};
use claimline_model::Decimal;

use super::around::{self, Cue};
use super::noun;
use super::term::{Term, is_sum};
use crate::cursor::Cursor;
use crate::money;
use crate::number::{Form, is_numeral};

/// Whether the number at the cursor names something (`Boeing 737`, `F-16`, `No. 5`, `5G`) or is a
/// year, a clock time or a part of a longer code, and so is no amount.
pub(super) fn is_name(cursor: &Cursor<'_>, floor: usize, term: &Term) -> bool {
    let before = cursor.text(-1);
    if around::bound_before(cursor).is_some() {
        return false;
    }
    let joined_word = |offset| cursor.joined(offset) && cursor.kind(offset - 1) == Some(Kind::Word);
    // `F-16`, `COVID-19`; `mid-30s` is none either.
    if cursor.at() > floor
        && !term.signed
        && cursor.joined(0)
        && before.starts_with(['-', '\u{2013}'])
        && cursor.joined(-1)
    {
        let numbers = cursor.kind(-2) == Some(Kind::Number) || is_numeral(cursor.hash(-2));
        if !numbers {
            return true;
        }
    }
    let glued = cursor.at() > floor && matches!(before, "#" | "/" | "@" | "_" | ".") && cursor.joined(0);
    if joined_word(0) || glued && (before == "#" || cursor.joined(-1)) {
        return true;
    }
    let month =
        around::cue(Cue::Month, cursor.hash(-1)).is_some() && (cursor.capital(-1) || before.ends_with('.'));
    if month && term.is_bare() && term.number.value < Decimal::from(32) {
        return true;
    }
    if cursor.kind(0) != Some(Kind::Number) {
        // `the Group of Five`, `the Kick Six`
        let begins = cursor.at() == 0 || matches!(cursor.kind(-1), Some(Kind::Punctuation));
        return !begins && cursor.capital(0) && !is_shouted(cursor);
    }
    // `007`, `555-0199`
    if cursor.text(0).len() > 1 && cursor.text(0).starts_with('0') && term.number.form == Form::Plain {
        return true;
    }
    let behind = cursor.to(term.end);
    // `5G`, `737MAX`; a second hyphen makes `555-1234-99` a code.
    if behind.joined(0) && behind.kind(0) == Some(Kind::Word) && term.unit.is_none() {
        return true;
    }
    // `COVID -19`
    if term.signed
        && term.is_bare()
        && cursor.to(term.start).capital(-1)
        && term.number.form == Form::Plain
        && cursor.to(term.start).text(-1).bytes().all(|b| b.is_ascii_uppercase())
    {
        return true;
    }
    // `16-18 Industrial Avenue`
    let addressed = term.is_bare() && behind.hyphen(0) && behind.kind(1) == Some(Kind::Number);
    if addressed && behind.kind(2) == Some(Kind::Word) && behind.capital(2) && !behind.joined(2) {
        return noun::counted(&behind.to(behind.at() + 2), false).is_none();
    }
    if before.ends_with('.') && cursor.class(-1).has(Class::BEFORE_NUMBER) {
        return true;
    }
    // `Model 900A`
    let lettered =
        term.unit.is_some() && behind.joined(-1) && behind.text(-1).len() == 1 && behind.text(-1) != "%";
    if lettered
        && cursor.capital(-1)
        && cursor.kind(-1) == Some(Kind::Word)
        && !cursor.class(-1).has(Class::CLOSED)
    {
        return true;
    }
    // `Channel 5s news`, `2018s best`: an apostrophe that is missing, no seconds
    if term.unit.is_some() && behind.text(-1) == "s" && behind.joined(-1) {
        let year = cursor.text(0).len() == 4 && is_year_number(cursor.text(0));
        return year || cursor.capital(-1) && cursor.kind(-1) == Some(Kind::Word);
    }
    if term.unit.is_some() {
        return false;
    }
    // `section 12`, `the sp 500`, `a category 5 storm`, but not `in section 12 people wait`
    if around::cue(Cue::Label, cursor.hash(-1)).is_some()
        && term.number.scale == Decimal::ONE
        && (cursor.capital(-1)
            || cursor.class(-2).has(Class::DETERMINER)
            || noun::counted(&behind, false).is_none())
    {
        return true;
    }
    if term.number.form != Form::Plain {
        return false;
    }
    // `a 386-based computer`
    if behind.hyphen(0) && behind.class(1).has(Class::PAST | Class::PARTICIPLE) {
        return true;
    }
    // The capital that begins a sentence names only where nothing is counted: `Apollo 11 landed`.
    let inner = cursor.text(-1).chars().skip(1).any(char::is_uppercase);
    let verbal = Class::PAST | Class::VERB | Class::THIRD | Class::GERUND;
    let begins = cursor.at() == 1
        && !cursor.class(-1).has(verbal)
        && !cursor.text(-1).ends_with("ly")
        && !inner
        && (behind.kind(0) == Some(Kind::Word) && !behind.class(0).has(Class::CLOSED)
            || behind.text(0) == ".")
        && noun::counted(&behind, false).is_none();
    let named = cursor.at() > floor
        && (cursor.at() > 1 || begins || cursor.at() == 1 && inner && !is_shouted(cursor))
        && cursor.text(-1).contains(char::is_uppercase)
        && cursor.kind(-1) == Some(Kind::Word)
        && !cursor.class(-1).has(Class::CLOSED)
        // `17 USD 25`
        && !money::is_name(&cursor.to(cursor.at() - 1))
        && !is_shouted(cursor);
    // `the 787 Dreamliner`, but `500 Chinese companies`.
    let model = behind.capital(0)
        && cursor.at() > 0
        && behind.kind(0) == Some(Kind::Word)
        && noun::counted(&behind, false).is_none();
    named || model || is_year(cursor, term)
}

/// In a text that is all capitals, capitals name nothing.
fn is_shouted(cursor: &Cursor<'_>) -> bool {
    let shouted = |offset: isize| {
        let text = cursor.text(offset);
        text.len() > 1 && text.bytes().all(|b| b.is_ascii_uppercase())
    };
    shouted(-1) && shouted(1)
}

fn is_year_number(text: &str) -> bool {
    ("1000".."2100").contains(&text)
}

fn is_year(cursor: &Cursor<'_>, term: &Term) -> bool {
    let text = cursor.text(0);
    let year = text.len() == 4 && is_year_number(text);
    let behind = cursor.to(term.end);
    let placed = cursor.class(-1).has(Class::PREPOSITION | Class::DETERMINER | Class::POSSESSIVE | Class::TO);
    let counted = noun::counted(&behind, false);
    let counts =
        counted.is_some_and(|noun| around::cue(Cue::Yearly, behind.to(noun.end - 1).hash(0)).is_none());
    // `1986 items include`: newswire gives such counts a comma.
    let recent = ("1950".."2031").contains(&text) && !text.ends_with("00");
    year && !is_sum(cursor)
        && (placed || !counts || behind.capital(0) || recent)
        && term.number.value < Decimal::from(2100)
}
