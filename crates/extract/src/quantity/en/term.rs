//! One number with the currency or unit that it touches.

use std::collections::HashMap;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, rows, word};
use claimline_model::Decimal;

use super::around::Cue;
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

/// A unit, and when its word means it.
type Word = (Unit, Means);

/// When a word means a unit.
#[derive(Clone, Copy)]
enum Means {
    Always,
    /// In this spelling alone.
    Spelt(&'static str),
    /// Where no noun follows that the two describe: `12 stone`, but not `12 stone steps`.
    Alone,
}

static WORDS: LazyLock<Phrases<Word>> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for [words, name, case] in rows::<3>(include_str!("words.tsv")) {
        let Some(unit) = UNITS.iter().find(|unit| unit.name == name) else { continue };
        let means = match case {
            "exact" => Means::Spelt(words),
            "alone" => Means::Alone,
            _ => Means::Always,
        };
        phrases.insert(words, (*unit, means));
        if case.is_empty() {
            phrases.insert(&format!("{words}s"), (*unit, means));
        }
    }
    phrases
});

/// Feet and inches by a mark that touches the number and closes no quotation: `30'`, `9"`.
fn marked_length(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    let name = match cursor.text(0) {
        "'" => "foot",
        "\"" => "inch",
        _ => return None,
    };
    let number = cursor.joined(0) && cursor.kind(-1) == Some(Kind::Number);
    // `10 " long`
    let long = cursor.kind(-1) == Some(Kind::Number) && EXTENT.contains(&cursor.hash(1));
    let open = (0..cursor.at()).filter(|at| cursor.to(*at).text(0) == cursor.text(0)).count() % 2 == 1;
    let unit = UNITS.iter().find(|unit| unit.name == name)?;
    // `6'2"`
    let inches = name == "foot" && cursor.kind(1) == Some(Kind::Number) && cursor.text(2) == "\"";
    ((number || long) && !open && (!cursor.joined(1) || inches)).then_some((1, *unit))
}

/// What says behind a length which of a thing's lengths it is.
const EXTENT: [u64; 7] =
    [word("deep"), word("diameter"), word("high"), word("long"), word("tall"), word("thick"), word("wide")];

/// `in` for inches, which is a preposition but behind feet and before what says which length it is: `12 ft 2
/// in`, `2 1/2 in thick`.
fn inches(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    if cursor.text(0) != "in" || cursor.kind(-1) != Some(Kind::Number) {
        return None;
    }
    let feet = matches!(cursor.text(-2), "ft" | "feet" | "foot" | "'");
    let unit = UNITS.iter().find(|unit| unit.name == "inch")?;
    (feet || EXTENT.contains(&cursor.hash(1))).then_some((1, *unit))
}

/// The unit at the cursor, and its tokens.
pub(super) fn unit(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    if cursor.kind(0) == Some(Kind::Punctuation) {
        return marked_length(cursor);
    }
    let found = WORDS.all(cursor).find(|(count, (_, means))| match *means {
        Means::Always => true,
        Means::Alone => {
            let behind = cursor.to(cursor.at() + count);
            behind.kind(0) != Some(Kind::Word) || behind.class(0).has(Class::CLOSED | Class::VERB)
        }
        Means::Spelt(exact) => {
            // A letter alone is a unit where it touches its number, or where no word follows.
            let sure = exact.chars().count() > 1
                || cursor.joined(0)
                || cursor.hyphen(-1)
                // `eight C-130s`
                || cursor.kind(1) != Some(Kind::Word) && !cursor.hyphen(1)
                || cursor.hash(1) == const { word("per") }
                || matches!(exact, "m" | "g" | "l" | "t")
                // `a 12 C melting point`, but not `5 C corporations`
                || matches!(exact, "C" | "F") && cursor.kind(1) == Some(Kind::Word) && !cursor.capital(1) && !super::noun::is_plural(cursor.text(1));
            // `one MP said`
            let digits = exact != "MP" || cursor.kind(-1) == Some(Kind::Number);
            *count > 1 || cursor.text(0) == exact && sure && digits
        }
    });
    found.map(|(count, (unit, _))| (count, *unit)).or_else(|| inches(cursor))
}

