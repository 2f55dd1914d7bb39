//! `claimline test`: a pipeline's own tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use claimline_pipeline::{Compared, Mismatch, Registry, Verdict};
use clap::Args;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Value, json};

use crate::paint::{self, BAD, DIM, GOOD};
use crate::{Pipeline, assignment, report};

#[derive(Args)]
pub(crate) struct Test {
    /// The pipeline file
    pipeline: PathBuf,
    /// Set an option, as in stages.normalise.dates.order=mdy
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Print what came as JSON
    #[arg(long)]
    json: bool,
    /// Write what came to this file as JUnit XML, which CI systems read
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// A test that has run, and how long that took.
type Ran<'p> = (Verdict<'p>, Duration);

impl Test {
    pub(crate) fn execute(self, registry: &Registry) -> Result<ExitCode> {
        let path = self.pipeline;
        let pipeline = Pipeline { pipeline: path.clone(), input: Vec::new(), out: None, set: self.set };
        let plan = pipeline.plan(registry)?;
        if plan.tests.is_empty() {
            bail!("{} has no `tests:`", path.display());
        }
        let mut verdicts = claimline_pipeline::test(&plan);
        let timed = || {
            let start = Instant::now();
            verdicts.next().map(|verdict| (verdict, start.elapsed()))
        };
        let ran: Vec<Ran> = std::iter::from_fn(timed).collect();
        if let Some(file) = self.junit {
            let xml = junit(&plan.name, &path, &ran).and_then(|xml| fs::write(&file, xml));
            xml.with_context(|| format!("can't write {}", file.display()))?;
        }
        if self.json {
            report::to_stdout(&format!("{:#}", as_json(&path, &ran)));
        } else {
            report::to_stdout_painted(&shown(&path, &ran));
        }
        Ok(ExitCode::from(u8::from(failed(&ran) > 0)))
    }
}

fn failed(ran: &[Ran]) -> usize {
    ran.iter().filter(|(verdict, _)| !verdict.mismatches.is_empty()).count()
}

/// A line a test, and below those that failed what did not come as expected.
fn shown(path: &Path, ran: &[Ran]) -> String {
    let mut text = String::new();
    for (verdict, _) in ran {
        let name = paint::plain(&verdict.test.name);
        if verdict.mismatches.is_empty() {
            text += &format!("{}      {name}\n", paint::styled("ok", GOOD));
            continue;
        }
        let place = format!("({}:{})", path.display(), verdict.test.line);
        text += &format!("{}  {name} {}\n", paint::styled("FAILED", BAD), paint::styled(&place, DIM));
        for mismatch in &verdict.mismatches {
            text += &described(mismatch);
        }
    }
    let failed = failed(ran);
    text + &format!("{} passed, {failed} failed", ran.len() - failed)
}

fn described(mismatch: &Mismatch) -> String {
    match mismatch {
        Mismatch::Row { table, number, came, cells, nearest } => {
            let table = table.name();
            let nearest = match (came, nearest) {
                (0, _) => format!("no {table} came"),
                (_, None) => format!("the {came} that came are those of other expected rows"),
                (_, Some(nearest)) => format!("{came} came, the nearest is\n    {}", paint::plain(nearest)),
            };
            format!("  {table}, row {number} did not come: {nearest}\n{}", compared(cells))
        }
        Mismatch::Count { table, expected, came } => {
            let rows: String = came.iter().map(|row| format!("    {}\n", paint::plain(row))).collect();
            let table = table.name();
            format!("  {table}: {expected} expected, {} came\n{rows}", came.len())
        }
        Mismatch::Failed(problem) => {
            let said = format!("{}, {}: {}", problem.stage, problem.code, problem.message);
            format!("  a document failed: {}\n", paint::plain(&said))
        }
    }
}

