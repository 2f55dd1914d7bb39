//! The sources over files on a disk, through the door that the engine uses.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[cfg(feature = "parquet")]
mod columns;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use claimline_ingest::registrations;
use claimline_stage::model::{Offsets, Severity, Span};
use claimline_stage::{Context, Decoded, Door, Found, OptionError, Source};
use serde_json::{Value, json};

fn open(name: &str, base: &Path, options: Value) -> Result<Box<dyn Source>, OptionError> {
    let registration = registrations().into_iter().find(|r| r.name == name).unwrap();
    let Door::Source(open) = registration.door else { panic!("{name} is a source") };
    open(options, &Context { base: base.to_owned(), ..Context::default() })
}

/// What a source makes of its input, a line each: `path#member: text`, or `!code` and `?code` for
/// errors and warnings.
fn run(name: &str, base: &Path, options: Value) -> Vec<String> {
    let source = open(name, base, options).unwrap();
    let mut lines = Vec::new();
    let mut consumed = 0;
    for found in source.read() {
        match found {
            Found::Raw(raw) => {
                consumed += raw.consumed;
                let origin = raw.origin.clone();
                let member = origin.member.as_deref().map(|m| format!("#{m}")).unwrap_or_default();
                match source.decode(raw) {
                    Ok(decoded) => {
                        check_blocks(&decoded);
                        lines.push(format!("{}{member}: {}", origin.path, decoded.document.text));
                        lines.extend(decoded.warnings.iter().map(|w| format!("?{}{member}", w.code)));
                    }
                    Err(problem) => lines.push(format!("!{}{member}", problem.code)),
                }
            }
            Found::Document(decoded) => panic!("{} needs no decoding", decoded.document.doc_id),
            Found::Lost(problem) => {
                assert_eq!(problem.severity, Severity::Error);
                let member = problem.member.as_deref().map(|m| format!("#{m}")).unwrap_or_default();
                lines.push(format!("!{}{member}", problem.code));
            }
            Found::Warning(problem) => lines.push(format!("?{}", problem.code)),
        }
    }
    if lines.iter().any(|line| line.contains(": ")) && !lines.last().is_some_and(|l| l.starts_with('!')) {
        let bytes: Option<u64> = source.inputs().map(|files| files.map(|file| file.bytes).sum());
        assert_eq!(bytes, Some(consumed), "{lines:?}");
    }
    lines
}

