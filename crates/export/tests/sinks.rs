//! Batches through each sink into a folder, and the files read back.

#![allow(clippy::unwrap_used)] // clippy.toml lifts it in tests, but not in what they call.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type};
use arrow_array::{Array, Float64Array, StringArray};
use arrow_schema::{DataType, Field, FieldRef};
use calamine::{Data, Reader, Xlsx};
use claimline_model::{Claim, ClaimKind, Document, Mention, Problem};
use claimline_stage::{
    AddedColumns, Batch, Context, Door, Kept, OptionError, Resource, Sink, SystemDisk, Workshop,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

fn added() -> Vec<FieldRef> {
    vec![
        Arc::new(Field::new("region", DataType::Utf8, true)),
        Arc::new(Field::new("score", DataType::Float64, true)),
    ]
}

fn open(name: &str, options: Value) -> Result<Box<dyn Sink>, OptionError> {
    let registration = claimline_export::registrations().into_iter().find(|r| r.name == name).unwrap();
    let Door::Sink(open) = registration.door else { panic!("{name} is no sink") };
    let added = AddedColumns { claims: added(), ..AddedColumns::default() };
    open(options, &Context { added, ..Context::default() })
}

fn workshop(folder: &Path) -> Workshop {
    Workshop { disk: Arc::new(SystemDisk), folder: folder.to_owned(), threads: 2, resumable: true }
}

/// Writes groups of batches into `folder`.
fn write(name: &str, options: Value, groups: &[Vec<Batch>], folder: &Path) -> Vec<Resource> {
    let sink = open(name, options).unwrap();
    let mut staging = sink.open(workshop(folder), &[]).unwrap();
    for group in groups {
        for batch in group {
            staging.append(sink.encode(batch).unwrap()).unwrap();
        }
        staging.commit().unwrap();
    }
    let resources = staging.finish().unwrap();
    for resource in &resources {
        assert_eq!(resource.staged, folder.join(resource.path.file_name().unwrap()));
    }
    resources
}

/// One claim of `content` and `value`.
fn claim(id: &str, content: &str, value: &str) -> Claim {
    Claim {
        claim_id: id.into(),
        doc_id: "d".into(),
        content: Some(content.into()),
        value: Some(value.parse().unwrap()),
        published: Some("2025-06-23".parse().unwrap()),
        time_at: Some("2025-06-23T10:30:00.25Z".parse().unwrap()),
        ..Claim::default()
    }
}

fn batch(claims: Vec<Claim>) -> Batch {
    let document = Document { doc_id: "d".into(), text: "One.\n\nTwo.".into(), ..Document::default() };
    Batch { documents: vec![document].into(), claims: claims.into(), ..Batch::default() }
}

/// What `options` make of the column `content`.
fn csv_cells(options: Value, contents: &[&str]) -> (Vec<String>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let mut all = json!({ "tables": { "claims": ["claim_id", "content"] } });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let claims = contents.iter().map(|content| claim("c", content, "1")).collect();
    let resources = write("csv", all, &[vec![batch(claims)]], folder.path());
    let mut reader = csv::Reader::from_path(&resources[0].staged).unwrap();
    let cells = reader.records().map(|r| r.unwrap()[1].to_owned()).collect();
    (cells, resources[0].descriptor.clone())
}

#[test]
fn csv_is_what_a_spreadsheet_expects() {
    let folder = tempfile::tempdir().unwrap();
    let columns = json!([
        "claim_id",
        "content",
        "value",
        "value_exact",
        "published",
        "time_at",
        "title",
        "region",
        "score"
    ]);
    let mut rows =
        batch(vec![claim("a", "Trade, \"in all\",\nrose", "0.19"), claim("b", "é", "-10000000000.50")]);
    rows.claims.add(added()[0].clone(), Arc::new(StringArray::from(vec![Some("=north"), None])));
    rows.claims.add(added()[1].clone(), Arc::new(Float64Array::from(vec![1e16, f64::NAN])));
    let options = json!({ "tables": { "claims": columns } });
    let resources = write("csv", options, &[vec![rows.clone()]], folder.path());
    let expected = "\u{feff}claim_id,content,value,value_exact,published,time_at,title,region,score\n\
                    a,\"Trade, \"\"in all\"\", rose\",0.19,0.19,2025-06-23,2025-06-23T10:30:00.25Z,,'=north,10000000000000000\n\
                    b,é,-10000000000.50,-10000000000.50,2025-06-23,2025-06-23T10:30:00.25Z,,,\n";
    assert_eq!(fs::read_to_string(&resources[0].staged).unwrap(), expected);
    assert_eq!(resources[0].rows, 2);

    let options = json!({ "tables": { "claims": ["content", "value"] }, "delimiter": ";", "bom": false });
    let resources = write("csv", options, &[vec![rows]], folder.path());
    let expected = "content;value\n\"Trade, \"\"in all\"\", rose\";0.19\né;-10000000000.50\n";
    assert_eq!(fs::read_to_string(&resources[0].staged).unwrap(), expected);
    assert_eq!(resources[0].descriptor["dialect"]["delimiter"], ";");
}

#[test]
fn csv_defuses_formulas_and_says_so() {
    let cases = [
        ("=1+1", "'=1+1"),
        ("+41 22", "'+41 22"),
        ("-5 °C", "'-5 °C"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "' x"),
        ("\rx", "' x"),
        (" =1+1", "' =1+1"),
        ("a=b", "a=b"),
        ("", ""),
        ("'tis", "'tis"),
    ];
    let contents: Vec<_> = cases.iter().map(|c| c.0).collect();
    let (cells, descriptor) = csv_cells(json!({}), &contents);
    assert_eq!(cells, cases.map(|c| c.1));
    assert!(descriptor["notes"].to_string().contains("has a ' before"), "{descriptor}");
    let machines = json!({ "formulas": "keep", "white_space": "keep", "bom": false, "delimiter": "," });
    assert_eq!(csv_cells(machines, &contents).0, contents);
}

#[test]
fn csv_collapses_white_space_and_cuts_what_excel_would_cut() {
    let long = |n: usize| "🦀".repeat(n);
    let (cells, descriptor) =
        csv_cells(json!({}), &["a \n\t b\u{a0}c\u{2028}", &long(16_383), &long(16_384), &"x".repeat(40_000)]);
    assert_eq!(cells[0], "a b c ");
    assert_eq!(cells[1], long(16_383));
    assert_eq!(cells[2], long(16_383));
    assert_eq!(cells[3], "x".repeat(32_767));
    assert_eq!(descriptor["cut_cells"], 2);
}

#[test]
fn jsonl_keeps_every_digit_and_every_column() {
    let folder = tempfile::tempdir().unwrap();
    let columns = json!({ "what \"": "content", "n": "value", "exact": "value_exact", "start": "char_start", "day": "published", "score": "score", "title": "title" });
    let digits = "1234567890123456789012345.678";
    let rows = batch(vec![claim("a", "Say \"hi\"\n\u{1}", digits)]);
    let options = json!({ "tables": { "claims": columns } });
    let resources = write("jsonl", options.clone(), &[vec![rows.clone()]], folder.path());
    let expected = format!(
        "{{\"what \\\"\":\"Say \\\"hi\\\"\\n\\u0001\",\"n\":{digits},\"exact\":\"{digits}\",\"start\":0,\"day\":\"2025-06-23\",\"score\":null,\"title\":null}}\n"
    );
    assert_eq!(fs::read_to_string(&resources[0].staged).unwrap(), expected);

    let mut omit = options;
    omit["nulls"] = json!("omit");
    let resources = write("jsonl", omit, &[vec![rows]], folder.path());
    assert!(fs::read_to_string(&resources[0].staged).unwrap().ends_with("\"day\":\"2025-06-23\"}\n"));
}

#[test]
fn each_commit_is_a_row_group_and_big_tables_are_many_files() {
    let folder = tempfile::tempdir().unwrap();
    let many = |n: usize| batch((0..n).map(|i| claim(&format!("c{i}"), "x", "2.5")).collect());
    let groups = [vec![many(3), many(2)], vec![], vec![many(600_000)], vec![many(400_000)], vec![many(1)]];
    let options = json!({ "tables": { "claims": ["claim_id", "value", "published", "region"] } });
    let resources = write("parquet", options, &groups, folder.path());
    let paths: Vec<_> = resources.iter().map(|r| (r.path.to_str().unwrap(), r.rows)).collect();
    assert_eq!(paths, [("claims.parquet", 1_000_005), ("claims-2.parquet", 1)]);
    let file = fs::File::open(&resources[0].staged).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let groups: Vec<_> = reader.metadata().row_groups().iter().map(|g| g.num_rows()).collect();
    assert_eq!(groups, [5, 600_000, 400_000]);
    let meaning = reader.schema().field_with_name("value").unwrap().metadata().get("description").cloned();
    assert!(meaning.is_some_and(|m| m.starts_with("The number")));
    let first = reader.build().unwrap().next().unwrap().unwrap();
    assert_eq!(first["claim_id"].as_string::<i32>().value(4), "c1");
    assert_eq!(first["value"].as_primitive::<Float64Type>().value(0), 2.5);
    assert_eq!(first["published"].as_primitive::<Date32Type>().value(0), 20_262);
    assert!(first["region"].is_null(0));
}

#[test]
fn no_rows_still_make_files_with_all_columns() {
    for name in ["csv", "xlsx", "jsonl", "parquet"] {
        let folder = tempfile::tempdir().unwrap();
        let options = json!({ "dir": "deep/down", "columns": "full" });
        let resources = write(name, options, &[vec![Batch::default()]], folder.path());
        let tables: Vec<_> = resources.iter().map(|r| r.table.as_str()).collect();
        let expected = match name {
            "xlsx" => ["quantities", "statements", "documents", "problems"],
            _ => ["documents", "claims", "mentions", "problems"],
        };
        assert_eq!(tables, expected, "{name}");
        for resource in &resources {
            assert!(resource.path.starts_with("deep/down") && resource.staged.exists());
            let fields: Vec<_> = resource.descriptor["schema"]["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f["name"].as_str().unwrap())
                .collect();
            let header: Vec<String> = match name {
                "csv" => csv::Reader::from_path(&resource.staged)
                    .unwrap()
                    .headers()
                    .unwrap()
                    .iter()
                    .map(str::to_owned)
                    .collect(),
                "parquet" => {
                    let file = fs::File::open(&resource.staged).unwrap();
                    let schema = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().clone();
                    schema.fields().iter().map(|f| f.name().clone()).collect()
                }
                "xlsx" => sheet(&resource.staged, &resource.table)[0].iter().map(Data::to_string).collect(),
                _ => continue,
            };
            assert_eq!(fields, header, "{name}");
        }
    }
}

#[test]
fn views_hold_the_claims_of_one_kind_with_their_added_cells() {
    let statement = Claim { kind: ClaimKind::Statement, ..claim("s", "so", "1") };
    let mut rows = batch(vec![claim("q", "x", "2"), statement, claim("r", "y", "3")]);
    rows.claims.add(added()[0].clone(), Arc::new(StringArray::from(vec!["a", "b", "c"])));
    let options =
        json!({ "tables": { "quantities": ["claim_id", "region"], "statements": ["claim_id", "region"] } });
    let folder = tempfile::tempdir().unwrap();
    let jsonl = write("jsonl", options.clone(), &[vec![rows.clone()]], folder.path());
    let text: Vec<_> = jsonl.iter().map(|r| fs::read_to_string(&r.staged).unwrap()).collect();
    assert_eq!(text[0], "{\"claim_id\":\"q\",\"region\":\"a\"}\n{\"claim_id\":\"r\",\"region\":\"c\"}\n");
    assert_eq!(text[1], "{\"claim_id\":\"s\",\"region\":\"b\"}\n");

    let parquet = write("parquet", options, &[vec![rows]], folder.path());
    let file = fs::File::open(&parquet[1].staged).unwrap();
    let read =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().next().unwrap().unwrap();
    assert_eq!((read.num_rows(), read["region"].as_string::<i32>().value(0)), (1, "b"));
    assert_eq!(parquet[0].rows, 2);
}

#[test]
fn every_table_is_written_in_every_format() {
    let mut rows = batch(vec![claim("c", "x", "1")]);
    rows.mentions = vec![Mention { mention_id: "m".into(), ..Mention::default() }].into();
    rows.problems = vec![Problem { code: "truncated".into(), ..Problem::default() }];
    for name in ["csv", "jsonl", "parquet"] {
        let folder = tempfile::tempdir().unwrap();
        let resources =
            write(name, json!({ "columns": "full" }), &[vec![rows.clone(), rows.clone()]], folder.path());
        let counts: Vec<_> = resources.iter().map(|r| r.rows).collect();
        assert_eq!(counts, [2, 2, 2, 2], "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let resources = write("xlsx", json!({}), &[vec![rows.clone(), rows]], folder.path());
    let counts: Vec<_> = resources.iter().map(|r| r.rows).collect();
    assert_eq!(counts, [2, 0, 2, 2]);
}

/// The cells of a sheet, the header first.
fn sheet(path: &Path, name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
    book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

/// A part of a workbook, which is a ZIP archive, as it stands there.
fn xml(path: &Path, part: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    std::io::read_to_string(archive.by_name(part).unwrap()).unwrap()
}

#[test]
fn a_workbook_has_typed_cells_and_no_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = claim("b", "=1+1", "-10000000000.50");
    old.published = Some("1899-12-31".parse().unwrap());
    old.url = Some("https://example.com/a?b=c#d".into());
    let mut rows = batch(vec![claim("a", " Trade,\n\u{1}rose", "0.19"), old]);
    rows.claims.add(added()[0].clone(), Arc::new(StringArray::from(vec![Some("@SUM(A1)"), None])));
    rows.claims.add(added()[1].clone(), Arc::new(Float64Array::from(vec![f64::NAN, 1e16])));
    let columns = ["content", "value", "published", "time_at", "url", "char_start", "region", "score"];
    let options = json!({ "tables": { "quantities": columns } });
    let resources = write("xlsx", options, &[vec![rows]], folder.path());
    let text = |text: &str| Data::String(text.into());
    let cells = sheet(&resources[0].staged, "quantities");
    assert_eq!(cells[0], columns.map(text));
    assert_eq!(cells[1][0], text(" Trade, \u{1}rose"));
    assert_eq!(cells[1][1], Data::Float(0.19));
    let serials = cells[1][2..4].iter().map(|cell| match cell {
        Data::DateTime(at) => at.as_f64(),
        other => panic!("{other:?} is no date"),
    });
    // 45,831 days from 1899-12-30 to 2025-06-23, and 37,800.25 seconds.
    assert_eq!(serials.collect::<Vec<_>>(), [45_831.0, 45_831.0 + 37_800.25 / 86_400.0]);
    assert_eq!(cells[1][4..], [Data::Empty, Data::Float(0.0), text("@SUM(A1)"), Data::Empty]);
    let expected = [text("=1+1"), Data::Float(-10_000_000_000.5), text("1899-12-31")];
    assert_eq!(cells[2][..3], expected);
    assert_eq!(cells[2][4], text("https://example.com/a?b=c#d"));
    assert_eq!(cells[2][7], Data::Float(1e16));

    let page = xml(&resources[0].staged, "xl/worksheets/sheet1.xml");
    assert!(!page.contains("<f>"), "a formula");
    assert!(page.contains("<autoFilter ref=\"A1:H3\"/>") && page.contains("state=\"frozen\""), "{page}");
    let links = xml(&resources[0].staged, "xl/worksheets/_rels/sheet1.xml.rels");
    assert!(links.contains("Target=\"https://example.com/a?b=c\""), "{links}");
    assert_eq!(resources[0].descriptor["dialect"]["excel"]["sheet"], "quantities");
}

#[test]
fn a_workbook_cuts_long_cells_and_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let claims = vec![claim("a", &"🦀".repeat(16_384), "1"), claim("b", &"x".repeat(32_767), "1")];
    let options = json!({ "tables": { "quantities": ["content"] } });
    let resources = write("xlsx", options, &[vec![batch(claims)]], folder.path());
    let cells = sheet(&resources[0].staged, "quantities");
    assert_eq!(cells[1], [Data::String("🦀".repeat(16_383))]);
    assert_eq!(cells[2], [Data::String("x".repeat(32_767))]);
    assert_eq!(resources[0].descriptor["cut_cells"], 1);
}

#[test]
fn a_sheet_that_is_full_goes_on_in_a_second_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let many = |n: usize| batch((0..n).map(|i| claim(&format!("c{i}"), "x", "2.5")).collect());
    let groups = [vec![many(600_000)], vec![many(400_003)]];
    let options = json!({ "tables": { "quantities": ["claim_id"], "documents": ["doc_id"] } });
    let resources = write("xlsx", options, &groups, folder.path());
    let tables: Vec<_> = resources.iter().map(|r| (r.path.to_str().unwrap(), &*r.table, r.rows)).collect();
    let first = "tables.xlsx";
    let expected =
        [(first, "quantities", 1_000_000), (first, "documents", 2), ("tables-2.xlsx", "quantities", 3)];
    assert_eq!(tables, expected);
    let rest = sheet(&resources[2].staged, "quantities");
    let ids = ["claim_id", "c400000", "c400001", "c400002"];
    assert_eq!(rest.concat(), ids.map(|id| Data::String(id.into())));
}

#[test]
fn wrong_options_are_refused_at_their_place() {
    let cases = [
        (json!({ "tables": ["claims", "mention"] }), "/tables/1", "did you mean `mentions`?"),
        (json!({ "tables": ["claims", "claims"] }), "/tables/1", "twice"),
        (json!({ "tables": { "claims": ["value", "unti"] } }), "/tables/claims/1", "did you mean `unit`?"),
        (json!({ "tables": ["claims"], "columns": { "a": "vlaue" } }), "/columns/a", "did you mean `value`?"),
        (json!({ "columns": ["value"] }), "/columns", "of one table only"),
        (json!({ "tables": { "claims": "full" }, "columns": "brief" }), "/columns", "leave `columns` out"),
        (json!({ "tables": ["claims"], "columns": "breif" }), "", "`brief`, `full`"),
        (json!({ "dir": "../elsewhere" }), "/dir", "below the output folder"),
        (json!({ "delimiter": "\"" }), "/delimiter", "one ASCII character"),
        (json!({ "dir": "/tmp" }), "/dir", "below the output folder"),
    ];
    for (options, at, message) in cases {
        let Err(error) = open("csv", options.clone()) else { panic!("{options} was taken") };
        assert_eq!(error.at, at, "{options}");
        let told = format!("{} {}", error.message, error.help.unwrap_or_default());
        assert!(told.contains(message), "{told}");
    }
}

#[test]
fn a_file_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("claims.csv")).unwrap();
    let error = open("csv", json!({})).unwrap().open(workshop(folder.path()), &[]).err();
    let message = error.map(|e| e.to_string()).unwrap_or_default();
    assert!(message.contains("claims.csv: "), "{message}");
}

