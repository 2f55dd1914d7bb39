//! All stages on one batch: decode, admit, work, encode.

use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use claimline_model::{Document, Problem, Severity};
use claimline_stage::guest::message;
use claimline_stage::tables::DROPPED;
use claimline_stage::{Batch, Decoded, Found, Order, Piece, Raw, Source, Stage, StageError};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::admission::{Admission, Mark, Verdict};
use super::assembly::LetIn;
use super::reader::{Cut, RawBatch};
use super::takeover::{Known, Takeover};
use super::turnstile::Turnstile;
use super::{Progress, RunError};
use crate::run_folder::{Earlier, Note};
use crate::{Opened, Plan, PlannedStage};

/// What the workers have in common.
pub(super) struct Shared {
    admission: Turnstile<Admission>,
    /// What rows are taken over from.
    earlier: Option<Earlier>,
    /// Of how many documents they were.
    pub(super) taken_over: AtomicU64,
    /// The instances of the ordered stages, by their place among the stages.
    ordered: Vec<Option<Turnstile<Box<dyn Stage>>>>,
}

impl Shared {
    /// `memory` is what stands from before, and `first` the number of the next batch.
    pub(super) fn new(memory: Memory, first: u64, earlier: Option<Earlier>) -> Self {
        let turnstile = |stage| Turnstile::new(first, stage);
        Self {
            admission: Turnstile::new(first, memory.admission),
            earlier,
            taken_over: AtomicU64::new(0),
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
        note.seen().iter().for_each(|seen| self.admission.recall(seen));
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
    /// The documents that were let in.
    pub(super) seen: Vec<u8>,
    /// What each ordered stage remembers of it, if it did not fail.
    pub(super) memories: Memories,
}

/// What a batch, or a run, came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Records and unreadable places that were found.
    pub found: u64,
    /// Rows in `documents`, duplicates included.
    pub documents: u64,
    /// Documents with the content of an earlier one.
    pub duplicates: u64,
    /// Documents that failed: the errors in `problems`.
    pub failed: u64,
    /// Documents that a stage left out on purpose: the errors in `problems` with the code `dropped`.
    pub dropped: u64,
    /// The warnings in `problems`.
    pub warnings: u64,
    /// Claims by kind: quantities, statements.
    pub claims: [u64; 2],
    /// Mentions.
    pub mentions: u64,
    /// Bytes of `documents.text`.
    pub text_bytes: u64,
    /// What stages counted of the documents that went through them, by name: `tokens`, `tokens_parsed`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_stages: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds a document's bytes of text, mentions, and claims by kind.
    pub(super) fn add_sums(&mut self, [text_bytes, mentions, quantities, statements]: &[u64; 4]) {
        self.text_bytes += text_bytes;
        self.mentions += mentions;
        self.claims[0] += quantities;
        self.claims[1] += statements;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            found,
            documents,
            duplicates,
            failed,
            dropped,
            warnings,
            claims,
            mentions,
            text_bytes,
            by_stages,
        } = other;
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
        for (name, count) in by_stages {
            *self.by_stages.entry(name.clone()).or_default() += count;
        }
    }
}

/// Something decoded, or that need not be.
enum Arrival {
    New(Box<Decoded>),
    /// A run before has done it; it is decoded after all where something else has changed for it.
    Known(Box<(Known, Raw)>),
}

/// A record that was found, of the source number `source`.
struct Arrived {
    source: usize,
    mark: Mark,
    body: Arrival,
}

/// What may go through the stages, and beside it duplicates that do not.
struct Admitted {
    batch: Batch,
    duplicates: Vec<Document>,
    let_in: Vec<LetIn>,
}

/// Runs every stage on whole batches, with instances of its own.
pub(super) struct Worker<'p> {
    pub(super) plan: &'p Plan,
    pub(super) shared: &'p Shared,
    /// What was published before, where rows are taken over from it.
    pub(super) takeover: Option<Takeover<'p>>,
    /// Whether all sinks can hand back their rows to a later run.
    pub(super) hands_back: bool,
    /// The instances of the parallel stages, by their place among the stages.
    own: Vec<Option<Box<dyn Stage>>>,
    /// Time spent decoding, in each stage, and encoding.
    pub(super) times: Vec<Duration>,
    /// What the stages counted of the batch at hand, by name.
    counted: BTreeMap<String, u64>,
}

