//! All stages on one batch: decode, admit, work, encode.

use std::mem;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use claimline_model::{ClaimKind, Document, Problem, Severity};
use claimline_stage::guest::message;
use claimline_stage::tables::DROPPED;
use claimline_stage::{Batch, Decoded, Found, Order, Piece, Stage, StageError};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::admission::{Admission, Verdict, hash};
use super::reader::{Cut, RawBatch};
use super::turnstile::Turnstile;
use super::{Progress, RunError};
use crate::run_folder::Note;
use crate::{Opened, Plan, PlannedStage};

/// What the workers have in common.
pub(super) struct Shared {
    admission: Turnstile<Admission>,
    /// The instances of the ordered stages, by their place among the stages.
    ordered: Vec<Option<Turnstile<Box<dyn Stage>>>>,
}

impl Shared {
    /// `memory` is what stands from before, and `first` the number of the next batch.
    pub(super) fn new(memory: Memory, first: u64) -> Self {
        let turnstile = |stage| Turnstile::new(first, stage);
        Self {
            admission: Turnstile::new(first, memory.admission),
            ordered: memory.ordered.into_iter().map(|stage| stage.map(turnstile)).collect(),
        }
    }

    /// Tells the ordered stages that all has passed.
    ///
    /// # Errors
    /// If one of them fails then.
    pub(super) fn finish(self, plan: &Plan) -> Result<(), RunError> {
        let mut stages = self.ordered.into_iter().zip(&plan.stages);
        stages.try_for_each(|(turnstile, planned)| match turnstile {
            Some(turnstile) => finish((&mut turnstile.into_inner(), planned)),
            None => Ok(()),
        })
    }
}

/// What has to see every batch in order, and so has to remember those of a run that was killed.
pub(super) struct Memory<'p> {
    plan: &'p Plan,
    admission: Admission,
    ordered: Vec<Option<Box<dyn Stage>>>,
}

impl<'p> Memory<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let ordered = |stage: &Opened<PlannedStage>| {
            (stage.part.order == Order::Ordered).then(|| (stage.part.factory)())
        };
        let admission = Admission::new(plan.sources.len() > 1);
        Self { plan, admission, ordered: plan.stages.iter().map(ordered).collect() }
    }

    /// Whether all that has to be remembered can be.
    pub(super) fn is_complete(&mut self) -> bool {
        self.ordered.iter_mut().flatten().all(|stage| stage.remember().is_some())
    }

    /// Takes back what there is to know of a batch that is done.
    pub(super) fn recall(&mut self, note: &Note) {
        let bytes = |text: &String| BASE64.decode(text.as_bytes()).unwrap_or_default();
        self.admission.recall(&bytes(&note.seen));
        for (at, memory) in &note.memories {
            let (Some(Some(instance)), Some(stage)) = (self.ordered.get_mut(*at), self.plan.stages.get(*at))
            else {
                continue;
            };
            match memory {
                Some(memory) => instance.recall(&bytes(memory)),
                None => *instance = (stage.part.factory)(),
            }
        }
    }
}

/// What ordered stages remember of a batch, each with its place among the stages.
pub(super) type Memories = Vec<(usize, Option<Vec<u8>>)>;

/// A batch that has been through everything but the writer.
pub(super) struct Done {
    pub(super) cut: Cut,
    /// Per sink.
    pub(super) pieces: Vec<Vec<Piece>>,
    pub(super) problems: Vec<Problem>,
    pub(super) counts: Counts,
    /// The ids and contents that were new in it.
    pub(super) seen: Vec<u8>,
    /// What each ordered stage remembers of it, if it did not fail.
    pub(super) memories: Memories,
}

/// What a batch, or a run, came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    pub(crate) found: u64,
    pub(crate) documents: u64,
    pub(crate) duplicates: u64,
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
    pub(crate) warnings: u64,
    /// By kind: quantities, statements.
    pub(crate) claims: [u64; 2],
    pub(crate) mentions: u64,
    pub(crate) text_bytes: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { found, documents, duplicates, failed, dropped, warnings, claims, mentions, text_bytes } =
            other;
        self.found += found;
        self.documents += documents;
        self.duplicates += duplicates;
        self.failed += failed;
        self.dropped += dropped;
        self.warnings += warnings;
        self.mentions += mentions;
        self.text_bytes += text_bytes;
        for (sum, count) in self.claims.iter_mut().zip(claims) {
            *sum += count;
        }
    }
}

/// Runs every stage on whole batches, with instances of its own.
pub(super) struct Worker<'p> {
    plan: &'p Plan,
    shared: &'p Shared,
    /// The instances of the parallel stages, by their place among the stages.
    own: Vec<Option<Box<dyn Stage>>>,
    /// Time spent decoding, in each stage, and encoding.
    pub(super) times: Vec<Duration>,
}

