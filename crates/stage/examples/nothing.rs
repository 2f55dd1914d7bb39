//! The smallest stage on Arrow tables: it hands them back as they are. What it costs is what the border
//! costs; `benches/plugins.rs` measures it.

use arrow_select::filter::filter_record_batch;
use claimline_stage::arrow::BooleanArray;
use claimline_stage::{Order, Registration, StageError, TableStage, Tables, by_rows, export_stage};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the pipeline may say under `options:`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// Whether the columns are copied, so that claimline has to look whether they changed.
    #[serde(default)]
    copies: bool,
    /// Whether the tables become rows first, as they do for a stage that works on rows.
    #[serde(default)]
    rows: bool,
}

impl TableStage for Options {
    fn process(&mut self, tables: Tables) -> Result<Tables, StageError> {
        match self {
            Options { rows: true, .. } => by_rows(tables, |_| Ok(())),
            Options { copies: true, .. } => copied(&tables),
            _ => Ok(tables),
        }
    }
}

/// The same tables in buffers of their own.
fn copied(tables: &Tables) -> Result<Tables, StageError> {
    let mut copies = Tables::default();
    for (name, table) in tables.iter() {
        let all = BooleanArray::from(vec![true; table.num_rows()]);
        let copy = filter_record_batch(table, &all).map_err(|error| StageError::new(error.to_string()))?;
        if let Some(place) = copies.get_mut(name) {
            *place = Some(copy);
        }
    }
    Ok(copies)
}

export_stage!(Registration::table_stage(
    "nothing",
    "Hands its tables back as they are.",
    "- plugin: { library: ../target/release/examples/nothing }",
    Order::Parallel,
    |options: Options, _| Ok(options),
));
