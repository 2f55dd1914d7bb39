//! `--update` and `--retry-problems`: rows are taken over from what a run before has published, and the
//! tables are those of a run from the beginning.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use claimline_pipeline::{Again, Counts, Overrides, Plan, Progress, Settings, Summary, run};
use claimline_stage::Disk;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::faults::{Fault, Faulty};
use crate::samples::files;
use crate::{claimline, registry, stderr};

/// What happens to the input between two runs.
#[derive(Clone, Debug)]
enum Edit {
    /// A file of that number gets the text of that number, whether it was there or not.
    Write(usize, usize),
    /// A file goes.
    Remove(usize),
    /// A file gets the name of another.
    Rename(usize, usize),
    /// The line of a file of many has another text.
    Line(usize, usize),
}

const FILES: usize = 9;
const TEXTS: usize = 6;

/// Few texts, so that many say what another said; one has more sentences than are allowed, and one a
/// cell that breaks lines.
fn text(number: usize) -> String {
    match number {
        0 => "It sold 3 cars. ".repeat(9),
        1 => "Profit was \"$4 million\",\n\nand\r\nrose by 5 %.".to_owned(),
        _ => format!("Trade grew by ${number} million in 2024. Some {number} of them left on Monday."),
    }
}

fn line(number: usize, of: usize) -> String {
    match of {
        0 => "no json\n".to_owned(),
        _ => format!("{}\n", json!({ "id": number % 7, "text": text(of) })),
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let (file, of) = (0..FILES, 0..TEXTS);
    prop_oneof![
        3 => (file.clone(), of.clone()).prop_map(|(file, of)| Edit::Write(file, of)),
        1 => file.clone().prop_map(Edit::Remove),
        1 => (file.clone(), file.clone()).prop_map(|(from, to)| Edit::Rename(from, to)),
        2 => (file, of).prop_map(|(line, of)| Edit::Line(line, of)),
    ]
}

/// The input: files of a document each, and one of a document a line.
struct Input<'f> {
    folder: &'f Path,
    lines: Vec<usize>,
}

impl Input<'_> {
    fn apply(&mut self, edit: &Edit) {
        let file = |number: &usize| self.folder.join(format!("docs/{number}.txt"));
        match edit {
            Edit::Write(number, of) => fs::write(file(number), text(*of)).unwrap(),
            Edit::Remove(number) => drop(fs::remove_file(file(number))),
            Edit::Rename(from, to) => drop(fs::rename(file(from), file(to))),
            Edit::Line(number, of) => self.lines[*number] = *of,
        }
        let lines = self.lines.iter().enumerate().map(|(number, of)| line(number, *of));
        fs::write(self.folder.join("in.jsonl"), lines.collect::<String>()).unwrap();
    }
}

