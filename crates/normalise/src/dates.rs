//! Times: what the text writes of them to the days that are meant.
//!
//! A document's times are resolved in the order of the text, since some count from the one before.
//! What a bare weekday or month means follows the habit of newswire, measured on annotated news; the
//! counts stand in `docs/expressions.md`. Nothing asks for today's date: without a publication date
//! a value keeps its `X`es.

mod calendar;
mod resolver;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use claimline_model::time::{
    Anchor, Base, Clock, Count, Each, Field, Length, Pick, Place, Side, TimeExpr, Unit, Vague, When,
};
use claimline_model::{
    Claim, Date, Decimal, Document, Mention, MentionKind, Problem, Severity, Str, Tense, TimeBasis,
    TimeGrain, TimeMod, Timestamp,
};
use jiff::tz::{Offset, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use calendar::{Stretch, months_on};
use resolver::{Context, Found};

/// How dates are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatesOptions {
    /// The order of day, month and year in dates that are all numbers: `5/6/87`.
    pub order: DateOrder,
    /// What times without a year count from: the document's date, or the time last named.
    pub mode: DateMode,
    /// The zone of clock times that name none: a name of the IANA's, such as `Europe/Paris`. Without it
    /// they are no instants.
    pub timezone: Option<String>,
    /// The day that weeks begin with.
    pub week_start: WeekStart,
    /// The month that fiscal years begin in: `fiscal 1990` is the year from then on that ends in 1990.
    pub fiscal_year_start: Month,
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names of months are what they are")]
pub enum Month {
    #[default]
    January,
    February,
    March,
    April,
    May,
    June,
    July,
    August,
    September,
    October,
    November,
    December,
}

/// What times without a year count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DateMode {
    /// Told from the text: `narrative` for one that names many years far from the document's.
    #[default]
    Auto,
    /// The document's date.
    News,
    /// The time that the text named last.
    Narrative,
}

/// The day that weeks begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeekStart {
    /// As ISO 8601 has it.
    #[default]
    Monday,
    /// As calendars in North America have it: the Sunday belongs to the week behind it.
    Sunday,
}

/// The order of day, month and year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// As the document's unambiguous dates have it (`25/12/2024`), else month first.
    #[default]
    Auto,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Year, month, day.
    Ymd,
}

/// A time that has been resolved: the columns that it fills.
#[derive(Clone, Debug, Default, PartialEq)]
struct Time {
    value: String,
    modifier: Option<TimeMod>,
    grain: Option<TimeGrain>,
    start: Option<Date>,
    end: Option<Date>,
    at: Option<Timestamp>,
    basis: TimeBasis,
}

/// Fills the time columns of a document's mentions, which stand in the order of the text, and of its
/// claims: from the mention that a claim points at, else from the publication date.
///
/// A mention whose `expr` is no time expression keeps its row and leaves a warning.
pub(crate) fn resolve(
    document: &Document,
    mentions: &mut [Mention],
    claims: &mut [Claim],
    options: &DatesOptions,
    zone: Option<&TimeZone>,
    problems: &mut Vec<Problem>,
) {
    let (mut context, written) = read(document, mentions, options, problems);
    let mut times: HashMap<Str, Time> = HashMap::with_capacity(written.len());
    for (i, expr) in written {
        let mention = &mut mentions[i];
        let time = time(&mut context, expr, mention.tense, zone);
        mention.time_value = Some(Str::new(&time.value));
        mention.time_mod = time.modifier;
        mention.time_start = time.start;
        mention.time_end = time.end;
        times.insert(mention.mention_id.clone(), time);
    }
    for claim in claims {
        match claim.time_mention.as_ref() {
            Some(mention) => {
                if let Some(time) = times.get(mention) {
                    fill(claim, time);
                }
            }
            None => {
                if let Some(day) = document.published {
                    let mut time = of_stretch(Stretch::Day(day), None, None);
                    time.basis = TimeBasis::Published;
                    fill(claim, &time);
                }
            }
        }
    }
}

