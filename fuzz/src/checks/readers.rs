//! The sources, over a file of any bytes.

use std::io::Write;
use std::path::Path;
use std::{fs, iter};

use claimline_stage::{Batch, Context, Door, Found};
use serde_json::{Value, json};

use super::Choices;
use super::batch::own_holds;

/// What is read is a document that holds, or a problem; all of the file is accounted for, and nothing is
/// told after what could not be read. The first byte chooses the source and the compression.
pub fn readers(bytes: &[u8]) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().unwrap();
    }
    let mut choices = Choices(bytes);
    let fields = json!({ "text": "text", "id": "id", "title": "title", "published": "date" });
    let (source, name, options): (_, _, Value) = match choices.byte() % 8 {
        0 => ("files", "a.txt", json!({ "max_bytes": 4000 })),
        1 => ("files", "a.md", json!({})),
        2 => ("files", "a.txt.gz", json!({})),
        3 => ("jsonl", "a.jsonl", json!({ "fields": fields, "max_line_bytes": 1000 })),
        4 => ("jsonl", "a.jsonl.zst", json!({ "fields": fields, "max_expanded_bytes": 2000 })),
        5 => ("csv", "a.csv", json!({ "fields": fields, "max_record_bytes": 1000 })),
        6 => ("csv", "a.csv", json!({ "delimiter": "\t" })),
        _ => ("jsonl", "packed.jsonl.gz", json!({ "fields": fields, "max_expanded_bytes": 2000 })),
    };
    FOLDER.with(|folder| {
        let path = folder.path().join(name);
        match name.starts_with("packed") {
            true => fs::write(&path, gzip(choices.0)).unwrap(),
            false => fs::write(&path, choices.0).unwrap(),
        }
        read(source, folder.path(), name, options);
        fs::remove_file(path).unwrap();
    });
}

/// The same of the formats that `files` reads with a library, of which the first byte chooses one.
pub fn formats(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let name = *choices.of(FORMATS);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), choices.0).unwrap();
    let limits = json!({ "max_bytes": 1 << 20, "max_expanded_bytes": 4 << 20, "max_members": 50 });
    read("files", folder.path(), name, limits);
}

/// The same of files of columns.
pub fn columns(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (source, name) = *choices.of(COLUMNS);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), choices.0).unwrap();
    let fields = json!({ "text": "body", "id": "id", "published": "date" });
    read(source, folder.path(), name, json!({ "fields": fields }));
}

/// A source and a file's name for each kind of file of columns, in the order in which seeds name them.
pub const COLUMNS: &[(&str, &str)] = &[("parquet", "a.parquet"), ("arrow", "a.arrow"), ("arrow", "a.arrows")];

/// A file's name for each format, in the order in which seeds name them.
pub const FORMATS: &[&str] = &["a.eml", "a.mbox", "a.zip", "a.tar", "a.docx", "a.pdf", "a.atom", "a.warc"];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(source: &str, folder: &Path, name: &str, mut options: Value) {
    options["paths"] = json!([name]);
    let registry = crate::registry::built_in();
    let Some(Door::Source(open)) = registry.named(source).next().map(|one| &one.door) else { panic!() };
    let source = open(options, &Context { base: folder.to_owned(), ..Context::default() }).unwrap();
    let (mut consumed, mut found, mut lost_last) = (0, 0, false);
    let mut reading = source.read();
    for one in iter::from_fn(|| reading.next()) {
        found += 1;
        lost_last = matches!(one, Found::Lost(_));
        let raw = match one {
            Found::Raw(raw) => raw,
            Found::Lost(problem) => {
                assert!(!problem.code.is_empty() && !problem.message.is_empty(), "{problem:?}");
                continue;
            }
            Found::Document(_) => panic!("it needs no decoding"),
            // Of an attachment that is not read.
            Found::Warning(problem) => {
                assert!(problem.member.is_some(), "{problem:?}");
                continue;
            }
        };
        consumed += raw.consumed;
        match source.decode(raw) {
            Ok(decoded) => own_holds(&Batch {
                documents: vec![decoded.document].into(),
                blocks: decoded.blocks.into(),
                ..Batch::default()
            }),
            Err(problem) => assert!(!problem.code.is_empty() && !problem.message.is_empty(), "{problem:?}"),
        }
    }
    assert!(found > 0, "nothing is told of the file");
    let size = fs::metadata(folder.join(name)).unwrap().len();
    assert!(consumed <= size && (lost_last || consumed == size), "{consumed} of {size} bytes");
}
