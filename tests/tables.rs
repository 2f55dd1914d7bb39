//! Files of columns, for the tests that read them.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;

/// Rows of texts, each with the name of its column.
pub(crate) fn batch(columns: &[(&str, Vec<Option<&str>>)]) -> RecordBatch {
    let column = |texts: &[Option<&str>]| Arc::new(texts.iter().collect::<StringArray>()) as ArrayRef;
    RecordBatch::try_from_iter(columns.iter().map(|(name, texts)| (*name, column(texts)))).unwrap()
}

/// A Parquet file with these row groups.
pub(crate) fn parquet(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), None).unwrap();
    for batch in batches {
        writer.write(batch).and_then(|()| writer.flush()).unwrap();
    }
    writer.into_inner().unwrap()
}

/// An Arrow file of these batches.
pub(crate) fn arrow_file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

/// An Arrow stream of them.
pub(crate) fn arrow_stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}
