//! The stage `extract`: documents in, mentions and claims out.

use std::ops::Range;
use std::time::Instant;

use claimline_language::tag::Tag;
use claimline_language::{Reading, Sentence};
use claimline_model::{
    Block, BlockKind, Claim, Document, Mention, Offsets, Record, Severity, Span, Str, TimeBasis,
};
use claimline_stage::{Batch, Declared, Order, Reason, Registration, Stage, StageError, TextUse};
use claimline_tables::{OfDocument, Rows};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::claim::{self, Dating};
use crate::cursor::Cursor;
use crate::explain::explain;
use crate::meant::{Meant, Unnamed};
use crate::quantity::{Amount, amounts, is_claimed, with_rests};
use crate::rows::{RowMaker, Told, tell_time};
use crate::statement::{self, Finder, Outlook, Quote, Statement};
use crate::syntax::{Syntactician, Syntax};
use crate::time::{self, Time};

/// The options of `extract`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExtractOptions {
    /// The most sentences that a document may have; one with more is a problem.
    #[schemars(range(min = 1))]
    pub max_sentences: u32,
    /// The most seconds that a document may take; one that takes longer is a problem. The clock is looked
    /// at between sentences.
    #[schemars(range(min = 1))]
    pub max_seconds: u32,
    /// How much grammar is read of the sentences that claim something. A tree finds what an amount is
    /// of across the sentence; without trees extraction is faster, and wrong more often.
    pub syntax: Syntax,
}

impl Default for ExtractOptions {
    /// A book of a thousand pages has some 20,000 sentences and takes a second.
    fn default() -> Self {
        Self { max_sentences: 100_000, max_seconds: 60, syntax: Syntax::default() }
    }
}

/// The stages of this crate.
pub fn registrations() -> Vec<Registration> {
    vec![
        Registration::stage(
            "extract",
            "Finds amounts and times in the text, and what is claimed with them.",
            "- extract",
            Order::Parallel,
            |options: ExtractOptions, _| Ok(Extract { options, ..Extract::default() }),
        )
        .declaring(|_: ExtractOptions, _| {
            let makes = &[Mention::TABLE, Claim::TABLE];
            Ok(Declared { text: TextUse::Counts, makes, ..Declared::default() })
        }),
    ]
}

/// Finds mentions and claims in `documents.text`. The kept blocks are its paragraphs; where there are
/// none, blank lines part them.
#[derive(Clone, Debug, Default)]
pub struct Extract {
    options: ExtractOptions,
    amounts: Vec<Amount>,
    times: Vec<Time>,
    taken: Vec<bool>,
    /// The claim that each of a sentence's amounts makes.
    claimed: Vec<Option<usize>>,
    syntactician: Syntactician,
    unnamed: Unnamed,
    /// The times that the claims of a sentence may be of.
    datings: Vec<Dating>,
    /// The time that the paragraph has been of so far.
    told: Option<Told>,
    /// How many tokens were read since that was last told.
    tokens: u64,
    /// The document's paragraphs, quotations and statements.
    parts: Vec<Range<usize>>,
    quotes: Vec<Quote>,
    statements: Vec<Statement>,
    clock: Clock,
}

/// What is asked for the time: the system's clock, but in tests.
#[derive(Clone, Copy, Debug)]
struct Clock(fn() -> Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now)
    }
}