/// Every block's text is what its span covers.
fn check_blocks(decoded: &Decoded) {
    let text = &decoded.document.text;
    let offsets = Offsets::new(text);
    for block in &decoded.blocks {
        let span = Span::new(block.char_start.unwrap(), block.char_end.unwrap());
        assert_eq!(&text[offsets.bytes(span)], block.text);
        assert!(block.kept && block.doc_id == decoded.document.doc_id);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn files_are_found_once_in_the_order_of_their_names() {
    let folder = folder(&[
        ("news/b.txt", b"B."),
        ("news/a/z.txt", b"Z."),
        ("news/a/c.md", b"# C\n\nc."),
        ("news/.hidden.txt", b"no"),
        ("other/d.txt", b"D."),
    ]);
    let base = folder.path();
    let all = ["news/a/c.md: # C\n\nc.", "news/a/z.txt: Z.", "news/b.txt: B.", "other/d.txt: D."];
    let cases: &[(Value, &[&str])] = &[
        (json!(["news", "other"]), &all),
        (json!(["news/**/*", "news/b.txt", "other/d.txt"]), &all),
        (json!(["./other/../news/*.txt"]), &["b.txt: B."]),
        (json!(["news/b.txt"]), &["b.txt: B."]),
        (json!(["news/*/[xyz].txt"]), &["a/z.txt: Z."]),
        (json!(["news/.*"]), &[".hidden.txt: no"]),
        (json!(["news/*.rst", "news/b.txt"]), &["?no_match", "b.txt: B."]),
        (json!(["gone/*.txt"]), &["?no_match"]),
    ];
    for (paths, expected) in cases {
        assert_eq!(run("files", base, json!({ "paths": paths })), *expected, "{paths}");
    }
}

#[test]
fn what_can_not_be_opened_is_refused_at_its_place() {
    let folder = folder(&[("a.txt", b"A.")]);
    for (name, options, at) in [
        ("files", json!({ "paths": ["a.txt", "gone.txt"] }), "/paths/1"),
        ("files", json!({ "paths": [] }), "/paths"),
        ("files", json!({ "paths": ["[a.txt"] }), "/paths/0"),
        ("files", json!({ "paths": ["a.txt"], "published": "soon" }), "/published"),
        ("files", json!({ "paths": ["a.txt"], "formats": ["%Q%"] }), "/formats/0"),
        ("csv", json!({ "paths": ["a.txt"], "delimiter": "é" }), "/delimiter"),
    ] {
        let error = open(name, folder.path(), options.clone()).err().unwrap_or_else(|| panic!("{options}"));
        assert_eq!(error.at, at, "{error}");
    }
}

#[test]
fn each_bad_file_is_one_row_and_the_others_are_unharmed() {
    let packed = gzip(&b"Packed, and long enough to be cut. ".repeat(40));
    let folder = folder(&[
        ("a-cut.txt.gz", &packed[..packed.len() - 20]),
        ("b-empty.txt", b""),
        ("c-latin.txt", b"Le caf\xE9 de Gen\xE8ve a ferm\xE9."),
        ("d-page.html", b"<html></html>"),
        ("e-page.txt", b"<html></html>"),
        ("f-binary", b"\x01\x02\0\x03"),
        ("g-big.txt", &[b'x'; 3000]),
        ("h-feed.jsonl", b"{}"),
        ("h-named.txt.gz", b"not packed"),
        ("i-zst.txt.zst", &zstd::encode_all(&b"Also packed."[..], 1).unwrap()),
        ("j-gz.txt.gz", &gzip(b"Packed.")),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 2000 }));
    assert_eq!(
        found,
        [
            "!truncated",
            "!empty",
            "c-latin.txt: Le café de Genève a fermé.",
            "?charset",
            "d-page.html: <html></html>",
            "e-page.txt: <html></html>",
            "!unsupported_format",
            "!file_too_big",
            "!unsupported_format",
            "!unreadable",
            "i-zst.txt.zst: Also packed.",
            "j-gz.txt.gz: Packed.",
        ]
    );
}

/// A mail with these headers and this body.
fn mail(headers: &str, body: &str) -> Vec<u8> {
    format!("{headers}\nMIME-Version: 1.0\n\n{body}").replace('\n', "\r\n").into_bytes()
}

/// A mail of several parts, each with its own headers.
fn parts(headers: &str, parts: &[&str]) -> Vec<u8> {
    let parts: String = parts.iter().map(|part| format!("--cut\n{part}\n")).collect();
    mail(&format!("{headers}\nContent-Type: multipart/mixed; boundary=cut"), &format!("{parts}--cut--\n"))
}

#[cfg(feature = "mail")]
#[test]
fn a_mail_is_its_text_and_its_attachments_are_members() {
    let headers = "From: =?utf-8?q?Ana_D=C3=ADaz?= <ana@x.example>\nSubject: =?utf-8?b?UG9ydCDigqw=?=\n\
                   Date: Mon, 23 Jun 2025 23:30:00 -0500";
    let attached =
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"../a/notes.txt\"\n\nNoted.";
    let picture = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=";
    let inner = "Content-Type: message/rfc822\n\nFrom: bo@x.example\nSubject: Inner\n\nInside.";
    let both = "Content-Type: multipart/alternative; boundary=alt\n\n--alt\nContent-Type: text/plain\n\nPlain.\n\
                --alt\nContent-Type: text/html\n\n<p>Rich.</p>\n--alt--";
    let folder = folder(&[
        ("a.eml", &parts(headers, &[both, attached, attached, picture, inner])),
        ("b.eml", &mail("Subject: Markup\nContent-Type: text/html; charset=iso-8859-1", "<p>Caf\u{e9}.</p>")),
        ("c.eml", &mail("Subject: None\nDate: yesterday", "\n")),
        (
            "d.eml",
            &mail("Subject: Sealed\nContent-Type: multipart/encrypted; boundary=x", "--x\n\nwA==\n--x--"),
        ),
        ("e.eml", b"\n\n"),
        ("f.eml", b""),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.eml: Plain.",
            "a.eml#notes.txt: Noted.",
            "a.eml#notes.txt (2): Noted.",
            "?unsupported_format",
            "a.eml#part 4: Inside.",
            "b.eml: <p>Caf\u{c3}\u{a9}.</p>",
            "!empty",
            "!encrypted",
            "!empty",
            "!empty",
        ]
    );
    let source = open("files", folder.path(), json!({ "paths": ["a.eml"] })).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a mail") };
    let document = source.decode(raw).unwrap().document;
    assert_eq!(
        (document.title.as_deref(), document.author.as_deref()),
        (Some("Port \u{20ac}"), Some("Ana D\u{ed}az"))
    );
    assert_eq!(document.published.unwrap().to_string(), "2025-06-23", "the sender's own day");
}

#[cfg(feature = "feed")]
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
    ]);
    let expected = [
        "a.xml#1: <p>Caf\u{e9}.</p>",
        "a.xml#1 (2): Twice.",
        "a.xml#https://x.example/3: Linked.",
        "a.xml#4: Bare <b>bold</b>.",
        "!no_text#5",
        "b.atom#a: Costs < 3.",
        "c.rdf#https://x.example/r: Resource.",
        "!broken",
        "!empty",
        "!broken",
        "!empty",
        "!feed_too_complex",
        "!feed_too_complex",
        "!feed_too_complex",
        "k.rss#e: Bomb &b;",
        "l.atom.gz#a: Costs < 3.",
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

#[cfg(feature = "mail")]
#[test]
fn a_mailbox_is_many_mails_and_none_is_lost() {
    let from = b"From ana@x.example Mon Jun 23 10:00:00 2025\n";
    let one = mail("Message-ID: <1@x.example>\nSubject: One", "First.\n>From here on.\nFrom there on.\n");
    let long = mail("Message-ID: <long@x.example>", &"x".repeat(5000));
    let attached = "Content-Type: text/plain\nContent-Disposition: attachment; filename=n.txt\n\nNoted.";
    let two = parts("Message-ID: <2@x.example>", &["Content-Type: text/plain\n\nSecond.", attached]);
    let bare = b"Subject: Bare\n\nFourth.\n";
    let mailbox =
        [&from[..], &one, b"\n", from, &long, b"\n", from, &two, b"\n", from, bare, from, &one].concat();
    let packed = gzip(&mailbox);
    let folder = folder(&[
        ("in.mbox", &mailbox),
        ("in.mbox.gz", &packed[..packed.len() - 20]),
        ("junk.mbox", b"no mail"),
        ("none.mbox", b""),
    ]);
    let first = "First.\nFrom here on.\nFrom there on.";
    let expected = [
        format!("in.mbox#1@x.example: {first}"),
        "!file_too_big#2".into(),
        "in.mbox#2@x.example: Second.".into(),
        "in.mbox#2@x.example/n.txt: Noted.".into(),
        "in.mbox#4: Fourth.".into(),
        format!("in.mbox#1@x.example (2): {first}"),
        format!("in.mbox.gz#1@x.example: {first}"),
        "!file_too_big#2".into(),
        "in.mbox.gz#2@x.example: Second.".into(),
        "in.mbox.gz#2@x.example/n.txt: Noted.".into(),
        "!truncated#4".into(),
        "!broken".into(),
        "!empty".into(),
    ];
    assert_eq!(run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 3000 })), expected);
    let few =
        run("files", folder.path(), json!({ "paths": ["in.mbox"], "max_bytes": 3000, "max_members": 2 }));
    assert_eq!(few, [&expected[0], "!file_too_big#2", "!too_many_members"]);
}

