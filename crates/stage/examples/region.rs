//! A stage in Rust: the country that a claim speaks of, and the region of the world it lies in.
//!
//! ```console
//! $ cargo build --release --examples -p claimline-stage
//! $ claimline stages target/release/examples/region          # what it is, and its options
//! $ claimline run crates/stage/examples/pipeline.yaml        # the samples, with the new columns
//! ```

use claimline_stage::arrow::StringArray;
use claimline_stage::tables::ColumnType;
use claimline_stage::{
    AddedColumns, Batch, Declared, Order, Reads, Registration, Stage, StageError, export_stage,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Countries and the sub-region that the United Nations' M49 standard puts them in
/// (<https://unstats.un.org/unsd/methodology/m49/>).
const COUNTRIES: &[(&str, &str)] = &[
    ("Argentina", "South America"),
    ("Australia", "Oceania"),
    ("Azerbaijan", "Western Asia"),
    ("Belgium", "Western Europe"),
    ("Brazil", "South America"),
    ("Canada", "Northern America"),
    ("Chile", "South America"),
    ("China", "Eastern Asia"),
    ("Egypt", "Northern Africa"),
    ("France", "Western Europe"),
    ("Georgia", "Western Asia"),
    ("Germany", "Western Europe"),
    ("Ghana", "Western Africa"),
    ("India", "Southern Asia"),
    ("Italy", "Southern Europe"),
    ("Japan", "Eastern Asia"),
    ("Kazakhstan", "Central Asia"),
    ("Kenya", "Eastern Africa"),
    ("Mexico", "Central America"),
    ("Norway", "Northern Europe"),
    ("Poland", "Eastern Europe"),
    ("Spain", "Southern Europe"),
    ("Tajikistan", "Central Asia"),
    ("Turkmenistan", "Central Asia"),
    ("Ukraine", "Eastern Europe"),
    ("Uzbekistan", "Central Asia"),
];

/// What the pipeline may say under `options:`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The name of the column with the region.
    #[serde(default = "region")]
    column: String,
}

fn region() -> String {
    "region".to_owned()
}

#[derive(Clone)]
struct Region {
    column: String,
}

impl Stage for Region {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let found: Vec<_> = batch.claims.iter().map(|claim| country(&claim.sentence)).collect();
        let country: StringArray = found.iter().map(|found| found.map(|(country, _)| country)).collect();
        let region: StringArray = found.iter().map(|found| found.map(|(_, region)| region)).collect();
        batch.claims.add_column("country", country);
        batch.claims.add_column(&self.column, region);
        Ok(())
    }
}

/// The first country that `sentence` names.
fn country(sentence: &str) -> Option<(&'static str, &'static str)> {
    let words = sentence.split(|c: char| !c.is_alphabetic());
    let mut names = words.filter(|word| word.starts_with(char::is_uppercase));
    names.find_map(|word| COUNTRIES.iter().find(|(country, _)| *country == word).copied())
}

fn registration() -> Registration {
    Registration::stage(
        "region",
        "Adds the country that a claim's sentence names first, and its region of the world.",
        "- plugin: { library: ../target/release/examples/region, options: { column: region } }",
        Order::Parallel,
        |Options { column }, _| Ok(Region { column }),
    )
    .declaring(|Options { column }, _| {
        let adds = AddedColumns::default()
            .claim("country", ColumnType::Text, "The first country that the sentence names.")
            .claim(&column, ColumnType::Text, "The region of the world that the country lies in.");
        Ok(Declared { reads: Some(Reads::default().claims(&["sentence"])), adds, ..Declared::default() })
    })
}

export_stage!(registration());
