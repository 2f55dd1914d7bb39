//! The bundled pipelines on the bundled samples.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Project, claimline, root, stderr};

/// The files in `folder`, by name.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn tables_have_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for pipeline in
        ["pipelines/news.yaml", "pipelines/feed.yaml", "pipelines/pages.yaml", "pipelines/files.yaml"]
    {
        let out = |threads: &str| {
            let out = folder.path().join(format!("{}-{threads}", pipeline.replace('/', "-")));
            let ran = claimline(
                root(),
                &["run", pipeline, "--threads", threads, "--out", out.to_str().unwrap(), "--json"],
            );
            assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
            (files(&out), serde_json::from_slice::<Value>(&ran.stdout).unwrap())
        };
        let (one, summary) = out("1");
        let count = |key: &str| summary[key].as_u64().unwrap();
        assert_eq!(count("found"), count("documents") + count("failed"));
        assert!(summary["claims"]["quantity"].as_u64().unwrap() > 10, "{summary}");
        assert!(one.contains_key("claims.csv") && one.contains_key("datapackage.json"), "{:?}", one.keys());
        for threads in ["2", "8"] {
            assert!(out(threads).0 == one, "{pipeline} differs with {threads} threads");
        }
    }
}

#[test]
fn every_span_holds_the_words_of_its_cell() {
    let pattern = root().join("samples/**/*");
    let tables = Project::new(&format!("files: {{ paths: [{}] }}", serde_json::json!(pattern))).run();
    let texts: HashMap<&str, Vec<char>> = tables
        .documents
        .iter()
        .filter_map(|document| {
            Some((document["doc_id"].as_str()?, document["text"].as_str().unwrap_or("").chars().collect()))
        })
        .collect();
    let between = |document: &Value, start: usize, end: usize| -> String {
        texts[document.as_str().unwrap()][start..end].iter().collect()
    };
    assert!(tables.claims.len() > 20);
    for claim in &tables.claims {
        let at = |key: &str| claim[key].as_u64().unwrap() as usize;
        let sentence = between(&claim["doc_id"], at("char_start"), at("char_end"));
        assert_eq!(sentence, claim["sentence"].as_str().unwrap());
        for (cell, spans) in
            [("subject", "subject_spans"), ("predicate", "predicate_spans"), ("amount_text", "amount_spans")]
        {
            let (Some(words), Some(spans)) = (claim[cell].as_str(), claim[spans].as_str()) else { continue };
            let (first, last) = (spans.split("..").next().unwrap(), spans.rsplit("..").next().unwrap());
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            assert!(at("char_start") <= first && last <= at("char_end"), "{claim}");
            if !spans.contains(';') {
                assert_eq!(between(&claim["doc_id"], first, last), words, "{claim}");
            }
        }
    }
}

#[test]
fn nothing_is_claimed_from_furniture() {
    let pattern = root().join("samples/news/*.txt");
    let project = Project::new(&format!("files: {{ paths: [{}] }}", serde_json::json!(pattern)));
    let pipeline = fs::read_to_string(project.path("pipeline.yaml")).unwrap();
    project.write(
        "pipeline.yaml",
        pipeline.replace("[jsonl]", "[jsonl: { tables: [documents, blocks, claims, problems] }]"),
    );
    let tables = project.run();
    let blocks = fs::read_to_string(project.path("out/blocks.jsonl")).unwrap();
    let dropped: Vec<Value> = blocks
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|block| block["kept"] == Value::Bool(false))
        .collect();
    assert!(dropped.len() > 5, "the samples have furniture");
    for block in &dropped {
        assert!(block["reason"].is_string(), "{block}");
        let text = block["text"].as_str().unwrap();
        let claimed = tables.claims.iter().any(|claim| {
            claim["doc_id"] == block["doc_id"] && claim["sentence"].as_str().unwrap().contains(text)
        });
        assert!(!claimed, "{block}");
    }
}

#[test]
fn pages_give_their_articles_and_what_they_say_of_themselves() {
    let pattern = root().join("samples/pages/*");
    let tables = Project::new(&format!("files: {{ paths: [{}] }}", serde_json::json!(pattern))).run();
    let said: Vec<[&str; 4]> = tables
        .documents
        .iter()
        .map(|row| ["title", "author", "published", "language"].map(|name| row[name].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        said,
        [
            ["Strike at Oró mine ends", "", "2025-03-03", "en"],
            ["Port of Velmar posts record quarter", "Nadia Okafor", "2025-04-14", "en"],
            ["Reservoirs fuller than in ten years", "", "2025-05-06", "en"],
        ]
    );
    assert_eq!(tables.codes(), BTreeMap::from([("not_an_article", 2)]));
    let texts: Vec<&str> = tables.documents.iter().map(|row| row["text"].as_str().unwrap()).collect();
    for inside in ["19 days", "Containers lead", "Q1 2025 | 4.2", "The hosepipe ban", "€48 million"] {
        assert!(texts.iter().any(|text| text.contains(inside)), "{inside} is lost");
    }
    for around in
        ["cookies", "Ferry fares", "sailor77", "newsletter", "All rights", "Pay a bill", "Follow us"]
    {
        assert!(!texts.iter().any(|text| text.contains(around)), "{around} is no part of an article");
    }
}