impl Stage for Extract {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        // All are read before any is looked through, so that what the tagger knows stays near.
        let runs = batch.documents.iter().zip(batch.blocks.runs(&batch.documents));
        let texts: Vec<_> = runs
            .map(|(document, run)| {
                document.duplicate_of.is_none().then(|| self.read(document, &batch.blocks[run]))
            })
            .collect();
        let (mut mentions, mut claims) = (Vec::new(), Vec::new());
        let mut failures = Vec::new();
        for (i, (document, text)) in batch.documents.iter_mut().zip(texts).enumerate() {
            let Some(text) = text else { continue };
            let before = (mentions.len(), claims.len());
            if let Err((code, message)) = self.document(document, &text, &mut mentions, &mut claims) {
                mentions.truncate(before.0);
                claims.truncate(before.1);
                failures.push((i, document.problem("extract", Severity::Error, code, &message)));
            }
        }
        add(&mut batch.mentions, mentions, &batch.documents);
        add(&mut batch.claims, claims, &batch.documents);
        batch.fail(failures);
        Ok(())
    }

    fn explain(&self, batch: &Batch, claim: usize) -> Vec<Reason> {
        batch.claims.get(claim).map_or_else(Vec::new, |claim| explain(batch, claim))
    }

    fn counted(&mut self) -> Vec<(&'static str, u64)> {
        vec![
            ("tokens", std::mem::take(&mut self.tokens)),
            ("tokens_parsed", std::mem::take(&mut self.syntactician.parsed)),
        ]
    }
}

/// Adds rows, those of one document behind the ones it has.
fn add<R: OfDocument + Default>(rows: &mut Rows<R>, new: Vec<R>, documents: &[Document]) {
    let old = rows.runs(documents);
    let before = rows.len();
    rows.extend(new);
    if before == 0 {
        return;
    }
    let mut at = before;
    let mut order = Vec::with_capacity(rows.len());
    for (document, old) in documents.iter().zip(old) {
        let start = at;
        at += rows[start..].iter().take_while(|row| *row.doc_id() == document.doc_id).count();
        order.extend(old.chain(start..at).map(|i| i as u32));
    }
    rows.take(&order);
}

impl Extract {
    #[cfg(test)]
    pub(crate) fn new(options: ExtractOptions) -> Self {
        Self { options, ..Self::default() }
    }

    fn document(
        &mut self,
        document: &mut Document,
        Text { reading, paragraphs, tags }: &Text,
        mentions: &mut Vec<Mention>,
        claims: &mut Vec<Claim>,
    ) -> Result<(), (&'static str, String)> {
        let Clock(now) = self.clock;
        let start = now();
        let text = document.text.clone();
        let offsets = Offsets::new(&text);
        let ExtractOptions { max_sentences, max_seconds, .. } = self.options;
        let sentences = reading.sentences().len();
        if sentences > max_sentences as usize {
            let message = format!("it has {sentences} sentences; `max_sentences` allows {max_sentences}");
            return Err(("too_many_sentences", message));
        }
        let mut paragraph = 0;
        self.unnamed.clear();
        self.statements.clear();
        self.find_quotes(&text, reading);
        let before = claims.len();
        self.told = None;
        for (i, sentence) in reading.sentences().iter().enumerate() {
            if now().duration_since(start).as_secs() >= u64::from(max_seconds) {
                let message = format!(
                    "it took more than {max_seconds} s, the limit `max_seconds`, for {i} of {sentences} sentences"
                );
                return Err(("took_too_long", message));
            }
            while paragraphs[paragraph].0 <= i {
                paragraph += 1;
                self.told = None;
            }
            let running = paragraphs[paragraph].1;
            let rows = RowMaker { document, text: &text, offsets: &offsets, sentence };
            let cursor = Cursor::new(&text, &reading.tokens()[sentence.tokens.clone()]);
            let read =
                Read { tags: &tags[sentence.tokens.clone()], behind: &reading.sentences()[i + 1..], running };
            self.sentence(cursor, &rows, &read, mentions, claims);
        }
        statement::carry(&self.parts, &self.quotes, &mut self.statements);
        let rows =
            statement::Rows { document, text: &text, reading, offsets: &offsets, quotes: &self.quotes };
        rows.add(&self.statements, claims, &mut self.unnamed);
        self.unnamed.resolve(&text, reading, tags, |claim, meant| match meant {
            Meant::Subject(name) => claims[claim].subject_name = Some(Str::new(&text[name])),
            Meant::Source(name, kind) => {
                claims[claim].source_name = Some(Str::new(&text[name]));
                claims[claim].source_kind = statement::kind_of_named(claims[claim].source_kind, kind);
            }
        });
        let claims = &mut claims[before..];
        statement::tell_parents(claims);
        claims.sort_by_key(|claim| claim.char_start);
        self.tokens += reading.tokens().len() as u64;
        document.sentences = reading.sentences().len() as u32;
        Ok(())
    }

