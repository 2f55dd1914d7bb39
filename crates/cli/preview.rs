//! `claimline preview`: one document through a pipeline, and what each stage makes of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use claimline_pipeline::{Difference, Grid, Plan, Registry, Table};
use claimline_stage::model::{Claim, ClaimKind, Offsets, Span};
use claimline_stage::{Batch, Found};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::paint::{self, AMOUNT, DIM, HEAD, Marked, SOURCE, SUBJECT, TIME};
use crate::trace::{Step, Trace, differences, filled};
use crate::{Pipeline, assignment, report, tree};

#[derive(Args)]
pub(crate) struct Preview {
    /// The pipeline file
    pipeline: PathBuf,
    /// The document: a file, or `-` for standard input; by default one of the pipeline's input
    file: Option<String>,
    /// Which document of the input, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    nth: u64,
    /// Stop behind this stage
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
    /// Draw the tree of each sentence that claims something
    #[arg(long)]
    tree: bool,
    /// List all rows, not the first few of each kind
    #[arg(long)]
    all: bool,
    /// Set an option, as in stages.normalise.dates.order=mdy
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Print what each stage changed as JSON, a cell a text
    #[arg(long)]
    json: bool,
}

impl Preview {
    pub(crate) fn execute(self, registry: &Registry) -> Result<()> {
        let input = self.file.clone().into_iter().collect();
        let (pipeline, set) = (self.pipeline.clone(), self.set.clone());
        let plan = Pipeline { pipeline, input, out: None, set }.plan(registry)?;
        let last = match &self.stage {
            None => plan.stages.len(),
            Some(name) => 1 + last_place(&plan, name)?,
        };
        let steps = self.steps(&plan, last)?;
        if self.json {
            report::to_stdout(&format!("{:#}", as_json(&steps)));
        } else {
            report::to_stdout_painted(self.shown(&steps, paint::terminal_width()).trim());
        }
        Ok(())
    }

    /// The document as its source leaves it, and behind each of the first `last` stages.
    fn steps(&self, plan: &Plan, last: usize) -> Result<Vec<Step>> {
        let found = plan.sources.iter().flat_map(|source| {
            let found = source.part.read().filter(|found| !matches!(found, Found::Warning(_)));
            found.map(move |found| (source, found))
        });
        let mut seen = 0;
        for (source, found) in found {
            seen += 1;
            if seen == self.nth {
                return Ok(Trace::new(plan, &source.name, source.batch(found), last).steps);
            }
        }
        match seen {
            0 => bail!("the pipeline finds no document"),
            _ => bail!("there is no document {}, the pipeline finds {seen}", self.nth),
        }
    }

    fn shown(&self, steps: &[Step], width: usize) -> String {
        let mut text = String::new();
        let Some((first, stages)) = steps.split_first() else { return text };
        text += &paint::headline(&first.name, width);
        text += &came(first, width);
        let mut before = first;
        for step in stages {
            text += &paint::headline(&step.name, width);
            let differences = differences(before, step);
            if differences.iter().all(|(_, difference)| difference.is_empty()) {
                text += "nothing changed\n";
            }
            for (at, difference) in &differences {
                text +=
                    &self.changes(Table::ALL[*at], difference, &before.grids[*at], &step.grids[*at], width);
            }
            before = step;
        }
        text + &self.claims(&before.batch, width)
    }

    /// What a stage did to the rows of a table.
    fn changes(
        &self,
        table: Table,
        difference: &Difference,
        before: &Grid,
        after: &Grid,
        width: usize,
    ) -> String {
        let mut text = String::new();
        let counted = |count: usize| match (count, table.name()) {
            (1, name) => format!("1 {}", name.trim_end_matches('s')),
            (_, name) => format!("{count} {name}"),
        };
        let mut list = |title: String, rows: Vec<Vec<String>>| {
            if !rows.is_empty() {
                text += &paint::styled(&title, HEAD);
                text += &self.listed(rows, width);
            }
        };
        let Difference { added, changed, removed } = difference;
        let dropped = |(_, row, columns): &&(usize, usize, Vec<String>)| {
            columns.iter().any(|column| column == "kept") && after.cell(*row, "kept") == "false"
        };
        if table == Table::Blocks {
            let cells = |(_, row, _): &(usize, usize, Vec<String>)| {
                ["reason", "block_kind", "text"].map(|column| after.cell(*row, column).to_owned()).to_vec()
            };
            let dropped: Vec<_> = changed.iter().filter(dropped).map(cells).collect();
            list(format!("{} of {} blocks dropped", dropped.len(), after.rows()), dropped);
            return text;
        }
        let new = |row: &usize| match table {
            Table::Mentions => vec![
                after.cell(*row, "kind").to_owned(),
                after.cell(*row, "text").to_owned(),
                value(after, *row),
            ],
            Table::Claims => claim(after, *row),
            _ => vec![after.label(*row)],
        };
        list(format!("{}, new", counted(added.len())), added.iter().map(new).collect());
        let change = |(was, row, columns): &(usize, usize, Vec<String>)| {
            // A text is told by its length already.
            let told = columns.iter().filter(|column| !column.ends_with("_spans") && *column != "chars");
            let cells =
                told.map(|column| one_change(column, before.cell(*was, column), after.cell(*row, column)));
            let cells = cells.collect::<Vec<_>>().join(", ");
            match table {
                Table::Mentions => vec![after.cell(*row, "text").to_owned(), cells],
                Table::Claims => vec![name_of(after, *row), cells],
                _ => vec![cells],
            }
        };
        list(format!("{}, changed", counted(changed.len())), changed.iter().map(change).collect());
        list(
            format!("{}, gone", counted(removed.len())),
            removed.iter().map(|row| vec![before.label(*row)]).collect(),
        );
        text
    }

