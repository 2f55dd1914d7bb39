//! Finds the article among all that a page shows.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use trafilatura::dom::Document;
use trafilatura::{ExtractionFocus, Options, extract_document};

use super::blocks::{self, Part};

/// Elements for machines: no word of an article is in them, and what is said of the page is read in `declared`.
const MACHINES: &[&str] = &["link", "meta", "script", "style"];

/// The blocks of the article; of all that can be seen, where no article is found.
pub(super) fn find(page: &Document, seen: Vec<Part>) -> Vec<Part> {
    let mut options = Options::default();
    options.focus = ExtractionFocus::FavorPrecision;
    options.exclude_comments = true;
    options.enable_fallback = true;
    let mut copy = page.clone_document();
    copy.strip_elements(copy.root(), true, MACHINES);
    // A page on which it panics is read all the same.
    let found = catch_unwind(AssertUnwindSafe(|| extract_document(copy, &options)));
    let found = match found {
        Ok(Ok(found)) => blocks::of_markup(&found.content_html),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if found.is_empty() { seen } else { as_seen(found, seen) }
}

/// Each block as it stands on the page: what finds the article loses spaces beside links and emphasis, and all
/// that tells a link from words.
fn as_seen(found: Vec<Part>, seen: Vec<Part>) -> Vec<Part> {
    let key = |part: &Part| part.text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let seen: HashMap<String, Part> = seen.into_iter().rev().map(|part| (key(&part), part)).collect();
    found.into_iter().map(|part| seen.get(&key(&part)).cloned().unwrap_or(part)).collect()
}
