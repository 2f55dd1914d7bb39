//! What crosses between two stages.

use std::ops::Range;

use claimline_model::{Block, Claim, Document, Mention, Problem, Record, Str};

use crate::Rows;

/// Documents on their way through the stages, with all that is known of them.
///
/// The rows of `blocks`, `mentions` and `claims` stand in the order of `documents`, those of one
/// document together: [`Rows::runs`] finds them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The documents, in the order in which they were read.
    pub documents: Rows<Document>,
    /// Their blocks.
    pub blocks: Rows<Block>,
    /// Their mentions.
    pub mentions: Rows<Mention>,
    /// Their claims.
    pub claims: Rows<Claim>,
    /// What went wrong so far, documents that are no longer here included.
    pub problems: Vec<Problem>,
}

impl Batch {
    /// Takes documents out, each with the one error that says why.
    pub fn fail(&mut self, failures: Vec<(usize, Problem)>) {
        if failures.is_empty() {
            return;
        }
        let mut keep = vec![true; self.documents.len()];
        for (document, problem) in failures {
            if std::mem::take(&mut keep[document]) {
                self.problems.push(problem);
            }
        }
        self.retain(&keep);
    }

    /// Keeps the documents whose place in `keep` is true, and what belongs to them.
    pub fn retain(&mut self, keep: &[bool]) {
        self.retain_rows(keep);
        let indices: Vec<u32> = (0..keep.len() as u32).filter(|i| keep[*i as usize]).collect();
        self.documents.take(&indices);
    }

    /// Keeps all documents, but only what belongs to those whose place in `keep` is true.
    pub fn retain_rows(&mut self, keep: &[bool]) {
        fn of<R: OfDocument>(rows: &mut Rows<R>, documents: &[Document], keep: &[bool]) {
            let runs = rows.runs(documents).into_iter().zip(keep).filter(|(_, keep)| **keep);
            let indices: Vec<u32> = runs.flat_map(|(run, _)| run).map(|i| i as u32).collect();
            rows.take(&indices);
        }
        of(&mut self.blocks, &self.documents, keep);
        of(&mut self.mentions, &self.documents, keep);
        of(&mut self.claims, &self.documents, keep);
    }

    /// Takes the documents from `at` on out into a batch of their own, and what belongs to them; the
    /// problems stay.
    pub fn split_off(&mut self, at: usize) -> Batch {
        fn cut<R: OfDocument>(rows: &mut Rows<R>, documents: &[Document], at: usize) -> Rows<R> {
            let runs = rows.runs(documents);
            rows.split_off(runs.get(at).map_or(rows.len(), |run| run.start))
        }
        Batch {
            blocks: cut(&mut self.blocks, &self.documents, at),
            mentions: cut(&mut self.mentions, &self.documents, at),
            claims: cut(&mut self.claims, &self.documents, at),
            documents: self.documents.split_off(at),
            problems: Vec::new(),
        }
    }

    /// Tells each document how many claims it has.
    pub fn count_claims(&mut self) {
        let runs = self.claims.runs(&self.documents);
        for (document, claims) in self.documents.iter_mut().zip(runs) {
            document.claims = claims.len() as u32;
        }
    }

    /// Adds the rows of `other` behind these.
    pub fn append(&mut self, other: Batch) {
        self.documents.append(other.documents);
        self.blocks.append(other.blocks);
        self.mentions.append(other.mentions);
        self.claims.append(other.claims);
        self.problems.extend(other.problems);
    }
}

/// A row that belongs to a document.
pub trait OfDocument: Record {
    /// The columns that tell it from all other rows of a batch.
    const KEY: &'static [&'static str];

    /// The `doc_id` of that document.
    fn doc_id(&self) -> &Str;

    /// The cells of [`OfDocument::KEY`]; where one column is enough, the number is 0.
    fn key(&self) -> (&Str, u32);
}

macro_rules! of_document {
    ($($row:ty: $key:expr, |$of:ident| $cells:expr;)+) => { $(impl OfDocument for $row {
        const KEY: &'static [&'static str] = &$key;

        fn doc_id(&self) -> &Str {
            &self.doc_id
        }

        fn key(&self) -> (&Str, u32) {
            let $of = self;
            $cells
        }
    })+ };
}
of_document! {
    Document: ["doc_id"], |row| (&row.doc_id, 0);
    Block: ["doc_id", "ordinal"], |row| (&row.doc_id, row.ordinal);
    Mention: ["mention_id"], |row| (&row.mention_id, 0);
    Claim: ["claim_id"], |row| (&row.claim_id, 0);
}

impl<R: OfDocument> Rows<R> {
    /// The places of each document's rows, a range a document.
    pub fn runs(&self, documents: &[Document]) -> Vec<Range<usize>> {
        let mut at = 0;
        let mut run = |document: &Document| {
            let start = at;
            at += self[start..].iter().take_while(|row| *row.doc_id() == document.doc_id).count();
            start..at
        };
        documents.iter().map(&mut run).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_document_leaves_its_problem_and_nothing_else() {
        let document = |id: &str| Document { doc_id: id.into(), ..Document::default() };
        let claim = |id: &str| Claim { doc_id: id.into(), ..Claim::default() };
        let mut batch = Batch {
            documents: vec![document("a"), document("b"), document("c")].into(),
            claims: vec![claim("a"), claim("b"), claim("b"), claim("c")].into(),
            ..Batch::default()
        };
        batch.fail(vec![(1, Problem { code: "bad".into(), ..Problem::default() })]);
        let left: Vec<_> = batch.documents.iter().map(|d| d.doc_id.as_str()).collect();
        assert_eq!(left, ["a", "c"]);
        assert_eq!(batch.claims.runs(&batch.documents), [0..1, 1..2]);
        assert_eq!(batch.problems.len(), 1);
    }

    #[test]
    fn a_batch_is_cut_between_documents() {
        let document = |id: &str| Document { doc_id: id.into(), ..Document::default() };
        let claim = |id: &str| Claim { doc_id: id.into(), ..Claim::default() };
        let whole = Batch {
            documents: vec![document("a"), document("b"), document("c")].into(),
            claims: vec![claim("a"), claim("c"), claim("c")].into(),
            ..Batch::default()
        };
        for at in 0..=3 {
            let mut head = whole.clone();
            let tail = head.split_off(at);
            assert_eq!((head.documents.len(), tail.documents.len()), (at, 3 - at));
            assert_eq!(head.claims.len(), usize::from(at > 0) + 2 * usize::from(at > 2));
            head.append(tail);
            assert_eq!(head, whole);
        }
    }
}
