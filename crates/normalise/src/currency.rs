//! Money: what the text writes of a currency to its ISO 4217 code, in the document's context.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::LazyLock;

use claimline_model::{Claim, CurrencyBasis, Document, Mention, MentionKind, Str};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How ambiguous currencies are resolved.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CurrencyOptions {
    /// The ISO 4217 code that an ambiguous name (`dollar`, `$`, `peso`) means where the document does
    /// not tell, if the currency goes by that name. Without it, the commonest currency of the name.
    pub default: Option<String>,
    /// The ISO 4217 code of the currency to convert all amounts of money to: `base_value`, at the rate of
    /// the claim's time, or of the day of publication. Nothing is converted without it.
    pub to: Option<String>,
    /// A CSV file of one's own rates, which go before those that are built in. Its columns are `date` (a
    /// day, a month or a year), `from`, `to` and `rate`: a unit of `from` is worth `rate` units of `to`
    /// from that date until the next row of the two.
    pub rates: Option<PathBuf>,
}

/// One line of `currencies.tsv`.
struct Currency {
    class: &'static str,
    code: &'static str,
    countries: &'static str,
}

static CURRENCIES: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    let lines = rows(include_str!("currency/currencies.tsv"));
    lines.map(|[class, code, countries]| Currency { class, code, countries }).collect()
});

/// Names of places to ISO 3166 codes.
static PLACES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    rows(include_str!("currency/en/places.tsv")).map(|[name, country, _]| (name, country)).collect()
});

/// The most words that the name of a place has: `United Arab Emirates`.
const MOST_WORDS: usize = 3;
/// How far into a text its dateline may reach.
const DATELINE: usize = 80;

fn rows(file: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

/// Whether some ambiguous name may mean the currency `code`.
pub(crate) fn is_known(code: &str) -> bool {
    CURRENCIES.iter().any(|currency| currency.code == code)
}

/// The codes of currencies that share their name with others.
pub(crate) fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = CURRENCIES.iter().map(|currency| currency.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Fills `currency` of a document's money mentions, which stand in the order of the text, and
/// `currency` and `currency_basis` of the claims that point at them.
pub(crate) fn resolve(
    document: &Document,
    mentions: &mut [Mention],
    claims: &mut [Claim],
    default: Option<&str>,
) {
    let mut context = Context::new(document, default);
    let mut found: HashMap<Str, (Str, CurrencyBasis)> = HashMap::new();
    for (at, mention) in mentions.iter_mut().enumerate().filter(|(_, mention)| is_money(mention)) {
        let Some(Told { code, basis, .. }) =
            mention.expr.as_deref().and_then(|expr| context.resolve(at, expr))
        else {
            continue;
        };
        mention.currency = Some(code.clone());
        found.insert(mention.mention_id.clone(), (code, basis));
    }
    for claim in claims {
        if let Some((code, basis)) = claim.amount_mention.as_ref().and_then(|mention| found.get(mention)) {
            claim.currency = Some(code.clone());
            claim.currency_basis = Some(*basis);
        }
    }
}

/// How the currency of the mention at `which` of a document's mentions was told, if it is money.
pub(crate) fn told(
    document: &Document,
    mentions: &[Mention],
    which: usize,
    default: Option<&str>,
) -> Option<Told> {
    mentions.get(which).filter(|mention| is_money(mention))?;
    let mut context = Context::new(document, default);
    let money = mentions[..=which].iter().enumerate().filter(|(_, mention)| is_money(mention));
    let mut told = money.map(|(at, mention)| context.resolve(at, mention.expr.as_deref()?));
    told.next_back()?
}

fn is_money(mention: &Mention) -> bool {
    mention.kind == MentionKind::Money
}

/// A currency, and how it was told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// Its ISO 4217 code.
    pub(crate) code: Str,
    /// How it was told.
    pub(crate) basis: CurrencyBasis,
    /// What told it, beside the amount's own words.
    pub(crate) cue: Option<Cue>,
}

/// What tells a currency.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cue {
    /// An earlier mention, by its place among the document's.
    Mention(usize),
    /// These bytes of the text.
    Words(Range<usize>),
    /// The publisher, or the document's address.
    Publisher,
}

/// What the document tells of currencies, as far as it has been asked.
struct Context<'d> {
    document: &'d Document,
    text: &'d str,
    default: Option<&'d str>,
    /// The codes that earlier mentions were told by, the latest last, and the mentions.
    used: Vec<(Str, usize)>,
    /// The countries of the dateline, and of the publisher.
    home: Option<[Vec<Place>; 2]>,
    named: Option<Vec<Place>>,
}

/// A country that is named.
#[derive(Clone, Debug)]
struct Place {
    country: &'static str,
    /// The bytes that name it.
    at: Range<usize>,
}

impl<'d> Context<'d> {
    fn new(document: &'d Document, default: Option<&'d str>) -> Self {
        Self { document, text: &document.text, default, used: Vec::new(), home: None, named: None }
    }

