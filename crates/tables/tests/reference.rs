//! The end of `docs/tables.md` says what the columns are; `UPDATE_DOCS=1` writes it.

#![allow(clippy::unwrap_used)] // clippy.toml lifts it in tests, but not in what they call.

use std::fmt::Write;
use std::path::Path;

use claimline_model::ColumnType;
use claimline_tables::{
    BLOCKS, CLAIMS, Columns, DOCUMENTS, MENTIONS, Origin, PROBLEMS, Preset, QUANTITIES, Record, STATEMENTS,
    Selection, View,
};

const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p claimline-tables --test reference";

/// What stands below this line is written, what stands above it is not.
const MARK: &str = "<!-- What follows is written from crates/model/src/rows.rs by: ";

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

/// The columns of all tables.
fn reference() -> Result<String, std::fmt::Error> {
    let mut page = format!("{MARK}{COMMAND} -->\n");
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
fn the_columns_in_the_page_of_the_tables_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables.md");
    let page = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (guide, written) = page.split_at(page.find(MARK).unwrap());
    let reference = reference().unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{guide}{reference}")).unwrap();
    } else {
        assert!(
            written == reference,
            "the columns in docs/tables.md are stale; write them anew with: {COMMAND}"
        );
    }
}
