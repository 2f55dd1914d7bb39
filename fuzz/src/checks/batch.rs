//! What holds in every batch: offsets, words, ids, numbers.

use std::collections::{HashMap, HashSet};

use claimline_model::{Claim, ClaimKind, Document, Offsets, Span, Spans, Str, TimeBasis};
use claimline_stage::Batch;
use claimline_stage::tables::{OfDocument, Rows, from_arrow, json, to_arrow, to_float};

/// Panics unless ids are unique, every row stands with its document, every place lies in the text, what is
/// told of a mention or a sentence stands there, and the tables go to Arrow and back as they are.
pub(super) fn holds(batch: &Batch) {
    let documents: HashMap<&Str, Offsets<'_>> =
        batch.documents.iter().map(|document| (&document.doc_id, Offsets::new(&document.text))).collect();
    for document in batch.documents.iter() {
        assert_eq!(document.chars as usize, document.text.chars().count(), "chars of {}", document.doc_id);
    }
    rows(&batch.documents, &batch.documents);
    rows(&batch.blocks, &batch.documents);
    rows(&batch.mentions, &batch.documents);
    rows(&batch.claims, &batch.documents);
    let text = |id: &Str| &batch.documents.iter().find(|document| document.doc_id == *id).unwrap().text;
    let words = |id: &Str, span: Span| {
        assert!(span.start <= span.end && documents[id].byte(span.end) <= text(id).len(), "{span} of {id}");
        let words = &text(id)[documents[id].bytes(span)];
        assert_eq!(words.chars().count(), (span.end - span.start) as usize, "{span} leaves the text of {id}");
        words
    };
    for block in batch.blocks.iter() {
        assert_eq!(block.char_start.is_some(), block.char_end.is_some(), "{block:?}");
        if let (Some(start), Some(end)) = (block.char_start, block.char_end) {
            words(&block.doc_id, Span::new(start, end));
        }
    }
    for mention in batch.mentions.iter() {
        let there = words(&mention.doc_id, Span::new(mention.char_start, mention.char_end));
        assert_eq!(there, mention.text, "{mention:?}");
        let days = mention.time_start.zip(mention.time_end);
        assert!(days.is_none_or(|(start, end)| start <= end), "{mention:?}");
        [mention.value, mention.value_high]
            .into_iter()
            .flatten()
            .for_each(|d| assert!(to_float(d).is_finite()));
    }
    for claim in batch.claims.iter() {
        assert_eq!(words(&claim.doc_id, Span::new(claim.char_start, claim.char_end)), claim.sentence);
        for (spans, _) in parts(claim) {
            spans
                .iter()
                .for_each(|span| assert!(words(&claim.doc_id, span).len() <= text(&claim.doc_id).len()));
        }
    }
}

/// Panics unless a batch that our own stages made holds, and all its rows say what stands where they point,
/// and point at rows that are there.
pub(super) fn own_holds(batch: &Batch) {
    holds(batch);
    let mentions: HashSet<&Str> = batch.mentions.iter().map(|mention| &mention.mention_id).collect();
    let claims: HashSet<&Str> = batch.claims.iter().map(|claim| &claim.claim_id).collect();
    for (document, run) in batch.documents.iter().zip(batch.blocks.runs(&batch.documents)) {
        let offsets = Offsets::new(&document.text);
        for block in batch.blocks[run].iter().filter(|block| block.kept) {
            let span = Span::new(block.char_start.unwrap(), block.char_end.unwrap());
            assert_eq!(document.text[offsets.bytes(span)], *block.text);
        }
    }
    for mention in batch.mentions.iter() {
        assert!(!mention.text.is_empty() && !mention.rule.is_empty(), "{mention:?}");
        assert!(mention.claim_id.as_ref().is_none_or(|id| claims.contains(id)), "{mention:?}");
    }
    for (document, run) in batch.documents.iter().zip(batch.claims.runs(&batch.documents)) {
        let offsets = Offsets::new(&document.text);
        for claim in &batch.claims[run] {
            for (spans, words) in parts(claim) {
                let there: Vec<&str> = spans.iter().map(|span| &document.text[offsets.bytes(span)]).collect();
                assert_eq!(there.is_empty(), words.is_none(), "{claim:?}");
                // Words apart are joined as they read best.
                if let ([one], Some(words)) = (&there[..], words) {
                    assert_eq!(one, words, "{claim:?}");
                }
                // An inherited time stands in a sentence before.
                let before = claim.time_basis == Some(TimeBasis::Inherited) && spans == &claim.time_spans;
                // A quotation, and nothing else, goes on in the sentences behind: `"It fell," she said. "We wait."`
                let said = claim.kind == ClaimKind::Statement && spans == &claim.content_spans;
                let goes_on = |span: Span| {
                    said && document.text[offsets.bytes(span)].contains(['"', '\'', '“', '‘', '«', '„'])
                };
                let fits = |span: Span| match before {
                    true => span.end <= claim.char_start,
                    false => claim.char_start <= span.start && (span.end <= claim.char_end || goes_on(span)),
                };
                assert!(spans.iter().all(fits), "{claim:?}");
            }
            let points = [&claim.amount_mention, &claim.time_mention];
            assert!(points.into_iter().flatten().all(|id| mentions.contains(id)), "{claim:?}");
        }
    }
}

/// The parts of a claim that its words are told of with their place.
fn parts(claim: &Claim) -> [(&Spans, Option<&Str>); 6] {
    [
        (&claim.content_spans, claim.content.as_ref()),
        (&claim.subject_spans, claim.subject.as_ref()),
        (&claim.predicate_spans, claim.predicate.as_ref()),
        (&claim.object_spans, claim.object.as_ref()),
        (&claim.amount_spans, claim.amount_text.as_ref()),
        (&claim.time_spans, claim.time_text.as_ref()),
    ]
}

fn rows<R: OfDocument + Clone + PartialEq + std::fmt::Debug>(rows: &Rows<R>, documents: &[Document]) {
    let mut keys = HashSet::new();
    rows.iter().for_each(|row| assert!(keys.insert(row.key()), "{} has {row:?} twice", R::TABLE));
    let belonging: usize = rows.runs(documents).iter().map(|run| run.len()).sum();
    assert_eq!(belonging, rows.len(), "rows of {} stand apart from their document's others", R::TABLE);
    let table = to_arrow(rows).unwrap();
    assert_eq!(from_arrow::<R>(&table).unwrap(), *rows);
    let mut line = Vec::new();
    for row in 0..rows.len() {
        line.clear();
        json::write_row(&table, row, &mut line).unwrap();
        serde_json::from_slice::<serde_json::Value>(&line).unwrap();
    }
}
