//! One number with the currency or unit that it touches.

use std::sync::LazyLock;

use claimline_language::{Class, Kind, rows, word};
use claimline_model::Decimal;

use crate::Phrases;
use crate::cursor::Cursor;
use crate::money::{self, Currency};
use crate::number::{Form, Number, number, number_of_money};
use crate::quantity::{UNITS, Unit, UnitKind};

/// A number with what it touches. `start` and `end` are indices of tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) number: Number,
    pub(super) currency: Option<&'static Currency>,
    /// Whether the currency stands before the number.
    pub(super) prefixed: bool,
    pub(super) unit: Option<Unit>,
    /// Whether the unit is joined by a hyphen: `5-year`.
    pub(super) hyphen: bool,
    pub(super) age: bool,
    /// Whether it has a sign: `-5`, `+5`.
    pub(super) signed: bool,
}

impl Term {
    /// Whether it touches neither currency nor unit.
    pub(super) fn is_bare(&self) -> bool {
        self.unit.is_none() && self.currency.is_none()
    }
}

/// A unit, and the only spelling that counts, if one does.
type Word = (Unit, Option<&'static str>);

static WORDS: LazyLock<Phrases<Word>> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for [words, name, case] in rows::<3>(include_str!("words.tsv")) {
        let Some(unit) = UNITS.iter().find(|unit| unit.name == name) else { continue };
        phrases.insert(words, (*unit, (case == "exact").then_some(words)));
        if case.is_empty() {
            phrases.insert(&format!("{words}s"), (*unit, None));
        }
    }
    phrases
});

/// The unit at the cursor, and its tokens.
pub(super) fn unit(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    let found = WORDS.all(cursor).find(|(count, (_, exact))| {
        exact.is_none_or(|exact| {
            // A letter alone is a unit where it touches its number, or where no word follows.
            let sure = exact.chars().count() > 1
                || cursor.joined(0)
                || cursor.hyphen(-1)
                || cursor.kind(1) != Some(Kind::Word);
            *count > 1 || cursor.text(0) == exact && sure
        })
    });
    found.map(|(count, (unit, _))| (count, *unit))
}

/// Reads the term whose number is at the cursor; nothing before `floor` is taken.
pub(super) fn term(cursor: &Cursor<'_>, floor: usize) -> Option<Term> {
    let mut start = cursor.at();
    let mut prefix = money::before(cursor).filter(|(count, _)| start - count >= floor);
    let mut signed = false;
    let mut negative = false;
    if is_sign(cursor.text(-1)) && cursor.joined(0) && start > floor {
        // `$-5`, `-5`, but not `F-16` or the end of `4-5`.
        let before = cursor.to(start - 1);
        let currency = money::before(&before).filter(|(count, _)| start > count + floor);
        if currency.is_some() || !cursor.joined(-1) {
            (signed, negative) = (true, cursor.text(-1) != "+");
            start -= 1;
            prefix = currency;
        }
    }
    if let Some((count, _)) = prefix {
        start -= count;
        let outside = cursor.to(start);
        if !signed && start > floor && is_sign(outside.text(-1)) && outside.joined(0) && !outside.joined(-1) {
            (signed, negative) = (true, outside.text(-1) != "+");
            start -= 1;
        }
    }
    let prefix = prefix.map(|(_, currency)| currency);
    // `minus 5`, `minus-5`
    let hyphen =
        usize::from(start > floor && cursor.to(start).joined(0) && is_sign(cursor.to(start).text(-1)));
    if !negative && start > floor + hyphen && cursor.to(start - hyphen).hash(-1) == const { word("minus") } {
        (signed, negative) = (true, true);
        start -= 1 + hyphen;
    }
    let mut at = *cursor;
    let mut lettered = at;
    let letters = number_of_money(&mut lettered);
    let with_letters = prefix.is_some() || letters.is_some_and(|n| counts_in_letters(&lettered, &n));
    let mut number = if with_letters {
        at = lettered;
        letters?
    } else {
        number(&mut at)?
    };
    group_before_currency(&mut at, &mut number);
    if negative {
        number.value = -number.value;
    }
    let mut found = Term {
        start,
        end: at.at(),
        number,
        currency: prefix,
        prefixed: prefix.is_some(),
        unit: None,
        hyphen: false,
        age: false,
        signed,
    };
    suffix(&mut found, at);
    if found.currency.is_none() && is_name(cursor, floor, &found) {
        return None;
    }
    Some(found)
}

/// `9 800 Kc`: an ordinary space groups digits where a currency follows them.
fn group_before_currency(at: &mut Cursor<'_>, number: &mut Number) {
    let (mut ahead, mut value) = (*at, number.value);
    let mut bare = number.form == Form::Plain && at.text(-1).len() <= 3;
    while bare && ahead.kind(0) == Some(Kind::Number) && !ahead.joined(0) {
        let text = ahead.text(0);
        let whole = text.len() == 3;
        bare = whole && text.bytes().all(|b| b.is_ascii_digit());
        let mut next = ahead;
        let Some(group) =
            crate::number::number(&mut next).filter(|_| whole || text.as_bytes().get(3) == Some(&b','))
        else {
            return;
        };
        let Some(sum) = value.checked_mul(Decimal::ONE_THOUSAND).and_then(|v| v.checked_add(group.value))
        else {
            return;
        };
        (ahead, value) = (next, sum);
        if money::after(&ahead, number).is_some() {
            (*at, number.value, number.form) = (ahead, value, Form::Digits);
            return;
        }
    }
}

