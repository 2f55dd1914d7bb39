//! `claimline new plugin`: what it writes builds, passes its own test and runs as it stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::plugin_examples::{cargo, python, target, there_is};
use crate::{claimline, root, stderr};

/// A folder with a new plugin called `asks` in it.
fn new(lang: &str) -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let checkout = root().to_str().unwrap();
    let mut words = vec!["new", "plugin", "asks", "--lang", lang];
    if lang == "rust" {
        words.extend(["--claimline", checkout]);
    }
    succeeded(&claimline(parent.path(), &words));
    let folder = parent.path().join("asks");
    (parent, folder)
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), stderr(output));
}

/// Runs the plugin's pipeline over its sample, in which two questions are asked.
fn runs(folder: &Path) {
    succeeded(&claimline(folder, &["run", "pipeline.yaml", "--quiet"]));
    let table = fs::read_to_string(folder.join("out/asks/documents.csv")).unwrap();
    let mut rows = table.lines();
    assert!(rows.next().unwrap().ends_with(",questions"), "{table}");
    assert!(rows.next().unwrap().ends_with(",2"), "{table}");
}

#[test]
fn a_new_plugin_in_rust_passes_its_own_test_and_runs() {
    let (_parent, folder) = new("rust");
    // The profile of this workspace, so that what it depends on is there already.
    let profile = [
        "--config=profile.dev.package.\"*\".opt-level=2",
        "--config=profile.dev.package.\"*\".debug=false",
        "--config=profile.dev.debug=\"line-tables-only\"",
    ];
    for verb in ["test", "build"] {
        let mut words = vec![verb];
        words.extend(profile);
        succeeded(&cargo(&folder, &words));
    }
    let pipeline = fs::read_to_string(folder.join("pipeline.yaml")).unwrap();
    let built = target().join("debug/asks");
    fs::write(folder.join("pipeline.yaml"), pipeline.replace("target/release/asks", built.to_str().unwrap()))
        .unwrap();
    runs(&folder);
}

#[test]
fn a_new_plugin_in_c_passes_its_own_test_and_runs() {
    if !(there_is("cc", &["--version"]) && there_is("make", &["--version"])) {
        return;
    }
    let (_parent, folder) = new("c");
    let claimline = format!("CLAIMLINE={}", env!("CARGO_BIN_EXE_claimline"));
    let strict = "CFLAGS=-O2 -Wall -Wextra -Wpedantic -Werror";
    let tested = Command::new("make").args(["test", &claimline, strict]).current_dir(&folder).output();
    succeeded(&tested.unwrap());
    runs(&folder);
}

#[test]
fn a_new_plugin_in_python_passes_its_own_test_and_runs() {
    if !there_is("python3", &["--version"]) {
        return;
    }
    let (_parent, folder) = new("python");
    succeeded(&Command::new(python()).arg("test_stage.py").current_dir(&folder).output().unwrap());
    runs(&folder);
}

#[test]
fn a_new_plugin_is_not_written_over_anything_or_under_a_wrong_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("kept.txt"), "kept").unwrap();
    let refused = |words: &[&str], why: &str| {
        let output = claimline(folder.path(), &[&["new", "plugin"], words].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    };
    refused(&["asks", "--lang", "c", "--dir", "."], "not an empty folder");
    refused(&["Asks", "--lang", "python"], "`Asks` is no name");
    refused(&["../asks", "--lang", "python"], "is no name");
    refused(&["match", "--lang", "rust"], "its own use");
    refused(&["asks", "--lang", "rust", "--claimline", "."], "is no checkout of claimline");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
