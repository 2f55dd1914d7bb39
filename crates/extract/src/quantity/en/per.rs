//! What one of which an amount is for: `5 dollars a share`, `80 km/h`, `12 cents apiece`.

use claimline_language::{Kind, word};
use claimline_model::AmountKind;

use super::around::{Cue, cue};
use super::term::unit;
use crate::cursor::Cursor;
use crate::quantity::{Amount, Per, UnitKind};

/// What one of which the amount before the cursor is for, and its tokens.
pub(super) fn per(behind: &Cursor<'_>, amount: &Amount) -> Option<(usize, Per)> {
    amount.kind?;
    // `a 12-cent-a-share dividend`
    if behind.hyphen(0) && behind.text(1) == "a" && behind.hyphen(2) {
        return cue(Cue::Per, behind.hash(3)).map(|_| (4, Per::Word(behind.at() + 3)));
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
    let fits = next.kind(0) == Some(Kind::Word) && (per || cue(Cue::Per, next.hash(0)).is_some());
    fits.then(|| (2, Per::Word(next.at())))
}
