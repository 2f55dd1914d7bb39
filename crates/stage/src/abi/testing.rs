//! What a plugin's own tests need: the plugin asked through the border, as claimline asks it.
//!
//! ```ignore
//! export_stage!(registration());
//!
//! #[test]
//! fn counts_questions() {
//!     let mut plugin = testing::open::<ClaimlinePlugin>(json!({ "column": "questions" })).unwrap();
//!     let batch = plugin.process(testing::documents(&["Who? Why?"])).unwrap();
//!     assert_eq!(testing::column(&batch.documents, "questions"), [json!(2)]);
//! }
//! ```

use std::path::PathBuf;

use claimline_model::{Claim, Document, Offsets, Str};
use claimline_tables::{AddedColumns, Batch, Lens, Reads, Rows, Terms, json};
use serde_json::Value;

use super::guest::{self, Exported};
use super::host::{Failure, Instance, Loaded};
use crate::{Context, Description, Settings};

/// A plugin that has been opened.
pub struct Opened {
    /// What it says of itself, with its options.
    pub description: Description,
    pub(super) instance: Instance,
}

/// Opens what this crate exports: `export_stage!` and its like call it `ClaimlinePlugin`.
///
/// # Errors
/// If it refuses the options; they are not checked against its schema, as a pipeline's are.
pub fn open<E: Exported>(options: Value) -> Result<Opened, Failure> {
    let told = |message| Failure { panicked: false, message, at: String::new() };
    // The table is this crate's own, which `guest` has made and which lives for ever.
    let plugin = unsafe { Loaded::new(guest::plugin::<E>()) }.map_err(told)?;
    let context = Context { base: PathBuf::from("."), added: AddedColumns::default() };
    let settings = Settings::new(options, &context);
    Ok(Opened { description: plugin.describe(&settings)?, instance: plugin.open(&settings)? })
}

impl Opened {
    /// Sends a batch over the border, and takes in what comes back as a run does.
    ///
    /// # Errors
    /// If the stage fails, or does what it has not declared.
    pub fn process(&mut self, mut batch: Batch) -> Result<Batch, String> {
        let Description { name, reads, adds, changes_text, .. } = &self.description;
        let reads = reads.clone().unwrap_or_else(Reads::all);
        let lens = Lens::new(&reads, &AddedColumns::of_batch(&batch)).map_err(|error| error.message)?;
        let sent = lens.tables(&batch).map_err(|error| error.to_string())?;
        let returned = self.instance.process(&sent).map_err(|failure| failure.message)?;
        let terms = Terms { stage: name, adds, changes_text: *changes_text };
        let leaving = batch.take_in(&sent, returned, terms)?;
        batch.fail(leaving);
        Ok(batch)
    }
}

/// A batch of documents with these texts, whose ids are `d1`, `d2`, ...
pub fn documents(texts: &[&str]) -> Batch {
    let document = |(i, text): (usize, &&str)| Document {
        doc_id: format!("d{}", i + 1).into(),
        text: (*text).into(),
        chars: Offsets::new(text).point(text.len()),
        ..Document::default()
    };
    let documents: Vec<_> = texts.iter().enumerate().map(document).collect();
    Batch { documents: documents.into(), ..Batch::default() }
}

/// A batch of such documents, each one sentence that makes one claim, with the ids `c1`, `c2`, ...
pub fn claims(sentences: &[&str]) -> Batch {
    let mut batch = documents(sentences);
    let claim = |(i, document): (usize, &Document)| Claim {
        claim_id: format!("c{}", i + 1).into(),
        doc_id: document.doc_id.clone(),
        sentence: Str::from(document.text.as_str()),
        char_end: document.chars,
        ..Claim::default()
    };
    let claims: Vec<_> = batch.documents.iter().enumerate().map(claim).collect();
    batch.claims = claims.into();
    batch
}

/// The cells of an added column, as JSON; none if there is no such column.
pub fn column<R>(rows: &Rows<R>, name: &str) -> Vec<Value> {
    let added = rows.added();
    let column = added.iter().find(|(field, _)| field.name() == name);
    column.map_or_else(Vec::new, |(_, cells)| {
        (0..rows.len()).map(|row| json::cell_to_json(cells, row)).collect()
    })
}
