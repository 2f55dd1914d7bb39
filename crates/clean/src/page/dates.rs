//! Dates as pages write them, in numbers and in the words of the languages in `months.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use claimline_model::Date;

/// In which order a date of numbers is written where its numbers do not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

impl Order {
    /// The order of a page in this language: the month comes first in English as it is written in America, and
    /// where nothing is said of the language.
    pub(super) fn of(language: Option<&str>) -> Self {
        let language = language.unwrap_or("en").to_ascii_lowercase().replace('_', "-");
        let (language, region) = language.split_once('-').unwrap_or((&language, ""));
        match (language, region) {
            ("en", "" | "us" | "ph" | "ca") => Self::MonthFirst,
            _ => Self::DayFirst,
        }
    }
}

/// A date in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) date: Date,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Whether the day is written; else it is the first of its month.
    pub(super) whole: bool,
}

/// Pages began in 1991, and no date of one lies beyond this: the calendar is not asked for the day it is now.
const YEARS: std::ops::RangeInclusive<i16> = 1991..=2099;

static MONTHS: LazyLock<HashMap<&str, i8>> = LazyLock::new(|| {
    let row = |[month, words]: [&'static str; 2]| Some((month.parse().ok()?, words));
    let rows = claimline_language::rows(include_str!("months.tsv")).filter_map(row);
    rows.flat_map(|(month, words)| words.split(' ').map(move |word| (word, month))).collect()
});

/// The first date in a text, whole if there is one.
pub(super) fn first(text: &str, order: Order) -> Option<Found> {
    let all = all(text, order);
    all.iter().find(|found| found.whole).or(all.first()).copied()
}

/// The dates in a text.
pub(super) fn all(text: &str, order: Order) -> Vec<Found> {
    let trimmed = text.trim();
    if let Some(found) = seconds(trimmed) {
        return vec![found];
    }
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match at(text, &tokens[i..], order) {
            Some((date, whole, taken)) => {
                found.push(Found { date, at: tokens[i].start, whole });
                i += taken;
            }
            None => i += 1,
        }
    }
    found
}

/// Seconds or milliseconds since 1970, and nothing else.
fn seconds(text: &str) -> Option<Found> {
    let number: i64 = text.parse().ok().filter(|_| matches!(text.len(), 10 | 13))?;
    let seconds = if text.len() == 13 { number / 1000 } else { number };
    let at = jiff::Timestamp::from_second(seconds).ok()?;
    let date = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    YEARS.contains(&date.year()).then_some(Found { date, at: 0, whole: true })
}

/// A number or a word.
struct Token<'t> {
    text: &'t str,
    start: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The number, if it has so many digits.
    fn number(&self, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
        let number = self.text.bytes().all(|b| b.is_ascii_digit()) && digits.contains(&self.text.len());
        number.then(|| self.text.parse().ok())?
    }

    fn month(&self) -> Option<i8> {
        let first = self.text.chars().next().filter(|c| c.is_alphabetic())?;
        // Most words are no months, and are not copied.
        let word = if first.is_uppercase() || !self.text.is_ascii() {
            self.text.to_lowercase()
        } else {
            self.text.to_owned()
        };
        MONTHS.get(word.as_str()).copied()
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let class = |c: char| if c.is_ascii_digit() { 1 } else { 2 * u8::from(c.is_alphabetic()) };
    let mut tokens: Vec<Token> = Vec::new();
    let mut last = 0;
    for (at, c) in text.char_indices() {
        let now = class(c);
        let ideograph = ('\u{3000}'..='\u{9fff}').contains(&c);
        match tokens.last_mut() {
            Some(token) if now != 0 && now == last && !ideograph => {
                token.text = &text[token.start..at + c.len_utf8()];
            }
            _ if now != 0 => tokens.push(Token { text: &text[at..at + c.len_utf8()], start: at }),
            _ => {}
        }
        last = if ideograph { 0 } else { now };
    }
    tokens
}

