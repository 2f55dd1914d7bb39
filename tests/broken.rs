//! Pipelines that are wrong, and what is said of each: `tests/broken/NAME.yaml` and `NAME.txt` beside it.
//! And what is made at random of good ones.
//! `UPDATE_DOCS=1` writes the texts anew, to be read by eye: would the person know what to type?

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use claimline_pipeline::{Overrides, Plan, Progress, Settings};
use proptest::prelude::*;
use serde_json::Value;

use crate::{Project, claimline, registry, root, stderr};

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
        "path": "stages, item 2 (normalise), dates, order",
        "message": "`dym` is not one of the words allowed here",
        "help": "did you mean `dmy`? allowed: auto, dmy, mdy, ymd",
    });
    assert!(mistakes.contains(&expected), "{json:#}");
    let (json, code) = checked("pipelines/news.yaml");
    assert_eq!((json["mistakes"].as_array().unwrap().len(), code), (0, Some(0)), "{json:#}");
}

#[test]
fn a_pattern_that_no_file_matches_is_a_warning() {
    let project = Project::new("files: { paths: [\"*.txt\", \"*.md\"] }");
    project.write("a.txt", "Trade grew by $5 million.");
    for verb in ["check", "run"] {
        let output = claimline(project.folder.path(), &[verb, "pipeline.yaml"]);
        assert_eq!(output.status.code(), Some(0));
        let text = stderr(&output);
        assert!(
            text.contains("nothing to read matches `*.md`") && text.contains("pipeline.yaml:4:31"),
            "{text}"
        );
        assert!(!text.contains("*.txt`"), "{text}");
    }
    let output = claimline(project.folder.path(), &["check", "pipeline.yaml", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["mistakes"], &json["warnings"][0]["line"]), (&Value::Array(Vec::new()), &4.into()));
}

/// What is done to a pipeline: what, where among all the places for it, and by which of the words.
type Mutation = (u8, prop::sample::Index, prop::sample::Index);

/// What values are replaced by, and lines given.
const WORDS: [&str; 24] = [
    "", "null", "true", "no", "0", "-1", "010", "1:30", "1e400", "[]", "{}", "[a, b]", "{ a: 1 }", "*a",
    "&a x", "!t x", "\"", "${X}", "${", "| ", "- ", "\t", "files", "csv",
];

fn mutated(pipeline: &str, mutations: &[Mutation]) -> String {
    let mut lines: Vec<String> = pipeline.lines().map(str::to_owned).collect();
    for (what, place, word) in mutations {
        let (at, word) = (place.index(lines.len()), word.get(&WORDS));
        let line = lines[at].clone();
        let boundary = |index: usize| line.floor_char_boundary(index);
        match what {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            2 => lines[at] = format!(" {line}"),
            3 => lines[at] = line.strip_prefix("  ").unwrap_or(&line).to_owned(),
            4 => {
                let from = boundary(place.index(line.len() + 1));
                lines[at] = format!("{}{word}{}", &line[..from], &line[from..]);
            }
            5 => {
                let from = boundary(place.index(line.len() + 1));
                let to = boundary((from + word.len() + 1).min(line.len()));
                lines[at] = format!("{}{}", &line[..from], &line[to..]);
            }
            6 => {
                let (key, _) = line.split_once(": ").unwrap_or((&line, ""));
                lines[at] = format!("{key}: {word}");
            }
            7 => {
                let other = lines[(at + word.len() + 1) % lines.len()].clone();
                lines[at] = other;
            }
            _ => lines.truncate(at + 1),
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_of_a_good_pipeline_is_refused_or_runs(
        which in any::<prop::sample::Index>(),
        mutations in prop::collection::vec((0..9u8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let mut good: Vec<_> = fs::read_dir(root().join("pipelines")).unwrap().map(|entry| entry.unwrap().path()).collect();
        good.sort();
        let path = which.get(&good);
        let text = mutated(&fs::read_to_string(path).unwrap(), &mutations);
        let out = tempfile::tempdir().unwrap();
        let overrides = Overrides { out: Some(out.path().join("out")), ..Overrides::default() };
        match Plan::new(path, &text, &registry::built_in(), &overrides, &|_| None) {
            Ok(plan) => {
                let settings = Settings { limit: Some(0), threads: 1, ..Settings::default() };
                let ran = claimline_pipeline::run(&plan, &settings, &Progress::default());
                prop_assert!(ran.is_ok(), "{:?}\n{text}", ran.err());
            }
            Err(refusal) => {
                prop_assert!(!refusal.troubles.is_empty(), "{text}");
                for trouble in refusal.troubles {
                    let (line, column) = trouble.place();
                    prop_assert!(line <= text.lines().count().max(1) + 1 && column >= 1);
                    prop_assert!(!trouble.message.contains("invalid type"), "{}\n{text}", trouble.message);
                    let mut shown = String::new();
                    prop_assert!(miette::GraphicalReportHandler::new().render_report(&mut shown, &trouble).is_ok());
                }
            }
        }
    }
}
