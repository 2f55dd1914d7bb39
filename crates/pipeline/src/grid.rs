//! The tables as text, to be compared: what a test expects with what came, what a stage got with what it
//! left.

use std::collections::HashMap;
use std::str::FromStr;

use arrow_schema::{DataType, FieldRef};
use claimline_model::{
    Block, Claim, ColumnType, Date, Decimal, Document, Mention, Problem, Record, Timestamp, Value,
};
use claimline_stage::tables::OfDocument;
use claimline_stage::tables::json::cell_to_json;
use claimline_stage::{AddedColumns, Batch};
use serde_json::Value as Json;

/// One of the five tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `documents`.
    Documents,
    /// `blocks`.
    Blocks,
    /// `mentions`.
    Mentions,
    /// `claims`.
    Claims,
    /// `problems`.
    Problems,
}

/// What a column may hold.
pub(crate) struct Kind {
    pub(crate) name: String,
    holds: ColumnType,
    words: &'static [&'static str],
}

impl Table {
    /// Every one, in the order in which stages fill them.
    pub const ALL: [Self; 5] = [Self::Documents, Self::Blocks, Self::Mentions, Self::Claims, Self::Problems];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documents => Document::TABLE,
            Self::Blocks => Block::TABLE,
            Self::Mentions => Mention::TABLE,
            Self::Claims => Claim::TABLE,
            Self::Problems => Problem::TABLE,
        }
    }

    /// The columns by which a person tells its rows apart.
    fn telling(self) -> &'static [&'static str] {
        match self {
            Self::Documents => &["doc_id", "title"],
            Self::Blocks => &["block_kind", "text"],
            Self::Mentions => &["kind", "text"],
            Self::Claims => &["amount_text", "subject", "predicate", "sentence"],
            Self::Problems => &["code", "message"],
        }
    }

    /// The columns that tell a row from all others; of problems, all of them together.
    fn key(self) -> &'static [&'static str] {
        match self {
            Self::Documents => Document::KEY,
            Self::Blocks => Block::KEY,
            Self::Mentions => Mention::KEY,
            Self::Claims => Claim::KEY,
            Self::Problems => &["source_uri", "member", "stage", "code", "message", "location"],
        }
    }

    /// Its columns, those of plugins among them.
    pub(crate) fn columns(self, added: &AddedColumns) -> Vec<Kind> {
        fn own<R: Record>() -> Vec<Kind> {
            let kind = |c: &claimline_model::Column<R>| Kind {
                name: c.name.to_owned(),
                holds: c.column_type,
                words: c.words,
            };
            R::COLUMNS.iter().map(kind).collect()
        }
        let (mut columns, added) = match self {
            Self::Documents => (own::<Document>(), &added.documents[..]),
            Self::Blocks => (own::<Block>(), &[][..]),
            Self::Mentions => (own::<Mention>(), &added.mentions[..]),
            Self::Claims => (own::<Claim>(), &added.claims[..]),
            Self::Problems => (own::<Problem>(), &[][..]),
        };
        columns.extend(added.iter().map(Kind::added));
        columns
    }
}

impl Kind {
    fn added(field: &FieldRef) -> Self {
        let holds = match field.data_type() {
            DataType::Int64 => ColumnType::Int,
            DataType::Boolean => ColumnType::Bool,
            DataType::Float64 => ColumnType::Decimal,
            DataType::Date32 => ColumnType::Date,
            DataType::Timestamp(..) => ColumnType::Timestamp,
            _ => ColumnType::Text,
        };
        Self { name: field.name().clone(), holds, words: &[] }
    }

