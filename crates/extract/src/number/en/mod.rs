//! English numbers: the words are in `words.tsv`, the grammar is here.

use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::Decimal;

use super::{Form, Number, digits, quotient};
use crate::cursor::{Cursor, is_dash};

/// What a word is in a number.
#[derive(Clone, Copy, Debug)]
enum Role {
    One,
    Teen,
    Ten,
    Hundred,
    Dozen,
    Scale,
    /// A scale only where it touches its digits.
    Joined,
    /// A scale only where it touches its digits, and only in money.
    Letter,
    Vague,
    Part,
    Ordinal,
}

static WORDS: LazyLock<WordMap<(Role, u64)>> = LazyLock::new(|| {
    let role = |name| {
        Some(match name {
            "one" => Role::One,
            "teen" => Role::Teen,
            "ten" => Role::Ten,
            "hundred" => Role::Hundred,
            "dozen" => Role::Dozen,
            "scale" => Role::Scale,
            "joined" => Role::Joined,
            "letter" => Role::Letter,
            "vague" => Role::Vague,
            "part" => Role::Part,
            "ordinal" => Role::Ordinal,
            _ => return None,
        })
    };
    let words = rows::<3>(include_str!("words.tsv"));
    words.filter_map(|[word, name, value]| Some((word, (role(name)?, value.parse().ok()?)))).collect()
});

fn look(cursor: &Cursor<'_>, offset: isize) -> Option<(Role, u64)> {
    match cursor.kind(offset)? {
        Kind::Word => WORDS.get(cursor.hash(offset)).copied(),
        _ => None,
    }
}

/// Whether the word of this hash may begin a number or be one.
pub fn is_numeral(hash: u64) -> bool {
    WORDS.get(hash).is_some_and(|(role, _)| !matches!(role, Role::Joined | Role::Letter))
}

/// Whether the word of this hash may stand before the first numeral of a number: `a million`, `several
/// thousand`.
pub fn begins_number(hash: u64) -> bool {
    hash == const { word("a") } || hash == const { word("an") } || is_several(hash)
}

fn is_several(hash: u64) -> bool {
    hash == const { word("several") } || hash == const { word("few") }
}

/// The longest of the short forms of the scales: `bn`, `mln`, `bio`.
const MOST_SHORT: usize = 3;

/// Reads the number at the cursor and leaves the cursor behind it.
///
/// A sign before it is not read, nor is `m` behind it, which is a million only in money.
pub fn number(cursor: &mut Cursor<'_>) -> Option<Number> {
    read(cursor, false)
}

/// [`number`] where a currency stands before it, so that `m`, `b` and `t` are magnitudes: `$5m`.
pub fn number_of_money(cursor: &mut Cursor<'_>) -> Option<Number> {
    read(cursor, true)
}

fn read(cursor: &mut Cursor<'_>, money: bool) -> Option<Number> {
    let mut at = *cursor;
    let found = match at.kind(0)? {
        Kind::Number => in_digits(&mut at, money),
        Kind::Word => {
            vague(&mut at).or_else(|| halves(&mut at)).or_else(|| part(&mut at)).or_else(|| words(&mut at))
        }
        _ => None,
    }?;
    *cursor = at;
    Some(found)
}

