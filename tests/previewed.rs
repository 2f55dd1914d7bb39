//! `claimline preview`: what each stage makes of a document.

use std::process::Command;

use serde_json::Value;

use crate::{Project, claimline, root, stderr};

const TEXT: &str = "Date: 2025-06-23\n\nThe mill sold 40 looms for 12 million euros on Friday.\n\nRead also: Ten mills that closed\n";

/// What the preview of a text prints at a width.
fn preview(arguments: &[&str], width: usize) -> String {
    let project = Project::new("files: { paths: [\"*.txt\"] }");
    project.write("a.txt", TEXT).write("b.txt", "Nothing was sold.\n");
    let output = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .args([&["preview", "pipeline.yaml"], arguments].concat())
        .current_dir(project.folder.path())
        .env("COLUMNS", width.to_string())
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    assert!(output.stdout.is_empty() != output.status.success(), "{}", stderr(&output));
    String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output)
}

#[test]
fn each_stage_says_what_it_changed() {
    let text = preview(&[], 80);
    let parts: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("── ")?.split(' ').next()).collect();
    assert_eq!(parts, ["files", "clean", "extract", "normalise", "claims"]);
    for said in [
        "2 of 3 blocks dropped",
        "Read also: Ten mills that closed",
        "3 mentions, new",
        "2 claims, new",
        "2 claims, changed",
        "1 document, changed",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.contains("[subject: mill] sold [amount: 40] looms"), "{text}");
    assert!(text.contains("[time: Friday]"), "{text}");
}

#[test]
fn lines_keep_to_the_width_and_colours_stand_for_brackets() {
    for width in [60, 80, 160] {
        let text = preview(&["--all"], width);
        let longest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(longest.chars().count() <= width, "{width}: {longest}");
    }
    let painted = preview(&["--color", "always"], 80);
    assert!(painted.contains("\u{1b}[36mmill") && !painted.contains("[subject:"), "{painted}");
}

#[test]
fn a_preview_stops_where_it_is_told() {
    let text = preview(&["--stage", "extract"], 80);
    assert!(text.contains("── extract") && !text.contains("── normalise"), "{text}");
    let text = preview(&["--stage", "extrct"], 80);
    assert!(text.contains("did you mean `extract`? it has clean, extract, normalise"), "{text}");
}

#[test]
fn any_document_can_be_previewed() {
    assert!(preview(&["--nth", "2"], 80).contains("b.txt"));
    assert!(preview(&["b.txt"], 80).contains("b.txt"));
    assert!(preview(&["--nth", "3"], 80).contains("there is no document 3, the pipeline finds 2"));
    let output = claimline(root(), &["preview", "pipelines/news.yaml", "--nth", "1", "--all"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("broken-on-purpose"), "{}", stderr(&output));
}

#[test]
fn trees_are_drawn_below_their_sentence() {
    let text = preview(&["--tree"], 80);
    assert!(text.contains("sold  VERB root\n") && text.contains("├─ mill  NOUN nsubj\n"), "{text}");
}

#[test]
fn the_same_comes_as_json() {
    let json: Value = serde_json::from_str(&preview(&["--json"], 80)).unwrap();
    let steps = json["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["files", "clean", "extract", "normalise"]);
    assert_eq!(steps[2]["tables"]["claims"]["added"][0]["subject"], "mill");
    let day = &steps[3]["tables"]["claims"]["changed"][0]["cells"]["time_start"];
    assert_eq!(day, &serde_json::json!(["", "2025-06-20"]));
}
