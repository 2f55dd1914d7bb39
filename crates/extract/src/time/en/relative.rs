//! Times that point to the document's or to one named before, and parts of others.

use claimline_language::{Class, Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{Anchor, Base, Clock, Field, Length, Place, Side, Unit, Vague, When};

use super::clocks::day_behind;
use super::days::{is_unsure_month, month_or_day};
use super::grammar::{
    behind_the, day, edge, ends_clause, is_day, is_title, length, of_year, pick, place, refer, refer_unit,
    side, singular, take, unit_place,
};
use super::rules::{NUMBER, NUMERAL, QUOTE, Rule, longest, of};
use super::years::ordinal_quarter;
use super::{Refer, Word, base, field, look};
use crate::cursor::Cursor;
use crate::number;

/// `the quarter`, `the day`: the one that is spoken of.
pub(super) fn the_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let the = behind_the(at);
    let award = at.hash(-2) == const { word("of") }
        && matches!(look(&at.to(at.at().saturating_sub(3))), Some((1, Word::Award)));
    // `The Week` is a paper.
    let name = at.capital(0) && at.text(-1) != "THE";
    let unit = singular(at).filter(|_| the && !award && !name)?;
    // `the day before`, `the year after`; with a noun behind they tell of an event.
    const BEFORE: [u64; 3] = [word("before"), word("previous"), word("earlier")];
    const AFTER: [u64; 3] = [word("after"), word("following"), word("later")];
    let count = if BEFORE.contains(&at.hash(0)) { -1 } else { i16::from(AFTER.contains(&at.hash(0))) };
    if count != 0 && unit >= Unit::Day {
        let alone = at.hash(0) == const { word("previous") } || ends_clause(at, 1);
        (alone || at.class(1).has(Class::PAST)).then_some(())?;
        at.advance(1);
        return Some(place(unit_place(Anchor::Mentioned, count, unit)));
    }
    let spoken =
        matches!(unit, Unit::Day | Unit::Weekend | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year);
    // `the day he left`, `the week of the vote`: not one that has been named.
    let described = at.hash(0) == const { word("of") } || at.hyphen(0) || at.class(0).has(Class::PRONOUN);
    let ends = [word("ended"), word("ending"), word("to")].contains(&at.hash(0));
    (spoken && !described).then(|| match unit {
        // `the year ended March 31` is a year long, and none of the calendar's.
        Unit::Year if ends => TimeExpr::new(When::Length(Length::of(1, unit), None)),
        Unit::Weekend => field(Field::Weekend),
        _ => place(unit_place(Anchor::Mentioned, 0, unit)),
    })
}

/// `year-ago`, `year-earlier quarter`.
pub(super) fn unit_ago(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let unit = singular(at)?;
    let joined = at.hyphen(0);
    let (anchor, side) = side(at)?;
    let mut ahead = *at;
    // Without its hyphen only before what it is of: `the year ago quarter`.
    if !joined {
        (singular(at) == Some(Unit::Quarter) || at.take(const { word("period") })).then_some(())?;
        return Some(base(Base::From(anchor, side, Length::of(1, unit))));
    }
    // `year-ago third quarter`, `year-earlier nine months`
    if unit == Unit::Year
        && let Some(field) = part_of_year(&mut ahead)
    {
        *at = ahead;
        return Some(place(Place { field: Some(field), ..unit_place(Anchor::Document, -1, unit) }));
    }
    if let Some(length) = length(&mut ahead) {
        *at = ahead;
        return Some(TimeExpr::new(When::Length(length, None)));
    }
    if singular(&mut ahead).is_some() || ahead.take(const { word("period") }) {
        *at = ahead;
    }
    Some(base(Base::From(anchor, side, Length::of(1, unit))))
}

pub(super) fn near_day(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    // `VOA Today`
    let word_before = at.kind(-1) == Some(Kind::Word) && at.capital(-1) && at.class(-1).is_empty();
    (!(at.capital(0) && word_before && at.at() > 0)).then_some(())?;
    take(at, |word| match word {
        Word::Day(count) => Some(place(unit_place(Anchor::Document, count, Unit::Day))),
        _ => None,
    })
}

