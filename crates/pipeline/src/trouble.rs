//! What is wrong with a pipeline file, and where.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};
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
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub struct Trouble {
    /// What is wrong.
    pub message: String,
    /// What would have worked.
    pub help: Option<String>,
    /// The way to the place, in words: `stages, item 2 (normalise), currency, to`; empty if there is none.
    pub path: String,
    /// The file.
    pub text: NamedSource<Arc<str>>,
    /// The place.
    pub at: SourceSpan,
}

impl Diagnostic for Trouble {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let path = Some(self.path.clone()).filter(|path| !path.is_empty());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(path, self.at))))
    }
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
    pub(crate) warnings: Vec<Trouble>,
}

/// A place in the file, and the way to it in words.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) at: Range<usize>,
    pub(crate) path: String,
}

impl From<Range<usize>> for Spot {
    fn from(at: Range<usize>) -> Self {
        Self { at, path: String::new() }
    }
}

impl Troubles {
    pub(crate) fn new(path: &Path, text: Arc<str>) -> Self {
        Self { name: path.display().to_string(), text, found: Vec::new(), warnings: Vec::new() }
    }

    pub(crate) fn push(&mut self, at: impl Into<Spot>, message: impl Into<String>, help: Option<String>) {
        let trouble = self.trouble(at.into(), message.into(), help);
        self.found.push(trouble);
    }

    /// Something to know that the pipeline can run with all the same.
    pub(crate) fn warn(&mut self, at: Spot, message: impl Into<String>) {
        let trouble = self.trouble(at, message.into(), None);
        self.warnings.push(trouble);
    }

    fn trouble(&self, Spot { at, path }: Spot, message: String, help: Option<String>) -> Trouble {
        // A caret needs something to stand under, at the end of the file too.
        let start = at.start.min(self.text.len());
        let first_line = self.text[start..at.end.clamp(start, self.text.len())].lines().next().unwrap_or("");
        Trouble {
            message,
            help,
            path,
            text: NamedSource::new(&self.name, self.text.clone()),
            at: (start, first_line.trim_end().len()).into(),
        }
    }

    /// The same as [`Troubles::push`], unless something was said of that place already.
    pub(crate) fn push_once(&mut self, at: Spot, message: impl Into<String>, help: Option<String>) {
        if !self.places().contains(&at.at.start) {
            self.push(at, message, help);
        }
    }

    /// The places where something is wrong so far.
    pub(crate) fn places(&self) -> Vec<usize> {
        self.found.iter().map(|trouble| trouble.at.offset()).collect()
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