impl<'p> Worker<'p> {
    pub(super) fn new(plan: &'p Plan, shared: &'p Shared) -> Self {
        let takeover = shared.earlier.as_ref().and_then(|earlier| Takeover::new(plan, earlier));
        let own = |stage: &Opened<PlannedStage>| {
            (stage.part.order == Order::Parallel).then(|| (stage.part.factory)())
        };
        Self {
            plan,
            shared,
            takeover,
            hands_back: plan.shapes().is_some(),
            own: plan.stages.iter().map(own).collect(),
            times: vec![Duration::ZERO; plan.stages.len() + 2],
            counted: BTreeMap::new(),
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
        let (arrived, problems) = self.decode(found)?;
        let admitted = self
            .shared
            .admission
            .pass(number, &progress.stop, |admission| self.admit(admission, arrived, problems));
        let Admitted { mut batch, duplicates, let_in } = admitted.ok_or(RunError::Interrupted)?;
        self.times[0] += start.elapsed();

        let memories = self.stages(&mut batch, number, progress)?;
        batch.count_claims();
        batch.documents.extend(duplicates);
        let again = batch.documents.iter().filter(|document| document.duplicate_of.is_some());
        let mut counts = Counts {
            found: counted,
            duplicates: again.count() as u64,
            by_stages: mem::take(&mut self.counted),
            ..Counts::default()
        };
        for problem in &batch.problems {
            let dropped = problem.code == DROPPED;
            match problem.severity {
                Severity::Error if dropped => counts.dropped += 1,
                Severity::Error => counts.failed += 1,
                Severity::Warning => counts.warnings += 1,
            }
        }

        let start = Instant::now();
        let problems = batch.problems.clone();
        let (pieces, seen) = self.assemble(batch, let_in, &mut counts)?;
        self.times[self.plan.stages.len() + 1] += start.elapsed();
        Ok(Done { cut, pieces, problems, counts, seen, memories })
    }

    /// Decodes what was found, but for documents that a run before has done; and what could not be
    /// decoded.
    fn decode(&mut self, found: Vec<(usize, Found)>) -> Result<(Vec<Arrived>, Vec<Problem>), RunError> {
        let (mut arrived, mut problems) = (Vec::with_capacity(found.len()), Vec::new());
        for (source, found) in found {
            let (mark, raw) = match found {
                Found::Lost(problem) | Found::Warning(problem) => {
                    problems.push(problem);
                    continue;
                }
                Found::Document(document) => {
                    let Document { text, source_uri, member, .. } = &document.document;
                    let mark = Mark::new(text.as_bytes(), source_uri, member.as_deref());
                    arrived.push(Arrived { source, mark, body: Arrival::New(document) });
                    continue;
                }
                Found::Raw(raw) => {
                    (Mark::new(&raw.bytes, &raw.origin.uri, raw.origin.member.as_deref()), raw)
                }
            };
            let known = match &mut self.takeover {
                Some(takeover) => takeover.find(mark.content, mark.place)?,
                None => None,
            };
            match known {
                Some(known) => {
                    arrived.push(Arrived { source, mark, body: Arrival::Known(Box::new((known, raw))) })
                }
                None => match decode(&self.plan.sources[source], raw) {
                    Ok(decoded) => arrived.push(Arrived { source, mark, body: Arrival::New(decoded) }),
                    Err(problem) => problems.push(*problem),
                },
            }
        }
        Ok((arrived, problems))
    }

    /// The batch of the documents that go on, and the duplicates that do not.
    fn admit(&self, admission: &mut Admission, arrived: Vec<Arrived>, problems: Vec<Problem>) -> Admitted {
        let mut batch = Batch { problems, ..Batch::default() };
        let (mut duplicates, mut let_in, mut let_in_twice) = (Vec::new(), Vec::new(), Vec::new());
        for Arrived { source, mark, body } in arrived {
            let decoded = match body {
                Arrival::New(decoded) => decoded,
                Arrival::Known(known) if admission.decide_as_before(&known.0.seen) => {
                    let row = match known.0.seen.first {
                        Some(_) => &mut let_in_twice,
                        None => &mut let_in,
                    };
                    row.push(LetIn::Known(known.0));
                    continue;
                }
                Arrival::Known(known) => match decode(&self.plan.sources[source], known.1) {
                    Ok(decoded) => decoded,
                    Err(problem) => {
                        batch.problems.push(*problem);
                        continue;
                    }
                },
            };
            let Decoded { mut document, blocks, own_id, warnings } = *decoded;
            let doc_id = document.doc_id.clone();
            match admission.decide(&document, own_id, mark, &self.plan.sources[source].name) {
                Verdict::Refused(problem) => batch.problems.push(*problem),
                Verdict::Duplicate(seen, first) => {
                    document.duplicate_of = Some(first);
                    document.text = Default::default();
                    document.chars = 0;
                    duplicates.push(document);
                    let_in_twice.push(LetIn::New(seen, doc_id));
                }
                Verdict::In(seen) => {
                    batch.documents.push(document);
                    batch.blocks.extend(blocks);
                    batch.problems.extend(warnings);
                    let_in.push(LetIn::New(seen, doc_id));
                }
            }
        }
        let_in.append(&mut let_in_twice);
        Admitted { batch, duplicates, let_in }
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
        let tried = self.try_stages(stretch.clone(), batch);
        let counts: Vec<_> = self.own.iter_mut().flatten().flat_map(|stage| stage.counted()).collect();
        let Err((stage, failure)) = tried else {
            for (name, count) in counts {
                *self.counted.entry(name.to_owned()).or_default() += count;
            }
            return;
        };
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

pub(super) fn decode(source: &Opened<Box<dyn Source>>, raw: Raw) -> Result<Box<Decoded>, Box<Problem>> {
    let origin = raw.origin.clone();
    match catch_unwind(AssertUnwindSafe(|| source.part.decode(raw))) {
        Ok(decoded) => decoded.map(Box::new),
        Err(panic) => {
            let message = message(&*panic);
            Err(Box::new(origin.problem(&source.name, Severity::Error, "panicked", &message)))
        }
    }
}

/// Why a stage did not finish.
pub(super) struct Failure {
    code: &'static str,
    message: String,
}

pub(super) fn attempt(stage: &mut dyn Stage, batch: &mut Batch) -> Result<(), Failure> {
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
pub(super) fn failed(mut batch: Batch, stage: &str, failure: &Failure) -> Batch {
    let problem = |d: &Document| d.problem(stage, Severity::Error, failure.code, &failure.message);
    let failures = batch.documents.iter().map(problem).enumerate().collect();
    batch.fail(failures);
    batch
}
