//! The JSON Schema of a pipeline: up to date, and what another validator makes of it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{claimline, root, stderr};

const COMMAND: &str = "cargo run -- schema > docs/pipeline.schema.json";

/// The line by which editors find the schema.
const MODELINE: &str = "# yaml-language-server: $schema=../docs/pipeline.schema.json\n";

/// Validates the pipelines in `folder` by the schema; it prints the name and the first error of each.
const VALIDATOR: &str = r#"
import json, pathlib, sys
try:
    import jsonschema, yaml
except ImportError as missing:
    sys.exit(print(f"missing: {missing}"))
# YAML 1.2 has no dates.
for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items():
    resolvers[:] = [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.yaml")):
    errors = list(validator.iter_errors(yaml.safe_load(path.read_text())))
    print(path.stem, "/".join(str(step) for step in errors[0].absolute_path) if errors else "fine")
"#;

/// What Python's `jsonschema` says of the pipelines in `folder`; none where it is not installed.
fn validated(folder: &std::path::Path) -> Option<Vec<String>> {
    let python = std::env::var("CLAIMLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let schema = root().join("docs/pipeline.schema.json");
    let output = Command::new(python).args(["-c", VALIDATOR]).arg(schema).arg(folder).output();
    let said = output.map_or_else(
        |error| format!("missing: {error}"),
        |output| String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output),
    );
    if said.starts_with("missing: ") {
        println!("skipped, for Python's jsonschema and yaml are needed: {said}");
        return None;
    }
    Some(said.lines().map(str::to_owned).collect())
}

#[test]
fn the_schema_is_up_to_date() {
    let output = claimline(root(), &["schema"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let committed = fs::read(root().join("docs/pipeline.schema.json")).unwrap_or_default();
    let same = String::from_utf8_lossy(&committed).replace("\r\n", "\n").as_bytes() == output.stdout;
    assert!(same, "docs/pipeline.schema.json is stale; write it anew with: {COMMAND}");
}

#[test]
fn every_option_in_the_schema_is_explained() {
    let schema: Value = serde_json::from_slice(&claimline(root(), &["schema"]).stdout).unwrap();
    let inner = schema["$defs"].as_object().unwrap();
    assert!(inner.contains_key("ingest.csv") && inner.contains_key("export.csv"), "{:?}", inner.keys());
    for (name, definition) in inner.iter().chain([(&"pipeline".to_owned(), &schema)]) {
        for (key, option) in definition["properties"].as_object().into_iter().flatten() {
            let said = option["description"].is_string() || option["$ref"].is_string();
            assert!(said, "{name}: {key}");
        }
    }
}

#[test]
fn bundled_pipelines_pass_another_validator() {
    let folder = root().join("pipelines");
    let mut expected = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(fs::read_to_string(&path).unwrap().starts_with(MODELINE), "{}", path.display());
        expected.push(format!("{} fine", path.file_stem().unwrap().to_string_lossy()));
    }
    expected.sort();
    if let Some(said) = validated(&folder) {
        assert_eq!(said, expected);
    }
}

#[test]
fn the_schema_refuses_what_a_pipeline_may_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let around = |ingest: &str, stages: &str, rest: &str| {
        format!("version: 1\nname: test\ningest: {ingest}\nstages: {stages}\nexport: [csv]\n{rest}")
    };
    let files = "[files: { paths: [a.txt] }]";
    for (name, text) in [
        ("a_name", around(files, "[claen]", "")),
        ("a_stage_among_sources", around("[clean]", "[]", "")),
        ("a_word", around(files, "[normalise: { dates: { order: dym } }]", "")),
        ("an_option", around("[files: { paths: [a.txt], path: b }]", "[]", "")),
        ("key", around(files, "[]", "exports: []")),
        ("needed_options", around("[files]", "[]", "")),
        ("sound", around(files, "[clean: , extract]", "on_error: stop")),
        ("two_names", around(files, "[{ clean: {}, extract: {} }]", "")),
    ] {
        fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    }
    if let Some(said) = validated(folder.path()) {
        let expected = [
            "a_name stages/0",
            "a_stage_among_sources ingest/0",
            "a_word stages/0",
            "an_option ingest/0",
            "key ",
            "needed_options ingest/0",
            "sound fine",
            "two_names stages/0",
        ];
        assert_eq!(said, expected);
    }
}
