//! `claimline problems`: what went wrong in a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::report::to_stdout;

/// How many problems of a kind are listed.
const FEW: usize = 3;

/// The problems of a severity, a stage and a code.
#[derive(Default)]
struct Kind {
    count: usize,
    listed: Vec<String>,
}

/// Lists the problems of the run in `folder`, those of a kind together, errors first.
pub(crate) fn list(folder: &Path, all: bool) -> Result<()> {
    let path = claimline_pipeline::problems_file(folder)
        .with_context(|| format!("there is no run in {}", folder.display()))?;
    let lines =
        BufReader::new(File::open(&path).with_context(|| format!("can't read {}", path.display()))?).lines();
    let mut kinds: BTreeMap<[String; 3], Kind> = BTreeMap::new();
    for line in lines {
        // The last line of a run that goes on may be cut off.
        let Ok(problem) = serde_json::from_str::<Value>(&line?) else { continue };
        let text = |key: &str| problem[key].as_str().unwrap_or_default();
        let kind = kinds.entry(["severity", "code", "stage"].map(|key| text(key).to_owned())).or_default();
        kind.count += 1;
        if all || kind.listed.len() < FEW {
            let mut line = text("source_uri").to_owned();
            for key in ["member", "location"].into_iter().filter(|key| !text(key).is_empty()) {
                // Writing to a String does not fail.
                let _ = write!(line, " {}", text(key));
            }
            let _ = write!(line, ": {}", text("message"));
            kind.listed.push(line);
        }
    }
    let mut text = String::new();
    for ([severity, code, stage], kind) in &kinds {
        let _ = writeln!(text, "{severity} {code} ({stage}): {}", kind.count);
        kind.listed.iter().for_each(|line| {
            let _ = writeln!(text, "  {}", line.replace('\n', " "));
        });
        if kind.listed.len() < kind.count {
            let _ = writeln!(text, "  and {} more: --all lists them", kind.count - kind.listed.len());
        }
    }
    to_stdout(if kinds.is_empty() { "no problems" } else { text.trim_end() });
    Ok(())
}