    /// Reads the paragraphs of a document into sentences, and tags their words unless there are too many.
    fn read(&mut self, document: &Document, blocks: &[Block]) -> Text {
        let text = document.text.as_str();
        let offsets = Offsets::new(text);
        let Text { mut reading, mut paragraphs, mut tags } = Text::default();
        let mut paragraph = |bytes: Range<usize>, running: bool| {
            reading.read(text, bytes);
            paragraphs.push((reading.sentences().len(), running));
        };
        let mut any = false;
        for block in blocks.iter().filter(|block| block.kept) {
            if let (Some(start), Some(end)) = (block.char_start, block.char_end) {
                let running = !matches!(block.block_kind, BlockKind::Title | BlockKind::Heading);
                paragraph(offsets.bytes(Span::new(start, end)), running);
                any = true;
            }
        }
        if !any {
            claimline_stage::paragraphs(text).for_each(|bytes| paragraph(bytes, true));
        }
        if reading.sentences().len() <= self.options.max_sentences as usize {
            tags.reserve(reading.tokens().len());
            for sentence in reading.sentences() {
                let words = Cursor::new(text, &reading.tokens()[sentence.tokens.clone()]);
                self.syntactician.tag(&words, &mut tags);
            }
        }
        Text { reading, paragraphs, tags }
    }

    /// Finds the paragraphs and the quotations of a document. A block may have several of them, as newswire
    /// has that begins one with four blanks.
    fn find_quotes(&mut self, text: &str, reading: &Reading) {
        self.quotes.clear();
        self.parts.clear();
        let sentences = reading.sentences();
        let parted = |pair: &[Sentence]| {
            let gap = &text[pair[0].bytes.end..pair[1].bytes.start];
            gap.matches('\n').count() > 1 || gap.contains("\n    ")
        };
        let ends = sentences.windows(2).filter(|pair| parted(pair)).map(|pair| pair[0].tokens.end);
        let mut start = 0;
        for end in ends.chain(sentences.last().map(|last| last.tokens.end)) {
            statement::quotes(text, reading.tokens(), start..end, &mut self.quotes);
            self.parts.push(start..end);
            start = end;
        }
    }