/// The date that begins with the first token: the date, whether its day is written, and its tokens.
fn at(text: &str, tokens: &[Token], order: Order) -> Option<(Date, bool, usize)> {
    let [a, rest @ ..] = tokens else { return None };
    let between = |x: &Token, y: &Token| &text[x.end()..y.start];
    let year = |token: &Token| token.number(4..=4).filter(|year| YEARS.contains(year));
    let date = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
            .ok()
            .filter(|d| YEARS.contains(&d.year()))
    };
    // A date stands alone: no digits are glued to it by what glues numbers.
    if let (Some(_), Some(b), Some(c)) = (a.number(1..=4), rest.first(), rest.get(1))
        && let (Some(y), Some(m), Some(d)) = (a.number(1..=4), b.number(1..=2), c.number(1..=4))
    {
        let (one, two) = (between(a, b), between(b, c));
        let mark = one.trim();
        if two.trim() == mark && matches!(mark, "-" | "/" | "." | "\u{2013}" | "_") && one.len() <= 2 {
            if year(a).is_some() && c.text.len() <= 2 {
                return Some((date(y, m, d)?, true, 3));
            }
            let year = match c.text.len() {
                4 => year(c)?,
                2 if a.text.len() <= 2 && mark != "-" => century(d)?,
                _ => return None,
            };
            let day_first = order == Order::DayFirst || mark == "." || y > 12;
            let (day, month) = if day_first && m <= 12 { (y, m) } else { (m, y) };
            return Some((date(year, month, day)?, true, 3));
        }
    }
    // 20250623, alone or before a clock time.
    if a.text.len() == 8 && a.text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| a.text[range].parse().ok();
        return Some((date(part(0..4)?, part(4..6)?, part(6..8)?)?, true, 1));
    }
    let (b, c) = (rest.first()?, rest.get(1));
    // What stands between a day, a month and a year, at most: "23. ", " de ", ", ".
    let joined = |x: &Token, y: &Token| {
        let gap = between(x, y);
        gap.len() <= 4
            && gap
                .chars()
                .all(|c| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/' | '\u{2019}' | '\''))
    };
    let ideograph = |token: &Token, mark: &str| token.text == mark;
    if let Some(y) = year(a) {
        // 2025年6月23日.
        if ideograph(b, "\u{5e74}")
            && let [_, _, m, mm, d, dd, ..] = tokens
        {
            let whole = ideograph(mm, "\u{6708}") && ideograph(dd, "\u{65e5}");
            return whole.then(|| Some((date(y, m.number(1..=2)?, d.number(1..=2)?)?, true, 6)))?;
        }
        // 2025 June 23.
        let month = b.month().filter(|_| joined(a, b))?;
        let day = c.filter(|c| joined(b, c))?.number(1..=2)?;
        return Some((date(y, month.into(), day)?, true, 3));
    }
    if let Some(day) = a.number(1..=2) {
        // "23rd of June, 2025", "23 de junio de 2025", "23. Juni 2025".
        let filler = |token: &Token| {
            matches!(
                token.text,
                "de" | "of" | "th" | "st" | "nd" | "rd" | "del" | "er" | "d" | "di" | "ba" | "\u{ba}"
            )
        };
        let behind = |at: usize| (at..at + 3).find(|i| tokens.get(*i).is_none_or(|token| !filler(token)));
        let m = behind(1)?;
        let month = tokens.get(m)?.month().filter(|_| joined(&tokens[m - 1], &tokens[m]))?;
        let y = behind(m + 1)?;
        let token = tokens.get(y).filter(|token| joined(&tokens[y - 1], token))?;
        let year = year(token).or_else(|| century(token.number(2..=2)?))?;
        return Some((date(year, month.into(), day)?, true, y + 1));
    }
    let month = a.month()?;
    if let Some(y) = year(b).filter(|_| joined(a, b)) {
        return Some((date(y, month.into(), 1)?, false, 2));
    }
    // "June 23rd, 2025".
    let day = b.number(1..=2).filter(|_| joined(a, b))?;
    let y = (2..4).find(|i| tokens.get(*i).is_some_and(|t| year(t).is_some()))?;
    let ordinal = y == 2 || matches!(tokens[2].text, "th" | "st" | "nd" | "rd");
    (ordinal && joined(&tokens[y - 1], &tokens[y])).then_some(())?;
    Some((date(year(&tokens[y])?, month.into(), day)?, true, y + 1))
}

