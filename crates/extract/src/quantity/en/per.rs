//! What one of which an amount is for: `5 dollars a share`, `80 km/h`, `12 cents apiece`.

use claimline_language::{Kind, word};
use claimline_model::AmountKind;

use super::around::{Cue, cue};
use super::unit::unit;
use crate::cursor::Cursor;
use crate::quantity::{Amount, Per, UnitKind};

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
