//! How fast the models are, on one core.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use claimline_language::Reading;
use claimline_language::name::names;
use claimline_language::parse::{Workspace, parse};
use claimline_language::tag::{Forms, tag};
use flate2::read::GzDecoder;

/// Prints the tokens that one core reads, tags, parses, and tags and names in a second.
///
/// # Errors
/// If the file can't be read or isn't JSON lines.
pub fn measure(path: &Path) -> Result<()> {
    let file = File::open(path).with_context(|| format!("can't open {}", path.display()))?;
    let reader: Box<dyn Read> = match path.extension().is_some_and(|e| e == "gz") {
        true => Box::new(GzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut texts = Vec::new();
    for line in BufReader::new(reader).lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        texts.extend(record["text"].as_str().map(str::to_owned));
    }
    let clock = Clock::start();
    let mut readings = Vec::new();
    for text in &texts {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        readings.push(reading);
    }
    let tokens: usize = readings.iter().map(|r| r.tokens().len()).sum();
    println!("tokens {tokens}");
    println!("read_tokens_per_second {:.0}", tokens as f64 / clock.seconds());

    let clock = Clock::start();
    let (mut forms, mut tags) = (Forms::default(), Vec::new());
    for (text, reading) in texts.iter().zip(&readings) {
        for sentence in reading.sentences() {
            tag(text, &reading.tokens()[sentence.tokens.clone()], &mut forms, &mut tags);
        }
    }
    println!("tag_tokens_per_second {:.0}", tokens as f64 / clock.seconds());

    let clock = Clock::start();
    let (mut workspace, mut arcs) = (Workspace::default(), Vec::new());
    let mut tagged = 0;
    for (text, reading) in texts.iter().zip(&readings) {
        for sentence in reading.sentences() {
            let words = &reading.tokens()[sentence.tokens.clone()];
            arcs.clear();
            parse(text, words, &tags[tagged..tagged + words.len()], &mut workspace, &mut arcs);
            tagged += words.len();
        }
    }
    println!("parse_tokens_per_second {:.0}", tokens as f64 / clock.seconds());

    let clock = Clock::start();
    let mut found = Vec::new();
    for (text, reading) in texts.iter().zip(&readings) {
        for sentence in reading.sentences() {
            tags.clear();
            found.clear();
            tag(text, &reading.tokens()[sentence.tokens.clone()], &mut forms, &mut tags);
            names(&forms, &tags, &mut found);
        }
    }
    println!("tag_and_name_tokens_per_second {:.0}", tokens as f64 / clock.seconds());
    Ok(())
}

/// Seconds on the processor where the system tells them, so that what else runs does not count.
struct Clock {
    processor: Option<Duration>,
    wall: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { processor: on_processor(), wall: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        let processor = on_processor().zip(self.processor).map(|(now, start)| now - start);
        processor.unwrap_or_else(|| self.wall.elapsed()).as_secs_f64()
    }
}

/// The time that this thread was on a processor, as Linux tells it.
fn on_processor() -> Option<Duration> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    schedule.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
