//! Web pages: the article's blocks, and what the page says of itself.
//!
//! A page is checked against `limits` before anything parses it, and parsed once. The article is found by a
//! library, `trafilatura` (`article`); what it leaves too much is told in `outside` and, as of any document, in
//! `furniture`. What the page declares for machines (`declared`) gives title, author, publisher and language
//! (`metadata`) and, with its marked elements, its address and its words, the day (`published`).

mod article;
mod blocks;
mod dates;
mod declared;
mod limits;
mod markup;
mod metadata;
mod open;
mod outside;
mod published;
mod refusals;

use std::sync::LazyLock;

use claimline_model::{BlockKind, Date, PublishedBasis};
use trafilatura::dom::Document;

use declared::Declared;
use limits::Trouble;

/// Words of a data file.
type Listed = LazyLock<Vec<&'static str>>;

/// The words that a data file has for a place, in its order.
fn listed(file: &'static str, place: &str) -> Vec<&'static str> {
    claimline_language::rows(file).filter(|[own, _]| *own == place).map(|[_, words]| words).collect()
}

/// What a page holds.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) published: Option<(Date, PublishedBasis)>,
    pub(crate) language: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) blocks: Vec<(BlockKind, String)>,
}

/// Reads a page, which came from the address `from` if that is known.
///
/// # Errors
/// The code and the message of a problem: a page past a limit, or one without an article.
pub(crate) fn read(markup: &str, from: Option<&str>) -> Result<Page, Trouble> {
    limits::check(markup)?;
    let page = Document::parse(markup);
    limits::check_tree(&page)?;
    let mut declared = Declared::of(&page);
    declared.url = declared.url.or_else(|| from.map(str::to_owned));
    let publisher = metadata::publisher(&declared);
    let title = metadata::title(&page, &declared, publisher.as_deref());
    let seen = page.body().map_or_else(Vec::new, |body| blocks::of(&page, body));
    let mut article = article::find(&page, seen.clone());
    outside::mark(&mut article);
    refusals::check(title.as_deref(), &article, &seen)?;
    let blocks: Vec<_> = article.into_iter().map(|part| (part.kind, part.text)).collect();
    let text = blocks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    Ok(Page {
        author: metadata::author(&page, &declared, publisher.as_deref()),
        published: published::find(&page, &declared, &seen),
        language: Some(metadata::language(&text, declared.language.as_deref())),
        url: declared.url,
        title,
        publisher,
        blocks,
    })
}

#[cfg(test)]
mod tests {
    use claimline_model::BlockKind::{Heading, ListItem, Paragraph, Title};
    use jiff::civil::date;

    use super::*;

    /// Paragraphs long enough to be an article.
    fn prose() -> String {
        let one = "The dam above the old town held through the night, and the river fell by two metres before \
                   noon on the next day, said the head of the water board, who had slept in her office.";
        format!("<p>{one}</p>").repeat(6)
    }

    fn page(head: &str, body: &str) -> Page {
        read(&format!("<html lang=en><head>{head}</head><body>{body}</body></html>"), None).unwrap()
    }

