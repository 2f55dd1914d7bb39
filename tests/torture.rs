//! Runs that are killed at any moment, whose journals are torn and bit-flipped, end with the bytes of a
//! run that nothing happened to.
//!
//! ```console
//! $ cargo test --release --test end_to_end torture -- --nocapture      # a dozen kills
//! $ CLAIMLINE_KILLS=300 CLAIMLINE_CORPUS=reuters.jsonl cargo test --release --test end_to_end torture -- --nocapture
//! ```

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::samples::files;
use crate::tables::{arrow_file, batch, parquet};
use crate::{claimline, root, stderr};

/// Numbers that look random, the same each time (xorshift, <https://www.jstatsoft.org/article/view/v008i14>).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

struct Torture {
    folder: tempfile::TempDir,
    chance: Chance,
    group_bytes: String,
}

impl Torture {
    fn arguments(&self, out: &str, threads: u64) -> Vec<String> {
        let threads = threads.to_string();
        ["run", "p.yaml", "--json", "--out", out, "--threads", &threads, "--group-bytes", &self.group_bytes]
            .map(str::to_owned)
            .to_vec()
    }

    fn begin(&self, out: &str, threads: u64) -> Child {
        Command::new(env!("CARGO_BIN_EXE_claimline"))
            .args(self.arguments(out, threads))
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn finish(&self, out: &str, threads: u64) -> Value {
        let arguments = self.arguments(out, threads);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = claimline(self.folder.path(), &arguments);
        assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
        serde_json::from_slice(&ran.stdout).unwrap()
    }

    /// Tears the end off the journal, or flips a bit of it.
    fn damage(&mut self, journal: &Path) {
        let Ok(mut bytes) = fs::read(journal) else { return };
        if bytes.is_empty() {
            return;
        }
        let at = self.chance.below(bytes.len() as u64) as usize;
        if self.chance.below(2) == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << self.chance.below(8);
        }
        fs::write(journal, bytes).unwrap();
    }
}

/// Records from the samples, or the lines of `CLAIMLINE_CORPUS`.
fn corpus() -> String {
    if let Some(path) = std::env::var_os("CLAIMLINE_CORPUS") {
        return fs::read_to_string(path).unwrap();
    }
    let samples = ["caspian-corridor.txt", "coastal-flood.txt", "parcel-strike.md", "rent-cap.txt"];
    let texts = samples.map(|name| fs::read_to_string(root().join("samples/news").join(name)).unwrap());
    let record = |i: usize| {
        // Half say what another said, some have no text, some an id that came before.
        let text =
            if i % 17 == 3 { String::new() } else { format!("{}\n\nIt is the {}th.", texts[i % 4], i % 200) };
        format!("{}\n", json!({ "id": if i % 29 == 5 { 1 } else { i }, "text": text }))
    };
    (0..400).map(record).collect()
}

#[test]
fn killed_runs_end_with_the_bytes_of_an_undisturbed_one() {
    let kills: u32 = std::env::var("CLAIMLINE_KILLS").map_or(12, |kills| kills.parse().unwrap());
    survive(kills, "jsonl: { paths: [many.jsonl], fields: { id: id, text: text } }", |folder| {
        fs::write(folder.join("many.jsonl"), corpus()).unwrap();
    });
}

/// A tar archive in gzip of a corpus' records, every twentieth of them in a zip archive with a file that is not
/// read and one whose path leads out.
fn archive() -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut append = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes).unwrap();
    };
    for (i, record) in corpus().lines().enumerate() {
        let record: Value = serde_json::from_str(record).unwrap();
        let text = record["text"].as_str().unwrap();
        if i % 20 > 0 {
            append(&format!("news/{i}.txt"), text.as_bytes());
            continue;
        }
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("a.txt", text), ("b.png", "\0"), ("../c.txt", text)] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes.as_bytes()).unwrap();
        }
        append(&format!("news/{i}.zip"), &zip.finish().unwrap().into_inner());
    }
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn killed_runs_go_on_in_the_middle_of_an_archive() {
    survive(10, "files: { paths: [many.tar.gz] }", |folder| {
        fs::write(folder.join("many.tar.gz"), archive()).unwrap();
    });
}

/// A web archive of a corpus' records, each in gzip of its own, among answers that are passed over and some that are no
/// success.
fn crawl() -> Vec<u8> {
    let mut archive = GzEncoder::new(Vec::new(), Compression::fast());
    for (i, record) in corpus().lines().enumerate() {
        let record: Value = serde_json::from_str(record).unwrap();
        let text = record["text"].as_str().unwrap();
        let (status, media_type) = match i % 20 {
            0 => (404, "text/plain"),
            1 => (200, "image/png"),
            _ => (200, "text/plain; charset=utf-8"),
        };
        let http = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n\r\n{text}");
        let (id, length) = (format!("urn:{i}"), http.len());
        let header = format!("WARC-Type: response\r\nWARC-Record-ID: <{id}>\r\nContent-Length: {length}");
        write!(archive, "WARC/1.1\r\n{header}\r\n\r\n{http}\r\n\r\n").unwrap();
        archive = GzEncoder::new(archive.finish().unwrap(), Compression::fast());
    }
    archive.finish().unwrap()
}

#[test]
fn killed_runs_go_on_in_the_middle_of_a_web_archive() {
    survive(10, "files: { paths: [many.warc.gz] }", |folder| {
        fs::write(folder.join("many.warc.gz"), crawl()).unwrap();
    });
}

