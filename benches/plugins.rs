//! What the border to plugins costs, and what goes over it.
//!
//! ```console
//! $ cargo build --release --examples -p claimline-stage
//! $ cargo bench --bench plugins                                   # the samples, repeated
//! $ CLAIMLINE_CORPUS=reuters.jsonl cargo bench --bench plugins     # any JSONL with id, text, title, date
//! ```
//!
//! The price of a plugin in a run is a ratio of user and system seconds against the run without it, all
//! measured in turns on one thread. Rates are bytes of `documents.text` by wall clock.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on has failed, and prints"
)]

#[path = "../crates/cli/registry.rs"]
mod registry;
mod runs;

use std::path::Path;
use std::time::Instant;

use claimline_pipeline::plugin::{Isolation, Place, Plugin, PluginOptions, Protocol};
use claimline_stage::model::{Block, Claim, Document, Mention};
use claimline_stage::tables::Lens;
use claimline_stage::{AddedColumns, Batch, Reads, Settings, Tables};
use runs::{Pipeline, corpus, cpu_seconds, in_turns};
use serde_json::json;

/// How often a batch goes over the border where one is measured.
const CROSSINGS: u32 = 2000;
/// Text that goes to a child and back.
const STREAMED: usize = 64 << 20;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let library = |name: &str| {
        let target = Path::new(env!("CARGO_BIN_EXE_claimline")).parent().expect("it is in a folder");
        target.join("examples").join(name)
    };
    let nothing = library("nothing");

    println!("\na batch over the border and back, handed back as it is, by user and system time");
    let some = Reads::default().documents(&["text"]).claims(&["subject", "sentence"]);
    for (what, reads) in [("all columns", Reads::all()), ("five columns", some)] {
        for (documents, rows) in [(1, 1), (256, 1), (256, 20)] {
            let sent = batch(documents, rows, 800, &reads);
            let mut link = place(&nothing, Isolation::None).open(&Settings::default()).expect("it opens");
            let start = cpu_seconds();
            for _ in 0..CROSSINGS {
                link.process(&sent).expect("it hands its tables back");
            }
            let each = (cpu_seconds() - start) * 1e6 / f64::from(CROSSINGS);
            println!(
                "  {what:12}  {documents:4} documents, {:6} rows  {each:7.1} µs",
                documents * (1 + 3 * rows)
            );
        }
    }

    println!("\ntext to a child and back, by wall clock");
    let reads = Reads::default().documents(&["text"]);
    let texts = batch(STREAMED / (64 * 16_000), 0, 16_000, &reads);
    let script = PluginOptions {
        command: Some(["python3", "-c", SCRIPT].map(str::to_owned).to_vec()),
        protocol: Protocol::Jsonl,
        ..options(None, Isolation::None)
    };
    let script = plugin(&script);
    let children =
        [("library, Arrow IPC", place(&nothing, Isolation::Process)), ("python3, JSON lines", script)];
    for (name, plugin) in children {
        let mut link = plugin.open(&Settings::default()).expect("it opens");
        let start = Instant::now();
        for _ in 0..64 {
            link.process(&texts).expect("it answers");
        }
        println!("  {name:20} {:7.0} MB/s", STREAMED as f64 / 1e6 / start.elapsed().as_secs_f64());
    }

    println!("\na plugin in a run");
    let corpus = corpus(folder.path());
    let registry = registry::built_in().with_host(Some(env!("CARGO_BIN_EXE_claimline").into()));
    let pipeline = Pipeline { corpus: &corpus, folder: folder.path(), registry };
    let with = |options: &str| {
        format!(
            "[clean, extract, normalise, {{ plugin: {{ library: {}, options: {options} }} }}]",
            json!(nothing)
        )
    };
    let region =
        format!("[clean, extract, normalise, {{ plugin: {{ library: {} }} }}]", json!(library("region")));
    let runs = [
        ("hands all tables back", with("{}")),
        ("copies all tables", with("{ copies: true }")),
        ("works on all rows", with("{ rows: true }")),
        ("adds two columns", region),
    ];
    let without = "[clean, extract, normalise]".to_owned();
    let all = [&without, &runs[0].1, &runs[1].1, &runs[2].1, &runs[3].1];
    let times = in_turns(all, |stages| pipeline.run(stages, 1).1);
    for ((name, _), time) in runs.iter().zip(&times[1..]) {
        println!("  {name:24} {:+6.1} %", (time / times[0] - 1.0) * 100.0);
    }
}

fn options(library: Option<&Path>, isolation: Isolation) -> PluginOptions {
    PluginOptions {
        library: library.map(|path| path.to_string_lossy().into_owned()),
        command: None,
        protocol: Protocol::Arrow,
        isolation,
        timeout_seconds: 60,
        options: serde_json::Map::new(),
    }
}

fn place(library: &Path, isolation: Isolation) -> Plugin {
    plugin(&options(Some(library), isolation))
}

fn plugin(options: &PluginOptions) -> Plugin {
    let host = Path::new(env!("CARGO_BIN_EXE_claimline"));
    let place = Place::new(options, Path::new(""), Some(host));
    let plugin = place.and_then(Plugin::new);
    plugin.expect("`cargo build --release --examples -p claimline-stage` builds it").0
}

/// What `reads` shows of so many documents of `bytes` of text, each with so many rows in the other tables.
fn batch(documents: usize, rows: usize, bytes: usize, reads: &Reads) -> Tables {
    let mut batch = Batch::default();
    for i in 0..documents {
        let doc_id: claimline_stage::model::Str = format!("document {i}").into();
        let text = "Trade grew by $5 million. ".repeat(bytes / 26 + 1);
        batch.documents.push(Document {
            doc_id: doc_id.clone(),
            text: text[..bytes].into(),
            ..Document::default()
        });
        for row in 0..rows {
            let (doc_id, id) = (doc_id.clone(), format!("row {row} of {i}"));
            batch.blocks.push(Block { doc_id: doc_id.clone(), ordinal: row as u32, ..Block::default() });
            let mention =
                Mention { doc_id: doc_id.clone(), mention_id: id.as_str().into(), ..Mention::default() };
            batch.mentions.push(mention);
            batch.claims.push(Claim { doc_id, claim_id: id.into(), ..Claim::default() });
        }
    }
    let lens = Lens::new(reads, &AddedColumns::default()).expect("all tables are there");
    lens.tables(&batch).expect("rows make tables")
}

/// A script that answers every document.
const SCRIPT: &str = r#"
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked["verb"] == "describe":
        answer = {"description": {"abi": "0.1", "name": "child", "reads": {"documents": ["text"]}}}
    elif asked["verb"] == "process":
        answer = {"document": {"title": str(len(asked["document"]["text"]))}}
    else:
        answer = {}
    print(json.dumps({"id": asked["id"], **answer}), flush=True)
"#;
