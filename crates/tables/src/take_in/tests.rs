use std::sync::Arc;

use arrow_array::{
    DictionaryArray, Float32Array, Float64Array, Int32Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray,
};
use arrow_array::{types::Int8Type, types::UInt32Type};
use arrow_select::take::take_record_batch;
use claimline_model::{ColumnType, Decimal, Polarity};

use super::*;
use crate::{Lens, Reads};

/// Two documents; the first has two claims and a mention, the second one claim.
fn batch() -> Batch {
    let document = |id: &str, text: &str| Document {
        doc_id: id.into(),
        text: text.into(),
        chars: text.chars().count() as u32,
        ..Document::default()
    };
    let claim = |doc: &str, id: &str, sentence: &str, value: &str| Claim {
        doc_id: doc.into(),
        claim_id: id.into(),
        sentence: sentence.into(),
        char_end: sentence.chars().count() as u32,
        value: Some(value.parse().unwrap()),
        polarity: Polarity::Negated,
        ..Claim::default()
    };
    Batch {
        documents: vec![document("a", "naïve – yes"), document("b", "plain")].into(),
        mentions: vec![Mention {
            doc_id: "a".into(),
            mention_id: "m1".into(),
            claim_id: Some("c2".into()),
            text: "yes".into(),
            char_start: 8,
            char_end: 11,
            ..Mention::default()
        }]
        .into(),
        claims: vec![
            claim("a", "c1", "naïve", "0.1"),
            // More digits than a float holds.
            claim("a", "c2", "naïve – yes", "12345678901234567890.5"),
            claim("b", "c3", "plain", "3"),
        ]
        .into(),
        ..Batch::default()
    }
}

fn adds() -> AddedColumns {
    AddedColumns::default().document("tone", ColumnType::Decimal, "The tone.").claim(
        "region",
        ColumnType::Text,
        "The region.",
    )
}

fn sent(batch: &Batch, reads: &Reads) -> Tables {
    Lens::new(reads, &AddedColumns::of_batch(batch)).unwrap().tables(batch).unwrap()
}

/// Takes in `returned` for what `reads` was sent: the batch after it, and who leaves with which code.
fn after(reads: &Reads, returned: Tables) -> Result<(Batch, Vec<(usize, Str)>), String> {
    let mut batch = batch();
    let sent = sent(&batch, reads);
    let adds = adds();
    let terms = Terms { stage: "test", adds: &adds, changes_text: false };
    let before = batch.clone();
    match batch.take_in(&sent, returned, terms) {
        Ok(leaving) => Ok((batch, leaving.into_iter().map(|(i, problem)| (i, problem.code)).collect())),
        Err(message) => {
            assert_eq!(batch, before, "a refused batch is as it was");
            Err(message)
        }
    }
}

fn table(columns: Vec<(&str, ArrayRef)>) -> Option<RecordBatch> {
    Some(RecordBatch::try_from_iter(columns).unwrap())
}

