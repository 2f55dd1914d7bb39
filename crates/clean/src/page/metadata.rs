//! What a page says of itself beside its day: title, author, publisher, language.

use std::collections::HashSet;
use std::sync::LazyLock;

use claimline_language::rows;
use serde_json::Value;
use trafilatura::dom::Document;

use super::declared::Declared;
use super::{Listed, listed};

const WRITERS: &str = include_str!("authors.tsv");
static AUTHOR_KEYS: Listed = LazyLock::new(|| listed(WRITERS, "meta"));
static AUTHOR_CLASSES: Listed = LazyLock::new(|| listed(WRITERS, "class"));
static BEFORE_NAME: Listed = LazyLock::new(|| listed(WRITERS, "before"));
static NOBODY: Listed = LazyLock::new(|| listed(WRITERS, "nobody"));

/// The name of the site, or of who publishes it.
pub(super) fn publisher(declared: &Declared) -> Option<String> {
    let site = declared.meta(&["og:site_name"]);
    let named = declared.values("publisher").find_map(|publisher| names(publisher).into_iter().next());
    let meta = ["dc.publisher", "dcterms.publisher", "publisher", "citation_publisher", "application-name"];
    let said = site.map(str::to_owned).or(named).or(declared.meta(&meta).map(str::to_owned));
    said.map(|name| line(&name))
        .filter(|name| !name.is_empty() && name.len() <= NAME && !name.contains("://"))
}

/// No name is longer than this, in bytes.
const NAME: usize = 120;
/// The most names of authors that are kept.
const AUTHORS: usize = 100;
/// No headline is longer than this, in bytes.
const HEADLINE: usize = 400;
/// What stands between a headline and the name of the site.
const BARS: &[&str] = &[
    " | ",
    " - ",
    " \u{2013} ",
    " \u{2014} ",
    " \u{b7} ",
    " \u{bb} ",
    " \u{ab} ",
    " :: ",
    ": ",
    " / ",
    " \u{2022} ",
];

/// The headline, without the site's name.
pub(super) fn title(page: &Document, declared: &Declared, publisher: Option<&str>) -> Option<String> {
    let usable = |text: String| Some(line(&text)).filter(|text| !text.is_empty() && text.len() <= HEADLINE);
    let element = declared.title.clone().and_then(usable);
    let headings = page.iter_descendants(page.root(), &["h1"]);
    let headings: Vec<String> =
        headings.into_iter().filter_map(|h1| usable(page.iter_text(h1, " "))).collect();
    // The heading that the title element begins with is the headline; the other may be the site's name.
    let within = |heading: &&String| {
        element.as_ref().is_some_and(|element| folded(element).contains(&folded(heading)))
            && publisher.is_none_or(|publisher| folded(publisher) != folded(heading))
    };
    let said = declared.texts("headline").chain(declared.metas(&[
        "og:title",
        "twitter:title",
        "dc.title",
        "dcterms.title",
    ]));
    let said =
        said.filter_map(|text| usable(unescaped(text))).map(|text| without_site(&text, publisher, declared));
    let said: Vec<String> = said.filter(|text| !text.is_empty()).collect();
    let heading = headings.iter().find(within);
    if let Some(heading) =
        heading.filter(|heading| said.iter().any(|said| folded(said).contains(&folded(heading))))
    {
        return Some(heading.clone());
    }
    said.into_iter()
        .next()
        .or(heading.cloned())
        .or(element.map(|text| without_site(&text, publisher, declared)))
        .or(headings.into_iter().next())
        .filter(|title| !title.is_empty())
}

/// A title without the part that is the site's name, or that says it by the words of its address.
fn without_site(title: &str, publisher: Option<&str>, declared: &Declared) -> String {
    let host = declared.url.as_deref().and_then(|url| url.split("//").nth(1)?.split('/').next());
    let host: String = host.unwrap_or("").trim_start_matches("www.").replace(['.', '-'], "");
    let is_site = |part: &str| {
        let part = folded(part);
        let glued = part.replace(' ', "");
        !part.is_empty()
            && (publisher.is_some_and(|publisher| folded(publisher) == part)
                || (glued.len() >= 4 && host.starts_with(&glued)))
    };
    let mut rest = title;
    loop {
        let cut = BARS.iter().find_map(|bar| {
            let tail = rest.rsplit_once(bar).filter(|(_, tail)| is_site(tail)).map(|(head, _)| head);
            tail.or_else(|| rest.split_once(bar).filter(|(head, _)| is_site(head)).map(|(_, tail)| tail))
        });
        match cut {
            Some(shorter) if !shorter.trim().is_empty() => rest = shorter.trim(),
            _ => return rest.to_owned(),
        }
    }
}

