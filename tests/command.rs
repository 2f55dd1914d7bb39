//! What the command says and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use claimline_pipeline::Role;
use claimline_stage::{Context, Door};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::tables::{arrow_file, batch, parquet};
use crate::{Project, claimline, registry, root, stderr};

#[test]
fn every_stage_has_a_summary_documented_options_and_an_example_that_runs() {
    let registry = registry::built_in();
    let built_in = 10 + usize::from(cfg!(feature = "xlsx")) + 2 * usize::from(cfg!(feature = "parquet"));
    assert_eq!(registry.iter().count(), built_in, "two built-ins of one role share a name, or one is new");
    for one in registry.iter() {
        assert!(one.summary.ends_with('.'), "{}: {}", one.name, one.summary);
        let example = one.example.replace('\n', "\n  ");
        let mut lists = ["- files: { paths: [a.txt] }", "- extract", "- csv"];
        lists[Role::ALL.iter().position(|role| *role == Role::of(one)).unwrap()] = &example;
        let [ingest, stages, export] = lists;
        // What works on mentions stands behind what makes them.
        let before = match &one.door {
            Door::Stage(stage) => {
                !(stage.declares)(serde_json::json!({}), &Context::default()).unwrap().needs.is_empty()
            }
            _ => false,
        };
        let before = if before { "- extract\n  " } else { "" };
        let project = Project::new("files: { paths: [a.txt] }");
        write_tables(project.folder.path());
        project
            .write("a.txt", "Trade grew by $5 million.")
            .write("news/june/a.txt", "Trade grew by $5 million.")
            .write("feed.csv", "id,body,date\n1,Trade grew by $5 million.,2025-06-23\n")
            .write("feed.jsonl", r#"{"id": "1", "body": "Trade grew by $5 million.", "date": "2025-06-23"}"#)
            .write(
                "pipeline.yaml",
                format!(
                    "version: 1\nname: test\ningest:\n  {ingest}\nstages:\n  {before}{stages}\nout: out\nexport:\n  {export}\n"
                ),
            );
        let output = claimline(project.folder.path(), &["run", "pipeline.yaml", "--json"]);
        assert!(output.status.success(), "{}: {}", one.name, stderr(&output));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&summary["documents"], &summary["failed"]),
            (&1.into(), &0.into()),
            "{}: {summary}",
            one.name
        );
    }
}

/// One document as a Parquet file and as an Arrow file, named as the examples of their sources have it.
fn write_tables(folder: &Path) {
    let columns = [("id", "1"), ("body", "Trade grew by $5 million."), ("date", "2025-06-23")];
    let rows = [batch(&columns.map(|(name, text)| (name, vec![Some(text)])))];
    fs::write(folder.join("feed.arrow"), arrow_file(&rows)).unwrap();
    fs::write(folder.join("feed.parquet"), parquet(&rows)).unwrap();
}

