//! English names of currencies: the words are in `words.tsv`.

use std::sync::LazyLock;

use claimline_language::{Kind, rows, word};
use claimline_model::Decimal;

use super::{Currency, Place};
use crate::Phrases;
use crate::cursor::Cursor;
use crate::number::Number;

static WORDS: LazyLock<Phrases<Currency>> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for [words, expr, parts, place, case] in rows::<5>(include_str!("words.tsv")) {
        let currency = || Currency {
            expr,
            parts: parts.parse().unwrap_or(Decimal::ONE),
            place: match place {
                "before" => Place::Before,
                "scaled" => Place::Scaled,
                "both" => Place::Both,
                _ => Place::After,
            },
            exact: (case == "exact").then_some(words),
        };
        match words.strip_prefix('$') {
            Some(country) if !country.is_empty() => phrases.insert_token(words, currency()),
            _ => phrases.insert(words, currency()),
        }
        if case.is_empty() {
            phrases.insert(&format!("{words}s"), currency());
        }
    }
    phrases
});

/// The longest phrase before a number: `British pounds sterling $`.
const MOST_TOKENS: usize = 3;

/// The currency that ends right before the cursor, which is at a number, and its tokens.
pub fn before(cursor: &Cursor<'_>) -> Option<(usize, &'static Currency)> {
    WORDS.ending(cursor, MOST_TOKENS).find(|(count, currency)| {
        matches!(currency.place, Place::Before | Place::Both)
            && spelled(currency, &cursor.to(cursor.at() - count), *count)
    })
}

/// The currency at the cursor, which is behind `number`, and its tokens.
pub fn after(cursor: &Cursor<'_>, number: &Number) -> Option<(usize, &'static Currency)> {
    WORDS.all(cursor).find(|(count, currency)| {
        let behind = cursor.to(cursor.at() + count);
        let fits = match currency.place {
            Place::Before => false,
            Place::After => true,
            // The sign of the next amount, if it touches that: `5 $10 bills`.
            Place::Both => behind.kind(0) != Some(Kind::Number) || !behind.joined(0),
            // Nothing weighs 20 million pounds, unless it says of what.
            Place::Scaled => number.scale >= Decimal::ONE_THOUSAND && behind.hash(0) != const { word("of") },
        };
        fits && spelled(currency, cursor, *count)
    })
}

fn spelled(currency: &Currency, cursor: &Cursor<'_>, count: usize) -> bool {
    currency.exact.is_none_or(|exact| count > 1 || cursor.text(0) == exact)
}
