//! English names of currencies: the words are in `words.tsv`.

use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
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
                "many" => Place::Many,
                "both" => Place::Both,
                "touching" => Place::Touching,
                "touched" => Place::Touched,
                "sign" => Place::Sign,
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

/// Words of paying and owing, and of scoring: whether it is paying.
static PAYING: LazyLock<WordMap<bool>> =
    LazyLock::new(|| rows::<2>(include_str!("paying.tsv")).map(|[word, of]| (word, of != "score")).collect());

/// How far before the end of a number such a word may stand: `paid more than 500 pounds`.
const PAID: isize = 5;

/// The longest phrase before a number: `British pounds sterling $`.
const MOST_TOKENS: usize = 3;

/// The currency that ends right before the cursor, which is at a number, and its tokens.
pub fn before(cursor: &Cursor<'_>) -> Option<(usize, &'static Currency)> {
    WORDS.ending(cursor, MOST_TOKENS).find(|(count, currency)| {
        let fits = match currency.place {
            Place::Before | Place::Both => true,
            Place::Touching => cursor.joined(0),
            Place::After | Place::Touched | Place::Scaled | Place::Many | Place::Sign => false,
        };
        fits && spelled(currency, &cursor.to(cursor.at() - count), *count)
    })
}

/// The currency whose name ends right before the cursor, where it stands as a sign would: `at dollar 22.5
/// million`, `it cost rupees 500`, but not `against the dollar 22.5`.
pub fn named_before(cursor: &Cursor<'_>) -> Option<(usize, &'static Currency)> {
    WORDS.ending(cursor, MOST_TOKENS).find(|(count, currency)| {
        let start = cursor.to(cursor.at() - count);
        let led = match start.kind(-1) {
            None | Some(Kind::Punctuation) => true,
            _ => {
                start.class(-1).has(Class::PREPOSITION | Class::PAST | Class::AUXILIARY | Class::COORDINATOR)
            }
        };
        currency.place == Place::After
            && currency.parts == Decimal::ONE
            && led
            && spelled(currency, &start, *count)
    })
}

/// The currency at the cursor, which is behind `number`, and its tokens.
pub fn after(cursor: &Cursor<'_>, number: &Number) -> Option<(usize, &'static Currency)> {
    WORDS.all(cursor).find(|(count, currency)| {
        let behind = cursor.to(cursor.at() + count);
        let fits = match currency.place {
            Place::Before | Place::Touching | Place::Sign => false,
            Place::After => true,
            Place::Touched => cursor.joined(0),
            // The sign of the next amount, if it touches that: `5 $10 bills`.
            Place::Both => behind.kind(0) != Some(Kind::Number) || !behind.joined(0),
            // Nothing weighs 20 million pounds, unless it says of what; a fine of 500 has no weight either.
            Place::Scaled => {
                let large = number.scale >= Decimal::ONE_THOUSAND;
                let weighed = currency.expr == "pound" && behind.hash(0) == const { word("of") };
                // `a 500-pound fine`
                let priced = cursor.hyphen(-1) && PAYING.get(behind.hash(0)) == Some(&true);
                (large || is_told(cursor, true) || priced) && !weighed
            }
            // `marks` are given for tests, too.
            Place::Many => {
                let few = number.value < Decimal::TEN && number.value.fract().is_zero();
                (!few || is_told(cursor, true)) && !is_told(cursor, false)
            }
        };
        fits && spelled(currency, cursor, *count)
    })
}

/// Whether a word of paying, or else of scoring, stands before the number that ends at the cursor.
fn is_told(cursor: &Cursor<'_>, paid: bool) -> bool {
    (1..=PAID).any(|back| PAYING.get(cursor.hash(-back)) == Some(&paid))
}

/// Whether a currency stands at the cursor, however large the number before it.
pub fn is_name(cursor: &Cursor<'_>) -> bool {
    WORDS.all(cursor).any(|(count, currency)| {
        matches!(currency.place, Place::After | Place::Both) && spelled(currency, cursor, count)
    })
}

/// The country at the cursor whose dollars a number behind `$` is of, and its tokens: `$31.20 US`, but not
/// `$5 million US grants`.
pub fn country(cursor: &Cursor<'_>, sign: &Currency) -> Option<(usize, &'static Currency)> {
    let (count, currency) = WORDS.all(cursor).find(|(_, currency)| currency.place == Place::Sign)?;
    let behind = cursor.to(cursor.at() + count);
    let alone = behind.kind(0) != Some(Kind::Word) && !behind.hyphen(0) || behind.class(0).has(Class::CLOSED);
    (sign.expr == "dollar" && alone && spelled(currency, cursor, count)).then_some((count, currency))
}

fn spelled(currency: &Currency, cursor: &Cursor<'_>, count: usize) -> bool {
    currency.exact.is_none_or(|exact| count > 1 || cursor.text(0) == exact)
}
