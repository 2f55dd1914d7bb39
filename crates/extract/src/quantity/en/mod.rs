//! English amounts: the grammar. Words are in the TSV files beside it, examples in `examples.yaml`.

mod around;
mod noun;
mod term;

use std::ops::Range;

use claimline_language::{Class, Kind, singular, word};
use claimline_model::{AmountKind, Bound, Change, ChangeRole, Decimal, MentionKind};

pub(crate) use self::noun::{is_plural, phrase_end};
use self::term::{Term, term, unit};
use super::{Amount, Per, UnitKind};
use crate::cursor::{Cursor, is_dash};
use crate::number::{Form, is_numeral, number, ordinal};

/// Finds the amounts of a sentence, in order, and appends them to `found`.
///
/// The cursor is at the sentence's first token; `taken` says of each token whether a date or the
/// like has it already, so that its numbers are no amounts.
pub fn amounts(sentence: Cursor<'_>, taken: &[bool], found: &mut Vec<Amount>) {
    let is_taken = |at: usize| taken.get(at).copied().unwrap_or(false);
    let mut floor = 0;
    let mut at = 0;
    while at < sentence.tokens().len() {
        let here = sentence.to(at);
        let starts = match here.kind(0) {
            Some(Kind::Number) => true,
            Some(Kind::Word) => is_numeral(here.hash(0)),
            _ => false,
        };
        if !starts || is_taken(at) {
            at += 1;
            continue;
        }
        if at > floor
            && matches!(here.hash(-1), hash if hash == const { word("a") } || hash == const { word("an") })
            && here.kind(0) == Some(Kind::Word)
            && let Some(amount) = amount(&here.to(at - 1), floor)
        {
            (at, floor) = (amount.tokens.end, amount.tokens.end);
            found.push(amount);
            continue;
        }
        match amount(&here, floor) {
            Some(amount) if !amount.tokens.clone().any(is_taken) => {
                (at, floor) = (amount.tokens.end.max(at + 1), amount.tokens.end);
                found.push(amount);
            }
            _ => {
                let mut behind = here;
                let read = number(&mut behind).or_else(|| ordinal(&mut behind));
                at = if read.is_some() { behind.at() } else { at + 1 };
                // The rest of a code, `555-1234-99`, is no amount either.
                while sentence.to(at).hyphen(0) && sentence.to(at + 1).kind(0) == Some(Kind::Number) {
                    at += 2;
                }
                floor = at;
            }
        }
    }
}

/// The amount whose number is at the cursor; nothing before `floor` is taken.
fn amount(cursor: &Cursor<'_>, floor: usize) -> Option<Amount> {
    let mut behind = *cursor;
    let rank = ordinal(&mut behind);
    // `twenty-second` is no twenty seconds.
    let first = term(cursor, floor).filter(|first| rank.is_none() || first.end > behind.at());
    if let Some(mut first) = first {
        share_unit(cursor, &mut first);
        if let Some(score) = score(cursor, &first) {
            return Some(score);
        }
        if is_code(cursor, &first) {
            return None;
        }
        let second = range_end(cursor, &first);
        return finish(cursor, floor, first, second);
    }
    let number = rank?;
    let mut amount = plain(cursor.at()..behind.at(), number.value, number.rule);
    amount.mention = MentionKind::Ordinal;
    amount.kind = Some(AmountKind::Ordinal);
    Some(amount)
}

fn plain(tokens: Range<usize>, value: Decimal, rule: &'static str) -> Amount {
    Amount {
        tokens,
        mention: MentionKind::Number,
        kind: None,
        value,
        high: None,
        bound: Bound::Exactly,
        bound_tokens: None,
        change: None,
        role: None,
        currency: None,
        unit: None,
        counted: None,
        per: None,
        of: None,
        rule,
    }
}

