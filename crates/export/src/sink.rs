//! One sink for all formats: what differs between them is a [`Format`].

use std::io;
use std::path::{Path, PathBuf};

use claimline_model::Record;
use claimline_stage::{
    Batch, Context, Kept, OptionError, Piece, Published, Sink, SinkError, Staging, Workshop,
};
use claimline_tables::{Columns, Preset};
use serde_json::Value;

use crate::options::{Tables, check_dir};
use crate::table::{Share, Table};

/// How rows become pieces.
pub(crate) trait Encode: Send + Sync + 'static {
    /// The piece of the sink's file number `file` that holds these rows.
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError>;
}

/// How rows are written, each table to a file of its own.
pub(crate) trait Format: Encode {
    /// The files' extension.
    const EXTENSION: &'static str;

    /// Begins the files, one a table, or goes on with those that `kept` tells of.
    fn open(
        &self,
        workshop: &Workshop,
        kept: &[Kept],
        targets: Vec<Target>,
    ) -> Result<Box<dyn Staging>, SinkError>;

    /// The files of a run before, which stand at the targets' `path` below `out`.
    fn published(&self, out: &Path, targets: Vec<Target>) -> Box<dyn Published>;
}

/// A file to be.
pub(crate) struct Target {
    /// The table or view.
    pub table: &'static str,
    /// Where it is put together.
    pub staged: PathBuf,
    /// Where it belongs in the output folder.
    pub path: PathBuf,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its columns as Arrow has them.
    pub schema: arrow_schema::Schema,
    /// What is known of it for `datapackage.json` before it is written.
    pub descriptor: Value,
}

impl Target {
    /// What its file is called where it is put together.
    pub(crate) fn name(&self) -> String {
        self.staged.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// An error with the path it happened at.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> SinkError + '_ {
    move |error| SinkError::Io { path: path.to_owned(), error }
}

/// The pieces of a batch, those without rows left out.
pub(crate) fn encode(tables: &[Table], format: &impl Encode, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
    let pieces = tables.iter().enumerate().map(|(file, table)| table.encode(format, file, batch));
    pieces.filter(|piece| piece.as_ref().map_or(true, |piece| piece.rows > 0)).collect()
}

/// Writes the chosen tables in one format, each to a file of its own.
pub(crate) struct TableSink<F> {
    format: F,
    tables: Vec<Table>,
    dir: PathBuf,
}

impl<F: Format> TableSink<F> {
    /// Checks the options that all sinks share.
    pub(crate) fn new(
        tables: Option<&Tables>,
        columns: Option<&Columns>,
        dir: &Path,
        preset: Preset,
        context: &Context,
        format: F,
    ) -> Result<Self, OptionError> {
        let tables = tables.unwrap_or(&Tables::default()).open(columns, preset, context)?;
        Ok(Self { format, dir: check_dir(dir)?, tables })
    }
}

impl<F: Format> TableSink<F> {
    /// The files, put together in `folder`.
    fn targets(&self, folder: &Path) -> Vec<Target> {
        let target = |table: &Table| Target {
            table: table.name(),
            staged: folder.join(format!("{}.{}", table.name(), F::EXTENSION)),
            path: self.path(table),
            columns: table.column_names().into_iter().map(str::to_owned).collect(),
            schema: table.arrow_schema(),
            descriptor: table.descriptor(),
        };
        self.tables.iter().map(target).collect()
    }

    fn path(&self, table: &Table) -> PathBuf {
        self.dir.join(format!("{}.{}", table.name(), F::EXTENSION))
    }
}

impl<F: Format> Sink for TableSink<F> {
    fn paths(&self) -> Vec<PathBuf> {
        self.tables.iter().map(|table| self.path(table)).collect()
    }

    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        encode(&self.tables, &self.format, batch)
    }

    fn open(&self, workshop: Workshop, kept: &[Kept]) -> Result<Box<dyn Staging>, SinkError> {
        self.format.open(&workshop, kept, self.targets(&workshop.folder))
    }

    fn shape(&self) -> Option<String> {
        let table = |table: &Table| format!("{}: {}", self.path(table).display(), table.arrow_schema());
        Some(self.tables.iter().map(table).collect::<Vec<_>>().join("\n"))
    }

    fn published(&self, out: &Path) -> Option<Box<dyn Published>> {
        Some(self.format.published(out, self.targets(Path::new(""))))
    }
}