fn in_digits(at: &mut Cursor<'_>, money: bool) -> Option<Number> {
    let text = at.text(0);
    if let Some(value) = digits::fraction(text) {
        at.advance(1);
        return Some(plain(value, Form::Digits, "<fraction>"));
    }
    if let Some(value) = apart(at, "/").and_then(|text| digits::fraction(&text)) {
        at.advance(3);
        return Some(plain(value, Form::Digits, "<fraction>"));
    }
    if let Some(value) = apart(at, ".").and_then(|text| digits::decimal(&text)) {
        at.advance(3);
        return scaled(at, value, Form::Digits, "<digits>", money);
    }
    // `1.899,-`: the comma and the dash stand for no cents, so that the point is of thousands.
    if at.text(1) == "," && is_dash(at.text(2)) && at.joined(1) && at.joined(2) && !at.joined(3) {
        let value = digits::decimal(&format!("{text},00"))?;
        at.advance(3);
        return Some(plain(value.normalize(), Form::Digits, "<digits>"));
    }
    let mut value = digits::decimal(text)?;
    let bare = text.bytes().all(|b| b.is_ascii_digit());
    at.advance(1);
    while bare && grouped(at) {
        value = value.checked_mul(Decimal::ONE_THOUSAND)?.checked_add(digits::decimal(at.text(0))?)?;
        at.advance(1);
    }
    let mut form = if bare { Form::Plain } else { Form::Digits };
    let mut rule = "<digits>";
    // `1⁄32`, with the slash of fractions
    if bare
        && at.text(0) == "\u{2044}"
        && at.joined(0)
        && at.joined(1)
        && let Some(whole) = digits::decimal(at.text(1)).and_then(|whole| quotient(value, whole))
    {
        at.advance(2);
        return Some(plain(whole, Form::Digits, "<fraction>"));
    }
    if let Some((count, by)) = power_of_ten(at) {
        at.advance(count);
        return Some(plain(value.checked_mul(by)?, Form::Digits, "<digits> x 10^<digits>"));
    }
    if let Some(more) = mixed(at) {
        (value, form, rule) = (value.checked_add(more)?, Form::Digits, "<digits>-<fraction>");
    }
    scaled(at, value, form, rule, money)
}

/// A number in digits times the magnitudes behind it.
fn scaled(
    at: &mut Cursor<'_>,
    mut value: Decimal,
    mut form: Form,
    mut rule: &'static str,
    money: bool,
) -> Option<Number> {
    let mut scale = Decimal::ONE;
    while let Some((count, by)) = behind_digits(at, money) {
        at.advance(count);
        value = value.checked_mul(by)?;
        scale = scale.checked_mul(by)?;
        (form, rule) = (Form::Digits, "<digits> <magnitude>");
    }
    Some(Number { value, high: None, scale, form, rule })
}

/// Two runs of digits and the sign between them, which a tokenizer has put apart: `6 . 2`, `3 / 4`.
fn apart(at: &Cursor<'_>, sign: &str) -> Option<String> {
    let digits = |offset: isize| at.text(offset).bytes().all(|b| b.is_ascii_digit());
    let apart = at.text(1) == sign && !at.joined(1) && !at.joined(2) && at.kind(2) == Some(Kind::Number);
    (apart && digits(0) && digits(2)).then(|| format!("{}{sign}{}", at.text(0), at.text(2)))
}

/// The power of ten at the cursor, which is behind digits, and its tokens: `e14`, `E-3`, ` x 10^5`, `×10−5`.
fn power_of_ten(at: &Cursor<'_>) -> Option<(usize, Decimal)> {
    let power = |digits: &str, minus: bool| {
        let digits = digits.parse::<u32>().ok().filter(|power| *power < 28)?;
        Decimal::try_from_i128_with_scale(
            if minus { 1 } else { 10_i128.pow(digits) },
            if minus { digits } else { 0 },
        )
        .ok()
    };
    let signed = |offset: isize| {
        let minus = is_dash(at.text(offset)) && at.joined(offset + 1);
        Some((1 + usize::from(minus), power(at.text(offset + isize::from(minus)), minus)?))
    };
    if at.joined(0)
        && let Some(digits) = at.text(0).strip_prefix(['e', 'E'])
    {
        return match digits {
            "" => signed(1).filter(|_| at.joined(1)).map(|(count, by)| (1 + count, by)),
            _ => Some((1, power(digits, false)?)),
        };
    }
    // `1.3x10^6`
    if at.joined(0) && at.text(0) == "x10" && at.text(1) == "^" {
        return signed(2).map(|(count, by)| (2 + count, by));
    }
    let times = matches!(at.text(0), "x" | "\u{D7}" | "*" | "\u{B7}") && at.text(1) == "10";
    if !times {
        return None;
    }
    let raised = usize::from(matches!(at.text(2), "^" | "**"));
    let (count, by) = signed(2 + raised as isize).filter(|_| at.joined(2))?;
    Some((2 + raised + count, by))
}

fn plain(value: Decimal, form: Form, rule: &'static str) -> Number {
    Number { value, high: None, scale: Decimal::ONE, form, rule }
}

