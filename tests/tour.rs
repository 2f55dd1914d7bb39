//! What `docs/pipelines.md` shows is what comes out: its files are written, and its commands given, in the order
//! of the page.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::plugin_examples::there_is;
use crate::root;

/// A fenced block: what stands behind its fence, and what is in it.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(info) = lines.find_map(|line| line.strip_prefix("```")) {
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push((info, body.join("\n") + "\n"));
    }
    blocks
}

/// Whether what came is what is shown, where `...` alone stands for any lines and elsewhere for the rest of a
/// line.
fn fits(shown: &[&str], came: &[&str]) -> bool {
    let Some((first, shown)) = shown.split_first() else { return came.is_empty() };
    if *first == "..." {
        return (0..=came.len()).any(|skipped| fits(shown, &came[skipped..]));
    }
    let is_it = |line: &&str| match first.strip_suffix("...") {
        Some(start) => line.starts_with(start),
        None => line == first,
    };
    came.first().is_some_and(is_it) && fits(shown, &came[1..])
}

#[test]
fn the_guide_to_pipelines_shows_what_comes_out() {
    if !there_is("python3", &["--version"]) || !there_is("sh", &["-c", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let command = Path::new(env!("CARGO_BIN_EXE_claimline")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([command].into_iter().chain(env::split_paths(&path))).unwrap();
    let page = fs::read_to_string(root().join("docs/pipelines.md")).unwrap();
    let mut commands = 0;
    for (info, body) in blocks(&page) {
        match info.split_once(' ') {
            Some((_, file)) => {
                let file = folder.path().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, body).unwrap();
            }
            None => {
                assert_eq!(info, "console", "a block that no test looks at: {body}");
                for given in format!("\n{body}").split("\n$ ").skip(1) {
                    let (given, shown) = given.split_once('\n').unwrap_or((given, ""));
                    let output = Command::new("sh")
                        .args(["-c", &format!("{given} 2>&1")])
                        .current_dir(folder.path())
                        .env("PATH", &path)
                        .env("COLUMNS", "80")
                        .env_remove("CLICOLOR_FORCE")
                        .output()
                        .unwrap();
                    let came = String::from_utf8(output.stdout).unwrap();
                    let (shown, lines): (Vec<_>, Vec<_>) = (shown.lines().collect(), came.lines().collect());
                    assert!(fits(&shown, &lines), "$ {given}\n{came}");
                    commands += 1;
                }
            }
        }
    }
    assert!(commands > 10, "{commands}");
}