/// The times that a document's mentions write, by the place of each, and what there is to know before the
/// first is read.
fn read(
    document: &Document,
    mentions: &[Mention],
    options: &DatesOptions,
    problems: &mut Vec<Problem>,
) -> (Context, Vec<(usize, TimeExpr)>) {
    let mut written = Vec::new();
    for (i, mention) in mentions.iter().enumerate().filter(|(_, mention)| is_time(mention.kind)) {
        match mention.expr.as_deref().map(str::parse::<TimeExpr>) {
            Some(Ok(expr)) => written.push((i, expr)),
            Some(Err(error)) => problems.push(Problem {
                source_uri: document.source_uri.clone(),
                member: document.member.clone(),
                doc_id: Some(document.doc_id.clone()),
                stage: "normalise".into(),
                severity: Severity::Warning,
                code: "bad_expression".into(),
                message: Str::new(error.to_string()),
                location: Some(mention.mention_id.clone()),
            }),
            None => {}
        }
    }
    share_years(mentions, &mut written);
    let narrative = match options.mode {
        DateMode::Auto => is_narrative(document.published, &written),
        DateMode::News => false,
        DateMode::Narrative => true,
    };
    let context = Context {
        published: document.published,
        narrative,
        order: settled(options.order, &written),
        mentioned: if narrative { first_year(&written) } else { None },
        quarter: None,
        aside: None,
        sunday: options.week_start == WeekStart::Sunday,
        ahead: (12 - options.fiscal_year_start as i32) % 12,
        fiscal_quarter: false,
    };
    (context, written)
}

/// How the time of a mention was resolved.
pub(crate) struct Resolved {
    /// What it says, with the year that it shares with another.
    pub(crate) expr: TimeExpr,
    /// The time that it counts from, as TIMEX3 has it; none where it names its own year, or nothing is known.
    pub(crate) from: Option<String>,
    /// Whether that is the day of publication.
    pub(crate) from_publication: bool,
    /// Whether it names no year and no direction, so that the tense of its clause is asked.
    pub(crate) is_open: bool,
    /// Whether the text is taken for a narrative, in which times count from the one named last.
    pub(crate) narrative: bool,
    /// The order of day, month and year, for a date in numbers that either may begin.
    pub(crate) order: Option<DateOrder>,
}

/// How the mention at `which` of a document's mentions is resolved, if it is a time.
pub(crate) fn resolved(
    document: &Document,
    mentions: &[Mention],
    which: usize,
    options: &DatesOptions,
) -> Option<Resolved> {
    let (mut context, written) = read(document, mentions, options, &mut Vec::new());
    for (i, expr) in written {
        if i < which {
            time(&mut context, expr, mentions[i].tense, None);
            continue;
        }
        let from = match expr.when {
            When::Place(place) => context.reference(place),
            When::Length(_, Some(_)) | When::Vague(Vague::Present) => context.published.map(Stretch::Day),
            _ => None,
        };
        let order = match expr.when {
            When::Place(Place { base: Base::Numbers(first, second, _), .. }) => {
                (first <= 12 && second <= 12 && first != second).then_some(context.order)
            }
            _ => None,
        };
        let is_open = |place: Place| {
            matches!(place.base, Base::Open | Base::Numbers(_, _, None)) && place.pick == Pick::Any
        };
        return (i == which).then(|| Resolved {
            is_open: matches!(expr.when, When::Place(place) if is_open(place)),
            expr,
            from: from.map(|from| from.value()),
            from_publication: from.is_some() && from == context.published.map(Stretch::Day),
            narrative: context.narrative,
            order,
        });
    }
    None
}

