//! Runs of a pipeline over a corpus, measured: what the benchmarks have in common.

#![allow(dead_code, reason = "what the benchmarks have in common is more than each of them runs")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use claimline_language::Reading;
use claimline_pipeline::{Overrides, Plan, Progress, Registry, Settings, Summary, run};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};

/// Text that is measured where no corpus is named.
const SAMPLE_BYTES: usize = 8 << 20;
/// How often each of some things that are compared is run, in turns.
const TURNS: usize = 5;

/// The file that `CLAIMLINE_CORPUS` names, else the samples, repeated into `folder`.
pub fn corpus(folder: &Path) -> PathBuf {
    let corpus = match std::env::var_os("CLAIMLINE_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => samples(&folder.join("samples.jsonl")),
    };
    let corpus = corpus.canonicalize().unwrap_or(corpus);
    println!("corpus: {} ({:.1} MB)", corpus.display(), megabytes(&corpus));
    corpus
}

/// The texts of the corpus, and their sentences.
pub fn texts() -> (Vec<String>, Vec<Reading>) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let lines = fs::read_to_string(corpus(folder.path())).expect("the corpus is UTF-8");
    let texts: Vec<String> = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["text"].as_str().map(str::to_owned))
        .collect();
    let readings = texts.iter().map(|text| read(text)).collect();
    (texts, readings)
}

/// The sentences of a text.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    reading.read(text, 0..text.len());
    reading
}

/// The shortest time of each of some settings, run in turns.
pub fn in_turns<T: Copy, const N: usize>(settings: [T; N], measure: impl Fn(T) -> f64) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..TURNS {
        for (best, setting) in best.iter_mut().zip(settings) {
            *best = best.min(measure(setting));
        }
    }
    best
}

/// A corpus, the folder that its tables go to, and the stages there are.
pub struct Pipeline<'a> {
    pub corpus: &'a Path,
    pub folder: &'a Path,
    pub registry: Registry,
}

impl Pipeline<'_> {
    /// Runs the corpus through `stages`: the summary, user and system seconds with those of ended
    /// children, wall clock seconds.
    pub fn run(&self, stages: &str, threads: usize) -> (Summary, f64, f64) {
        let path = self.folder.join("bench.yaml");
        let plan =
            Plan::new(&path, &yaml(self.corpus, stages), &self.registry, &Overrides::default(), &|_| None);
        let plan = plan.unwrap_or_else(|refusal| panic!("{refusal}: {:?}", refusal.troubles));
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let summary =
            run(&plan, &Settings { threads, restart: true, ..Settings::default() }, &Progress::default());
        let summary = summary.unwrap_or_else(|error| panic!("{error}"));
        drop(plan);
        (summary, cpu_seconds() - cpu, start.elapsed().as_secs_f64())
    }
}

/// A pipeline over `corpus` with these stages.
pub fn yaml(corpus: &Path, stages: &str) -> String {
    let fields = "{ id: id, text: text, title: title, published: date }";
    let formats = r#"["%d-%b-%Y %H:%M:%S%.f", "%e-%b-%Y %H:%M:%S%.f"]"#;
    format!(
        "version: 1\nname: bench\ningest:\n  - jsonl: {{ paths: [{}], fields: {fields}, formats: {formats} }}\n\
         stages: {stages}\nout: out\nexport: [csv, parquet]\n",
        json!(corpus)
    )
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

/// User and system seconds of this process and of its children that have ended.
pub fn cpu_seconds() -> f64 {
    let seconds = |time: nix::sys::time::TimeVal| {
        Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
    };
    let usage = |who| getrusage(who).expect("the system counts");
    let times = [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN].map(usage);
    times.iter().map(|used| (seconds(used.user_time()) + seconds(used.system_time())).as_secs_f64()).sum()
}