/// A zip archive of files with these bytes.
#[cfg(feature = "zip")]
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        match name.strip_suffix('/') {
            Some(name) => archive.add_directory(name, options).unwrap(),
            None => {
                archive.start_file(*name, options).unwrap();
                archive.write_all(bytes).unwrap();
            }
        }
    }
    archive.finish().unwrap().into_inner()
}

/// A tar archive of entries of these kinds, whatever their paths.
#[cfg(feature = "tar")]
fn tar(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        if kind.is_gnu_sparse() {
            let gnu = header.as_gnu_mut().unwrap();
            gnu.set_real_size(bytes.len() as u64);
            gnu.sparse[0].set_length(bytes.len() as u64);
            gnu.sparse[0].set_offset(0);
        }
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

#[cfg(feature = "zip")]
#[test]
fn a_zip_archive_is_read_as_a_folder_is() {
    let inner = zip(&[("deep/c.md", b"# C\n\nc."), ("d.png", b"\x89PNG\0")]);
    let innermost = zip(&[("e.zip", &zip(&[("e.txt", b"E.")]))]);
    let archive = zip(&[
        ("news/", b""),
        ("news/a.txt", b"A."),
        ("b.txt.gz", &gzip(b"B.")),
        (".hidden", b"no"),
        ("__MACOSX/._a.txt", b"no"),
        ("inner.zip", &inner),
        ("innermost.zip", &innermost),
        ("../up.txt", b"no"),
        ("/etc/root.txt", b"no"),
        ("big.txt", &[b'x'; 3000]),
    ]);
    let linked = {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.add_symlink("l.txt", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
        archive.finish().unwrap().into_inner()
    };
    // The bit that says that a file is encrypted, in its header and in the directory.
    let mut locked = zip(&[("l.txt", b"Locked.")]);
    let directory = locked.windows(4).rposition(|at| at == b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[directory + 8] |= 1;
    let mut crc = zip(&[("a.txt", b"Changed afterwards."), ("b.txt", b"B.")]);
    crc[14] ^= 1;
    let directory = crc.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
    crc[directory + 16] ^= 1;
    let folder = folder(&[
        ("a.zip", &archive),
        ("b.zip", &linked),
        ("c.zip", &locked),
        ("d.zip", &archive[..archive.len() / 2]),
        ("e.zip", b"no archive"),
        ("f.zip", &zip(&[])),
        ("g.zip", &zip(&[("folder/", b""), (".hidden", b"no")])),
        ("h.zip", &crc),
        ("i.zip.gz", &gzip(&zip(&[("a.txt", b"Not where it lies.")]))),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 2000 }));
    assert_eq!(
        found,
        [
            "a.zip#news/a.txt: A.",
            "a.zip#b.txt.gz: B.",
            "a.zip#inner.zip/deep/c.md: # C\n\nc.",
            "!unsupported_format#inner.zip/d.png",
            "!nested_too_deep#innermost.zip/e.zip",
            "!unsafe_path#../up.txt",
            "!unsafe_path#/etc/root.txt",
            "!file_too_big#big.txt",
            "!not_a_file#l.txt",
            "!encrypted#l.txt",
            "!broken",
            "!broken",
            "!empty",
            "!empty",
            "!unreadable#a.txt",
            "h.zip#b.txt: B.",
            "i.zip.gz#a.txt: Not where it lies.",
        ]
    );
    let found = run("files", folder.path(), json!({ "paths": ["a.zip"], "max_members": 2, "max_depth": 1 }));
    assert_eq!(found, ["a.zip#news/a.txt: A.", "a.zip#b.txt.gz: B.", "!too_many_members"]);
}

#[cfg(feature = "zip")]
#[test]
fn a_bomb_is_one_problem_and_what_came_before_it_stays() {
    let bomb = vec![b'0'; 30 << 20];
    let archive = zip(&[("a.txt", b"A."), ("bomb.txt", &bomb), ("b.txt", b"B.")]);
    let nested = zip(&[("a.txt", b"A."), ("bomb.zip", &archive)]);
    let folder = folder(&[("a.zip", &archive), ("b.zip", &nested)]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.zip#a.txt: A.",
            "!expands_too_much#bomb.txt",
            "b.zip#a.txt: A.",
            "b.zip#bomb.zip/a.txt: A.",
            "!expands_too_much#bomb.zip/bomb.txt"
        ]
    );
    let limits = json!({ "paths": ["a.zip"], "max_ratio": 1_000_000, "max_expanded_bytes": 1000 });
    assert_eq!(run("files", folder.path(), limits), ["a.zip#a.txt: A.", "!expands_too_much#bomb.txt"]);
}

#[cfg(feature = "tar")]
#[test]
fn a_tar_archive_is_read_on_the_way() {
    use tar::EntryType::{Char, Directory, GNUSparse, Link, Regular, Symlink};
    let long = format!("{}/a.txt", "long".repeat(60));
    let named = {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        archive.append_data(&mut header, &long, &b"A."[..]).unwrap();
        archive.into_inner().unwrap()
    };
    let archive = tar(&[
        ("news", Directory, b""),
        ("news/a.txt", Regular, b"A."),
        ("link", Symlink, b""),
        ("hard", Link, b""),
        ("tty", Char, b""),
        ("sparse", GNUSparse, b"data"),
        ("../up.txt", Regular, b"no"),
        ("big.txt", Regular, &[b'x'; 3000]),
        ("news/a.txt", Regular, b"A again."),
        ("inner.tar.gz", Regular, &gzip(&tar(&[("b.txt", Regular, b"B.")]))),
    ]);
    let names = gzip(&tar(&[("././@LongLink", tar::EntryType::GNULongName, &vec![b'n'; 3 << 20])]));
    let folder = folder(&[
        ("a.tar", &archive),
        ("b.tar.gz", &gzip(&archive)),
        ("c.tgz", &gzip(&archive)[..300]),
        ("d.tar", &archive[..3 * 512 + 1]),
        ("e.tar", &archive[..3 * 512]),
        ("f.tar", b"no archive"),
        ("g.tar", &[0; 1024]),
        ("h.tar", &named),
        ("i.tzst", &zstd::encode_all(&named[..], 1).unwrap()),
        ("j.tar.gz", &names),
    ]);
    let of = |name: &str| {
        [
            format!("{name}#news/a.txt: A."),
            "!not_a_file#link".into(),
            "!not_a_file#hard".into(),
            "!not_a_file#tty".into(),
            "!not_a_file#sparse".into(),
            "!unsafe_path#../up.txt".into(),
            "!file_too_big#big.txt".into(),
            format!("{name}#news/a.txt (2): A again."),
            format!("{name}#inner.tar.gz/b.txt: B."),
        ]
    };
    let run = |paths| run("files", folder.path(), json!({ "paths": paths, "max_bytes": 2600 }));
    assert_eq!(run(json!(["a.tar", "b.tar.gz"])), [of("a.tar"), of("b.tar.gz")].concat());
    let found = run(json!(["c.tgz"]));
    assert_eq!(found.last().unwrap(), "!truncated");
    for (name, expected) in [
        ("d.tar", vec!["d.tar#news/a.txt: A.".into(), "!broken".into()]),
        ("e.tar", vec!["e.tar#news/a.txt: A.".into(), "!truncated".into()]),
        ("f.tar", vec!["!broken".into()]),
        ("g.tar", vec!["!empty".into()]),
        ("h.tar", vec![format!("h.tar#{long}: A.")]),
        ("i.tzst", vec![format!("i.tzst#{long}: A.")]),
        ("j.tar.gz", vec!["!broken".into()]),
    ] {
        assert_eq!(run(json!([name])), expected, "{name}");
    }
}

#[cfg(feature = "docx")]
#[test]
fn a_word_document_is_read_or_says_why_not() {
    let body = |inner: &str| {
        format!(
            "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>{inner}</w:t></w:r></w:p></w:body></w:document>"
        )
    };
    let core = "<c xmlns:d='d'><d:title>Trade</d:title><d:creator>Ann</d:creator><d:created>2025-06-23T23:00:00Z</d:created></c>";
    let good =
        zip(&[("docProps/core.xml", core.as_bytes()), ("word/document.xml", body("It grew.").as_bytes())]);
    let dated = body("ASTANA, June 17, 2025 - Trade grew.");
    let dated = zip(&[("docProps/core.xml", core.as_bytes()), ("word/document.xml", dated.as_bytes())]);
    let folder = folder(&[
        ("a.docx", &good),
        ("b.docx", &dated),
        ("c.docx", &zip(&[("word/document.xml", body("").as_bytes())])),
        ("d.docx", &good[..good.len() - 30]),
        ("e.docx", &zip(&[("word/document.xml", &body("cut").as_bytes()[..60])])),
        ("f.docx", &zip(&[("ppt/presentation.xml", b"<p/>")])),
        ("g.docx", &zip(&[("word/document.xml", body(&" x".repeat(20 << 20)).as_bytes())])),
        ("h.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1EncryptedPackage"),
        ("i.docx", b"<html><body>Log in</body></html>"),
        ("j.docx", b""),
        ("k.docx", b"text"),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.docx: It grew.",
            "b.docx: ASTANA, June 17, 2025 - Trade grew.",
            "!empty",
            "!broken",
            "!broken",
            "!broken",
            "!expands_too_much",
            "!unsupported_format",
            "i.docx: <html><body>Log in</body></html>",
            "!empty",
            "!broken",
        ]
    );
    let source = open("files", folder.path(), json!({ "paths": ["a.docx", "b.docx"] })).unwrap();
    let mut said = Vec::new();
    for raw in source.read() {
        let Found::Raw(raw) = raw else { panic!("a document") };
        let document = source.decode(raw).unwrap().document;
        let published = document.published.unwrap().to_string();
        said.push([document.title.unwrap().to_string(), document.author.unwrap().to_string(), published]);
    }
    assert_eq!(said, [["Trade", "Ann", "2025-06-23"], ["Trade", "Ann", "2025-06-17"]]);
}

/// A PDF of these objects, of which the first is the catalogue, with what else its trailer says.
#[cfg(feature = "pdf")]
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (i, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n", i + 1).into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let (start, size) = (bytes.len(), objects.len() + 1);
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n");
    bytes.extend(format!("xref\n0 {size}\n{table}{end}").into_bytes());
    bytes
}

/// A stream of a PDF, deflated if it says so.
#[cfg(feature = "pdf")]
fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    let mut packed = bytes.to_vec();
    if dictionary.contains("/FlateDecode") {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        packed = encoder.finish().unwrap();
    }
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream"].concat()
}

