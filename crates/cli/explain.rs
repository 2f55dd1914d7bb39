//! `claimline explain`: a claim back to its words, the rule that made it, and what its values come from.

use std::ops::Range;
use std::path::PathBuf;

use anstyle::Style;
use anyhow::{Context, Result, anyhow, bail};
use claimline_export::{ClaimIds, claim_ids};
use claimline_pipeline::{Grid, Recorded, Registry, Table};
use claimline_stage::model::{Claim, ClaimKind, Document, Offsets, Span, Spans};
use claimline_stage::{Batch, Found, Reason};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::paint::{self, AMOUNT, CONTENT, CUE, HEAD, Marked, OBJECT, PREDICATE, SOURCE, SUBJECT, TIME};
use crate::preview::amount;
use crate::trace::{Trace, filled};
use crate::{program, report};

#[derive(Args)]
pub(crate) struct Explain {
    /// The claim's id, or its first characters
    claim_id: String,
    /// The output folder of the run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// A claim, and all that is told of it.
struct Explained {
    claim: Claim,
    grid: Grid,
    row: usize,
    document: Document,
    reasons: Vec<(String, Reason)>,
    /// Other claims of its document: what they are to this one, and their rows.
    related: Vec<(&'static str, usize)>,
    /// What is not as it was when the run was.
    changes: Vec<String>,
}

/// The parts of a claim that stand in its sentence: what they are, where, and how they are shown. What
/// overlaps with one before is told beside the sentence alone.
type Part<'c> = (&'static str, &'c Spans, Style);

impl Explain {
    pub(crate) fn execute(self, registry: &Registry) -> Result<()> {
        let recorded = Recorded::read(&self.out, registry, &program())?;
        let found = self.find(&recorded)?;
        let explained = self.explained(&recorded, &found)?;
        if self.json {
            report::to_stdout(&format!("{:#}", explained.as_json(&recorded)));
        } else {
            report::to_stdout_painted(explained.shown(&recorded, paint::terminal_width()).trim());
        }
        Ok(())
    }

    /// The claim's whole id and its document, from the tables of the run; where none of them can tell, by
    /// going through all documents.
    fn find(&self, recorded: &Recorded) -> Result<ClaimIds> {
        let asked = self.claim_id.trim();
        let is_of_claims = |table: &str| ["claims", "quantities", "statements"].contains(&table);
        let (mut fitting, mut known, mut readable) = (Vec::new(), Vec::new(), Vec::new());
        for table in recorded.tables.iter().filter(|table| is_of_claims(&table.table)) {
            let cant = || format!("can't read {}", table.path.display());
            let Some(rows) = claim_ids(&table.path).with_context(cant)? else { continue };
            readable.push(report::shown(&table.path));
            for ids in rows {
                let ids = ids.with_context(cant)?;
                if ids.claim_id == asked {
                    return Ok(ids);
                }
                if ids.claim_id.starts_with(asked) && !fitting.contains(&ids) {
                    fitting.push(ids);
                } else {
                    known.push(ids.claim_id);
                }
            }
        }
        if readable.is_empty() {
            return self.search(recorded);
        }
        match &fitting[..] {
            [only] => Ok(only.clone()),
            [] => {
                let near = claimline_pipeline::nearest(asked, known.iter().map(String::as_str));
                let near = near.map_or_else(String::new, |near| format!("did you mean {near}? "));
                let tables = readable.join(" and ");
                Err(anyhow!(
                    "no claim has the id {asked}; {near}the column `claim_id` of {tables} has them all"
                ))
            }
            several => {
                const TOLD: usize = 5;
                let mut ids: Vec<_> = several.iter().take(TOLD).map(|ids| ids.claim_id.clone()).collect();
                if several.len() > TOLD {
                    ids.push(format!("and {} more", several.len() - TOLD));
                }
                Err(anyhow!("the ids of {} claims begin with {asked}: {}", several.len(), ids.join(", ")))
            }
        }
    }

    /// The first claim with that id, or that begins so, of all documents.
    fn search(&self, recorded: &Recorded) -> Result<ClaimIds> {
        report::note("no table of the run tells which document the claim is of: looking through all of them");
        let plan = &recorded.plan;
        for (source, batch) in documents(recorded) {
            let trace = Trace::new(plan, &source, batch, plan.stages.len());
            let claims = trace.steps.last().map(|step| &step.batch.claims);
            let is_it = |claim: &&Claim| claim.claim_id.starts_with(self.claim_id.trim());
            if let Some(claim) = claims.into_iter().flat_map(|claims| claims.iter()).find(is_it) {
                return Ok(ClaimIds {
                    claim_id: claim.claim_id.to_string(),
                    doc_id: claim.doc_id.to_string(),
                });
            }
        }
        bail!("no document gives a claim with the id {}", self.claim_id)
    }

