//! What a page says of itself beside its day: title, author, publisher, language.

use std::collections::HashSet;

use serde_json::Value;
use trafilatura::dom::Document;

use super::declared::Declared;

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
    let meta = [
        "author",
        "article:author_name",
        "byl",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "citation_author",
        "og:author",
        "article:author",
        "creator",
    ];
    let said: Vec<String> = declared.values("author").flat_map(names).collect();
    let metas = meta.iter().map(|key| declared.metas(std::slice::from_ref(key)).map(str::to_owned).collect());
    let marked = || {
        let found = page.iter_descendants(page.root(), &["a", "span", "div", "p", "address", "strong"]);
        let says = |node: &&_| {
            let attribute = |name| page.get_attribute(**node, name).map(|value| value.to_ascii_lowercase());
            let is = |name, words: &[&str]| {
                attribute(name).is_some_and(|value| value.split_whitespace().any(|one| words.contains(&one)))
            };
            is("rel", &["author"])
                || is("itemprop", &["author"])
                || is(
                    "class",
                    &[
                        "author",
                        "byline",
                        "author-name",
                        "byline-name",
                        "vcard",
                        "article-author",
                        "post-author",
                        "autor",
                    ],
                )
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
    for word in ["by ", "von ", "par ", "por ", "di ", "author: ", "autor: ", "written by ", "posted by "] {
        if name.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)) {
            name = name[word.len()..].trim().to_owned();
        }
    }
    let words = name.split_whitespace().count();
    let junk = name.contains(['@', '{', '<', '\u{a9}'])
        || name.contains("://")
        || name.contains("www.")
        || name.chars().any(|c| c.is_ascii_digit())
        || !name.chars().any(char::is_alphabetic)
        || JUNK.iter().any(|junk| name.eq_ignore_ascii_case(junk));
    ((1..=5).contains(&words) && name.len() <= NAME && !junk).then_some(name)
}

/// Names of roles and machines.
const JUNK: &[&str] = &[
    "admin",
    "administrator",
    "author",
    "editor",
    "redaktion",
    "staff",
    "unknown",
    "null",
    "undefined",
    "root",
    "webmaster",
    "user",
    "guest",
    "anonymous",
    "by",
    "none",
    "posted",
    "default",
];

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
        LANGUAGES.iter().find(|(long, _)| *long == code).map_or(code, |(_, short)| *short)
    };
    let seen = seen.map(|info| code(info.lang().code()).to_owned());
    let declared =
        declared.map(|tag| tag.trim().split(['-', '_', ',', ' ']).next().unwrap_or("").to_ascii_lowercase());
    let declared =
        declared.filter(|tag| matches!(tag.len(), 2 | 3) && tag.bytes().all(|b| b.is_ascii_lowercase()));
    seen.or(declared).unwrap_or_else(|| "und".to_owned())
}

/// The codes of ISO 639-3 that have a shorter one, which BCP 47 wants.
const LANGUAGES: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];
