//! One document on its way through a pipeline, for `preview` and `explain`.

use std::ops::ControlFlow;

use claimline_pipeline::{Difference, Grid, Plan, Table, Tracer};
use claimline_stage::{Batch, Reason};

/// What there was of the document when a source or a stage was done with it.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) batch: Batch,
    pub(crate) grids: Vec<Grid>,
}

impl Step {
    pub(crate) fn new(name: &str, batch: Batch) -> Self {
        let grids = Table::ALL.iter().map(|table| Grid::new(*table, &batch)).collect();
        Self { name: name.to_owned(), batch, grids }
    }
}

/// A document at each step of its way.
pub(crate) struct Trace<'p> {
    /// As its source leaves it, and behind each stage.
    pub(crate) steps: Vec<Step>,
    tracer: Tracer<'p>,
}

impl<'p> Trace<'p> {
    /// Takes the document of `batch`, which comes from `source`, through the first `last` stages.
    pub(crate) fn new(plan: &'p Plan, source: &str, batch: Batch, last: usize) -> Self {
        let mut steps = vec![Step::new(source, batch.clone())];
        let mut tracer = Tracer::new(plan);
        if last > 0 && !batch.documents.is_empty() {
            tracer.pass(batch, &mut |stage, batch| {
                steps.push(Step::new(&plan.stages[stage].name, batch.clone()));
                if stage + 1 < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
        Self { steps, tracer }
    }

    /// What each stage says of a claim, with the stage's name.
    pub(crate) fn reasons(&self, claim_id: &str) -> Vec<(&str, Reason)> {
        let mut reasons = Vec::new();
        for (stage, step) in self.steps.iter().skip(1).enumerate() {
            let claim = step.batch.claims.iter().position(|claim| *claim.claim_id == *claim_id);
            let told = claim.map(|claim| self.tracer.explain(stage, &step.batch, claim));
            reasons.extend(told.into_iter().flatten().map(|reason| (step.name.as_str(), reason)));
        }
        reasons
    }
}

/// What changed from a step to the next, with the table's place among all.
pub(crate) fn differences(before: &Step, after: &Step) -> Vec<(usize, Difference)> {
    let grids = before.grids.iter().zip(&after.grids).enumerate();
    grids.map(|(at, (before, after))| (at, Difference::between(before, after))).collect()
}

/// The columns of a row that have a value, and their cells.
pub(crate) fn filled(grid: &Grid, row: usize) -> impl Iterator<Item = (&str, &str)> {
    let cells = grid.columns().iter().map(move |column| (column.as_str(), grid.cell(row, column)));
    cells.filter(|(_, cell)| !cell.is_empty())
}
