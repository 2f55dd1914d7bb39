//! What a plugin sends back.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int16Array, Int64Array,
    LargeStringArray, PrimitiveArray, RecordBatch, RecordBatchOptions, StringArray, StringViewArray,
    UInt64Array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema};
use claimline_model::{Block, Claim, ColumnType, Document, Mention, Problem, Record};
use claimline_pipeline::plugin::{Protocol, answered};
use claimline_stage::tables::{Lens, Terms};
use claimline_stage::{AddedColumns, Batch, Reads, Tables};

use super::batch::holds;
use super::{Choices, through};

/// A batch with something in each table, and what a plugin is sent of it.
static SENT: LazyLock<(Batch, Tables)> = LazyLock::new(|| {
    let text = "Trade has exceeded $10 billion – in café 7.\n\nIt fell by 2% last Tuesday.";
    let mut batch = super::batch_of(text);
    let second = Document {
        doc_id: "e".into(),
        text: "E\u{301}t\u{e9} sold 3 km.".into(),
        chars: 14,
        ..Document::default()
    };
    batch.documents.push(second);
    ["clean", "extract", "normalise"].into_iter().for_each(|stage| through(stage, &mut batch));
    assert!(batch.claims.len() >= 2 && batch.mentions.len() >= 4 && batch.blocks.len() >= 3);
    let lens = Lens::new(&Reads::all(), &AddedColumns::default()).unwrap();
    let sent = lens.tables(&batch).unwrap();
    (batch, sent)
});

/// What is taken in leaves a batch that holds, and what is refused one that is as it was. The first byte
/// chooses how the rest are understood: as an Arrow stream of a table, as an answer in lines of JSON, as a
/// whole answer over Arrow, or as what a table's columns, their types and their cells are.
pub fn incoming(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (_, sent) = &*SENT;
    let returned = match choices.byte() % 8 {
        table @ 0..5 => {
            let name = Tables::NAMES[usize::from(table)];
            let head =
                format!("{{\"id\":1,\"tables\":[{{\"name\":\"{name}\",\"bytes\":{}}}]}}\n", choices.0.len());
            answered(sent, Protocol::Arrow, &[head.as_bytes(), choices.0].concat())
        }
        5 => answered(sent, Protocol::Jsonl, choices.0),
        6 => answered(sent, Protocol::Arrow, choices.0),
        _ => made(&mut choices),
    };
    if let Ok(returned) = returned {
        taken_in(&returned);
    }
}

fn taken_in(returned: &Tables) {
    let (before, sent) = &*SENT;
    let adds = AddedColumns::default()
        .document("tone", ColumnType::Decimal, "")
        .mention("note", ColumnType::Text, "")
        .claim("region", ColumnType::Text, "");
    for changes_text in [false, true] {
        let mut batch = before.clone();
        match batch.take_in(sent, returned.clone(), Terms { stage: "fuzz", adds: &adds, changes_text }) {
            Err(message) => {
                assert!(!message.is_empty());
                assert!(batch == *before, "refused, and changed all the same: {message}");
            }
            Ok(leaving) => {
                let mut places: Vec<usize> = leaving.iter().map(|(place, _)| *place).collect();
                places.dedup();
                assert_eq!(places.len(), leaving.len(), "a document leaves twice");
                batch.fail(leaving);
                assert_eq!(batch.documents.len() + places.len(), before.documents.len());
                holds(&batch);
            }
        }
    }
}

/// What a plugin answers that sends the table back as it got it: the bytes of an Arrow stream.
pub fn answer_of(name: &str) -> Vec<u8> {
    let mut sent = SENT.1.clone();
    let Some(Some(table)) = sent.get_mut(name) else { panic!("{name} is not sent") };
    let mut stream = StreamWriter::try_new(Vec::new(), table.schema_ref()).unwrap();
    stream.write(table).unwrap();
    stream.into_inner().unwrap()
}

