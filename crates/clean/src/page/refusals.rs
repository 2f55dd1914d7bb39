//! Pages that hold no article: errors, questions of consent, paywalls, checks for robots.

use std::sync::LazyLock;

use super::blocks::Part;
use super::limits::Trouble;

/// A text of so many characters is an article, whatever stands around it.
const ARTICLE: usize = 700;

struct Phrase {
    why: &'static str,
    in_title: bool,
    words: &'static str,
}

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let row = |[why, place, words]: [&'static str; 3]| Phrase { why, in_title: place == "title", words };
    claimline_language::rows(include_str!("refusals.tsv")).map(row).collect()
});

/// Refuses a page without an article; `seen` is all that it shows.
pub(super) fn check(title: Option<&str>, article: &[Part], seen: &[Part]) -> Result<(), Trouble> {
    let refused = |why: &str| Err(("not_an_article", format!("the page is not an article: {why}")));
    let chars = article.iter().map(|part| part.text.chars().count()).sum::<usize>();
    if chars == 0 {
        return refused("it shows no text");
    }
    if chars >= ARTICLE {
        return Ok(());
    }
    let title = title.unwrap_or("").to_lowercase();
    let text = seen.iter().map(|part| part.text.to_lowercase().replace('\u{2019}', "'"));
    let text = text.collect::<Vec<_>>().join("\n");
    let found = PHRASES.iter().find(|phrase| match phrase.in_title {
        true => title.starts_with(phrase.words),
        false => text.contains(phrase.words),
    });
    match found {
        Some(phrase) => refused(&format!("\u{201c}{}\u{201d} ({})", phrase.words, phrase.why)),
        None => Ok(()),
    }
}
