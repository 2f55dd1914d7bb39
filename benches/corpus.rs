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

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use claimline_pipeline::{Overrides, Plan, Progress, Registry, Settings, Summary, run};
use claimline_stage::{Batch, Order, Registration, Stage, StageError};
use nix::sys::resource::{UsageWho, getrusage};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Text that is measured where no corpus is named.
const SAMPLE_BYTES: usize = 8 << 20;
/// How often each of two things that are compared is run, in turns.
const TURNS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let corpus = match std::env::var_os("CLAIMLINE_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => samples(&folder.path().join("samples.jsonl")),
    };
    let corpus = corpus.canonicalize().unwrap_or(corpus);
    println!("corpus: {} ({:.1} MB)", corpus.display(), megabytes(&corpus));

    let pipeline = Pipeline { corpus: &corpus, folder: folder.path() };
    let (summary, cpu, _) = pipeline.run("[clean, extract, normalise]", 1);
    let text = summary.text_bytes as f64 / 1e6;
    println!("\n{} documents, {text:.1} MB of text, {:?} claims", summary.documents, summary.claims);
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

/// The shortest time of each of two settings, run in turns.
fn in_turns<T: Copy>(settings: [T; 2], measure: impl Fn(T) -> f64) -> [f64; 2] {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        for (best, setting) in best.iter_mut().zip(settings) {
            *best = best.min(measure(setting));
        }
    }
    best
}

struct Pipeline<'a> {
    corpus: &'a Path,
    folder: &'a Path,
}

impl Pipeline<'_> {
    /// Runs the corpus through `stages`: the summary, user and system seconds, wall clock seconds.
    fn run(&self, stages: &str, threads: usize) -> (Summary, f64, f64) {
        let path = self.folder.join("bench.yaml");
        let plan =
            Plan::new(&path, &yaml(self.corpus, stages), &registry(), &Overrides::default(), &|_| None);
        let plan = plan.unwrap_or_else(|refusal| panic!("{refusal}: {:?}", refusal.troubles));
        let (start, cpu) = (Instant::now(), cpu_seconds(UsageWho::RUSAGE_SELF));
        let summary = run(&plan, &Settings { threads, ..Settings::default() }, &Progress::default());
        let summary = summary.unwrap_or_else(|error| panic!("{error}"));
        (summary, cpu_seconds(UsageWho::RUSAGE_SELF) - cpu, start.elapsed().as_secs_f64())
    }
}

fn yaml(corpus: &Path, stages: &str) -> String {
    let fields = "{ id: id, text: text, title: title, published: date }";
    let formats = r#"["%d-%b-%Y %H:%M:%S%.f", "%e-%b-%Y %H:%M:%S%.f"]"#;
    format!(
        "version: 1\nname: bench\ningest:\n  - jsonl: {{ paths: [{}], fields: {fields}, formats: {formats} }}\n\
         stages: {stages}\nout: out\nexport: [csv, parquet]\n",
        json!(corpus)
    )
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

/// The news samples as records, over and over.
fn samples(target: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/news");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the samples are there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt" || kind == "md"))
        .collect();
    paths.sort();
    let texts: Vec<_> = paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let mut out = BufWriter::new(File::create(target).expect("the folder takes files"));
    let mut written = 0;
    for (id, text) in texts.iter().cycle().enumerate() {
        written += text.len();
        writeln!(out, "{}", json!({ "id": id, "text": text })).expect("the folder takes files");
        if written > SAMPLE_BYTES {
            break;
        }
    }
    target.to_owned()
}

fn megabytes(path: &Path) -> f64 {
    fs::metadata(path).map_or(0.0, |file| file.len() as f64 / 1e6)
}

fn cpu_seconds(who: UsageWho) -> f64 {
    let usage = getrusage(who).expect("the system counts");
    let seconds = |time: nix::sys::time::TimeVal| {
        Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
    };
    (seconds(usage.user_time()) + seconds(usage.system_time())).as_secs_f64()
}
