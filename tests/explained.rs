//! `claimline explain`: a claim back to its words, its rule and what its values come from.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{Project, claimline, stderr};

const TEXT: &str = "TORONTO, June 23 - The mill sold 40 looms for $12 million on Friday, and 60 miles (97 km) of yarn. \
    Its owner, Mary Roe, said that sales had doubled.\n";

/// A project that has run over `TEXT`, with sinks and what else its pipeline says.
fn ran(ingest: &str, name: &str, input: &str, export: &str) -> Project {
    let project = Project::new(ingest);
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    let normalise = "normalise: { currency: { to: EUR }, units: { to: metric } }";
    let pipeline = pipeline.replace("normalise]", &format!("{normalise}]")).replace("[jsonl]", export);
    project.write("pipeline.yaml", pipeline).write(name, input);
    let output = claimline(project.folder.path(), &["run", "pipeline.yaml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    project
}

fn ran_over_text(export: &str) -> Project {
    ran("files: { paths: [\"*.txt\"] }", "a.txt", &format!("Date: 2025-06-23\n\n{TEXT}"), export)
}

fn claims(project: &Project) -> Vec<Value> {
    let text = fs::read_to_string(project.path("out/claims.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The id of the first claim with a cell.
fn id_of(project: &Project, column: &str, cell: &str) -> String {
    let claims = claims(project);
    let claim = claims.iter().find(|claim| claim[column] == cell);
    claim.unwrap_or_else(|| panic!("{claims:#?}"))["claim_id"].as_str().unwrap().to_owned()
}

/// What is explained of a claim, all in one line, or what is said on standard error.
fn explain(project: &Project, id: &str, options: &[&str]) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args([&["explain", id, "--out", "out"], options].concat())
        .current_dir(project.folder.path())
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    (text.split_whitespace().collect::<Vec<_>>().join(" "), output.status.success())
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\nin: {text}");
    }
}

#[test]
fn a_quantity_is_told_by_its_words_its_rule_and_its_values() {
    let project = ran_over_text("[jsonl]");
    let (text, _) = explain(&project, &id_of(&project, "amount_text", "$12 million"), &[]);
    says(
        &text,
        &[
            "quantity of ",
            "The mill [predicate: sold] [subject: 40 looms]",
            "[time: Friday]",
            "amount 46..57 $12 million",
            "rule of the amount <currency> <number> A currency's sign, code or abbreviation",
            "It reads `$12 million` as dollar.",
            "rule of the time <weekday>",
            "time 2025-06-20 `Friday` at ",
            "says XXXX-WXX-5. It is counted from 2025-06-23, the day of publication (metadata), in a clause of the past.",
            "currency CAD `$12 million` says no more than dollar",
            "the dateline tells it: `TORONTO` at 0..7.",
            "12000000 CAD x 0.",
            "the reference rate of the European Central Bank of 2025-06-20",
            "pipeline test (",
            "Nothing has changed since.",
        ],
    );
    let (text, _) = explain(&project, &id_of(&project, "unit", "mile"), &[]);
    says(&text, &["std_value 96560.64 metre 60 mile x 1609.344.", "restates this one c", "97 kilometre"]);
    let (text, _) = explain(&project, &id_of(&project, "amount_text", "$12 million"), &["--color", "always"]);
    assert!(text.contains("\u{1b}[36m40 looms") && !text.contains("[subject:"), "{text}");
}

#[test]
fn a_statement_is_told_by_its_cue() {
    let project = ran_over_text("[jsonl]");
    let (text, _) = explain(&project, &id_of(&project, "kind", "statement"), &[]);
    says(
        &text,
        &[
            "[source: Its owner, Mary Roe], [cue: said] [content: that [subject: sales] [predicate: had doubled]]",
            "rule of the statement <source> says that <clause> Somebody, a verb of saying",
        ],
    );
}

#[test]
fn the_same_comes_as_json() {
    let project = ran_over_text("[jsonl]");
    let (text, _) = explain(&project, &id_of(&project, "amount_text", "$12 million"), &["--json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["claim"]["currency"], &json["run"]["changes"]),
        (&"CAD".into(), &serde_json::json!([]))
    );
    let reasons = json["reasons"].as_array().unwrap();
    let rule = &reasons[0];
    assert_eq!((&rule["stage"], &rule["is"]), (&"extract".into(), &"<currency> <number>".into()));
    assert!(!rule["examples"].as_array().unwrap().is_empty());
    assert!(reasons.iter().any(|reason| reason["of"] == "time" && reason["is"] == "2025-06-20"), "{json:#}");
}

#[test]
fn any_sink_and_any_source_will_do() {
    let line = format!("{}\n", serde_json::json!({ "id": "=7", "body": TEXT, "day": "2025-06-23" }));
    let fields = "fields: { id: id, text: body, published: day }";
    let csv = format!("id,body,day\n=7,\"{TEXT}\",2025-06-23\n");
    for (ingest, name, input) in [
        (format!("jsonl: {{ paths: [a.jsonl], {fields} }}"), "a.jsonl", line),
        (format!("csv: {{ paths: [a.csv], {fields} }}"), "a.csv", csv),
    ] {
        for other in ["csv", "parquet"] {
            let project = ran(&ingest, name, &input, &format!("[jsonl: {{ dir: first }}, {other}]"));
            let first = project.path("out/first/claims.jsonl");
            let lines = fs::read_to_string(&first).unwrap();
            let claim: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
            // So that the other tells which document it is of.
            fs::write(first, "").unwrap();
            let (text, _) = explain(&project, claim["claim_id"].as_str().unwrap(), &[]);
            says(&text, &["doc_id =7", &format!("{name}, "), "rule of the amount"]);
        }
    }
}

#[test]
fn where_no_table_has_ids_all_documents_are_looked_through() {
    let with_ids = ran_over_text("[jsonl]");
    let id = id_of(&with_ids, "amount_text", "$12 million");
    let project = ran_over_text("[csv: { tables: { claims: [subject, value] } }]");
    let (text, explained) = explain(&project, &id, &[]);
    assert!(explained, "{text}");
    says(
        &text,
        &["note: no table of the run tells which document", "rule of the amount <currency> <number>"],
    );
}

#[test]
fn an_id_may_be_short_and_a_wrong_one_is_told() {
    let project = ran_over_text("[jsonl]");
    let id = id_of(&project, "kind", "statement");
    assert_eq!(explain(&project, &id[..8], &[]).0, explain(&project, &id, &[]).0);
    let (text, _) = explain(&project, "c", &[]);
    says(&text, &["claims begin with c: c"]);
    let wrong = format!("{}1", &id[..16]);
    let (text, explained) = explain(&project, &wrong, &[]);
    says(&text, &[&format!("did you mean {id}?"), "the column `claim_id` of out/claims.jsonl has them all"]);
    assert!(!explained);
    let nowhere = claimline(project.folder.path(), &["explain", "c1", "--out", "elsewhere"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("elsewhere is the output folder of no run"), "{}", stderr(&nowhere));
}

#[test]
fn what_has_changed_since_is_said() {
    let project = ran_over_text("[jsonl]");
    let id = id_of(&project, "amount_text", "$12 million");
    project.write("a.txt", format!("Date: 2025-06-23\n\n{TEXT}\n\nMore.\n"));
    let (text, explained) = explain(&project, &id, &[]);
    assert!(explained, "{text}");
    says(&text, &["Changed since, so that the row in the tables may be another: input", "bytes, it had"]);
    project.write("a.txt", "Nothing.");
    says(&explain(&project, &id, &[]).0, &["does not give the claim", "bytes, it had"]);
    fs::remove_file(project.path("a.txt")).unwrap();
    let (text, explained) = explain(&project, &id, &[]);
    says(&text, &["can't be read any more", "a.txt is gone"]);
    assert!(!explained);
}

#[test]
fn standard_input_can_not_be_read_again() {
    let project = Project::new("files: { paths: [\"-\"] }");
    project.write("in.txt", TEXT);
    let status = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args(["run", "pipeline.yaml", "--quiet"])
        .current_dir(project.folder.path())
        .stdin(fs::File::open(project.path("in.txt")).unwrap())
        .status()
        .unwrap();
    assert!(status.success());
    let (text, explained) = explain(&project, &id_of(&project, "kind", "statement"), &[]);
    says(&text, &["standard input, which can't be read again"]);
    assert!(!explained);
}
