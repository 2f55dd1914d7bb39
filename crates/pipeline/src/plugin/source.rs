//! A plugin that yields documents.

use std::sync::{Arc, Mutex, PoisonError};

use claimline_model::{Document, Offsets, Problem, Severity, parse_id};
use claimline_stage::{Batch, Decoded, Found, InputFile, OptionError, Origin, Raw, Settings, Source, Tables};

use super::{Fault, Link, Plugin};

pub(super) struct PluginSource {
    plugin: Arc<Plugin>,
    settings: Settings,
    /// The instance that was opened to see whether the plugin can be.
    spare: Mutex<Option<Link>>,
}

impl PluginSource {
    pub(super) fn open(plugin: &Arc<Plugin>, settings: Settings) -> Result<Self, OptionError> {
        let first = plugin.open(&settings).map_err(Fault::into_option_error)?;
        Ok(Self { plugin: plugin.clone(), settings, spare: Mutex::new(Some(first)) })
    }

    fn problem(&self, code: &str, message: &str) -> Problem {
        let origin = Origin { uri: self.plugin.place.shown().into(), ..Origin::default() };
        origin.problem(&self.plugin.name, Severity::Error, code, message)
    }

    /// What the plugin yields next; nothing when it has ended.
    fn next(&self, link: &mut Link, yielded: &mut u64) -> Result<Vec<Found>, Fault> {
        let tables = link.process(&Tables::default())?.cast().map_err(Fault::Output)?;
        let batch = Batch::from_tables(&tables).map_err(|error| Fault::Output(error.to_string()))?;
        let mut found = Vec::with_capacity(batch.documents.len() + batch.problems.len());
        let runs = batch.blocks.runs(&batch.documents);
        let blocks = runs.last().map_or(0, |run| run.end);
        if blocks < batch.blocks.len() {
            let stray = &batch.blocks[blocks].doc_id;
            return Err(Fault::Output(format!(
                "blocks must stand in the order of documents; one of `{stray}` does not"
            )));
        }
        for (mut document, run) in batch.documents.iter().cloned().zip(runs) {
            *yielded += 1;
            if document.source_uri.is_empty() {
                document.source_uri = self.plugin.name.as_str().into();
                document.member.get_or_insert_with(|| yielded.to_string().into());
            }
            if document.media_type.is_empty() {
                document.media_type = "text/plain".into();
            }
            let mut blocks = batch.blocks[run].to_vec();
            if document.doc_id.is_empty() {
                let Document { source_uri, member, .. } = &document;
                let origin =
                    Origin { uri: source_uri.clone(), path: source_uri.clone(), member: member.clone() };
                document.doc_id = origin.doc_id();
                blocks.iter_mut().for_each(|block| block.doc_id = document.doc_id.clone());
            }
            document.chars = Offsets::new(&document.text).point(document.text.len());
            let outside = |end: Option<u32>| end.is_some_and(|end| end > document.chars);
            if blocks.iter().any(|block| outside(block.char_end) || block.char_start > block.char_end) {
                let message = format!("a block of {} stands outside of its text", document.doc_id);
                let problem = document.problem(&self.plugin.name, Severity::Error, "plugin_output", &message);
                found.push(Found::Lost(problem));
                continue;
            }
            // An id of the form of a made one counts as made.
            let own_id = !document.doc_id.starts_with('d') || parse_id(&document.doc_id).is_none();
            let decoded = Decoded { document, blocks, own_id, warnings: Vec::new() };
            found.push(Found::Document(Box::new(decoded)));
        }
        found.extend(batch.problems.into_iter().map(|problem| {
            let problem = Problem { stage: self.plugin.name.as_str().into(), ..problem };
            match problem.severity {
                Severity::Error => Found::Lost(problem),
                Severity::Warning => Found::Warning(problem),
            }
        }));
        Ok(found)
    }
}

impl Source for PluginSource {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut link = match spare {
            Some(spare) => Ok(spare),
            None => self.plugin.open(&self.settings),
        };
        let (mut ended, mut yielded) = (false, 0);
        let mut ready = Vec::new().into_iter();
        Box::new(std::iter::from_fn(move || {
            loop {
                if let Some(found) = ready.next() {
                    return Some(found);
                }
                if ended {
                    return None;
                }
                let next = link.as_mut().map_err(|fault| Fault::Gone(fault.message()));
                ready = match next.and_then(|link| self.next(link, &mut yielded)) {
                    Ok(found) => {
                        ended = found.is_empty();
                        found
                    }
                    Err(fault) => {
                        ended = true;
                        vec![Found::Lost(self.problem(fault.code(), &fault.message()))]
                    }
                }
                .into_iter();
            }
        }))
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        Err(Box::new(raw.origin.problem(
            &self.plugin.name,
            Severity::Error,
            "plugin_output",
            "it yields no raw records",
        )))
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        None
    }
}