/// Gives a month or day the year of the one right behind it: `May 15 to August 16, 1988`.
fn share_years(mentions: &[Mention], written: &mut [(usize, TimeExpr)]) {
    /// The most characters between them: ` through `.
    const BETWEEN: u32 = 9;
    for at in (1..written.len()).rev() {
        let (before, behind) = written.split_at_mut(at);
        let (Some((first, expr)), Some((second, next))) = (before.last_mut(), behind.first()) else {
            continue;
        };
        let close = mentions[*second].char_start.saturating_sub(mentions[*first].char_end) <= BETWEEN;
        if let (When::Place(place), When::Place(day)) = (&mut expr.when, next.when)
            && let (Base::Unit(Anchor::Mentioned, 0, Unit::Quarter), Some(Field::MonthDay(month, date))) =
                (place.base, day.field)
            && close
        {
            // `the quarter ended Sept. 30`; one that ends with the first days of a month is the one before.
            let month = if date < 16 { (month + 10) % 12 + 1 } else { month };
            // The calendar's quarter that most of it lies in: May to July has two months of the second.
            let middle = (month + 10) % 12 + 1;
            let field = Some(Field::Quarter((middle - 1) / 3 + 1));
            *place = Place { field, pick: day.pick, ..Place::from_base(day.base) };
        }
        if let (When::Place(place), When::Place(day)) = (&mut expr.when, next.when)
            && let (Base::Unit(Anchor::Mentioned, 0, Unit::Week), Some(Field::MonthDay(month, date))) =
                (place.base, day.field)
            && close
        {
            // `the week ended February 22`
            *place = Place { field: Some(Field::WeekOf(month, date)), ..Place::from_base(day.base) };
        }
        if let (When::Place(place), When::Place(Place { base: Base::Year(year), field: Some(last), .. })) =
            (&mut expr.when, next.when)
            && let (Base::Open, Pick::Any, Some(field)) = (place.base, place.pick, place.field)
            && let (Some(month), Some(last)) = (month_of(field), month_of(last))
            && close
        {
            // `December and January 1988`
            place.base = Base::Year(if month > last { year - 1 } else { year });
        }
    }
}

fn month_of(field: Field) -> Option<u8> {
    match field {
        Field::Month(month) | Field::MonthDay(month, _) => Some(month),
        _ => None,
    }
}

fn is_time(kind: MentionKind) -> bool {
    matches!(kind, MentionKind::Date | MentionKind::Time | MentionKind::Duration | MentionKind::Set)
}

fn fill(claim: &mut Claim, time: &Time) {
    claim.time_value = Some(Str::new(&time.value));
    claim.time_mod = time.modifier;
    claim.time_grain = time.grain;
    claim.time_start = time.start;
    claim.time_end = time.end;
    claim.time_at = time.at;
    // `extract` knows where the words stand: in another sentence.
    let inherited = claim.time_basis == Some(TimeBasis::Inherited);
    claim.time_basis = Some(if inherited { TimeBasis::Inherited } else { time.basis });
}

/// Whether the text tells of times other than its own: it names many years far from the document's,
/// and hardly a day of its own week; or it has no date of its own.
fn is_narrative(published: Option<Date>, written: &[(usize, TimeExpr)]) -> bool {
    /// Fewer years than this make no history.
    const ENOUGH: usize = 5;
    /// News names its days, as `Tuesday` or `last week`; a history has this many years for each.
    const YEARS_A_DAY: usize = 5;
    let Some(published) = published else { return true };
    let (mut far, mut near, mut days) = (0, 0, 0);
    for (_, expr) in written {
        let When::Place(place) = expr.when else { continue };
        match (place.base, place.field) {
            (Base::Year(year), _) if year.abs_diff(published.year()) > 1 => far += 1,
            (Base::Year(_), _) => near += 1,
            (Base::Open, Some(Field::Weekday(_))) | (Base::Unit(Anchor::Document, ..), _) => days += 1,
            _ => {}
        }
    }
    far >= ENOUGH && far > near && far >= days * YEARS_A_DAY
}

/// The first year that the text names: what a history begins with.
fn first_year(written: &[(usize, TimeExpr)]) -> Option<Stretch> {
    written.iter().find_map(|(_, expr)| match expr.when {
        When::Place(Place { base: Base::Year(year), .. }) => Some(Stretch::Year(year)),
        _ => None,
    })
}