    /// `USD` is explicit, `CAD dollar` told by an adjective, `dollar` to be told by the document.
    fn resolve(&mut self, mention: usize, expr: &str) -> Option<Told> {
        let (code, basis) = match expr.split_once(' ') {
            Some((code, _)) => (Str::new(code), CurrencyBasis::Adjective),
            None if is_code(expr) => (Str::new(expr), CurrencyBasis::Explicit),
            None => return self.of_class(expr),
        };
        self.used.retain(|(used, _)| *used != code);
        self.used.push((code.clone(), mention));
        Some(Told { code, basis, cue: None })
    }

    fn of_class(&mut self, class: &str) -> Option<Told> {
        let candidates: Vec<&Currency> =
            CURRENCIES.iter().filter(|currency| currency.class == class).collect();
        let first = candidates.first()?;
        let told = |code, basis, cue| Some(Told { code: Str::new_static(code), basis, cue });
        let is_used = |(used, mention): &(Str, usize)| {
            candidates.iter().find(|c| *c.code == **used).map(|currency| (currency.code, *mention))
        };
        if let Some((code, mention)) = self.used.iter().rev().find_map(is_used) {
            return told(code, CurrencyBasis::Document, Some(Cue::Mention(mention)));
        }
        let (text, document) = (self.text, self.document);
        let [dateline, publishers] =
            self.home.get_or_insert_with(|| [places(dateline(text)), publishers(document)]);
        if let Some((code, at)) = only(&candidates, dateline) {
            return told(code, CurrencyBasis::Dateline, Some(Cue::Words(at)));
        }
        if let Some((code, _)) = only(&candidates, publishers) {
            return told(code, CurrencyBasis::Dateline, Some(Cue::Publisher));
        }
        let named = self.named.get_or_insert_with(|| places(text));
        if let Some((code, at)) = only(&candidates, named) {
            return told(code, CurrencyBasis::Country, Some(Cue::Words(at)));
        }
        let option = self.default.and_then(|code| candidates.iter().find(|c| c.code == code));
        match option {
            Some(currency) => told(currency.code, CurrencyBasis::Option, None),
            None => told(first.code, CurrencyBasis::Assumed, None),
        }
    }
}

fn is_code(expr: &str) -> bool {
    expr.len() == 3 && expr.bytes().all(|b| b.is_ascii_uppercase())
}

/// The one candidate whose country is among `places`, and the bytes that name that; none where two are.
fn only(candidates: &[&Currency], places: &[Place]) -> Option<(&'static str, Range<usize>)> {
    let mut told = candidates.iter().filter_map(|currency| {
        let mut countries = currency.countries.split(' ');
        let place = countries.find_map(|country| places.iter().find(|place| place.country == country))?;
        Some((currency.code, place.at.clone()))
    });
    let first = told.next()?;
    told.next().is_none().then_some(first)
}

/// The text up to the dash that ends a dateline; empty if there is none.
fn dateline(text: &str) -> &str {
    let head = text.get(..text.floor_char_boundary(DATELINE)).unwrap_or_default();
    let end = [" - ", " -- ", " \u{2013} ", " \u{2014} "].iter().filter_map(|dash| head.find(dash)).min();
    &head[..end.unwrap_or(0)]
}

/// Endings of addresses that are sold to the world, whatever country they were given to.
const SOLD: [&str; 8] = ["ai", "cc", "co", "fm", "io", "me", "to", "tv"];

/// The countries that the publisher's name and the ending of the address tell: `Times of India`,
/// `https://www.cbc.ca/news`.
fn publishers(document: &Document) -> Vec<Place> {
    let mut found = places(document.publisher.as_deref().unwrap_or_default());
    let host = document.url.as_deref().and_then(|url| url.split("://").nth(1)?.split(['/', ':', '?']).next());
    let ending = host.and_then(|host| host.rsplit_once('.')).map(|(_, ending)| ending.to_lowercase());
    let country =
        ending.filter(|ending| ending.len() == 2 && !SOLD.contains(&ending.as_str())).map(|ending| {
            // The United Kingdom's code in ISO 3166 is another than its ending.
            if ending == "uk" { "GB".to_owned() } else { ending.to_uppercase() }
        });
    let known = CURRENCIES.iter().flat_map(|currency| currency.countries.split(' '));
    let country = country.and_then(|code| known.into_iter().find(|known| *known == code));
    let new = country.filter(|country| found.iter().all(|place| place.country != *country));
    found.extend(new.map(|country| Place { country, at: 0..0 }));
    found
}

