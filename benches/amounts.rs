//! How fast amounts are recognised, without what comes before and after.
//!
//! ```console
//! $ CLAIMLINE_CORPUS=reuters.jsonl cargo bench --bench amounts    # any JSONL with text
//! ```
//!
//! The rate is bytes of text by the seconds that the rules take over sentences that were read before;
//! the seconds of that reading, measured in turns with them, are what to compare it with.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on has failed, and prints"
)]

mod runs;

use std::time::Instant;

use claimline_extract::cursor::Cursor;
use claimline_extract::quantity::amounts;

use runs::{in_turns, read, texts};

fn main() {
    let (texts, readings) = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    let sentences: usize = readings.iter().map(|reading| reading.sentences().len()).sum();
    let mut found = Vec::new();
    let recognise = |found: &mut Vec<_>| {
        let mut count = 0;
        for (text, reading) in texts.iter().zip(&readings) {
            for sentence in reading.sentences() {
                found.clear();
                amounts(Cursor::new(text, &reading.tokens()[sentence.tokens.clone()]), &[], found);
                count += found.len();
            }
        }
        count
    };
    let count = recognise(&mut found);
    let [rules, tokens] = in_turns([true, false], |rules| {
        let start = Instant::now();
        if rules {
            assert_eq!(recognise(&mut Vec::new()), count);
        } else {
            assert_eq!(texts.iter().map(|text| read(text).sentences().len()).sum::<usize>(), sentences);
        }
        start.elapsed().as_secs_f64()
    });
    let megabytes = bytes as f64 / 1e6;
    println!("\n{} texts, {megabytes:.1} MB, {count} amounts", texts.len());
    println!("amounts alone   {:8.2} MB/s a core", megabytes / rules);
    println!("reading tokens  {:8.2} MB/s a core", megabytes / tokens);
}
