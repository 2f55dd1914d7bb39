//! Feeds of news.

use claimline_stage::Found;
use serde_json::json;

use crate::{folder, gzip, open, run};

#[test]
fn each_entry_of_a_feed_is_a_document() {
    let rss = "<?xml version='1.0' encoding='iso-8859-1'?>\n<rss version='2.0' \
               xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
               <channel><title> Port\n News </title><managingEditor>desk@x.example</managingEditor>\
               <item><title>Cargo</title><guid>1</guid><link>https://x.example/1</link><dc:creator>Ana Lima</dc:creator>\
               <pubDate>Mon, 23 Jun 2025 23:30:00 -0500</pubDate><description>Short.</description>\
               <content:encoded><![CDATA[<p>Caf\u{e9}.</p>]]></content:encoded></item>\
               <item><guid>1</guid><description>Twice.</description></item>\
               <item><link>https://x.example/3</link><comments>https://x.example/c</comments>\
               <pubDate>soon</pubDate><description>Linked.</description></item>\
               <item><description>Bare &lt;b&gt;bold&lt;/b&gt;.</description></item>\
               <item><guid>5</guid><title>No text</title></item></channel></rss>";
    let latin: Vec<u8> = rss.chars().map(|c| c as u8).collect();
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Desk</title><author><name>Desk</name></author>\
                <entry><id>a</id><updated>2025-06-23T00:10:00+02:00</updated><content>Costs < 3.</content></entry>\
                </feed>"
        .replace("< 3", "&lt; 3");
    let rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
               <channel><title>Old</title></channel>\
               <item rdf:about='r'><title>R</title><link>https://x.example/r</link>\
               <description>Resource.</description></item></rdf:RDF>";
    let deep = format!("<rss version='2.0'><channel>{}", "<a>".repeat(100_000));
    let wide = format!("<rss version='2.0' {}/>", "a='' ".repeat(100_000));
    let named = format!("<rss version='2.0'>{}", "<a xmlns:b='c' xmlns:d='e'>".repeat(200));
    let entity = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><rss version='2.0'>\
                  <channel><item><guid>e</guid><description>Bomb &b;</description></item></channel></rss>";
    let broken = |end: &str| {
        let entry = |id| format!("<entry><id>{id}</id><summary>{id}.</summary></entry>");
        format!(
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xmlns='http://www.w3.org/2005/Atom'>{}{}{end}",
            entry(1),
            entry(2)
        )
    };
    let folder = folder(&[
        ("a.xml", &latin),
        ("b.atom", atom.as_bytes()),
        ("c.rdf", rdf.as_bytes()),
        ("d.rss", &latin[..600]),
        ("e.rss", b""),
        ("f.rss", b"Trade grew."),
        ("g.rss", b"<rss version='2.0'><channel><title>None</title></channel></rss>"),
        ("h.rss", deep.as_bytes()),
        ("i.rss", wide.as_bytes()),
        ("j.rss", named.as_bytes()),
        ("k.rss", entity.as_bytes()),
        ("l.atom.gz", &gzip(atom.as_bytes())),
        ("m.atom", broken("<entry><id>3</id><summary>Cut").as_bytes()),
        ("n.atom", broken("<entry><id>3</b><entry><id>4</id></entry></a:feed>").as_bytes()),
        ("o.atom", broken("").as_bytes()),
        ("p.atom", broken(&"<entry>".repeat(300)).as_bytes()),
    ]);
    let expected = [
        "a.xml#1: <p>Caf\u{e9}.</p>",
        "a.xml#1 (2): Twice.",
        "a.xml#https://x.example/3: Linked.",
        "?unreadable_date#https://x.example/3",
        "a.xml#4: Bare <b>bold</b>.",
        "!no_text#5",
        "b.atom#a: Costs < 3.",
        "c.rdf#https://x.example/r: Resource.",
        "d.rss#1: <p>Caf\u{e9}.</p>",
        "d.rss#1 (2): Twice.",
        "!broken",
        "!empty",
        "!broken",
        "!empty",
        "!feed_too_complex",
        "!feed_too_complex",
        "!feed_too_complex",
        "k.rss#e: Bomb &b;",
        "l.atom.gz#a: Costs < 3.",
        "m.atom#1: 1.",
        "m.atom#2: 2.",
        "!broken",
        "n.atom#1: 1.",
        "n.atom#2: 2.",
        "!broken",
        "o.atom#1: 1.",
        "o.atom#2: 2.",
        "!broken",
        "p.atom#1: 1.",
        "p.atom#2: 2.",
        "!feed_too_complex",
    ];
    assert_eq!(run("files", folder.path(), json!({ "paths": ["."] })), expected);
    let few = run("files", folder.path(), json!({ "paths": ["a.xml"], "max_members": 2 }));
    assert_eq!(few, [expected[0], expected[1], "!too_many_members"]);
    let big = run("files", folder.path(), json!({ "paths": ["a.xml"], "max_bytes": 500 }));
    assert_eq!(big, ["!file_too_big"]);

    let first = |path: &str| {
        let source = open("files", folder.path(), json!({ "paths": [path] })).unwrap();
        let Some(Found::Raw(raw)) = source.read().next() else { panic!("an entry") };
        source.decode(raw).unwrap().document
    };
    let (cargo, costs) = (first("a.xml"), first("b.atom"));
    assert_eq!(cargo.media_type, "text/html");
    let said = [&cargo.title, &cargo.author, &cargo.publisher, &cargo.url].map(|said| said.as_deref());
    assert_eq!(said, [Some("Cargo"), Some("Ana Lima"), Some("Port News"), Some("https://x.example/1")]);
    assert_eq!(cargo.published.unwrap().to_string(), "2025-06-23", "the day of its own offset");
    assert_eq!((costs.media_type.as_str(), costs.author.as_deref()), ("text/plain", Some("Desk")));
    assert_eq!(costs.published.unwrap().to_string(), "2025-06-23");
}
