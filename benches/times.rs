//! How fast times are recognised and resolved, without what comes before and after.
//!
//! ```console
//! $ CLAIMLINE_CORPUS=reuters.jsonl cargo bench --bench times    # any JSONL with text
//! ```
//!
//! The rate is bytes of text by the seconds that the rules take over sentences that were read before, write
//! what they found into mentions, and resolve those; the seconds of that reading, measured in turns with
//! them, are what to compare it with.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on has failed, and prints"
)]

mod runs;

use std::path::Path;
use std::time::Instant;

use claimline_extract::cursor::Cursor;
use claimline_extract::time::{Time, find};
use claimline_model::{Document, Mention};
use claimline_normalise::{Normalise, NormaliseOptions};
use claimline_stage::{Batch, Stage};

use runs::{in_turns, read, texts};

/// As many documents as a batch of the engine holds.
const BATCH: usize = 256;

fn main() {
    let (texts, readings) = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    let sentences: usize = readings.iter().map(|reading| reading.sentences().len()).sum();
    let documents: Vec<Document> = (0..texts.len())
        .map(|i| Document {
            doc_id: format!("d{i}").into(),
            published: "1987-03-17".parse().ok(),
            ..Document::default()
        })
        .collect();
    let normalise =
        Normalise::new(NormaliseOptions::default(), Path::new("")).expect("the default options hold");
    let recognise_and_resolve = |documents: &[Document]| {
        let (mut found, mut normalise, mut count) = (Vec::new(), normalise.clone(), 0);
        for (at, documents) in documents.chunks(BATCH).enumerate() {
            let mut mentions = Vec::new();
            for (i, document) in documents.iter().enumerate() {
                let (text, reading) = (&texts[at * BATCH + i], &readings[at * BATCH + i]);
                for sentence in reading.sentences() {
                    found.clear();
                    find(Cursor::new(text, &reading.tokens()[sentence.tokens.clone()]), &mut found);
                    for time in &found {
                        mentions.push(mention(document, mentions.len(), time));
                    }
                }
            }
            let mut batch =
                Batch { documents: documents.to_vec().into(), mentions: mentions.into(), ..Batch::default() };
            normalise.process(&mut batch).expect("times are resolved");
            count += batch.mentions.iter().filter(|mention| mention.time_value.is_some()).count();
        }
        count
    };
    let count = recognise_and_resolve(&documents);
    let [rules, tokens] = in_turns([true, false], |rules| {
        let start = Instant::now();
        if rules {
            assert_eq!(recognise_and_resolve(&documents), count);
        } else {
            assert_eq!(texts.iter().map(|text| read(text).sentences().len()).sum::<usize>(), sentences);
        }
        start.elapsed().as_secs_f64()
    });
    let megabytes = bytes as f64 / 1e6;
    println!("\n{} texts, {megabytes:.1} MB, {count} times", texts.len());
    println!("times alone     {:8.2} MB/s a core", megabytes / rules);
    println!("reading tokens  {:8.2} MB/s a core", megabytes / tokens);
}

/// The row of a time, as far as resolution asks for it.
fn mention(document: &Document, number: usize, time: &Time) -> Mention {
    Mention {
        mention_id: format!("m{number}").into(),
        doc_id: document.doc_id.clone(),
        kind: time.expr.kind(),
        expr: Some(time.expr.to_string().into()),
        tense: time.tense,
        ..Mention::default()
    }
}
