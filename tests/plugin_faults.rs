//! What plugins do wrong, and what it costs: the one document that they do it with.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{Tables, claimline, stderr};

/// A library that `cargo test --workspace` has built among the examples.
pub fn example(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_claimline")).parent().unwrap().join("examples").join(name);
    let file = path.with_file_name(format!("lib{name}{}", std::env::consts::DLL_SUFFIX));
    assert!(file.is_file(), "{} is not there: `cargo test --workspace` builds it", file.display());
    path
}

/// A folder with three documents, of which the second has the word `Bad`.
pub struct Three {
    pub folder: tempfile::TempDir,
}

impl Three {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let texts = ["Trade grew by $5 million.", "Bad trade grew by $6 million.", "Naïve trade grew by €7."];
        let records = texts.iter().zip(["a", "b", "c"]);
        let lines: Vec<_> = records.map(|(text, id)| json!({ "id": id, "text": text }).to_string()).collect();
        fs::write(folder.path().join("three.jsonl"), lines.join("\n")).unwrap();
        Self { folder }
    }

    /// Writes a pipeline whose stages end with `stages`.
    pub fn pipeline(&self, stages: &str) -> &Self {
        let text = format!(
            "version: 1\nname: test\ningest:\n  - jsonl: {{ paths: [three.jsonl], fields: {{ id: id, text: text }} }}\n\
             stages:\n  - extract\n{stages}\nout: out\nexport: [jsonl]\n"
        );
        fs::write(self.folder.path().join("pipeline.yaml"), text).unwrap();
        self
    }

    /// Runs the pipeline, which must end well.
    pub fn run(&self) -> Tables {
        let output = claimline(self.folder.path(), &["run", "pipeline.yaml", "--restart"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        Tables::read(&self.folder.path().join("out"))
    }

    /// What `check` says of a pipeline that can't run.
    pub fn refusal(&self) -> String {
        let output = claimline(self.folder.path(), &["check", "pipeline.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        stderr(&output)
    }
}

fn misbehaving(how: &str, rest: &str) -> String {
    let library = json!(example("misbehave"));
    format!("  - plugin: {{ library: {library}, options: {{ how: {how}, on: Bad }}{rest} }}")
}

/// The second document must be lost with that code, and a message with those words; the others not.
fn costs_the_second(tables: &Tables, code: &str, words: &str) {
    let ids: Vec<_> = tables.documents.iter().map(|document| &document["doc_id"]).collect();
    assert_eq!(ids, ["a", "c"], "{code}");
    assert!(tables.documents.iter().all(|document| document["seen"] == document["doc_id"]), "{code}");
    assert_eq!(tables.claims.len(), 2, "{code}");
    let [problem] = &tables.problems[..] else { panic!("{code}: {:?}", tables.problems) };
    let told = ["doc_id", "stage", "severity", "code"].map(|key| problem[key].as_str().unwrap());
    assert_eq!(told, ["b", "misbehave", "error", code]);
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains(words), "{code}: {message}");
}

#[test]
fn a_plugin_in_the_process_that_fails_costs_one_document() {
    let three = Three::new();
    let cases = [
        ("panic", "panicked", "cannot bear Bad"),
        ("fail", "stage_failed", "it would rather not"),
        ("drop", "dropped", "not about trade"),
        ("lie", "plugin_output", "no column `unsaid`"),
        ("wrong_type", "plugin_output", "column seen of documents must be Utf8, not Float64"),
        ("outside", "plugin_output", "whose text has 29 code points"),
        ("other_words", "plugin_output", "is not what stands at 0..7"),
        ("stranger", "plugin_output", "`nobody` is no document"),
        ("twice", "plugin_output", "claims has c twice"),
        ("text", "plugin_output", "changes documents.text"),
    ];
    for (how, code, words) in cases {
        costs_the_second(&three.pipeline(&misbehaving(how, "")).run(), code, words);
    }
}

#[test]
fn a_plugin_in_its_own_process_that_crashes_or_hangs_costs_one_document() {
    let three = Three::new();
    let cases = [
        ("panic", "panicked", "cannot bear Bad"),
        ("abort", "plugin_crash", "signal 6"),
        ("segfault", "plugin_crash", "signal 11"),
        ("hang", "plugin_timeout", "no answer in 1 s"),
        ("outside", "plugin_output", "whose text has 29 code points"),
    ];
    for (how, code, words) in cases {
        let isolated = misbehaving(how, ", isolation: process, timeout_seconds: 1");
        costs_the_second(&three.pipeline(&isolated).run(), code, words);
    }
}

#[test]
fn a_plugin_drops_documents_on_purpose_without_failing_the_run() {
    let three = Three::new();
    three.pipeline(&misbehaving("drop", ""));
    let pipeline = three.folder.path().join("pipeline.yaml");
    let text = fs::read_to_string(&pipeline).unwrap();
    fs::write(&pipeline, format!("{text}on_error: {{ max_failed: 0 }}\n")).unwrap();
    let output = claimline(three.folder.path(), &["run", "pipeline.yaml", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["found"], &summary["documents"]), (&json!(3), &json!(2)));
    assert_eq!((&summary["dropped"], &summary["failed"]), (&json!(1), &json!(0)));
}

#[test]
fn a_plugin_is_checked_as_a_built_in_is() {
    let three = Three::new();
    let library = json!(example("misbehave"));
    let cases = [
        (misbehaving("panik", ""), "8:", "did you mean `panic`?"),
        (
            format!("  - plugin: {{ library: {library}, options: {{ how: panic, at: 1 }} }}"),
            "7:",
            "missing key `on`",
        ),
        (format!("  - plugin: {{ library: {library}, optoins: {{}} }}"), "7:", "did you mean `options`?"),
        ("  - plugin: { library: nowhere/region }".to_owned(), "7:24", "there is no library"),
        ("  - plugin: { library: three.jsonl }".to_owned(), "7:", "can't be loaded"),
        ("  - plugin: { command: [no-such-program] }".to_owned(), "7:", "can't be started"),
        ("  - plugin: { timeout_seconds: 3 }".to_owned(), "7:", "`library:` or `command:`"),
        ("  - plugin: { command: [x], isolation: process }".to_owned(), "7:", "process of its own already"),
    ];
    for (stages, place, words) in cases {
        let text = three.pipeline(&stages).refusal();
        let place = place.replace("8:", "7:");
        assert!(text.contains(&format!("pipeline.yaml:{place}")), "{stages}\n{text}");
        assert!(text.contains(words), "{stages}\n{text}");
    }
}

#[test]
fn a_plugin_stands_only_where_it_can() {
    let three = Three::new();
    let text = three.pipeline("  - clean").refusal();
    assert!(text.contains("`clean` changes the text, in which `extract` has taken offsets"), "{text}");
    let twice = format!("{}\n{}", misbehaving("nothing", ""), misbehaving("nothing", ""));
    let text = three.pipeline(&twice).refusal();
    assert!(text.contains("documents has a column `seen` already"), "{text}");
    let source = json!(example("words"));
    let text =
        three.pipeline(&format!("  - plugin: {{ library: {source}, options: {{ texts: [a] }} }}")).refusal();
    assert!(text.contains("the plugin `words` is a source, and belongs under `ingest:`"), "{text}");
}

/// A script in Python that speaks lines of JSON; `work` handles `document`, and makes an `answer`.
fn script(three: &Three, work: &str) -> String {
    let text = format!(
        r#"import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    answer = {{}}
    if asked["verb"] == "describe":
        answer = {{"description": {{"abi": "0.1", "name": "misbehave", "adds":
            {{"documents": [{{"name": "seen", "type": "text"}}]}}}}}}
    elif asked["verb"] == "process":
        document = asked["document"]
        answer = {{"document": {{"seen": document["doc_id"]}}}}
        if "Bad" in document["text"]:
            {work}
    print(json.dumps({{"id": asked["id"], **answer}}), flush=True)
"#
    );
    fs::write(three.folder.path().join("stage.py"), text).unwrap();
    "  - plugin: { command: [python3, stage.py], protocol: jsonl, timeout_seconds: 1 }".to_owned()
}

#[test]
fn a_script_plugin_that_goes_wrong_costs_one_document() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3 on this machine");
        return;
    }
    let three = Three::new();
    let cases = [
        ("raise ValueError('cannot bear it')", "plugin_crash", "ValueError: cannot bear it"),
        ("os._exit(3)", "plugin_crash", "ended with status 3"),
        ("time.sleep(60)", "plugin_timeout", "must flush"),
        ("print('loading ...')", "plugin_output", "it wrote `loading ...`, which is no answer in JSON"),
        ("answer = {'documents': []}", "plugin_output", "the key `documents`; allowed: document"),
        ("print('{}', flush=True)", "plugin_output", "does not repeat the `id`"),
        ("asked['id'] += 1", "plugin_output", "asked with the id"),
        ("answer = {'document': {'unsaid': 1}}", "plugin_output", "no column `unsaid`"),
        ("answer = {'document': {'seen': 1}}", "plugin_output", "must be Utf8, not Int64"),
        ("answer = {'error': 'no luck'}", "stage_failed", "no luck"),
        ("answer = {'drop': 'not about trade'}", "dropped", "not about trade"),
        ("answer = {'claims': [{'char_start': 5, 'char_end': 99}]}", "plugin_output", "5..99"),
    ];
    for (work, code, words) in cases {
        let stage = script(&three, work);
        costs_the_second(&three.pipeline(&stage).run(), code, words);
    }
}

