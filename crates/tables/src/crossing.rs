//! A batch as Arrow tables: the form in which a plugin gets it.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, Field, FieldRef, Schema, SchemaRef};
use claimline_model::{Block, Claim, Document, Mention, Problem, Record};
use serde::{Deserialize, Serialize};

use crate::arrow::{FromArrowError, TableBuilder, part_from_arrow};
use crate::{
    AddedColumns, BLOCKS, Batch, CLAIMS, Columns, DOCUMENTS, MENTIONS, OfDocument, PROBLEMS, Preset, Rows,
    SelectError, Selection, View,
};

/// The tables of a batch, each where it was asked for, or where it was changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// The documents.
    pub documents: Option<RecordBatch>,
    /// Their blocks.
    pub blocks: Option<RecordBatch>,
    /// Their mentions.
    pub mentions: Option<RecordBatch>,
    /// Their claims.
    pub claims: Option<RecordBatch>,
    /// What went wrong; an error with a `doc_id` takes that document out.
    pub problems: Option<RecordBatch>,
}

impl Tables {
    /// The names of the tables, in the order in which they cross.
    pub const NAMES: [&'static str; 5] = ["documents", "blocks", "mentions", "claims", "problems"];

    /// The place of the table called `name`, if there is one of that name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Option<RecordBatch>> {
        match name {
            "documents" => Some(&mut self.documents),
            "blocks" => Some(&mut self.blocks),
            "mentions" => Some(&mut self.mentions),
            "claims" => Some(&mut self.claims),
            "problems" => Some(&mut self.problems),
            _ => None,
        }
    }

    /// The tables that are there, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &RecordBatch)> {
        let all = [&self.documents, &self.blocks, &self.mentions, &self.claims, &self.problems];
        Self::NAMES.into_iter().zip(all).filter_map(|(name, table)| Some((name, table.as_ref()?)))
    }
}

/// Which tables a stage wants to see, and which of their columns. The columns that tell rows apart
/// (`doc_id`, `claim_id`, ...) come with any table.
///
/// ```
/// # use claimline_tables::Reads;
/// let reads: Reads = serde_json::from_str(r#"{ "documents": ["text"], "claims": "full" }"#).unwrap();
/// assert!(reads.documents.is_some() && reads.mentions.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reads {
    /// Of `documents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Columns>,
    /// Of `blocks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Columns>,
    /// Of `mentions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Columns>,
    /// Of `claims`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Columns>,
    /// Of `problems`, which only a sink sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Columns>,
}

impl Reads {
    /// Everything that a stage can see.
    pub fn all() -> Self {
        let full = || Some(Columns::Preset(Preset::Full));
        Self { documents: full(), blocks: full(), mentions: full(), claims: full(), problems: None }
    }

    /// Every table that a sink writes unless told otherwise.
    pub fn for_sinks() -> Self {
        Self { blocks: None, problems: Some(Columns::Preset(Preset::Full)), ..Self::all() }
    }

    /// These and columns of `documents`.
    pub fn documents(mut self, names: &[&str]) -> Self {
        self.documents = Some(named(names));
        self
    }

    /// These and columns of `blocks`.
    pub fn blocks(mut self, names: &[&str]) -> Self {
        self.blocks = Some(named(names));
        self
    }

    /// These and columns of `mentions`.
    pub fn mentions(mut self, names: &[&str]) -> Self {
        self.mentions = Some(named(names));
        self
    }

    /// These and columns of `claims`.
    pub fn claims(mut self, names: &[&str]) -> Self {
        self.claims = Some(named(names));
        self
    }
}

fn named(names: &[&str]) -> Columns {
    Columns::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

/// What one stage sees of every batch: [`Reads`], looked up in the tables.
pub struct Lens {
    documents: Option<Seen<Document>>,
    blocks: Option<Seen<Block>>,
    mentions: Option<Seen<Mention>>,
    claims: Option<Seen<Claim>>,
    problems: Option<Seen<Problem>>,
}

struct Seen<R: 'static> {
    selection: Selection<R>,
    schema: SchemaRef,
}

impl Lens {
    /// Looks the columns up; `added` are those that earlier stages add.
    ///
    /// # Errors
    /// If a table has no column of a name.
    pub fn new(reads: &Reads, added: &AddedColumns) -> Result<Self, SelectError> {
        Ok(Self {
            documents: Seen::new(&DOCUMENTS, Document::KEY, &reads.documents, &added.documents)?,
            blocks: Seen::new(&BLOCKS, Block::KEY, &reads.blocks, &[])?,
            mentions: Seen::new(&MENTIONS, Mention::KEY, &reads.mentions, &added.mentions)?,
            claims: Seen::new(&CLAIMS, Claim::KEY, &reads.claims, &added.claims)?,
            problems: Seen::new(&PROBLEMS, &[], &reads.problems, &[])?,
        })
    }

