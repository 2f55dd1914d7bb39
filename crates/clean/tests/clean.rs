//! The stage from outside: that its offsets hold, and what it drops from large bodies of news, where
//! the development data is there to measure it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "what was measured is for reading")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use claimline_language::Reading;
use claimline_model::{Block, BlockKind, Document, Offsets, Span};
use claimline_stage::{Batch, Context, Door, Stage, StageDoor, paragraphs};

/// The share of sentences that furniture may take with it.
const MOST_LOST: f64 = 0.005;

fn data(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !found.exists() {
        println!("skipped: {} is not there", found.display());
    }
    found.exists().then_some(found)
}

fn clean() -> Box<dyn Stage> {
    let registration = claimline_clean::registrations().remove(0);
    let Door::Stage(StageDoor { open, .. }) = registration.door else { panic!("clean is a stage") };
    open(serde_json::json!({}), &Context::default()).unwrap()()
}

/// The batch of one text, in the paragraphs that `cut` sees.
fn batch(text: &str, cut: impl Fn(&str) -> Vec<String>) -> Batch {
    let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
    let block = |(i, text): (usize, String)| Block {
        doc_id: "d".into(),
        ordinal: i as u32,
        block_kind: BlockKind::Paragraph,
        text: text.into(),
        kept: true,
        ..Block::default()
    };
    Batch {
        documents: vec![document].into(),
        blocks: cut(text).into_iter().enumerate().map(block).collect::<Vec<_>>().into(),
        ..Batch::default()
    }
}

fn by_blank_lines(text: &str) -> Vec<String> {
    paragraphs(text).map(|range| text[range].to_owned()).collect()
}

/// Newswire of its time indents the first line of a paragraph.
fn by_indents(text: &str) -> Vec<String> {
    text.split("\n    ").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The share of the sentences of a JSONL that cleaning drops, and the dropped blocks.
fn measure(lines: impl Read, cut: fn(&str) -> Vec<String>) -> (f64, Vec<(String, String)>) {
    let mut stage = clean();
    let mut reading = Reading::default();
    let (mut all, mut lost) = (0, 0);
    let mut dropped = Vec::new();
    for line in BufReader::new(lines).lines() {
        let record: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let mut batch = batch(record["text"].as_str().unwrap(), cut);
        stage.process(&mut batch).unwrap();
        for block in batch.blocks.iter() {
            reading.clear();
            reading.read(&block.text, 0..block.text.len());
            all += reading.sentences().len();
            if !block.kept {
                lost += reading.sentences().len();
                dropped.push((block.reason.as_deref().unwrap().to_owned(), block.text.to_string()));
            }
        }
    }
    (lost as f64 / all as f64, dropped)
}

fn check(name: &str, share: f64, dropped: &[(String, String)]) {
    println!("{name}: {:.3} % of the sentences dropped, {} blocks", share * 100.0, dropped.len());
    for (reason, text) in dropped {
        println!("  {reason}\t{text:?}");
    }
    assert!(share < MOST_LOST, "{name} loses {:.3} % of its sentences", share * 100.0);
}

#[test]
fn newswire_loses_next_to_nothing() {
    let Some(path) = data("news/reuters.jsonl.gz") else { return };
    let (share, dropped) = measure(flate2::read::GzDecoder::new(File::open(path).unwrap()), by_indents);
    check("Reuters", share, &dropped);
}

#[test]
fn web_news_loses_next_to_nothing() {
    let Some(path) = data("news/wikinews.jsonl") else { return };
    let (share, dropped) = measure(File::open(path).unwrap(), by_blank_lines);
    check("Wikinews", share, &dropped);
}

/// The words that make and break furniture, between which anything may stand.
const PIECE: &str = "(By |Read also: |© |Details|Photo: |said it grew\\. |é|e\u{301}|\u{ad}|\u{a0}|\r\n|\n|\n\n|[ -~]|\\PC){0,12}";

proptest::proptest! {
    #[test]
    fn kept_blocks_stand_where_they_say(texts in proptest::collection::vec(PIECE, 1..6)) {
        let whole = texts.join("\n\n");
        for mut batch in [batch(&whole, |_| texts.clone()), batch(&whole, |_| Vec::new())] {
            clean().process(&mut batch).unwrap();
            let document = &batch.documents[0];
            let offsets = Offsets::new(&document.text);
            proptest::prop_assert_eq!(document.chars as usize, document.text.chars().count());
            let mut joined = Vec::new();
            for block in batch.blocks.iter() {
                proptest::prop_assert_eq!(block.kept, block.reason.is_none());
                proptest::prop_assert_eq!(block.kept, block.char_start.is_some() && block.char_end.is_some());
                if let (Some(start), Some(end)) = (block.char_start, block.char_end) {
                    proptest::prop_assert_eq!(&document.text[offsets.bytes(Span::new(start, end))], &*block.text);
                    joined.push(block.text.as_str());
                }
            }
            proptest::prop_assert_eq!(joined.join("\n\n"), document.text.as_str());
        }
    }
}