/// The objects of a PDF of one page with this content; the page's other resources are `forms`, from object 7 on.
#[cfg(feature = "pdf")]
fn one_page(content: Vec<u8>, resources: &str) -> Vec<Vec<u8>> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> {resources} >> >>"
    );
    let objects: [&[u8]; 6] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_bytes(),
        &content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Microsoft Word - trade.docx) /Author (Ann Lee) /CreationDate (D:20250623233000-05'00') >>",
    ];
    objects.map(<[u8]>::to_vec).to_vec()
}

#[cfg(feature = "pdf")]
#[test]
fn a_pdf_is_read_or_says_why_not() {
    let text = b"BT /F 12 Tf 50 700 Td (Trade grew.) Tj ET";
    let good = pdf(&one_page(stream("", text), ""), "/Info 6 0 R");
    let form = |inner: &str, resources: &str| {
        stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources}"), inner.as_bytes())
    };
    let with = |content: &[u8], forms: Vec<Vec<u8>>| {
        let mut objects = one_page(stream("", content), "/XObject << /X 7 0 R >>");
        objects.extend(forms);
        pdf(&objects, "")
    };
    let own = "/Resources << /XObject << /X 7 0 R >> >>";
    let circle = with(b"/X Do", vec![form("/X Do", own)]);
    let inherited = with(b"/X Do", vec![form("/X Do", "")]);
    // Ten forms, each of which draws the next one ten times.
    let next = |i: usize| format!("/Resources << /XObject << /X {} 0 R >> >>", i + 8);
    let laughs = (0..10).map(|i| form(&"/X Do ".repeat(10), &next(i))).chain([form("", "/Resources << >>")]);
    let picture =
        "/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let scan = with(b"q 600 0 0 800 0 0 cm /X Do Q", vec![stream(picture, &[7; 81])]);
    let beside = with(b"/X Do BT /F 12 Tf 50 700 Td (Beside it.) Tj ET", vec![stream(picture, b"((( Do /X")]);
    let bomb = vec![b' '; 40 << 20];
    let objects = stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &bomb);
    let mut pages = one_page(stream("", text), "");
    pages[1] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>".to_vec();
    pages[2] = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec();
    let handler = "<< /Filter /Standard /V 1 /R 2 /P -4 /O (oooooooooooooooooooooooooooooooo) \
                   /U (uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu) >>";
    let locked = [one_page(stream("", text), ""), vec![handler.into()]].concat();
    let locked = pdf(&locked, "/ID [(aaaaaaaaaaaaaaaa) (aaaaaaaaaaaaaaaa)] /Encrypt 7 0 R");
    let folder = folder(&[
        ("a.pdf", &good),
        ("b.pdf", &locked),
        ("c.pdf", &scan),
        ("d.pdf", &beside),
        ("e.pdf", &good[..good.len() / 2]),
        ("f.pdf", &circle),
        ("g.pdf", &inherited),
        ("h.pdf", &with(b"/X Do", laughs.collect())),
        ("i.pdf", &pdf(&one_page(stream("/Filter /FlateDecode", &bomb), ""), "")),
        ("j.pdf", &pdf(&[one_page(stream("", text), ""), vec![objects]].concat(), "")),
        ("k.pdf", &pdf(&pages, "")),
        ("l.pdf", b"%PDF-1.7"),
        ("m.pdf", b"<html><p>Log in</p></html>"),
        ("n.pdf", b""),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.pdf: Trade grew.",
            "!encrypted",
            "!no_text",
            "d.pdf: Beside it.",
            "!broken",
            "!pdf_too_complex",
            "!pdf_too_complex",
            "!pdf_too_complex",
            "!expands_too_much",
            "!expands_too_much",
            "!pdf_too_complex",
            "!broken",
            "m.pdf: <html><p>Log in</p></html>",
            "!empty",
        ]
    );
    let source = open("files", folder.path(), json!({ "paths": ["a.pdf"] })).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a document") };
    let document = source.decode(raw).unwrap().document;
    assert_eq!((document.title, document.author.as_deref()), (None, Some("Ann Lee")));
    assert_eq!(document.published.unwrap().to_string(), "2025-06-23");
}