#[test]
fn killed_runs_go_on_in_the_middle_of_a_file_of_columns() {
    let records: Vec<Value> = corpus().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let batch_of = |records: &[Value]| {
        let ids: Vec<_> = records.iter().map(|record| record["id"].to_string()).collect();
        let texts = records.iter().map(|record| record["text"].as_str()).collect();
        batch(&[("id", ids.iter().map(|id| Some(&**id)).collect()), ("text", texts)])
    };
    let batches: Vec<_> = records.chunks(30).map(batch_of).collect();
    for (source, name, bytes) in
        [("parquet", "many.parquet", parquet(&batches)), ("arrow", "many.arrow", arrow_file(&batches))]
    {
        let source = format!("{source}: {{ paths: [{name}], fields: {{ id: id, text: text }} }}");
        survive(10, &source, |folder| fs::write(folder.join(name), &bytes).unwrap());
    }
}

/// Kills runs of a pipeline with this source, over what `write` puts into its folder.
fn survive(kills: u32, source: &str, write: impl Fn(&Path)) {
    let big = std::env::var_os("CLAIMLINE_CORPUS").is_some();
    let mut torture = Torture {
        folder: tempfile::tempdir().unwrap(),
        chance: Chance(0x2545_F491_4F6C_DD1D),
        group_bytes: if big { 2 << 20 } else { 100_000 }.to_string(),
    };
    write(torture.folder.path());
    let pipeline = format!(
        "version: 1\nname: torture\ningest:\n  - {source}\nstages: [clean, dedupe, extract, normalise]\nexport: [csv, xlsx, parquet]\n"
    );
    fs::write(torture.folder.path().join("p.yaml"), pipeline).unwrap();
    let start = Instant::now();
    let reference = torture.finish("undisturbed", 2);
    let whole = start.elapsed();
    let count = |key: &str| reference[key].as_u64().unwrap();
    assert_eq!(count("found"), count("documents") + count("failed"));
    let expected = files(&torture.folder.path().join("undisturbed"));

    let out = torture.folder.path().join("out");
    let (mut killed, mut finished, mut damaged, mut resumed) = (0, 0, 0, 0);
    while killed < kills {
        let threads = 1 + torture.chance.below(4);
        let journal = out.join(".claimline/journal");
        let noted = || fs::read(&journal).map_or(0, |lines| lines.split(|byte| *byte == b'\n').count());
        let before = noted();
        let mut child = torture.begin("out", threads);
        // One in three is killed at any moment, the others when they have noted something, however slow they are.
        let moment = Duration::from_micros(torture.chance.below(whole.as_micros() as u64 / 2));
        let more = torture.chance.below(3) as usize;
        while more > 0 && noted() < before + more && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(if more > 0 { moment / 10 } else { moment });
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        if ended.is_none() {
            killed += 1;
            if torture.chance.below(6) == 0 {
                torture.damage(&out.join(".claimline/journal"));
                damaged += 1;
            }
        }
        if ended.is_some() || killed == kills || torture.chance.below(8) == 0 {
            let threads = 1 + torture.chance.below(4);
            let summary = torture.finish("out", threads);
            let counts = |summary: &Value| {
                ["found", "documents", "duplicates", "failed", "warnings", "claims", "mentions"]
                    .map(|key| summary[key].clone())
            };
            assert_eq!(counts(&summary), counts(&reference));
            resumed += u32::from(summary["documents_done_before"].as_u64() > Some(0));
            let found = files(&out);
            assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (name, bytes) in &expected {
                assert!(found[name] == *bytes, "{name} differs after {killed} kills");
            }
            finished += 1;
            fs::remove_dir_all(&out).unwrap();
        }
    }
    println!(
        "{killed} kills, {damaged} journals damaged, {finished} runs compared, {resumed} of them resumed"
    );
    assert!(resumed > 0, "nothing was ever resumed");
}

#[test]
fn a_dozen_kills_cost_less_than_half_a_run() {
    let torture = Torture {
        folder: tempfile::tempdir().unwrap(),
        chance: Chance(1),
        group_bytes: (16 << 20).to_string(),
    };
    fs::write(torture.folder.path().join("many.jsonl"), corpus()).unwrap();
    let pipeline = "version: 1\nname: torture\ningest:\n  - jsonl: { paths: [many.jsonl], fields: { id: id, text: text } }\n\
                    stages: [clean, dedupe, extract, normalise]\nexport: [csv, xlsx, parquet]\n";
    fs::write(torture.folder.path().join("p.yaml"), pipeline).unwrap();
    let journal = torture.folder.path().join("out/.claimline/journal");
    // What a run has noted is what the next one does not do again. A kill comes after every twelfth of
    // the whole, wherever the workers are then.
    let noted = || {
        let lines = fs::read_to_string(&journal).unwrap_or_default();
        lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line.get(9..)?).ok())
            .fold(0, |sum, note| sum + note["batch"]["counts"]["found"].as_u64().unwrap_or(0))
    };
    let all = corpus().lines().count() as u64;
    for kill in 1..=12 {
        let before = noted();
        let mut child = torture.begin("out", 2);
        while noted() < all * kill / 13 && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(noted() >= before, "a batch that was done has been forgotten");
    }
    let before = noted();
    let summary = torture.finish("out", 2);
    assert_eq!(summary["documents_done_before"].as_u64(), Some(before));
    assert!(before >= all * 12 / 13 - all / 24, "{before} of {all} were done before");
}
