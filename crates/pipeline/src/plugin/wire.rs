//! What goes to a child and comes back: a line of JSON, and behind it, where the line announces them,
//! tables as Arrow IPC streams.
//!
//! ```text
//! > {"id":1,"verb":"describe","abi":"0.1","settings":{}}     < {"id":1,"description":{...}}
//! > {"id":2,"verb":"open","settings":{"options":{...}}}      < {"id":2}
//! > {"id":3,"verb":"process","tables":[{"name":"claims","bytes":N}]} + N bytes
//!                                                            < {"id":3,"tables":[...]} + bytes
//! > {"id":4,"verb":"finish"}                                 < {"id":4,"files":[...]}
//! ```
//!
//! An answer repeats the `id` of what it answers, so that none is taken for another's. A child that can't
//! do as it is asked answers `{"id":3,"error":"why","at":"/option"}`.

use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::StreamWriter;
use claimline_stage::guest::message;
use claimline_stage::{Resource, Settings, Tables, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest line that is read.
const LINE_BYTES: u64 = 256 << 20;
/// The largest table that is read.
const TABLE_BYTES: u64 = 2 << 30;

/// What the host asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub id: u64,
    /// `describe`, `open`, `process` or `finish`.
    pub verb: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abi: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Announced>,
}

/// A table behind a line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Announced {
    pub name: String,
    pub bytes: u64,
}

/// What a child answers; of these keys it gives those that there is something to say for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Reply {
    #[serde(default)]
    pub id: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub panicked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Announced>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Resource>,
    /// What JSON lines say of a document.
    #[serde(flatten)]
    pub rows: Map<String, Value>,
}

/// A line and the tables behind it.
#[derive(Debug)]
pub(super) struct Frame<T> {
    pub head: T,
    pub tables: Tables,
}

impl Request {
    pub(super) fn new(verb: &str) -> Self {
        Self { id: 0, verb: verb.to_owned(), abi: None, settings: None, tables: Vec::new() }
    }

    pub(super) fn with(verb: &str, settings: &Settings) -> Self {
        Self { abi: Some(claimline_stage::ABI), settings: Some(settings.clone()), ..Self::new(verb) }
    }
}

/// Appends a line whose tables stand in `bodies`.
pub(super) fn line<T: Serialize>(head: &T, out: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, head)?;
    out.push(b'\n');
    Ok(())
}

/// Tables as IPC streams, one behind the other, and what announces them.
pub(super) fn bodies(tables: &Tables) -> Result<(Vec<Announced>, Vec<u8>), String> {
    let (mut announced, mut out) = (Vec::new(), Vec::new());
    for (name, table) in tables.iter() {
        let start = out.len();
        let stream = StreamWriter::try_new(&mut out, table.schema_ref());
        let written = stream.and_then(|mut stream| {
            stream.write(table)?;
            stream.finish()
        });
        written.map_err(|error| format!("{name}: {error}"))?;
        announced.push(Announced { name: name.to_owned(), bytes: (out.len() - start) as u64 });
    }
    Ok((announced, out))
}

/// Reads the next line; none where the other side has ended.
pub(super) fn read_line<R: BufRead>(from: &mut R) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.take(LINE_BYTES).read_until(b'\n', &mut line)?;
    match line.last() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) if line.len() as u64 == LINE_BYTES => {
            Err(io::Error::other(format!("a line of over {LINE_BYTES} bytes")))
        }
        Some(_) => Ok(Some(line)),
    }
}

/// Reads the tables that a line has announced; names that are not known are passed over.
pub(super) fn read_tables<R: Read>(announced: &[Announced], from: &mut R) -> io::Result<Tables> {
    let mut tables = Tables::default();
    for Announced { name, bytes } in announced {
        if *bytes > TABLE_BYTES {
            return Err(io::Error::other(format!("{name}: a table of over {TABLE_BYTES} bytes")));
        }
        let mut body = Vec::with_capacity(*bytes as usize);
        if from.take(*bytes).read_to_end(&mut body)? as u64 != *bytes {
            return Err(io::Error::other(format!("{name}: the table ends before its {bytes} bytes")));
        }
        if let Some(place) = tables.get_mut(name) {
            // The Arrow reader panics at some streams that are none.
            let table = catch_unwind(AssertUnwindSafe(|| decode(body)));
            let table = table.unwrap_or_else(|panic| Err(message(&*panic)));
            *place = table.map_err(|error| io::Error::other(format!("{name}: {error}")))?;
        }
    }
    Ok(tables)
}

/// The rows of an IPC stream, as one batch.
fn decode(body: Vec<u8>) -> Result<Option<RecordBatch>, String> {
    let mut decoder = StreamDecoder::new();
    let mut buffer = body.into();
    let mut batches = Vec::new();
    loop {
        match decoder.decode(&mut buffer).map_err(|error| error.to_string())? {
            Some(batch) => batches.push(batch),
            None if buffer.is_empty() => break,
            None => {}
        }
    }
    match &batches[..] {
        [one] => Ok(Some(one.clone())),
        [] => Ok(decoder.schema().map(RecordBatch::new_empty)),
        [first, ..] => arrow_select::concat::concat_batches(first.schema_ref(), &batches)
            .map(Some)
            .map_err(|error| error.to_string()),
    }
}

/// Writes a whole message.
pub(super) fn send<T: Serialize>(head: &T, body: &[u8], to: &mut impl Write) -> io::Result<()> {
    let mut message = Vec::new();
    line(head, &mut message)?;
    to.write_all(&message)?;
    to.write_all(body)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use claimline_model::{Document, Str};
    use claimline_stage::tables::{Rows, to_arrow};

    use super::*;

    #[test]
    fn a_stream_with_any_byte_changed_is_a_table_or_an_error() {
        let document = Document { doc_id: Str::new_static("a"), ..Document::default() };
        let documents = Some(to_arrow(&Rows::from(vec![document])).unwrap());
        let (announced, body) = bodies(&Tables { documents, ..Tables::default() }).unwrap();
        let read =
            |body: &[u8]| read_tables(&announced, &mut &*body).map(|tables| tables.documents.is_some());
        assert!(read(&body).unwrap());
        let mut refused = 0;
        for at in 0..body.len() {
            let mut broken = body.clone();
            broken[at] ^= 0x80;
            refused += u32::from(read(&broken).is_err());
        }
        assert!(refused > 100, "{refused}");
    }
}
