//! The sources `parquet` and `arrow`, over tables that are written here.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray, TimestampMillisecondArray,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use claimline_stage::Found;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use crate::{open, run};

/// Rows `from` to `to`, with a text, an id, a day and an author in several types.
fn rows(from: i64, to: i64) -> RecordBatch {
    let text = |i: i64| if i % 10 == 9 { None } else { Some(format!("Trade grew by {i} tonnes.")) };
    let texts: Vec<_> = (from..to).map(text).collect();
    let mut authors = ListBuilder::new(StringBuilder::new());
    for i in from..to {
        authors.append_value([Some(format!("A{i}")), Some("B".to_owned())]);
    }
    // 2025-06-23T20:00:00Z.
    let at = (from..to).map(|_| 1_750_708_800_000);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("skipped", Arc::new(BooleanArray::from(vec![true; texts.len()]))),
        ("body", Arc::new(LargeStringArray::from(texts.clone()))),
        ("view", Arc::new(StringViewArray::from_iter(texts.iter().map(Option::as_deref)))),
        ("key", Arc::new(Int64Array::from_iter_values(from..to))),
        ("day", Arc::new(Date32Array::from_iter_values((from..to).map(|_| 20_262)))),
        ("at", Arc::new(TimestampMillisecondArray::from_iter_values(at).with_timezone("Asia/Almaty"))),
        ("site", Arc::new((from..to).map(|_| Some("The Wire")).collect::<DictionaryArray<Int8Type>>())),
        ("by", Arc::new(authors.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, values)| (name, values, true)))
        .unwrap()
}

fn write_parquet(path: &Path, groups: &[RecordBatch]) {
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), groups[0].schema(), None).unwrap();
    for group in groups {
        writer.write(group).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
}

/// The tables in each form, by the source that reads it.
fn write(folder: &Path, batches: &[RecordBatch]) -> Vec<(&'static str, &'static str)> {
    write_parquet(&folder.join("a.parquet"), batches);
    let schema = batches[0].schema();
    let mut stream = StreamWriter::try_new(File::create(folder.join("a.arrows")).unwrap(), &schema).unwrap();
    let mut writer = FileWriter::try_new(File::create(folder.join("a.arrow")).unwrap(), &schema).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    batches.iter().for_each(|batch| stream.write(batch).unwrap());
    stream.finish().unwrap();
    vec![("parquet", "a.parquet"), ("arrow", "a.arrows"), ("arrow", "a.arrow")]
}

#[test]
fn each_row_is_a_document_whatever_the_types() {
    let folder = tempfile::tempdir().unwrap();
    let fields =
        json!({ "text": "body", "id": "key", "published": "day", "publisher": "site", "author": "by" });
    for (source, name) in write(folder.path(), &[rows(0, 3), rows(3, 12)]) {
        let options = json!({ "paths": [name], "fields": fields });
        let lines = run(source, folder.path(), options.clone());
        assert_eq!(lines.len(), 12, "{name}");
        assert_eq!(lines[4], format!("{name}#5: Trade grew by 4 tonnes."));
        assert_eq!(lines[9], "!no_text#10", "{name}");

        let source = open(source, folder.path(), options).unwrap();
        let Some(Found::Raw(raw)) = source.read().nth(1) else { panic!("{name}") };
        let document = source.decode(raw).unwrap().document;
        assert_eq!((&*document.doc_id, document.published), ("1", Some("2025-06-23".parse().unwrap())));
        assert_eq!(
            (document.publisher.as_deref(), document.author.as_deref()),
            (Some("The Wire"), Some("A1, B"))
        );
    }
}

#[test]
fn an_instant_is_the_day_of_its_zone() {
    let folder = tempfile::tempdir().unwrap();
    for (source, name) in write(folder.path(), &[rows(0, 2)]) {
        let fields = json!({ "text": "view", "published": "at" });
        let source = open(source, folder.path(), json!({ "paths": [name], "fields": fields })).unwrap();
        let Some(Found::Raw(raw)) = source.read().next() else { panic!("{name}") };
        let published = source.decode(raw).unwrap().document.published;
        assert_eq!(published, Some("2025-06-24".parse().unwrap()), "{name}");
    }
}

#[test]
fn a_wrong_column_is_told_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    for (source, name) in write(folder.path(), &[rows(0, 2)]) {
        let problem = |fields: Value| {
            let source = open(source, folder.path(), json!({ "paths": [name], "fields": fields })).unwrap();
            let mut found = source.read();
            let Some(Found::Lost(problem)) = found.next() else { panic!("{name}") };
            assert!(found.next().is_none());
            (problem.code.to_string(), problem.message.to_string())
        };
        let (code, message) = problem(json!({ "text": "bodi" }));
        assert_eq!(code, "no_column");
        assert!(message.contains("did you mean `body`? the columns are skipped, body"), "{message}");
        let (code, message) = problem(json!({ "text": "body", "id": "skipped" }));
        assert_eq!(code, "column_type");
        assert!(message.contains("Boolean"), "{message}");
    }
    assert!(open("parquet", folder.path(), json!({ "paths": ["-"] })).is_err());
}

#[test]
fn what_is_cut_off_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let fields = json!({ "text": "body" });
    for (source, name) in write(folder.path(), &[rows(0, 200), rows(200, 400)]) {
        let path = folder.path().join(name);
        let bytes = fs::read(&path).unwrap();
        for length in [0, 3, 9, bytes.len() * 3 / 4, bytes.len() - 12] {
            fs::write(&path, &bytes[..length]).unwrap();
            let lines = run(source, folder.path(), json!({ "paths": [name], "fields": fields }));
            let read = lines.iter().filter(|line| line.contains(": ")).count();
            // The list of a file's batches is not needed, that of a Parquet file's row groups is.
            let whole = source == "arrow" && length == bytes.len() - 12;
            assert!(whole || lines.last().unwrap().starts_with('!'), "{name} {length}: {lines:?}");
            assert_eq!(
                read >= 100,
                source == "arrow" && length >= bytes.len() / 2,
                "{name} {length}: {read}"
            );
        }
    }
}

#[test]
fn long_texts_are_read_a_few_rows_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let long = |i: usize| format!("{i} {}", "long ".repeat(200_000));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..9).map(long)));
    let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
    let path = folder.path().join("a.parquet");
    let plain = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(plain)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let source = open("parquet", folder.path(), json!({ "paths": ["a.parquet"] })).unwrap();
    let lengths = source.read().map(|found| match found {
        Found::Raw(raw) => source.decode(raw).unwrap().document.text.len(),
        _ => 0,
    });
    assert_eq!(lengths.collect::<Vec<_>>(), [1_000_002; 9]);
}

#[test]
fn bytes_that_are_wrong_are_a_problem_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let fields = json!({ "text": "body", "id": "key", "publisher": "site" });
    for (source, name) in write(folder.path(), &[rows(0, 40), rows(40, 80)]) {
        let path = folder.path().join(name);
        let bytes = fs::read(&path).unwrap();
        for i in 0..200 {
            let mut wrong = bytes.clone();
            // Places that look random, the same each time.
            let at = (i * 2_654_435_761_usize) % wrong.len();
            wrong[at] ^= 1 << (i % 8);
            fs::write(&path, &wrong).unwrap();
            let lines = run(source, folder.path(), json!({ "paths": [name], "fields": fields }));
            assert!(!lines.is_empty(), "{name} {at}");
        }
    }
}