/// Whether a unit or a currency is at the cursor, which is behind digits.
pub(crate) fn is_unit(cursor: &Cursor<'_>) -> bool {
    unit(cursor).is_some() || money::is_name(cursor)
}

/// Whether the number at the cursor is what a word before it is of, and so no year (`an average of 1500`),
/// or does something itself (`about 1500 died`).
pub(crate) fn is_sum(cursor: &Cursor<'_>) -> bool {
    let of = cursor.hash(-1) == const { word("of") };
    let acts = cursor.class(1).has(Class::PAST | Class::VERB | Class::AUXILIARY)
        && !cursor.class(1).has(Class::PREPOSITION);
    let does = || acts && super::around::bound_before(cursor).is_some();
    of && super::around::cue(Cue::Sum, cursor.hash(-2)).is_some() || does()
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
    let minus = matches!(cursor.to(start - hyphen.min(start)).hash(-1), hash if hash == const { word("minus") } || hash == const { word("negative") });
    if !negative && start > floor + hyphen && minus {
        (signed, negative) = (true, true);
        start -= 1 + hyphen;
    }
    let mut at = *cursor;
    let mut lettered = at;
    let letters = number_of_money(&mut lettered);
    let takings = || {
        let of = cursor.hash(-1) == const { word("of") };
        of && super::around::cue(Cue::Takings, cursor.hash(-2)).is_some()
    };
    let with_letters =
        prefix.is_some() || letters.is_some_and(|n| takings() || counts_in_letters(&lettered, &n));
    let mut number = if with_letters {
        at = lettered;
        letters?
    } else {
        number(&mut at)?
    };
    group_of_money(&mut at, &mut number, prefix.is_some());
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
    bare_inches(&mut found, cursor);
    if found.is_bare() && start == cursor.at() {
        named_before(&mut found, cursor, floor);
    }
    if found.currency.is_some_and(|currency| currency.groups_by_point())
        && found.number.scale == Decimal::ONE
        && found.number.value.scale() == 3
    {
        found.number.value = found.number.value.checked_mul(Decimal::ONE_THOUSAND)?;
    }
    // `Figure 4c`
    let labelled = super::around::cue(Cue::Label, cursor.hash(-1)).is_some() && cursor.capital(-1);
    let lettered = labelled && !found.prefixed && at.joined(0) && found.end == at.at() + 1;
    if lettered || found.currency.is_none() && is_name(cursor, floor, &found) {
        return None;
    }
    Some(found)
}

/// `ringgit 42`, `at dollar 22.5 million`: the name of a currency before a number that nothing else claims.
fn named_before(term: &mut Term, cursor: &Cursor<'_>, floor: usize) {
    let behind = cursor.to(term.end);
    let alone = match behind.kind(0) {
        None => true,
        Some(Kind::Punctuation) => !behind.hyphen(0),
        _ => behind.class(0).has(Class::CLOSED),
    };
    if !alone || cursor.kind(-1) != Some(Kind::Word) {
        return;
    }
    let Some((count, currency)) = money::named_before(cursor) else { return };
    if term.start >= floor + count {
        (term.start, term.currency, term.prefixed) = (term.start - count, Some(currency), true);
    }
}

