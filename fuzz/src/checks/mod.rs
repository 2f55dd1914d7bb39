//! What must hold whatever comes in: one function a fuzz target, which panics where it does not. The fuzz
//! targets call them with what libFuzzer finds, the tests (`tests/fuzz.rs`) with what is likeliest to go wrong.

mod batch;
mod cleaning;
mod extraction;
mod incoming;
mod journal;
mod phrases;
mod pipeline;
mod readers;

use std::cell::RefCell;
use std::collections::HashMap;

use claimline_model::Document;
use claimline_stage::{Batch, Context, Door, Stage};

pub use cleaning::cleaning;
pub use extraction::extraction;
pub use incoming::{answer_of, incoming};
pub use journal::{journal, real_journal};
pub use phrases::{expressions, phrases};
pub use pipeline::pipeline;
pub use readers::{COLUMNS, FORMATS, columns, formats, readers};

/// Takes a batch through a built-in stage without options.
fn through(stage: &'static str, batch: &mut Batch) {
    thread_local! {
        static OPEN: RefCell<HashMap<&'static str, Box<dyn Stage>>> = RefCell::default();
    }
    OPEN.with_borrow_mut(|open| {
        let stage = open.entry(stage).or_insert_with(|| {
            let registry = crate::registry::built_in();
            let Some(Door::Stage(stage)) = registry.named(stage).next().map(|one| &one.door) else {
                panic!("{stage} is no stage")
            };
            (stage.open)(serde_json::json!({}), &Context::default()).unwrap()()
        });
        stage.process(batch).unwrap();
    });
}

/// A batch of one document as it comes in.
fn batch_of(text: &str) -> Batch {
    let chars = text.chars().count() as u32;
    let document = Document { doc_id: "d".into(), text: text.into(), chars, ..Document::default() };
    Batch { documents: vec![document].into(), ..Batch::default() }
}

/// What bytes choose; when they have run out, always the first.
struct Choices<'b>(&'b [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    fn one_in(&mut self, many: u8) -> bool {
        self.byte().is_multiple_of(many)
    }

    fn below(&mut self, end: usize) -> usize {
        let number = usize::from(self.byte());
        let wide = if end > 256 { number << 8 | usize::from(self.byte()) } else { number };
        wide % end
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }
}