pub(super) fn vague(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let vague = take(at, |word| match word {
        Word::Vague(vague) => Some(vague),
        _ => None,
    })?;
    // `the past two years` and `the future of the firm` are others; `as soon as` and `soon after` tell
    // of another event.
    let other = match vague {
        Vague::Past => {
            let the_past = at.hash(-1) == const { word("past") } && at.kind(0) == Some(Kind::Word);
            the_past && at.class(0).is_empty() && look(at).is_none()
                || look(at).is_some_and(|(_, word)| match word {
                    // The SEC is no second.
                    Word::Unit { .. } => !at.capital(0),
                    Word::Few | Word::Couple | Word::Fiscal | Word::Season { .. } => true,
                    _ => false,
                })
                || number::is_numeral(at.hash(0)) && start.at() + 2 == at.at()
                || at.kind(0) == Some(Kind::Number)
        }
        Vague::Present => false,
        // `the future` needs nothing; `soon` a clause of what is to come.
        Vague::Future => {
            let led =
                start.class(-1).has(Class::MODAL | Class::TO) || start.hash(-1) == const { word("very") };
            let soon = start.hash(0) == const { word("soon") };
            let led = led || at.class(0).has(Class::MODAL);
            soon && (start.hash(-1) == const { word("as") } || !(led || ends_clause(at, 0)))
        }
    };
    (!other).then(|| TimeExpr::new(When::Vague(vague)))
}

/// `the current president`: the word alone.
pub(super) fn current(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let adjective = refer(at)? == Refer::Current;
    let noun = at.kind(0) != Some(Kind::Word);
    (adjective && !noun).then(|| TimeExpr::new(When::Vague(Vague::Present)))
}

pub(super) fn refer_to_unit(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let (anchor, count, unit) = refer_unit(at)?;
    // `over the last decade` is the length that ends now.
    let ten = unit >= Unit::Decade && matches!(refer(&mut start.clone()), Some(Refer::Last | Refer::Next));
    (!(ten && behind_the(&start))).then_some(())?;
    (!is_title(&start, at)).then_some(())?;
    // `the last day of June`, `next day`: of something else, or of what was named.
    let mut last = Place::from_base(Base::Unit(anchor, count, unit));
    let first = refer(&mut start.clone())?;
    if matches!(first, Refer::Last | Refer::Next) && unit == Unit::Day {
        last.base = match first {
            Refer::Next => Base::Unit(Anchor::Mentioned, count, unit),
            _ => return None,
        };
    }
    if unit == Unit::Weekend && anchor == Anchor::Document {
        last = Place { pick: pick(first)?, ..Place::from_field(Field::Weekend) };
    }
    // `last year's third quarter`
    if unit == Unit::Year && matches!(at.text(0), "'s" | "\u{2019}s") {
        let mut ahead = *at;
        ahead.advance(1);
        let mut period = ahead;
        if let Some(part) = part_of_year(&mut ahead) {
            *at = ahead;
            last.field = Some(part);
        } else if count == -1
            && (singular(&mut period) == Some(Unit::Quarter) || period.take(const { word("period") }))
        {
            *at = period;
            last.base = Base::Unit(Anchor::Mentioned, -4, Unit::Quarter);
        }
    }
    Some(place(last))
}

/// `third quarter`, `second half`, `spring`, `June`: behind `last year's`.
fn part_of_year(at: &mut Cursor<'_>) -> Option<Field> {
    if let Some((_, Word::Month { .. } | Word::Season { .. })) = look(at) {
        return take(at, |word| match word {
            Word::Month { month, .. } => Some(Field::Month(month)),
            Word::Season { season, .. } => Some(Field::Season(season)),
            _ => None,
        });
    }
    let When::Place(place) = ordinal_quarter(at)?.when else { return None };
    place.field
}

