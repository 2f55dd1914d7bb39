//! What a plugin must bear: trials over the border, each with its outcome. A crash or a hang fails the
//! trial that it comes in; the next one starts the plugin anew.

use std::thread;

use claimline_model::{Block, Claim, Document, Mention, MentionKind};
use claimline_stage::arrow::{ArrayRef, Int64Array, NullArray, RecordBatch};
use claimline_stage::tables::{Lens, Terms};
use claimline_stage::{AddedColumns, Batch, Context, Description, Reads, Role, Settings, Tables};
use serde_json::{Map, Value};
use std::sync::Arc;

use super::{Fault, Link, Place, Plugin};

/// What came of one trial.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was tried.
    pub trial: &'static str,
    /// Why it did not pass.
    pub failure: Option<String>,
}

/// Bytes of text in the large batch.
const LARGE: usize = 64 << 20;
/// Workers that are tried beside one another, and batches that each sends.
const WORKERS: usize = 4;
const BATCHES: usize = 25;
/// Batches of a source that are read at most.
const YIELDED: usize = 1000;

/// Tries the plugin at `place` with one or two sets of its `options`; with none, with no options.
pub fn conformance(place: &Place, options: &[Value]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut tried = |trial, result: Result<(), String>| {
        outcomes.push(Outcome { trial, failure: result.err() });
    };
    let options = if options.is_empty() { vec![Value::Object(Map::new())] } else { options.to_vec() };
    let plugin = Plugin::new(place.clone()).map_err(|error| error.message);
    tried("describes itself", plugin.as_ref().map_err(Clone::clone).and_then(|(_, d)| described(d)));
    let Ok((plugin, general)) = plugin else { return outcomes };
    let subject = options.iter().map(|options| Subject::new(&plugin, &general, options)).collect();
    let subjects: Result<Vec<Subject<'_>>, String> = subject;
    tried(
        "takes its options, and says what it does with them",
        subjects.as_ref().map(drop).map_err(Clone::clone),
    );
    let Ok(subjects) = subjects else { return outcomes };
    let Some(subject) = subjects.first() else { return outcomes };
    match general.role {
        Role::Source => tried("yields documents until it ends", subject.yields()),
        Role::Stage | Role::Sink => {
            tried("a batch", subject.bears(&subject.batch(&TEXTS)));
            tried("an empty batch", subject.bears(&Batch::default()));
            tried("one document", subject.bears(&subject.batch(&TEXTS[..1])));
            tried(
                "cells without a value, and a text without a character",
                subject.bears(&subject.batch(&[""])),
            );
            tried("text beyond ASCII", subject.bears(&subject.batch(&UNUSUAL)));
            tried("64 MiB of text in a batch", subject.bears(&large()));
            tried("columns in another order, and some it does not know", subject.bears_columns());
            tried("a column of another type: an error, and life after it", subject.refuses_types());
            if general.role == Role::Stage {
                tried("the same batch twice makes the same", subject.repeats());
                tried("many workers beside one another", subject.workers());
                tried("instances with different options", beside(&subjects));
            }
            tried("the end of the input", subject.finishes());
        }
    }
    outcomes
}

const TEXTS: [&str; 3] = [
    "Trade with Kazakhstan grew by $5 million, the ministry said. It had fallen before.",
    "Write to jane@example.org or call +44 20 7946 0000 by 3 June.",
    "A good year.",
];

/// Right to left, outside the basic plane, combining, and what C takes for an end.
const UNUSUAL: [&str; 4] =
    ["Größe: 5 €. 数字 🦀", "שלום עולם", "e\u{301}\u{200d}\u{feff}", "a\0b\u{85}\u{2028}c"];

/// A document of each text, with a block, a mention and a claim that stand in it.
fn batch(texts: &[&str]) -> Batch {
    let mut batch = Batch::default();
    for (i, text) in texts.iter().enumerate() {
        let (doc_id, chars) =
            (claimline_model::Str::from(format!("document {i}")), text.chars().count() as u32);
        batch.documents.push(Document {
            doc_id: doc_id.clone(),
            source_uri: "conformance".into(),
            media_type: "text/plain".into(),
            text: (*text).into(),
            chars,
            ..Document::default()
        });
        batch.blocks.push(Block {
            doc_id: doc_id.clone(),
            text: (*text).into(),
            kept: true,
            char_start: Some(0),
            char_end: Some(chars),
            ..Block::default()
        });
        if chars > 0 {
            let mention = Mention {
                doc_id: doc_id.clone(),
                kind: MentionKind::Number,
                char_end: chars,
                text: (*text).into(),
                ..Mention::default()
            };
            batch.mentions.push(Mention { mention_id: mention.made_id(), ..mention });
            let claim = Claim { doc_id, char_end: chars, sentence: (*text).into(), ..Claim::default() };
            batch.claims.push(Claim { claim_id: claim.made_id(), ..claim });
        }
    }
    batch
}