/// Whether the cursor is at three digits that a no-break or thin space groups with those before, as
/// in `10 000`; with an ordinary space only zeros are sure to belong.
fn grouped(at: &Cursor<'_>) -> bool {
    let (Some(before), Some(token)) = (at.token(-1), at.token(0)) else { return false };
    let text = at.text(0);
    let gap = &at.source()[before.end as usize..token.start as usize];
    // A line of nothing but numbers is one: `2 990`.
    let alone = at.tokens().len() <= 4 && at.tokens().iter().all(|token| token.kind == Kind::Number);
    before.end - before.start <= 3
        && text.len() == 3
        && text.bytes().all(|b| b.is_ascii_digit())
        && (matches!(gap, "\u{A0}" | "\u{2009}" | "\u{202F}") || (gap == " " && (text == "000" || alone)))
}

/// `-1/2`, ` 1/2`, `½`, ` and a half` behind a whole number.
fn mixed(at: &mut Cursor<'_>) -> Option<Decimal> {
    let mut ahead = *at;
    if ahead.hyphen(0) {
        ahead.advance(1);
    }
    let found = match ahead.kind(0)? {
        Kind::Number => match apart(&ahead, "/") {
            Some(text) => {
                ahead.advance(3);
                digits::fraction(&text)?
            }
            None => {
                ahead.advance(1);
                digits::fraction(ahead.text(-1))?
            }
        },
        _ => and_part(&mut ahead)?,
    };
    *at = ahead;
    Some(found)
}

/// `and a half`, `and three quarters`.
fn and_part(at: &mut Cursor<'_>) -> Option<Decimal> {
    let mut ahead = *at;
    let hyphens = ahead.hyphen(0);
    if !ahead.take(const { word("and") }) {
        return None;
    }
    if hyphens {
        ahead.advance(1);
    }
    let found = part(&mut ahead)?;
    *at = ahead;
    Some(found.value)
}

/// What the magnitude at the cursor multiplies by, and its number of tokens.
pub fn magnitude(at: &Cursor<'_>) -> Option<(usize, Decimal)> {
    behind_digits(at, false)
}

fn behind_digits(at: &Cursor<'_>, money: bool) -> Option<(usize, Decimal)> {
    let hyphen = at.hyphen(0);
    let (role, value) = look(at, isize::from(hyphen))?;
    let fits = match role {
        Role::Scale | Role::Hundred | Role::Dozen => true,
        Role::Joined => at.joined(0) && !hyphen,
        Role::Letter => money && at.joined(0) && !hyphen,
        // `5 lakhs`, `20 millions`
        Role::Vague => value > 10 && at.hash(1) != const { word("of") },
        _ => false,
    };
    fits.then(|| (1 + usize::from(hyphen), Decimal::from(value)))
}

/// `tens of millions`, `dozens of`, `hundreds of thousands`, and `several thousand` for thousands.
fn vague(at: &mut Cursor<'_>) -> Option<Number> {
    let article = usize::from(is_several(at.hash(1)) && at.hash(0) == const { word("a") });
    if article > 0 || is_several(at.hash(0)) {
        let scale = look(at, article as isize + 1)?;
        let (Role::Scale | Role::Hundred | Role::Dozen, value) = scale else { return None };
        at.advance(2 + article);
        let low = Decimal::from(value);
        let high = low.checked_mul(Decimal::TEN);
        let rule = "several <magnitude>";
        return Some(Number { value: low, high, scale: Decimal::ONE, form: Form::Vague, rule });
    }
    let (Role::Vague, value) = look(at, 0)? else { return None };
    if at.hash(1) != const { word("of") } {
        return None;
    }
    at.advance(1);
    let mut low = Decimal::from(value);
    let mut rule = "tens of";
    if let Some((Role::Vague, by)) = look(at, 1) {
        low = low.checked_mul(Decimal::from(by))?;
        at.advance(2);
        rule = "tens of <magnitude>";
    }
    let high = low.checked_mul(Decimal::TEN)?;
    Some(Number { value: low, high: Some(high), scale: Decimal::ONE, form: Form::Vague, rule })
}