/// The order that the document's own dates show, where the option leaves it to them.
fn settled(order: DateOrder, written: &[(usize, TimeExpr)]) -> DateOrder {
    if order != DateOrder::Auto {
        return order;
    }
    let shown = written.iter().find_map(|(_, expr)| match expr.when {
        When::Place(Place { base: Base::Numbers(first, second, _), .. }) => match (first, second) {
            (13.., _) => Some(DateOrder::Dmy),
            (_, 13..) => Some(DateOrder::Mdy),
            _ => None,
        },
        _ => None,
    });
    shown.unwrap_or(DateOrder::Mdy)
}

fn time(context: &mut Context, expr: TimeExpr, tense: Option<Tense>, zone: Option<&TimeZone>) -> Time {
    let mut time = match expr.when {
        When::Vague(vague) => {
            let day = context.published.filter(|_| vague == Vague::Present);
            let basis = TimeBasis::Relative;
            Time { value: vague.as_str().to_owned(), start: day, end: day, basis, ..Time::default() }
        }
        When::Place(place) => of_place(context, place, tense, zone),
        When::Length(length, side) => {
            // Results of `nine months` are compared with the same months, whatever quarter was named.
            if length.unit == Unit::Month && length.count != Count::Vague {
                context.quarter = None;
            }
            let (start, end) = beside(context.published, length, side).unzip();
            let basis = if side.is_some() { TimeBasis::Relative } else { TimeBasis::Explicit };
            Time { value: length_value(length), start, end, basis, ..Time::default() }
        }
        When::Set { each, .. } => {
            let value = match each {
                Each::Length(length) => length.to_string(),
                Each::Place(place) => underspecified(place),
            };
            Time { value, ..Time::default() }
        }
    };
    time.modifier = expr.modifier;
    // The tables hold the years 1 to 9999; half a stretch says nothing.
    let within = |day: &Date| day.year() >= 1;
    let days = time.start.filter(within).zip(time.end.filter(within));
    (time.start, time.end) = days.unzip();
    time
}

fn of_place(context: &mut Context, place: Place, tense: Option<Tense>, zone: Option<&TimeZone>) -> Time {
    let mut time = match context.find(place, tense) {
        Found::Stretch(stretch) => {
            let fiscal = context.is_fiscal(place, stretch);
            context.remember(place, stretch);
            let mut time = of_stretch(stretch, place.clock, zone);
            if fiscal {
                let back = |day: Date| months_on(day, -context.ahead);
                let last = |day: Date| back(day.tomorrow().ok()?)?.yesterday().ok();
                (time.start, time.end) = (time.start.and_then(back), time.end.and_then(last));
            }
            if context.sunday && matches!(stretch, Stretch::Week(_)) {
                let back = |day: Date| day.yesterday().ok();
                (time.start, time.end) = (time.start.and_then(back), time.end.and_then(back));
            }
            time
        }
        Found::Side(side) => {
            let vague = if side == Side::Past { Vague::Past } else { Vague::Future };
            Time { value: vague.as_str().to_owned(), ..Time::default() }
        }
        Found::Open => match place.base {
            // `an hour later`: of the clock time that it counts from, no more than the distance is known.
            Base::From(_, _, length) if length.unit < Unit::Day => {
                Time { value: length_value(length), ..Time::default() }
            }
            _ => Time { value: underspecified(place), ..Time::default() },
        },
    };
    let explicit = match place.base {
        Base::Year(_) | Base::Years(..) | Base::Decade(_) | Base::Century(_) => true,
        Base::Numbers(_, _, year) => year.is_some(),
        Base::Open | Base::Unit(..) | Base::From(..) => false,
    };
    time.basis = if explicit { TimeBasis::Explicit } else { TimeBasis::Relative };
    time
}