pub(super) fn refer_to_field(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let pick = pick(refer(at)?)?;
    (at.capital(0) || !is_unsure_month(at)).then_some(())?;
    let field = take(at, |word| match word {
        Word::Weekday { day, .. } => Some(Field::Weekday(day)),
        Word::Month { month, .. } => Some(Field::Month(month)),
        Word::Season { season, .. } => Some(Field::Season(season)),
        _ => None,
    })?;
    // `this coming Sunday, March 8`
    let mut dated = *at;
    if matches!(field, Field::Weekday(_))
        && dated.take(const { word(",") })
        && let Some(date) = month_or_day(&mut dated)
    {
        *at = dated;
        return Some(date);
    }
    if let Field::Month(month) = field
        && let Some(day) = day(at)
    {
        return Some(place(Place { pick, ..Place::from_field(Field::MonthDay(month, day)) }));
    }
    Some(place(Place { pick, ..Place::from_field(field) }))
}

/// `last Christmas`, `next June 17`.
pub(super) fn refer_to_named(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let pick = pick(refer(at)?)?;
    let day = take(at, |word| match word {
        Word::Holiday(day) => Some(day),
        _ => None,
    })?;
    Some(place(Place { pick, ..Place::from_field(day) }))
}

/// `same period last year`, `same month of 1986`.
pub(super) fn same_period(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    matches!(refer(at)?, Refer::Same | Refer::Comparable).then_some(())?;
    let unit = match at.take(const { word("period") }) {
        true => Unit::Quarter,
        false => singular(at)?,
    };
    let base = of_year(at).or_else(|| {
        at.take_any(&const { [word("a"), word("the")] });
        let (anchor, side) = unit_ago_or_earlier(at)?;
        Some(Base::From(anchor, side, Length::of(1, Unit::Year)))
    })?;
    let back = match base {
        Base::Unit(Anchor::Document, count, Unit::Year) => i16::checked_mul(count, 4)?,
        Base::From(..) => -4,
        other => return Some(self::base(other)),
    };
    Some(match unit {
        Unit::Quarter => place(unit_place(Anchor::Mentioned, back, unit)),
        Unit::Month => place(unit_place(Anchor::Mentioned, back * 3, unit)),
        _ => self::base(base),
    })
}

fn unit_ago_or_earlier(at: &mut Cursor<'_>) -> Option<(Anchor, Side)> {
    let mut ahead = *at;
    (singular(&mut ahead)? == Unit::Year).then_some(())?;
    let found = side(&mut ahead)?;
    *at = ahead;
    Some(found)
}

/// `early June`, `the end of 1987`, `mid-1987`, `late Monday`, `earlier this year`.
pub(super) fn early(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let start = *at;
    let modifier = edge(at)?;
    if let Some((len, word @ (Word::Part(_) | Word::Unit { plural: false, .. }))) = look(at)
        && longest(at, &[of(word)]).is_none()
    {
        // `late afternoon`, `the end of month`
        at.advance(len);
        let place = match word {
            // `mid-afternoon yesterday`
            Word::Part(part) => {
                let day = day_behind(at).unwrap_or(unit_place(Anchor::Mentioned, 0, Unit::Day));
                Place { clock: Some(Clock::Part(part)), ..day }
            }
            Word::Unit { unit, .. } if unit >= Unit::Week && unit != Unit::Weekend => {
                unit_place(Anchor::Document, 0, unit)
            }
            _ => return None,
        };
        return Some(TimeExpr { when: When::Place(place), modifier: Some(modifier) });
    }
    let groups: &[&[Rule]] = match look(at) {
        Some((_, Word::Edge { .. } | Word::Bound(_) | Word::Article)) => return None,
        Some((_, word)) => &[of(word)],
        None if at.kind(0)? == Kind::Number => &[NUMBER],
        None if number::is_numeral(at.hash(0)) => &[NUMERAL],
        None => &[QUOTE],
    };
    let (end, mut expr) = longest(at, groups)?;
    let When::Place(place) = expr.when else { return None };
    *at = end;
    // `earlier today`, `later that day`: the day itself.
    let of_day = matches!(start.text(0), "earlier" | "Earlier" | "later" | "Later") && is_day(&place);
    let clock = matches!(place.clock, Some(Clock::At { .. }));
    if !of_day && !clock {
        expr.modifier = Some(modifier);
    }
    Some(expr)
}