    /// Rows as a table; the first few of them, unless all are wanted.
    fn listed(&self, mut rows: Vec<Vec<String>>, width: usize) -> String {
        /// So many fit on a screen beside what else there is.
        const FEW: usize = 12;
        let more = if self.all { 0 } else { rows.len().saturating_sub(FEW) };
        rows.truncate(rows.len() - more);
        let more = if more > 0 { format!("  and {more} more: --all shows them\n") } else { String::new() };
        format!("\n{}{}", paint::table(&rows, width), paint::styled(&more, DIM))
    }

    /// The claims in their sentences.
    fn claims(&self, batch: &Batch, width: usize) -> String {
        if batch.claims.is_empty() {
            return String::new();
        }
        let legend = [("source", SOURCE), ("subject", SUBJECT), ("amount", AMOUNT), ("time", TIME)];
        let legend = legend.map(|(name, style)| paint::styled(name, style)).join(" ");
        let mut text = paint::headline("claims", width);
        if paint::colours() {
            text += &format!("{legend}\n");
        }
        let grid = Grid::new(Table::Claims, batch);
        let rows = batch.claims.runs(&batch.documents);
        for (document, rows) in batch.documents.iter().zip(rows) {
            let offsets = Offsets::new(&document.text);
            let mut sentences: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
            for row in rows {
                let claim = &batch.claims[row];
                sentences.entry((claim.char_start, claim.char_end)).or_default().push(row);
            }
            for ((start, end), rows) in sentences {
                let bytes = offsets.bytes(Span::new(start, end));
                let claims: Vec<&Claim> = rows.iter().map(|row| &batch.claims[*row]).collect();
                let marks = marks(&claims, &offsets, &bytes);
                text += &format!("\n{}", paint::marked(&document.text[bytes.clone()], &marks, width));
                if self.tree {
                    text += &tree::drawn(&document.text, bytes);
                }
                let told: Vec<_> = rows.iter().map(|row| told(&grid, *row)).collect();
                text += &paint::table(&told, width);
            }
        }
        text
    }
}