/// `3-2` beside a word of winning: the score of a game or a vote.
fn score(cursor: &Cursor<'_>, first: &Term) -> Option<Amount> {
    let behind = cursor.to(first.end);
    let bare =
        |term: &Term| term.unit.is_none() && term.currency.is_none() && term.number.form == Form::Plain;
    if !bare(first) || !(behind.hyphen(0) || behind.hash(0) == const { word("to") }) {
        return None;
    }
    let second = term(&cursor.to(first.end + 1), first.end + 1).filter(bare)?;
    let near = (first.start.saturating_sub(5)..first.start).chain(second.end..second.end + 4);
    let won = near.clone().any(|at| SCORED.contains(&cursor.to(at).hash(0)));
    if !won || cursor.to(second.end).hyphen(0) {
        return None;
    }
    let mut amount = plain(first.start..second.end, first.number.value, "<score>");
    amount.mention = MentionKind::Score;
    amount.kind = Some(AmountKind::Score);
    amount.high = Some(second.number.value);
    Some(amount)
}

/// Words of winning and losing, of games and of votes.
const SCORED: [u64; 24] = [
    word("won"),
    word("win"),
    word("wins"),
    word("beat"),
    word("beats"),
    word("beating"),
    word("lost"),
    word("lose"),
    word("loss"),
    word("drew"),
    word("draw"),
    word("defeat"),
    word("defeated"),
    word("victory"),
    word("voted"),
    word("vote"),
    word("score"),
    word("scored"),
    word("tie"),
    word("tied"),
    word("lead"),
    word("led"),
    word("trailed"),
    word("ruled"),
];

/// `555-1234-99`, `10-K`: more hyphens than a range has, and no unit.
fn is_code(cursor: &Cursor<'_>, first: &Term) -> bool {
    let behind = cursor.to(first.end);
    let digits = |offset| behind.hyphen(offset) && behind.kind(offset + 1) == Some(Kind::Number);
    first.unit.is_none() && first.currency.is_none() && digits(0) && digits(2)
}

/// The second term of a range whose first is `first`, and the rule that joined them.
fn range_end(cursor: &Cursor<'_>, first: &Term) -> Option<(Term, &'static str)> {
    let behind = cursor.to(first.end);
    let before = cursor.to(first.start);
    let opened = |hash| {
        before.hash(-1) == hash
            || around::bound_before(&before).is_some_and(|(n, _)| before.hash(-1 - n as isize) == hash)
    };
    let between = opened(const { word("between") });
    let rule = match behind.hash(0) {
        hash if hash == const { word("to") } => "<amount> to <amount>",
        hash if hash == const { word("and") } && between => "between <amount> and <amount>",
        hash if hash == const { word("or") } => "<amount> or <amount>",
        _ if is_dash(behind.text(0)) && behind.joined(0) == behind.joined(1) => "<amount>-<amount>",
        _ => return None,
    };
    let mut at = behind.to(first.end + 1);
    // A currency may stand before the second number.
    let signs = (0..=2).find(|n| {
        let here = at.to(at.at() + n);
        here.kind(0) == Some(Kind::Number) || here.kind(0) == Some(Kind::Word) && is_numeral(here.hash(0))
    })?;
    at.advance(signs);
    let second = term(&at, first.end + 1).filter(|second| second.start == first.end + 1)?;
    // `rose by $43 million to $419 million` and `rose from 5 to 10 pct` are two amounts.
    let moved = around::change(&cursor.to(0), first.start, first.end).is_some();
    let whole = first.unit.is_some() || first.currency.is_some() || first.number.scale > Decimal::ONE;
    let from = before.hash(-1) == const { word("from") };
    if moved && behind.hash(0) == const { word("to") } && (whole && !between || from) {
        return None;
    }
    let same_currency = match (first.currency, second.currency) {
        (Some(a), Some(b)) => a.expr == b.expr && a.parts == b.parts,
        (Some(_), None) => second.unit.is_none(),
        (None, _) => true,
    };
    let same_unit = match (first.unit, second.unit) {
        (Some(a), Some(b)) => a == b,
        (Some(_), None) => second.currency.is_none() && second.number.form == Form::Plain && between,
        (None, Some(_)) => first.currency.is_none(),
        (None, None) => true,
    };
    let apart = rule == "<amount> or <amount>"
        && second.number.value
            > first.number.value.saturating_add(Decimal::TWO.saturating_mul(first.number.scale));
    let signs_agree = second.number.value.is_sign_negative() == first.number.value.is_sign_negative();
    (same_currency && same_unit && !apart && signs_agree).then_some((second, rule))
}