/// `half a million`, `half-a-dozen`, `a half-million`, `a quarter of a million`.
fn halves(at: &mut Cursor<'_>) -> Option<Number> {
    let mut ahead = *at;
    take_article(&mut ahead);
    let (Role::Part, parts) = look(&ahead, 0)? else { return None };
    ahead.advance(1);
    skip_hyphen(&mut ahead);
    ahead.take(const { word("of") });
    take_article(&mut ahead);
    skip_hyphen(&mut ahead);
    let (Role::Scale | Role::Dozen | Role::Hundred, scale) = look(&ahead, 0)? else { return None };
    ahead.advance(1);
    *at = ahead;
    let scale = Decimal::from(scale);
    let value = scale / Decimal::from(parts);
    Some(Number { value, high: None, scale, form: Form::Words, rule: "half a <magnitude>" })
}

fn take_article(at: &mut Cursor<'_>) -> bool {
    at.take_any(&const { [word("a"), word("an")] })
}

fn skip_hyphen(at: &mut Cursor<'_>) {
    if at.hyphen(0) {
        at.advance(1);
    }
}

/// `a third`, `two-thirds`, `three quarters`, `half`.
fn part(at: &mut Cursor<'_>) -> Option<Number> {
    let mut ahead = *at;
    let mut of = Decimal::ONE;
    let mut counted = take_article(&mut ahead);
    let mut joined = false;
    if !counted && let Some((Role::One, value)) = look(&ahead, 0) {
        of = Decimal::from(value);
        counted = true;
        ahead.advance(1);
        joined = ahead.hyphen(0);
        skip_hyphen(&mut ahead);
    }
    let (Role::Part, parts) = look(&ahead, 0)? else { return None };
    // Uncounted, a third is an ordinal and a quarter a time; a half is a half.
    if !counted && parts != 2 || of >= Decimal::from(parts) {
        return None;
    }
    ahead.advance(1);
    // `a fifth year` is an ordinal, `a fifth of the year`, `by a fifth` and `one-fifth` are parts.
    let article = of == Decimal::ONE && !matches!(parts, 2 | 4) && !joined;
    let by = at.hash(-1) == const { word("by") };
    // `to a third person`
    let ends = ahead.kind(0) != Some(Kind::Word) || ahead.class(0).has(Class::CLOSED);
    let by = by || ends && matches!(at.text(-1), "from" | "to");
    if article && !by && ahead.hash(0) != const { word("of") } {
        return None;
    }
    *at = ahead;
    Some(plain(quotient(of, parts.into())?, Form::Part, "<number> <part>"))
}