fn large() -> Batch {
    let text = "Trade with Kazakhstan grew by $5 million. ".repeat(LARGE / 64 / 42);
    let texts: Vec<&str> = std::iter::repeat_n(text.as_str(), 64).collect();
    let mut batch = batch(&texts);
    // The text once, and not again in every row.
    batch.claims = Vec::new().into();
    batch.mentions = Vec::new().into();
    batch
}

fn described(description: &Description) -> Result<(), String> {
    let missing = [("version", &description.version), ("summary", &description.summary)];
    if let Some((key, _)) = missing.iter().find(|(_, value)| value.is_empty()) {
        return Err(format!("its description has no `{key}`"));
    }
    jsonschema::validator_for(&description.options)
        .map_err(|error| format!("`options` is no JSON Schema: {error}"))?;
    let properties = description.options.get("properties").and_then(Value::as_object);
    for (name, option) in properties.into_iter().flatten() {
        if option.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(format!("its option `{name}` has no `description`"));
        }
    }
    Ok(())
}

/// The plugin with certain options.
struct Subject<'p> {
    plugin: &'p Plugin,
    settings: Settings,
    lens: Lens,
    adds: AddedColumns,
    changes_text: bool,
    role: Role,
    /// The folder of a sink.
    folder: Option<tempfile::TempDir>,
}

fn told(fault: Fault) -> String {
    format!("{}: {}", fault.code(), fault.message())
}

impl<'p> Subject<'p> {
    fn new(plugin: &'p Plugin, general: &Description, options: &Value) -> Result<Self, String> {
        let schema = jsonschema::validator_for(&general.options).map_err(|error| error.to_string())?;
        if let Some(error) = schema.iter_errors(options).next() {
            return Err(format!("the options {options} are not what its schema says: {error}"));
        }
        let mut settings = Settings::new(options.clone(), &Context::default());
        let description = plugin.describe(&settings).map_err(|error| error.message)?;
        AddedColumns::default().extend(&description.adds)?;
        let all = if general.role == Role::Sink { Reads::for_sinks() } else { Reads::all() };
        let lens = Lens::new(&description.reads.unwrap_or(all), &AddedColumns::default())
            .map_err(|error| error.message)?;
        let folder = match general.role {
            Role::Sink => Some(tempfile::tempdir().map_err(|error| error.to_string())?),
            _ => None,
        };
        settings.folder = folder.as_ref().map(|folder| folder.path().to_owned());
        let Description { adds, changes_text, role, .. } = description;
        Ok(Self { plugin, settings, lens, adds, changes_text, role, folder })
    }

    /// A document of each text, with what there is where the plugin may stand: what changes the text stands
    /// before all that counts in it.
    fn batch(&self, texts: &[&str]) -> Batch {
        let mut batch = batch(texts);
        if self.changes_text {
            (batch.mentions, batch.claims) = Default::default();
        }
        batch
    }

    fn open(&self) -> Result<Link, String> {
        self.plugin.open(&self.settings).map_err(told)
    }

    fn sent(&self, batch: &Batch) -> Result<Tables, String> {
        self.lens.tables(batch).map_err(|error| error.to_string())
    }

    /// What becomes of a batch.
    fn after(&self, link: &mut Link, batch: &Batch) -> Result<Batch, String> {
        let sent = self.sent(batch)?;
        let returned = link.process(&sent).map_err(told)?;
        let mut after = batch.clone();
        if self.role == Role::Stage {
            let terms = Terms { stage: &self.plugin.name, adds: &self.adds, changes_text: self.changes_text };
            let leaving = after.take_in(&sent, returned, terms)?;
            after.fail(leaving);
        }
        Ok(after)
    }

    fn bears(&self, batch: &Batch) -> Result<(), String> {
        self.after(&mut self.open()?, batch).map(drop)
    }