#[cfg(feature = "bzip2")]
#[test]
fn bzip2_is_undone_as_gzip_is() {
    let mut packed = Vec::new();
    bzip2::read::BzEncoder::new(&b"Packed."[..], bzip2::Compression::fast())
        .read_to_end(&mut packed)
        .unwrap();
    let folder = folder(&[
        ("a.txt.bz2", &packed),
        ("b", &packed),
        ("c.bz2", &packed[..packed.len() - 4]),
        ("d.bz2", b"no"),
        ("e.txt.bz2", &[&packed[..], &packed].concat()),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        ["a.txt.bz2: Packed.", "b: Packed.", "!truncated", "!unreadable", "e.txt.bz2: Packed.Packed."]
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_not_be_walked_is_one_row() {
    let folder = folder(&[("in/a.txt", b"A.")]);
    std::os::unix::fs::symlink(folder.path().join("in"), folder.path().join("in/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("in/lost")).unwrap();
    let found = run("files", folder.path(), json!({ "paths": ["in"] }));
    assert_eq!(found, ["a.txt: A.", "!unreadable", "!unreadable"]);
}

#[test]
fn json_lines_keep_what_is_good() {
    let lines = b"\xEF\xBB\xBF{\"n\": 7, \"body\": \"One.\", \"when\": \"26-FEB-1987 15:01:01.79\", \"x\": {\"body\": 1}}\n\
        \n{\"body\": broken}\n{\"n\": 8}\n[1]\n{\"body\": \"caf\xE9\"}\n\
        {\"body\": \"Two.\", \"when\": \"one day\"}\n{\"body\": \"  \"}\n{\"n\": null, \"body\": \"End\"}";
    let packed = gzip(lines);
    let options = json!({
        "paths": ["f/*"],
        "fields": { "id": "n", "text": "body", "published": "when" },
    });
    let expected = [
        "#1: One.",
        "!bad_json#2",
        "!no_text#3",
        "!bad_json#4",
        "#5: café",
        "?charset#5",
        "#6: Two.",
        "?unreadable_date#6",
        "!empty#7",
        "#8: End",
    ];
    for (name, bytes) in [("f.jsonl", &lines[..]), ("f.jsonl.gz", &packed)] {
        let folder = folder(&[(&format!("f/{name}"), bytes)]);
        let found = run("jsonl", folder.path(), options.clone());
        let expected =
            expected.map(|line| if line.starts_with('#') { format!("{name}{line}") } else { line.into() });
        assert_eq!(found, expected);
    }

    let folder = folder(&[("f/a", lines)]);
    let source = open("jsonl", folder.path(), options).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a record") };
    let decoded = source.decode(raw).unwrap();
    assert!(decoded.own_id);
    assert_eq!((&*decoded.document.doc_id, decoded.document.chars), ("7", 4));
    assert_eq!(decoded.document.published.unwrap().to_string(), "1987-02-26");
}

#[test]
fn a_line_past_the_limit_or_a_cut_is_one_row() {
    let long =
        format!("{{\"text\": \"A.\"}}\n{{\"text\": \"{}\"}}\n{{\"text\": \"B.\"}}\n", "x".repeat(600_000));
    let mut cut = gzip("{\"text\": \"A line of the feed.\"}\n".repeat(20_000).as_bytes());
    cut.truncate(cut.len() / 2);
    let folder = folder(&[("long.jsonl", long.as_bytes()), ("cut.jsonl.gz", &cut), ("empty.jsonl", b"\n")]);
    let options = json!({ "paths": ["long.jsonl"], "max_line_bytes": 1000 });
    assert_eq!(
        run("jsonl", folder.path(), options),
        ["long.jsonl#1: A.", "!line_too_long#2", "long.jsonl#3: B."]
    );

    let found = run("jsonl", folder.path(), json!({ "paths": ["cut.jsonl.gz", "empty.jsonl"] }));
    let kept = found.iter().filter(|line| line.ends_with("A line of the feed.")).count();
    assert!(kept > 1000 && kept == found.len() - 2, "{kept}");
    assert!(found[kept].starts_with("!truncated#"), "{}", found[kept]);
    assert_eq!(found[kept + 1], "!empty");
}

#[test]
fn csv_records_are_cut_outside_quotes() {
    let table =
        b"id;body;by\r\n1;\"One;\r\nand \"\"more\"\".\";Ann\r\n2;ragged\r\n\r\n3;Three.;\"Bo, Cy\"\r\n";
    let long = format!("id,body,by\n1,{},x\n2,Two.,y", "x".repeat(5000));
    let folder = folder(&[
        ("a.csv", table),
        ("b.csv", b"id;text\n1;x\n"),
        ("c.csv", b"id;body;by\n"),
        ("d.csv", b""),
        ("e.csv", b"id;body;by\n1;\"open\n2;x;y\n"),
        ("long/f.csv", long.as_bytes()),
    ]);
    let fields = json!({ "id": "id", "text": "body", "author": "by" });
    let options = json!({ "paths": ["*.csv"], "fields": fields, "delimiter": ";" });
    assert_eq!(
        run("csv", folder.path(), options),
        [
            "a.csv#1: One;\r\nand \"more\".",
            "!ragged_row#2",
            "a.csv#3: Three.",
            "!no_column",
            "!empty",
            "!empty",
            "!ragged_row#1",
        ]
    );
    let options = json!({ "paths": ["long"], "fields": fields, "max_record_bytes": 1000 });
    assert_eq!(run("csv", folder.path(), options), ["!record_too_long#1", "f.csv#2: Two."]);
}

#[test]
fn a_record_says_more_than_its_text_does() {
    let folder = folder(&[
        ("a.txt", b"Date: 2025-03-04\nTitle: Inner\n\nASTANA, June 17, 2025 - Trade grew."),
        ("b.txt", b"ASTANA, June 17, 2025 - Trade grew."),
        ("c.txt", b"Trade grew."),
    ]);
    let source = open("files", folder.path(), json!({ "paths": ["."], "published": "2020-01-01" })).unwrap();
    let mut found = Vec::new();
    for raw in source.read() {
        let Found::Raw(raw) = raw else { panic!("a file") };
        let document = source.decode(raw).unwrap().document;
        found.push(format!("{} {}", document.published.unwrap(), document.published_basis.as_str()));
    }
    assert_eq!(found, ["2025-03-04 metadata", "2025-06-17 dateline", "2020-01-01 option"]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes: Vec<u8>, name in "[a-z]{1,4}(\\.md|\\.txt)?") {
        for source in ["files", "jsonl", "csv"] {
            decode_anything(source, &bytes, &name);
        }
    }

    #[test]
    fn no_markup_makes_a_block_that_is_not_in_the_text(text in "([-#>*|`~=1.é \t]|\r?\n|a\\. |Date: |By |2025-01-02|\\[x\\]: ){0,60}") {
        decode_anything("files", text.as_bytes(), "a.md");
        decode_anything("files", text.as_bytes(), "a.txt");
    }
}

fn decode_anything(source: &str, bytes: &[u8], name: &str) {
    let folder = folder(&[(name, bytes)]);
    let source = open(source, folder.path(), json!({ "paths": [name] })).unwrap();
    for found in source.read() {
        if let Found::Raw(raw) = found
            && let Ok(decoded) = source.decode(raw)
        {
            check_blocks(&decoded);
        }
    }
}
