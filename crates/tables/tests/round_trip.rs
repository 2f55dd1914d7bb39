//! Any batch goes to Arrow and comes back as it was; a table that is not one is refused.

#![allow(clippy::unwrap_used)] // clippy.toml lifts it in tests, but not in what they call.

use std::fmt::Debug;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};
use claimline_model::{Column, ColumnType, Date, Decimal, Timestamp, Value};
use claimline_tables::{
    Batch, Block, Claim, Document, FromArrowError, Mention, Record, Rows, exact_column, from_arrow, to_arrow,
};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// Any cell that `column` may hold.
fn cell<R: Record>(column: &'static Column<R>) -> BoxedStrategy<Value<'static>> {
    let text = |text: String| Value::Text(text.into());
    let decimal =
        |(mantissa, scale): (i128, u32)| Value::Decimal(Decimal::from_i128_with_scale(mantissa, scale));
    let cell = match column.column_type {
        ColumnType::Text if !column.words.is_empty() => {
            proptest::sample::select(column.words).prop_map(|word| Value::Text(word.into())).boxed()
        }
        ColumnType::Text if column.name.ends_with("_spans") => {
            "[0-9]{1,3}\\.\\.[1-9][0-9]{3}(;[0-9]\\.\\.[1-9]0)?".prop_map(text).boxed()
        }
        ColumnType::Text => "\\PC{0,40}".prop_map(text).boxed(),
        ColumnType::Int => any::<u32>().prop_map(|int| Value::Int(int.into())).boxed(),
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        // All the digits there are, where a twin keeps them; else those that a float keeps.
        ColumnType::Decimal if exact_column(column).is_some() => {
            const MOST: i128 = Decimal::MAX.mantissa();
            (-MOST..=MOST, 0..=28u32).prop_map(decimal).boxed()
        }
        ColumnType::Decimal => {
            (-999_999_999_999_999..=999_999_999_999_999i128, 0..=28u32).prop_map(decimal).boxed()
        }
        ColumnType::Date => {
            let (first, last) = (Date::MIN, Date::MAX);
            let days = (last - first).get_days();
            (0..=days).prop_map(move |n| Value::Date(first.saturating_add(jiff::Span::new().days(n)))).boxed()
        }
        ColumnType::Timestamp => {
            let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
            (first..=last).prop_map(|us| Value::Timestamp(Timestamp::from_microsecond(us).unwrap())).boxed()
        }
    };
    if column.nullable { prop_oneof![1 => Just(Value::Null), 2 => cell].boxed() } else { cell }
}

fn row<R: Record + Debug>() -> impl Strategy<Value = R> {
    let cells: Vec<_> = R::COLUMNS.iter().map(cell).collect();
    cells.prop_map(|cells| {
        let mut row = R::default();
        for (column, cell) in R::COLUMNS.iter().zip(cells) {
            (column.set)(&mut row, cell).unwrap();
        }
        row
    })
}

fn rows<R: Record + Debug>() -> impl Strategy<Value = Rows<R>> {
    let added = |n| (vec(weighted(0.5, "\\PC{0,9}"), n), vec(weighted(0.5, any::<i64>()), n));
    (vec(row::<R>(), 0..4), any::<bool>())
        .prop_flat_map(move |(rows, with_added)| {
            let n = rows.len();
            (Just(rows), Just(with_added), added(n))
        })
        .prop_map(|(rows, with_added, (texts, ints))| {
            let mut rows = Rows::from(rows);
            if with_added {
                let texts: ArrayRef = Arc::new(StringArray::from(texts));
                rows.add(Arc::new(Field::new("x_text", DataType::Utf8, true)), texts);
                rows.add(
                    Arc::new(Field::new("x_int", DataType::Int64, true)),
                    Arc::new(Int64Array::from(ints)),
                );
            }
            rows
        })
}

fn batch() -> impl Strategy<Value = Batch> {
    (rows::<Document>(), rows::<Block>(), rows::<Mention>(), rows::<Claim>(), vec(row(), 0..3)).prop_map(
        |(documents, blocks, mentions, claims, problems)| Batch {
            documents,
            blocks,
            mentions,
            claims,
            problems,
        },
    )
}

fn there_and_back<R: Record>(rows: &Rows<R>) -> Rows<R> {
    from_arrow(&to_arrow(rows).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_batch_comes_back_as_it_was(batch in batch()) {
        let Batch { documents, blocks, mentions, claims, problems } = &batch;
        let back = Batch {
            documents: there_and_back(documents),
            blocks: there_and_back(blocks),
            mentions: there_and_back(mentions),
            claims: there_and_back(claims),
            problems: there_and_back(&Rows::from(problems.clone())).to_vec(),
        };
        prop_assert_eq!(back, batch);
    }
}

/// A table of mentions in which one column is another, or is missing.
fn mentions_with(name: &str, column: Option<ArrayRef>) -> Result<Rows<Mention>, FromArrowError> {
    let mention =
        Mention { mention_id: "m".into(), value: Some("2.50".parse().unwrap()), ..Mention::default() };
    let table = to_arrow(&Rows::from(vec![mention])).unwrap();
    let mut columns = Vec::new();
    for (field, values) in table.schema().fields().iter().zip(table.columns()) {
        match (field.name() == name, &column) {
            (false, _) => columns.push((field.name().clone(), values.clone())),
            (true, Some(other)) => columns.push((name.to_owned(), other.clone())),
            (true, None) => {}
        }
    }
    from_arrow(&RecordBatch::try_from_iter(columns).unwrap())
}

#[test]
fn a_table_that_is_not_one_is_refused_by_column_and_row() {
    let texts = |text: &str| -> Option<ArrayRef> { Some(Arc::new(StringArray::from(vec![text]))) };
    let ints = |int: i64| -> Option<ArrayRef> { Some(Arc::new(Int64Array::from(vec![int]))) };
    let floats = |float: f64| -> Option<ArrayRef> { Some(Arc::new(Float64Array::from(vec![float]))) };
    let null: Option<ArrayRef> = Some(Arc::new(StringArray::from(vec![None::<&str>])));
    let cases = [
        ("value", texts("2.50"), "column value of mentions must be Float64, not Utf8"),
        ("value_exact", floats(2.5), "column value_exact of mentions must be Utf8, not Float64"),
        ("doc_id", None, "mentions has no column doc_id, which may not be missing"),
        ("doc_id", null, "row 0, column doc_id of mentions: expected text, found \"Null\""),
        ("kind", texts("cash"), "row 0, column kind of mentions: expected money, percent"),
        ("char_start", ints(-1), "row 0, column char_start of mentions: expected a whole number from 0"),
        ("value", floats(f64::NAN), "row 0, column value of mentions: expected a number"),
        ("value", floats(1e300), "row 0, column value of mentions: expected a number"),
        (
            "value_exact",
            texts("2,50"),
            "row 0, column value_exact of mentions: expected a decimal, found \"2,50\"",
        ),
    ];
    for (name, column, message) in cases {
        let error = mentions_with(name, column).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn what_a_plugin_changed_or_left_out_counts() {
    let value = |rows: Rows<Mention>| rows[0].value.map(|v| v.to_string());
    let changed: ArrayRef = Arc::new(Float64Array::from(vec![3.25]));
    assert_eq!(value(mentions_with("value", Some(changed)).unwrap()).as_deref(), Some("3.25"));
    assert_eq!(value(mentions_with("value_exact", None).unwrap()).as_deref(), Some("2.5"));
    assert_eq!(value(mentions_with("value", None).unwrap()), None);
    assert_eq!(value(mentions_with("", None).unwrap()).as_deref(), Some("2.50"));
}