    fn bears_columns(&self) -> Result<(), String> {
        let sent = self.sent(&self.batch(&TEXTS))?;
        let strange = changed(&sent, |table| {
            let mut columns: Vec<_> = table
                .schema_ref()
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .zip(table.columns().iter().cloned())
                .collect();
            let more: ArrayRef = Arc::new(Int64Array::from(vec![7; table.num_rows()]));
            columns.push(("not_yet_known".to_owned(), more));
            columns.reverse();
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, c)| (name, c, true)))
        })?;
        let returned = self.open()?.process(&strange).map_err(told)?;
        if self.role == Role::Stage {
            let terms = Terms { stage: &self.plugin.name, adds: &self.adds, changes_text: self.changes_text };
            self.batch(&TEXTS).take_in(&strange, returned, terms)?;
        }
        Ok(())
    }

    /// A plugin that does not look at a column need not mind its type; none may end over it.
    fn refuses_types(&self) -> Result<(), String> {
        let mut link = self.open()?;
        let wrong = changed(&self.sent(&self.batch(&TEXTS))?, |table| {
            let columns = table.schema_ref().fields().iter().zip(table.columns());
            let nothing: ArrayRef = Arc::new(NullArray::new(table.num_rows()));
            // By `doc_id` rows are put into lines.
            let column = |name: &str, column: &ArrayRef| match name {
                "doc_id" => column.clone(),
                _ => nothing.clone(),
            };
            RecordBatch::try_from_iter_with_nullable(
                columns.map(|(field, values)| (field.name(), column(field.name(), values), true)),
            )
        })?;
        match link.process(&wrong) {
            Ok(_) | Err(Fault::Told(_)) => {}
            Err(fault) => return Err(told(fault)),
        }
        self.after(&mut link, &self.batch(&TEXTS)).map(drop)
    }

    fn repeats(&self) -> Result<(), String> {
        let mut link = self.open()?;
        let (first, second) = (
            self.after(&mut link, &self.batch(&TEXTS))?,
            self.after(&mut self.open()?, &self.batch(&TEXTS))?,
        );
        if first == second { Ok(()) } else { Err("two instances made different things of it".to_owned()) }
    }

    fn workers(&self) -> Result<(), String> {
        let expected = self.after(&mut self.open()?, &self.batch(&TEXTS))?;
        let work = || {
            let mut link = self.open()?;
            for _ in 0..BATCHES {
                if self.after(&mut link, &self.batch(&TEXTS))? != expected {
                    return Err("a worker made something else of the batch than one alone".to_owned());
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
            let join = |worker: thread::ScopedJoinHandle<'_, Result<(), String>>| {
                worker.join().unwrap_or_else(|_| Err("a worker ended".to_owned()))
            };
            workers.into_iter().map(join).collect::<Vec<_>>().into_iter().collect()
        })
    }

    fn finishes(&self) -> Result<(), String> {
        let mut link = self.open()?;
        self.after(&mut link, &self.batch(&TEXTS))?;
        let files = link.finish().map_err(told)?;
        if let Some(folder) = &self.folder {
            let missing = files.iter().find(|file| !folder.path().join(&file.staged).is_file());
            return match missing {
                Some(file) => {
                    Err(format!("it says that it wrote {}, which is not there", file.staged.display()))
                }
                None if files.is_empty() => Err("it wrote no file".to_owned()),
                None => Ok(()),
            };
        }
        Ok(())
    }

    fn yields(&self) -> Result<(), String> {
        let mut link = self.open()?;
        for _ in 0..YIELDED {
            let tables = link.process(&Tables::default()).map_err(told)?.cast()?;
            let batch = Batch::from_tables(&tables).map_err(|error| error.to_string())?;
            if batch.documents.is_empty() && batch.problems.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Instances with each set of options in turns must do what they do alone.
fn beside(subjects: &[Subject<'_>]) -> Result<(), String> {
    let alone = |subject: &Subject<'_>| subject.after(&mut subject.open()?, &subject.batch(&TEXTS));
    let expected = subjects.iter().map(alone).collect::<Result<Vec<_>, _>>()?;
    let mut links =
        subjects.iter().chain(subjects).map(|s| Ok((s, s.open()?))).collect::<Result<Vec<_>, String>>()?;
    for _ in 0..BATCHES {
        for ((subject, link), expected) in links.iter_mut().zip(expected.iter().cycle()) {
            if subject.after(link, &subject.batch(&TEXTS))? != *expected {
                return Err("an instance made something else beside others than alone".to_owned());
            }
        }
    }
    Ok(())
}

fn changed<E: ToString>(
    tables: &Tables,
    change: impl Fn(&RecordBatch) -> Result<RecordBatch, E>,
) -> Result<Tables, String> {
    let mut changed = Tables::default();
    for (name, table) in tables.iter() {
        if let Some(place) = changed.get_mut(name) {
            *place = Some(change(table).map_err(|error| error.to_string())?);
        }
    }
    Ok(changed)
}
