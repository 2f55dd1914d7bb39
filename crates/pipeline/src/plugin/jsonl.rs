//! A line of JSON a document, for a script that imports nothing.
//!
//! ```text
//! > {"id":3,"verb":"process","document":{"doc_id":"a","text":"..."},"claims":[{"claim_id":"c1",...}]}
//! < {"id":3,"document":{"tone":0.4}}
//! ```
//!
//! The answer has what changed: keys of `document`, and lists of `blocks`, `mentions`, `claims`. A list
//! stands for all rows of the document, told by their ids (`ordinal`, `mention_id`, `claim_id`): a row
//! that is not in it is gone, one without an id is new, a key that a row leaves out is as it was.
//! `{"drop":"why"}` takes the document out, `{"error":"why"}` says that it could not be worked on,
//! `{"warnings":["..."]}` that something in it is not right. A source is sent
//! `{"id":3,"verb":"read"}` and answers with a document, or with `{"id":3,"end":true}`.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema};
use claimline_stage::Tables;
use claimline_stage::tables::{DROPPED, json};
use serde_json::{Map, Value};

use super::wire::Reply;

/// The tables in a line, the key that each has there, and the column that tells a document's rows apart.
const TABLES: [(&str, &str, &str); 4] = [
    ("documents", "document", "doc_id"),
    ("blocks", "blocks", "ordinal"),
    ("mentions", "mentions", "mention_id"),
    ("claims", "claims", "claim_id"),
];

/// A document of a batch: its id, and its rows in each table of [`TABLES`].
pub(super) struct Sent {
    doc_id: String,
    rows: [Range<usize>; 4],
}

fn table<'t>(tables: &'t Tables, name: &str) -> Option<&'t RecordBatch> {
    tables.iter().find(|(other, _)| *other == name).map(|(_, table)| table)
}

/// Whether nothing is sent, and a source is to yield.
pub(super) fn is_reading(sent: &Tables) -> bool {
    sent.iter().next().is_none()
}

/// The lines that ask for what `sent` holds, a line a document, with the ids from `id` on.
pub(super) fn lines(sent: &Tables, id: u64) -> Result<(Vec<u8>, Vec<Sent>), String> {
    let mut out = Vec::new();
    let documents = split(sent)?;
    if is_reading(sent) {
        out.extend_from_slice(format!("{{\"id\":{id},\"verb\":\"read\"}}\n").as_bytes());
    }
    for (document, id) in documents.iter().zip(id..) {
        out.extend_from_slice(format!("{{\"id\":{id},\"verb\":\"process\"").as_bytes());
        for ((name, key, _), rows) in TABLES.iter().zip(&document.rows) {
            let Some(table) = table(sent, name) else { continue };
            out.extend_from_slice(format!(",\"{key}\":").as_bytes());
            let single = *name == "documents";
            if !single {
                out.push(b'[');
            }
            for row in rows.clone() {
                if row > rows.start {
                    out.push(b',');
                }
                json::write_row(table, row, &mut out).map_err(|error| error.to_string())?;
            }
            if !single {
                out.push(b']');
            }
        }
        out.extend_from_slice(b"}\n");
    }
    Ok((out, documents))
}

/// The documents of a batch, told from any table that there is.
fn split(sent: &Tables) -> Result<Vec<Sent>, String> {
    let ids = |name| -> Result<Option<&arrow_array::StringArray>, String> {
        let Some(table) = table(sent, name) else { return Ok(None) };
        let ids = table.column_by_name("doc_id").and_then(|ids| ids.as_string_opt::<i32>());
        ids.map(Some).ok_or_else(|| format!("{name} was sent without doc_id"))
    };
    let Some(documents) = ids("documents")? else {
        return match sent.iter().next() {
            None => Ok(Vec::new()),
            Some(_) => Err("JSON lines need `documents` among what the plugin reads".to_owned()),
        };
    };
    let mut at = [0; 4];
    let mut found = Vec::with_capacity(documents.len());
    for (i, doc_id) in documents.iter().enumerate() {
        let doc_id = doc_id.unwrap_or_default();
        let mut rows = [i..i + 1, 0..0, 0..0, 0..0];
        for (t, (name, _, _)) in TABLES.iter().enumerate().skip(1) {
            if let Some(ids) = ids(name)? {
                let start = at[t];
                while at[t] < ids.len() && ids.value(at[t]) == doc_id {
                    at[t] += 1;
                }
                rows[t] = start..at[t];
            }
        }
        found.push(Sent { doc_id: doc_id.to_owned(), rows });
    }
    Ok(found)
}