impl<'p> Worker<'p> {
    pub(super) fn new(plan: &'p Plan, shared: &'p Shared) -> Self {
        let own = |stage: &Opened<PlannedStage>| {
            (stage.part.order == Order::Parallel).then(|| (stage.part.factory)())
        };
        Self {
            plan,
            shared,
            own: plan.stages.iter().map(own).collect(),
            times: vec![Duration::ZERO; plan.stages.len() + 2],
        }
    }

    /// Takes a batch through all stages.
    ///
    /// # Errors
    /// If the run was stopped, a sink can't encode, or there is a bug outside of any stage.
    pub(super) fn work(&mut self, raw: RawBatch, progress: &Progress) -> Result<Done, RunError> {
        catch_unwind(AssertUnwindSafe(|| self.take_through(raw, progress)))
            .unwrap_or_else(|panic| Err(RunError::Panicked(message(&*panic))))
    }

    fn take_through(&mut self, raw: RawBatch, progress: &Progress) -> Result<Done, RunError> {
        let RawBatch { found, cut } = raw;
        let number = cut.number;
        let counted = found.iter().filter(|(_, found)| !matches!(found, Found::Warning(_))).count() as u64;
        let start = Instant::now();
        let (decoded, problems) = self.decode(found);
        let admitted = self.shared.admission.pass(number, &progress.stop, |admission| {
            (self.admit(admission, decoded, problems), admission.take_new())
        });
        let ((mut batch, duplicates), seen) = admitted.ok_or(RunError::Interrupted)?;
        self.times[0] += start.elapsed();

        let memories = self.stages(&mut batch, number, progress)?;
        let mut counts = Counts {
            found: counted,
            duplicates: duplicates.len() as u64,
            mentions: batch.mentions.len() as u64,
            ..Counts::default()
        };
        let runs = batch.claims.runs(&batch.documents);
        for (document, claims) in batch.documents.iter_mut().zip(runs) {
            document.claims = claims.len() as u32;
            counts.text_bytes += document.text.len() as u64;
        }
        for claim in batch.claims.iter() {
            counts.claims[usize::from(claim.kind == ClaimKind::Statement)] += 1;
        }
        batch.documents.extend(duplicates);
        counts.documents = batch.documents.len() as u64;
        for problem in &batch.problems {
            let dropped = problem.code == DROPPED;
            match problem.severity {
                Severity::Error if dropped => counts.dropped += 1,
                Severity::Error => counts.failed += 1,
                Severity::Warning => counts.warnings += 1,
            }
        }

        let start = Instant::now();
        let mut pieces = Vec::with_capacity(self.plan.sinks.len());
        for sink in &self.plan.sinks {
            let encoded = sink.part.encode(&batch);
            pieces.push(encoded.map_err(|error| RunError::Sink { sink: sink.name.clone(), error })?);
        }
        self.times[self.plan.stages.len() + 1] += start.elapsed();
        Ok(Done { cut, pieces, problems: batch.problems, counts, seen, memories })
    }

    /// Decodes what was found: documents with the hash of their content and the index of their
    /// source, and what could not be decoded.
    fn decode(&self, found: Vec<(usize, Found)>) -> (Vec<(Decoded, u128, usize)>, Vec<Problem>) {
        let (mut decoded, mut problems) = (Vec::with_capacity(found.len()), Vec::new());
        for (index, found) in found {
            let source = &self.plan.sources[index];
            match found {
                Found::Lost(problem) | Found::Warning(problem) => problems.push(problem),
                Found::Document(document) => {
                    let content = hash(document.document.text.as_bytes());
                    decoded.push((*document, content, index));
                }
                Found::Raw(raw) => {
                    let (origin, content) = (raw.origin.clone(), hash(&raw.bytes));
                    match catch_unwind(AssertUnwindSafe(|| source.part.decode(raw))) {
                        Ok(Ok(document)) => decoded.push((document, content, index)),
                        Ok(Err(problem)) => problems.push(*problem),
                        Err(panic) => problems.push(origin.problem(
                            &source.name,
                            Severity::Error,
                            "panicked",
                            &message(&*panic),
                        )),
                    }
                }
            }
        }
        (decoded, problems)
    }