fn of_stretch(stretch: Stretch, clock: Option<Clock>, zone: Option<&TimeZone>) -> Time {
    let mut time = Time {
        value: stretch.value(),
        grain: Some(stretch.grain()),
        start: stretch.first(),
        end: stretch.last(),
        ..Time::default()
    };
    if let Some(clock) = clock {
        time.value = format!("{}T{}", time.value, clock_value(clock));
        time.grain = Some(match clock {
            Clock::Part(_) => TimeGrain::PartOfDay,
            Clock::At { second: Some(_), .. } => TimeGrain::Second,
            Clock::At { minute: Some(_), .. } => TimeGrain::Minute,
            Clock::At { .. } => TimeGrain::Hour,
        });
        if let Stretch::Day(day) = stretch {
            time.at = instant(day, clock, zone);
        }
    }
    time
}

/// A clock time as TIMEX3 has it: whole hours with their minutes.
fn clock_value(clock: Clock) -> Clock {
    match clock {
        Clock::At { hour, minute: None, second, zone } => Clock::At { hour, minute: Some(0), second, zone },
        _ => clock,
    }
}

/// A length as TIMEX3 has it: halves in the finer unit, `P2Y6M`.
fn length_value(length: Length) -> String {
    let halves = match length.unit {
        Unit::Century => Some((50, Unit::Year)),
        Unit::Decade => Some((5, Unit::Year)),
        Unit::Year => Some((6, Unit::Month)),
        Unit::Hour => Some((30, Unit::Minute)),
        Unit::Minute => Some((30, Unit::Second)),
        _ => None,
    };
    match (length.count, halves) {
        (Count::Exact(count), Some((half, unit)))
            if length.rest.is_none() && count.fract() == Decimal::new(5, 1) =>
        {
            let rest = (Count::from(half), unit);
            let whole = Length { count: Count::from(count.trunc()), rest: Some(rest), ..length };
            if count.trunc().is_zero() { Length::of(half, unit) } else { whole }.to_string()
        }
        _ => length.to_string(),
    }
}

/// The instant of a clock time whose zone is known: its own, else `local`.
fn instant(day: Date, clock: Clock, local: Option<&TimeZone>) -> Option<Timestamp> {
    let Clock::At { hour, minute, second, zone } = clock else { return None };
    let (minute, second) = (minute.unwrap_or(0) as i8, second.unwrap_or(0).min(59) as i8);
    let day = if hour == 24 { day.tomorrow().ok()? } else { day };
    let time = day.at((hour % 24) as i8, minute, second, 0);
    match zone {
        Some(zone) => Offset::from_seconds(i32::from(zone) * 60).ok()?.to_timestamp(time).ok(),
        None => local?.to_timestamp(time).ok(),
    }
}

/// The days of a length that ends or begins at the document's date.
fn beside(published: Option<Date>, length: Length, side: Option<Side>) -> Option<(Date, Date)> {
    let (day, side) = (published?, side?);
    let other = resolver::days_beside(day, side, length)?;
    Some(if side == Side::Past { (other, day) } else { (day, other) })
}

/// The TIMEX3 value of a place with an `X` for what is not known.
fn underspecified(place: Place) -> String {
    let date = match (place.base, place.field) {
        (Base::Unit(_, _, unit), None) | (Base::From(_, _, Length { unit, .. }), None) => match unit {
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => "XXXX-XX-XX",
            Unit::Weekend => "XXXX-WXX-WE",
            Unit::Week => "XXXX-WXX",
            Unit::Month => "XXXX-XX",
            Unit::Quarter => "XXXX-QX",
            Unit::Year => "XXXX",
            Unit::Decade => "XXX",
            Unit::Century => "XX",
        }
        .to_owned(),
        (Base::Open, None) => "XXXX-XX-XX".to_owned(),
        (Base::Numbers(..), _) => "XXXX-XX-XX".to_owned(),
        (Base::Open | Base::Unit(..) | Base::From(..), Some(field)) => format!("XXXX-{field}"),
        (_, Some(field)) => format!("{}-{field}", Place::from_base(place.base)),
        (_, None) => Place::from_base(place.base).to_string(),
    };
    match place.clock {
        Some(clock) => format!("{date}T{}", clock_value(clock)),
        None => date,
    }
}
