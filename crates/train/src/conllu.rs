//! Treebanks in CoNLL-U: <https://universaldependencies.org/format.html>.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;

/// A syntactic word.
#[derive(Clone, Debug)]
pub struct Word {
    pub form: String,
    pub upos: String,
    pub xpos: String,
    /// The place of its head in the sentence, from 0; none of the root.
    pub head: Option<usize>,
    /// Its label, without subtype.
    pub label: String,
    pub misc: String,
}

/// A sentence, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Sentence {
    /// Whether a document begins with it.
    pub new_document: bool,
    pub words: Vec<Word>,
}

/// Reads a file, with or without gzip.
///
/// # Errors
/// If the file can't be read, or a line isn't CoNLL-U; the message names the line.
pub fn read(path: &Path) -> Result<Vec<Sentence>> {
    let file = File::open(path).with_context(|| format!("can't open {}", path.display()))?;
    let reader: Box<dyn Read> = match path.extension().is_some_and(|e| e == "gz") {
        true => Box::new(GzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut sentences = Vec::new();
    let mut sentence = Sentence::default();
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.with_context(|| format!("{} line {}", path.display(), number + 1))?;
        if line.is_empty() {
            if !sentence.words.is_empty() {
                sentences.push(std::mem::take(&mut sentence));
            }
        } else if line.starts_with('#') {
            sentence.new_document |= line.starts_with("# newdoc");
        } else {
            add(&mut sentence, &line).with_context(|| format!("{} line {}", path.display(), number + 1))?;
        }
    }
    if !sentence.words.is_empty() {
        sentences.push(sentence);
    }
    Ok(sentences)
}

fn add(sentence: &mut Sentence, line: &str) -> Result<()> {
    let cells: Vec<&str> = line.split('\t').collect();
    let &[id, form, _, upos, xpos, _, head, label, _, misc] = cells.as_slice() else {
        bail!("{} columns instead of 10", cells.len());
    };
    // Words written as one (`3-4`) and words left out (`8.1`) stand on rows of their own.
    if !id.contains(['-', '.']) {
        sentence.words.push(Word {
            form: form.to_owned(),
            upos: upos.to_owned(),
            xpos: xpos.to_owned(),
            head: head.parse::<usize>().unwrap_or(0).checked_sub(1),
            label: label.split(':').next().unwrap_or_default().to_owned(),
            misc: misc.to_owned(),
        });
    }
    Ok(())
}
