//! The tables and views that a sink can write.

use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_schema::{FieldRef, Schema};
use claimline_model::{Block, Claim, Document, Mention, Problem, Record};
use claimline_stage::{AddedColumns, Batch, Body, Piece, SinkError};
use claimline_tables::{
    BLOCKS, CLAIMS, Columns, DOCUMENTS, MENTIONS, OfDocument, PROBLEMS, QUANTITIES, Rows, STATEMENTS,
    SelectError, Selection,
};
use serde_json::{Value, json};

use crate::sink::Encode;

/// One of them, with the columns that were chosen.
pub(crate) enum Table {
    Documents(Selection<Document>),
    Blocks(Selection<Block>),
    Mentions(Selection<Mention>),
    Claims(Selection<Claim>),
    Problems(Selection<Problem>),
}

type OpenTable = fn(&Columns, &AddedColumns) -> Result<Table, SelectError>;

/// Every name that `tables:` knows.
const TABLES: &[(&str, OpenTable)] = &[
    (DOCUMENTS.name, |c, added| Selection::new(&DOCUMENTS, c, &added.documents).map(Table::Documents)),
    (CLAIMS.name, |c, added| Selection::new(&CLAIMS, c, &added.claims).map(Table::Claims)),
    (QUANTITIES.name, |c, added| Selection::new(&QUANTITIES, c, &added.claims).map(Table::Claims)),
    (STATEMENTS.name, |c, added| Selection::new(&STATEMENTS, c, &added.claims).map(Table::Claims)),
    (MENTIONS.name, |c, added| Selection::new(&MENTIONS, c, &added.mentions).map(Table::Mentions)),
    (BLOCKS.name, |c, _| Selection::new(&BLOCKS, c, &[]).map(Table::Blocks)),
    (PROBLEMS.name, |c, _| Selection::new(&PROBLEMS, c, &[]).map(Table::Problems)),
];

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

pub(crate) fn find(name: &str) -> Option<OpenTable> {
    TABLES.iter().find(|(n, _)| *n == name).map(|(_, open)| *open)
}

/// A batch's rows of one table, and what is selected of them.
pub(crate) struct Share<'b, R: 'static> {
    pub selection: &'b Selection<R>,
    pub rows: &'b [R],
    pub added: &'b [(FieldRef, ArrayRef)],
    /// The places of each document's rows; of none, where they belong to no documents.
    pub runs: Vec<Range<usize>>,
}

impl<'b, R: OfDocument> Share<'b, R> {
    fn new(
        selection: &'b Selection<R>,
        rows: &'b Rows<R>,
        added: &'b [(FieldRef, ArrayRef)],
        documents: &[Document],
    ) -> Self {
        Self { selection, rows, added, runs: rows.runs(documents) }
    }
}

impl<R: Record> Share<'_, R> {
    /// The selected rows in columns, for the sink's file number `file`.
    pub(crate) fn columns(&self, file: usize) -> Result<Piece, SinkError> {
        let columns = self.selection.to_arrow(self.rows, self.added);
        let columns = columns.map_err(|e| SinkError::Encode(e.to_string()))?;
        let (rows, shares) = (columns.num_rows() as u64, self.of_documents());
        Ok(Piece { file, rows, shares, cut: 0, body: Body::Columns(columns) })
    }
}

impl<R> Share<'_, R> {
    /// How many of the selected rows each document has.
    pub(crate) fn of_documents(&self) -> Vec<u32> {
        let kept = |run: &Range<usize>| {
            self.selection.kept(&self.rows[run.clone()]).map_or(run.len(), |kept| kept.len()) as u32
        };
        self.runs.iter().map(kept).collect()
    }
}

/// Evaluates an expression for the selection of any table.
macro_rules! selection {
    ($table:expr, $selection:ident => $value:expr) => {
        match $table {
            Table::Documents($selection) => $value,
            Table::Blocks($selection) => $value,
            Table::Mentions($selection) => $value,
            Table::Claims($selection) => $value,
            Table::Problems($selection) => $value,
        }
    };
}

impl Table {
    pub(crate) fn name(&self) -> &'static str {
        selection!(self, s => s.name)
    }

    pub(crate) fn column_names(&self) -> Vec<&str> {
        selection!(self, s => s.columns.iter().map(|c| c.name.as_str()).collect())
    }

    /// What `datapackage.json` says of it in any format.
    pub(crate) fn descriptor(&self) -> Value {
        fn of<R: Record>(selection: &Selection<R>) -> Value {
            json!({ "description": R::MEANING.trim(), "schema": selection.table_schema() })
        }
        selection!(self, s => of(s))
    }

    pub(crate) fn arrow_schema(&self) -> Schema {
        selection!(self, s => s.arrow_schema())
    }

    /// The batch's rows of this table, which is the `file`-th of its sink, in a format.
    pub(crate) fn encode<F: Encode>(
        &self,
        format: &F,
        file: usize,
        batch: &Batch,
    ) -> Result<Piece, SinkError> {
        macro_rules! encode {
            ($selection:ident, $rows:ident) => {
                format.encode(
                    file,
                    Share::new($selection, &batch.$rows, &batch.$rows.added(), &batch.documents),
                )
            };
        }
        match self {
            Self::Documents(s) => encode!(s, documents),
            Self::Blocks(s) => encode!(s, blocks),
            Self::Mentions(s) => encode!(s, mentions),
            Self::Claims(s) => encode!(s, claims),
            Self::Problems(s) => {
                let share = Share { selection: s, rows: &batch.problems, added: &[], runs: Vec::new() };
                format.encode(file, share)
            }
        }
    }
}
