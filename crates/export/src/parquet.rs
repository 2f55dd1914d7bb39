//! Parquet for everything that reads columns.

use std::fs::{self, File};
use std::io;
use std::mem;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ::parquet::arrow::{ArrowSchemaConverter, ArrowWriter, add_encoded_arrow_schema_to_metadata};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaDataReader;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::ColumnPath;
use claimline_model::Record;
use claimline_stage::{Body, Piece, Registration, Resource, SinkError, Staging};
use claimline_tables::Preset;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::options::options;
use crate::sink::{Format, TableSink, Target, at};
use crate::table::Share;

options! {
    /// The options of `parquet`.
    ParquetOptions {
        /// How pages are compressed; by default with zstd.
        compression: Codec,
    }
}

/// How pages are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// Not at all.
    None,
    /// Fast, and larger.
    Snappy,
    /// Small, and nearly as fast.
    #[default]
    Zstd,
}

pub(crate) fn registration() -> Registration {
    Registration::sink(
        "parquet",
        "Writes each table as Parquet, for DuckDB, pandas, Polars, Spark and the like.",
        "- parquet: { compression: zstd }",
        |options: ParquetOptions, context| {
            let ParquetOptions { tables, columns, dir, compression } = options;
            let format = |_| Parquet { compression };
            TableSink::new(&tables, columns.as_ref(), &dir, Preset::Full, context, format)
        },
    )
}

/// A file takes no further row group once it has so many rows.
const ROWS_PER_FILE: u64 = 1_000_000;

/// Columns whose cells hardly ever repeat: a dictionary of them costs time and saves nothing.
const DISTINCT: &[&str] = &[
    "claim_id",
    "mention_id",
    "amount_mention",
    "time_mention",
    "content",
    "char_start",
    "char_end",
    "content_spans",
    "subject_spans",
    "predicate_spans",
    "object_spans",
    "amount_spans",
    "time_spans",
];

struct Parquet {
    compression: Codec,
}

impl Format for Parquet {
    const EXTENSION: &'static str = "parquet";

    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError> {
        let columns = share.selection.to_arrow(share.rows, share.added);
        let columns = columns.map_err(|e| SinkError::Encode(e.to_string()))?;
        Ok(Piece { file, rows: columns.num_rows() as u64, body: Body::Columns(columns) })
    }

    fn open(&self, targets: Vec<Target>, threads: usize) -> Result<Box<dyn Staging>, SinkError> {
        let compression = match self.compression {
            Codec::None => Compression::UNCOMPRESSED,
            Codec::Snappy => Compression::SNAPPY,
            Codec::Zstd => Compression::ZSTD(ZstdLevel::default()),
        };
        // Page statistics can't be carried from a part to its file, and are not written.
        let distinct = |properties: WriterPropertiesBuilder, column: &&str| {
            properties.set_column_dictionary_enabled(ColumnPath::from(*column), false)
        };
        let properties = DISTINCT
            .iter()
            .fold(WriterProperties::builder(), distinct)
            .set_compression(compression)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_max_row_group_row_count(None)
            .build();
        let file = |target| ParquetFile { target, writer: None, parts: Vec::new() };
        let files = targets.into_iter().map(file).collect();
        Ok(Box::new(ParquetFiles { files, properties, rows_per_file: ROWS_PER_FILE, threads }))
    }
}

/// A commit group's rows are one part file of one row group, which the finished file gets as it is.
struct ParquetFiles {
    files: Vec<ParquetFile>,
    properties: WriterProperties,
    rows_per_file: u64,
    threads: usize,
}

