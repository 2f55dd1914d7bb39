//! What one of which an amount is for: `5 dollars a share`, `80 km/h`, `12 cents apiece`.

use claimline_language::{Kind, word};
use claimline_model::{AmountKind, Bound, MentionKind, Str};
use smol_str::format_smolstr;

use super::around::{Cue, cue};
use super::head;
use super::link::{self, Found};
use super::unit::unit;
use crate::cursor::Cursor;
use crate::quantity::{Amount, Per, UnitKind};

impl Per {
    /// What it is called in the singular; behind how many, where they are several: `100000 people`.
    pub(crate) fn name(&self, sentence: &Cursor<'_>) -> Str {
        match self {
            Self::Unit(unit) => Str::new_static(unit.name),
            Self::Named(name) => Str::new_static(name),
            Self::Word(at) => Str::from(head(sentence, &(*at..*at + 1))),
            Self::Several { value, unit: Some(unit), .. } => format_smolstr!("{value} {}", unit.name),
            Self::Several { value, counted: Some(noun), .. } => {
                format_smolstr!("{value} {}", head(sentence, noun))
            }
            Self::Several { value, .. } => format_smolstr!("{value}"),
        }
    }
}

/// Takes the amounts that others are for so many of out of `found`: `5 deaths per 100,000 people`, `6 litres every
/// 100 km`.
pub(super) fn per_several(sentence: &Cursor<'_>, found: &mut Vec<Found>) {
    let mut which = 1;
    while which < found.len() {
        let (first, second) = (&found[which - 1].0, &found[which].0);
        match several(sentence, first, second) {
            Some(per) => {
                let (second, _) = found.remove(which);
                let first = &mut found[which - 1].0;
                first.per = Some(per);
                if first.counted.is_none() && first.kind.is_some() {
                    first.tokens.end = link::end(&second);
                    first.rule = "<amount> per <unit>";
                }
            }
            None => which += 1,
        }
    }
}

/// What an amount is for that stands before another, where `per` or `every` joins them.
fn several(sentence: &Cursor<'_>, first: &Amount, second: &Amount) -> Option<Per> {
    let start = second.tokens.start;
    let joint = start.checked_sub(1).map(|joint| sentence.to(joint))?;
    let every = matches!(joint.text(0), "every" | "each");
    if !every && joint.text(0) != "per" {
        return None;
    }
    // `for every 1,000`
    let joint = if every && matches!(joint.text(-1), "for" | "in") { joint.at() - 1 } else { joint.at() };
    let mut end = sentence.to(link::end(first));
    if end.hash(0) == const { word("of") } {
        end = end.to(super::phrase_end(&end.to(end.at() + 1)));
    }
    let exact = second.bound == Bound::Exactly && second.high.is_none() && second.per.is_none();
    let counts = match second.kind {
        Some(AmountKind::Measure | AmountKind::Count) => true,
        // `every two years` says when.
        Some(AmountKind::Duration) => !every,
        None => second.mention == MentionKind::Number,
        _ => false,
    };
    let plain = first.per.is_none() && first.kind != Some(AmountKind::Ordinal);
    (end.at() == joint && exact && counts && plain).then(|| Per::Several {
        value: second.value,
        unit: second.unit,
        counted: second.counted.clone(),
        end: link::end(second),
    })
}

/// What one of which `amount` is for where that stands behind what is counted or measured: `3,000 tests per
/// day`, `2.4 billion gallons of jet fuel a year`.
pub(super) fn per_of_phrase(cursor: &Cursor<'_>, amount: &Amount) -> Option<Per> {
    let mut at = cursor.to(amount.counted.as_ref().map_or(amount.tokens.end, |noun| noun.end));
    if at.hash(0) == const { word("of") } {
        at = at.to(super::phrase_end(&at.to(at.at() + 1)));
    }
    let (_, per) = per(&at, amount).filter(|_| at.at() > amount.tokens.end)?;
    // `he ate 5 apples a day`, but not `he gave 5 apples a child`.
    let each = at.text(0) == "per";
    let lasts = matches!(&per, Per::Unit(unit) if unit.kind == UnitKind::Duration);
    (each || lasts).then_some(per)
}

/// What one of which the amount before the cursor is for, and its tokens.
pub(super) fn per(behind: &Cursor<'_>, amount: &Amount) -> Option<(usize, Per)> {
    amount.kind?;
    // `a 12-cent-a-share dividend`, `a $5-a-month plan`
    if behind.hyphen(0) && behind.text(1) == "a" && behind.hyphen(2) {
        let of = unit(&behind.to(behind.at() + 3)).map(|(count, unit)| (3 + count, Per::Unit(unit)));
        return of.or_else(|| cue(Cue::Per, behind.hash(3)).map(|_| (4, Per::Word(behind.at() + 3))));
    }
    if let Some(name) = cue(Cue::Adverb, behind.hash(0)) {
        // `10 votes each` says no more than `10 votes`.
        let fits = name != "item" || amount.kind == Some(AmountKind::Money);
        return fits.then_some((1, Per::Named(name)));
    }
    let per = behind.hash(0) == const { word("per") };
    let article = matches!(behind.text(0), "a" | "an");
    let slash = behind.text(0) == "/" && behind.joined(0) && behind.joined(1);
    if !(per || article || slash) {
        return None;
    }
    let next = behind.to(behind.at() + 1);
    if let Some(name) = cue(Cue::Named, next.hash(0)).filter(|_| per) {
        return Some((2, Per::Named(name)));
    }
    let physical =
        unit(&next).filter(|(_, unit)| matches!(unit.kind, UnitKind::Measure | UnitKind::Duration));
    if let Some((count, unit)) = physical {
        // `from 5 pct a year earlier`
        let turned = cue(Cue::Turn, next.to(next.at() + count).hash(0)).is_some();
        return (!turned).then_some((1 + count, Per::Unit(unit)));
    }
    // `32 cents per six pack`
    if crate::number::is_numeral(next.hash(0)) && cue(Cue::Per, next.hash(0)).is_none() {
        return None;
    }
    let person = next.hash(0) == const { word("person") };
    let fits = next.kind(0) == Some(Kind::Word) && (per || cue(Cue::Per, next.hash(0)).is_some());
    fits.then(|| (2, if person { Per::Named("person") } else { Per::Word(next.at()) }))
}