#[test]
fn every_option_is_shown_with_its_type_and_what_it_means() {
    for one in registry::built_in().iter() {
        let shown = claimline(root(), &["stages", &one.name]);
        let text = String::from_utf8(shown.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for option in one.schema["properties"].as_object().into_iter().flatten().map(|(option, _)| option) {
            let at = lines.iter().position(|line| line.starts_with(&format!("  {option}: ")));
            let at = at.unwrap_or_else(|| panic!("{}: {option} has no type: {text}", one.name));
            // Behind what the option may be, in as many lines as that takes.
            let meaning =
                lines[at + 1..].iter().find(|line| !line.starts_with("  ") || line.starts_with("      "));
            assert!(meaning.is_some_and(|line| line.len() > 12), "{}: {option}: {text}", one.name);
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

#[test]
fn a_closed_pipe_ends_quietly() {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    project.write("a.txt", "Trade grew by $5 million.".repeat(500));
    let verbs: [&[&str]; 8] = [
        &["--help"],
        &["run", "--help"],
        &["schema"],
        &["stages"],
        &["completions", "zsh"],
        &["run", "pipeline.yaml", "--json"],
        &["preview", "pipeline.yaml", "--all"],
        &["check", "pipeline.yaml"],
    ];
    for arguments in verbs {
        let mut child = Command::new(env!("CARGO_BIN_EXE_claimline"))
            .args(arguments)
            .current_dir(project.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn colours_are_where_they_are_wanted() {
    let painted = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimline"));
        command.args(arguments).current_dir(root()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let painted = |bytes: &[u8]| bytes.contains(&0x1b);
        // What is refused is told on standard error, all else on standard output.
        assert_ne!(output.stdout.is_empty(), output.stderr.is_empty(), "{}", stderr(&output));
        painted(&output.stdout) || painted(&output.stderr)
    };
    let verbs: [&[&str]; 3] = [
        &["preview", "pipelines/news.yaml", "--nth", "2"],
        &["test", "pipelines/pages.yaml"],
        &["check", "tests/broken/stage_misspelt.yaml"],
    ];
    for verb in verbs {
        assert!(!painted(verb, &[]), "{verb:?}");
        assert!(painted(verb, &[("CLICOLOR_FORCE", "1")]), "{verb:?}");
        assert!(painted(&[verb, &["--color", "always"]].concat(), &[("NO_COLOR", "1")]), "{verb:?}");
        assert!(!painted(&[verb, &["--color", "never"]].concat(), &[("CLICOLOR_FORCE", "1")]), "{verb:?}");
    }
}

#[test]
fn what_goes_on_is_said_as_loud_as_it_is_wanted() {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    project.write("a.txt", "Trade grew by $5 million.");
    let run = |options: &[&str]| {
        let output = claimline(project.folder.path(), &[&["run", "pipeline.yaml"], options].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    run(&[]);
    assert!(run(&["--limit", "1"]).contains("began anew: option --limit"));
    assert!(!run(&["--limit", "2", "--log-level", "warn"]).contains("began anew"));
}

#[test]
fn shells_are_completed_and_the_manual_is_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = claimline(root(), &["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains("preview") && script.contains("log-level"), "{shell}: {script}");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = claimline(folder.path(), &["man", "pages/man1"]);
    assert!(output.status.success(), "{}", stderr(&output));
    for page in ["claimline.1", "claimline-run.1", "claimline-new-pipeline.1"] {
        let text = fs::read_to_string(folder.path().join("pages/man1").join(page)).unwrap();
        assert!(text.contains(".SH NAME") && text.contains(".SH OPTIONS"), "{page}: {text}");
    }
    let run = fs::read_to_string(folder.path().join("pages/man1/claimline-run.1")).unwrap();
    assert!(run.contains("mail/*.html"), "the examples are in the manual: {run}");
}

#[test]
fn a_new_pipeline_runs_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = claimline(folder.path(), arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output))
    };
    fs::create_dir(folder.path().join("the {old} texts")).unwrap();
    fs::write(folder.path().join("the {old} texts/a.txt"), "The mill sold 40 looms.").unwrap();
    for (name, texts) in [("mills", None), ("old-mills", Some("the {old} texts"))] {
        let (code, text) = said(&[&["new", "pipeline", name], texts.as_slice()].concat());
        assert_eq!(
            (code, text),
            (Some(0), format!("wrote {name}.yaml; try it: claimline run {name}.yaml\n"))
        );
        let file = &format!("{name}.yaml");
        let (code, text) = said(&["check", file]);
        assert!(code == Some(0) && !text.contains("warning"), "{text}");
        let (code, text) = said(&["run", file, "--json"]);
        let summary: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &summary["documents"]), (Some(0), &1.into()), "{text}");
        assert_ne!(summary["claims"]["quantity"], 0, "{text}");
        let (code, text) = said(&["test", file]);
        assert!(code == Some(0) && text.contains("3 passed, 0 failed"), "{text}");
        let before = fs::read(folder.path().join(file)).unwrap();
        let (code, text) = said(&["new", "pipeline", name]);
        assert!(code == Some(2) && text.contains("is there already"), "{text}");
        assert_eq!(fs::read(folder.path().join(file)).unwrap(), before);
    }
    for (arguments, told) in [
        (&["a/b"][..], "no name for a pipeline"),
        (&["b", "nowhere"], "there is no folder nowhere"),
        (&["b", "."], "in a folder of their own"),
    ] {
        let (code, text) = said(&[&["new", "pipeline"], arguments].concat());
        assert!(code == Some(2) && text.contains(told), "{text}");
    }
    assert!(!folder.path().join("b.yaml").exists());
}