const PIPELINE: &str = "version: 1
name: update
ingest:
  - files: { paths: [docs/*.txt] }
  - jsonl: { paths: [in.jsonl], fields: { text: text, id: id } }
stages: [clean, extract: { max_sentences: 4 }, normalise]
export:
  - csv: { tables: { documents: { id: doc_id, what: text }, quantities: brief, problems: brief } }
  - jsonl: { tables: [mentions, claims, statements] }
  - parquet: { tables: [documents, blocks, claims, problems] }
";

fn plan(folder: &Path, out: &str) -> Plan {
    let overrides = Overrides { out: Some(folder.join(out)), ..Overrides::default() };
    Plan::new(&folder.join("p.yaml"), PIPELINE, &registry::built_in(), &overrides, &|_| None).unwrap()
}

type Round = (Vec<Edit>, Option<(Fault, u64)>, usize);

fn round() -> impl Strategy<Value = Round> {
    let fault = prop::sample::select(vec![Fault::Refused, Fault::Killed, Fault::PowerLost]);
    (prop::collection::vec(edit(), 0..4), prop::option::of((fault, 0..160_u64)), 1..4_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn an_update_makes_the_tables_of_a_run_from_the_beginning(
        rounds in prop::collection::vec(round(), 1..5),
        chance in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir(folder.join("docs")).unwrap();
        let mut input = Input { folder, lines: (0..FILES).collect() };
        (0..FILES).for_each(|i| input.apply(&Edit::Write(i, i % TEXTS)));
        let faulty = Faulty::default();
        let settings = |threads, again, disk| Settings {
            threads, again, disk, batch_records: 3, group_bytes: 500, ..Settings::default()
        };
        // It counts changes, and is quicker than one that has to be waited for.
        let (update, system) = (plan(folder, "out"), Arc::new(Faulty::default()) as Arc<dyn Disk>);
        run(&update, &settings(1, Again::Changed, system.clone()), &Progress::default()).unwrap();
        for (round, (edits, fault, threads)) in rounds.into_iter().enumerate() {
            edits.iter().for_each(|edit| input.apply(edit));
            if fault.is_some() {
                faulty.strike(fault);
                let disk = Arc::new(faulty.clone());
                let _ = run(&update, &settings(threads, Again::Changed, disk), &Progress::default());
                faulty.recover(chance);
            }
            let updated = run(&update, &settings(threads, Again::Changed, system.clone()), &Progress::default());
            let updated = updated.unwrap();
            let fresh = format!("fresh-{round}");
            let whole = plan(folder, &fresh);
            let whole = run(&whole, &settings(2, Again::All, system.clone()), &Progress::default()).unwrap();
            let (found, expected) = (files(&folder.join("out")), files(&folder.join(fresh)));
            prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (name, bytes) in &expected {
                prop_assert!(found[name] == *bytes, "{} differs in round {}", name, round);
            }
            // What stages counted is of the documents that went through them this time.
            let counts = |summary: Summary| Counts { by_stages: BTreeMap::new(), ..summary.counts };
            prop_assert_eq!(counts(updated), counts(whole));
        }
    }
}

fn summary(folder: &Path, arguments: &[&str]) -> Value {
    let ran = claimline(folder, &[&["run", "p.yaml", "--json"], arguments].concat());
    assert!(ran.status.success(), "{}", stderr(&ran));
    serde_json::from_slice(&ran.stdout).unwrap()
}

#[test]
fn only_what_is_new_or_had_problems_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("p.yaml"), PIPELINE).unwrap();
    fs::write(folder.join("in.jsonl"), line(0, 3)).unwrap();
    fs::create_dir(folder.join("docs")).unwrap();
    let write = |number: usize, text: String| {
        fs::write(folder.join(format!("docs/{number}.txt")), text).unwrap();
    };
    (0..10).for_each(|i| write(2 * i, text(i)));
    let first = summary(folder, &[]);
    let done = |summary: &Value| {
        [&summary["found"], &summary["documents_done_before"], &summary["failed"]].map(Value::clone)
    };
    assert_eq!(done(&first), [11, 0, 1]);
    assert_eq!(summary(folder, &["--update"])["nothing_to_do"], true);

    // A new document in the middle, one that has changed, one that is gone; the first fails again.
    write(7, text(20));
    write(4, text(21));
    fs::remove_file(folder.join("docs/18.txt")).unwrap();
    assert_eq!(done(&summary(folder, &["--update"])), [11, 8, 1]);

    // A fix: what failed comes through, and the others stay as they were made.
    let fixed = PIPELINE
        .replace("max_sentences: 4", "max_sentences: 40")
        .replace("normalise", "normalise: { dates: { order: mdy } }");
    fs::write(folder.join("p.yaml"), &fixed).unwrap();
    let retried = summary(folder, &["--retry-problems"]);
    assert_eq!(done(&retried), [11, 10, 0]);
    assert_eq!(retried["documents"], 11);
    assert_eq!(summary(folder, &["--retry-problems"])["nothing_to_do"], true);

    // Rows of other columns can't stand beside those that are there.
    fs::write(folder.join("p.yaml"), fixed.replace("what: text", "what: title")).unwrap();
    let refused = claimline(folder, &["run", "p.yaml", "--retry-problems"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("export.0.csv.tables.documents.what was \"text\", and is \"title\""),
        "{}",
        stderr(&refused)
    );
}
