//! The cleaning of any text.

use std::path::Path;

use claimline_stage::{Batch, Context, Door, Origin, Raw};

use super::batch::own_holds;
use super::{batch_of, through};

/// The text, by itself and as a file of plain text, of Markdown and of markup, is tidied once and for all, and the
/// kept blocks are the document's text; a page that holds none is a problem.
pub fn cleaning(text: &str) {
    let tidy = claimline_clean::tidy(text);
    assert_eq!(claimline_clean::tidy(&tidy), tidy, "tidying changes what is tidy");
    cleaned(batch_of(text));
    for (name, media_type) in [("a.txt", "text/plain"), ("a.md", "text/markdown"), ("a.html", "text/html")] {
        let registry = crate::registry::built_in();
        let Some(Door::Source(open)) = registry.named("files").next().map(|one| &one.door) else { panic!() };
        let context = Context { base: Path::new("/").to_owned(), ..Context::default() };
        let source = open(serde_json::json!({ "paths": ["."] }), &context).unwrap();
        let origin = Origin { path: name.into(), ..Origin::default() };
        let Ok(decoded) = source.decode(Raw {
            origin,
            media_type: media_type.into(),
            bytes: text.into(),
            ..Raw::default()
        }) else {
            continue;
        };
        let batch = Batch {
            documents: vec![decoded.document].into(),
            blocks: decoded.blocks.into(),
            ..Batch::default()
        };
        own_holds(&batch);
        cleaned(batch);
    }
}

fn cleaned(mut batch: Batch) {
    through("clean", &mut batch);
    own_holds(&batch);
    if batch.documents.is_empty() {
        assert!(batch.problems.len() == 1 && batch.blocks.is_empty(), "{:?}", batch.problems);
        return;
    }
    let kept = batch.blocks.iter().filter(|block| block.kept).map(|block| block.text.as_str());
    assert_eq!(kept.collect::<Vec<_>>().join("\n\n"), batch.documents[0].text);
    assert!(batch.blocks.iter().all(|block| block.kept != block.reason.is_some()));
}