/// Tables that the bytes choose: columns of the right name and the wrong type, ids that are known and ids
/// that are not, offsets beside the text.
fn made(choices: &mut Choices<'_>) -> Result<Tables, String> {
    let mut tables = Tables::default();
    for _ in 0..1 + choices.below(2) {
        let (name, columns): (_, Vec<&str>) = match choices.byte() % 5 {
            0 => ("documents", columns::<Document>()),
            1 => ("blocks", columns::<Block>()),
            2 => ("mentions", columns::<Mention>()),
            3 => ("claims", columns::<Claim>()),
            _ => ("problems", columns::<Problem>()),
        };
        let sent = SENT.1.iter().find(|(other, _)| *other == name).map(|(_, table)| table);
        let rows = match (choices.byte() % 4, sent) {
            (0, _) | (_, None) => choices.below(6),
            (_, Some(sent)) => sent.num_rows(),
        };
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for _ in 0..choices.below(8) {
            let column = match choices.byte() % 16 {
                0 => *choices.of(&["", "tone", "note", "region", "nothing", "value_exact"]),
                1..6 => columns[choices.below(2)],
                _ => *choices.of(&columns),
            };
            let sent = sent.and_then(|sent| sent.column_by_name(column)).filter(|cells| cells.len() == rows);
            let cells = match sent {
                Some(sent) if choices.one_in(3) => sent.clone(),
                _ => cells(choices, rows),
            };
            fields.push(Field::new(column, cells.data_type().clone(), true));
            arrays.push(cells);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let table = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        *tables.get_mut(name).unwrap() = Some(table.map_err(|error| error.to_string())?);
    }
    Ok(tables)
}

fn columns<R: Record>() -> Vec<&'static str> {
    R::COLUMNS.iter().map(|column| column.name).collect()
}

fn cells(choices: &mut Choices<'_>, rows: usize) -> ArrayRef {
    let (batch, _) = &*SENT;
    let ids = batch.mentions.iter().map(|mention| mention.mention_id.as_str());
    let ids = ids.chain(batch.claims.iter().map(|claim| claim.claim_id.as_str()));
    let mut words: Vec<&str> = ids.collect();
    words.extend([
        "d",
        "e",
        "",
        "0..3",
        "3..1",
        "0..4;9..9",
        "0..4000000000",
        "error",
        "warning",
        "quantity",
        "money",
        "Trade",
        "paragraph",
        "$10 billion",
        "1e400",
        "2025-06-23",
        "2025-06-23T10:00:00Z",
        "\u{1f980}",
        "NaN",
        "-0",
    ]);
    let texts = |choices: &mut Choices<'_>| -> Vec<Option<&str>> {
        (0..rows).map(|_| (!choices.one_in(8)).then(|| *choices.of(&words))).collect()
    };
    let whole = |choices: &mut Choices<'_>| -> Vec<Option<i64>> {
        let edges =
            [0, 1, 3, 4, 14, 43, -1, i64::MAX, i64::MIN, 1 << 32, i64::from(u32::MAX), 86_400_000_000];
        (0..rows).map(|_| (!choices.one_in(8)).then(|| *choices.of(&edges))).collect()
    };
    match choices.byte() % 16 {
        0..5 => Arc::new(StringArray::from(texts(choices))),
        5..8 => Arc::new(Int64Array::from(whole(choices))),
        8 => Arc::new(LargeStringArray::from(texts(choices))),
        9 => Arc::new(StringViewArray::from(texts(choices))),
        10 => Arc::new(texts(choices).into_iter().collect::<DictionaryArray<Int32Type>>()),
        11 => {
            let numbers = [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, 1e28, 1e29];
            Arc::new((0..rows).map(|_| Some(*choices.of(&numbers))).collect::<Float64Array>())
        }
        12 => Arc::new((0..rows).map(|_| Some(choices.one_in(2))).collect::<BooleanArray>()),
        13 => Arc::new(whole(choices).into_iter().map(|n| n.map(|n| n as i32)).collect::<Date32Array>()),
        14 => {
            let instants: PrimitiveArray<TimestampMicrosecondType> = whole(choices).into_iter().collect();
            Arc::new(instants.with_timezone_opt(choices.one_in(2).then_some("UTC")))
        }
        _ if choices.one_in(2) => {
            Arc::new(whole(choices).into_iter().map(|n| n.map(|n| n as u64)).collect::<UInt64Array>())
        }
        _ => Arc::new(whole(choices).into_iter().map(|n| n.map(|n| n as i16)).collect::<Int16Array>()),
    }
}