    fn explained(&self, recorded: &Recorded, ids: &ClaimIds) -> Result<Explained> {
        let ClaimIds { claim_id, doc_id } = ids;
        let is_it = |batch: &Batch| batch.documents.iter().any(|document| *document.doc_id == **doc_id);
        let Some((source, batch)) = documents(recorded).find(|(_, batch)| is_it(batch)) else {
            let mut changes = recorded.changes_of_input()?;
            if recorded.plan.sources.iter().any(|source| source.part.inputs().is_none()) {
                changes
                    .insert(0, "it may have come from standard input, which can't be read again".to_owned());
            }
            bail!(
                "{}",
                told(
                    &format!("the document {doc_id}, which {claim_id} is of, can't be read any more"),
                    &changes
                )
            );
        };
        let document = batch.documents[0].clone();
        let mut changes = recorded.changes.clone();
        changes.extend(recorded.change_of_input(&document.source_uri)?);

        let trace = Trace::new(&recorded.plan, &source, batch, recorded.plan.stages.len());
        let Some((last, row)) = trace.steps.last().and_then(|step| {
            let row = step.batch.claims.iter().position(|claim| *claim.claim_id == **claim_id)?;
            Some((step, row))
        }) else {
            let message = format!("the document {doc_id} does not give the claim {claim_id} any more");
            bail!("{}", told(&message, &changes));
        };
        let claim = last.batch.claims[row].clone();
        let document = last.batch.documents.iter().find(|document| *document.doc_id == **doc_id);
        let document = document.cloned().unwrap_or_default();
        let related = |other: &Claim| relation(&claim, other);
        let others = last.batch.claims.iter().enumerate();
        let related = others.filter_map(|(at, other)| Some((related(other)?, at))).collect();
        let reasons = trace.reasons(claim_id).into_iter().map(|(stage, reason)| (stage.to_owned(), reason));
        Ok(Explained {
            reasons: reasons.collect(),
            grid: Grid::new(Table::Claims, &last.batch),
            row,
            document,
            related,
            changes,
            claim,
        })
    }
}

/// The documents of the input that can be read again, each with its source's name.
fn documents(recorded: &Recorded) -> impl Iterator<Item = (String, Batch)> + '_ {
    let sources = recorded.plan.sources.iter().filter(|source| source.part.inputs().is_some());
    sources.flat_map(|source| {
        let found = source.part.read().filter(|found| matches!(found, Found::Raw(_) | Found::Document(_)));
        found.map(|found| (source.name.clone(), source.batch(found)))
    })
}

/// A message, and below it what has changed.
fn told(message: &str, changes: &[String]) -> String {
    let changes: String = changes.iter().map(|change| format!("\n  {change}")).collect();
    format!("{message}{changes}")
}

/// What another claim is to this one.
fn relation(claim: &Claim, other: &Claim) -> Option<&'static str> {
    let is = |id: &Option<_>, of: &Claim| id.as_ref() == Some(&of.claim_id);
    match () {
        () if claim.claim_id == other.claim_id => None,
        () if is(&claim.same_as, other) => Some("this one restates"),
        () if is(&other.same_as, claim) => Some("restates this one"),
        () if claim.change_group.is_some() && claim.change_group == other.change_group => {
            Some("of the same change")
        }
        () if is(&claim.parent_id, other) => Some("this one stands in"),
        () if is(&other.parent_id, claim) => Some("stands in this one"),
        () => None,
    }
}