/// Who wrote it, a comma between names.
pub(super) fn author(page: &Document, declared: &Declared, publisher: Option<&str>) -> Option<String> {
    let said: Vec<String> = declared.values("author").flat_map(names).collect();
    let metas =
        AUTHOR_KEYS.iter().map(|key| declared.metas(std::slice::from_ref(key)).map(str::to_owned).collect());
    let marked = || {
        let found = page.iter_descendants(page.root(), &["a", "span", "div", "p", "address", "strong"]);
        let says = |node: &&_| {
            let attribute = |name| page.get_attribute(**node, name).map(|value| value.to_ascii_lowercase());
            let is = |name, words: &[&str]| {
                attribute(name).is_some_and(|value| value.split_whitespace().any(|one| words.contains(&one)))
            };
            is("rel", &["author"]) || is("itemprop", &["author"]) || is("class", &AUTHOR_CLASSES)
        };
        let node = found.iter().find(says);
        node.map(|node| page.iter_text(*node, " ")).into_iter().collect()
    };
    std::iter::once(said).chain(metas).chain(std::iter::once_with(marked)).find_map(|names| {
        let mut kept: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = publisher.map(folded).into_iter().collect();
        let names = names.iter().flat_map(|names| split(names)).filter_map(name_of);
        kept.extend(names.filter(|name| seen.insert(folded(name))).take(AUTHORS));
        (!kept.is_empty()).then(|| kept.join(", "))
    })
}

/// Names that stand in one text.
fn split(names: &str) -> Vec<&str> {
    let separated = names.split([',', ';', '|', '/', '&']);
    separated.flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" und ")).collect()
}

/// A name without the word before it; none for what is no name.
fn name_of(text: &str) -> Option<String> {
    let mut name = line(&unescaped(text));
    for word in BEFORE_NAME.iter() {
        let head = name.split_at_checked(word.len()).filter(|(head, _)| head.eq_ignore_ascii_case(word));
        if let Some(rest) = head.and_then(|(_, rest)| rest.strip_prefix(' ')) {
            name = rest.trim().to_owned();
        }
    }
    let words = name.split_whitespace().count();
    let junk = name.contains(['@', '{', '<', '\u{a9}'])
        || name.contains("://")
        || name.contains("www.")
        || name.chars().any(|c| c.is_ascii_digit())
        || !name.chars().any(char::is_alphabetic)
        || NOBODY.iter().any(|nobody| name.eq_ignore_ascii_case(nobody));
    ((1..=5).contains(&words) && name.len() <= NAME && !junk).then_some(name)
}

/// The names in an author or a publisher of JSON-LD.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(values) => values.iter().flat_map(names).collect(),
        Value::Object(object) => object.get("name").map(names).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// White space as single spaces.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// JSON-LD and attributes are sometimes escaped twice.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let page = Document::parse(text);
    page.text_content(page.root())
}

fn folded(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The language of a text as a BCP 47 code: what it looks like, where that is clear, else what the page
/// declares, else `und`.
pub(super) fn language(text: &str, declared: Option<&str>) -> String {
    /// A look at so many characters is enough.
    const ENOUGH: usize = 4_000;
    let head = text.char_indices().nth(ENOUGH).map_or(text, |(at, _)| &text[..at]);
    let seen = whatlang::detect(head).filter(whatlang::Info::is_reliable);
    let code = |code: &'static str| {
        let short = rows(include_str!("languages.tsv")).find(|[long, _]| *long == code);
        short.map_or(code, |[_, short]| short)
    };
    let seen = seen.map(|info| code(info.lang().code()).to_owned());
    let declared =
        declared.map(|tag| tag.trim().split(['-', '_', ',', ' ']).next().unwrap_or("").to_ascii_lowercase());
    let declared =
        declared.filter(|tag| matches!(tag.len(), 2 | 3) && tag.bytes().all(|b| b.is_ascii_lowercase()));
    seen.or(declared).unwrap_or_else(|| "und".to_owned())
}