/// Expected cells beside those of the nearest row; `≠` marks what differs.
fn compared(cells: &[Compared]) -> String {
    let shown = |cell: &str| if cell.is_empty() { "(empty)".to_owned() } else { paint::plain(cell) };
    let expected: Vec<String> = cells.iter().map(|cell| shown(&cell.expected)).collect();
    let names = cells.iter().map(|cell| paint::width(&cell.column)).max().unwrap_or(0);
    let width = expected.iter().map(|cell| paint::width(cell)).max().unwrap_or(0).max("expected".len());
    let came = if cells.iter().any(|cell| cell.came.is_some()) { "came" } else { "" };
    let head = format!("    {:names$}  {:width$}  {came}", "", "expected");
    let mut text = paint::styled(head.trim_end(), DIM) + "\n";
    for (cell, expected) in cells.iter().zip(&expected) {
        let differs = cell.came.as_ref().is_some_and(|came| *came != cell.expected);
        let came = cell.came.as_deref().map(shown).unwrap_or_default();
        let line = format!(
            "{} {}  {}  {came}",
            if differs { '≠' } else { ' ' },
            paint::padded(&cell.column, names),
            paint::padded(expected, width)
        );
        text +=
            &format!("  {}\n", if differs { paint::styled(&line, BAD) } else { line.trim_end().to_owned() });
    }
    text
}

fn as_json(path: &Path, ran: &[Ran]) -> Value {
    let mismatch = |mismatch: &Mismatch| match mismatch {
        Mismatch::Row { table, number, came, cells, nearest } => {
            let cell = |cell: &Compared| json!({ "column": cell.column, "expected": cell.expected, "came": cell.came });
            let cells: Vec<Value> = cells.iter().map(cell).collect();
            json!({ "table": table.name(), "row": number, "rows_came": came, "cells": cells, "nearest": nearest })
        }
        Mismatch::Count { table, expected, came } => {
            json!({ "table": table.name(), "rows_expected": expected, "rows_came": came.len(), "came": came })
        }
        Mismatch::Failed(problem) => {
            json!({ "stage": &*problem.stage, "code": &*problem.code, "message": &*problem.message })
        }
    };
    let test = |(verdict, took): &Ran| {
        json!({
            "name": verdict.test.name,
            "line": verdict.test.line,
            "passed": verdict.mismatches.is_empty(),
            "seconds": took.as_secs_f64(),
            "mismatches": verdict.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
        })
    };
    let (failed, tests) = (failed(ran), ran.iter().map(test).collect::<Vec<_>>());
    json!({ "pipeline": path, "passed": ran.len() - failed, "failed": failed, "tests": tests })
}

/// The form of JUnit's Ant task, as CI systems read it: a suite with a case a test, times in seconds.
fn junit(name: &str, path: &Path, ran: &[Ran]) -> io::Result<Vec<u8>> {
    let seconds = |took: Duration| format!("{:.3}", took.as_secs_f64());
    let (tests, failures) = (ran.len().to_string(), failed(ran).to_string());
    let time = seconds(ran.iter().map(|(_, took)| *took).sum());
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suite = xml.create_element("testsuite").with_attributes([
        ("name", name),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", "0"),
        ("time", &time),
    ]);
    suite.write_inner_content(|xml| {
        for (verdict, took) in ran {
            let (line, time) = (verdict.test.line.to_string(), seconds(*took));
            let file = path.display().to_string();
            let test = paint::plain(&verdict.test.name);
            let case = xml.create_element("testcase").with_attributes([
                ("classname", name),
                ("name", &test),
                ("file", &file),
                ("line", &line),
                ("time", &time),
            ]);
            if verdict.mismatches.is_empty() {
                case.write_empty()?;
                continue;
            }
            let told: String = verdict.mismatches.iter().map(described).collect();
            let told = anstream::adapter::strip_str(&told).to_string();
            let first = told.lines().next().unwrap_or_default().trim();
            case.write_inner_content(|xml| {
                let failure = xml.create_element("failure").with_attribute(("message", first));
                failure.write_text_content(BytesText::new(&told)).map(|_| ())
            })?;
        }
        Ok(())
    })?;
    Ok(xml.into_inner())
}