    /// The text of a cell that is written in a test.
    ///
    /// # Errors
    /// What it should have been, if the column can't hold it.
    pub(crate) fn read(&self, written: &Json) -> Result<String, String> {
        let text = match written {
            Json::Null => return Ok(String::new()),
            Json::String(text) => text.clone(),
            Json::Bool(_) | Json::Number(_) => written.to_string(),
            Json::Array(_) | Json::Object(_) => return Err("one value".to_owned()),
        };
        let read = |read: Option<String>, expected: &str| read.ok_or_else(|| expected.to_owned());
        match self.holds {
            ColumnType::Text if self.words.is_empty() || self.words.contains(&text.as_str()) => Ok(text),
            ColumnType::Text => Err(format!("one of {}", self.words.join(", "))),
            ColumnType::Int => read(text.parse::<i64>().ok().map(|int| int.to_string()), "a whole number"),
            ColumnType::Bool => read(text.parse::<bool>().ok().map(|yes| yes.to_string()), "true or false"),
            ColumnType::Decimal => read(decimal(&text), "a number"),
            ColumnType::Date => {
                read(Date::from_str(&text).ok().map(|day| day.to_string()), "a day such as 2025-06-23")
            }
            ColumnType::Timestamp => {
                let at = Timestamp::from_str(&text).ok().map(|at| at.to_string());
                read(at, "an instant such as 2025-06-23T12:00:00Z")
            }
        }
    }
}

/// A number without the zeros that say nothing: 2.50 is 2.5, and 1e3 is 1000.
fn decimal(text: &str) -> Option<String> {
    let read = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text));
    read.ok().map(|number| number.normalize().to_string())
}

fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Date(day) => day.to_string(),
        Value::Timestamp(at) => at.to_string(),
    }
}

/// The rows of a table as text; a cell without a value is the empty text.
pub struct Grid {
    table: Table,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// The rows of `table` in `batch`.
    pub fn new(table: Table, batch: &Batch) -> Self {
        fn cells<R: Record>(rows: &[R]) -> Vec<Vec<String>> {
            let row = |row| R::COLUMNS.iter().map(|column| text(&(column.get)(row))).collect();
            rows.iter().map(row).collect()
        }
        let (mut rows, added) = match table {
            Table::Documents => (cells(&batch.documents), batch.documents.added()),
            Table::Blocks => (cells(&batch.blocks), batch.blocks.added()),
            Table::Mentions => (cells(&batch.mentions), batch.mentions.added()),
            Table::Claims => (cells(&batch.claims), batch.claims.added()),
            Table::Problems => (cells(&batch.problems), Vec::new()),
        };
        let mut columns: Vec<String> =
            table.columns(&AddedColumns::default()).into_iter().map(|column| column.name).collect();
        for (field, values) in added {
            let kind = Kind::added(&field);
            for (i, row) in rows.iter_mut().enumerate() {
                // A cell of the column's own type is one that can be read.
                row.push(kind.read(&cell_to_json(&values, i)).unwrap_or_default());
            }
            columns.push(kind.name);
        }
        Self { table, columns, rows }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// A cell; one of a column that no row has is empty.
    pub fn cell(&self, row: usize, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.map_or("", |at| &self.rows[row][at])
    }

    /// What tells a row from others, in a line.
    pub fn label(&self, row: usize) -> String {
        let cells = self.table.telling().iter().map(|column| self.cell(row, column));
        let words = |cell: &str| cell.split_whitespace().collect::<Vec<_>>().join(" ");
        cells.filter(|cell| !cell.is_empty()).map(words).collect::<Vec<_>>().join(" · ")
    }

    /// The columns, those of plugins last.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What tells a row from all others.
    fn key(&self, row: usize) -> Vec<&str> {
        self.table.key().iter().map(|column| self.cell(row, column)).collect()
    }
}

/// What became of the rows of a table between two steps.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rows that came, by their place in the later grid.
    pub added: Vec<usize>,
    /// Rows that changed, by their place in the earlier and the later grid, and the columns that did.
    pub changed: Vec<(usize, usize, Vec<String>)>,
    /// Rows that went, by their place in the earlier grid.
    pub removed: Vec<usize>,
}

impl Difference {
    /// What is different in `after`, two grids of one table.
    pub fn between(before: &Grid, after: &Grid) -> Self {
        let mut old: HashMap<_, _> = (0..before.rows()).map(|row| (before.key(row), row)).collect();
        let mut difference = Self::default();
        for row in 0..after.rows() {
            let Some(was) = old.remove(&after.key(row)) else {
                difference.added.push(row);
                continue;
            };
            let differs = |column: &&String| before.cell(was, column) != after.cell(row, column);
            let columns: Vec<String> = after.columns.iter().filter(differs).cloned().collect();
            if !columns.is_empty() {
                difference.changed.push((was, row, columns));
            }
        }
        difference.removed = old.into_values().collect();
        difference.removed.sort_unstable();
        difference
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}
