//! One number with the currency or unit that it touches.

use claimline_language::{Class, Kind, word};
use claimline_model::Decimal;

use super::around::Cue;
use super::name::is_name;
use super::unit::{part_of, unit};
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
