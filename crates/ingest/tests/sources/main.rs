//! The sources over files on a disk, through the door that the engine uses.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[cfg(feature = "parquet")]
mod columns;
#[cfg(feature = "docx")]
mod docx;
#[cfg(feature = "feed")]
mod feed;
#[cfg(feature = "mail")]
mod mail;
#[cfg(feature = "pdf")]
mod pdf;
mod records;
#[cfg(feature = "tar")]
mod tar;
#[cfg(feature = "warc")]
mod warc;
#[cfg(feature = "zip")]
mod zip;

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
