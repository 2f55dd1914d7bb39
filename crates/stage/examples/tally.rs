//! A sink in Rust: how often each currency is claimed, as a text file.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use claimline_stage::{
    Batch, Body, Kept, Piece, Registration, Resource, Sink, SinkError, Staging, Workshop, export_sink,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// What the pipeline may say under `options:`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tally {
    /// The name of the file.
    #[serde(default = "tally")]
    file: String,
}

fn tally() -> String {
    "tally.txt".to_owned()
}

impl Sink for Tally {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.file.clone().into()]
    }

    /// A batch's currencies, a line each.
    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        let currencies: Vec<_> = batch.claims.iter().filter_map(|claim| claim.currency.as_deref()).collect();
        let (rows, lines) = (currencies.len() as u64, currencies.join("\n"));
        Ok(vec![Piece { file: 0, rows, shares: Vec::new(), cut: 0, body: Body::Bytes(lines.into_bytes()) }])
    }

    fn open(&self, workshop: Workshop, _: &[Kept]) -> Result<Box<dyn Staging>, SinkError> {
        let (staged, path) = (workshop.folder.join(&self.file), PathBuf::from(&self.file));
        Ok(Box::new(Counting { staged, path, counts: BTreeMap::new() }))
    }
}

struct Counting {
    staged: PathBuf,
    path: PathBuf,
    counts: BTreeMap<String, u64>,
}

impl Staging for Counting {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        for piece in pieces {
            if let Body::Bytes(lines) = piece.body {
                for currency in String::from_utf8_lossy(&lines).lines() {
                    *self.counts.entry(currency.to_owned()).or_default() += 1;
                }
            }
        }
        // The engine keeps the batches of a plugin: after a crash they all come again.
        Ok(Vec::new())
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        Ok(Vec::new())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        let lines = self.counts.iter().map(|(currency, count)| format!("{currency} {count}\n"));
        let written = fs::write(&self.staged, lines.collect::<String>());
        written.map_err(|error| SinkError::Io { path: self.staged.clone(), error })?;
        Ok(vec![Resource {
            table: "tally".to_owned(),
            rows: self.counts.len() as u64,
            staged: self.staged,
            path: self.path,
            descriptor: json!({ "format": "txt", "description": "How often each currency is claimed." }),
        }])
    }
}

export_sink!(Registration::sink(
    "tally",
    "Counts the claims in each currency, into a text file.",
    "- plugin: { library: ../target/release/examples/tally, options: { file: currencies.txt } }",
    |options: Tally, _| Ok(options),
));
