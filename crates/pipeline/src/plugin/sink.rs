//! A plugin that writes tables.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use claimline_stage::tables::Lens;
use claimline_stage::{
    Batch, Body, Kept, OptionError, Piece, Reads, Redo, Resource, Settings, Sink, SinkError, Staging, Tables,
    Workshop,
};

use super::{Fault, Link, Plugin};

pub(super) struct PluginSink {
    plugin: Arc<Plugin>,
    settings: Settings,
    lens: Lens,
    paths: Vec<PathBuf>,
}

impl PluginSink {
    pub(super) fn open(plugin: &Arc<Plugin>, settings: Settings) -> Result<Self, OptionError> {
        let description = plugin.describe(&settings)?;
        let name = &plugin.name;
        if description.paths.is_empty() {
            return Err(OptionError::new("", format!("{name} does not say which files it writes (`paths`)")));
        }
        let lens = plugin.lens(description.reads, Reads::for_sinks, &settings)?;
        Ok(Self { plugin: plugin.clone(), settings, lens, paths: description.paths })
    }
}

impl Sink for PluginSink {
    fn paths(&self) -> Vec<PathBuf> {
        self.paths.clone()
    }

    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        let tables = self.lens.tables(batch).map_err(|error| SinkError::Encode(error.to_string()))?;
        let piece = |(name, table): (&str, &claimline_stage::arrow::RecordBatch)| Piece {
            file: Tables::NAMES.iter().position(|other| *other == name).unwrap_or(0),
            rows: table.num_rows() as u64,
            shares: Vec::new(),
            cut: 0,
            body: Body::Columns(table.clone()),
        };
        Ok(tables.iter().map(piece).collect())
    }

    fn open(&self, workshop: Workshop, kept: &[Kept]) -> Result<Box<dyn Staging>, SinkError> {
        let made = workshop.folder.join(MADE);
        let at = |error| SinkError::Io { path: made.clone(), error };
        workshop.disk.create_folder(&made).map_err(at)?;
        let folder = made.canonicalize().map_err(at)?;
        let settings =
            Settings { folder: Some(folder.clone()), threads: workshop.threads, ..self.settings.clone() };
        let link = self.plugin.open(&settings).map_err(encode_error)?;
        let mut tables: [Option<Redo>; Tables::NAMES.len()] = Default::default();
        for kept in kept {
            if let Some(table) = tables.get_mut(kept.number) {
                *table = Some(Redo::resume(&workshop, kept)?);
            }
        }
        Ok(Box::new(Feeding { link, workshop, tables, folder, paths: self.paths.clone() }))
    }
}

/// The folder in the workshop that a plugin writes to.
const MADE: &str = "made";

/// Keeps the batches, and feeds the plugin with them in order when all are there: what it would have
/// made of some is lost when the run is killed.
struct Feeding {
    link: Link,
    workshop: Workshop,
    /// The rows of each table, by its place among [`Tables::NAMES`].
    tables: [Option<Redo>; Tables::NAMES.len()],
    folder: PathBuf,
    paths: Vec<PathBuf>,
}

impl Staging for Feeding {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        let mut told = Vec::new();
        for Piece { file, body, .. } in pieces {
            let (Some(table), Body::Columns(rows)) = (self.tables.get_mut(file), body) else { continue };
            let redo = match table {
                Some(redo) => redo,
                none => {
                    let path = format!("{}.redo", Tables::NAMES[file]);
                    none.insert(Redo::create(&self.workshop, file, &path, rows.schema_ref())?)
                }
            };
            told.extend(redo.append(&rows)?);
        }
        Ok(told)
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        self.tables.iter_mut().flatten().try_for_each(Redo::sync)?;
        Ok(Vec::new())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        let mut rows = Vec::new();
        for (name, redo) in Tables::NAMES.iter().zip(&self.tables) {
            let batches = redo.as_ref().map(Redo::rows).transpose()?;
            rows.extend(batches.map(|batches| (*name, batches)));
        }
        loop {
            let mut tables = Tables::default();
            let mut any = false;
            for (name, batches) in &mut rows {
                if let (Some(place), Some(table)) = (tables.get_mut(name), batches.next().transpose()?) {
                    *place = Some(table);
                    any = true;
                }
            }
            if !any {
                break;
            }
            self.link.process(&tables).map_err(encode_error)?;
        }
        let mut files = self.link.finish().map_err(encode_error)?;
        for file in &mut files {
            if !self.paths.contains(&file.path) {
                let message = format!("it wrote {}, which it did not say before", file.path.display());
                return Err(SinkError::Encode(message));
            }
            file.staged = self.folder.join(&file.staged);
            let synced = File::open(&file.staged).and_then(|file| file.sync_all());
            synced.map_err(|error| SinkError::Io { path: file.staged.clone(), error })?;
        }
        Ok(files)
    }
}

fn encode_error(fault: Fault) -> SinkError {
    SinkError::Encode(fault.message())
}
