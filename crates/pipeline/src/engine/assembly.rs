//! Puts a batch's rows together for the sinks: those that were worked on, and between them those that
//! are taken over.

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::sync::atomic::Ordering;

use claimline_model::{Claim, ClaimKind, Str};
use claimline_stage::{Batch, Body, Piece};

use super::RunError;
use super::takeover::Known;
use super::worker::{Counts, Worker};
use crate::run_folder::Seen;

/// A document that was let in, in the order of the rows.
pub(super) enum LetIn {
    /// It goes through the stages; with its id.
    New(Seen, Str),
    /// Its rows are there already.
    Known(Known),
}

/// What a batch comes to: pieces for each sink, and the documents for the journal.
pub(super) type Assembled = (Vec<Vec<Piece>>, Vec<u8>);

/// Pieces for each sink, and how many rows each of their files has of each document worked on.
type Encoded = (Vec<Vec<Piece>>, Vec<Vec<u32>>);

/// Documents on end of the same kind.
enum Run {
    Worked(usize),
    TakenOver(Vec<Known>),
}

/// A file's share of a batch.
#[derive(Default)]
struct Share {
    rows: u64,
    cut: u64,
    bodies: Vec<Body>,
}

impl Worker<'_> {
    /// Encodes the rows of `batch`, with those of known documents at their places between, and adds up
    /// `counts`.
    pub(super) fn assemble(
        &mut self,
        batch: Batch,
        let_in: Vec<LetIn>,
        counts: &mut Counts,
    ) -> Result<Assembled, RunError> {
        let worked = sums(&batch);
        let wrong: HashSet<_> =
            batch.problems.iter().map(|one| (one.source_uri.clone(), one.member.clone())).collect();
        let mut clean: Vec<bool> = batch
            .documents
            .iter()
            .map(|document| {
                wrong.is_empty() || !wrong.contains(&(document.source_uri.clone(), document.member.clone()))
            })
            .collect();
        counts.documents += batch.documents.len() as u64;
        worked.iter().for_each(|sums| counts.add_sums(sums));

        let (mut runs, mut seen, mut at) = (Vec::new(), Vec::with_capacity(let_in.len()), 0);
        for one in let_in {
            match one {
                LetIn::New(of, id) => {
                    let here = batch.documents.get(at).is_some_and(|document| document.doc_id == id);
                    seen.push((of, here.then_some(at)));
                    if here {
                        at += 1;
                        runs.push(Run::Worked(1));
                    }
                }
                LetIn::Known(known) => {
                    counts.documents += 1;
                    counts.duplicates += u64::from(known.seen.first.is_some());
                    counts.add_sums(&known.seen.sums);
                    self.shared.taken_over.fetch_add(1, Ordering::Relaxed);
                    seen.push((known.seen.clone(), None));
                    runs.push(Run::TakenOver(vec![known]));
                }
            }
        }
        // Stages that reorder documents are rare, and nothing is taken over from them later.
        let in_order = at == batch.documents.len();
        runs.push(Run::Worked(batch.documents.len() - at));
        let (pieces, rows) = self.encode(batch, join(runs), &mut clean)?;

        let mut told = Vec::new();
        for (mut seen, at) in seen {
            if let Some(at) = at {
                seen.clean = clean[at];
                seen.sums = worked[at];
                seen.rows.clone_from(&rows[at]);
            }
            if !(in_order && self.hands_back) {
                (seen.clean, seen.rows) = (false, Vec::new());
            }
            seen.write(&mut told);
        }
        Ok((pieces, told))
    }

    /// The pieces for each sink, and how many rows each of its files has of each document of `batch`.
    /// Documents with cells that were cut are no longer `clean`: how many were is not known of each.
    fn encode(&mut self, mut batch: Batch, runs: Vec<Run>, clean: &mut [bool]) -> Result<Encoded, RunError> {
        let sinks = &self.plan.sinks;
        let files: Vec<usize> = sinks.iter().map(|sink| sink.part.paths().len()).collect();
        let mut rows = vec![vec![0; files.iter().sum()]; batch.documents.len()];
        let mut done = 0;
        let mut encode = |batch: &Batch| -> Result<Vec<Vec<Piece>>, RunError> {
            let (documents, mut all, mut column) = (batch.documents.len(), Vec::new(), 0);
            for (sink, files) in sinks.iter().zip(&files) {
                let pieces = sink.part.encode(batch);
                let pieces = pieces.map_err(|error| RunError::Sink { sink: sink.name.clone(), error })?;
                for piece in &pieces {
                    for (i, share) in piece.shares.iter().enumerate().take(documents) {
                        rows[done + i][column + piece.file] = *share;
                    }
                    if piece.cut > 0 {
                        clean[done..done + documents].fill(false);
                    }
                }
                column += files;
                all.push(pieces);
            }
            done += documents;
            Ok(all)
        };
        if let [] | [Run::Worked(_)] = &runs[..] {
            let pieces = encode(&batch)?;
            return Ok((pieces, rows));
        }
        let problems = mem::take(&mut batch.problems);
        let mut shares: Vec<BTreeMap<usize, Share>> = sinks.iter().map(|_| BTreeMap::new()).collect();
        let mut add = |pieces: Vec<Vec<Piece>>| {
            for (files, pieces) in shares.iter_mut().zip(pieces) {
                for Piece { file, rows, cut, body, .. } in pieces {
                    let share = files.entry(file).or_default();
                    share.rows += rows;
                    share.cut += cut;
                    share.bodies.push(body);
                }
            }
        };
        for run in runs {
            match (run, &mut self.takeover) {
                (Run::Worked(documents), _) => {
                    let rest = batch.split_off(documents);
                    add(encode(&mem::replace(&mut batch, rest))?);
                }
                (Run::TakenOver(known), Some(takeover)) => add(takeover.rows(&known)?),
                (Run::TakenOver(_), None) => {}
            }
        }
        add(encode(&Batch { problems, ..Batch::default() })?);
        let piece = |sink: &str, (file, Share { rows, cut, bodies })| {
            let body = Body::join(bodies).map_err(|error| RunError::Sink { sink: sink.to_owned(), error });
            body.map(|body| Some(Piece { file, rows, shares: Vec::new(), cut, body: body? }))
        };
        let pieces = sinks.iter().zip(shares).map(|(sink, files)| {
            files.into_iter().filter_map(|file| piece(&sink.name, file).transpose()).collect()
        });
        Ok((pieces.collect::<Result<_, _>>()?, rows))
    }
}

/// Runs that are as long as can be.
fn join(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match (joined.last_mut(), run) {
            (_, Run::Worked(0)) => {}
            (Some(Run::Worked(documents)), Run::Worked(more)) => *documents += more,
            (Some(Run::TakenOver(known)), Run::TakenOver(more)) => known.extend(more),
            (_, run) => joined.push(run),
        }
    }
    joined
}

/// Of each document, the bytes of its text, its mentions, its claims by kind.
fn sums(batch: &Batch) -> Vec<[u64; 4]> {
    let mentions = batch.mentions.runs(&batch.documents);
    let claims = batch.claims.runs(&batch.documents);
    let rows = batch.documents.iter().zip(mentions).zip(claims);
    rows.map(|((document, mentions), claims)| {
        let statement = |claim: &&Claim| claim.kind == ClaimKind::Statement;
        let statements = batch.claims[claims.clone()].iter().filter(statement).count();
        let quantities = claims.len() - statements;
        [document.text.len(), mentions.len(), quantities, statements].map(|sum| sum as u64)
    })
    .collect()
}
