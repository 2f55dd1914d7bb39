//! Everything that a stage can do wrong, one thing at a time: what `tests/plugin_faults.rs` shows to be
//! contained. It works on every document but those whose text has a certain word.

use std::thread;
use std::time::Duration;

use claimline_stage::arrow::{Float64Array, StringArray};
use claimline_stage::model::{Claim, Mention, Severity, Span, Spans};
use claimline_stage::tables::{ColumnType, DROPPED};
use claimline_stage::{AddedColumns, Batch, Declared, Order, Registration, Stage, StageError, export_stage};
use nix::sys::signal::{Signal, raise};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the pipeline may say under `options:`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Misbehave {
    /// What it does wrong.
    how: How,
    /// The word in whose document it does it.
    on: String,
}

/// What can be done wrong.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum How {
    /// Nothing.
    Nothing,
    /// Panics.
    Panic,
    /// Says that it can't.
    Fail,
    /// Leaves the document out.
    Drop,
    /// Ends its process.
    Abort,
    /// Touches memory that is not there.
    Segfault,
    /// Never answers.
    Hang,
    /// Adds a column that it has not described.
    Lie,
    /// Fills the column that it has described with another type.
    WrongType,
    /// Makes a claim past the end of the text.
    Outside,
    /// Makes a mention of words that do not stand there.
    OtherWords,
    /// Makes a claim in a document that there is not.
    Stranger,
    /// Makes a claim twice.
    Twice,
    /// Changes the text behind everybody's back.
    Text,
}

impl Stage for Misbehave {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let ids: Vec<_> = batch.documents.iter().map(|document| document.doc_id.clone()).collect();
        batch.documents.add_column("seen", ids.into_iter().map(Some).collect::<StringArray>());
        let bad = batch.documents.iter().position(|document| document.text.contains(&self.on));
        let Some(bad) = bad else { return Ok(()) };
        let document = batch.documents[bad].clone();
        let span = Span::new(0, 1);
        let sentence = document.text.chars().take(1).collect::<String>().into();
        let claim = Claim {
            doc_id: document.doc_id.clone(),
            claim_id: "c".into(),
            sentence,
            char_end: 1,
            content_spans: Spans::from(span),
            ..Claim::default()
        };
        match self.how {
            How::Nothing => {}
            How::Panic => panic!("cannot bear {}", self.on),
            How::Fail => return Err(StageError::new("it would rather not")),
            How::Drop => {
                let reason = "not about trade";
                batch.fail(vec![(bad, document.problem("", Severity::Error, DROPPED, reason))]);
            }
            How::Abort => std::process::abort(),
            // Rust's own handler, which looks for an overflow of the stack, lets the first one pass.
            How::Segfault => loop {
                raise(Signal::SIGSEGV).map_err(|error| StageError::new(error.to_string()))?;
            },
            How::Hang => loop {
                thread::sleep(Duration::from_secs(1));
            },
            How::Lie => {
                let numbers = Float64Array::from(vec![0.5; batch.documents.len()]);
                batch.documents.add_column("unsaid", numbers);
            }
            How::WrongType => {
                let numbers = Float64Array::from(vec![0.5; batch.documents.len()]);
                batch.documents.add_column("seen", numbers);
            }
            How::Outside => batch.claims.push(Claim { char_end: document.chars + 9, ..claim }),
            How::OtherWords => batch.mentions.push(Mention {
                doc_id: document.doc_id.clone(),
                text: "nowhere".into(),
                char_end: 7,
                ..Mention::default()
            }),
            How::Stranger => batch.claims.push(Claim { doc_id: "nobody".into(), ..claim }),
            How::Twice => batch.claims.extend([claim.clone(), claim]),
            How::Text => batch.documents[bad].text = "Other words.".into(),
        }
        Ok(())
    }
}

export_stage!(
    Registration::stage(
        "misbehave",
        "Does something wrong with the documents that have a certain word.",
        "- plugin: { library: ../target/release/examples/misbehave, options: { how: panic, on: bad } }",
        Order::Parallel,
        |options: Misbehave, _| Ok(options),
    )
    .declaring(|_: Misbehave, _| {
        let adds =
            AddedColumns::default().document("seen", ColumnType::Text, "The id of a document that it saw.");
        Ok(Declared { adds, ..Declared::default() })
    })
);