    /// The tables of `batch`.
    ///
    /// # Errors
    /// If an added column is not as long as its table, which [`Rows`] rules out.
    pub fn tables(&self, batch: &Batch) -> Result<Tables, ArrowError> {
        fn table<R: Record>(
            seen: &Option<Seen<R>>,
            rows: &Rows<R>,
        ) -> Result<Option<RecordBatch>, ArrowError> {
            let table = |s: &Seen<R>| s.selection.to_arrow_as(&s.schema, rows, &rows.added());
            seen.as_ref().map(table).transpose()
        }
        let problems = |s: &Seen<Problem>| s.selection.to_arrow_as(&s.schema, &batch.problems, &[]);
        Ok(Tables {
            documents: table(&self.documents, &batch.documents)?,
            blocks: table(&self.blocks, &batch.blocks)?,
            mentions: table(&self.mentions, &batch.mentions)?,
            claims: table(&self.claims, &batch.claims)?,
            problems: self.problems.as_ref().map(problems).transpose()?,
        })
    }
}

impl<R: Record> Seen<R> {
    fn new(
        view: &View<R>,
        key: &[&str],
        columns: &Option<Columns>,
        added: &[FieldRef],
    ) -> Result<Option<Self>, SelectError> {
        let Some(columns) = columns else { return Ok(None) };
        let mut columns = columns.clone();
        if let Columns::Names(names) = &mut columns {
            let missing = key.iter().filter(|name| !names.iter().any(|n| n == *name));
            let key: Vec<_> = missing.map(|name| (*name).to_owned()).collect();
            // A table of rows that belong to documents says to which.
            let owner = names.iter().chain(&key).all(|n| n != "doc_id").then(|| "doc_id".to_owned());
            names.splice(0..0, key.into_iter().chain(owner));
        }
        let selection = Selection::new(view, &columns, added)?;
        let plain = |field: &FieldRef| {
            let field = field.as_ref();
            Field::new(field.name(), field.data_type().clone(), field.is_nullable())
        };
        let fields: Vec<_> = selection.arrow_schema().fields().iter().map(plain).collect();
        Ok(Some(Self { selection, schema: Arc::new(Schema::new(fields)) }))
    }
}

impl Batch {
    /// The rows of `tables`; cells of columns that are not in them are the default ones.
    ///
    /// # Errors
    /// If a column or a cell has the wrong type.
    pub fn from_tables(tables: &Tables) -> Result<Self, FromArrowError> {
        fn rows<R: Record>(table: &Option<RecordBatch>) -> Result<Rows<R>, FromArrowError> {
            table.as_ref().map_or(Ok(Rows::default()), part_from_arrow)
        }
        Ok(Self {
            documents: rows(&tables.documents)?,
            blocks: rows(&tables.blocks)?,
            mentions: rows(&tables.mentions)?,
            claims: rows(&tables.claims)?,
            problems: rows::<Problem>(&tables.problems)?.to_vec(),
        })
    }
}

/// What became of the rows of `before` in `after`, as a stage returns it: the keys, the columns that
/// differ, and what was added. In a column that the stage did not see, a cell that it did not set is
/// null, which leaves it as it is. `None` if nothing differs.
///
/// # Errors
/// If an added column is not as long as its table, which [`Rows`] rules out.
pub fn changes<R: OfDocument>(
    before: &Rows<R>,
    after: &Rows<R>,
    seen: Option<&RecordBatch>,
) -> Result<Option<RecordBatch>, ArrowError> {
    if before == after {
        return Ok(None);
    }
    let same_rows =
        before.len() == after.len() && before.iter().zip(after.iter()).all(|(b, a)| b.key() == a.key());
    let was_seen = |name: &str| seen.is_some_and(|seen| seen.column_by_name(name).is_some());
    let blank = R::default();
    let mut table = TableBuilder::new(after.len());
    for column in R::COLUMNS {
        let differs = || match same_rows {
            true => before.iter().zip(after.iter()).any(|(b, a)| (column.get)(b) != (column.get)(a)),
            false => after.iter().any(|row| (column.get)(row) != (column.get)(&blank)),
        };
        let key = R::KEY.contains(&column.name);
        let (seen, differs) = (was_seen(column.name), differs());
        if key || differs || (seen && !same_rows) {
            let unset = (!seen && !key).then_some(&blank);
            table.column(column, after, unset);
        }
    }
    for (field, values) in after.added() {
        let unchanged = |(f, v): &(FieldRef, ArrayRef)| *f == field && v.as_ref() == values.as_ref();
        if !(same_rows && before.added().iter().any(unchanged)) {
            table.added(field, values);
        }
    }
    table.finish().map(Some)
}
