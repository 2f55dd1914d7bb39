//! Decides which blocks of a document are the article, and tidies its text: what is read afterwards
//! should be what the author wrote, and every offset counts in it.

mod dedupe;
mod furniture;
mod page;
mod sketch;
mod tidy;

use claimline_model::{Block, BlockKind, Document, Offsets, Problem, PublishedBasis, Severity, Str};
use claimline_stage::{Batch, Declared, Order, Registration, Stage, StageError, TextUse, paragraphs};
use schemars::JsonSchema;
use serde::Deserialize;

pub use dedupe::Options as DedupeOptions;
pub use furniture::Reason;
use furniture::{Candidate, Judge};
use page::Page;
pub use tidy::tidy;

/// Keeps the article's paragraphs, lists, tables and quotations, and drops what stands around them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Kinds of furniture to keep as text all the same.
    #[serde(default)]
    pub keep: Vec<Reason>,
}

/// The stages of this crate.
pub fn registrations() -> Vec<Registration> {
    vec![
        Registration::stage(
            "clean",
            "Drops headings, teasers, captions and other furniture, and tidies the text.",
            "- clean: { keep: [heading] }",
            Order::Parallel,
            |options: Options, _| Ok(Clean { keep: options.keep, judge: Judge::default() }),
        )
        .declaring(|_: Options, _| Ok(Declared { text: TextUse::Changes, ..Declared::default() })),
        dedupe::registration(),
    ]
}

/// The stage `clean`.
#[derive(Clone)]
struct Clean {
    keep: Vec<Reason>,
    judge: Judge,
}

impl Stage for Clean {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let runs = batch.blocks.runs(&batch.documents);
        let mut blocks = Vec::with_capacity(batch.blocks.len());
        let mut failures = Vec::new();
        for (i, (document, run)) in batch.documents.iter_mut().zip(runs).enumerate() {
            if document.duplicate_of.is_some() {
                continue;
            }
            let first = blocks.len();
            if !run.is_empty() {
                blocks.extend(batch.blocks[run].iter().cloned());
            } else if MARKUP.contains(&&*document.media_type) {
                match page::read(&document.text, document.url.as_deref()) {
                    Ok(page) => blocks.extend(take_in(page, document)),
                    Err((code, message)) => {
                        failures.push((i, document.problem("clean", Severity::Error, code, &message)));
                        continue;
                    }
                }
            } else {
                blocks.extend(paragraph_blocks(document));
            }
            let own = &mut blocks[first..];
            self.clean(document, own);
            if !own.is_empty() && own.iter().all(|block| !block.kept) {
                batch.problems.push(nothing_kept(document));
            }
        }
        batch.blocks = blocks.into();
        batch.fail(failures);
        Ok(())
    }
}

impl Clean {
    fn clean(&mut self, document: &mut Document, blocks: &mut [Block]) {
        for block in blocks.iter_mut() {
            if let std::borrow::Cow::Owned(text) = tidy(&block.text) {
                block.text = text.into();
            }
        }
        let kept = blocks.iter().filter(|block| block.kept);
        let candidates: Vec<_> =
            kept.map(|block| Candidate { kind: block.block_kind, text: &block.text }).collect();
        let marked = MARKUP.contains(&&*document.media_type) || *document.media_type == *STYLED;
        let mut verdicts = self.judge.judge(&candidates, document.title.as_deref(), marked).into_iter();

        let mut text = String::with_capacity(blocks.iter().map(|block| block.text.len() + 2).sum());
        let mut points = 0;
        let mut begun = false;
        for block in blocks.iter_mut() {
            // What a stage before this one dropped stays dropped, for that stage's reason.
            if let Some(reason) = block.kept.then(|| verdicts.next()).flatten().flatten() {
                block.block_kind = reason.block_kind();
                if reason == Reason::Title && document.title.is_none() {
                    document.title = Some(block.text.clone());
                }
                if !self.keep.contains(&reason) {
                    block.kept = false;
                    block.reason = Some(Str::new_static(reason.as_str()));
                }
            }
            (block.char_start, block.char_end) = (None, None);
            if block.kept {
                if std::mem::replace(&mut begun, true) {
                    text.push_str("\n\n");
                    points += 2;
                }
                block.char_start = Some(points);
                points += Offsets::new(&block.text).point(block.text.len());
                block.char_end = Some(points);
                text.push_str(&block.text);
            }
        }
        document.text = text.into();
        document.chars = points;
    }
}

/// The media types of web pages, whose text is markup until their blocks are made.
const MARKUP: &[&str] = &["text/html", "application/xhtml+xml"];

/// The media type of documents whose headings are marked as on a page.
const STYLED: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The blocks of a page, whose document learns what the page says of itself. What is known of it already
/// stays, but for the publication day that its mail or the pipeline's options gave it for want of a better.
fn take_in(page: Page, document: &mut Document) -> Vec<Block> {
    let Page { title, author, publisher, published, language, url, blocks } = page;
    let fields = [
        (&mut document.title, title),
        (&mut document.author, author),
        (&mut document.publisher, publisher),
        (&mut document.language, language),
        (&mut document.url, url),
    ];
    for (field, said) in fields {
        if let (None, Some(said)) = (&field, said) {
            *field = Some(said.into());
        }
    }
    let (date, basis) = published.map_or((None, PublishedBasis::None), |(date, basis)| (Some(date), basis));
    use PublishedBasis::{Mail, None as Unknown, Option as Given};
    let guess = matches!(document.published_basis, Unknown | Mail | Given);
    if guess && date.is_some() {
        (document.published, document.published_basis) = (date, basis);
    }
    let block = |(ordinal, (kind, text)): (usize, (BlockKind, String))| block(document, ordinal, kind, &text);
    blocks.into_iter().enumerate().map(block).collect()
}

/// The paragraphs of a document that came without blocks.
fn paragraph_blocks(document: &Document) -> impl Iterator<Item = Block> + '_ {
    paragraphs(&document.text)
        .enumerate()
        .map(|(ordinal, range)| block(document, ordinal, BlockKind::Paragraph, &document.text[range]))
}

fn block(document: &Document, ordinal: usize, block_kind: BlockKind, text: &str) -> Block {
    Block {
        doc_id: document.doc_id.clone(),
        ordinal: ordinal as u32,
        block_kind,
        text: Str::new(text),
        kept: true,
        ..Block::default()
    }
}

fn nothing_kept(document: &Document) -> Problem {
    let message = "every block is furniture, so the document has no text; `keep` can change that";
    document.problem("clean", Severity::Warning, "nothing_kept", message)
}
