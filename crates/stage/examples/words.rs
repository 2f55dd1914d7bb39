//! A source in Rust: documents that stand in the pipeline itself.

use claimline_stage::model::{Document, Problem, Severity};
use claimline_stage::{Decoded, Found, InputFile, Origin, Raw, Registration, Source, export_source};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the pipeline may say under `options:`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Words {
    /// The texts, a document each.
    texts: Vec<String>,
}

impl Source for Words {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        Box::new(self.texts.iter().zip(1..).map(|(text, number)| {
            let member = Some(number.to_string().into());
            let origin = Origin { uri: "words".into(), path: "words".into(), member };
            Found::Raw(Raw {
                origin,
                bytes: text.clone().into_bytes(),
                consumed: text.len() as u64,
                ..Raw::default()
            })
        }))
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let Raw { origin, bytes, .. } = raw;
        match String::from_utf8(bytes) {
            Ok(text) if !text.is_empty() => Ok(Decoded {
                document: Document {
                    doc_id: origin.doc_id(),
                    source_uri: origin.uri,
                    member: origin.member,
                    media_type: "text/plain".into(),
                    text: text.into(),
                    ..Document::default()
                },
                ..Decoded::default()
            }),
            _ => Err(Box::new(origin.problem("words", Severity::Error, "empty", "there is no text"))),
        }
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        // The texts stand in the pipeline, which is watched anyway.
        Some(Box::new(std::iter::empty()))
    }
}

export_source!(Registration::source(
    "words",
    "Documents whose texts stand in the pipeline.",
    "- plugin: { library: ../target/release/examples/words, options: { texts: [Trade grew by $5 million.] } }",
    |options: Words, _| Ok(options),
));
