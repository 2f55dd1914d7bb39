//! How fast the whole pipeline and each stage are, how it scales, and how much memory it takes.
//!
//! ```console
//! $ cargo bench --bench corpus                                    # the samples, repeated
//! $ CLAIMLINE_CORPUS=reuters.jsonl cargo bench --bench corpus      # any JSONL with id, text, title, date
//! ```
//!
//! Rates are bytes of `documents.text` by user and system seconds on one thread; scaling is a ratio
//! of wall clocks; the price of a stage that does nothing is a ratio against the run without it, both
//! measured in turns in the same minute. Memory is the most that a process of its own ever held.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on has failed, and prints"
)]

#[path = "../crates/cli/registry.rs"]
mod registry;
mod runs;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use claimline_pipeline::Registry;
use claimline_stage::{Batch, Order, Registration, Stage, StageError};
use nix::sys::resource::{UsageWho, getrusage};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use runs::{Pipeline, corpus, in_turns, yaml};

fn main() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let corpus = corpus(folder.path());
    let pipeline = Pipeline { corpus: &corpus, folder: folder.path(), registry: registry() };
    let (summary, cpu, _) = pipeline.run("[clean, extract, normalise]", 1);
    let text = summary.counts.text_bytes as f64 / 1e6;
    println!(
        "\n{} documents, {text:.1} MB of text, {:?} claims",
        summary.counts.documents, summary.counts.claims
    );
    println!("whole pipeline  {:8.2} MB/s a core ({:.2} s user and system)", text / cpu, cpu);
    for (stage, seconds) in &summary.seconds {
        println!("  {stage:12}  {:8.2} MB/s", text / seconds);
    }

    let [one, two] = in_turns([1, 2], |threads| pipeline.run("[clean, extract, normalise]", threads).2);
    println!("two threads     {:8.2} times as fast as one, by wall clock", one / two);

    let stages =
        ["[clean, extract, normalise]", "[nothing, clean, nothing, extract, nothing, normalise, nothing]"];
    let [without, with] = in_turns(stages, |stages| pipeline.run(stages, 1).1);
    println!("four stages that do nothing cost {:+.1} % of the run", (with / without - 1.0) * 100.0);

    println!("peak memory     {:8.0} MB", peak(&corpus, folder.path(), 1));
    println!("  of ten times  {:8.0} MB", peak(&corpus, folder.path(), 10));
}

fn registry() -> Registry {
    let built_in = registry::built_in().iter().cloned().collect::<Vec<_>>();
    let nothing =
        Registration::stage("nothing", "Does nothing.", "nothing", Order::Parallel, |_: NoOptions, _| {
            Ok(Nothing)
        });
    Registry::new([built_in, vec![nothing]].concat())
}

#[derive(Deserialize, JsonSchema)]
struct NoOptions {}

#[derive(Clone)]
struct Nothing;

impl Stage for Nothing {
    fn process(&mut self, _: &mut Batch) -> Result<(), StageError> {
        Ok(())
    }
}

/// The most memory, in MB, that a run over the corpus `times` over takes, in a process of its own.
///
/// The most of all children so far is what the system keeps, so the smaller run comes first.
fn peak(corpus: &Path, folder: &Path, times: usize) -> f64 {
    let repeated = folder.join(format!("times-{times}.jsonl"));
    repeat(corpus, &repeated, times);
    let pipeline = folder.join(format!("times-{times}.yaml"));
    fs::write(&pipeline, yaml(&repeated, "[clean, extract, normalise]")).expect("the folder takes files");
    let ran = Command::new(env!("CARGO_BIN_EXE_claimline"))
        .arg("run")
        .arg(&pipeline)
        .arg("--quiet")
        .stdout(Stdio::null())
        .status()
        .expect("the command starts");
    assert!(ran.success());
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    usage.max_rss() as f64 / 1e3
}

/// The records of a JSONL `times` over, each with an id of its own.
fn repeat(corpus: &Path, target: &Path, times: usize) {
    let lines = fs::read_to_string(corpus).expect("the corpus is UTF-8");
    let mut out = BufWriter::new(File::create(target).expect("the folder takes files"));
    for round in 0..times {
        for line in lines.lines() {
            let mut record: Value = serde_json::from_str(line).expect("a record a line");
            record["id"] = format!("{}-{round}", record["id"]).into();
            writeln!(out, "{record}").expect("the folder takes files");
        }
    }
}