/// `from 24.2 to 33 billion euros`: the first number takes the unit and the magnitude of the second.
fn share_unit(cursor: &Cursor<'_>, first: &mut Term) {
    let bare = first.unit.is_none() && first.currency.is_none() && first.number.scale == Decimal::ONE;
    let behind = cursor.to(first.end);
    if !bare
        || cursor.to(first.start).hash(-1) != const { word("from") }
        || behind.hash(0) != const { word("to") }
    {
        return;
    }
    let Some(second) = term(&cursor.to(first.end + 1), first.end + 1) else { return };
    (first.unit, first.currency) = (second.unit, second.currency);
    let scaled = first.number.value.checked_mul(second.number.scale);
    if let Some(value) = scaled.filter(|_| first.number.value < Decimal::ONE_THOUSAND) {
        first.number.value = value;
        first.number.scale = second.number.scale;
    }
}

fn finish(
    cursor: &Cursor<'_>,
    floor: usize,
    first: Term,
    second: Option<(Term, &'static str)>,
) -> Option<Amount> {
    let mut value = first.number.value;
    let mut high = first.number.high;
    let mut last = first;
    let mut rule = first.number.rule;
    let mut counted = None;
    if let Some((second, joined)) = second {
        let mut low = value;
        let coefficient = second.number.value / second.number.scale;
        // `4-5 million` shares its million, `200 to 4 million` does not.
        if first.number.scale == Decimal::ONE && low < coefficient {
            low = low.checked_mul(second.number.scale)?;
        }
        let bare = second.unit.is_none()
            && second.currency.is_none()
            && first.unit.is_none()
            && first.currency.is_none();
        counted = noun::counted(&cursor.to(second.end), false);
        let aged = cursor.to(first.start).text(-1) == "aged";
        let sure = !bare || aged || counted.is_some() || joined == "between <amount> and <amount>";
        // Below zero the greater number comes first: `-18 C to -34 C`.
        if low < Decimal::ZERO && second.number.value < low && sure {
            (value, high, last, rule) = (second.number.value, Some(low), second, joined);
        } else if low < second.number.value && sure {
            (value, high, last, rule) = (low, Some(second.number.value), second, joined);
        } else {
            counted = None;
        }
    }
    let start = first.start;
    let currency = first.currency.or(last.currency);
    if let Some((cents, behind)) = cents(cursor, &last) {
        value = value.checked_add(cents)?;
        last.end = behind;
        rule = "<dollars> and <cents>";
    }
    let mut end = last.end;
    let unit_found = last.unit.or(first.unit);
    if let Some(currency) = currency {
        value = value.checked_div(currency.parts)?;
        high = high.and_then(|high| high.checked_div(currency.parts));
    }
    let mut amount = plain(start..end, value, rule);
    amount.high = high;
    amount.currency = currency.map(|currency| currency.expr);
    amount.unit = unit_found;
    let behind = cursor.to(end);
    if currency.is_some() {
        amount.mention = MentionKind::Money;
        amount.kind = Some(AmountKind::Money);
        if rule == first.number.rule {
            amount.rule = if first.prefixed { "<currency> <number>" } else { "<number> <currency>" };
        }
    } else if first.age || last.age {
        amount.mention = MentionKind::Age;
        amount.kind = Some(AmountKind::Age);
        ruled(&mut amount, &first, "<number> years old");
    } else if let Some(unit) = unit_found {
        let (mention, kind) = match unit.kind {
            UnitKind::Percent => (MentionKind::Percent, AmountKind::Percent),
            UnitKind::Point => (MentionKind::Percent, AmountKind::PercentagePoint),
            UnitKind::Duration => (MentionKind::Duration, AmountKind::Duration),
            UnitKind::Measure => (MentionKind::Quantity, AmountKind::Measure),
        };
        (amount.mention, amount.kind) = (mention, Some(kind));
        ruled(&mut amount, &first, "<number> <unit>");
        if unit.kind == UnitKind::Duration && is_point_in_time(cursor, start, &behind) {
            return None;
        }
    } else {
        without_unit(cursor, &mut amount, &first, counted)?;
    }
    let behind = cursor.to(amount.tokens.end);
    if let Some((count, per)) = per(&behind, &amount) {
        amount.per = Some(per);
        amount.tokens.end += count;
        amount.rule = "<amount> per <unit>";
    }
    end = amount.tokens.end;
    set_bound(cursor, floor, &mut amount);
    let outer = amount.bound_tokens.as_ref().map_or(start, |bound| bound.start.min(start));
    if let Some((change, role)) = around::change(cursor, outer, end) {
        (amount.change, amount.role) = (Some(change), Some(role));
    } else if first.signed && cursor.to(start).text(0) == "+" {
        (amount.change, amount.role) = (Some(Change::Up), Some(ChangeRole::By));
    }
    let share = matches!(amount.kind, Some(AmountKind::Percent | AmountKind::Ratio))
        || first.number.form == Form::Part;
    if share || amount.kind == Some(AmountKind::Money) {
        let of = cursor.to(end);
        if of.hash(0) == const { word("of") } {
            let from = end + 1;
            let to = noun::phrase_end(&of.to(from));
            amount.of = (to > from).then_some(from..to);
        }
    }
    amount.value = amount.value.normalize();
    amount.high = amount.high.map(|high| high.normalize());
    Some(amount)
}

/// `and 50 cents` behind whole units: their value in those, and where they end.
fn cents(cursor: &Cursor<'_>, whole: &Term) -> Option<(Decimal, usize)> {
    let currency = whole.currency.filter(|currency| currency.parts == Decimal::ONE && !whole.prefixed)?;
    let mut at = cursor.to(whole.end);
    at.take(const { word("and") });
    let part = term(&at, at.at()).filter(|part| part.start == at.at())?;
    let parts = part.currency?.parts;
    let fits = parts > Decimal::ONE && part.number.value < parts && !currency.expr.is_empty();
    fits.then(|| (part.number.value / parts, part.end))
}

/// Names the rule, where it is not a range's.
fn ruled(amount: &mut Amount, first: &Term, rule: &'static str) {
    if amount.rule == first.number.rule && first.number.form != Form::Vague {
        amount.rule = rule;
    }
}

/// What turns a length of time into a point: `a year earlier`.
const TURNS: [u64; 5] = [word("ago"), word("earlier"), word("later"), word("before"), word("hence")];

/// `the past five years`, `five years ago`: time, which is another dimension's.
fn is_point_in_time(cursor: &Cursor<'_>, start: usize, behind: &Cursor<'_>) -> bool {
    const SIDES: [u64; 9] = [
        word("past"),
        word("last"),
        word("next"),
        word("coming"),
        word("previous"),
        word("preceding"),
        word("following"),
        word("first"),
        word("final"),
    ];
    SIDES.contains(&cursor.to(start).hash(-1)) || TURNS.contains(&behind.hash(0))
}

/// A number that touches neither currency nor unit: an age, a share, a count, a multiple, or a
/// number of nothing in particular.
fn without_unit(
    cursor: &Cursor<'_>,
    amount: &mut Amount,
    first: &Term,
    counted: Option<Range<usize>>,
) -> Option<()> {
    let start = amount.tokens.start;
    let before = cursor.to(start);
    let behind = cursor.to(amount.tokens.end);
    let one = amount.value == Decimal::ONE && first.number.form == Form::Words;
    if is_age(&before, &behind, amount.value) && first.number.form != Form::Vague {
        (amount.mention, amount.kind) = (MentionKind::Age, Some(AmountKind::Age));
        amount.unit = super::UNITS.iter().find(|unit| unit.name == "year").copied();
        amount.rule = "<name>, <number>,";
        return Some(());
    }
    if behind.hash(0) == const { word("times") } && amount.value > Decimal::ONE {
        let compared =
            behind.class(1).has(Class::DETERMINER | Class::SUBORDINATOR) || behind.text(1).ends_with("er");
        if compared {
            amount.tokens.end += 1;
            (amount.mention, amount.kind) = (MentionKind::Number, Some(AmountKind::Multiple));
            amount.rule = "<number> times";
            return Some(());
        }
    }
    if let Some((end, share)) = ratio(&behind, amount.value) {
        amount.tokens.end = end;
        amount.value = share;
        (amount.mention, amount.kind) = (MentionKind::Number, Some(AmountKind::Ratio));
        amount.rule = "<number> in <number>";
        return Some(());
    }
    let of = behind.hash(0) == const { word("of") };
    if first.number.form == Form::Part {
        // `half` is a share of something, or says nothing.
        let whole = of || behind.class(0).has(Class::DETERMINER | Class::POSSESSIVE);
        amount.kind = Some(AmountKind::Ratio);
        amount.rule = "<part> of";
        return whole.then_some(());
    }
    let skip = usize::from(
        of && (first.number.form == Form::Vague
            || one
            || behind.class(1).has(Class::DETERMINER | Class::POSSESSIVE)),
    );
    let mut noun_at = behind.to(behind.at() + skip);
    if skip > 0 && noun_at.class(0).has(Class::DETERMINER | Class::POSSESSIVE) {
        noun_at.advance(1);
    }
    let mut rule = "<number> <noun>";
    if let Some((count, _)) = around::bound_after(&noun_at) {
        noun_at.advance(count);
    }
    let mut found = counted.or_else(|| noun::counted(&noun_at, false));
    if found.is_none() && behind.hyphen(0) && behind.kind(1) == Some(Kind::Word) {
        // `a 500-seat hall`; in words it is mostly a way to describe: `two-way`, `four-door`.
        if first.number.form == Form::Words {
            return None;
        }
        let noun = behind.at() + 1;
        if !behind.class(1).has(Class::CLOSED) {
            found = Some(noun..noun + 1);
            amount.tokens.end = noun + 1;
            rule = "<number>-<noun>";
        }
    }
    let bounded = around::bound_before(&before).is_some();
    if one && !(skip > 0 || bounded || rule == "<number>-<noun>") {
        return None;
    }
    // `1/4 point`, `at least one person`
    let small = amount.value.abs() <= Decimal::ONE && first.number.form != Form::Words;
    if found.is_none() && (small || one && bounded) {
        found = noun::counted(&noun_at, true);
    }
    if let Some(noun) = found {
        amount.counted = Some(noun);
        (amount.mention, amount.kind) = (MentionKind::Quantity, Some(AmountKind::Count));
        ruled(amount, first, rule);
        return Some(());
    }
    // `35 died`, `rose to 45.88`
    (!one).then_some(())
}

/// `aged 45`, and `Smith, 45, said`.
fn is_age(before: &Cursor<'_>, behind: &Cursor<'_>, value: Decimal) -> bool {
    let years = Decimal::ONE <= value && value < Decimal::from(120) && value.fract().is_zero();
    let said = matches!(before.text(-1), "aged" | "age");
    let apposed = before.text(-1) == ","
        && matches!(behind.text(0), "," | ".")
        && before.kind(-2) == Some(Kind::Word)
        && before.capital(-2)
        && (before.at() == 2 || before.capital(-3))
        && behind.kind(1) != Some(Kind::Number);
    years && (said || apposed)
}

/// `one in five`, `nine out of 10`: where it ends, and the share that it is.
fn ratio(behind: &Cursor<'_>, value: Decimal) -> Option<(usize, Decimal)> {
    let mut at = *behind;
    let out_of = at.hash(0) == const { word("out") } && at.hash(1) == const { word("of") };
    let every = at.hash(0) == const { word("in") } && at.hash(1) == const { word("every") };
    at.advance(match at.hash(0) {
        _ if out_of || every => 2,
        hash if hash == const { word("in") } => 1,
        _ => return None,
    });
    let whole = number(&mut at).filter(|n| n.form != Form::Vague && n.value > value)?;
    // `3,000 in 2025` is no ratio, and `one in five` is.
    let small = value < Decimal::ONE_HUNDRED && (whole.form == Form::Words || out_of || every);
    if !small || unit(&at).is_some() {
        return None;
    }
    Some((at.at(), value.checked_div(whole.value)?))
}

/// What one of which the amount before the cursor is for, and its tokens.
fn per(behind: &Cursor<'_>, amount: &Amount) -> Option<(usize, Per)> {
    amount.kind?;
    // `a 12-cent-a-share dividend`
    if behind.hyphen(0) && behind.text(1) == "a" && behind.hyphen(2) {
        return PER.contains(&behind.hash(3)).then(|| (4, Per::Word(behind.at() + 3)));
    }
    let article = behind.hash(0) == const { word("a") } || behind.hash(0) == const { word("an") };
    let hash = behind.hash(0);
    let named = match hash {
        hash if hash == const { word("annually") } || hash == const { word("yearly") } => Some("year"),
        hash if hash == const { word("daily") } => Some("day"),
        hash if hash == const { word("weekly") } => Some("week"),
        hash if hash == const { word("monthly") } => Some("month"),
        hash if hash == const { word("hourly") } => Some("hour"),
        hash if hash == const { word("each") } || hash == const { word("apiece") } => Some("item"),
        _ => None,
    };
    if let Some(name) = named {
        let each = name == "item" && amount.kind != Some(AmountKind::Money);
        return (!each).then_some((1, Per::Named(name)));
    }
    let sign = behind.text(0) == "/" && behind.joined(0) && behind.joined(1);
    let per = hash == const { word("per") };
    if !(article || sign || per) {
        return None;
    }
    let next = behind.to(behind.at() + 1);
    if per && next.hash(0) == const { word("capita") } {
        return Some((2, Per::Named("person")));
    }
    if per && next.hash(0) == const { word("annum") } {
        return Some((2, Per::Named("year")));
    }
    if let Some((count, unit)) =
        unit(&next).filter(|(_, unit)| matches!(unit.kind, UnitKind::Measure | UnitKind::Duration))
    {
        // `from 5 pct a year earlier`
        let turned = TURNS.contains(&next.to(next.at() + count).hash(0));
        return (!turned).then_some((1 + count, Per::Unit(unit)));
    }
    let known = PER.contains(&next.hash(0));
    let fits = next.kind(0) == Some(Kind::Word) && (per || known);
    fits.then(|| (2, Per::Word(next.at())))
}

/// What prices are for, beside units: `5 dollars a share`.
const PER: [u64; 15] = [
    word("dozen"),
    word("share"),
    word("person"),
    word("head"),
    word("household"),
    word("piece"),
    word("unit"),
    word("ticket"),
    word("game"),
    word("night"),
    word("vote"),
    word("passenger"),
    word("seat"),
    word("pupil"),
    word("box"),
];

/// Sets the bound by the words before the amount, or behind it.
fn set_bound(cursor: &Cursor<'_>, floor: usize, amount: &mut Amount) {
    let start = amount.tokens.start;
    if let Some((count, bound)) =
        around::bound_before(&cursor.to(start)).filter(|(count, _)| start - count >= floor)
    {
        amount.bound = bound;
        amount.bound_tokens = Some(start - count..start);
        return;
    }
    let end = amount.tokens.end;
    let behind = amount.counted.as_ref().map_or(end, |noun| noun.end.max(end));
    for at in [end, behind] {
        if let Some((count, bound)) = around::bound_after(&cursor.to(at)) {
            amount.bound = bound;
            amount.bound_tokens = Some(at..at + count);
            return;
        }
    }
}

/// The singular of the noun that `counted` ends in.
pub(crate) fn head(sentence: &Cursor<'_>, counted: &Range<usize>) -> String {
    singular(sentence.to(counted.end.saturating_sub(1)).text(0)).into_owned()
}