    /// The batch of the documents that go on, and the duplicates that do not.
    fn admit(
        &self,
        admission: &mut Admission,
        decoded: Vec<(Decoded, u128, usize)>,
        problems: Vec<Problem>,
    ) -> (Batch, Vec<Document>) {
        let mut batch = Batch { problems, ..Batch::default() };
        let mut duplicates = Vec::new();
        for (decoded, content, index) in decoded {
            let Decoded { mut document, blocks, own_id, warnings } = decoded;
            match admission.decide(&document, own_id, content, &self.plan.sources[index].name) {
                Verdict::Refused(problem) => batch.problems.push(*problem),
                Verdict::Duplicate(first) => {
                    document.duplicate_of = Some(first);
                    document.text = Default::default();
                    document.chars = 0;
                    duplicates.push(document);
                }
                Verdict::In => {
                    batch.documents.push(document);
                    batch.blocks.extend(blocks);
                    batch.problems.extend(warnings);
                }
            }
        }
        (batch, duplicates)
    }

    /// Takes the batch through the stages; what the ordered ones remember of it comes back.
    fn stages(&mut self, batch: &mut Batch, number: u64, progress: &Progress) -> Result<Memories, RunError> {
        let shared = self.shared;
        let mut memories = Vec::new();
        let mut at = 0;
        while at < self.own.len() {
            if let Some(turnstile) = &shared.ordered[at] {
                let start = Instant::now();
                let stage = &self.plan.stages[at];
                let passed = turnstile.pass(number, &progress.stop, |instance| {
                    attempt(&mut **instance, batch)
                        .map(|()| instance.remember())
                        .inspect_err(|_| *instance = (stage.part.factory)())
                });
                match passed.ok_or(RunError::Interrupted)? {
                    Ok(memory) => memories.push((at, memory)),
                    Err(failure) => {
                        let lost = mem::take(batch);
                        *batch = failed(lost, &stage.name, &failure);
                        memories.push((at, None));
                    }
                }
                self.times[at + 1] += start.elapsed();
                at += 1;
            } else {
                let end = at + self.own[at..].iter().take_while(|stage| stage.is_some()).count();
                self.parallel_stages(at..end, batch);
                at = end;
            }
        }
        Ok(memories)
    }

    /// Runs a stretch of parallel stages. When one fails on the batch, its halves go through the stretch
    /// apart, from what they were at its beginning, and a document that fails alone becomes a problem.
    fn parallel_stages(&mut self, stretch: Range<usize>, batch: &mut Batch) {
        let mut before = batch.clone();
        let Err((stage, failure)) = self.try_stages(stretch.clone(), batch) else { return };
        match before.documents.len() {
            0 | 1 => *batch = failed(before, &self.plan.stages[stage].name, &failure),
            documents => {
                let mut tail = before.split_off(documents / 2);
                self.parallel_stages(stretch.clone(), &mut before);
                self.parallel_stages(stretch, &mut tail);
                before.append(tail);
                *batch = before;
            }
        }
    }

    /// Tells the worker's own stages that all has passed.
    ///
    /// # Errors
    /// If one of them fails then.
    pub(super) fn finish(&mut self) -> Result<(), RunError> {
        let stages = self.own.iter_mut().zip(&self.plan.stages);
        stages.filter_map(|(own, planned)| Some((own.as_mut()?, planned))).try_for_each(finish)
    }

    fn try_stages(&mut self, stretch: Range<usize>, batch: &mut Batch) -> Result<(), (usize, Failure)> {
        for at in stretch {
            let start = Instant::now();
            let Some(stage) = &mut self.own[at] else { continue };
            if let Err(failure) = attempt(&mut **stage, batch) {
                self.own[at] = Some((self.plan.stages[at].part.factory)());
                return Err((at, failure));
            }
            self.times[at + 1] += start.elapsed();
        }
        Ok(())
    }
}

/// Why a stage did not finish.
struct Failure {
    code: &'static str,
    message: String,
}

fn attempt(stage: &mut dyn Stage, batch: &mut Batch) -> Result<(), Failure> {
    match catch_unwind(AssertUnwindSafe(|| stage.process(batch))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(StageError { code, message })) => Err(Failure { code, message }),
        Err(panic) => Err(Failure { code: "panicked", message: message(&*panic) }),
    }
}

fn finish((stage, planned): (&mut Box<dyn Stage>, &Opened<PlannedStage>)) -> Result<(), RunError> {
    let finished = catch_unwind(AssertUnwindSafe(|| stage.finish()));
    let message = match finished {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.message,
        Err(panic) => message(&*panic),
    };
    Err(RunError::Stage { stage: planned.name.clone(), message })
}

/// All documents of `batch` as problems.
fn failed(mut batch: Batch, stage: &str, failure: &Failure) -> Batch {
    let problem = |d: &Document| d.problem(stage, Severity::Error, failure.code, &failure.message);
    let failures = batch.documents.iter().map(problem).enumerate().collect();
    batch.fail(failures);
    batch
}