    #[test]
    fn a_page_says_who_wrote_what_and_when() {
        let head = r#"<title>Dam holds - Delta Wire</title><link rel="canonical" href="https://delta.example/a/1">
            <meta property="og:site_name" content="Delta Wire"><meta name="author" content="admin">
            <script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "Delta Wire"},
            {"@type": "NewsArticle", "headline": "Dam holds | Delta Wire", "datePublished": "2019-05-23T23:30:00-05:00",
            "dateModified": "2019-06-01", "author": [{"name": "By Ann Lee"}, {"name": "Bo Ruiz"}]}]}</script>"#;
        let page = page(head, &format!("<h1>Dam holds</h1>{}", prose()));
        assert_eq!(page.title.as_deref(), Some("Dam holds"));
        assert_eq!(page.author.as_deref(), Some("Ann Lee, Bo Ruiz"));
        assert_eq!(page.publisher.as_deref(), Some("Delta Wire"));
        assert_eq!(page.language.as_deref(), Some("en"));
        assert_eq!(page.url.as_deref(), Some("https://delta.example/a/1"));
        assert_eq!(page.published, Some((date(2019, 5, 23), PublishedBasis::Metadata)));
    }

    #[test]
    fn a_hundred_authors_are_enough() {
        let letter = |i: usize| char::from(b'a' + u8::try_from(i % 26).unwrap());
        let name = |i| format!("\"Ann L{}{}{}\"", letter(i), letter(i / 26), letter(i / 676));
        let names: Vec<_> = (0..17_000).map(name).collect();
        let head = format!(
            r#"<script type="application/ld+json">{{"@type": "Article", "author": [{}]}}</script>"#,
            names.join(",")
        );
        let author = page(&head, &prose()).author.unwrap();
        assert!(author.starts_with("Ann Laaa, Ann Lbaa, Ann Lcaa"), "{author}");
        assert_eq!(author.split(", ").count(), 100);
    }

    #[test]
    fn lists_are_read_and_say_nothing_twice() {
        for file in [include_str!("days.tsv"), include_str!("authors.tsv"), include_str!("languages.tsv")] {
            let rows: Vec<[&str; 2]> = claimline_language::rows(file).collect();
            assert!(rows.iter().all(|[place, words]| !words.is_empty() && !place.is_empty()));
            let mut once = rows.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), rows.len());
        }
    }

    #[test]
    fn the_day_is_looked_for_where_it_is_surest_first() {
        let meta = r#"<meta property="article:published_time" content="2019-05-23">"#;
        let changed = r#"<meta property="article:modified_time" content="2019-06-01">"#;
        let url = r#"<link rel=canonical href="https://delta.example/2019/05/24/dam">"#;
        let broken = r#"<script type="application/ld+json">{"datePublished": "2019-05-22", oops}</script>"#;
        let time = "<time datetime='2019-05-25' class=published>two days ago</time>";
        let line = "<p>Published on 26 May 2019</p>";
        let comment = "<div class=comments><time datetime='2019-05-27'>Bo</time></div>";
        use PublishedBasis::{Metadata, Text};
        for (head, body, expected) in [
            (format!("{meta}{changed}{url}{broken}"), time, Some((22, Metadata))),
            (format!("{changed}{meta}{url}"), time, Some((23, Metadata))),
            (format!("{changed}{url}"), time, Some((25, Metadata))),
            (url.to_owned(), line, Some((24, Metadata))),
            (String::new(), line, Some((26, Text))),
            (String::new(), comment, None),
            (meta.replace("2019", "3019"), "", None),
        ] {
            let found = page(&head, &format!("{}{body}", prose())).published;
            assert_eq!(found, expected.map(|(day, basis)| (date(2019, 5, day), basis)), "{head} {body}");
        }
        let found = page(changed, &prose()).published;
        assert_eq!(found, Some((date(2019, 6, 1), Metadata)), "what was changed was there");
    }

    #[test]
    fn where_a_page_came_from_stands_for_the_address_that_it_does_not_declare() {
        let markup = format!("<title>Dam holds - delta</title>{}", prose());
        let page = read(&markup, Some("https://delta.example/2019/05/24/dam")).unwrap();
        assert_eq!(page.published, Some((date(2019, 5, 24), PublishedBasis::Metadata)));
        assert_eq!(page.url.as_deref(), Some("https://delta.example/2019/05/24/dam"));
        let markup = format!("<link rel=canonical href='https://delta.example/2019/05/25/dam'>{}", prose());
        let page = read(&markup, Some("https://delta.example/2019/05/24/dam")).unwrap();
        assert_eq!(page.published, Some((date(2019, 5, 25), PublishedBasis::Metadata)));
    }

    #[test]
    fn blocks_keep_their_kinds_and_what_stands_around_them_is_gone() {
        let body = format!(
            "<nav><a href=/>Home</a></nav><article><h1>Dam holds</h1>{}<h2>The night</h2>{}<ul><li>one gate</li></ul>\
             {}<h3>Read more</h3><ul><li><a href=/b>Bridge shut</a></li><li><a href=/c>Ferry late</a></li></ul>\
             </article><footer>(c) Delta Wire</footer>",
            prose(),
            prose(),
            prose()
        );
        let kinds: Vec<_> =
            page("", &body).blocks.into_iter().filter(|(kind, _)| *kind != Paragraph).collect();
        let expected = [(Title, "Dam holds"), (Heading, "The night"), (ListItem, "one gate")];
        assert_eq!(kinds, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn words_beside_links_keep_their_spaces() {
        let text = "The gates of <a href=/d>the dam</a> were <em>not</em> opened, and <a href=/e>nobody</a> asked why.";
        let page = page("", &format!("<article>{}<p>{text}</p>{}</article>", prose(), prose()));
        let plain = "The gates of the dam were not opened, and nobody asked why.";
        assert!(page.blocks.iter().any(|(_, text)| text == plain), "{:?}", page.blocks);
    }

    #[test]
    fn a_page_without_an_article_is_refused() {
        let refused = |title: &str, body: &str| {
            let markup = format!("<title>{title}</title><body>{body}");
            read(&markup, None).map(|page| page.blocks).map_err(|(code, _)| code)
        };
        for (title, body) in [
            ("404 Not Found", "<h1>Not Found</h1><p>nginx</p>"),
            ("Dam holds", "<p>The river fell.</p><p>Subscribe to continue reading.</p>"),
            (
                "Delta Wire",
                "<h1>We value your privacy</h1><p>We and our partners store cookies.</p><button>OK</button>",
            ),
            ("Just a moment...", "<p>Checking your browser before you go on.</p>"),
            ("Empty", ""),
        ] {
            assert_eq!(refused(title, body), Err("not_an_article"), "{title}");
        }
        assert!(refused("404 days of rain", &prose()).is_ok());
        assert!(refused("Brief", "<p>The dam held.</p>").is_ok());
    }
}
