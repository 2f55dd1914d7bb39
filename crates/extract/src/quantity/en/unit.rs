//! Which words and signs are units.

use std::collections::HashMap;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, rows, word};
use claimline_model::Decimal;

use super::noun;
use crate::Phrases;
use crate::cursor::Cursor;
use crate::money;
use crate::quantity::{UNITS, Unit};

/// A unit, and when its word means it.
type Word = (Unit, Means);

/// When a word means a unit.
#[derive(Clone, Copy)]
enum Means {
    Always,
    /// In this spelling alone.
    Spelt(&'static str),
    /// Where no noun follows that the two describe: `12 stone`, but not `12 stone steps`.
    Alone,
}

static WORDS: LazyLock<Phrases<Word>> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for [words, name, case] in rows::<3>(include_str!("words.tsv")) {
        let Some(unit) = UNITS.iter().find(|unit| unit.name == name) else { continue };
        let means = match case {
            "exact" => Means::Spelt(words),
            "alone" => Means::Alone,
            _ => Means::Always,
        };
        phrases.insert(words, (*unit, means));
        if case.is_empty() {
            phrases.insert(&format!("{words}s"), (*unit, means));
        }
    }
    phrases
});

/// What says behind a length which of a thing's lengths it is.
const EXTENT: [u64; 7] =
    [word("deep"), word("diameter"), word("high"), word("long"), word("tall"), word("thick"), word("wide")];

/// Feet and inches by a mark that touches the number and closes no quotation: `30'`, `9"`.
fn marked_length(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    let name = match cursor.text(0) {
        "'" => "foot",
        "\"" => "inch",
        _ => return None,
    };
    let number = cursor.joined(0) && cursor.kind(-1) == Some(Kind::Number);
    // `10 " long`
    let long = cursor.kind(-1) == Some(Kind::Number) && EXTENT.contains(&cursor.hash(1));
    let open = (0..cursor.at()).filter(|at| cursor.to(*at).text(0) == cursor.text(0)).count() % 2 == 1;
    let unit = UNITS.iter().find(|unit| unit.name == name)?;
    // `6'2"`
    let inches = name == "foot" && cursor.kind(1) == Some(Kind::Number) && cursor.text(2) == "\"";
    ((number || long) && !open && (!cursor.joined(1) || inches)).then_some((1, *unit))
}

/// `in` for inches, which is a preposition but behind feet and before what says which length it is: `12 ft 2
/// in`, `2 1/2 in thick`.
fn inches(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    if cursor.text(0) != "in" || cursor.kind(-1) != Some(Kind::Number) {
        return None;
    }
    let feet = matches!(cursor.text(-2), "ft" | "feet" | "foot" | "'");
    let unit = UNITS.iter().find(|unit| unit.name == "inch")?;
    (feet || EXTENT.contains(&cursor.hash(1))).then_some((1, *unit))
}

/// The unit at the cursor, and its tokens.
pub(super) fn unit(cursor: &Cursor<'_>) -> Option<(usize, Unit)> {
    if cursor.kind(0) == Some(Kind::Punctuation) {
        return marked_length(cursor);
    }
    let found = WORDS.all(cursor).find(|(count, (_, means))| match *means {
        Means::Always => true,
        Means::Alone => {
            let behind = cursor.to(cursor.at() + count);
            behind.kind(0) != Some(Kind::Word) || behind.class(0).has(Class::CLOSED | Class::VERB)
        }
        Means::Spelt(exact) => {
            // A letter alone is a unit where it touches its number, or where no word follows.
            let sure = exact.chars().count() > 1
                || cursor.joined(0)
                || cursor.hyphen(-1)
                // `eight C-130s`
                || cursor.kind(1) != Some(Kind::Word) && !cursor.hyphen(1)
                || cursor.hash(1) == const { word("per") }
                || matches!(exact, "m" | "g" | "l" | "t")
                // `a 12 C melting point`, but not `5 C corporations`
                || matches!(exact, "C" | "F") && cursor.kind(1) == Some(Kind::Word) && !cursor.capital(1) && !noun::is_plural(cursor.text(1));
            // `one MP said`
            let digits = exact != "MP" || cursor.kind(-1) == Some(Kind::Number);
            *count > 1 || cursor.text(0) == exact && sure && digits
        }
    });
    found.map(|(count, (unit, _))| (count, *unit)).or_else(|| inches(cursor))
}

/// Whether a unit or a currency is at the cursor, which is behind digits.
pub(crate) fn is_unit(cursor: &Cursor<'_>) -> bool {
    unit(cursor).is_some() || money::is_name(cursor)
}

/// The smaller unit that what is left over of `unit` is told in, and how many of those it is: `6 ft 2 in`, `12
/// stone 4 lb`.
pub(super) fn part_of(unit: Unit) -> Option<(Unit, Decimal)> {
    static PARTS: LazyLock<HashMap<&str, (Unit, Decimal)>> = LazyLock::new(|| {
        let parts = rows::<3>(include_str!("compounds.tsv"));
        let read = |[whole, part, count]: [&'static str; 3]| {
            let part = UNITS.iter().find(|unit| unit.name == part)?;
            Some((whole, (*part, count.parse().ok()?)))
        };
        parts.filter_map(read).collect()
    });
    PARTS.get(unit.name).copied()
}