/// The countries that a text names, each once.
fn places(text: &str) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut windows: Vec<&str> = Vec::with_capacity(MOST_WORDS);
    let mut look = |phrase: &str, at: Range<usize>| {
        let country =
            PLACES.get(phrase).copied().or_else(|| PLACES.get(title_case(phrase)?.as_str()).copied());
        if let Some(country) = country.filter(|country| found.iter().all(|place| place.country != *country)) {
            found.push(Place { country, at });
        }
        country.is_some()
    };
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let words = text.split(|c: char| !c.is_alphabetic() && c != '.').filter(|word| !word.is_empty());
    for word in words {
        if !word.starts_with(char::is_uppercase) {
            windows.clear();
            continue;
        }
        if windows.len() == MOST_WORDS {
            windows.remove(0);
        }
        windows.push(word);
        let end = start(word) + word.len();
        // The longest name that ends here: `South African`, not `African`.
        let _ = (0..windows.len()).any(|from| {
            let at = start(windows[from])..end;
            match &windows[from..] {
                [only] => look(only, at.clone()) || look(only.trim_end_matches('.'), at),
                several => look(several.join(" ").trim_end_matches('.'), at),
            }
        });
    }
    found
}

/// `TORONTO` as `Toronto`; nothing for a phrase that is not all capitals.
fn title_case(phrase: &str) -> Option<String> {
    if phrase.len() < 4 || phrase.chars().any(char::is_lowercase) {
        return None;
    }
    let mut title = String::with_capacity(phrase.len());
    let mut first = true;
    for c in phrase.chars() {
        if first {
            title.push(c)
        } else {
            title.extend(c.to_lowercase())
        }
        first = c == ' ';
    }
    Some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, exprs: &[&str], expected: &[&str]) {
        let document = Document { text: text.into(), ..Document::default() };
        let mut mentions: Vec<Mention> = (0..)
            .zip(exprs)
            .map(|(i, expr)| Mention {
                mention_id: Str::from(i.to_string()),
                kind: MentionKind::Money,
                expr: Some((*expr).into()),
                ..Mention::default()
            })
            .collect();
        let mut claims: Vec<Claim> = mentions
            .iter()
            .map(|m| Claim { amount_mention: Some(m.mention_id.clone()), ..Claim::default() })
            .collect();
        resolve(&document, &mut mentions, &mut claims, Some("AUD"));
        let found: Vec<_> = claims
            .iter()
            .map(|c| {
                format!(
                    "{} {}",
                    c.currency.as_deref().unwrap_or("-"),
                    c.currency_basis.map_or("-", |b| b.as_str())
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_written_comes_first_then_the_document_then_the_option() {
        check("", &["EUR"], &["EUR explicit"]);
        check("", &["CAD dollar", "dollar"], &["CAD adjective", "CAD document"]);
        check(
            "",
            &["dollar", "HKD", "dollar", "cent"],
            &["AUD option", "HKD explicit", "HKD document", "HKD document"],
        );
        check("TORONTO, March 3 - The firm paid $5, U.S. officials said.", &["dollar"], &["CAD dateline"]);
        check("The firm in Mexico paid 5 pesos.", &["peso", "dollar"], &["MXN country", "AUD option"]);
        check("Banks in Mexico and Chile paid 5 pesos.", &["peso"], &["MXN assumed"]);
        check("South African and Swiss banks", &["cent", "franc"], &["ZAR country", "CHF country"]);
        check("Prices rose in the UK.", &["penny", "pound"], &["GBP country", "GBP country"]);
        check("It fell.", &["won", "zorkmid"], &["KRW assumed", "- -"]);
    }

    #[test]
    fn the_publisher_tells_where_no_dateline_does() {
        for (publisher, url, expected) in [
            ("The Times of India", "", "INR"),
            ("", "https://www.dawn.com.pk/news/1", "PKR"),
            ("", "https://example.lk", "LKR"),
            ("", "https://news.example.com/in", "AUD"),
            ("", "https://example.tv/in", "AUD"),
        ] {
            let document =
                Document { publisher: Some(publisher.into()), url: Some(url.into()), ..Document::default() };
            let mut mentions = [Mention {
                kind: MentionKind::Money,
                expr: Some(if expected == "AUD" { "dollar" } else { "rupee" }.into()),
                ..Mention::default()
            }];
            resolve(&document, &mut mentions, &mut [], Some("AUD"));
            assert_eq!(mentions[0].currency.as_deref(), Some(expected), "{publisher} {url}");
        }
    }

    #[test]
    fn data_files_are_sound() {
        let places: Vec<_> = rows(include_str!("currency/en/places.tsv")).collect();
        assert!(places.is_sorted_by(|a, b| a[0] < b[0]));
        for [name, country, _] in &places {
            assert!(name.split(' ').count() <= MOST_WORDS, "{name}");
            let used = CURRENCIES.iter().any(|c| c.countries.split(' ').any(|c| c == *country));
            assert!(used, "{name}: no currency of {country}");
        }
        assert!(CURRENCIES.iter().all(|c| is_code(c.code) && !is_code(c.class)));
    }
}