fn texts(cells: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn all_texts(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn claims(columns: Vec<(&str, ArrayRef)>) -> Tables {
    Tables { claims: table(columns), ..Tables::default() }
}

#[test]
fn tables_that_come_back_as_they_went_change_nothing() {
    let sent = sent(&batch(), &Reads::all());
    let all = UInt32Array::from(vec![0, 1, 2]);
    let copied = Tables {
        claims: sent.claims.as_ref().map(|claims| take_record_batch(claims, &all).unwrap()),
        ..sent.clone()
    };
    for returned in [Tables::default(), sent, copied] {
        let (after, leaving) = after(&Reads::all(), returned).unwrap();
        assert_eq!((after, leaving), (batch(), Vec::new()));
    }
}

#[test]
fn a_column_alone_is_in_the_order_of_the_rows() {
    let reads = Reads::default().claims(&["sentence"]);
    let regions = [None, Some("north"), Some("south")];
    let (after, _) = after(&reads, claims(vec![("region", texts(&regions))])).unwrap();
    let added = after.claims.added();
    assert_eq!(added[0].0.metadata().get("description").map(String::as_str), Some("The region."));
    assert_eq!(added[0].1.as_ref(), texts(&regions).as_ref());
    assert_eq!(after.claims[..], batch().claims[..]);
}

#[test]
fn rows_are_told_by_their_ids_in_any_order() {
    let returned = claims(vec![
        ("claim_id", all_texts(&["c3", "c1"])),
        ("doc_id", all_texts(&["b", "a"])),
        ("region", texts(&[Some("south"), None])),
        ("hedge", texts(&[Some("perhaps"), None])),
    ]);
    let (after, leaving) = after(&Reads::all(), returned).unwrap();
    let claims: Vec<_> = after.claims.iter().map(|c| (c.claim_id.as_str(), c.hedge.as_deref())).collect();
    assert_eq!(claims, [("c1", None), ("c3", Some("perhaps"))]);
    assert_eq!(after.claims.added()[0].1.as_ref(), texts(&[None, Some("south")]).as_ref());
    assert_eq!(after.claims[1].value, batch().claims[2].value);
    assert_eq!(after.mentions[0].claim_id, None, "it pointed at the claim that is gone");
    assert!(leaving.is_empty());
}

#[test]
fn a_new_row_gets_what_the_document_tells() {
    let returned = claims(vec![
        ("claim_id", texts(&[Some("c1"), Some("c2"), None, Some("c3")])),
        ("doc_id", all_texts(&["a", "a", "a", "b"])),
        ("char_start", Arc::new(Int32Array::from(vec![0, 0, 8, 0]))),
        ("char_end", Arc::new(Int32Array::from(vec![5, 11, 11, 5]))),
    ]);
    let (after, _) = after(&Reads::all(), returned).unwrap();
    let new = &after.claims[2];
    assert_eq!((new.doc_id.as_str(), new.sentence.as_str(), new.rule.as_str()), ("a", "yes", "test"));
    assert_eq!(new.claim_id, new.made_id());
    assert_eq!(after.claims.len(), 4);
    assert_eq!(after.claims[1].value, batch().claims[1].value, "a column that is missing is unchanged");
}

#[test]
fn a_null_empties_what_was_seen_and_leaves_the_rest() {
    let nulls = || texts(&[None, None, None]);
    let key = || ("claim_id", all_texts(&["c1", "c2", "c3"]));
    let empty = || ("value", Arc::new(Float64Array::from(vec![None::<f64>; 3])) as ArrayRef);
    let returned = claims(vec![key(), empty(), ("polarity", nulls())]);
    let (seen, _) = after(&Reads::all(), returned.clone()).unwrap();
    assert!(seen.claims.iter().all(|claim| claim.value.is_none() && claim.polarity == Polarity::Negated));
    let (unseen, _) = after(&Reads::default().claims(&["sentence"]), returned).unwrap();
    assert_eq!(unseen.claims[..], batch().claims[..]);
}

#[test]
fn a_decimal_keeps_the_digits_that_a_float_has_not() {
    let value = |cells: Vec<f64>| claims(vec![("value", Arc::new(Float64Array::from(cells)) as ArrayRef)]);
    let reads = Reads::default().claims(&["value"]);
    let (after, _) = after(&reads, value(vec![0.2, 12345678901234567890.5, 3.0])).unwrap();
    let values: Vec<_> = after.claims.iter().map(|claim| claim.value.unwrap().to_string()).collect();
    assert_eq!(values, ["0.2", "12345678901234567890.5", "3"]);
    assert_eq!(after.claims[0].value, Some(Decimal::new(2, 1)));
}

#[test]
fn strings_and_numbers_of_other_libraries_are_cast() {
    let regions = ["north", "north", "south"];
    let dictionary: DictionaryArray<Int8Type> = regions.into_iter().collect();
    let wide: DictionaryArray<UInt32Type> = regions.into_iter().collect();
    let kinds: Vec<ArrayRef> = vec![
        Arc::new(LargeStringArray::from(regions.to_vec())),
        Arc::new(StringViewArray::from(regions.to_vec())),
        Arc::new(dictionary),
        Arc::new(wide),
    ];
    for kind in kinds {
        let (after, _) = after(&Reads::all(), claims(vec![("region", kind)])).unwrap();
        assert_eq!(after.claims.added()[0].1.as_ref(), all_texts(&regions).as_ref());
    }
    let tone = Tables {
        documents: table(vec![("tone", Arc::new(Float32Array::from(vec![0.5, -1.0])))]),
        ..Tables::default()
    };
    let (after, _) = after(&Reads::all(), tone).unwrap();
    let tones: ArrayRef = Arc::new(Float64Array::from(vec![0.5, -1.0]));
    assert_eq!(after.documents.added()[0].1.as_ref(), tones.as_ref());
}

#[test]
fn a_document_leaves_with_its_problem() {
    let problems = table(vec![
        ("doc_id", texts(&[Some("b"), Some("a"), None])),
        ("severity", all_texts(&["error", "warning", "warning"])),
        ("message", all_texts(&["too plain", "odd", "the model is old"])),
    ]);
    let (after, leaving) = after(&Reads::all(), Tables { problems, ..Tables::default() }).unwrap();
    assert_eq!(leaving, [(1, Str::from("dropped"))]);
    let warnings: Vec<_> =
        after.problems.iter().map(|p| (p.doc_id.as_deref(), p.message.as_str(), p.stage.as_str())).collect();
    assert_eq!(warnings, [(Some("a"), "odd", "test"), (None, "the model is old", "test")]);
}

#[test]
fn a_document_that_is_not_returned_is_dropped() {
    let documents = table(vec![
        ("doc_id", all_texts(&["b"])),
        ("tone", Arc::new(Float64Array::from(vec![0.5]))),
        ("title", all_texts(&["Plain"])),
    ]);
    let (mut after, leaving) = after(&Reads::all(), Tables { documents, ..Tables::default() }).unwrap();
    assert_eq!(leaving, [(0, Str::from("dropped"))]);
    after.fail(vec![(0, Problem::default())]);
    assert_eq!(after.documents[0].title.as_deref(), Some("Plain"));
    let tones: ArrayRef = Arc::new(Float64Array::from(vec![0.5]));
    assert_eq!(after.documents.added()[0].1.as_ref(), tones.as_ref());
}

#[test]
fn what_does_not_fit_is_refused() {
    let ids = || ("claim_id", all_texts(&["c1", "c2", "c3"]));
    let cell = |name, cell| claims(vec![ids(), (name, texts(&[None, Some(cell), None]))]);
    let documents = |columns| Tables { documents: table(columns), ..Tables::default() };
    let number = || Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])) as ArrayRef;
    let cases = [
        (claims(vec![("regoin", all_texts(&["", "", ""]))]), "no column `regoin`"),
        (claims(vec![("regoin", all_texts(&["", "", ""]))]), "is it `region`?"),
        (claims(vec![("region", number())]), "column region of claims must be Utf8, not Float64"),
        (claims(vec![("sentence", number())]), "column sentence of claims must be Utf8, not Float64"),
        (claims(vec![("region", all_texts(&["one"]))]), "claims has 1 rows for 3, and no claim_id"),
        (
            claims(vec![("claim_id", all_texts(&["c1", "c1"])), ("doc_id", all_texts(&["a", "a"]))]),
            "c1 twice",
        ),
        (
            claims(vec![("claim_id", all_texts(&["new"])), ("doc_id", all_texts(&["z"]))]),
            "`z` is no document",
        ),
        (cell("sentence", "other words"), "claims.sentence is not what stands at 0..11 of a"),
        (cell("content_spans", "3..12"), "claims.content_spans says 3..12 of a, whose text has 11"),
        (cell("content_spans", "nonsense"), "a span such as 12..40"),
        (cell("polarity", "maybe"), "affirmed"),
        (documents(vec![("doc_id", all_texts(&["z"]))]), "`z` is no document"),
        (documents(vec![("doc_id", all_texts(&["a", "a"]))]), "documents has a twice"),
        (documents(vec![("source_uri", all_texts(&["x", "y"]))]), "documents.source_uri can't be changed"),
        (documents(vec![("text", all_texts(&["x", "y"]))]), "changes documents.text"),
    ];
    for (returned, words) in cases {
        let message = after(&Reads::all(), returned).unwrap_err();
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn text_may_change_where_the_stage_says_so() {
    let mut batch = Batch { documents: batch().documents, ..Batch::default() };
    let sent = sent(&batch, &Reads::all());
    let adds = AddedColumns::default();
    let returned =
        Tables { documents: table(vec![("text", all_texts(&["ñ", "plain"]))]), ..Tables::default() };
    let terms = Terms { stage: "test", adds: &adds, changes_text: true };
    batch.take_in(&sent, returned, terms).unwrap();
    assert_eq!((batch.documents[0].text.as_str(), batch.documents[0].chars), ("ñ", 1));
}

#[test]
fn a_column_stands_once() {
    let ids = all_texts(&["c1", "c2", "c3"]);
    let twice = claims(vec![("claim_id", ids), ("claim_id", all_texts(&["x", "x", "x"]))]);
    assert_eq!(after(&Reads::all(), twice).unwrap_err(), "claims has the column `claim_id` twice");
}

#[test]
fn a_row_stays_with_its_document() {
    let moved = |columns| after(&Reads::all(), claims(columns)).unwrap_err();
    for message in [
        moved(vec![("doc_id", all_texts(&["a", "b", "b"]))]),
        moved(vec![("claim_id", all_texts(&["c1", "c2", "c3"])), ("doc_id", all_texts(&["a", "b", "b"]))]),
        moved(vec![("claim_id", all_texts(&["c3", "c2"])), ("doc_id", all_texts(&["b", "b"]))]),
    ] {
        assert!(message.contains("can't go to another document"), "{message}");
    }
    let unknown = moved(vec![("doc_id", all_texts(&["a", "a", "nowhere"]))]);
    assert!(unknown.contains("can't go to another document"), "{unknown}");
}

#[test]
fn a_text_that_is_changed_has_no_offsets_of_the_old_one() {
    let block = |ordinal: u32, start, end, text: &str| Block {
        doc_id: "b".into(),
        ordinal,
        text: text.into(),
        kept: true,
        char_start: Some(start),
        char_end: Some(end),
        ..Block::default()
    };
    let mut before = batch();
    (before.mentions, before.claims) = Default::default();
    before.blocks = vec![block(0, 0, 2, "pl"), block(1, 2, 5, "ain")].into();
    let sent = sent(&before, &Reads::all());
    let adds = AddedColumns::default();
    let terms = Terms { stage: "test", adds: &adds, changes_text: true };
    let new_text = |text| table(vec![("text", all_texts(&["naïve – yes", text]))]);

    let mut batch = before.clone();
    batch.take_in(&sent, Tables { documents: new_text("new"), ..Tables::default() }, terms).unwrap();
    assert_eq!((batch.documents[1].text.as_str(), batch.blocks.len()), ("new", 0));

    // Blocks that come back count in the new text, the one that is as it was too.
    for (text, fits) in [("newer", true), ("new", false)] {
        let mut batch = before.clone();
        let returned = Tables { documents: new_text(text), blocks: sent.blocks.clone(), ..Tables::default() };
        assert_eq!(batch.take_in(&sent, returned, terms).is_ok(), fits, "{text}");
        assert!(fits || batch == before);
    }

    let mut claimed = super::tests::batch();
    let sent = super::tests::sent(&claimed, &Reads::all());
    let returned = Tables { documents: new_text("new"), ..Tables::default() };
    let message = claimed.take_in(&sent, returned, terms).unwrap_err();
    assert!(message.contains("whose offsets count in it"), "{message}");
}
