//! `docs/tables.md` says what the columns are; `UPDATE_DOCS=1` writes it.

#![allow(clippy::unwrap_used)] // clippy.toml lifts it in tests, but not in what they call.

use std::fmt::Write;
use std::path::Path;

use claimline_model::ColumnType;
use claimline_tables::{
    BLOCKS, CLAIMS, Columns, DOCUMENTS, MENTIONS, Origin, PROBLEMS, Preset, QUANTITIES, Record, STATEMENTS,
    Selection, View,
};

const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p claimline-tables --test reference";

const HEAD: &str = r#"# The tables

Every run writes `documents`, `claims`, `mentions` and `problems`, one file each, in every format that the pipeline's
`export:` names, but for `xlsx`, which writes one workbook with the sheets `quantities`, `statements`, `documents` and
`problems`. `blocks` and the two views of the claims, `quantities` and `statements`, are written when `tables:` asks
for them. `datapackage.json` beside the files says the same as this page to programs (Frictionless Table Schema).

## How to read them

- **One row of `claims` is one thing that a text asserts**: an amount (`kind` is `quantity`) or what somebody says
  (`statement`). The rows of a statement and of the amounts inside it are tied by `parent_id`.
- **To sum a column, filter `same_as is null and change_role is null`.** `same_as` marks an amount that restates
  another one ("$10 billion, or 8.7 billion euros"), and the rows of one change ("rose by 5 to 20 from 15") are a
  difference and two levels.
- **A value is a number as one would compute with it**: "5 mln" is 5000000, "19 cents" is 0.19 with the currency beside
  it, and "40 percent" is 40. `bound` says how it limits what is meant ("more than"), `value_high` is the upper end of
  a range.
- **Money** stands as written in `value` and `currency`; `base_value` and `base_currency` hold it converted, and the
  `fx_` columns say by which rate, or why not.
- **Times** are days: `time_start` to `time_end`, both inclusive, so that "in 2024" is 2024-01-01 to 2024-12-31.
  `time_grain` says how much of it the text stated, `time_basis` whether it was written out or reckoned.
- **Every row points at its words.** Offsets count Unicode code points of `documents.text` from 0, the end exclusive;
  the `_spans` columns are `12..40`, or `12..40;55..80` for words that do not stand together. `rule` names the rule.
- **Joins**: `doc_id` leads from any table to `documents`, `amount_mention` and `time_mention` from a claim to
  `mentions`. Ids depend on the input alone and are the same in every run.

## Types

| type | CSV | XLSX | JSON Lines | Parquet |
|---|---|---|---|---|
| text | text | text, never a formula; a web address is a link | string | string |
| integer | digits | number | number | int64 |
| decimal | digits with a point, exact | number | number, exact | double; the exact digits of `value` and `value_high` are in `value_exact` and `value_high_exact` |
| boolean | `true`, `false` | boolean | `true`, `false` | boolean |
| date | `2025-06-23` | date; text before March 1900 | string | date32 |
| timestamp | `2025-06-23T10:30:00Z` | date and time, UTC | string | timestamp, microseconds, UTC |

A missing value is an empty cell, `null`, null. A column without "may be empty" always has a value, if only an empty text.

CSV is for spreadsheets: it begins with a byte order mark (`bom: false` leaves it out), each run of white space in a
text is one space (`white_space: keep`), a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return has a
`'` before it (`formulas: keep`), and a cell ends at 32,767 characters; `cut_cells` in `datapackage.json` counts those
that were longer.

XLSX has the white space and the limit of CSV. A sheet has at most a million rows, and goes on in `tables-2.xlsx`; its
first 65,530 addresses are links, as many as Excel takes.

`columns: brief` (the default of CSV and XLSX) has the columns marked ●, with those that plugins added last; `columns: full` (the
default of the others) has all. A list of names, or a map from new names to columns, chooses and orders them.
"#;

/// One row of the reference a column, in the order of `full`.
fn table<R: Record>(page: &mut String, view: &View<R>) -> std::fmt::Result {
    let columns = |preset| Selection::new(view, &Columns::Preset(preset), &[]).unwrap().columns;
    let brief: Vec<_> = columns(Preset::Brief).into_iter().map(|c| c.name).collect();
    write!(page, "\n## {}\n\n{}\n\n", view.name, R::MEANING.trim())?;
    writeln!(page, "| column | brief | type | may be empty | meaning |\n|---|---|---|---|---|")?;
    for selected in columns(Preset::Full) {
        let (column_type, nullable, unit, words): (_, _, _, &[&str]) = match &selected.origin {
            Origin::Own(c) => (c.column_type, c.nullable, c.unit, c.words),
            Origin::Exact(c) => (ColumnType::Text, c.nullable, "", &[]),
            Origin::Added(_) => continue,
        };
        let type_name = match column_type {
            ColumnType::Text => "text",
            ColumnType::Int => "integer",
            ColumnType::Bool => "boolean",
            ColumnType::Decimal => "decimal",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp",
        };
        let mut meaning = selected.description().unwrap_or_default().replace('|', "\\|");
        if !unit.is_empty() {
            write!(meaning, " In {unit}.")?;
        }
        if !words.is_empty() {
            write!(meaning, " One of `{}`.", words.join("`, `"))?;
        }
        let mark = if brief.contains(&selected.name) { "●" } else { "" };
        let empty = if nullable { "yes" } else { "" };
        writeln!(page, "| `{}` | {mark} | {type_name} | {empty} | {meaning} |", selected.name)?;
    }
    Ok(())
}

fn page() -> Result<String, std::fmt::Error> {
    let mut page = format!("<!-- Written from crates/model/src/rows.rs by: {COMMAND} -->\n\n{HEAD}");
    table(&mut page, &DOCUMENTS)?;
    table(&mut page, &CLAIMS)?;
    let listed = |columns: &[&str]| columns.join("`, `");
    write!(
        page,
        "\n### {} and {}\n\nViews of `claims`, asked for by name: the rows of one kind. `{}` leaves out `{}`; `{}` leaves \
         out `{}`, and its `brief` is `{}`.\n",
        QUANTITIES.name,
        STATEMENTS.name,
        QUANTITIES.name,
        listed(QUANTITIES.without),
        STATEMENTS.name,
        listed(STATEMENTS.without),
        listed(STATEMENTS.brief),
    )?;
    table(&mut page, &MENTIONS)?;
    table(&mut page, &BLOCKS)?;
    table(&mut page, &PROBLEMS)?;
    Ok(page)
}

#[test]
fn the_page_of_the_tables_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables.md");
    let page = page().unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(committed == page, "docs/tables.md is stale; write it anew with: {COMMAND}");
}
