//! PDF: characters at places, from which lines and paragraphs are put together again.
//!
//! A library interprets the pages; `limits` looks at a file before it does, since it neither bounds what streams
//! unpack to nor how often forms draw one another. `lines` makes lines of characters, `columns` puts those of a page
//! with columns in the order in which they are read, and `paragraphs` makes text of them.

mod columns;
mod limits;
mod lines;
mod paragraphs;

use std::panic::{AssertUnwindSafe, catch_unwind};

use claimline_model::Problem;
use claimline_stage::Decoded;
use pdf_extract::{Dictionary, Document, Object, decode_text_string, output_doc, output_doc_page};

use super::Piece;
use crate::fields::Known;
use crate::records::Trouble;

const PDF: &str = "application/pdf";

/// The document of such a file.
pub(super) fn decode(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    let read = read(&piece);
    let (pages, lost, known) = read.map_err(|(code, message)| piece.lost(code, &message))?;
    let pages = pages.into_iter().map(columns::in_reading_order).collect();
    let (composed, title) = paragraphs::compose(pages);
    let letters = composed.text.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 {
        let message = match lost.first() {
            Some(_) => "none of its pages can be read",
            None => "its pages hold no text: they are pictures, perhaps of a scanner",
        };
        return Err(piece.lost("no_text", message));
    }
    let warning = |page: &u32| ("page_unreadable", format!("page {page} can't be read"));
    let warnings = lost.iter().map(warning).collect();
    let known = Known { title: known.title.or(title), ..known };
    piece.maker.compose(&piece.origin, PDF, known, composed, warnings)
}

type Read = (Vec<lines::Page>, Vec<u32>, Known);

/// The lines of all pages, the numbers of those that can't be read, and what the file says of itself.
fn read(piece: &Piece<'_>) -> Result<Read, Trouble> {
    limits::before_loading(&piece.bytes, piece.limits)?;
    let mut document = Document::load_mem(&piece.bytes).map_err(trouble)?;
    if document.is_encrypted() {
        document.decrypt("").map_err(trouble)?;
    }
    limits::before_reading(&mut document, piece.limits)?;
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    if numbers.is_empty() {
        return Err(("broken", "the PDF has no pages".to_owned()));
    }
    let mut reading = lines::Reading::default();
    let mut lost = Vec::new();
    let whole = catch_unwind(AssertUnwindSafe(|| output_doc(&document, &mut reading).is_ok()));
    if !matches!(whole, Ok(true)) {
        // The pages behind the one that stopped it, each by itself.
        let stopped = reading.page.unwrap_or(numbers[0]);
        lost.push(stopped);
        reading.give_up_page();
        for page in numbers.into_iter().filter(|page| *page > stopped) {
            let read =
                catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut reading, page).is_ok()));
            if !matches!(read, Ok(true)) {
                lost.push(page);
                reading.give_up_page();
            }
        }
    }
    if reading.is_over() {
        return Err(("pdf_too_complex", "its pages draw more than can be text".to_owned()));
    }
    let information = document.trailer.get_deref(b"Info", &document).and_then(Object::as_dict).ok();
    let known = information.map(|said| known(said, &document)).unwrap_or_default();
    Ok((reading.pages, lost, known))
}

/// What to say of a file that can't be opened.
fn trouble(error: pdf_extract::Error) -> Trouble {
    use pdf_extract::Error::{Decryption, InvalidPassword, UnsupportedSecurityHandler};
    match error {
        Decryption(_) | InvalidPassword | UnsupportedSecurityHandler(_) => {
            ("encrypted", "it is encrypted, and opens with a password only".to_owned())
        }
        error => ("broken", format!("the PDF is broken or cut off: {error}")),
    }
}

/// What the file says of itself.
fn known(information: &Dictionary, document: &Document) -> Known {
    let said = |key: &[u8]| {
        let text = decode_text_string(information.get_deref(key, document).ok()?).ok()?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    Known {
        title: said(b"Title").and_then(|title| telling(&title)),
        author: said(b"Author"),
        made: said(b"CreationDate").or_else(|| said(b"ModDate")).and_then(|date| day(&date)),
        ..Known::default()
    }
}

/// A title, unless it is the name of the file that the PDF was made of.
fn telling(title: &str) -> Option<String> {
    const ENDINGS: [&str; 9] = ["doc", "docx", "rtf", "odt", "indd", "qxd", "tex", "dvi", "pdf"];
    let title = title.strip_prefix("Microsoft Word - ").unwrap_or(title);
    let file = title
        .rsplit_once('.')
        .is_some_and(|(_, end)| ENDINGS.iter().any(|one| one.eq_ignore_ascii_case(end)));
    (!file && !title.to_lowercase().starts_with("untitled")).then(|| title.to_owned())
}

/// The day of a date `D:YYYYMMDDHHmmSSOHH'mm'` (ISO 32000-1, 7.9.4), as the clock showed it where it was made.
fn day(date: &str) -> Option<String> {
    let digits = date.strip_prefix("D:").unwrap_or(date);
    let day = digits.get(..8).filter(|day| day.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_no_title() {
        assert_eq!(telling("Microsoft Word - Report of the year").as_deref(), Some("Report of the year"));
        for name in ["Microsoft Word - report_v3.docx", "untitled", "Untitled-1", "q2.INDD"] {
            assert_eq!(telling(name), None, "{name}");
        }
        assert_eq!(telling("Trade grew by 2.5").as_deref(), Some("Trade grew by 2.5"));
    }

    #[test]
    fn the_day_is_the_one_of_the_place() {
        assert_eq!(day("D:20250512233000-07'00'").as_deref(), Some("2025-05-12"));
        assert_eq!(day("20250512").as_deref(), Some("2025-05-12"));
        for date in ["", "D:2025", "May 12, 2025", "D:2025\u{e9}5121"] {
            assert_eq!(day(date), None, "{date}");
        }
    }
}
