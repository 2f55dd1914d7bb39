//! What crosses between two stages is in the tables: batches that go to Arrow and back between every
//! two of them come out the same.

use std::fs;
use std::path::Path;

use claimline_pipeline::{Overrides, Plan, Progress, Registry, Settings, run};
use claimline_stage::tables::{from_arrow, to_arrow};
use claimline_stage::{Batch, Order, Registration, Stage, StageError};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::registry;

#[derive(Deserialize, JsonSchema)]
struct NoOptions {}

/// Sends every table of a batch to Arrow and back.
#[derive(Clone)]
struct ThereAndBack;

impl Stage for ThereAndBack {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        macro_rules! cross {
            ($($table:ident),+) => { $(
                let arrow = to_arrow(&batch.$table).map_err(|error| StageError::new(error.to_string()))?;
                batch.$table = from_arrow(&arrow).map_err(|error| StageError::new(error.to_string()))?;
            )+ };
        }
        cross!(documents, blocks, mentions, claims);
        Ok(())
    }
}

/// The claims, mentions and problems that `stages` make of the files in `folder`.
fn tables(folder: &Path, stages: &str) -> [String; 3] {
    let there_and_back =
        Registration::stage("arrow", "To Arrow and back.", "- arrow", Order::Parallel, |_: NoOptions, _| {
            Ok(ThereAndBack)
        });
    let built_in: Vec<_> = registry::built_in().iter().cloned().collect();
    let registry = Registry::new([built_in, vec![there_and_back]].concat());
    let text = format!(
        "version: 1\nname: test\ningest:\n  - files: {{ paths: [in] }}\nstages: {stages}\nout: out\nexport: [jsonl]\n"
    );
    let plan = Plan::new(&folder.join("p.yaml"), &text, &registry, &Overrides::default(), &|_| None).unwrap();
    run(&plan, &Settings { threads: 1, restart: true, ..Settings::default() }, &Progress::default()).unwrap();
    ["claims", "mentions", "problems"]
        .map(|table| fs::read_to_string(folder.join(format!("out/{table}.jsonl"))).unwrap())
}

/// Sentences with something in them for every stage to leave to the next.
fn sentence() -> impl Strategy<Value = String> {
    let who = prop::sample::select(vec!["The company", "Kazakhstan", "Café Zoë", "He", "Ministers"]);
    let what = prop::sample::select(vec!["sold", "has exceeded", "rose to", "will need", "fell by"]);
    let how_much = prop::sample::select(vec![
        "$10 billion",
        "1,234,567,890.123456789012 euros",
        "about 40%",
        "200–300 km",
        "2-1/2 pounds",
        "five thousand\u{a0}tonnes of grain",
        "19 cents a share",
    ]);
    let when =
        prop::sample::select(vec!["last Tuesday", "in 2019", "since 3/4/2021", "for two years", "by May"]);
    let end = prop::sample::select(vec![".", ".\n\nHeading\n\n", "?", ""]);
    (who, what, how_much, when, end)
        .prop_map(|(who, what, how_much, when, end)| format!("{who} {what} {how_much} {when}{end} "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn batches_survive_arrow_between_every_two_stages(
        texts in prop::collection::vec(prop::collection::vec(sentence(), 1..8), 1..4)
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        for (i, sentences) in texts.iter().enumerate() {
            let text = format!("Date: 2025-06-2{i}\n\n{}", sentences.concat());
            fs::write(folder.path().join(format!("in/{i}.txt")), text).unwrap();
        }
        let plain = tables(folder.path(), "[clean, extract, normalise]");
        prop_assert!(plain[1].lines().count() >= texts.len(), "every text has a mention");
        let crossed = tables(folder.path(), "[arrow, clean, arrow, extract, arrow, normalise, arrow]");
        prop_assert_eq!(plain, crossed);
    }
}
