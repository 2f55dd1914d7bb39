//! Web archives.

use std::io::Write;

use claimline_stage::Found;
use claimline_stage::model::PublishedBasis;
use serde_json::json;

use crate::{folder, gzip, open, run};

/// A record with these header lines and this block.
fn record(header: &str, block: &[u8]) -> Vec<u8> {
    let header = header.replace('\n', "\r\n");
    let head = format!("WARC/1.1\r\n{header}\r\nContent-Length: {}\r\n\r\n", block.len());
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// What a server answered: the status and the header lines, and the body.
fn answer(id: &str, header: &str, body: &[u8]) -> Vec<u8> {
    let http = format!("HTTP/1.1 {}\r\n\r\n", header.replace('\n', "\r\n"));
    let named = format!(
        "WARC-Type: response\nWARC-Record-ID: <urn:{id}>\nWARC-Target-URI: https://x.example/{id}\n\
         Content-Type: application/http; msgtype=response"
    );
    record(&named, &[http.as_bytes(), body].concat())
}

fn page(id: &str, body: &[u8]) -> Vec<u8> {
    answer(id, "200 OK\nContent-Type: text/html", body)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// As brotli has what it can't make smaller (<https://www.rfc-editor.org/rfc/rfc7932#section-9.2>).
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let head = ((bytes.len() - 1) as u32) << 4 | 1 << 20;
    [&head.to_le_bytes()[..3], bytes, &[3]].concat()
}

/// Bytes with one string in them replaced.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

#[test]
fn each_answer_that_is_read_is_a_document() {
    let html = "200 OK\ncontent-type: text/html";
    let archive = [
        record("WARC-Type: warcinfo\nContent-Type: application/warc-fields", b"software: crawler\r\n"),
        record("WARC-Type: request\nContent-Type: application/http", b"GET / HTTP/1.1\r\n\r\n"),
        page("plain", b"<p>Trade grew.</p>"),
        answer(
            "folded",
            "200\nContent-Type:\n text/html;\n\tCharset=\"windows-1251\"",
            b"<p>\xCC\xE8\xF0</p>",
        ),
        answer("two", "200 OK\nContent-Type: text/plain\nX-\u{e9}: caf\u{e9}", b"Text."),
        answer("gzip", &format!("{html}\nContent-Encoding: gzip"), &gzip(b"<p>Packed.</p>")),
        answer("undone", &format!("{html}\nContent-Encoding: br"), b"<p>Unpacked by the crawler.</p>"),
        answer("zlib", &format!("{html}\nContent-Encoding: deflate"), &zlib(b"<p>Zlib.</p>")),
        answer("bare", &format!("{html}\nContent-Encoding: deflate"), &deflate(b"<p>Bare.</p>")),
        answer("br", &format!("{html}\nContent-Encoding: br"), &brotli(b"<p>Brotli.</p>")),
        answer("both", &format!("{html}\nContent-Encoding: deflate, gzip"), &gzip(&zlib(b"<p>Both.</p>"))),
        answer("odd", &format!("{html}\nContent-Encoding: sdch"), b"\xFF\xFE\xFD"),
        answer(
            "chunked",
            &format!("{html}\nTransfer-Encoding: Chunked"),
            b"5;a=b\r\n<p>On\r\nA \r\ne chunk an\r\n7\nd more.\n0\r\n\r\n",
        ),
        answer("joined", &format!("{html}\nTransfer-Encoding: chunked"), b"<p>Joined by the crawler.</p>"),
        answer("pdf", "200 OK\nContent-Type: application/octet-stream", b"%PDF-1.7"),
        answer("font", "200 OK\nContent-Type: application/octet-stream", b"wOFF\0\0"),
        answer("sitemap", "200 OK\nContent-Type: text/xml", b"<?xml version='1.0'?><urlset/>"),
        answer(
            "feed",
            "200 OK\nContent-Type: text/xml",
            b"<?xml version='1.0'?><rss version='2.0'><channel><item><guid>1</guid><description>News.\
              </description></item></channel></rss>",
        ),
        answer("picture", "200 OK\nContent-Type: image/png", b"\x89PNG"),
        answer("script", "200 OK\nContent-Type: text/javascript", b"let a = 1"),
        answer("robots.txt", "200 OK\nContent-Type: text/plain", b"User-agent: *"),
        answer("moved", "301 Moved\nContent-Type: text/html", b"<p>Moved.</p>"),
        answer("gone", "404 Not Found\nContent-Type: text/html", b"<p>Gone.</p>"),
        answer("lost.png", "404 Not Found\nContent-Type: image/png", b"\x89PNG"),
        replaced(
            &answer("cut", "200 OK\nContent-Type: text/plain", b"Not all."),
            "WARC-Type",
            "WARC-Truncated: length\r\nWARC-Type",
        ),
        replaced(&page("again", b"<p>The same record again.</p>"), "urn:again", "urn:plain"),
        replaced(&page("http2", b"<p>Two.</p>"), "HTTP/1.1", "HTTP/2  "),
        record(
            "WARC-Type: response\nWARC-Record-ID: <urn:dns>\nContent-Type: text/dns",
            b"x.example. 1 IN A 192.0.2.1",
        ),
        record(
            "WARC-Type: revisit\nContent-Type: application/http",
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        ),
        record("WARC-Type: resource\nContent-Type: text/plain", b"A resource."),
        record(
            "warc-type: conversion\nwarc-target-uri: <https://x.example/c>\ncontent-type: text/plain",
            b"Converted.",
        ),
        record("WARC-Type: metadata\nContent-Type: application/warc-fields", b"via: x\r\n"),
    ];
    let members: Vec<u8> = archive.iter().flat_map(|record| gzip(record)).collect();
    let folder =
        folder(&[("a.warc", &archive.concat()), ("b.warc.gz", &members), ("c", &gzip(&archive.concat()))]);
    let of = |name: &str| {
        [
            "#urn:plain: <p>Trade grew.</p>",
            "#urn:folded: <p>\u{41c}\u{438}\u{440}</p>",
            "#urn:two: Text.",
            "#urn:gzip: <p>Packed.</p>",
            "#urn:undone: <p>Unpacked by the crawler.</p>",
            "#urn:zlib: <p>Zlib.</p>",
            "#urn:bare: <p>Bare.</p>",
            "#urn:br: <p>Brotli.</p>",
            "#urn:both: <p>Both.</p>",
            "!unsupported_format#urn:odd",
            "#urn:chunked: <p>One chunk and more.",
            "#urn:joined: <p>Joined by the crawler.</p>",
            "!broken#urn:pdf",
            "#urn:feed/1: News.",
            "!not_an_article#urn:gone",
            "#urn:cut: Not all.",
            "?truncated#urn:cut",
            "#urn:plain (2): <p>The same record again.</p>",
            "#urn:http2: <p>Two.</p>",
            "#30: A resource.",
            "#31: Converted.",
        ]
        .map(|line| if line.starts_with('#') { format!("{name}{line}") } else { line.to_owned() })
    };
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(found, [of("a.warc"), of("b.warc.gz"), of("c")].concat());
    let few = run("files", folder.path(), json!({ "paths": ["a.warc"], "max_members": 2 }));
    assert_eq!(few, [&of("a.warc")[..2], &["!too_many_members".to_owned()]].concat());

    let source = open("files", folder.path(), json!({ "paths": ["a.warc"] })).unwrap();
    let urls = source.read().filter_map(|found| match found {
        Found::Raw(raw) => Some(source.decode(raw).ok()?.document),
        _ => None,
    });
    let said: Vec<_> =
        urls.map(|document| (document.url, document.media_type, document.published_basis)).collect();
    let expected = |url: &str, of: &str| (Some(url.into()), of.into(), PublishedBasis::None);
    assert_eq!(said[0], expected("https://x.example/plain", "text/html"));
    assert_eq!(said.last(), Some(&expected("https://x.example/c", "text/plain")));
    assert_eq!(said.iter().filter(|(url, ..)| url.is_none()).count(), 1, "a resource of no address");
}

#[test]
fn what_is_broken_takes_nothing_from_what_is_not() {
    let good = |id: &str| page(id, format!("<p>{id}</p>").as_bytes());
    let of_length = |length: &str| {
        let length = format!("Content-Length: {length}");
        [replaced(&good("wrong"), "Content-Length: 56", &length), good("b")].concat()
    };
    let header = |line: &[u8]| [b"WARC/1.1\r\n", line, b"\r\nContent-Length: 0\r\n\r\n"].concat();
    let odd = b"\xFF\xFE: \xC3\x28\r\nno colon\r\n: \r\nWARC-Type: \xE9\r\nWARC-Record-ID: <\xE9>";
    let html = "200 OK\nContent-Type: text/html";
    let long = vec![b'x'; 200_000];
    let zeros = vec![b'0'; 30 << 20];
    let cases: &[(Vec<u8>, &[&str])] = &[
        (of_length("50"), &["#urn:wrong: <p>wro", "!broken#urn:wrong", "#urn:b: <p>b</p>"]),
        (of_length("20"), &["!empty#urn:wrong", "!broken#urn:wrong", "#urn:b: <p>b</p>"]),
        (of_length("0"), &["!broken#urn:wrong", "#urn:b: <p>b</p>"]),
        (of_length("99999"), &["!truncated#urn:wrong"]),
        (of_length("18446744073709551615"), &["!truncated#urn:wrong"]),
        (of_length("18446744073709551616"), &["!broken#urn:wrong", "#urn:b: <p>b</p>"]),
        (of_length("-1"), &["!broken#urn:wrong", "#urn:b: <p>b</p>"]),
        ([header(&long), good("b")].concat(), &["!broken#1", "#urn:b: <p>b</p>"]),
        ([header(odd), good("b")].concat(), &["#urn:b: <p>b</p>"]),
        (
            [answer("a", &format!("{html}\nSet-Cookie: {}", "x".repeat(70_000)), b""), good("b")].concat(),
            &["!broken#urn:a", "#urn:b: <p>b</p>"],
        ),
        (
            [answer("a", "OK", b""), answer("b", "OK\nContent-Type: text/html", b"")].concat(),
            &["!broken#urn:a", "!broken#urn:b"],
        ),
        ([answer("a", html, b""), good("b")].concat(), &["!empty#urn:a", "#urn:b: <p>b</p>"]),
        ([page("a", &long[..40_000]), good("b")].concat(), &["!file_too_big#urn:a", "#urn:b: <p>b</p>"]),
        (
            [good("a"), long.clone(), b"\n".to_vec(), good("b")].concat(),
            &["#urn:a: <p>a</p>", "!broken#urn:a", "#urn:b: <p>b</p>"],
        ),
        ([good("a"), good("b")[..30].to_vec()].concat(), &["#urn:a: <p>a</p>", "!truncated#2"]),
        ([good("a"), good("b")[..200].to_vec()].concat(), &["#urn:a: <p>a</p>", "!truncated#urn:b"]),
        ([gzip(&good("a")), gzip(&good("b"))[..60].to_vec()].concat(), &["#urn:a: <p>a</p>", "!truncated#2"]),
        (gzip(&[page("a", &zeros), good("b")].concat()), &["!expands_too_much#urn:a"]),
        (
            [answer("a", &format!("{html}\nContent-Encoding: deflate"), &zlib(&zeros)), good("b")].concat(),
            &["!file_too_big#urn:a", "#urn:b: <p>b</p>"],
        ),
        (
            [answer("a", &format!("{html}\nContent-Encoding: br"), &[0xFF; 30]), good("b")].concat(),
            &["!unreadable#urn:a", "#urn:b: <p>b</p>"],
        ),
        (
            [answer("a", &format!("{html}\nContent-Encoding: gzip"), &gzip(b"<p>a</p>")[..20]), good("b")]
                .concat(),
            &["!truncated#urn:a", "#urn:b: <p>b</p>"],
        ),
        (b"no archive".to_vec(), &["!broken"]),
        (b"WARC/1.0".to_vec(), &["!truncated#1"]),
        (b"WARC/1.0\r\n\r\n".to_vec(), &["!broken#1"]),
        (b"\r\n\r\n".to_vec(), &["!broken"]),
        (record("WARC-Type: warcinfo", b"alone"), &["!empty"]),
    ];
    for (archive, expected) in cases {
        let folder = folder(&[("a.warc", archive)]);
        let found = run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 20_000 }));
        let found: Vec<_> = found.iter().map(|line| line.trim_start_matches("a.warc")).collect();
        assert_eq!(found, *expected, "{}", archive[..archive.len().min(300)].escape_ascii());
    }
}

