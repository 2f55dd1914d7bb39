//! The tests in a pipeline file: a document each, and the rows that must come of it.
//!
//! `file` is what a test may say, checked with the rest of the pipeline; here tests are run.

mod file;

use std::ops::ControlFlow;

use claimline_model::{Document, Problem, Severity};
use claimline_stage::{Batch, Source};

use crate::{Grid, Opened, Plan, Table, Tracer};
pub(crate) use file::{Surroundings, TestFile, tests};

/// A test of a pipeline, checked.
pub struct Test {
    /// What it shows.
    pub name: String,
    /// The line of the pipeline file that it begins on, from 1.
    pub line: usize,
    input: Input,
    expected: Vec<Expected>,
}

/// Where a test's document comes from.
enum Input {
    /// The pipeline file itself.
    Inline(Box<Document>),
    /// A file of its own.
    File(Opened<Box<dyn Source>>),
}

/// What must come in a table.
struct Expected {
    table: Table,
    /// The columns that matter of each row, and their cells as a [`Grid`] has them.
    rows: Vec<Vec<(String, String)>>,
    count: Option<u64>,
}

/// What came of a test.
pub struct Verdict<'p> {
    /// The test.
    pub test: &'p Test,
    /// What did not come as expected; nothing if it passed.
    pub mismatches: Vec<Mismatch>,
}

/// One thing that did not come as expected.
pub enum Mismatch {
    /// A row did not come.
    Row {
        /// The table.
        table: Table,
        /// The row's place among those expected, from 1.
        number: usize,
        /// How many rows came.
        came: usize,
        /// The columns that matter.
        cells: Vec<Compared>,
        /// What tells the nearest row from others, such as its sentence; none if no row is left.
        nearest: Option<String>,
    },
    /// Another number of rows came.
    Count {
        /// The table.
        table: Table,
        /// How many were expected.
        expected: u64,
        /// What came, a line a row.
        came: Vec<String>,
    },
    /// A document failed, and no expected problem says so.
    Failed(Problem),
}

/// A cell that was expected, and that of the nearest row; one without a value is the empty text.
pub struct Compared {
    /// The column.
    pub column: String,
    /// What was expected.
    pub expected: String,
    /// What came, if a row did.
    pub came: Option<String>,
}

/// Runs the tests of `plan`, in their order.
pub fn test(plan: &Plan) -> impl Iterator<Item = Verdict<'_>> {
    plan.tests.iter().map(|test| Verdict { test, mismatches: test.run(plan) })
}

impl Test {
    fn run(&self, plan: &Plan) -> Vec<Mismatch> {
        let mut tracer = Tracer::new(plan);
        let mut pass = |batch| tracer.pass(batch, &mut |_, _| ControlFlow::Continue(()));
        let mut batch = Batch::default();
        match &self.input {
            Input::Inline(document) => {
                batch.documents.push((**document).clone());
                batch = pass(batch);
            }
            Input::File(source) => {
                source.part.read().for_each(|found| batch.append(pass(source.batch(found))));
            }
        }
        let mut mismatches = Vec::new();
        let mut foreseen = Vec::new();
        for expected in &self.expected {
            let grid = Grid::new(expected.table, &batch);
            let taken = expected.compare(&grid, &mut mismatches);
            if expected.table == Table::Problems {
                foreseen = taken;
            }
        }
        for (i, problem) in batch.problems.into_iter().enumerate() {
            if problem.severity == Severity::Error && foreseen.get(i) != Some(&true) {
                mismatches.push(Mismatch::Failed(problem));
            }
        }
        mismatches
    }
}

impl Expected {
    /// Finds a row of its own for each expected one; whether each row of `grid` was expected comes back.
    fn compare(&self, grid: &Grid, mismatches: &mut Vec<Mismatch>) -> Vec<bool> {
        let mut owners: Vec<Option<usize>> = vec![None; grid.rows()];
        let missing: Vec<usize> = (0..self.rows.len())
            .filter(|row| !self.place(*row, grid, &mut owners, &mut vec![false; grid.rows()]))
            .collect();
        let taken: Vec<bool> = owners.iter().map(Option::is_some).collect();
        for row in missing {
            let wanted = &self.rows[row];
            let alike = |at: &usize| {
                let same = wanted.iter().filter(|(column, cell)| grid.cell(*at, column) == cell).count();
                // Of rows that are as near, the first.
                (same, usize::MAX - at)
            };
            let nearest = (0..grid.rows()).filter(|at| !taken[*at]).max_by_key(alike);
            let compared = |(column, cell): &(String, String)| Compared {
                column: column.clone(),
                expected: cell.clone(),
                came: nearest.map(|at| grid.cell(at, column).to_owned()),
            };
            mismatches.push(Mismatch::Row {
                table: self.table,
                number: row + 1,
                came: grid.rows(),
                cells: wanted.iter().map(compared).collect(),
                nearest: nearest.map(|at| grid.label(at)),
            });
        }
        if let Some(expected) = self.count.filter(|count| *count != grid.rows() as u64) {
            let came = (0..grid.rows()).map(|at| grid.label(at)).collect();
            mismatches.push(Mismatch::Count { table: self.table, expected, came });
        }
        taken
    }

    /// Gives the expected row `row` a row of `grid`, moving others that have another choice (Kuhn's
    /// algorithm), so that the order of what is expected does not matter.
    fn place(&self, row: usize, grid: &Grid, owners: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        for at in 0..grid.rows() {
            let fits = self.rows[row].iter().all(|(column, cell)| grid.cell(at, column) == cell);
            if !fits || std::mem::replace(&mut tried[at], true) {
                continue;
            }
            if owners[at].is_none_or(|owner| self.place(owner, grid, owners, tried)) {
                owners[at] = Some(row);
                return true;
            }
        }
        false
    }
}
