//! Bad input never stops a run and never disappears.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Project;

const GOOD: &str = "Trade has exceeded $10 billion.";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_bad_file_is_a_row_and_the_others_are_unharmed() {
    let project = Project::new("files: { paths: [\"in/**/*\"] }");
    let cut = gzip("The port handled 4,000 containers. ".repeat(5000).as_bytes());
    project
        .write("in/good.txt", GOOD)
        .write("in/empty.txt", "")
        .write("in/invalid.txt", b"Caf\xe9 sales rose to 12 million euros in the \xff\xfe quarter.")
        .write("in/cut.txt.gz", &cut[..cut.len() / 2])
        .write("in/not-a-gzip.txt.gz", "plain text")
        .write("in/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .write("in/again.txt", GOOD);
    let tables = project.run();
    let duplicate = |id: &serde_json::Value| tables.documents.iter().any(|d| d["duplicate_of"] == *id);
    assert_eq!(tables.documents.iter().filter(|d| d["duplicate_of"].is_null()).count(), 2);
    assert!(tables.documents.iter().any(|d| duplicate(&d["doc_id"])));
    let errors = tables.problems.iter().filter(|p| p["severity"] == "error").count();
    assert_eq!(tables.documents.len() + errors, 7, "{:?}", tables.problems);
    assert_eq!(tables.codes()["empty"], 1);
    assert_eq!(tables.codes()["unsupported_format"], 1);
    assert!(tables.claims.iter().any(|c| c["currency"] == "USD"));
}

#[test]
fn a_line_of_200_mb_is_a_row() {
    let project = Project::new("jsonl: { paths: [long.jsonl], fields: { text: text } }");
    let good = format!("{{\"text\": \"{GOOD}\"}}\n");
    let mut file = fs::File::create(project.path("long.jsonl")).unwrap();
    file.write_all(b"{\"text\": \"").unwrap();
    for _ in 0..200 {
        file.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    file.write_all(b"\"}\n").unwrap();
    file.write_all(good.as_bytes()).unwrap();
    let tables = project.run();
    assert_eq!((tables.documents.len(), tables.claims.len()), (1, 1));
    assert_eq!(tables.codes(), BTreeMap::from([("line_too_long", 1)]));
}

#[test]
fn a_file_that_expands_without_end_is_a_row() {
    let project = Project::new("jsonl: { paths: [bomb.jsonl.gz, good.jsonl], fields: { text: text } }");
    let bomb = gzip(&vec![b' '; 40 << 20]);
    assert!(bomb.len() < 100_000);
    project.write("bomb.jsonl.gz", bomb).write("good.jsonl", format!("{{\"text\": \"{GOOD}\"}}\n"));
    let tables = project.run();
    assert_eq!(tables.codes(), BTreeMap::from([("expands_too_much", 1)]));
    assert_eq!(tables.documents.len(), 1);
}

#[test]
fn what_a_compressed_file_holds_past_the_limit_is_a_row_and_a_plain_file_has_none() {
    let options = "fields: { text: text }, max_expanded_bytes: 4000";
    let project = Project::new(&format!("jsonl: {{ paths: [\"in.*\"], {options} }}"));
    let record = |i: usize| format!("{{\"text\": \"In {i} trade exceeded $10 billion.\"}}\n");
    let records = |from: usize| (from..from + 500).map(record).collect::<String>();
    project.write("in.jsonl", records(1000)).write("in.jsonl.gz", gzip(records(3000).as_bytes()));
    let tables = project.run();
    assert_eq!(tables.codes(), BTreeMap::from([("expands_too_much", 1)]));
    assert!(tables.problems[0]["message"].as_str().unwrap().contains("`max_expanded_bytes`"));
    let of = |name: &str| {
        tables.documents.iter().filter(|d| d["source_uri"].as_str().unwrap().ends_with(name)).count()
    };
    assert_eq!(of("in.jsonl"), 500);
    assert_eq!(of("in.jsonl.gz"), 4000 / record(3000).len());
}

#[test]
fn a_document_of_too_many_sentences_is_a_row() {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    let pipeline = std::fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    project.write("pipeline.yaml", pipeline.replace("extract", "extract: { max_sentences: 50 }"));
    project.write("good.txt", GOOD).write("long.txt", "Trade fell by 2%. ".repeat(51));
    let tables = project.run();
    assert_eq!(tables.codes(), BTreeMap::from([("too_many_sentences", 1)]));
    assert_eq!((tables.documents.len(), tables.claims.len()), (1, 1));
}

#[test]
fn a_run_stops_when_told_to_and_goes_on_when_it_may() {
    let project = Project::new("jsonl: { paths: [in.jsonl], fields: { text: text } }");
    project.write("in.jsonl", format!("{{\"text\": \"{GOOD}\"}}\nno json\nno json\n"));
    let pipeline = std::fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    for (on_error, code) in
        [("stop", 1), ("{ stop: true, max_failed: 1 }", 1), ("{ stop: true, max_failed: 2 }", 0)]
    {
        project.write("pipeline.yaml", format!("{pipeline}on_error: {on_error}\n"));
        let output = crate::claimline(project.folder.path(), &["run", "pipeline.yaml"]);
        assert_eq!(output.status.code(), Some(code), "{on_error}: {}", crate::stderr(&output));
        assert_eq!(project.path("out/claims.jsonl").exists(), code == 0);
        if code == 1 {
            assert!(crate::stderr(&output).contains("in.jsonl 2: bad_json"), "{}", crate::stderr(&output));
        }
    }
    project.write("pipeline.yaml", format!("{pipeline}on_error: {{ stop: true, max_failed: 5% }}\n"));
    let output = crate::claimline(project.folder.path(), &["check", "pipeline.yaml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn problems_are_listed_by_kind_and_steer_no_terminal() {
    let project = Project::new("jsonl: { paths: [in.jsonl], fields: { text: text, published: date } }");
    let bad = format!("{{\"text\": \"{GOOD}\", \"date\": \"\\u001b[2J\\u202e\"}}\n");
    project.write("in.jsonl", bad + &"no json\n".repeat(5)).run();
    let output = crate::claimline(project.folder.path(), &["problems", "out"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("error bad_json (jsonl): 5\n") && text.contains("and 2 more"), "{text}");
    assert!(text.contains("`\u{241b}[2J\u{fffd}` is no date"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn what_a_refusal_shows_of_a_pipeline_steers_no_terminal() {
    let project = Project::new("files: { paths: [a.txt] }");
    let lines = ["version: 1", "name: \"\\e[2J\" # \u{9b}31m\u{202e}", "ingest: []\r", "\u{1b}]0;x: 1", ""];
    for (pipeline, shown) in [
        // The mark stands under what it is of, behind signs that are wider than what they stand for.
        (lines.join("\n"), "\u{241b}]0;x"),
        ("version: 1 # \u{1b}[1m\nname: n\ningest: [filse: 1] # \u{1b}[2J".into(), "# \u{241b}[2J"),
    ] {
        project.write("pipeline.yaml", pipeline);
        let output = crate::claimline(project.folder.path(), &["check", "pipeline.yaml"]);
        assert_eq!(output.status.code(), Some(2));
        let text = crate::stderr(&output);
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']), "{text}");
    }
}

#[test]
fn broken_records_and_repeated_ids_are_rows() {
    let project =
        Project::new("jsonl: { paths: [\"*.jsonl\", \"*.jsonl.gz\"], fields: { id: id, text: text } }");
    let record =
        |id: u32| format!("{{\"id\": {id}, \"text\": \"In year {id} trade exceeded $10 billion.\"}}\n");
    project.write("a.jsonl", format!("{}not json\n{}\n{}{{\"id\": 4}}\n", record(1), record(2), record(1)));
    let many = gzip((5..2000).map(record).collect::<String>().as_bytes());
    project.write("b.jsonl.gz", &many[..many.len() - 20]);
    let tables = project.run();
    let codes = tables.codes();
    assert_eq!((codes["repeated_id"], codes["truncated"]), (1, 1), "{codes:?}");
    assert_eq!(codes.values().sum::<usize>(), 4, "{codes:?}");
    assert!(tables.documents.len() > 1000);
}

#[test]
fn ragged_rows_are_rows() {
    let project = Project::new("csv: { paths: [t.csv], fields: { id: id, text: body } }");
    project.write("t.csv", format!("id,body,extra\n1,{GOOD},x\n2,{GOOD}\n3,{GOOD},x,y,z\n4,\"{GOOD}\",\n"));
    let tables = project.run();
    assert_eq!((tables.documents.len(), tables.problems.len()), (2, 2), "{:?}", tables.problems);
}

#[test]
fn a_pattern_without_files_is_a_warning_and_a_missing_file_a_refusal() {
    let project = Project::new("files: { paths: [\"in/*.txt\", \"gone/*.txt\"] }");
    project.write("in/good.txt", GOOD);
    let tables = project.run();
    assert_eq!(tables.codes(), BTreeMap::from([("no_match", 1)]));
    assert_eq!(tables.documents.len(), 1);

    let project = Project::new("files: { paths: [gone.txt] }");
    let output = crate::claimline(project.folder.path(), &["run", "pipeline.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(crate::stderr(&output).contains("gone.txt"));
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_a_row() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new("files: { paths: [\"in/**/*.txt\"] }");
    project.write("in/good.txt", GOOD).write("in/closed/a.txt", GOOD);
    let closed = project.path("in/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        println!("skipped: this user may read everything");
    } else {
        let tables = project.run();
        assert_eq!((tables.documents.len(), tables.problems.len()), (1, 1));
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Pages made to break what reads them: each is a row that says why, soon.
#[test]
fn hostile_pages_are_rows_within_seconds() {
    // A hang is what is looked for; the machine may be busy, and the build without optimisation.
    const SOON: Duration = Duration::from_secs(10);
    let article = format!("<article>{}</article>", format!("<p>{GOOD}</p>").repeat(30));
    let attributes: String = (0..2_000_000).map(|n| format!(" a{n}=\"{n}\"")).collect();
    let chain = ["<div>".repeat(240), "x".to_owned(), "</div>".repeat(240)].concat();
    let across = ["<b>".repeat(80), "<div>".repeat(80), "</b>".repeat(80)].concat();
    let pages: [(&str, Vec<u8>, &str); 16] = [
        ("nested", "<div>".repeat(100_000).into(), "html_too_deep"),
        ("nested-in-a-drawing", format!("<svg><title>{}", "<b>".repeat(100_000)).into(), "html_too_deep"),
        ("attributes", format!("<p{attributes}>{article}").into(), "html_too_big"),
        ("siblings", "<br>".repeat(1_000_000).into(), "html_too_big"),
        ("paragraphs", "<p>x".repeat(500_000).into(), "html_too_big"),
        ("formatting", "<p><font color=1><font color=2><b><i><u>".repeat(50_000).into(), "html_too_big"),
        ("chains", chain.repeat(400).into(), "html_too_big"),
        ("ends-across", across.repeat(200).into(), "html_too_deep"),
        ("bodies", "<body a=1><body b=2><body c=3>".repeat(20_000).into(), "html_too_big"),
        ("entities", "&gt;".repeat(900_000).into(), "html_too_big"),
        ("bytes", vec![b'<'; 40 << 20], "html_too_big"),
        ("nul", b"<html>\0\0\0<p>x".to_vec(), "unsupported_format"),
        ("scripts", "<script>while(1){}</script>".repeat(60_000).into(), "not_an_article"),
        ("one-script", format!("<script>{}", "<p>x</p>".repeat(1_000_000)).into(), "not_an_article"),
        ("comment", format!("<!--{}", "<p>x</p>".repeat(1_000_000)).into(), "not_an_article"),
        ("empty", "<html></html>".into(), "not_an_article"),
    ];
    for (name, page, code) in pages {
        let project = Project::new("files: { paths: [in] }");
        project.write("in/page.html", page).write("in/good.txt", GOOD);
        let begun = Instant::now();
        let tables = project.run();
        assert!(begun.elapsed() < SOON, "{name} took {:?}", begun.elapsed());
        assert_eq!(tables.codes(), BTreeMap::from([(code, 1)]), "{name}: {:?}", tables.problems);
        assert_eq!(tables.documents.len(), 1, "{name}");
    }
    // Of two charsets one is right, and the other half is told to be lost.
    let project = Project::new("files: { paths: [page.html] }");
    let mixed =
        [b"<meta charset=utf-8>".as_slice(), article.as_bytes(), "\u{e9}\u{e9}".as_bytes(), b"\xE9"].concat();
    let tables = project.write("page.html", mixed).run();
    assert_eq!((tables.documents.len(), tables.codes()), (1, BTreeMap::from([("charset", 1)])));
}