/// The year of two digits.
fn century(short: i16) -> Option<i16> {
    match short {
        0..=49 => Some(2000 + short),
        91..=99 => Some(1900 + short),
        _ => None,
    }
}

/// The date in an address: `/2025/06/23/`, `2025-06-23`, `/20250623`.
pub(super) fn of_address(url: &str) -> Option<Date> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next()?;
    let (_, path) = path.split_once('/')?;
    all(path, Order::DayFirst)
        .into_iter()
        .find(|found| {
            // Year first, or it is a number of something else.
            found.whole && path.as_bytes()[found.at..].iter().take(4).all(u8::is_ascii_digit)
        })
        .map(|found| found.date)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_in_the_order_of_their_writers() {
        use Order::{DayFirst, MonthFirst};
        for (text, order, year, month, day) in [
            ("2019-05-23T23:30:00-05:00", DayFirst, 2019, 5, 23),
            ("published 2019/5/3, 10:30", DayFirst, 2019, 5, 3),
            ("20190523", DayFirst, 2019, 5, 23),
            ("1558586096", DayFirst, 2019, 5, 23),
            ("1558586096000", DayFirst, 2019, 5, 23),
            ("03/04/2019", DayFirst, 2019, 4, 3),
            ("03/04/2019", MonthFirst, 2019, 3, 4),
            ("23/04/2019", MonthFirst, 2019, 4, 23),
            ("04/23/2019", DayFirst, 2019, 4, 23),
            ("03.04.2019 - 12:00", MonthFirst, 2019, 4, 3),
            ("3. 4. 19", DayFirst, 2019, 4, 3),
            ("Thursday, May 23rd, 2019 at 5pm", MonthFirst, 2019, 5, 23),
            ("on the 23rd of May, 2019", MonthFirst, 2019, 5, 23),
            ("Donnerstag, 23. Mai 2019", DayFirst, 2019, 5, 23),
            ("23. M\u{c4}RZ 2019", DayFirst, 2019, 3, 23),
            ("23 de mayo de 2019", DayFirst, 2019, 5, 23),
            ("le 1er ao\u{fb}t 2019", DayFirst, 2019, 8, 1),
            ("23 \u{43c}\u{430}\u{44f} 2019", DayFirst, 2019, 5, 23),
            ("2019\u{5e74}5\u{6708}23\u{65e5}", DayFirst, 2019, 5, 23),
            ("23-May-2019", DayFirst, 2019, 5, 23),
        ] {
            let found = first(text, order).filter(|found| found.whole).map(|found| found.date);
            assert_eq!(found, Some(date(year, month, day)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_gives_none() {
        for text in [
            "",
            "2019",
            "19.90",
            "1.2.3",
            "31.02.2019",
            "2019-13-01",
            "3112-01-01",
            "01.01.1970",
            "555-01-2019x",
            "may 12 people",
            "99999999",
            "12345678901234567890",
            "in March",
        ] {
            let found = first(text, Order::DayFirst).filter(|found| found.whole);
            assert!(found.is_none(), "{text}: {found:?}");
        }
        let month = first("in March 2019", Order::DayFirst).unwrap();
        assert_eq!((month.date, month.whole, month.at), (date(2019, 3, 1), false, 3));
    }

    #[test]
    fn an_address_holds_a_date_if_its_year_comes_first() {
        for (url, expected) in [
            ("https://example.org/2019/05/23/dam", Some(date(2019, 5, 23))),
            ("https://example.org/news/2019-05-23-dam.html", Some(date(2019, 5, 23))),
            ("https://example.org/20190523/dam", Some(date(2019, 5, 23))),
            ("https://example.org/dam-12.05.2019", None),
            ("https://example.org/2019/05/", None),
            ("https://example.org/?on=2019-05-23", None),
        ] {
            assert_eq!(of_address(url), expected, "{url}");
        }
    }
}
