//! What the command says and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use claimline_pipeline::{Overrides, Plan, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::{Project, claimline, registry, root, stderr};

#[test]
fn every_stage_has_a_summary_documented_options_and_an_example_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "feed.csv", "feed.jsonl"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let base = folder.path().join("pipeline.yaml");
    let registry = registry::built_in();
    let built_in = 10 + usize::from(cfg!(feature = "xlsx"));
    assert_eq!(registry.iter().count(), built_in, "two built-ins of one role share a name, or one is new");
    for one in registry.iter() {
        assert!(one.summary.ends_with('.'), "{}: {}", one.name, one.summary);
        for (option, schema) in one.schema["properties"].as_object().into_iter().flatten() {
            let described = schema["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{}: {option} has no description", one.name);
        }
        let example = one.example.replace('\n', "\n  ");
        let mut lists = ["- files: { paths: [a.txt] }", "- extract", "- csv"];
        lists[Role::ALL.iter().position(|role| *role == Role::of(one)).unwrap()] = &example;
        let [ingest, stages, export] = lists;
        let text = format!(
            "version: 1\nname: test\ningest:\n  {ingest}\nstages:\n  {stages}\nexport:\n  {export}\n"
        );
        if let Err(refusal) = Plan::new(&base, &text, &registry, &Overrides::default(), &|_| None) {
            panic!("{}: {:?}\n{text}", one.name, refusal.troubles);
        }
    }
}

#[test]
fn stages_are_listed_and_shown() {
    let listed = claimline(root(), &["stages"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    for name in ["ingest:", "files", "clean", "extract", "normalise", "parquet"] {
        assert!(text.contains(name), "{text}");
    }
    let shown = claimline(root(), &["stages", "csv"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("columns"));
    assert_eq!(claimline(root(), &["stages", "cvs"]).status.code(), Some(2));
}

#[test]
fn a_wrong_pipeline_is_refused_with_its_place() {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap().replace("extract", "extrct");
    project.write("pipeline.yaml", pipeline).write("a.txt", "Trade grew by $5 million.");
    for verb in ["check", "run"] {
        let refused = claimline(project.folder.path(), &[verb, "pipeline.yaml"]);
        assert_eq!(refused.status.code(), Some(2));
        let text = stderr(&refused);
        assert!(text.contains("pipeline.yaml:5:17"), "{text}");
        assert!(text.contains("did you mean `extract`?"), "{text}");
    }
    assert!(!project.path("out").exists());
    assert_eq!(claimline(project.folder.path(), &["run", "nowhere.yaml"]).status.code(), Some(2));
}

#[test]
fn bundled_pipelines_pass_their_check() {
    for entry in fs::read_dir(root().join("pipelines")).unwrap() {
        let path = entry.unwrap().path();
        let checked = claimline(root(), &["check", path.to_str().unwrap()]);
        assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    }
}

#[test]
fn too_many_failures_publish_the_tables_and_exit_with_1() {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    project.write("a.txt", "Trade grew by $5 million.").write("b.txt", "");
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    project.write("pipeline.yaml", format!("{pipeline}on_error: {{ max_failed: 10% }}\n"));
    let output = claimline(project.folder.path(), &["run", "pipeline.yaml"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(project.path("out/claims.jsonl").exists());
}

#[test]
fn standard_input_is_a_document() {
    let project = Project::new("files: { paths: [\"-\"] }");
    project.write("in.txt", "Trade has exceeded $10 billion.");
    let input = fs::File::open(project.path("in.txt")).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args(["run", "pipeline.yaml", "--quiet"])
        .current_dir(project.folder.path())
        .stdin(input)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(crate::Tables::read(&project.path("out")).claims.len(), 1);
}

#[test]
fn ctrl_c_ends_a_run_without_tables_and_the_same_command_goes_on() {
    let project = Project::new("jsonl: { paths: [many.jsonl], fields: { text: text } }");
    let line =
        format!("{{\"text\": \"{}\"}}\n", "Trade grew by $5 million to 12 million tonnes. ".repeat(20));
    let numbered = (0..6_000).map(|i| line.replacen("Trade", &format!("Trade {i}"), 1));
    project.write("many.jsonl", numbered.collect::<String>());
    let mut child = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args(["run", "pipeline.yaml"])
        .current_dir(project.folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The journal grows with every batch; the corpus takes much longer than the next moment.
    let journal = project.path("out/.claimline/journal");
    while fs::metadata(&journal).map_or(0, |data| data.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        thread::sleep(Duration::from_millis(2));
    }
    let second = claimline(project.folder.path(), &["run", "pipeline.yaml"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(stderr(&second).contains(&format!("(process {})", child.id())), "{}", stderr(&second));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let left: Vec<_> = fs::read_dir(project.path("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".claimline"]);

    let summary = |output: std::process::Output| -> Value {
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let resumed = summary(claimline(project.folder.path(), &["run", "pipeline.yaml", "--json"]));
    assert_eq!(resumed["found"], 6_000);
    let before = resumed["documents_done_before"].as_u64().unwrap();
    assert!(0 < before && before < 6_000, "{before}");
    let again = summary(claimline(project.folder.path(), &["run", "pipeline.yaml", "--json"]));
    assert_eq!((&again["nothing_to_do"], &again["found"]), (&true.into(), &6_000.into()));
}

#[test]
fn input_and_out_stand_in_for_those_of_the_file() {
    let project = Project::new("files: { paths: [\"none/*.txt\"] }");
    project.write("elsewhere/a.txt", "Trade has exceeded $10 billion.");
    let ran = claimline(
        project.folder.path(),
        &["run", "pipeline.yaml", "--input", "elsewhere/*.txt", "--out", "tables"],
    );
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    assert!(Path::exists(&project.path("tables/claims.jsonl")) && !project.path("out").exists());
}
