//! Word documents.

use claimline_stage::Found;
use serde_json::json;

use crate::zip::zip;
use crate::{folder, open, run};

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
