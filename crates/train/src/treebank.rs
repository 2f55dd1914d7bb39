//! The sentences of a treebank as models see them.

use std::path::Path;

use anyhow::{Context, Result};
use claimline_language::Token;
use claimline_language::tag::{Penn, Pos, Tag};

use crate::conllu::{self, Sentence};

/// A sentence with what the treebank says of it.
pub struct Example {
    /// Its words, a blank between.
    pub text: String,
    pub tokens: Vec<Token>,
    pub tags: Vec<Tag>,
    pub sentence: Sentence,
}

impl Example {
    /// The sentence as a model sees it.
    ///
    /// # Errors
    /// If a tag is none of those we know.
    pub fn new(sentence: Sentence) -> Result<Self> {
        let mut text = String::new();
        let mut tokens = Vec::with_capacity(sentence.words.len());
        let mut tags = Vec::with_capacity(sentence.words.len());
        for word in &sentence.words {
            let start = text.len();
            text.push_str(&word.form);
            tokens.push(Token::assumed(&text, start, text.len()));
            text.push(' ');
            let unknown = || format!("tag {} {} of {}", word.upos, word.xpos, word.form);
            let pos = Pos::named(&word.upos).with_context(unknown)?;
            tags.push(Tag { pos, penn: Penn::named(&word.xpos).with_context(unknown)? });
        }
        Ok(Self { text, tokens, tags, sentence })
    }
}

/// Reads the documents of a CoNLL-U file, each as its sentences.
///
/// # Errors
/// If the file can't be read, or a tag is none of those we know.
pub fn documents(path: &Path) -> Result<Vec<Vec<Example>>> {
    let mut documents: Vec<Vec<Example>> = Vec::new();
    for sentence in conllu::read(path)? {
        let new = sentence.new_document || documents.is_empty();
        let example = Example::new(sentence)?;
        match documents.last_mut() {
            Some(document) if !new => document.push(example),
            _ => documents.push(vec![example]),
        }
    }
    Ok(documents)
}

/// Reads all files of `folder` whose name says train, in the order of their names.
///
/// # Errors
/// If there are none, or one can't be read.
pub fn training(folder: &Path) -> Result<Vec<Example>> {
    let entries = folder.read_dir().with_context(|| format!("can't read {}", folder.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.file_name().is_some_and(|n| n.to_string_lossy().contains(".train.conllu")));
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "no *.train.conllu* in {}", folder.display());
    let mut examples = Vec::new();
    for path in paths {
        for sentence in conllu::read(&path)? {
            examples.push(Example::new(sentence).with_context(|| path.display().to_string())?);
        }
    }
    Ok(examples)
}
