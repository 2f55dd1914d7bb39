//! What is wrong with a pipeline file, and where.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// A pipeline that can't be run: everything that is wrong with it, each at its place.
#[derive(Debug, Error, Diagnostic)]
#[error("{} can't be run: {} to mend", file, if troubles.len() == 1 { "1 thing".into() } else { format!("{} things", troubles.len()) })]
pub struct Refusal {
    /// The pipeline file.
    pub file: String,
    /// One a mistake, in the order of the file.
    #[related]
    pub troubles: Vec<Trouble>,
}

/// One mistake in a pipeline file.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub struct Trouble {
    /// What is wrong.
    pub message: String,
    /// What would have worked.
    #[help]
    pub help: Option<String>,
    /// The file.
    #[source_code]
    pub text: NamedSource<Arc<str>>,
    /// The place.
    #[label]
    pub at: SourceSpan,
}

impl Trouble {
    /// Its line and column in the file, from 1; columns count code points.
    pub fn place(&self) -> (usize, usize) {
        let text: &str = self.text.inner();
        let before = &text[..self.at.offset()];
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

/// Collects the troubles of one file.
pub(crate) struct Troubles {
    name: String,
    text: Arc<str>,
    found: Vec<Trouble>,
}

impl Troubles {
    pub(crate) fn new(path: &Path, text: Arc<str>) -> Self {
        Self { name: path.display().to_string(), text, found: Vec::new() }
    }

    pub(crate) fn push(&mut self, at: Range<usize>, message: impl Into<String>, help: Option<String>) {
        // A caret needs something to stand under, at the end of the file too.
        let start = at.start.min(self.text.len());
        let first_line = self.text[start..at.end.clamp(start, self.text.len())].lines().next().unwrap_or("");
        self.found.push(Trouble {
            message: message.into(),
            help,
            text: NamedSource::new(&self.name, self.text.clone()),
            at: (start, first_line.trim_end().len()).into(),
        });
    }

    /// The same, unless something was said of that place already.
    pub(crate) fn push_once(&mut self, at: Range<usize>, message: impl Into<String>, help: Option<String>) {
        if !self.places().contains(&at.start) {
            self.push(at, message, help);
        }
    }

    /// The places where something is wrong so far.
    pub(crate) fn places(&self) -> Vec<usize> {
        self.found.iter().map(|trouble| trouble.at.offset()).collect()
    }

    pub(crate) fn any(&self) -> bool {
        !self.found.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// `value`, unless something was found.
    pub(crate) fn or<T>(mut self, value: Option<T>) -> Result<T, Refusal> {
        self.found.sort_by_key(|trouble| trouble.at.offset());
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(Refusal { file: self.name, troubles: self.found }),
        }
    }
}

/// The one of `words` that was probably meant by `word`: that is like it, or else begins with it.
pub fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    /// Words of which less than this share is alike have little in common.
    const ALIKE: f64 = 0.6;
    /// Fewer letters begin too many words.
    const BEGINNING: usize = 3;
    let words: Vec<&str> = words.into_iter().collect();
    let scored = words.iter().map(|other| (strsim::normalized_damerau_levenshtein(word, other), *other));
    let alike = scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    let begun = || words.iter().find(|other| word.len() >= BEGINNING && other.starts_with(word)).copied();
    alike.map(|(_, other)| other).or_else(begun)
}

/// "did you mean ...?" and what is allowed.
pub(crate) fn help<'w>(word: &str, allowed: impl IntoIterator<Item = &'w str> + Clone) -> Option<String> {
    let list: Vec<_> = allowed.clone().into_iter().collect();
    let guess = nearest(word, allowed).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    (!list.is_empty()).then(|| format!("{guess}allowed: {}", list.join(", ")))
}