    fn sentence(
        &mut self,
        cursor: Cursor<'_>,
        rows: &RowMaker<'_>,
        read: &Read<'_>,
        mentions: &mut Vec<Mention>,
        claims: &mut Vec<Claim>,
    ) {
        self.times.clear();
        time::find(cursor, &mut self.times);
        self.taken.clear();
        self.taken.resize(cursor.tokens().len(), false);
        for time in self.times.iter().filter(|time| time.is_no_amount()) {
            self.taken[time.tokens.clone()].fill(true);
        }
        self.amounts.clear();
        amounts(cursor, &self.taken, &mut self.amounts);
        let before = mentions.len();
        mentions.extend(self.times.iter().map(|time| rows.time(&cursor, time)));
        let claimed = read.running && self.amounts.iter().any(|amount| is_claimed(amount, &cursor));
        let outlook = if read.running { statement::outlook(&cursor, read.tags) } else { Outlook::Nothing };
        let syntax = match outlook {
            Outlook::Plain if !claimed => Syntax::Chunks,
            _ => self.options.syntax,
        };
        let states = outlook != Outlook::Nothing;
        let tree = (claimed || states).then(|| self.syntactician.tree(&cursor, read.tags, syntax)).flatten();
        if let Some(tree) = tree.filter(|_| states) {
            let first = rows.sentence.tokens.start;
            let part = self.parts.partition_point(|part| part.end <= first);
            let finder = Finder {
                words: cursor,
                tree,
                flat: syntax == Syntax::Chunks,
                first,
                quotes: &self.quotes,
                behind: read.behind,
                paragraph: &self.parts[part],
            };
            finder.find(&mut self.statements);
        }
        let sentence = tree.filter(|_| claimed).map(|tree| claim::Sentence {
            words: cursor,
            tree,
            amounts: &self.amounts,
            times: &self.times,
        });
        self.datings.clear();
        if let Some(sentence) = sentence {
            sentence.datings(&mut self.datings);
        }
        // One copy of the sentence for all its claims.
        let mut words: Option<Str> = None;
        self.claimed.clear();
        self.claimed.resize(self.amounts.len(), None);
        for (which, amount) in self.amounts.iter().enumerate() {
            let mut mention = rows.mention(&cursor, amount);
            if let Some(sentence) = sentence.filter(|_| is_claimed(amount, &cursor))
                && let Some(clause) = sentence.asserted(which)
            {
                let words = words.get_or_insert_with(|| Str::new(&rows.text[rows.sentence.bytes.clone()]));
                // `6 ft 2 in` are two mentions and one claim.
                let whole = with_rests(&self.amounts, which).map(|whole| {
                    let words =
                        Mention { mention_id: mention.mention_id.clone(), ..rows.mention(&cursor, &whole) };
                    (whole, words)
                });
                let (told, mentioned) =
                    whole.as_ref().map_or((amount, &mention), |(told, words)| (told, words));
                let mut claim = rows.claim(&cursor, told, &clause, mentioned, words.clone());
                if let Some(time) = sentence.when(which, &clause, &self.datings) {
                    tell_time(&mut claim, Told::of(&mentions[before + time]));
                } else if let Some(told) = self.told.as_ref().filter(|_| sentence.may_inherit(which, &clause))
                {
                    tell_time(&mut claim, told.clone());
                    claim.time_basis = Some(TimeBasis::Inherited);
                }
                if let Some(subject) = clause.subject.as_ref().and_then(|subject| sentence.unnamed(subject)) {
                    let first = rows.sentence.tokens.start;
                    self.unnamed.push(claims.len(), first + subject.start..first + subject.end);
                }
                mention.claim_id = Some(claim.claim_id.clone());
                self.claimed[which] = Some(claims.len());
                claims.push(claim);
            }
            // A length of time is one mention, as an amount and as a time, unless it has several amounts:
            // `two years and six months`.
            let same = self.times.iter().position(|time| time.is_same_length(amount));
            let alone = |time: &usize| {
                let time = &self.times[*time];
                self.amounts.iter().filter(|other| time.is_same_length(other)).count() == 1
            };
            match same.filter(alone) {
                Some(time) => {
                    let time = &mut mentions[before + time];
                    mention.expr = time.expr.take();
                    mention.tense = time.tense;
                    *time = mention;
                }
                None => mentions.push(mention),
            }
        }
        let told = match sentence {
            Some(sentence) => sentence.told(&self.datings),
            None => time::only(&self.times),
        };
        if let Some(time) = told {
            self.told = Some(Told::of(&mentions[before + time]));
        }
        mentions[before..].sort_by_key(|mention| mention.char_start);
        self.link(claims);
    }

    /// Tells the claims of a sentence which of them restates which, and which are of one change.
    fn link(&self, claims: &mut [Claim]) {
        let id =
            |claims: &[Claim], which: usize| self.claimed[which].map(|claim| claims[claim].claim_id.clone());
        for (amount, claim) in self.amounts.iter().zip(&self.claimed) {
            let Some(claim) = *claim else { continue };
            let first = |group| {
                let of_it = (group..self.amounts.len()).filter(|at| self.amounts[*at].group == Some(group));
                of_it.filter_map(|at| id(claims, at)).next()
            };
            let group = amount.group.and_then(first);
            claims[claim].same_as = amount.same_as.and_then(|which| id(claims, which));
            claims[claim].change_group = group;
        }
    }
}