/// `two hundred and fifty-five thousand`, `a million`, `two and a half billion`, `a dozen`.
fn words(at: &mut Cursor<'_>) -> Option<Number> {
    let mut ahead = *at;
    let article = take_article(&mut ahead);
    let (mut total, mut group) = (Decimal::ZERO, Decimal::ZERO);
    let mut last_scale = u64::MAX;
    let mut scaled = Decimal::ONE;
    // What the group may still take: up to 99, up to 9, or nothing.
    let mut room = 100;
    let mut end = None;
    loop {
        let mut next = ahead;
        if end.is_some() {
            skip_hyphen(&mut next);
            if room == 100
                && next.take(const { word("and") })
                && !matches!(look(&next, 0), Some((Role::One | Role::Teen | Role::Ten, _)))
            {
                break;
            }
        }
        let Some((role, value)) = look(&next, 0) else { break };
        let amount = Decimal::from(value);
        let one = group.is_zero();
        match role {
            Role::One | Role::Teen | Role::Ten if article && end.is_none() => break,
            Role::One if room >= 10 => (group, room) = (group + amount, 0),
            Role::Teen if room == 100 => (group, room) = (group + amount, 0),
            Role::Ten if room == 100 => (group, room) = (group + amount, 10),
            // `hundred thousand`
            Role::Hundred
                if group < Decimal::ONE_HUNDRED
                    && (article || !one || matches!(look(&next, 1), Some((Role::Scale, _)))) =>
            {
                (group, room) = (if one { amount } else { group * amount }, 100);
            }
            Role::Dozen if article || !one => {
                (group, room) = (if one { amount } else { group * amount }, 0);
            }
            // `five lakhs`
            Role::Vague if next.hash(1) == const { word("of") } || value < 1000 || one => break,
            // A short form has its number written: `a bio-based fuel`.
            Role::Scale if one && next.text(0).len() <= MOST_SHORT => break,
            Role::Scale | Role::Vague if value < last_scale && (article || !one) => {
                total += if one { amount } else { group.checked_mul(amount)? };
                (group, room, last_scale, scaled) = (Decimal::ZERO, 100, value, amount);
            }
            _ => break,
        }
        next.advance(1);
        ahead = next;
        end = Some(next);
        if let Some(more) = and_part(&mut next) {
            let scale = look(&next, 0).filter(|(role, _)| matches!(role, Role::Scale));
            let by = scale.map_or(Decimal::ONE, |(_, by)| Decimal::from(by));
            let whole = total + group;
            let (value, scaled) = match scale {
                // `two and a half million`, but `one billion and a half million`
                Some(_) if total.is_zero() => ((whole + more).checked_mul(by)?, by),
                Some(_) => (whole.checked_add(more.checked_mul(by)?)?, by),
                // `one million and a half`
                None if group.is_zero() => (whole.checked_add(more.checked_mul(scaled)?)?, scaled),
                None => (whole + more, scaled),
            };
            next.advance(usize::from(scale.is_some()));
            *at = next;
            let rule = "<number> and a <part>";
            return Some(Number { value, high: None, scale: scaled, form: Form::Words, rule });
        }
        if total.is_zero()
            && let Some((behind, decimals)) = decimals(&ahead)
        {
            *at = behind;
            let value = group + decimals;
            let scale = look(&behind, 0).filter(|(role, _)| matches!(role, Role::Scale));
            at.advance(usize::from(scale.is_some()));
            let scaled = scale.map_or(Decimal::ONE, |(_, by)| Decimal::from(by));
            let value = value.checked_mul(scaled)?;
            return Some(Number {
                value,
                high: None,
                scale: scaled,
                form: Form::Words,
                rule: "<words> point <words>",
            });
        }
    }
    *at = end?;
    let scale = if group.is_zero() { scaled } else { Decimal::ONE };
    Some(Number { value: total + group, high: None, scale, form: Form::Words, rule: "<words>" })
}

/// `point five`, `point nought four`: what the digits behind the cursor add, and where they end.
fn decimals<'t>(at: &Cursor<'t>) -> Option<(Cursor<'t>, Decimal)> {
    let mut ahead = *at;
    if !ahead.take(const { word("point") }) {
        return None;
    }
    let (mut value, mut unit) = (Decimal::ZERO, Decimal::ONE);
    while let Some((Role::One, digit)) = look(&ahead, 0).filter(|_| unit.scale() < 9) {
        unit /= Decimal::TEN;
        value += unit * Decimal::from(digit);
        ahead.advance(1);
    }
    (unit < Decimal::ONE).then_some((ahead, value))
}

/// Reads the ordinal at the cursor (`22nd`, `third`, `twenty-first`) and leaves the cursor behind it.
pub fn ordinal(cursor: &mut Cursor<'_>) -> Option<Number> {
    let rule = "<ordinal>";
    if cursor.kind(0)? == Kind::Number {
        let text = cursor.text(0);
        let digits = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at))?;
        let suffix = text[digits..].to_ascii_lowercase();
        let value =
            digits::decimal(&text[..digits]).filter(|_| matches!(&*suffix, "st" | "nd" | "rd" | "th"))?;
        cursor.advance(1);
        return Some(plain(value, Form::Digits, rule));
    }
    let mut at = *cursor;
    let mut value = Decimal::ZERO;
    if let Some((Role::Ten, tens)) = look(&at, 0) {
        value = Decimal::from(tens);
        at.advance(2);
        if !at.hyphen(-1) {
            return None;
        }
    }
    match look(&at, 0)? {
        (Role::Ordinal, last) => value += Decimal::from(last),
        (Role::Part, last)
            if last > 2 && !at.text(0).ends_with('s') && at.hash(0) != const { word("quarter") } =>
        {
            value += Decimal::from(last);
        }
        _ => return None,
    }
    at.advance(1);
    *cursor = at;
    Some(plain(value, Form::Words, rule))
}