/// Whether `m` and the like are magnitudes by what follows them: a currency, a unit, or a plural
/// that they count (`12.3m tonnes`, `35m people`).
fn counts_in_letters(behind: &Cursor<'_>, number: &Number) -> bool {
    // `4m-5m voters`
    if behind.hyphen(0) && behind.kind(1) == Some(Kind::Number) && behind.hash(2) == behind.hash(-1) {
        return counts_in_letters(&behind.to(behind.at() + 3), number);
    }
    let plural = behind.kind(0) == Some(Kind::Word)
        && super::noun::is_plural(behind.text(0))
        && !behind.class(0).has(Class::CLOSED);
    number.scale > Decimal::ONE
        && (money::after(behind, number).is_some() || unit(behind).is_some() || plural)
}

fn is_sign(text: &str) -> bool {
    matches!(text, "-" | "\u{2212}" | "+")
}

/// Takes the currency or unit behind the number into the term.
fn suffix(term: &mut Term, at: Cursor<'_>) {
    let hyphen = at.hyphen(0);
    let mut next = at;
    next.advance(usize::from(hyphen));
    if let Some((count, currency)) = money::after(&next, &term.number) {
        // Behind `$5` only a code may stand: `$5 USD`.
        if term.currency.is_none() || currency.expr.len() == 3 && next.text(0) == currency.expr {
            term.currency = Some(currency);
            term.hyphen = hyphen;
            term.end = next.at() + count;
        }
        return;
    }
    if term.currency.is_some() {
        return;
    }
    // `half a pound`
    let article = matches!(next.text(0), "a" | "an") && term.number.form == Form::Part;
    next.advance(usize::from(article));
    if let Some((count, unit)) = unit(&next) {
        // A word that is glued to digits, or cut off by a hyphen, is a unit all the same.
        term.unit = Some(unit);
        term.hyphen = hyphen;
        term.end = next.at() + count;
        if unit.kind == UnitKind::Duration {
            let behind = next.to(term.end);
            let old = const { word("old") };
            let count = match behind.hash(0) {
                hash if hash == old => 1,
                _ if behind.hyphen(0) && matches!(behind.text(1), "old" | "olds") => 2,
                hash if hash == const { word("of") } && behind.hash(1) == const { word("age") } => 2,
                _ => 0,
            };
            term.age = count > 0;
            term.end += count;
        }
    }
}

/// Whether the number at the cursor names something (`Boeing 737`, `F-16`, `No. 5`, `5G`) or is a
/// year, a clock time or a part of a longer code, and so is no amount.
fn is_name(cursor: &Cursor<'_>, floor: usize, term: &Term) -> bool {
    let before = cursor.text(-1);
    if super::around::bound_before(cursor).is_some() {
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
        let numbers = cursor.kind(-2) == Some(Kind::Number) || crate::number::is_numeral(cursor.hash(-2));
        if !numbers {
            return true;
        }
    }
    let glued = cursor.at() > floor && matches!(before, "#" | "/" | "@" | "_" | ".") && cursor.joined(0);
    if joined_word(0) || glued && (before == "#" || cursor.joined(-1)) {
        return true;
    }
    if cursor.kind(0) != Some(Kind::Number) {
        // `the Group of Five`, `the Kick Six`
        let begins = cursor.at() == 0 || matches!(cursor.kind(-1), Some(Kind::Punctuation));
        return !begins && cursor.capital(0) && !is_shouted(cursor);
    }
    let behind = cursor.to(term.end);
    // `5G`, `737MAX`; a second hyphen makes `555-1234-99` a code.
    if behind.joined(0) && behind.kind(0) == Some(Kind::Word) && term.unit.is_none() {
        return true;
    }
    if before.ends_with('.') && cursor.class(-1).has(Class::BEFORE_NUMBER) {
        return true;
    }
    if term.number.form != Form::Plain || term.unit.is_some() {
        return false;
    }
    let named = cursor.at() > 1
        && cursor.text(-1).contains(char::is_uppercase)
        && cursor.kind(-1) == Some(Kind::Word)
        && !cursor.class(-1).has(Class::CLOSED)
        && !is_shouted(cursor);
    // `the 787 Dreamliner`, but `500 Chinese companies`.
    let model = behind.capital(0)
        && cursor.at() > 0
        && behind.kind(0) == Some(Kind::Word)
        && super::noun::counted(&behind, false).is_none();
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

fn is_year(cursor: &Cursor<'_>, term: &Term) -> bool {
    let text = cursor.text(0);
    let year = text.len() == 4 && ("1000".."2100").contains(&text);
    let behind = cursor.to(term.end);
    let placed = cursor.class(-1).has(Class::PREPOSITION | Class::DETERMINER | Class::POSSESSIVE | Class::TO);
    let counts = super::noun::counted(&behind, false).is_some();
    year && (placed || !counts || behind.capital(0)) && term.number.value < Decimal::from(2100)
}
