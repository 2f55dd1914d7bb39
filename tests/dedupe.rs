//! The stage `dedupe`: which texts it takes for the same, on edited samples and on a newswire.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Read;

use serde_json::{Value, json};

use crate::{claimline, root, stderr};

/// Runs `dedupe` with `options` over `texts`, and says of each which one it is a duplicate of.
fn duplicates(texts: &[String], options: &str, threads: &str) -> Vec<Option<usize>> {
    let folder = tempfile::tempdir().unwrap();
    let lines = texts.iter().enumerate().map(|(i, text)| format!("{}\n", json!({ "id": i, "text": text })));
    fs::write(folder.path().join("in.jsonl"), lines.collect::<String>()).unwrap();
    let pipeline = format!(
        "version: 1\nname: dedupe\ningest:\n  - jsonl: {{ paths: [in.jsonl], fields: {{ id: id, text: text }} }}\n\
         stages:\n  - dedupe: {options}\n  - extract: {{ syntax: chunks }}\nout: out\nexport:\n  - jsonl: {{ tables: [documents, claims] }}\n"
    );
    fs::write(folder.path().join("p.yaml"), pipeline).unwrap();
    let ran = claimline(folder.path(), &["run", "p.yaml", "--threads", threads, "--json"]);
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    let summary: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let rows = |table: &str| -> Vec<Value> {
        let text = fs::read_to_string(folder.path().join(format!("out/{table}.jsonl"))).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let mut of = vec![None; texts.len()];
    for document in rows("documents") {
        let id = |column: &str| document[column].as_str().map(|id| id.parse::<usize>().unwrap());
        of[id("doc_id").unwrap()] = id("duplicate_of");
        let gone = document["duplicate_of"].is_string();
        assert_eq!(gone, document["similarity"].is_number(), "{document}");
        assert_eq!(gone, document["text"] == "", "{document}");
    }
    for claim in rows("claims") {
        assert_eq!(of[claim["doc_id"].as_str().unwrap().parse::<usize>().unwrap()], None, "{claim}");
    }
    assert_eq!(summary["duplicates"], of.iter().flatten().count());
    of
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// How alike two texts are by their runs of three words themselves.
fn alike(one: &str, other: &str) -> f64 {
    let runs = |text| -> BTreeSet<Vec<String>> { words(text).windows(3).map(<[String]>::to_vec).collect() };
    let (one, other) = (runs(one), runs(other));
    one.intersection(&other).count() as f64 / one.union(&other).count().max(1) as f64
}

fn samples() -> Vec<String> {
    ["caspian-corridor.txt", "coastal-flood.txt", "cup-final.txt", "parcel-strike.md", "rent-cap.txt"]
        .map(|name| fs::read_to_string(root().join("samples/news").join(name)).unwrap())
        .to_vec()
}

/// `text` with every `nth` word without a digit written otherwise.
fn edited(text: &str, nth: usize) -> String {
    let mut seen = 0;
    let word = |word: &str| {
        seen += 1;
        if seen % nth == 0 && !word.contains(|c: char| c.is_ascii_digit()) { "anew" } else { word }.to_owned()
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn edited_copies_are_duplicates_and_other_texts_are_not() {
    let mut texts = samples();
    let originals = texts.len();
    let mut copies = Vec::new();
    for nth in [200, 100, 60, 40, 20, 10, 5] {
        copies.extend((0..originals).map(|i| (i, edited(&texts[i], nth))));
    }
    copies.extend((0..originals).map(|i| (i, texts[i].to_uppercase().replace(". ", " -- "))));
    texts.extend(copies.iter().map(|(_, text)| text.clone()));
    let of = duplicates(&texts, "{ threshold: 0.8 }", "2");
    assert_eq!(of[..originals], vec![None; originals]);
    let (mut alike_ones, mut others) = (0, 0);
    for (i, (original, text)) in copies.iter().enumerate() {
        let is = of[originals + i].is_some();
        // A copy may be a duplicate of an earlier copy that stayed.
        match alike(&texts[*original], text) {
            alike if alike >= 0.88 => {
                assert_eq!(of[originals + i], Some(*original), "{alike}");
                alike_ones += 1;
            }
            alike if alike <= 0.6 => {
                assert!(!is, "{alike}");
                others += 1;
            }
            _ => {}
        }
    }
    assert!(alike_ones >= 10 && others >= 5, "{alike_ones} {others}");
}

#[test]
fn a_copy_with_another_number_may_say_something_new() {
    let dividend = |cents: u32| {
        format!(
            "The board of the company said on Monday that it will pay a quarterly dividend of {cents} cents a share to \
             holders of record at the end of the month, as it has done in every quarter since it was founded, and that \
             it sees no reason to change what it pays as long as the economy of the region keeps growing."
        )
    };
    let texts = [dividend(23), dividend(20), dividend(23)];
    assert_eq!(duplicates(&texts, "{}", "1"), [None, None, Some(0)]);
    assert_eq!(duplicates(&texts, "{ ignore_numbers: true }", "1"), [None, Some(0), Some(0)]);
}

#[test]
fn duplicates_do_not_depend_on_the_threads() {
    let samples = samples();
    let texts: Vec<String> = (0..600).map(|i| edited(&samples[i % 5], 7 + i / 5 % 40)).collect();
    let one = duplicates(&texts, "{ threshold: 0.7 }", "1");
    assert!(one.iter().flatten().count() > 300 && one.iter().filter(|of| of.is_none()).count() > 10);
    assert_eq!(duplicates(&texts, "{ threshold: 0.7 }", "4"), one);
}

/// Copies of a newswire with words changed, dropped and added, among all of it: what is found, and what is
/// found of what is not there.
#[test]
fn precision_and_recall_on_a_newswire() {
    let path = root().join("../shared/data/news/reuters.jsonl.gz");
    let Ok(file) = fs::File::open(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let record = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        record["text"].as_str().unwrap().to_owned()
    };
    let mut texts: Vec<String> =
        text.lines().step_by(4).map(record).filter(|text| words(text).len() > 30).collect();
    let originals = texts.len();
    let copies: Vec<String> =
        texts.iter().step_by(5).enumerate().map(|(i, text)| edited(text, 8 + i % 60)).collect();
    texts.extend(copies.iter().cloned());
    let of = duplicates(&texts, "{}", "2");
    let exact: HashMap<usize, f64> = of
        .iter()
        .enumerate()
        .filter_map(|(i, first)| Some((i, alike(&texts[i], &texts[(*first)?]))))
        .collect();
    let right = exact.values().filter(|alike| **alike >= 0.75).count() as f64 / exact.len() as f64;
    let wanted = (0..copies.len()).filter(|i| alike(&texts[i * 5], &copies[*i]) >= 0.85);
    let found: Vec<bool> = wanted.map(|i| of[originals + i].is_some()).collect();
    let recall = found.iter().filter(|found| **found).count() as f64 / found.len() as f64;
    println!(
        "{} texts, {} duplicates, {right:.4} of them alike, {recall:.4} of {} found",
        texts.len(),
        exact.len(),
        found.len()
    );
    assert!(right >= 0.99 && recall >= 0.97, "{right} {recall}");
}