#[test]
fn what_was_read_before_a_cut_stays() {
    let whole = [page("a", b"<p>A.</p>"), page("b", b"<p>B.</p>"), page("c", b"<p>C.</p>")];
    let ends: Vec<usize> = whole
        .iter()
        .scan(0, |end, record| {
            *end += record.len();
            Some(*end)
        })
        .collect();
    for cut in 9..ends[2] {
        let folder = folder(&[("a.warc", &whole.concat()[..cut])]);
        let found = run("files", folder.path(), json!({ "paths": ["."] }));
        // The blank lines behind a record are no part of it.
        let read = ends.iter().filter(|end| cut >= **end - 4).count();
        let kept = found.iter().filter(|line| line.contains(": <p>")).count();
        let between = ends.iter().any(|end| (end - 4..=*end).contains(&cut));
        assert_eq!((kept, found.len()), (read, read + usize::from(!between)), "{cut}: {found:?}");
        assert!(
            between || found[read].starts_with("!truncated") || found[read].starts_with("!broken"),
            "{found:?}"
        );
    }
}

#[test]
fn no_flipped_bit_is_a_panic() {
    let archive = [
        answer("a", "200 OK\nContent-Type: text/html\nContent-Encoding: gzip", &gzip(b"<p>Packed.</p>")),
        answer("b", "200 OK\nContent-Type: text/plain\nTransfer-Encoding: chunked", b"3\r\nTwo\r\n0\r\n\r\n"),
        page("c", b"<p>C.</p>"),
    ]
    .concat();
    for at in (0..archive.len() * 8).step_by(3) {
        let mut flipped = archive.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        let folder = folder(&[("a.warc", &flipped)]);
        assert_ne!(run("files", folder.path(), json!({ "paths": ["."] })), [""; 0], "{at}");
    }
}
