//! A stage for claimline: how many questions a document asks.

use claimline_stage::arrow::Int64Array;
use claimline_stage::tables::ColumnType;
use claimline_stage::{
    AddedColumns, Batch, Declared, Order, Reads, Registration, Stage, StageError, export_stage,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// What a pipeline may say under `options:`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The name of the column.
    #[serde(default = "questions")]
    column: String,
}

fn questions() -> String {
    "questions".to_owned()
}

#[derive(Clone)]
struct Questions {
    column: String,
}

impl Stage for Questions {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let count = |text: &str| text.matches('?').count() as i64;
        let cells: Int64Array = batch.documents.iter().map(|document| Some(count(&document.text))).collect();
        batch.documents.add_column(&self.column, cells);
        Ok(())
    }
}

fn registration() -> Registration {
    Registration::stage(
        "{{name}}",
        "Adds how many questions a document asks.",
        "- plugin: { library: target/release/{{name}}, options: { column: questions } }",
        Order::Parallel,
        |Options { column }, _| Ok(Questions { column }),
    )
    .declaring(|Options { column }, _| {
        let adds = AddedColumns::default().document(&column, ColumnType::Int, "The question marks in it.");
        let reads = Some(Reads::default().documents(&["text"]));
        Ok(Declared { reads, adds, ..Declared::default() })
    })
}

export_stage!(registration());

#[cfg(test)]
mod tests {
    use claimline_stage::testing;
    use serde_json::json;

    use super::*;

    #[test]
    fn questions_are_counted() {
        let mut plugin = testing::open::<ClaimlinePlugin>(json!({})).unwrap();
        let batch = plugin.process(testing::documents(&["Who pays? And when?", "Nobody.", ""])).unwrap();
        assert_eq!(testing::column(&batch.documents, "questions"), [json!(2), json!(0), json!(0)]);
    }
}
