//! One sink for all formats: what differs between them is a [`Format`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use claimline_model::Record;
use claimline_stage::{Batch, Context, OptionError, Piece, Sink, SinkError, Staging};
use claimline_tables::{Columns, Preset};
use serde_json::Value;

use crate::options::{Tables, check_dir};
use crate::table::{Share, Table};

/// How rows are written.
pub(crate) trait Format: Send + Sync + 'static {
    /// The files' extension.
    const EXTENSION: &'static str;

    /// The piece of the sink's file number `file` that holds these rows.
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError>;

    /// Begins the files, one a table; `threads` is how many the run may use.
    fn open(&self, targets: Vec<Target>, threads: usize) -> Result<Box<dyn Staging>, SinkError>;
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

/// An error with the path it happened at.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> SinkError + '_ {
    move |error| SinkError::Io { path: path.to_owned(), error }
}

/// Writes the chosen tables in one format.
pub(crate) struct TableSink<F> {
    format: F,
    tables: Vec<Table>,
    dir: PathBuf,
}

impl<F: Format> TableSink<F> {
    /// Checks the options that all sinks share; `format` is made for so many files.
    pub(crate) fn new(
        tables: &Tables,
        columns: Option<&Columns>,
        dir: &Path,
        preset: Preset,
        context: &Context,
        format: impl FnOnce(usize) -> F,
    ) -> Result<Self, OptionError> {
        let tables = tables.open(columns, preset, context)?;
        Ok(Self { format: format(tables.len()), dir: check_dir(dir)?, tables })
    }
}

impl<F: Format> TableSink<F> {
    fn path(&self, table: &Table) -> PathBuf {
        self.dir.join(format!("{}.{}", table.name(), F::EXTENSION))
    }
}

impl<F: Format> Sink for TableSink<F> {
    fn paths(&self) -> Vec<PathBuf> {
        self.tables.iter().map(|table| self.path(table)).collect()
    }

    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        let pieces = self.tables.iter().enumerate().map(|(file, t)| t.encode(&self.format, file, batch));
        pieces.filter(|piece| piece.as_ref().map_or(true, |piece| piece.rows > 0)).collect()
    }

    fn open(&self, folder: &Path, threads: usize) -> Result<Box<dyn Staging>, SinkError> {
        let below = folder.join(&self.dir);
        fs::create_dir_all(&below).map_err(at(&below))?;
        let target = |table: &Table| {
            let path = self.path(table);
            Target {
                table: table.name(),
                staged: folder.join(&path),
                path,
                columns: table.column_names().into_iter().map(str::to_owned).collect(),
                schema: table.arrow_schema(),
                descriptor: table.descriptor(),
            }
        };
        self.format.open(self.tables.iter().map(target).collect(), threads)
    }
}
