//! A plugin that writes tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use claimline_stage::tables::Lens;
use claimline_stage::{
    Batch, Body, OptionError, Piece, Reads, Resource, Settings, Sink, SinkError, Staging, Tables,
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
        let reads = description.reads.unwrap_or_else(Reads::for_sinks);
        let lens = Lens::new(&reads, &settings.added).map_err(|error| {
            OptionError::new("", format!("what {name} reads can't be sent: {}", error.message))
        })?;
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
            body: Body::Columns(table.clone()),
        };
        Ok(tables.iter().map(piece).collect())
    }

    fn open(&self, folder: &Path, threads: usize) -> Result<Box<dyn Staging>, SinkError> {
        let at = |error| SinkError::Io { path: folder.to_owned(), error };
        std::fs::create_dir_all(folder).map_err(at)?;
        let folder = folder.canonicalize().map_err(at)?;
        let settings = Settings { folder: Some(folder.clone()), threads, ..self.settings.clone() };
        let link = self.plugin.open(&settings).map_err(encode_error)?;
        Ok(Box::new(Feeding { link, folder, paths: self.paths.clone() }))
    }
}

/// Feeds a plugin batch by batch, in order.
struct Feeding {
    link: Link,
    folder: PathBuf,
    paths: Vec<PathBuf>,
}

impl Staging for Feeding {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<(), SinkError> {
        let mut tables = Tables::default();
        for Piece { file, body, .. } in pieces {
            let place = Tables::NAMES.get(file).and_then(|name| tables.get_mut(name));
            if let (Some(place), Body::Columns(table)) = (place, body) {
                *place = Some(table);
            }
        }
        self.link.process(&tables).map(drop).map_err(encode_error)
    }

    fn commit(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        let mut files = self.link.finish().map_err(encode_error)?;
        for file in &mut files {
            if !self.paths.contains(&file.path) {
                let message = format!("it wrote {}, which it did not say before", file.path.display());
                return Err(SinkError::Encode(message));
            }
            file.staged = self.folder.join(&file.staged);
        }
        Ok(files)
    }
}

fn encode_error(fault: Fault) -> SinkError {
    SinkError::Encode(fault.message())
}
