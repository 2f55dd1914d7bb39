//! The day a page was published, from all the places that may say it.
//!
//! Places are asked in the order of how much they can be trusted: JSON-LD, meta elements, marked elements of
//! the page, its address, its words. What is said of a change is kept apart, and taken only where nothing
//! says when the page first stood. A date counts as it is written, with the offset that stands beside it: the
//! day on the calendar of those who wrote it.

use std::sync::LazyLock;

use claimline_model::{Date, PublishedBasis};
use trafilatura::dom::{Document, NodeId};

use super::blocks::Part;
use super::dates::{self, Found, Order};
use super::declared::Declared;
use super::{Listed, listed};

const DAYS: &str = include_str!("days.tsv");
static PUBLISHED: Listed = LazyLock::new(|| listed(DAYS, "meta published"));
static MODIFIED: Listed = LazyLock::new(|| listed(DAYS, "meta changed"));
static ORIGINAL: Listed = LazyLock::new(|| listed(DAYS, "mark published"));
static LIKELY: Listed = LazyLock::new(|| listed(DAYS, "mark day"));
static CHANGED: Listed = LazyLock::new(|| listed(DAYS, "mark changed"));
static ELSEWHERE: Listed = LazyLock::new(|| listed(DAYS, "mark elsewhere"));
static SAID: Listed = LazyLock::new(|| listed(DAYS, "before"));
static CHANGED_WORDS: Listed = LazyLock::new(|| listed(DAYS, "begins changed"));

/// What a page says of its day.
pub(super) fn find(page: &Document, declared: &Declared, seen: &[Part]) -> Option<(Date, PublishedBasis)> {
    let order = Order::of(declared.language.as_deref());
    let day = |text: &str| dates::first(text, order).filter(|found| found.whole).map(|found| found.date);
    let said = |keys: &[&str], names: &[&str]| {
        let texts = keys.iter().flat_map(|key| declared.texts(key));
        texts.chain(declared.metas(names)).find_map(day)
    };
    let original = said(&["datePublished", "dateCreated", "uploadDate"], &PUBLISHED);
    let modified = said(&["dateModified"], &MODIFIED);
    let metadata = |date| (date, PublishedBasis::Metadata);
    // A page can't have been changed before it was there.
    let earlier = |date: Date| modified.map_or(date, |modified| date.min(modified));
    if let Some(date) = original {
        return Some(metadata(date));
    }
    let marks = Marks::of(page, order);
    let address = declared.url.as_deref().and_then(dates::of_address);
    let found = marks.original.or(address).or(marks.likely);
    if let Some(date) = found {
        return Some(metadata(earlier(date)));
    }
    let whole = address_of_any(page);
    if let Some(date) = modified.or(marks.modified).or(whole) {
        return Some(metadata(date));
    }
    words(seen, order).map(|date| (date, PublishedBasis::Text))
}

/// The address in a link of the page to itself, where none is declared as canonical.
fn address_of_any(page: &Document) -> Option<Date> {
    let links = page.iter_descendants(page.root(), &["link"]);
    let itself = |node: &NodeId| {
        page.get_attribute(*node, "rel").is_some_and(|rel| {
            ["shortlink", "alternate", "amphtml"].iter().any(|own| rel.eq_ignore_ascii_case(own))
        })
    };
    links.into_iter().filter(itself).find_map(|node| dates::of_address(&page.get_attribute(node, "href")?))
}

/// What elements of the page say by their attributes or by their classes.
#[derive(Debug, Default)]
struct Marks {
    /// Said to be the day of publication.
    original: Option<Date>,
    /// Said to be a day, and nothing said of what.
    likely: Option<Date>,
    modified: Option<Date>,
}

/// The longest words around a date: more is text.
const LONGEST: usize = 200;

impl Marks {
    fn of(page: &Document, order: Order) -> Self {
        let mut marks = Self::default();
        let root = page.body().unwrap_or_else(|| page.root());
        marks.walk(page, root, order);
        marks
    }

    fn walk(&mut self, page: &Document, node: NodeId, order: Order) {
        for child in page.children(node) {
            let name = ["class", "id", "itemprop", "property"].map(|name| page.get_attribute(child, name));
            let name =
                name.iter().flatten().fold(String::new(), |all, one| all + " " + &one.to_ascii_lowercase());
            let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
            let tag = page.tag_name(child);
            if is(&ELSEWHERE) && !is(&["article", "main", "content"])
                || matches!(tag, "footer" | "aside" | "nav" | "script" | "style")
            {
                continue;
            }
            let marked = tag == "time" || is(&ORIGINAL) || is(&LIKELY) || is(&CHANGED);
            if marked && let Some(date) = day_of(page, child, order) {
                let text = page.text_content(child).to_lowercase();
                let slot =
                    if is(&CHANGED) || CHANGED_WORDS.iter().any(|word| text.trim_start().starts_with(word)) {
                        &mut self.modified
                    } else if is(&ORIGINAL) || page.get_attribute(child, "pubdate").is_some() {
                        &mut self.original
                    } else {
                        &mut self.likely
                    };
                slot.get_or_insert(date);
                continue;
            }
            self.walk(page, child, order);
        }
    }
}

/// The day that an element holds in an attribute or in its words.
fn day_of(page: &Document, node: NodeId, order: Order) -> Option<Date> {
    let attribute = ["datetime", "content", "title", "data-datetime", "data-date", "data-timestamp"]
        .iter()
        .filter_map(|name| page.get_attribute(node, name));
    let whole = |text: &str| dates::first(text, order).filter(|found| found.whole).map(|found| found.date);
    let said = attribute.filter_map(|text| whole(&text)).next();
    said.or_else(|| {
        let text = page.iter_text(node, " ");
        (text.len() <= LONGEST).then(|| whole(&text))?
    })
}

/// The day that the words of the page say: behind a word such as "Published", else the first that is whole, else
/// the first month with its year.
fn words(seen: &[Part], order: Order) -> Option<Date> {
    let found: Vec<(Found, &str)> = seen
        .iter()
        .flat_map(|part| dates::all(&part.text, order).into_iter().map(|found| (found, part.text.as_str())))
        .collect();
    let said = |(found, text): &&(Found, &str)| {
        // The words just before it are enough, and a page of dates alone is not read once for each.
        let start = (found.at.saturating_sub(BEFORE)..=found.at).find(|at| text.is_char_boundary(*at));
        let before = text[start.unwrap_or(found.at)..found.at].to_lowercase();
        let before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
        found.whole && SAID.iter().any(|word| before.ends_with(word))
    };
    let short = |(found, text): &&(Found, &str)| found.whole && text.len() <= LONGEST;
    let first = found.iter().find(said).or_else(|| found.iter().find(short));
    let first = first.or_else(|| found.iter().find(|(found, _)| found.whole)).or_else(|| found.first());
    first.map(|(found, _)| found.date)
}

/// The bytes before a date in which such a word is looked for.
const BEFORE: usize = 40;
