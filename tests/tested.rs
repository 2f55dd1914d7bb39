//! `claimline test`: what passes, what does not, and what is said of it.

use std::fs;

use serde_json::Value;

use crate::{Project, claimline, root, stderr};

/// A pipeline with `tests`, and a text beside it.
fn project(tests: &str) -> Project {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    project.write("pipeline.yaml", format!("{pipeline}tests:\n{tests}"));
    project.write("a.txt", "Date: 2025-06-23\n\nThe mill sold 40 looms on Friday.\n");
    project
}

/// What `claimline test` prints, and how it exits.
fn tested(project: &Project, options: &[&str]) -> (String, Option<i32>) {
    let output = claimline(project.folder.path(), &[&["test", "pipeline.yaml"], options].concat());
    (String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output), output.status.code())
}

#[test]
fn the_tests_of_the_bundled_pipelines_pass() {
    for entry in fs::read_dir(root().join("pipelines")).unwrap() {
        let path = entry.unwrap().path();
        let output = claimline(root(), &["test", path.to_str().unwrap(), "--json"]);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said:#}");
        assert!(said["passed"].as_u64().unwrap() >= 6, "{said:#}");
    }
}

#[test]
fn a_row_that_did_not_come_stands_beside_the_nearest_one() {
    let project = project(
        r#"  - name: two sales
    document: { published: 2025-06-23, text: "The mill sold 40 looms on Friday. It kept 12 spindles." }
    claims:
      - { predicate: kept, counted: spindle, value: 12 }
      - { subject: mill, predicate: sold, counted: loom, value: 41 }
"#,
    );
    let expected = "\
FAILED  two sales (pipeline.yaml:9)
  claims, row 2 did not come: 2 came, the nearest is
    40 · mill · sold · The mill sold 40 looms on Friday.
               expected  came
    subject    mill      mill
    predicate  sold      sold
    counted    loom      loom
  ≠ value      41        40
0 passed, 1 failed
";
    assert_eq!(tested(&project, &[]), (expected.to_owned(), Some(1)));
    let (painted, _) = tested(&project, &["--color", "always"]);
    assert!(painted.contains("\u{1b}[31mFAILED"), "{painted}");
}

#[test]
fn the_order_of_the_expected_rows_does_not_matter() {
    // The first row fits both claims, and the second only one of them.
    let project = project(
        r#"  - name: any order
    document: { text: "The mill sold 40 looms. The mill sold 12 spindles." }
    claims: [{ predicate: sold }, { predicate: sold, value: 40 }]
    counts: { claims: 2, documents: 1 }
  - name: one row is not two
    document: { text: "The mill sold 40 looms." }
    claims: [{ predicate: sold }, { value: 40 }]
"#,
    );
    let expected = "\
ok      any order
FAILED  one row is not two (pipeline.yaml:13)
  claims, row 2 did not come: the 1 that came are those of other expected rows
           expected
    value  40
1 passed, 1 failed
";
    assert_eq!(tested(&project, &[]), (expected.to_owned(), Some(1)));
}

#[test]
fn every_kind_of_expectation_can_fail() {
    let failing = [
        ("counts: { claims: 2 }", "claims: 2 expected, 1 came\n    40 · mill · sold"),
        ("no_claims: true", "claims: 0 expected, 1 came"),
        ("mentions: [{ kind: money }]", "mentions, row 1 did not come"),
        ("documents: [{ title: Looms }]", "title  Looms     (empty)"),
        ("problems: [{ severity: error }]", "problems, row 1 did not come: no problems came"),
        ("claims: [{ object: null, time_start: 2025-06-19 }]", "≠ time_start  2025-06-19  2025-06-20"),
    ];
    for (expectation, said) in failing {
        let test = format!("  - name: x\n    document: {{ path: a.txt }}\n    {expectation}\n");
        let (text, code) = tested(&project(&test), &[]);
        assert!(text.contains(said) && code == Some(1), "{expectation}: {text}");
    }
}

#[test]
fn a_document_that_fails_fails_its_test_unless_that_is_expected() {
    let test = |rest: &str| {
        let project = project(&format!("  - name: x\n    document: {{ path: a.txt.gz }}\n    {rest}\n"));
        project.write("a.txt.gz", "no gzip");
        tested(&project, &[])
    };
    let (text, code) = test("no_claims: true");
    assert!(text.contains("a document failed: files, ") && code == Some(1), "{text}");
    let (text, code) = test("problems: [{ severity: error, stage: files }]");
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn verdicts_come_as_json_and_as_junit_too() {
    let project = project(
        "  - { name: good, document: { path: a.txt }, counts: { documents: 1 } }\n  - { name: a <bad> one, document: { text: Nothing. }, counts: { claims: 3 } }\n",
    );
    let (json, code) = tested(&project, &["--json", "--junit", "junit.xml"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["passed"].as_u64(), json["failed"].as_u64(), code), (Some(1), Some(1), Some(1)));
    assert_eq!(json["tests"][1]["mismatches"][0]["rows_expected"], 3);
    let junit = fs::read_to_string(project.path("junit.xml")).unwrap();
    assert!(junit.contains(r#"<testsuite name="test" tests="2" failures="1" errors="0""#), "{junit}");
    assert!(junit.contains(r#"name="a &lt;bad&gt; one" file="pipeline.yaml" line="10""#), "{junit}");
    assert!(junit.contains(r#"<failure message="claims: 3 expected, 0 came">"#), "{junit}");
}

#[test]
fn a_test_that_can_not_be_tested_is_refused_with_the_pipeline() {
    let test = |rest: &str| {
        let project = project(&format!("  - {{ name: x, {rest} }}\n"));
        let checked = claimline(project.folder.path(), &["check", "pipeline.yaml"]);
        assert_eq!(checked.status.code(), Some(2), "{rest}");
        stderr(&checked)
    };
    let refused = [
        ("document: { text: a }", "a test that expects nothing"),
        ("document: { text: a }, claims: [{ subjct: a }]", "`claims` has no column `subjct`"),
        ("document: { text: a }, claims: [{ subjct: a }]", "did you mean `subject`?"),
        ("document: { text: a }, claims: [{ value: many }]", "`value` holds a number, found `\"many\"`"),
        ("document: { text: a }, claims: [{ bound: more }]", "did you mean `more_than`?"),
        ("document: { path: b.txt }, no_claims: true", "there is no file"),
        ("document: { path: a.txt, text: a }, no_claims: true", "the `path` of a file"),
        ("document: { text: a, published: June }, no_claims: true", "a day such as 2025-06-23"),
        ("document: { path: a.txt, source: csv }, no_claims: true", "which source reads this file"),
        ("document: { text: a }, no_claims: true, counts: { claims: 1 }", "`no_claims` stands beside"),
    ];
    for (rest, said) in refused {
        let text = test(rest);
        assert!(text.contains(said), "{rest}: {text}");
    }
    let none = Project::new("files: { paths: [a.txt] }");
    assert_eq!(tested(&none, &[]).1, Some(2), "a pipeline without tests has not passed them");
}