/// `9 800 Kc`, `$ 10 990,00`: an ordinary space groups digits where a currency stands beside them.
fn group_of_money(at: &mut Cursor<'_>, number: &mut Number, prefixed: bool) {
    let (mut ahead, mut value) = (*at, number.value);
    let mut open = number.form == Form::Plain && at.text(-1).len() <= 3;
    while open && ahead.kind(0) == Some(Kind::Number) && !ahead.joined(0) {
        let text = ahead.text(0);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        open = digits == 3 && text.len() == 3;
        // The last group may have cents behind it.
        if digits != 3 || !open && !matches!(text.as_bytes()[3], b',' | b'.') {
            return;
        }
        let Ok(group) = text.replace(',', ".").parse::<Decimal>() else { return };
        let Some(sum) = value.checked_mul(Decimal::ONE_THOUSAND).and_then(|v| v.checked_add(group)) else {
            return;
        };
        ahead.advance(1);
        value = sum;
        let ends = ahead.kind(0) != Some(Kind::Number)
            && super::noun::counted(&ahead, false).is_none()
            && unit(&ahead).is_none();
        if money::after(&ahead, number).is_some() || prefixed && ends {
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
    // `35m of its devices`
    let of = behind.hash(0) == const { word("of") } && behind.class(1).has(Class::POSSESSIVE);
    number.scale > Decimal::ONE
        && (of || money::after(behind, number).is_some() || unit(behind).is_some() || plural)
}

fn is_sign(text: &str) -> bool {
    matches!(text, "-" | "\u{2212}" | "+")
}

/// Takes the currency or unit behind the number into the term.
fn suffix(term: &mut Term, at: Cursor<'_>) {
    let hyphen = at.hyphen(0);
    let mut next = at;
    // `tens of millions of dollars`
    let of = term.number.form == Form::Vague && at.hash(0) == const { word("of") };
    let spaced = super::noun::is_spaced_hyphen(&at);
    next.advance(usize::from(hyphen || of || spaced));
    if let Some((count, currency)) = money::after(&next, &term.number) {
        // Behind `$5` only a code may stand: `$5 USD`.
        if term.currency.is_none() || currency.expr.len() == 3 && next.text(0) == currency.expr {
            term.currency = Some(currency);
            term.hyphen = hyphen;
            term.end = next.at() + count;
            money_scale(term, &next.to(term.end));
        }
        return;
    }
    if let Some(currency) = term.currency {
        if let Some((count, country)) = money::country(&next, currency) {
            term.currency = Some(country);
            term.end = next.at() + count;
        }
        return;
    }
    // `half a pound`, `a quarter of a mile`, `1/16 of a pint`
    let part = term.number.form == Form::Part || term.number.rule == "<fraction>";
    let of = part && next.hash(0) == const { word("of") } && matches!(next.text(1), "a" | "an");
    let article = part && matches!(next.text(0), "a" | "an");
    next.advance(if of { 2 } else { usize::from(article) });
    // `half a dollar`
    if (of || article)
        && let Some((count, currency)) = money::after(&next, &term.number)
    {
        (term.currency, term.end) = (Some(currency), next.at() + count);
        return;
    }
    // `30+ years`
    let plus = next.text(0) == "+" && next.joined(0) && unit(&next.to(next.at() + 1)).is_some();
    next.advance(usize::from(plus));
    if next.hash(0) == const { word("yo") } {
        term.unit = UNITS.iter().find(|unit| unit.name == "year").copied();
        term.age = true;
        term.end = next.at() + 1;
        return;
    }
    // `1,000 or more kilograms`
    if let Some((bound, _)) = super::around::bound_after(&next)
        && unit(&next.to(next.at() + bound)).is_some()
    {
        next.advance(bound);
    }
    // The 9-5/8s are bonds.
    let bonds = term.number.rule == "<digits>-<fraction>" && next.text(0) == "s";
    if let Some((count, unit)) = unit(&next).filter(|_| !bonds) {
        // A word that is glued to digits, or cut off by a hyphen, is a unit all the same.
        term.unit = Some(unit);
        term.hyphen = hyphen;
        term.end = next.at() + count;
        if unit.kind == UnitKind::Duration {
            let behind = next.to(term.end);
            let old = const { word("old") };
            let count = match behind.hash(0) {
                hash if hash == old || hash == const { word("yo") } => 1,
                _ if behind.hyphen(0) && matches!(behind.text(1), "old" | "olds") => 2,
                hash if hash == const { word("of") } && behind.hash(1) == const { word("age") } => 2,
                _ => 0,
            };
            term.age = count > 0;
            term.end += count;
        }
    }
}

/// `5-foot-10`, `6 foot 2`: the inches behind feet whose name is left out; all are inches then.
fn bare_inches(term: &mut Term, cursor: &Cursor<'_>) {
    let Some((inch, in_foot)) = term.unit.filter(|unit| unit.name == "foot").and_then(part_of) else {
        return;
    };
    let mut at = cursor.to(term.end);
    let hyphen = at.hyphen(0);
    at.advance(usize::from(hyphen));
    if at.kind(0) != Some(Kind::Number) {
        return;
    }
    let mut behind = at;
    let Some(rest) = number(&mut behind) else { return };
    let (feet, inches) = (term.number, rest.value);
    let plain = [feet, rest].iter().all(|number| number.form == Form::Plain || number.form == Form::Words);
    let whole = feet.value.fract().is_zero() && inches.fract().is_zero();
    let closed = behind.kind(0) != Some(Kind::Word) || behind.class(0).has(Class::CLOSED);
    let alone = hyphen && behind.kind(0) == Some(Kind::Word) || closed;
    if !plain
        || !whole
        || term.signed
        || inches >= in_foot
        || !alone
        || behind.hyphen(0)
        || unit(&behind).is_some()
    {
        return;
    }
    if let Some(value) = feet.value.checked_mul(in_foot).and_then(|whole| whole.checked_add(inches)) {
        (term.number.value, term.unit, term.end) = (value, Some(inch), behind.at());
    }
}

/// The smaller unit that what is left over of `unit` is told in, and how many of those it is: `6 ft 2 in`, `12
/// stone 4 lb`.
pub(super) fn part_of(unit: Unit) -> Option<(Unit, Decimal)> {
    static PARTS: LazyLock<HashMap<&str, (Unit, Decimal)>> = LazyLock::new(|| {
        let parts = rows::<3>(include_str!("compounds.tsv"));
        let read = |[whole, part, count]: [&'static str; 3]| {
            let part = UNITS.iter().find(|unit| unit.name == part)?;
            Some((whole, (*part, count.parse().ok()?)))
        };
        parts.filter_map(read).collect()
    });
    PARTS.get(unit.name).copied()
}

/// `75 USD million`: the magnitude behind a code.
fn money_scale(term: &mut Term, behind: &Cursor<'_>) {
    let bare =
        term.number.scale == Decimal::ONE && term.currency.is_some_and(|currency| currency.expr.len() == 3);
    if let Some((count, by)) = crate::number::magnitude(behind).filter(|_| bare)
        && let Some(value) = term.number.value.checked_mul(by)
    {
        (term.number.value, term.number.scale) = (value, by);
        term.end += count;
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
    let month = super::around::cue(Cue::Month, cursor.hash(-1)).is_some()
        && (cursor.capital(-1) || before.ends_with('.'));
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
        return super::noun::counted(&behind.to(behind.at() + 2), false).is_none();
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
    // `section 12`, `the sp 500`, `version 2.1`
    if super::around::cue(Cue::Label, cursor.hash(-1)).is_some()
        && term.number.scale == Decimal::ONE
        && (cursor.capital(-1) || super::noun::counted(&behind, false).is_none())
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
        && super::noun::counted(&behind, false).is_none();
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

fn is_year_number(text: &str) -> bool {
    ("1000".."2100").contains(&text)
}

fn is_year(cursor: &Cursor<'_>, term: &Term) -> bool {
    let text = cursor.text(0);
    let year = text.len() == 4 && is_year_number(text);
    let behind = cursor.to(term.end);
    let placed = cursor.class(-1).has(Class::PREPOSITION | Class::DETERMINER | Class::POSSESSIVE | Class::TO);
    let counted = super::noun::counted(&behind, false);
    let counts = counted
        .is_some_and(|noun| super::around::cue(Cue::Yearly, behind.to(noun.end - 1).hash(0)).is_none());
    // `1986 items include`: newswire gives such counts a comma.
    let recent = ("1950".."2031").contains(&text) && !text.ends_with("00");
    year && !is_sum(cursor)
        && (placed || !counts || behind.capital(0) || recent)
        && term.number.value < Decimal::from(2100)
}
