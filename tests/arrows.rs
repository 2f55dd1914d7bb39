//! Which crate may depend on which.

use std::process::Command;

use serde_json::Value;

use crate::root;

/// What each crate of the house may use of the house; design and reasons in `docs/ARCHITECTURE.md`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("tables", &["model"]),
    ("language", &["model"]),
    ("stage", &["model", "tables"]),
    ("ingest", &["model", "tables", "stage"]),
    ("clean", &["model", "tables", "stage", "language"]),
    ("extract", &["model", "tables", "stage", "language"]),
    ("normalise", &["model", "tables", "stage"]),
    ("export", &["model", "tables", "stage"]),
    ("pipeline", &["model", "tables", "stage"]),
    ("train", &["language"]),
];

#[test]
fn arrows_go_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let short = |name: &Value| name.as_str().unwrap().strip_prefix("claimline-").map(str::to_owned);
    let mut seen = 0;
    for package in packages {
        let Some(name) = short(&package["name"]) else { continue };
        let allowed = ALLOWED.iter().find(|(one, _)| *one == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{name} has no place in the house"));
        seen += 1;
        for dependency in package["dependencies"].as_array().unwrap() {
            if let Some(used) = short(&dependency["name"]) {
                assert!(allowed.contains(&used.as_str()), "{name} must not use {used}");
            }
        }
    }
    assert_eq!(seen, ALLOWED.len());
}