impl ParquetFiles {
    /// Does something to every file, each on a thread of its own where the run has several.
    fn each<T: Send>(
        &mut self,
        work: impl Fn(&mut ParquetFile) -> Result<T, SinkError> + Sync,
    ) -> Result<Vec<T>, SinkError> {
        if self.threads <= 1 {
            return self.files.iter_mut().map(work).collect();
        }
        let work = &work;
        thread::scope(|scope| {
            let threads: Vec<_> = self.files.iter_mut().map(|file| scope.spawn(move || work(file))).collect();
            threads.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }
}

struct ParquetFile {
    target: Target,
    /// The part of the group that is being written.
    writer: Option<ArrowWriter<File>>,
    parts: Vec<PathBuf>,
}

fn failed(path: &Path) -> impl Fn(ParquetError) -> SinkError + '_ {
    move |error| at(path)(io::Error::other(error))
}

impl Staging for ParquetFiles {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<(), SinkError> {
        for piece in pieces {
            let file = &mut self.files[piece.file];
            let Body::Columns(rows) = piece.body else {
                return Err(SinkError::Encode(format!("{} takes columns", file.target.path.display())));
            };
            let writer = match &mut file.writer {
                Some(writer) => writer,
                none => {
                    let path = file.target.staged.with_extension(format!("{}.part", file.parts.len()));
                    let part = File::create(&path).map_err(at(&path))?;
                    let properties = self.properties.clone();
                    let writer =
                        ArrowWriter::try_new(part, rows.schema(), Some(properties)).map_err(failed(&path))?;
                    file.parts.push(path);
                    none.insert(writer)
                }
            };
            writer.write(&rows).map_err(failed(&file.target.staged))?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), SinkError> {
        self.each(|file| {
            let Some(writer) = file.writer.take() else { return Ok(()) };
            let part = writer.into_inner().map_err(failed(&file.target.staged))?;
            part.sync_data().map_err(at(&file.target.staged))
        })?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        self.commit()?;
        let (properties, most) = (self.properties.clone(), self.rows_per_file);
        Ok(self.each(|file| file.finish(&properties, most))?.concat())
    }
}

impl ParquetFile {
    /// Copies the row groups of the parts, in order, into files of about so many rows.
    fn finish(&mut self, properties: &WriterProperties, most: u64) -> Result<Vec<Resource>, SinkError> {
        let mut files = vec![self.whole(1, properties)?];
        for path in mem::take(&mut self.parts) {
            let part = File::open(&path).map_err(at(&path))?;
            let rows = ParquetMetaDataReader::new().parse_and_finish(&part).map_err(failed(&path))?;
            if files.last().is_none_or(|file| file.rows >= most) {
                files.push(self.whole(files.len() + 1, properties)?);
            }
            let Some(whole) = files.last_mut() else { continue };
            for group in rows.row_groups() {
                whole.append(&part, group).map_err(failed(&whole.staged))?;
            }
            fs::remove_file(&path).map_err(at(&path))?;
        }
        files.into_iter().map(|whole| whole.finish(&self.target)).collect()
    }

    /// Begins the `number`-th file of the table, from 1.
    fn whole(&self, number: usize, properties: &WriterProperties) -> Result<Whole, SinkError> {
        let numbered = |path: &Path| match number {
            1 => path.to_owned(),
            _ => path.with_file_name(format!("{}-{number}.parquet", self.target.table)),
        };
        let (staged, path) = (numbered(&self.target.staged), numbered(&self.target.path));
        let mut properties = properties.clone();
        add_encoded_arrow_schema_to_metadata(&self.target.schema, &mut properties);
        let schema = ArrowSchemaConverter::new().convert(&self.target.schema).map_err(failed(&staged))?;
        let out = File::create(&staged).map_err(at(&staged))?;
        let writer = SerializedFileWriter::new(out, schema.root_schema_ptr(), Arc::new(properties));
        let writer = writer.map_err(failed(&staged))?;
        Ok(Whole { staged, path, writer, rows: 0 })
    }
}

/// A finished file to be.
struct Whole {
    staged: PathBuf,
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    rows: u64,
}

impl Whole {
    fn append(
        &mut self,
        part: &File,
        group: &::parquet::file::metadata::RowGroupMetaData,
    ) -> Result<(), ParquetError> {
        let mut out = self.writer.next_row_group()?;
        for column in group.columns() {
            let chunk = ColumnCloseResult {
                bytes_written: column.compressed_size() as u64,
                rows_written: group.num_rows() as u64,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            out.append_column(part, chunk)?;
        }
        out.close()?;
        self.rows += group.num_rows() as u64;
        Ok(())
    }

    fn finish(self, target: &Target) -> Result<Resource, SinkError> {
        let file = self.writer.into_inner().map_err(failed(&self.staged))?;
        file.sync_data().map_err(at(&self.staged))?;
        let mut descriptor = target.descriptor.clone();
        descriptor["format"] = json!("parquet");
        descriptor["mediatype"] = json!("application/vnd.apache.parquet");
        Ok(Resource {
            table: target.table.to_owned(),
            staged: self.staged,
            path: self.path,
            rows: self.rows,
            descriptor,
        })
    }
}
