//! One document after the other through the stages, for whoever wants to see what each makes of it.

use std::ops::ControlFlow;

use claimline_stage::{Batch, Found, Reason, Source, Stage};

use super::worker::{attempt, decode, failed};
use crate::{Opened, Plan};

/// Takes documents through the stages of a plan as a run does, but one by one, and writes nothing. No
/// document is a duplicate here.
pub struct Tracer<'p> {
    plan: &'p Plan,
    stages: Vec<Box<dyn Stage>>,
}

impl<'p> Tracer<'p> {
    /// Makes an instance of each stage.
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, stages: plan.stages.iter().map(|stage| (stage.part.factory)()).collect() }
    }

    /// Takes a batch of one document through the stages; `look` sees what each of them, by its place in
    /// the plan, made of it, and says whether to go on.
    pub fn pass(
        &mut self,
        mut batch: Batch,
        look: &mut dyn FnMut(usize, &Batch) -> ControlFlow<()>,
    ) -> Batch {
        for (i, (stage, planned)) in self.stages.iter_mut().zip(&self.plan.stages).enumerate() {
            let before = batch.clone();
            if let Err(failure) = attempt(&mut **stage, &mut batch) {
                batch = failed(before, &planned.name, &failure);
                *stage = (planned.part.factory)();
            }
            batch.count_claims();
            if look(i, &batch).is_break() {
                break;
            }
        }
        batch
    }

    /// What the stage at the place `stage` says of a claim of `batch`, which is what it left.
    pub fn explain(&self, stage: usize, batch: &Batch, claim: usize) -> Vec<Reason> {
        self.stages.get(stage).map_or_else(Vec::new, |stage| stage.explain(batch, claim))
    }
}

impl Opened<Box<dyn Source>> {
    /// What this source found as a batch of one document, or of the problem in its stead.
    pub fn batch(&self, found: Found) -> Batch {
        let mut batch = Batch::default();
        let decoded = match found {
            Found::Raw(raw) => decode(self, raw),
            Found::Document(decoded) => Ok(decoded),
            Found::Lost(problem) | Found::Warning(problem) => Err(Box::new(problem)),
        };
        match decoded {
            Ok(decoded) => {
                batch.documents.push(decoded.document);
                batch.blocks.extend(decoded.blocks);
                batch.problems = decoded.warnings;
            }
            Err(problem) => batch.problems.push(*problem),
        }
        batch
    }
}