#[test]
fn a_script_plugin_that_answers_twice_is_taken_at_its_first_word() {
    let three = Three::new();
    let work = "print(json.dumps({'id': asked['id'], 'document': {'seen': 'b'}}))";
    let tables = three.pipeline(&script(&three, work)).run();
    let seen: Vec<_> = tables.documents.iter().map(|document| &document["seen"]).collect();
    assert_eq!(seen, ["a", "b", "c"]);
    assert!(tables.problems.is_empty());
}

#[cfg(unix)]
#[test]
fn a_plugin_program_is_found_from_any_folder() {
    use std::os::unix::fs::PermissionsExt;
    let three = Three::new();
    script(&three, "pass");
    let path = three.folder.path().join("stage.py");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("#!/usr/bin/env python3\n{text}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    three.pipeline("  - plugin: { command: [./stage.py], protocol: jsonl }");
    let (parent, name) = (three.folder.path().parent().unwrap(), three.folder.path().file_name().unwrap());
    let pipeline = Path::new(name).join("pipeline.yaml");
    let output = claimline(parent, &["run", pipeline.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(Tables::read(&three.folder.path().join("out")).documents[2]["seen"], "c");
    fs::write(&path, format!("#!/usr/bin/env python3\n{text}# changed\n")).unwrap();
    let log = stderr(&claimline(parent, &["run", pipeline.to_str().unwrap()]));
    assert!(log.contains("stage.py has changed"), "{log}");
}

#[test]
fn what_a_script_plugin_says_stands_in_the_log_under_its_name() {
    let three = Three::new();
    let stage = script(&three, r"print('loading \x1b[31mred', file=sys.stderr, flush=True)");
    three.pipeline(&stage);
    let output = claimline(three.folder.path(), &["run", "pipeline.yaml", "--restart"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let log = stderr(&output);
    assert!(log.contains("misbehave: loading \u{241b}[31mred"), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
}

#[test]
fn a_script_plugin_edits_adds_and_takes_claims_out() {
    let three = Three::new();
    let work = "answer['claims'] = [{'char_start': 0, 'char_end': 3, 'content': 'Bad'}]";
    let tables = three.pipeline(&script(&three, work)).run();
    let claims: Vec<_> = tables.claims.iter().filter(|claim| claim["doc_id"] == "b").collect();
    let [claim] = &claims[..] else { panic!("{claims:?}") };
    assert_eq!((&claim["sentence"], &claim["rule"]), (&json!("Bad"), &json!("misbehave")));
    assert!(claim["claim_id"].as_str().unwrap().starts_with('c'));
    assert_eq!(tables.claims.len(), 3);

    let work = "answer['claims'] = [dict(claim, hedge='so they say') for claim in asked['claims']]";
    let tables = three.pipeline(&script(&three, work)).run();
    let hedges: Vec<_> = tables.claims.iter().map(|claim| &claim["hedge"]).collect();
    assert_eq!(hedges, [&Value::Null, &json!("so they say"), &Value::Null]);
    assert_eq!(tables.claims[1]["value"], 6000000);
}

#[test]
fn a_plugin_source_and_a_plugin_sink_stand_where_built_ins_do() {
    let folder = tempfile::tempdir().unwrap();
    for isolation in ["none", "process"] {
        let text = format!(
            "version: 1\nname: test\ningest:\n  - plugin: {{ library: {}, isolation: {isolation}, options: {{ texts: [Trade grew by $5 million., '', It fell by €3.] }} }}\n\
             stages: [extract, normalise]\nout: {isolation}\nexport:\n  - jsonl\n  - plugin: {{ library: {}, isolation: {isolation}, options: {{ file: currencies.txt }} }}\n",
            json!(example("words")),
            json!(example("tally")),
        );
        fs::write(folder.path().join("pipeline.yaml"), text).unwrap();
        let output = claimline(folder.path(), &["run", "pipeline.yaml", "--restart"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let out = folder.path().join(isolation);
        let tables = Tables::read(&out);
        assert_eq!(tables.documents.len(), 2);
        assert_eq!(tables.codes().into_iter().collect::<Vec<_>>(), [("empty", 1)]);
        let tally = fs::read_to_string(out.join("currencies.txt")).unwrap();
        assert_eq!(tally, "EUR 1\nUSD 1\n");
        let package = fs::read_to_string(out.join("datapackage.json")).unwrap();
        assert!(package.contains("currencies.txt"), "{package}");
    }
}

#[test]
fn columns_that_a_plugin_adds_survive_later_stages_and_reach_every_format() {
    let three = Three::new();
    let region = |column: &str| {
        format!("  - plugin: {{ library: {}, options: {{ column: {column} }} }}", json!(example("region")))
    };
    // `country` of the second would be there already: it is the first's.
    let twice = format!("{}\n{}", region("region"), region("area"));
    let text = three.pipeline(&twice).refusal();
    assert!(text.contains("claims has a column `country` already"), "{text}");

    fs::write(
        three.folder.path().join("three.jsonl"),
        json!({ "id": "a", "text": "Trade with Kazakhstan grew by $5 million. It fell by €3." }).to_string(),
    )
    .unwrap();
    three.pipeline(&format!("{}\n  - normalise", region("area")));
    let pipeline = three.folder.path().join("pipeline.yaml");
    let text = fs::read_to_string(&pipeline).unwrap().replace("[jsonl]", "[csv, jsonl, parquet]");
    fs::write(&pipeline, text).unwrap();
    let tables = three.run();
    let cells: Vec<_> = tables.claims.iter().map(|claim| (&claim["country"], &claim["area"])).collect();
    assert_eq!(cells, [(&json!("Kazakhstan"), &json!("Central Asia")), (&Value::Null, &Value::Null)]);
    assert_eq!(tables.claims[0]["currency"], "USD");
    let out = three.folder.path().join("out");
    let csv = fs::read_to_string(out.join("claims.csv")).unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",country,area"), "{csv}");
    assert!(csv.contains(",Kazakhstan,Central Asia"), "{csv}");
    let package: Value =
        serde_json::from_str(&fs::read_to_string(out.join("datapackage.json")).unwrap()).unwrap();
    let described = package["resources"].as_array().unwrap().iter().filter(|resource| {
        let fields = resource["schema"]["fields"].as_array().into_iter().flatten();
        fields.clone().any(|field| {
            field["name"] == "area"
                && field["type"] == "string"
                && field["description"] == "The region of the world that the country lies in."
        })
    });
    let formats: Vec<_> = described.map(|resource| resource["path"].as_str().unwrap()).collect();
    assert_eq!(formats, ["claims.csv", "claims.jsonl", "claims.parquet"]);
}

#[test]
fn a_plugin_sees_the_same_with_any_number_of_workers() {
    let folder = tempfile::tempdir().unwrap();
    let records = (0..700).map(|i| {
        let text = if i % 97 == 5 { "Bad trade grew by $6." } else { "Trade with Chile grew by $5 million." };
        json!({ "id": format!("{i}"), "text": text }).to_string()
    });
    fs::write(folder.path().join("many.jsonl"), records.collect::<Vec<_>>().join("\n")).unwrap();
    let mut seen = Vec::new();
    for (threads, isolation) in [("1", "none"), ("4", "none"), ("4", "process")] {
        let text = format!(
            "version: 1\nname: test\ningest:\n  - jsonl: {{ paths: [many.jsonl], fields: {{ id: id, text: text }} }}\n\
             stages:\n  - extract\n  - plugin: {{ library: {}, isolation: {isolation}, options: {{ how: panic, on: Bad }} }}\n  - plugin: {{ library: {}, isolation: {isolation} }}\nout: out-{threads}-{isolation}\nexport: [jsonl]\n",
            json!(example("misbehave")),
            json!(example("region")),
        );
        fs::write(folder.path().join("pipeline.yaml"), text).unwrap();
        let output = claimline(folder.path(), &["run", "pipeline.yaml", "--threads", threads]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let out = folder.path().join(format!("out-{threads}-{isolation}"));
        let tables = ["documents", "claims", "mentions", "problems"];
        seen.push(tables.map(|table| fs::read(out.join(format!("{table}.jsonl"))).unwrap()));
    }
    assert!(seen.iter().all(|tables| *tables == seen[0]));
    assert_eq!(seen[0][3].iter().filter(|byte| **byte == b'\n').count(), 8);
}

#[test]
fn the_conformance_suite_passes_the_plugin_examples_and_finds_faults() {
    let tried = |name: &str, options: Value| {
        let library = example(name);
        let arguments = ["stages", "--conformance", "--timeout-seconds", "20", "--options"];
        let (options, library) = (options.to_string(), library.to_str().unwrap().to_owned());
        let arguments: Vec<_> = arguments.into_iter().chain([options.as_str(), library.as_str()]).collect();
        let output = claimline(Path::new("."), &arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let sound = [("nothing", json!({})), ("words", json!({ "texts": ["a"] })), ("tally", json!({}))];
    for (name, options) in sound {
        let (status, text) = tried(name, options);
        assert_eq!(status, Some(0), "{name}: {text}");
        assert!(text.ends_with(", 0 failed") || text.ends_with(", 0 failed\n"), "{name}: {text}");
    }
    let faults = [
        ("panic", "FAILED  a batch: panicked: cannot bear Trade"),
        ("abort", "FAILED  a batch: plugin_crash: its process was ended by signal 6"),
        ("outside", "FAILED  a batch: claims.char_start says 0..91 of document 0"),
    ];
    for (how, words) in faults {
        let (status, text) = tried("misbehave", json!({ "how": how, "on": "Trade" }));
        assert_eq!(status, Some(1), "{how}: {text}");
        assert!(text.contains(words), "{how}: {text}");
        assert!(text.contains("ok      an empty batch"), "{how}: {text}");
    }
    let (status, text) = tried("misbehave", json!({ "how": "panik", "on": "Trade" }));
    assert_eq!(status, Some(1));
    assert!(text.contains("FAILED  takes its options"), "{text}");
}
