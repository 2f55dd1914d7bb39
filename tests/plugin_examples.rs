//! The examples that show how a plugin is written: each in a pipeline, with what it does in the tables.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use claimline_stage::ABI;
use serde_json::Value;

use crate::plugin_faults::example;
use crate::{Project, Tables, claimline, root, stderr};

/// The folder of the examples.
fn examples() -> PathBuf {
    root().join("crates/stage/examples")
}

/// Whether `program` can be run; else says plainly that the test is skipped.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn there_is(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).output();
    let there = ran.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: `{program} {}` does not work here", arguments.join(" "));
    }
    there
}

/// The Python to use.
pub fn python() -> String {
    env::var("CLAIMLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// The folder that Cargo builds into.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_claimline")).ancestors().nth(2).unwrap()
}

/// A command of Cargo's that builds into that folder, from what is there.
pub fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).arg("--offline").current_dir(folder).env("CARGO_TARGET_DIR", target());
    cargo.output().unwrap()
}

/// What `stages`, a list in YAML, make of a document with `text`.
fn tables(stages: &str, text: &str) -> Tables {
    let project = Project::new("files: { paths: [a.txt] }");
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    let pipeline = pipeline.replace("stages: [clean, extract, normalise]", &format!("stages:\n{stages}"));
    project.write("pipeline.yaml", pipeline).write("a.txt", text);
    project.run()
}

/// A path or word as YAML takes it.
fn quoted(word: impl AsRef<Path>) -> String {
    Value::from(word.as_ref().to_str().unwrap()).to_string()
}

/// Builds a C file of this repository against the header.
fn build(flags: &[&str], source: &Path, to: &Path) {
    let mut cc = Command::new("cc");
    cc.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]).args(flags);
    cc.arg("-I").arg(root().join("docs")).arg("-I").arg(examples());
    let built = cc.arg("-o").arg(to).arg(source).output().unwrap();
    assert!(built.status.success(), "{}", stderr(&built));
}

/// Builds the C example as a library in `folder`.
fn redact(folder: &Path) -> PathBuf {
    let library = folder.join("libredact.so");
    build(&["-O2", "-shared", "-fPIC"], &examples().join("redact.c"), &library);
    library
}

#[test]
fn the_rust_plugin_adds_country_and_region() {
    let library = quoted(example("region"));
    let stages = format!("  - extract\n  - plugin: {{ library: {library}, options: {{ column: part }} }}");
    let claims = tables(&stages, "Trade with Kazakhstan has exceeded $10 billion. It fell by 5%.").claims;
    let cells: Vec<_> =
        claims.iter().map(|claim| (claim["country"].as_str(), claim["part"].as_str())).collect();
    assert_eq!(cells, [(Some("Kazakhstan"), Some("Central Asia")), (None, None)]);
}

