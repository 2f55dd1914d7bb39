//! What a page declares for machines: its meta elements, its JSON-LD, its links.

use serde_json::{Map, Value};
use trafilatura::dom::{Document, NodeId};

/// The declarations of a page, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Meta elements: `property`, `name`, `itemprop` or `http-equiv` in lower case, and `content`.
    metas: Vec<(String, String)>,
    /// The objects of JSON-LD that are about the page, articles first.
    objects: Vec<Map<String, Value>>,
    /// JSON-LD that is no JSON.
    broken: Vec<String>,
    /// The `lang` of the page.
    pub(super) language: Option<String>,
    /// The address that the page says it has.
    pub(super) url: Option<String>,
    /// The page's `title` element.
    pub(super) title: Option<String>,
}

/// Types of schema.org whose words are about a piece of writing.
const ARTICLES: &[&str] = &["Article", "BlogPosting", "Report", "Posting", "Review", "Recipe"];

impl Declared {
    pub(super) fn of(page: &Document) -> Self {
        let mut declared = Self::default();
        for node in page.iter_descendants(page.root(), &["html", "meta", "link", "script", "title"]) {
            declared.element(page, node);
        }
        let is_article = |object: &Map<String, Value>| {
            let named =
                |one: &Value| one.as_str().is_some_and(|one| ARTICLES.iter().any(|a| one.ends_with(a)));
            match object.get("@type") {
                Some(Value::Array(types)) => types.iter().any(named),
                Some(one) => named(one),
                None => false,
            }
        };
        declared.objects.sort_by_key(|object| !is_article(object));
        let url = declared.meta(&["og:url"]).map(str::to_owned);
        declared.url = declared.url.filter(|url| is_address(url)).or(url.filter(|url| is_address(url)));
        declared
    }

    fn element(&mut self, page: &Document, node: NodeId) {
        let attribute = |name| page.get_attribute(node, name).filter(|value| !value.trim().is_empty());
        match page.tag_name(node) {
            "html" => {
                self.language = self.language.take().or_else(|| attribute("lang").or(attribute("xml:lang")))
            }
            "title" if self.title.is_none() => self.title = Some(page.text_content(node)),
            "meta" => {
                let Some(content) = attribute("content") else { return };
                let keys = ["property", "name", "itemprop", "http-equiv"].map(attribute);
                let keys = keys.into_iter().flatten();
                self.metas.extend(keys.map(|key| (key.to_ascii_lowercase(), content.trim().to_owned())));
            }
            "link" if self.url.is_none() => {
                let canonical = attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"));
                self.url = attribute("href").filter(|_| canonical);
            }
            "script"
                if attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) =>
            {
                let text = page.text_content(node);
                let text = text.trim().trim_end_matches(';');
                match serde_json::from_str(text) {
                    Ok(value) => self.take_in(value),
                    Err(_) => self.broken.push(text.to_owned()),
                }
            }
            _ => {}
        }
    }

    /// Takes in the objects that are about the page, and not about what it links to.
    fn take_in(&mut self, value: Value) {
        match value {
            Value::Array(values) => values.into_iter().for_each(|value| self.take_in(value)),
            Value::Object(mut object) => {
                for key in ["@graph", "mainEntity"] {
                    if let Some(inner) = object.remove(key) {
                        self.take_in(inner);
                    }
                }
                self.objects.push(object);
            }
            _ => {}
        }
    }

    /// The first meta element of one of these keys, in the order of the keys.
    pub(super) fn meta(&self, keys: &[&str]) -> Option<&str> {
        keys.iter()
            .find_map(|key| self.metas.iter().find(|(own, _)| own == key).map(|(_, content)| &**content))
    }

    /// The meta elements of these keys, in the order of the keys.
    pub(super) fn metas<'d>(&'d self, keys: &'d [&str]) -> impl Iterator<Item = &'d str> {
        keys.iter().flat_map(move |key| {
            self.metas.iter().filter(move |(own, _)| own == key).map(|(_, content)| content.as_str())
        })
    }

    /// The values of a key of JSON-LD.
    pub(super) fn values<'d>(&'d self, key: &'d str) -> impl Iterator<Item = &'d Value> {
        self.objects.iter().filter_map(move |object| object.get(key))
    }

    /// The texts of a key of JSON-LD, from what is broken as well.
    pub(super) fn texts<'d>(&'d self, key: &'d str) -> impl Iterator<Item = &'d str> {
        let whole = self.values(key).filter_map(Value::as_str);
        whole.chain(self.broken.iter().filter_map(move |text| loose(text, key)))
    }
}

/// The text of a key in what is almost JSON.
fn loose<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.match_indices(key).find_map(|(at, _)| {
        let value = text[at + key.len()..].strip_prefix('"')?.trim_start().strip_prefix(':')?;
        let value = value.trim_start().strip_prefix('"')?;
        value.find('"').map(|end| &value[..end])
    })
}

/// Whether a text is an address that leads to one page, and not to a site's front.
fn is_address(url: &str) -> bool {
    let path = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    path.and_then(|path| path.split_once('/'))
        .is_some_and(|(host, path)| host.contains('.') && !path.is_empty())
        && !url.contains(char::is_whitespace)
}