/// The tables that the answers make of what was sent.
pub(super) fn tables(sent: &Tables, documents: &[Sent], replies: Vec<Reply>) -> Result<Tables, String> {
    if is_reading(sent) {
        return yielded(&replies);
    }
    let mut returned = Tables::default();
    let mut problems = Vec::new();
    for (document, reply) in documents.iter().zip(&replies) {
        told(&document.doc_id, reply, &mut problems)?;
    }
    for (t, (name, key, id)) in TABLES.iter().enumerate() {
        if replies.iter().all(|reply| !reply.rows.contains_key(*key)) {
            continue;
        }
        let before = table(sent, name);
        let mut rows = Vec::new();
        for (document, reply) in documents.iter().zip(&replies) {
            let sent = document.rows[t].clone();
            let row = |before, after| Row { doc_id: &document.doc_id, before, after };
            match reply.rows.get(*key).map(|answer| listed(key, answer)).transpose()? {
                None => rows.extend(sent.map(|at| row(Some(at), None))),
                Some(objects) => {
                    let places = matched(before, id, sent, &objects);
                    rows.extend(places.into_iter().zip(objects).map(|(at, object)| row(at, Some(object))));
                }
            }
        }
        if let Some(place) = returned.get_mut(name) {
            *place = Some(built(name, id, before, &rows)?);
        }
    }
    if !problems.is_empty() {
        let rows: Vec<Row<'_>> = problems.iter().map(Row::new).collect();
        returned.problems = Some(built("problems", "doc_id", None, &rows)?);
    }
    Ok(returned)
}

/// One row of a table to be.
struct Row<'r> {
    doc_id: &'r str,
    /// Its place in what was sent.
    before: Option<usize>,
    /// What was answered; what it leaves out is as it was sent.
    after: Option<&'r Map<String, Value>>,
}

impl<'r> Row<'r> {
    /// A row that was not sent.
    fn new(object: &'r Map<String, Value>) -> Self {
        let doc_id = object.get("doc_id").and_then(Value::as_str).unwrap_or_default();
        Self { doc_id, before: None, after: Some(object) }
    }
}

/// What an answer has under `key`: the document's object, or a list of objects.
fn listed<'r>(key: &str, answer: &'r Value) -> Result<Vec<&'r Map<String, Value>>, String> {
    let objects = match answer {
        Value::Object(object) if key == "document" => Some(vec![object]),
        Value::Array(list) if key != "document" => list.iter().map(Value::as_object).collect(),
        _ => None,
    };
    let expected = if key == "document" { "an object" } else { "a list of objects" };
    objects.ok_or_else(|| format!("`{key}` must be {expected}"))
}

/// What an answer says went wrong with its document.
fn told(doc_id: &str, reply: &Reply, problems: &mut Vec<Map<String, Value>>) -> Result<(), String> {
    const KEYS: &str = "document, blocks, mentions, claims, drop, error, warnings";
    let mut push = |severity: &str, code: &str, message: &str| {
        let cells = [("doc_id", doc_id), ("severity", severity), ("code", code), ("message", message)];
        problems.push(cells.into_iter().map(|(key, cell)| (key.to_owned(), cell.into())).collect());
    };
    if let Some(error) = &reply.error {
        push("error", "stage_failed", error);
    }
    for (key, value) in &reply.rows {
        match (key.as_str(), value) {
            ("document" | "blocks" | "mentions" | "claims", _) => {}
            ("drop", Value::String(reason)) => push("error", DROPPED, reason),
            ("drop", _) => return Err("`drop` must be the reason, as text".to_owned()),
            ("warnings", Value::Array(warnings)) => {
                for warning in warnings {
                    push("warning", "warning", warning.as_str().unwrap_or_default());
                }
            }
            ("warnings", _) => return Err("`warnings` must be a list of texts".to_owned()),
            _ => return Err(format!("its answer has the key `{key}`; allowed: {KEYS}")),
        }
    }
    Ok(())
}

