//! What the engine makes of batches, threads and stages that fail.

use std::fs;
use std::path::Path;

use claimline_pipeline::{Overrides, Plan, Progress, RunError, Settings, Summary, run};
use std::sync::atomic::Ordering;

use crate::stages::registry;

fn plan(ingest: &str, stages: &str, out: &Path) -> Plan {
    let text = format!("version: 1\nname: test\ningest: {ingest}\nstages: {stages}\nexport: [list]\n");
    let overrides = Overrides { out: Some(out.to_owned()), ..Overrides::default() };
    Plan::new(Path::new("p.yaml"), &text, &registry(), &overrides, &|_| None).unwrap()
}

/// Batches of three records, groups of twenty bytes.
fn small(threads: usize) -> Settings {
    Settings { threads, batch_records: 3, group_bytes: 20, ..Settings::default() }
}

fn list(ingest: &str, stages: &str, settings: &Settings) -> (String, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(ingest, stages, folder.path());
    let summary = run(&plan, settings, &Progress::default()).unwrap();
    (fs::read_to_string(folder.path().join("list.txt")).unwrap(), summary)
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let ingest = "[words: { paths: [a, b, '!lost', c, '!broken', d, b], times: 40 }]";
    let stages = "[mark: { sign: plus }, count, mark: { sign: minus }]"
        .replace(", mark", ", { mark")
        .replace("minus }]", "minus } }]");
    let one = list(ingest, &stages, &small(1));
    assert!(one.0.contains("a+#1-\n") && one.0.contains("--\n"));
    for threads in [2, 8] {
        let many = list(ingest, &stages, &small(threads));
        assert_eq!(one.0, many.0);
        assert_eq!(one.1.counts.documents, many.1.counts.documents);
    }
}

#[test]
fn every_record_ends_once() {
    let (lines, summary) =
        list("[words: { paths: [a, '!lost', b, '!broken', a, id=7, id=8, id=7] }]", "[]", &small(2));
    assert_eq!(
        lines,
        "a\nb\nwords: lost: gone\n\
         id=7\n(duplicate)\nwords: broken: no text\n\
         id=8\nwords: repeated_id: the id 7 came before; the first document keeps it\n--\n"
    );
    assert_eq!(
        (summary.counts.found, summary.counts.documents, summary.counts.duplicates, summary.counts.failed),
        (8, 5, 1, 3)
    );
}

#[test]
fn a_document_that_breaks_a_stage_costs_only_itself() {
    let (lines, summary) =
        list("[words: { paths: [a, '!panic', b, '!fail', c, d] }]", "[mark: { sign: plus }]", &small(1));
    assert_eq!(
        lines,
        "a+\nb+\nmark: panicked: cannot bear !panic\nc+\nd+\nmark: stage_failed: no good\n--\n"
    );
    assert_eq!((summary.counts.documents, summary.counts.failed), (4, 2));
}

#[test]
fn a_limit_ends_the_reading() {
    let (lines, summary) =
        list("[words: { paths: [a, b, c, d, e] }]", "[]", &Settings { limit: Some(4), ..small(1) });
    assert_eq!(lines, "a\nb\nc\nd\n--\n");
    assert_eq!(summary.counts.found, 4);
}

#[test]
fn a_stopped_run_leaves_what_was_there_and_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan("[words: { paths: [a] }]", "[]", folder.path());
    run(&plan, &small(2), &Progress::default()).unwrap();
    let before = fs::read(folder.path().join("list.txt")).unwrap();
    for threads in [1, 2] {
        let progress = Progress::default();
        progress.stop.store(true, Ordering::Relaxed);
        let settings = Settings { restart: true, ..small(threads) };
        assert!(matches!(run(&plan, &settings, &progress), Err(RunError::Interrupted)));
    }
    assert_eq!(fs::read(folder.path().join("list.txt")).unwrap(), before);
    let summary = run(&plan, &small(1), &Progress::default()).unwrap();
    assert_eq!((summary.done_before, summary.nothing_to_do), (0, false));
    let again = run(&plan, &small(1), &Progress::default()).unwrap();
    assert_eq!((again.done_before, again.nothing_to_do, again.counts.documents), (1, true, 1));
    assert_eq!(fs::read(folder.path().join("list.txt")).unwrap(), before);
}

#[test]
fn an_interrupted_run_that_no_longer_fits_is_told_with_what_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let one = plan("[words: { paths: [a] }]", "[mark: { sign: plus }]", folder.path());
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    assert!(matches!(run(&one, &small(1), &progress), Err(RunError::Interrupted)));
    let refused = |plan: &Plan, settings: Settings| match run(plan, &settings, &Progress::default()) {
        Err(RunError::Folder(error)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let other = plan("[words: { paths: [a] }]", "[mark: { sign: minus }]", folder.path());
    let told = refused(&other, small(1));
    assert!(told.contains(r#"pipeline: stages.0.mark.sign was "plus", and is "minus""#), "{told}");
    assert!(told.contains("--restart"), "{told}");
    let told = refused(&one, Settings { limit: Some(3), ..small(1) });
    assert!(told.contains("option --limit: it was none, and is 3"), "{told}");
    let told = refused(&one, Settings { program: "claimline 9".to_owned(), ..small(1) });
    assert!(told.contains("and is claimline 9"), "{told}");
    let settings = Settings { restart: true, ..small(1) };
    assert_eq!(run(&other, &settings, &Progress::default()).unwrap().counts.documents, 1);
    assert_eq!(fs::read_to_string(folder.path().join("list.txt")).unwrap(), "a-\n--\n");
}

#[test]
fn a_finished_run_is_made_anew_where_it_has_changed_but_not_over_edited_files() {
    let folder = tempfile::tempdir().unwrap();
    let list = || fs::read_to_string(folder.path().join("list.txt")).unwrap();
    for (sign, expected) in [("plus", "a+\n--\n"), ("minus", "a-\n--\n")] {
        let plan = plan("[words: { paths: [a] }]", &format!("[mark: {{ sign: {sign} }}]"), folder.path());
        assert!(!run(&plan, &small(1), &Progress::default()).unwrap().nothing_to_do);
        assert_eq!(list(), expected);
        assert!(run(&plan, &small(1), &Progress::default()).unwrap().nothing_to_do);
    }
    fs::write(folder.path().join("list.txt"), "edited by hand").unwrap();
    let plan = plan("[words: { paths: [a] }]", "[mark: { sign: plus }]", folder.path());
    let Err(RunError::Folder(error)) = run(&plan, &small(1), &Progress::default()) else {
        panic!("{}", list())
    };
    assert!(error.to_string().contains("list.txt is not as the run left it"), "{error}");
    assert_eq!(list(), "edited by hand");
}