#[test]
fn a_sink_that_is_opened_anew_goes_on_where_its_files_end() {
    let batches: Vec<_> = (0..7).map(|i| batch(vec![claim(&format!("c{i}"), "é, =x", "0.5")])).collect();
    let groups = [2, 5];
    for name in ["csv", "xlsx", "jsonl", "parquet"] {
        let whole = tempfile::tempdir().unwrap();
        let all = write(
            name,
            json!({}),
            &[batches[..3].to_vec(), batches[3..6].to_vec(), batches[6..].to_vec()],
            whole.path(),
        );
        // Killed after each batch: what was told is all that the next one has.
        let folder = tempfile::tempdir().unwrap();
        let sink = open(name, json!({})).unwrap();
        let mut told: Vec<Kept> = Vec::new();
        for (i, batch) in batches.iter().enumerate() {
            let mut staging = sink.open(workshop(folder.path()), &told).unwrap();
            merge(&mut told, staging.append(sink.encode(batch).unwrap()).unwrap());
            if groups.contains(&i) {
                let committed = staging.commit().unwrap();
                told.retain(|kept| !kept.until_commit);
                merge(&mut told, committed);
            }
            for kept in &told {
                let path = folder.path().join(&kept.path);
                let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
                file.write_all(b"what was not told").unwrap();
            }
        }
        let mut staging = sink.open(workshop(folder.path()), &told).unwrap();
        staging.commit().unwrap();
        let resumed = staging.finish().unwrap();
        for (all, resumed) in all.iter().zip(&resumed) {
            assert_eq!((all.rows, &all.path), (resumed.rows, &resumed.path), "{name}");
            let (all, resumed) = (fs::read(&all.staged).unwrap(), fs::read(&resumed.staged).unwrap());
            assert!(all == resumed, "{name}: the bytes differ");
        }
    }
}

/// What follows on in one file is one.
fn merge(told: &mut Vec<Kept>, new: Vec<Kept>) {
    for kept in new {
        match told.iter_mut().find(|one| one.path == kept.path && one.to == kept.from) {
            Some(one) => {
                one.to = kept.to;
                one.rows += kept.rows;
            }
            None => told.push(kept),
        }
    }
}
