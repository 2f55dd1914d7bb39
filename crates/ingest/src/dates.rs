//! The day a document was published, from what a field or a header says.

use claimline_stage::OptionError;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::fmt::{rfc2822, strtime};

/// The date formats that a pipeline names, in strptime's notation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Formats(Vec<String>);

impl Formats {
    /// Checks `formats`.
    ///
    /// # Errors
    /// For one that can't be a format.
    pub(crate) fn new(formats: &[String]) -> Result<Self, OptionError> {
        for (i, format) in formats.iter().enumerate() {
            let sample = jiff::Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
            if let Err(error) = strtime::format(format, &sample) {
                let message = format!("`{format}` is no date format: {error}");
                return Err(OptionError::new(format!("/formats/{i}"), message));
            }
        }
        Ok(Self(formats.to_vec()))
    }

    /// The day in `text`: ISO 8601, RFC 2822, one of the formats, or with its month in letters
    /// (`26-FEB-1987`, `June 17, 2025`), a clock time behind it or none. The day is the one written,
    /// whatever the time zone beside it.
    pub(crate) fn day(&self, text: &str) -> Option<Date> {
        let text = text.trim();
        let named = |format: &String| strtime::parse(format, text).ok()?.to_date().ok();
        let iso = || Pieces::parse(text).ok().map(|pieces| pieces.date());
        let mail = || rfc2822::parse(text).ok().map(|at| at.date());
        self.0.iter().find_map(named).or_else(iso).or_else(mail).or_else(|| in_letters(text))
    }
}

/// The date that is all of `text`, or all but a clock time: `26-FEB-1987 15:01:01.79`.
fn in_letters(text: &str) -> Option<Date> {
    let text = text.replace('-', " ");
    let (date, taken) = leading(&text)?;
    let behind = text[taken..].trim_start_matches([',', ' ']);
    let clock = behind.starts_with(|c: char| c.is_ascii_digit()) && behind.contains(':');
    (behind.is_empty() || clock).then_some(date)
}

/// The date that `text` begins with, in ISO 8601 ("2025-06-23") or in words with a year ("June 23,
/// 2025", "23 June 2025", a weekday before it), and the bytes that it takes.
pub(crate) fn leading(text: &str) -> Option<(Date, usize)> {
    if let Some(date) = text.get(..10).and_then(|iso| iso.parse().ok()) {
        let ends = !text[10..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
        return ends.then_some((date, 10));
    }
    let mut words = Words { text, at: 0 };
    let mut first = words.next()?;
    if WEEKDAYS.iter().any(|day| day.eq_ignore_ascii_case(first) || is_short(day, first)) {
        first = words.next()?;
    }
    let second = words.next()?;
    let (day, month) = match month(first) {
        Some(month) => (second, month),
        None => (first, month(second)?),
    };
    let year = words.next()?;
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let year = (year.len() == 4).then(|| year.parse().ok())??;
    Some((Date::new(year, month, day.parse().ok()?).ok()?, words.at))
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The number of the month of this name or its abbreviation.
fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(word) || is_short(month, word))?;
    Some(at as i8 + 1)
}

/// Whether `word` is the first three or four letters of `name`.
fn is_short(name: &str, word: &str) -> bool {
    matches!(word.len(), 3 | 4)
        && name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Words and numbers of one line, a comma or a full stop behind each left out.
struct Words<'t> {
    text: &'t str,
    /// Behind the last word, not counting what was left out.
    at: usize,
}

impl<'t> Words<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        let gap = rest.len() - rest.trim_start_matches([',', '.', ' ', '\u{a0}']).len();
        let word = &rest[gap..];
        let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
        self.at += gap + end;
        (end > 0).then(|| &word[..end])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_read_from_the_forms_that_metadata_takes() {
        let formats = Formats::new(&["day %j of %Y".to_owned()]).unwrap();
        assert_eq!(formats.day("day 57 of 1987"), Some(date(1987, 2, 26)));
        for text in [
            "1987-02-26",
            " 1987-02-26\n",
            "1987-02-26T15:01:01Z",
            "1987-02-26 15:01:01.79",
            "1987-02-26T23:30:00-05:00",
            "Thu, 26 Feb 1987 15:01:01 +0000",
            "26 Feb 1987 15:01:01 GMT",
            "26-FEB-1987 15:01:01.79",
            "26-Feb-1987",
            "26 February 1987",
            "February 26, 1987, 3:01 PM",
            "Thursday, Feb. 26, 1987",
        ] {
            assert_eq!(formats.day(text), Some(date(1987, 2, 26)), "{text}");
        }
        for text in [
            "",
            "1987",
            "yesterday",
            "26.02.1987",
            "1987-02-31",
            "1987-02-26x",
            "02/26/1987",
            "26-FEB-1987 or so",
            "26-FEB",
        ] {
            assert_eq!(formats.day(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_in_words_needs_its_year() {
        for (text, taken) in [
            ("2025-06-23 Kazakhstan pursues", "2025-06-23"),
            ("June 23, 2025 (Agency) - Trade", "June 23, 2025"),
            ("Jun. 23, 2025 - Trade", "Jun. 23, 2025"),
            ("23 June 2025", "23 June 2025"),
            ("23rd June 2025.", "23rd June 2025"),
            ("Monday, June 23, 2025", "Monday, June 23, 2025"),
        ] {
            assert_eq!(leading(text), Some((date(2025, 6, 23), taken.len())), "{text}");
        }
        for text in [
            "June 17 (Agency) -",
            "2025-06-231",
            "2025-06-3",
            "June 2025",
            "May I, 2025",
            "Junes 2, 2025",
            "",
        ] {
            assert_eq!(leading(text), None, "{text}");
        }
    }

    #[test]
    fn a_format_that_is_none_is_refused_at_its_place() {
        let error = Formats::new(&["%Y".to_owned(), "%".to_owned()]).unwrap_err();
        assert_eq!(error.at, "/formats/1");
    }
}
