//! Times of day.

use claimline_language::{Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{Anchor, Base, Clock, DayPart, Place, Unit, When};

use super::grammar::{behind_the, clock, is_day, place, refer, take, unit_place};
use super::rules::{NUMBER, Rule, longest, of};
use super::{Refer, Word, look};
use crate::cursor::Cursor;

pub(super) fn clock_time(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let clock = clock(at)?;
    let day = day_behind(at).unwrap_or(Place::from_base(Base::Open));
    Some(place(Place { clock: Some(clock), ..day }))
}

/// The day that a time of day before it is of: `Monday`, `on June 17`, `of that day`.
fn day_behind(at: &mut Cursor<'_>) -> Option<Place> {
    let mut ahead = *at;
    ahead.take(const { word(",") });
    ahead.take_any(&const { [word("on"), word("of")] });
    ahead.take(const { word("the") });
    let (_, word) = look(&ahead).unwrap_or((0, Word::Article));
    let groups: &[&[Rule]] = match word {
        Word::Month { .. } | Word::Weekday { .. } | Word::Day(_) | Word::Refer(_) => &[of(word)],
        _ if ahead.kind(0)? == Kind::Number => &[NUMBER],
        _ => return None,
    };
    let (end, expr) = longest(&ahead, groups)?;
    let When::Place(place) = expr.when else { return None };
    (is_day(&place) && place.clock.is_none()).then_some(())?;
    *at = end;
    Some(place)
}

pub(super) fn the_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let led = behind_the(at);
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })
    .filter(|_| led)?;
    let today = unit_place(Anchor::Mentioned, 0, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(part)), ..today }))
}

pub(super) fn part_of(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })?;
    (at.hash(0) == const { word("of") } || at.hash(0) == const { word("on") }).then_some(())?;
    let day = day_behind(at)?;
    Some(place(Place { clock: Some(Clock::Part(part)), ..day }))
}

pub(super) fn tonight(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| (word == Word::Tonight).then_some(()))?;
    let today = unit_place(Anchor::Document, 0, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(DayPart::Night)), ..today }))
}

pub(super) fn refer_to_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let (anchor, count) = match refer(at)? {
        Refer::Last => (Anchor::Document, -1),
        Refer::This => (Anchor::Document, 0),
        Refer::Same => (Anchor::Mentioned, 0),
        Refer::Next | Refer::Following => (Anchor::Mentioned, 1),
        _ => return None,
    };
    let part = take(at, |word| match word {
        Word::Part(part) => Some(part),
        _ => None,
    })?;
    let day = unit_place(anchor, count, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(part)), ..day }))
}