#[test]
fn the_c_plugin_redacts_and_keeps_every_offset() {
    if !there_is("cc", &["--version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let library = quoted(redact(folder.path()));
    let text = "“Trade has exceeded $10 billion,” wrote zoë@büro.example.\n\nCall +44 20 7946 0958.\n";
    let stages = |options: &str| {
        format!("  - plugin: {{ library: {library}, options: {{ {options} }} }}\n  - clean\n  - extract")
    };
    let all = tables(&stages(""), text);
    let redacted = "“Trade has exceeded $10 billion,” wrote xxxxxxxxxxxxxxxx.\n\nCall xxxxxxxxxxxxxxxx.";
    assert_eq!(all.documents[0]["text"], redacted);
    assert_eq!(all.claims[0]["amount_text"], "$10 billion");
    let phones_kept = tables(&stages("keep: [phone]"), text);
    assert_eq!(
        phones_kept.documents[0]["text"],
        redacted.replace("Call xxxxxxxxxxxxxxxx", "Call +44 20 7946 0958")
    );
    assert_eq!(all.documents[0]["chars"], phones_kept.documents[0]["chars"]);
}

#[test]
fn the_jsonl_plugin_adds_readability() {
    if !there_is(&python(), &["--version"]) {
        return;
    }
    let (python, script) = (quoted(python()), quoted(examples().join("readability.py")));
    let stages = format!("  - clean\n  - plugin: {{ command: [{python}, {script}], protocol: jsonl }}");
    let document = &tables(&stages, "Trade has exceeded ten billion dollars. It grew.").documents[0];
    // Eight words in two sentences; "exceeded", "billion" and "dollars" are long.
    for (column, value) in [("sentence_words", 4.0), ("long_words", 37.5), ("lix", 41.5)] {
        assert_eq!(document[column], value, "{column}");
    }
}

#[test]
fn the_plugin_guide_shows_what_a_child_and_its_host_say() {
    let guide = fs::read_to_string(root().join("docs/plugins.md")).unwrap();
    assert!(guide.contains(&format!("a version of its own, apart from claimline's: now `{ABI}`")));
    if !there_is(&python(), &["--version"]) {
        return;
    }
    let shown: Vec<&str> = guide.lines().skip_while(|line| *line != "## Lines of JSON").collect();
    let shown =
        shown.into_iter().skip_while(|line| *line != "```text").skip(1).take_while(|line| *line != "```");
    let (asked, answered): (Vec<&str>, Vec<&str>) = shown.partition(|line| line.starts_with("> "));
    let mut child = Command::new(python())
        .arg(examples().join("readability.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = asked.iter().map(|line| format!("{}\n", &line[2..])).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(said.len(), answered.len());
    assert!(said.len() > 3, "the guide has a transcript");
    for (said, shown) in said.iter().zip(answered) {
        // What is cut short is shown up to there.
        let shown = &shown[2..];
        let start = shown.split("...").next().unwrap();
        assert!(said.starts_with(start) && (start != shown || said == shown), "{said}\n{shown}");
    }
}

#[test]
fn the_pyarrow_plugin_adds_tone() {
    if !there_is(&python(), &["-c", "import pyarrow"]) {
        return;
    }
    let (python, script) = (quoted(python()), quoted(examples().join("tone.py")));
    let stages =
        format!("  - extract\n  - plugin: {{ command: [{python}, {script}], options: {{ column: mood }} }}");
    let text = "The strike cost $5 million. A strong recovery after the crisis brought 7%. It sold 3 cars.";
    let claims = tables(&stages, text).claims;
    let cells: Vec<_> = claims.iter().map(|claim| claim["mood"].as_f64()).collect();
    assert_eq!(cells, [Some(-1.0), Some(1.0 / 3.0), None]);
}

#[test]
fn the_plugin_examples_bear_what_a_plugin_must() {
    let bears = |words: &[&str]| {
        let tried = claimline(root(), &[&["stages", "--conformance"], words].concat());
        assert!(tried.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&tried.stdout));
    };
    let script = |name: &str| examples().join(name).to_str().unwrap().to_owned();
    let python = python();
    let region = example("region");
    bears(&["--options", "{}", "--options", r#"{"column":"area"}"#, region.to_str().unwrap()]);
    if there_is("cc", &["--version"]) {
        let folder = tempfile::tempdir().unwrap();
        let library = redact(folder.path());
        bears(&["--options", "{}", "--options", r#"{"keep":["email"]}"#, library.to_str().unwrap()]);
    }
    if there_is(&python, &["--version"]) {
        bears(&["--protocol", "jsonl", "--", &python, &script("readability.py")]);
    }
    if there_is(&python, &["-c", "import pyarrow"]) {
        bears(&["--options", "{}", "--options", r#"{"column":"b"}"#, "--", &python, &script("tone.py")]);
    }
}

#[test]
fn the_pipeline_of_examples_runs_all_four_plugins() {
    if !(there_is("cc", &["--version"]) && there_is(&python(), &["-c", "import pyarrow"])) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    redact(folder.path());
    let name = format!("{DLL_PREFIX}region{DLL_SUFFIX}");
    fs::copy(example("region").with_file_name(&name), folder.path().join(&name)).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args(["run", "crates/stage/examples/pipeline.yaml", "--json", "--out"])
        .arg(folder.path())
        .envs([("CLAIMLINE_PLUGINS", folder.path().as_os_str()), ("CLAIMLINE_PYTHON", python().as_ref())])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    let heads = [("documents.csv", ",sentence_words,long_words,lix"), ("claims.csv", ",country,region,tone")];
    for (file, added) in heads {
        let table = fs::read_to_string(folder.path().join(file)).unwrap();
        let head = table.lines().next().unwrap();
        assert!(head.ends_with(added), "{file}: {head}");
        assert!(table.lines().skip(1).any(|row| !row.ends_with(',')), "{file}: the last column is empty");
    }
}

#[test]
fn the_c_plugin_minds_offsets_nulls_options_and_memory() {
    if !there_is("cc", &["--version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("redaction");
    let sanitized = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"];
    let probe = folder.path().join("probe.c");
    fs::write(&probe, "int main(void) { return 0; }\n").unwrap();
    let there = Command::new("cc").args(sanitized).arg("-o").arg(&program).arg(&probe).output().unwrap();
    let flags: &[&str] = if there.status.success() { &sanitized } else { &["-g"] };
    build(flags, &root().join("tests/redaction.c"), &program);
    let ran = Command::new(&program).output().unwrap();
    assert!(ran.status.success(), "{}", stderr(&ran));
}
