//! Times of day.

use claimline_language::{Kind, word};
use claimline_model::TimeExpr;
use claimline_model::time::{Anchor, Base, Clock, DayPart, Each, Place, Unit, When};

use super::grammar::{behind_the, digits, hyphen, is_day, place, refer, take, unit_place};
use super::rules::{NUMBER, Rule, longest, of};
use super::{Refer, Word, look, whole};
use crate::cursor::Cursor;
use crate::number;

pub(super) fn clock_time(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let clock = clock(at)?;
    let day = day_behind(at).unwrap_or(Place::from_base(Base::Open));
    Some(place(Place { clock: Some(clock), ..day }))
}

/// The day that a time of day before it is of: `Monday`, `on June 17`, `of that day`.
pub(super) fn day_behind(at: &mut Cursor<'_>) -> Option<Place> {
    let mut ahead = *at;
    // `10:35 a.m. (0735 GMT) Friday`
    let mut other = ahead;
    if other.take(const { word("(") }) && clock(&mut other).is_some() && other.take(const { word(")") }) {
        ahead = other;
    }
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

pub(super) fn overnight(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    take(at, |word| (word == Word::Overnight).then_some(()))?;
    let today = unit_place(Anchor::Document, 0, Unit::Day);
    Some(place(Place { clock: Some(Clock::Part(DayPart::Night)), ..today }))
}

/// `at night`: of any day.
pub(super) fn at_part(at: &mut Cursor<'_>) -> Option<TimeExpr> {
    let part = take(at, |word| match word {
        Word::At(part) => Some(part),
        _ => None,
    })?;
    let each = Place { clock: Some(Clock::Part(part)), ..Place::from_base(Base::Open) };
    Some(TimeExpr::new(When::Set { each: Each::Place(each), times: None }))
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

/// A clock time: `10:30`, `5 p.m.`, `1530 GMT`, `noon`.
pub(super) fn clock(at: &mut Cursor<'_>) -> Option<Clock> {
    let mut ahead = *at;
    // `high noon` is a turning point.
    let high = ahead.hash(-1) == const { word("high") };
    if let Some(hour) = take(&mut ahead, |word| match word {
        Word::Hour(hour) if !high => Some(hour),
        _ => None,
    }) {
        *at = ahead;
        return Some(Clock::At { hour, minute: Some(0), second: None, zone: None });
    }
    if let Some(clock) = clock_in_words(&mut ahead) {
        *at = ahead;
        return Some(clock);
    }
    let text = ahead.text(0);
    let short = |text: &str| (1..=2).contains(&text.len()).then(|| text.parse::<u8>().ok()).flatten();
    let mut colons = text.split(':');
    let hour = short(colons.next()?);
    let parts = [colons.next(), colons.next()];
    let (mut hour, minute, second) = match (hour, parts) {
        (Some(hour), [Some(minute), second]) => {
            let written = minute;
            let minute = short(written).filter(|m| *m < 60 && written.len() == 2)?;
            // `John 3:16`
            let named = ahead.capital(-1) && ahead.kind(-1) == Some(Kind::Word) && ahead.class(-1).is_empty();
            let day = ahead.at() > 0 && look(&ahead.to(ahead.at() - 1)).is_some();
            (!named || day).then_some(())?;
            let second = match second {
                Some(second) => Some(short(second).filter(|s| *s < 60)?),
                None => None,
            };
            (hour, Some(minute), second)
        }
        (Some(hour), [None, _]) => (hour, None, None),
        // `1530`, only before a zone; `5.30`, only before `pm`.
        (None, [None, _]) => match text.split_once('.') {
            Some((hour, minute)) if minute.len() == 2 => (short(hour)?, Some(short(minute)?), None),
            _ => {
                // `340pm`
                let glued = ahead.joined(1)
                    && matches!(look(&ahead.to(ahead.at() + 1)), Some((_, Word::Meridiem(_))));
                let clock = digits(&ahead, 4).filter(|_| text.len() == 4 || text.len() == 3 && glued)?;
                (u8::try_from(clock / 100).ok()?, Some((clock % 100) as u8), None)
            }
        },
        _ => return None,
    };
    ahead.advance(1);
    let bare = !text.contains(':');
    let meridiem = take(&mut ahead, |word| match word {
        Word::Meridiem(hours) => Some(hours),
        _ => None,
    });
    let oclock = ahead.take(const { word("o'clock") });
    if let Some(hours) = meridiem {
        (hour <= 12).then_some(())?;
        hour = hour % 12 + hours;
    }
    let zone = zone(&mut ahead);
    if bare && meridiem.is_none() && !oclock && (zone.is_none() || minute.is_none() || text.contains('.')) {
        return None;
    }
    let within = hour <= 24 && minute.is_none_or(|m| m < 60) && (hour < 24 || minute == Some(0));
    *at = within.then_some(ahead)?;
    Some(Clock::At { hour, minute, second, zone })
}

/// `ten am`, `seven thirty p.m.`, `half past eight`, `10 past 9`, `seven o'clock`, `4 in the morning`.
fn clock_in_words(at: &mut Cursor<'_>) -> Option<Clock> {
    let mut ahead = *at;
    let before = before_hour(&mut ahead);
    let number = |at: &mut Cursor<'_>| {
        let mut ahead = *at;
        let number = match digits(&ahead, 2) {
            Some(number) => {
                ahead.advance(1);
                i64::from(number)
            }
            None if ahead.kind(0) == Some(Kind::Word) => whole(number::number(&mut ahead)?.value)?,
            None => return None,
        };
        *at = ahead;
        u8::try_from(number).ok()
    };
    let spelled = ahead.kind(0) == Some(Kind::Word);
    let hour = number(&mut ahead).filter(|hour| (1..=12).contains(hour))?;
    let mut minute = before.map(|_| 0);
    if spelled && before.is_none() {
        let mut more = ahead;
        hyphen(&mut more);
        if let Some(past) = number(&mut more).filter(|minute| (10..60).contains(minute)) {
            (ahead, minute) = (more, Some(past));
        }
    }
    const OCLOCK: [u64; 2] = [word("o'clock"), word("oclock")];
    let oclock = ahead.take_any(&OCLOCK);
    let hours = half_of_day(&mut ahead);
    if before.is_none() && !oclock && (hours.is_none() || !spelled && at.joined(1)) {
        return None;
    }
    let hour = hours.map_or(hour, |hours| hour % 12 + hours);
    let minutes = i16::from(hour) * 60 + before.unwrap_or_else(|| i16::from(minute.unwrap_or(0)));
    let (hour, past) = (minutes.rem_euclid(24 * 60) / 60, minutes.rem_euclid(60));
    let zone = zone(&mut ahead);
    *at = ahead;
    let minute = minute.map(|_| past as u8);
    Some(Clock::At { hour: hour as u8, minute, second: None, zone })
}

/// `half past`, `a quarter to`, `10 past`: the minutes that they add to the hour behind.
fn before_hour(at: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *at;
    ahead.take(const { word("a") });
    let minutes = if ahead.take(const { word("half") }) {
        30
    } else if ahead.take(const { word("quarter") }) {
        15
    } else {
        let minutes = digits(&ahead, 2)
            .or_else(|| spelled_minutes(&ahead))
            .filter(|minutes| (1..60).contains(minutes))?;
        ahead.advance(1);
        ahead.take_any(&const { [word("minutes"), word("minute")] });
        minutes as i16
    };
    let past = ahead.take(const { word("past") });
    // `5 to 7` is a range; `a quarter to eight` is not.
    let to = !past && minutes == 15 && ahead.take(const { word("to") });
    (past || to).then_some(())?;
    *at = ahead;
    Some(if past { minutes } else { -minutes })
}

/// The minutes that one word says: `ten`, `twenty`.
fn spelled_minutes(at: &Cursor<'_>) -> Option<u16> {
    const TENS: [(u64, u16); 4] =
        [(word("five"), 5), (word("ten"), 10), (word("twenty"), 20), (word("fifteen"), 15)];
    TENS.iter().find(|(hash, _)| *hash == at.hash(0)).map(|(_, minutes)| *minutes)
}

/// `am`, `p.m.`, `in the morning`, `at night`: the hours that they add.
fn half_of_day(at: &mut Cursor<'_>) -> Option<u8> {
    let mut ahead = *at;
    let in_the = ahead.take(const { word("in") }) && ahead.take(const { word("the") });
    let hours = take(&mut ahead, |word| match word {
        Word::Meridiem(hours) => Some(hours),
        Word::At(DayPart::Night) => Some(12),
        Word::Part(DayPart::Morning) if in_the => Some(0),
        Word::Part(DayPart::Afternoon | DayPart::Evening) if in_the => Some(12),
        _ => None,
    })?;
    *at = ahead;
    Some(hours)
}

/// `GMT`, `(EST)`.
fn zone(at: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *at;
    let bracket = ahead.take(const { word("(") });
    let zone = take(&mut ahead, |word| match word {
        Word::Zone(minutes) => Some(minutes),
        _ => None,
    })?;
    let written = at.text(isize::from(bracket));
    let capitals = written.bytes().all(|b| !b.is_ascii_lowercase());
    (capitals && (!bracket || ahead.take(const { word(")") }))).then_some(())?;
    *at = ahead;
    Some(zone)
}