/// Finds for each object the row that it is about, among those sent of its document.
fn matched(
    before: Option<&RecordBatch>,
    id: &str,
    sent: Range<usize>,
    objects: &[&Map<String, Value>],
) -> Vec<Option<usize>> {
    let column = before.and_then(|table| table.column_by_name(id));
    let cell = |row: usize| Some((json::cell_to_json(column?, row).to_string(), row));
    let known: HashMap<String, usize> = sent.filter_map(cell).collect();
    objects.iter().map(|object| known.get(&object.get(id)?.to_string()).copied()).collect()
}

/// A table of the columns that any answer names, and those that tell its rows.
fn built(
    name: &str,
    id: &str,
    before: Option<&RecordBatch>,
    rows: &[Row<'_>],
) -> Result<RecordBatch, String> {
    let named = rows.iter().filter_map(|row| row.after).flat_map(Map::keys).map(String::as_str);
    let columns: BTreeSet<&str> = named.chain([id, "doc_id"]).collect();
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for column in columns {
        let sent = before.and_then(|table| table.column_by_name(column));
        let cell = |row: &Row<'_>| match (row.after.and_then(|object| object.get(column)), row.before, sent) {
            _ if column == "doc_id" => row.doc_id.into(),
            (Some(cell), _, _) => cell.clone(),
            (None, Some(at), Some(sent)) => json::cell_to_json(sent, at),
            _ => Value::Null,
        };
        let cells: Vec<Value> = rows.iter().map(cell).collect();
        let data_type = json::own_type(name, column).unwrap_or_else(|| like(&cells));
        let array = json::array_from_json(&data_type, &cells);
        arrays.push(array.map_err(|error| format!("column {column} of {name}: {error}"))?);
        fields.push(Field::new(column, data_type, true));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|error| error.to_string())
}

/// The type that holds all of the cells.
fn like(cells: &[Value]) -> DataType {
    let all = |is: fn(&Value) -> bool| cells.iter().all(|cell| cell.is_null() || is(cell));
    match () {
        () if all(|_| false) => DataType::Utf8,
        () if all(Value::is_boolean) => DataType::Boolean,
        () if all(Value::is_i64) => DataType::Int64,
        () if all(Value::is_number) => DataType::Float64,
        () => DataType::Utf8,
    }
}

/// What a source answered: a document with its blocks, or that there is none left.
fn yielded(replies: &[Reply]) -> Result<Tables, String> {
    let mut tables = Tables::default();
    let Some(Reply { error, rows, .. }) = replies.first() else { return Ok(tables) };
    if let Some(message) = error {
        let cells = [("severity", "error"), ("code", "stage_failed"), ("message", message)];
        let problem = cells.into_iter().map(|(key, cell)| (key.to_owned(), cell.into())).collect();
        tables.problems = Some(built("problems", "message", None, &[Row::new(&problem)])?);
        return Ok(tables);
    }
    let Some(document) = rows.get("document") else {
        return match rows.get("end") {
            Some(Value::Bool(true)) => Ok(tables),
            _ => Err("a source answers with a `document`, or with `{\"end\":true}`".to_owned()),
        };
    };
    let document = listed("document", document)?;
    let doc_id = document[0].get("doc_id").and_then(Value::as_str).unwrap_or_default();
    let table = |name: &str, id: &str, objects: &[&Map<String, Value>]| {
        let row = |object| Row { doc_id, before: None, after: Some(object) };
        built(name, id, None, &objects.iter().copied().map(row).collect::<Vec<_>>())
    };
    tables.documents = Some(table("documents", "doc_id", &document)?);
    if let Some(blocks) = rows.get("blocks") {
        tables.blocks = Some(table("blocks", "ordinal", &listed("blocks", blocks)?)?);
    }
    Ok(tables)
}