/// A document as it was read.
#[derive(Debug, Default)]
struct Text {
    reading: Reading,
    /// Where each paragraph's sentences end, and whether they may claim anything.
    paragraphs: Vec<(usize, bool)>,
    /// The tags of its tokens.
    tags: Vec<Tag>,
}

/// What is known of a sentence besides its words.
struct Read<'a> {
    tags: &'a [Tag],
    /// The sentences behind it.
    behind: &'a [Sentence],
    /// Whether it is running text.
    running: bool,
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use claimline_model::Decimal;

    use super::*;

    /// The mentions of a text, by their words and what they are told in, and its claims.
    fn found(text: &str) -> (Vec<(String, Option<String>)>, Vec<Claim>) {
        let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
        let mut batch = Batch { documents: vec![document].into(), ..Batch::default() };
        Extract::default().process(&mut batch).unwrap();
        let told =
            |m: &Mention| (m.text.to_string(), m.expr.as_ref().or(m.unit.as_ref()).map(ToString::to_string));
        (batch.mentions.iter().map(told).collect(), batch.claims.iter().cloned().collect())
    }

    #[test]
    fn what_is_told_in_two_units_is_one_claim() {
        let (mentions, claims) = found("He served two years and six months.");
        let told = |text: &str, of: &str| (text.to_owned(), Some(of.to_owned()));
        let whole = told("two years and six months", "P2Y6M");
        assert_eq!(mentions, [whole, told("two years", "year"), told("six months", "month")]);
        let [claim] = &claims[..] else { panic!("{claims:?}") };
        assert_eq!(claim.amount_text.as_deref(), Some("two years and six months"));
        assert_eq!((claim.value, claim.unit.as_deref()), (Some(30.into()), Some("month")));

        let (_, claims) = found("He is 6 ft 2 in (1.88 m) tall.");
        let told: Vec<_> =
            claims.iter().map(|c| (c.amount_text.as_deref().unwrap(), c.value.unwrap())).collect();
        assert_eq!(told, [("6 ft 2 in", 74.into()), ("1.88 m", Decimal::new(188, 2))]);
        assert_eq!(claims[1].same_as.as_ref(), Some(&claims[0].claim_id));
    }

    thread_local! {
        /// How many times the clock of these tests was looked at.
        static LOOKS: Cell<u64> = const { Cell::new(0) };
    }

    /// A clock on which ten seconds pass from look to look.
    fn racing() -> Instant {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        let looks = LOOKS.replace(LOOKS.get() + 1);
        *START.get_or_init(Instant::now) + Duration::from_secs(10 * looks)
    }

    #[test]
    fn a_document_that_takes_too_long_is_a_problem_and_costs_no_other() {
        let document =
            |id: &str, text: String| Document { doc_id: id.into(), text: text.into(), ..Document::default() };
        let sentence = "Trade fell by 2%. ";
        let mut batch = Batch {
            documents: vec![
                document("short", sentence.repeat(2)),
                document("long", sentence.repeat(9)),
                document("last", sentence.repeat(5)),
            ]
            .into(),
            ..Batch::default()
        };
        let options = ExtractOptions { max_seconds: 60, ..ExtractOptions::default() };
        let mut stage = Extract { options, clock: Clock(racing), ..Extract::default() };
        stage.process(&mut batch).unwrap();

        let left: Vec<_> = batch.documents.iter().map(|document| document.doc_id.as_str()).collect();
        assert_eq!(left, ["short", "last"]);
        assert_eq!((batch.mentions.len(), batch.claims.len()), (7, 7));
        assert!(batch.claims.iter().all(|claim| claim.doc_id != "long"));
        let [problem] = &batch.problems[..] else { panic!("{:?}", batch.problems) };
        assert_eq!((problem.code.as_str(), problem.severity), ("took_too_long", Severity::Error));
        assert_eq!(problem.doc_id.as_deref(), Some("long"));
        assert!(problem.message.contains("`max_seconds`, for 5 of 9 sentences"), "{}", problem.message);
    }
}
