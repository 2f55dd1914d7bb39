//! Pipelines that are wrong, and what is said of each: `tests/broken/NAME.yaml` and `NAME.txt` beside it.
//! `UPDATE_DOCS=1` writes the texts anew, to be read by eye: would the person know what to type?

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{claimline, root, stderr};

#[test]
fn every_mistake_is_told_so_that_one_knows_what_to_type() {
    let folder = root().join("tests/broken");
    let mut wrong = BTreeMap::new();
    let mut pipelines = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "yaml") {
            continue;
        }
        pipelines += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        for verb in ["check", "run"] {
            let output = Command::new(env!("CARGO_BIN_EXE_claimline"))
                .args([verb, name])
                .current_dir(&folder)
                .env("COLUMNS", "100")
                .env("NO_COLOR", "1")
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{verb} {name}: {}", stderr(&output));
            assert!(output.stdout.is_empty(), "{verb} {name}");
            let (said, text) = (stderr(&output), path.with_extension("txt"));
            if std::env::var_os("UPDATE_DOCS").is_some() {
                fs::write(&text, &said).unwrap();
            }
            if fs::read_to_string(&text).unwrap_or_default().replace("\r\n", "\n") != said {
                wrong.insert(name.to_owned(), said);
            }
        }
    }
    assert!(pipelines >= 60, "{pipelines}");
    let told: Vec<_> = wrong.iter().map(|(name, said)| format!("{name}:\n{said}")).collect();
    assert!(wrong.is_empty(), "said otherwise than in tests/broken:\n{}", told.join("\n"));
}

#[test]
fn mistakes_come_as_json_too() {
    let checked = |path: &str| {
        let output = claimline(root(), &["check", path, "--json"]);
        (serde_json::from_slice::<Value>(&output.stdout).unwrap(), output.status.code())
    };
    let (json, code) = checked("tests/broken/many_at_once.yaml");
    let mistakes = json["mistakes"].as_array().unwrap();
    assert_eq!((mistakes.len(), code), (7, Some(2)), "{json:#}");
    let expected = serde_json::json!({
        "line": 7,
        "column": 34,
        "message": "`dym` is not one of the words allowed here",
        "help": "did you mean `dmy`? allowed: auto, dmy, mdy, ymd",
    });
    assert!(mistakes.contains(&expected), "{json:#}");
    let (json, code) = checked("pipelines/news.yaml");
    assert_eq!((json["mistakes"].as_array().unwrap().len(), code), (0, Some(0)), "{json:#}");
}
