//! What the models make of a text, as CoNLL-U.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use claimline_language::name::{Name, agree, names_in_tree};
use claimline_language::parse::{Arc, Workspace, parse};
use claimline_language::tag::{Forms, Tag, tag};
use claimline_language::{Kind, Reading, Token, lemma};

use crate::treebank::documents;

/// Writes the sentences of a text file; MISC has `TokenRange=a:b` in code points.
///
/// # Errors
/// If the file can't be read or the output not written.
pub fn text(path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut reading = Reading::default();
    reading.read(&text, 0..text.len());
    let sentences: Vec<_> = reading
        .sentences()
        .iter()
        .map(|sentence| (text.as_str(), &reading.tokens()[sentence.tokens.clone()]))
        .collect();
    let mut out = std::io::stdout().lock();
    let (mut byte, mut points) = (0, 0);
    for ((text, tokens), analysis) in sentences.iter().zip(analyse(&sentences)) {
        let ranges: Vec<(usize, usize)> = tokens
            .iter()
            .map(|token| {
                let start = points + text[byte..token.range().start].chars().count();
                points = start + token.text(text).chars().count();
                byte = token.range().end;
                (start, points)
            })
            .collect();
        for (place, token) in tokens.iter().enumerate() {
            if let Some(next) = tokens.get(place + 1)
                && is_written_with(text, token, next)
            {
                let written = &text[token.range().start..next.range().end];
                let (start, end) = (ranges[place].0, ranges[place + 1].1);
                let (first, last) = (place + 1, place + 2);
                writeln!(out, "{first}-{last}\t{written}\t_\t_\t_\t_\t_\t_\t_\tTokenRange={start}:{end}")?;
            }
            let (start, end) = ranges[place];
            let range = format!("TokenRange={start}:{end}");
            writeln!(out, "{}", row(place, token.text(text), &analysis, Some(range)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes the sentences of a CoNLL-U file with tags, trees and names of our own.
///
/// # Errors
/// If the file can't be read or the output not written.
pub fn gold_tokens(path: &Path) -> Result<()> {
    let documents = documents(path)?;
    let mut out = std::io::stdout().lock();
    for document in &documents {
        let sentences: Vec<_> = document.iter().map(|e| (e.text.as_str(), e.tokens.as_slice())).collect();
        for (example, analysis) in document.iter().zip(analyse(&sentences)) {
            for (place, word) in example.sentence.words.iter().enumerate() {
                writeln!(out, "{}", row(place, &word.form, &analysis, None))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What the models make of a sentence.
#[derive(Default)]
struct Analysis {
    tags: Vec<Tag>,
    arcs: Vec<Arc>,
    names: Vec<Name>,
}

/// Tags, trees and names of a document's sentences, each a text and its tokens.
fn analyse(sentences: &[(&str, &[Token])]) -> Vec<Analysis> {
    let (mut forms, mut workspace) = (Forms::default(), Workspace::default());
    let mut analyses: Vec<Analysis> = Vec::with_capacity(sentences.len());
    for (text, tokens) in sentences {
        let mut analysis = Analysis::default();
        tag(text, tokens, &mut forms, &mut analysis.tags);
        parse(text, tokens, &analysis.tags, &mut workspace, &mut analysis.arcs);
        names_in_tree(&forms, &analysis.tags, &analysis.arcs, &workspace, &mut analysis.names);
        analyses.push(analysis);
    }
    let mut named: Vec<_> = sentences
        .iter()
        .zip(&mut analyses)
        .map(|((_, tokens), analysis)| {
            (*tokens, analysis.tags.as_slice(), std::mem::take(&mut analysis.names))
        })
        .collect();
    agree(&mut named);
    let agreed: Vec<_> = named.into_iter().map(|(_, _, names)| names).collect();
    analyses.iter_mut().zip(agreed).for_each(|(analysis, names)| analysis.names = names);
    analyses
}

/// The row of the word at `place`.
fn row(place: usize, form: &str, analysis: &Analysis, range: Option<String>) -> String {
    let (tag, arc) = (analysis.tags[place], analysis.arcs[place]);
    let name = analysis.names.iter().find(|name| (name.start..name.end).contains(&(place as u32)));
    let name = name.map(|name| {
        let first = if name.start == place as u32 { "B" } else { "I" };
        format!("Name={first}-{}", name.kind.name())
    });
    let misc: Vec<String> = name.into_iter().chain(range).collect();
    let misc = if misc.is_empty() { "_".to_owned() } else { misc.join("|") };
    let (pos, penn, label) = (tag.pos.name(), tag.penn.name(), arc.label.name());
    let (id, head, lemma) = (place + 1, arc.head.map_or(0, |head| head + 1), lemma(form, tag));
    format!("{id}\t{form}\t{lemma}\t{pos}\t{penn}\t_\t{head}\t{label}\t_\t{misc}")
}

/// Whether two tokens are one word to the eye: a clitic and what it leans on, or `cannot`.
fn is_written_with(text: &str, token: &Token, next: &Token) -> bool {
    let clitic = next.text(text).starts_with(['\'', '\u{2019}']) || token.kind == Kind::Word;
    next.kind == Kind::Word && token.end == next.start && token.kind != Kind::Punctuation && clitic
}