/// The place of the last stage called `name`.
fn last_place(plan: &Plan, name: &str) -> Result<usize> {
    let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    names.iter().rposition(|one| *one == name).ok_or_else(|| {
        let near = claimline_pipeline::nearest(name, names.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        anyhow!("the pipeline has no stage `{name}`; {near}it has {}", names.join(", "))
    })
}

/// What the source made of the document.
fn came(step: &Step, width: usize) -> String {
    let mut rows = Vec::new();
    for document in step.batch.documents.iter() {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for block in step.batch.blocks.iter() {
            *kinds.entry(block.block_kind.as_str()).or_default() += 1;
        }
        let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let published =
            document.published.map(|day| format!("{day} ({})", document.published_basis.as_str()));
        let known = [
            ("document", Some(document.source_uri.to_string())),
            ("title", document.title.as_deref().map(str::to_owned)),
            ("published", published),
            ("publisher", document.publisher.as_deref().map(str::to_owned)),
            ("text", Some(format!("{} characters", document.chars))),
            ("blocks", Some(kinds.join(", ")).filter(|kinds| !kinds.is_empty())),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some(vec![name.to_owned(), value?]));
        rows.extend(known);
    }
    for problem in &step.batch.problems {
        if step.batch.documents.is_empty() {
            rows.push(vec!["document".to_owned(), problem.source_uri.to_string()]);
        }
        rows.push(vec![problem.code.to_string(), problem.message.to_string()]);
    }
    paint::table(&rows, width)
}

/// A mention's value in a few words, whatever kind it is of.
fn value(grid: &Grid, row: usize) -> String {
    let cell = |column| grid.cell(row, column);
    let time = if cell("time_value").is_empty() { cell("expr") } else { cell("time_value") };
    joined(&[&amount(grid, row), time, cell("name")])
}

/// An amount in a few words.
pub(crate) fn amount(grid: &Grid, row: usize) -> String {
    let cell = |column| grid.cell(row, column);
    let number = match cell("value_high") {
        "" => cell("value").to_owned(),
        high => format!("{} to {high}", cell("value")),
    };
    let per = if cell("per").is_empty() { String::new() } else { format!("per {}", cell("per")) };
    let bound = if cell("bound") == "exactly" { "" } else { cell("bound") };
    joined(&[bound, &number, cell("unit"), cell("counted"), cell("currency"), &per])
}

fn joined(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn name_of(grid: &Grid, row: usize) -> String {
    let amount = grid.cell(row, "amount_text");
    if amount.is_empty() { grid.cell(row, "content").to_owned() } else { amount.to_owned() }
}

/// A new claim: its amount or what is said, and of what.
fn claim(grid: &Grid, row: usize) -> Vec<String> {
    let about = if grid.cell(row, "kind") == ClaimKind::Statement.as_str() {
        ["source", "cue", "object"]
    } else {
        ["subject", "predicate", "of_whole"]
    };
    let cells = about.map(|column| grid.cell(row, column).to_owned());
    std::iter::once(name_of(grid, row)).chain(cells).collect()
}

/// A claim below its sentence: of what, how much, when, and by which rule.
fn told(grid: &Grid, row: usize) -> Vec<String> {
    let cell = |column| grid.cell(row, column);
    let of = |column| if cell(column).is_empty() { cell("source") } else { cell(column) };
    let days = match (cell("time_start"), cell("time_end")) {
        ("", "") => String::new(),
        (start, end) if start == end => start.to_owned(),
        (start, end) => format!("{start}..{end}"),
    };
    let amount = amount(grid, row);
    let what = if amount.is_empty() { cell("content").to_owned() } else { amount };
    vec![of("subject").to_owned(), cell("predicate").to_owned(), what, days, cell("rule").to_owned()]
}

fn one_change(column: &str, before: &str, after: &str) -> String {
    let shown = |cell: &str| match column {
        "text" => format!("({} characters)", cell.chars().count()),
        _ if cell.is_empty() => "(empty)".to_owned(),
        _ => cell.to_owned(),
    };
    match before {
        "" => format!("{column} {}", shown(after)),
        before => format!("{column} {} → {}", shown(before), shown(after)),
    }
}

/// The marked parts of the sentence at `bytes`, relative to its beginning; where two overlap, the first.
fn marks(claims: &[&Claim], offsets: &Offsets, bytes: &Range<usize>) -> Vec<Marked> {
    let mut marks: Vec<Marked> = Vec::new();
    for claim in claims {
        let parts = [
            ("amount", &claim.amount_spans, AMOUNT),
            ("source", &claim.source_spans, SOURCE),
            ("subject", &claim.subject_spans, SUBJECT),
            ("time", &claim.time_spans, TIME),
        ];
        for (name, spans, style) in parts {
            for at in spans.iter().map(|span| offsets.bytes(span)) {
                // An inherited time stands in another sentence.
                if at.start < bytes.start || at.end > bytes.end || at.is_empty() {
                    continue;
                }
                let at = at.start - bytes.start..at.end - bytes.start;
                if marks.iter().all(|mark| mark.at.end <= at.start || at.end <= mark.at.start) {
                    marks.push(Marked { at, name, style });
                }
            }
        }
    }
    marks.sort_by_key(|mark| mark.at.start);
    marks
}

/// The steps with what each of them changed.
fn as_json(steps: &[Step]) -> Value {
    let row = |grid: &Grid, row: usize| {
        Value::Object(filled(grid, row).map(|(column, cell)| (column.to_owned(), json!(cell))).collect())
    };
    let empty = Step::new("", Batch::default());
    let befores = std::iter::once(&empty).chain(steps);
    let step = |(before, after): (&Step, &Step)| {
        let mut tables = Map::new();
        for (at, difference) in differences(before, after).into_iter().filter(|(_, one)| !one.is_empty()) {
            let (old, new) = (&before.grids[at], &after.grids[at]);
            let changed = |(was, is, columns): &(usize, usize, Vec<String>)| {
                let cell = |column: &String| {
                    (column.clone(), json!([old.cell(*was, column), new.cell(*is, column)]))
                };
                json!({ "row": row(new, *is), "cells": columns.iter().map(cell).collect::<Map<_, _>>() })
            };
            let what = json!({
                "added": difference.added.iter().map(|at| row(new, *at)).collect::<Vec<_>>(),
                "changed": difference.changed.iter().map(changed).collect::<Vec<_>>(),
                "removed": difference.removed.iter().map(|at| row(old, *at)).collect::<Vec<_>>(),
            });
            tables.insert(Table::ALL[at].name().to_owned(), what);
        }
        json!({ "step": after.name, "tables": tables })
    };
    json!({ "steps": befores.zip(steps).map(step).collect::<Vec<_>>() })
}