impl Explained {
    fn parts(&self) -> Vec<Part<'_>> {
        let claim = &self.claim;
        let content = (claim.kind == ClaimKind::Statement).then_some(&claim.content_spans);
        let parts = [
            ("source", Some(&claim.source_spans), SOURCE),
            ("cue", Some(&claim.cue_spans), CUE),
            ("content", content, CONTENT),
            ("subject", Some(&claim.subject_spans), SUBJECT),
            ("predicate", Some(&claim.predicate_spans), PREDICATE),
            ("object", Some(&claim.object_spans), OBJECT),
            ("amount", Some(&claim.amount_spans), AMOUNT),
            ("time", Some(&claim.time_spans), TIME),
        ];
        parts.into_iter().filter_map(|(name, spans, style)| Some((name, spans?, style))).collect()
    }

    fn shown(&self, recorded: &Recorded, width: usize) -> String {
        let claim = &self.claim;
        let offsets = Offsets::new(&self.document.text);
        let sentence = offsets.bytes(Span::new(claim.char_start, claim.char_end));
        let words = |span| self.document.text[offsets.bytes(span)].to_owned();

        let of = format!("{} of {}", claim.kind.as_str(), self.document.source_uri);
        let mut text = format!("{}  {}\n\n", paint::styled(&claim.claim_id, HEAD), paint::plain(&of));
        let marks = marks(&self.parts(), &offsets, &sentence);
        text += &paint::marked(&self.document.text[sentence], &marks, width);
        if paint::colours() {
            let shown =
                self.parts().into_iter().filter(|(name, ..)| marks.iter().any(|mark| mark.name == *name));
            let legend: Vec<_> = shown.map(|(name, _, style)| paint::styled(name, style)).collect();
            text += &format!("\n{}\n", legend.join(" "));
        }
        text.push('\n');
        let part = |(name, spans, _): &Part| -> Vec<Vec<String>> {
            spans.iter().map(|span| vec![(*name).to_owned(), span.to_string(), words(span)]).collect()
        };
        text += &paint::table(&self.parts().iter().flat_map(part).collect::<Vec<_>>(), width);

        text += &paint::headline("row", width);
        let cells = filled(&self.grid, self.row).filter(|(column, _)| is_told(column));
        let cells: Vec<_> = cells.map(|(column, cell)| vec![column.to_owned(), cell.to_owned()]).collect();
        text += &paint::table(&cells, width);

        let mut stage = "";
        for (by, reason) in &self.reasons {
            if stage != by {
                text += &paint::headline(by, width);
                stage = by;
            }
            text += &why(reason, width);
        }
        if !self.related.is_empty() {
            text += &paint::headline("related claims", width);
            let row = |(what, at): &(&str, usize)| {
                let cell = |column| self.grid.cell(*at, column).to_owned();
                let said = match amount(&self.grid, *at) {
                    amount if amount.is_empty() => cell("content"),
                    amount => amount,
                };
                vec![(*what).to_owned(), cell("claim_id"), cell("change_role"), said]
            };
            text += &paint::table(&self.related.iter().map(row).collect::<Vec<_>>(), width);
        }
        text += &paint::headline("run", width);
        let member = self.document.member.as_deref().map_or_else(String::new, |member| format!(", {member}"));
        let told = [
            ("pipeline", format!("{} ({})", recorded.plan.name, report::shown(&recorded.plan.file))),
            ("program", recorded.program.clone()),
            ("document", format!("{}{member}", self.document.source_uri)),
            ("doc_id", claim.doc_id.to_string()),
        ];
        let rows: Vec<_> = told.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        text += &paint::table(&rows, width);
        let changes = match &self.changes[..] {
            [] => "Nothing has changed since.\n".to_owned(),
            changes => told_since(changes),
        };
        text + "\n" + &paint::indented(&changes, width, 2)
    }

    fn as_json(&self, recorded: &Recorded) -> Value {
        let row = |row: usize| -> Map<String, Value> {
            filled(&self.grid, row).map(|(column, cell)| (column.to_owned(), json!(cell))).collect()
        };
        let reason = |(stage, reason): &(String, Reason)| {
            let Reason { of, is, why, examples } = reason;
            json!({ "stage": stage, "of": of, "is": is, "why": why, "examples": examples })
        };
        let related = |(what, at): &(&str, usize)| json!({ "is": what, "claim": row(*at) });
        json!({
            "claim": row(self.row),
            "reasons": self.reasons.iter().map(reason).collect::<Vec<_>>(),
            "related": self.related.iter().map(related).collect::<Vec<_>>(),
            "run": {
                "pipeline": recorded.plan.name,
                "file": recorded.plan.file,
                "program": recorded.program,
                "source_uri": &*self.document.source_uri,
                "member": self.document.member.as_deref(),
                "changes": self.changes,
            },
        })
    }
}

/// What has changed since the run, in a sentence.
fn told_since(changes: &[String]) -> String {
    format!("Changed since, so that the row in the tables may be another: {}.\n", changes.join("; "))
}

/// Whether a column is told in the row: what stands above it is not.
fn is_told(column: &str) -> bool {
    !column.ends_with("_spans") && !["claim_id", "sentence", "char_start", "char_end"].contains(&column)
}

/// What was told of something: its name and value, the reason below, and examples.
fn why(reason: &Reason, width: usize) -> String {
    let head = format!("{}  {}\n", paint::styled(reason.of, HEAD), paint::plain(&reason.is));
    let why = paint::indented(&reason.why, width, 2);
    let examples = reason.examples.iter().map(|text| paint::indented(&format!("· {text}"), width, 4));
    head + &why + &examples.collect::<String>()
}

/// The marks of the sentence at `bytes`, relative to its beginning, each inside the one that it lies in.
/// One that lies across the end of another is left out.
fn marks(parts: &[Part], offsets: &Offsets, bytes: &Range<usize>) -> Vec<Marked> {
    let mut all: Vec<Marked> = Vec::new();
    for (name, spans, style) in parts {
        for at in spans.iter().map(|span| offsets.bytes(span)) {
            // An inherited time stands in another sentence.
            if at.start >= bytes.start && at.end <= bytes.end && !at.is_empty() {
                let at = at.start - bytes.start..at.end - bytes.start;
                let across = |one: &Marked| {
                    let (first, second) =
                        if one.at.start <= at.start { (&one.at, &at) } else { (&at, &one.at) };
                    first.start < second.start && second.start < first.end && first.end < second.end
                };
                if !all.iter().any(across) {
                    all.push(Marked { at, name, style: *style });
                }
            }
        }
    }
    all.sort_by_key(|mark| (mark.at.start, usize::MAX - mark.at.end));
    all
}
