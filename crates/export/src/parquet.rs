//! Parquet for everything that reads columns.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::arrow::{ArrowSchemaConverter, ArrowWriter, add_encoded_arrow_schema_to_metadata};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaDataReader;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use ::parquet::file::reader::ChunkReader;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::ColumnPath;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use claimline_model::Record;
use claimline_stage::{
    Body, DiskFile, Growing, Kept, Piece, Published, Redo, Registration, Resource, SinkError, Staging,
    Workshop,
};
use claimline_tables::Preset;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::options::options;
use crate::sink::{Encode, Format, TableSink, Target, at};
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
            TableSink::new(
                tables.as_ref(),
                columns.as_ref(),
                &dir,
                Preset::Full,
                context,
                Parquet { compression },
            )
        },
    )
}

/// A file takes no further row group once it has so many rows.
const ROWS_PER_FILE: u64 = 1_000_000;

/// Columns whose cells hardly ever repeat, or, as sentences, only in the next rows, where compression sees it: a
/// dictionary of them costs time and saves nothing.
const DISTINCT: &[&str] = &[
    "claim_id",
    "mention_id",
    "amount_mention",
    "time_mention",
    "content",
    "sentence",
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

impl Encode for Parquet {
    fn encode<R: Record>(&self, file: usize, share: Share<'_, R>) -> Result<Piece, SinkError> {
        share.columns(file)
    }
}

impl Format for Parquet {
    const EXTENSION: &'static str = "parquet";

    fn open(
        &self,
        workshop: &Workshop,
        kept: &[Kept],
        targets: Vec<Target>,
    ) -> Result<Box<dyn Staging>, SinkError> {
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
        let common = Common { workshop: workshop.clone(), properties, rows_per_file: ROWS_PER_FILE };
        let file = |(number, target)| {
            let kept = kept.iter().filter(|kept| kept.number == number);
            ParquetFile::open(&common, number, target, kept)
        };
        let files = targets.into_iter().enumerate().map(file).collect::<Result<_, _>>()?;
        Ok(Box::new(ParquetFiles { files, common }))
    }

    fn published(&self, out: &Path, targets: Vec<Target>) -> Box<dyn Published> {
        let table = |Target { table, path, schema, .. }: Target| PublishedTable {
            first: out.join(path),
            table,
            schema: Arc::new(schema),
            groups: None,
            reading: None,
        };
        Box::new(PublishedTables(targets.into_iter().map(table).collect()))
    }
}

/// A commit group's rows are one part file of one row group, which the finished file gets as it is.
/// Until the group ends its rows stand in a file of their own, from which they are encoded again if
/// the run is killed.
struct ParquetFiles {
    files: Vec<ParquetFile>,
    common: Common,
}

/// What the files of a sink have in common.
struct Common {
    workshop: Workshop,
    properties: WriterProperties,
    rows_per_file: u64,
}

impl ParquetFiles {
    /// Does something to every file, each on a thread of its own where the run has several.
    fn each<T: Send>(
        &mut self,
        work: impl Fn(&mut ParquetFile, &Common) -> Result<T, SinkError> + Sync,
    ) -> Result<Vec<T>, SinkError> {
        let common = &self.common;
        if common.workshop.threads <= 1 {
            return self.files.iter_mut().map(|file| work(file, common)).collect();
        }
        let work = &work;
        thread::scope(|scope| {
            let each = |file| scope.spawn(move || work(file, common));
            let threads: Vec<_> = self.files.iter_mut().map(each).collect();
            threads.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }
}

struct ParquetFile {
    number: usize,
    target: Target,
    /// The part of the group that is open, if it has rows.
    open: Option<Part>,
    /// The parts of the groups before, by name, and how many rows they have together.
    parts: Vec<String>,
    rows: u64,
}

/// A row group that is being filled.
struct Part {
    writer: ArrowWriter<Vec<u8>>,
    /// Its rows as they came, where they may have to be found again.
    redo: Option<Redo>,
    rows: u64,
}

fn failed(path: &Path) -> impl Fn(ParquetError) -> SinkError + '_ {
    move |error| at(path)(io::Error::other(error))
}

impl Staging for ParquetFiles {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        let mut told = Vec::new();
        for piece in pieces {
            let file = &mut self.files[piece.file];
            let Body::Columns(rows) = piece.body else {
                return Err(SinkError::Encode(format!("{} takes columns", file.target.path.display())));
            };
            told.extend(file.append(&rows, &self.common)?);
        }
        Ok(told)
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        let told = self.each(ParquetFile::commit)?;
        Ok(told.into_iter().flatten().collect())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        Ok(self.each(ParquetFile::finish)?.concat())
    }
}

impl ParquetFile {
    fn open<'k>(
        common: &Common,
        number: usize,
        target: Target,
        kept: impl Iterator<Item = &'k Kept>,
    ) -> Result<Self, SinkError> {
        let mut file = Self { number, target, open: None, parts: Vec::new(), rows: 0 };
        for kept in kept {
            if !kept.until_commit {
                let path = common.workshop.folder.join(&kept.path);
                common.workshop.disk.resume(&path, kept.to).map_err(at(&path))?;
                file.parts.push(kept.path.clone());
                file.rows += kept.rows;
                continue;
            }
            let redo = Redo::resume(&common.workshop, kept)?;
            let mut rows = redo.rows()?.peekable();
            let Some(Ok(first)) = rows.peek() else { continue };
            let mut part = file.part(first, Some(redo), common)?;
            for rows in rows {
                part.write(&rows?).map_err(failed(&file.target.staged))?;
            }
            file.open = Some(part);
        }
        Ok(file)
    }

    /// A part for rows such as `first`.
    fn part(&self, first: &RecordBatch, redo: Option<Redo>, common: &Common) -> Result<Part, SinkError> {
        let writer = ArrowWriter::try_new(Vec::new(), first.schema(), Some(common.properties.clone()));
        Ok(Part { writer: writer.map_err(failed(&self.target.staged))?, redo, rows: 0 })
    }

    fn append(&mut self, rows: &RecordBatch, common: &Common) -> Result<Option<Kept>, SinkError> {
        let mut part = match self.open.take() {
            Some(part) => part,
            None => {
                let name = format!("{}.redo", self.target.table);
                let redo = || Redo::create(&common.workshop, self.number, &name, rows.schema_ref());
                self.part(rows, common.workshop.resumable.then(redo).transpose()?, common)?
            }
        };
        part.write(rows).map_err(failed(&self.target.staged))?;
        let told = part.redo.as_mut().map(|redo| redo.append(rows)).transpose()?.flatten();
        self.open = Some(part);
        Ok(told.map(|kept| Kept { until_commit: true, after: self.rows + kept.after, ..kept }))
    }

    /// Writes the open part to a file of its own.
    fn commit(&mut self, common: &Common) -> Result<Option<Kept>, SinkError> {
        let Some(part) = self.open.take() else { return Ok(None) };
        let bytes = part.writer.into_inner().map_err(failed(&self.target.staged))?;
        let name = format!("{}-{}.part", self.target.table, self.parts.len() + 1);
        let mut file = Growing::open(&common.workshop, self.number, &name, None)?;
        file.append(&bytes)?;
        file.sync()?;
        self.parts.push(name);
        self.rows += part.rows;
        Ok(file.tell(part.rows))
    }

    /// Copies the row groups of the parts, in order, into files of about so many rows.
    fn finish(&mut self, common: &Common) -> Result<Vec<Resource>, SinkError> {
        let mut files = vec![self.whole(1, common)?];
        for name in &self.parts {
            let path = common.workshop.folder.join(name);
            self.copy(&File::open(&path).map_err(at(&path))?, &mut files, common)?;
        }
        if let Some(part) = self.open.take() {
            let last = part.writer.into_inner().map_err(failed(&self.target.staged))?;
            self.copy(&Bytes::from(last), &mut files, common)?;
        }
        files.into_iter().map(|whole| whole.finish(&self.target)).collect()
    }

    /// Copies the row groups of a part into the last of `files`, or into a new one if that is full.
    fn copy(
        &self,
        part: &impl ChunkReader,
        files: &mut Vec<Whole>,
        common: &Common,
    ) -> Result<(), SinkError> {
        let read = ParquetMetaDataReader::new().parse_and_finish(part);
        let rows = read.map_err(failed(&self.target.staged))?;
        if files.last().is_none_or(|file| file.rows >= common.rows_per_file) {
            files.push(self.whole(files.len() + 1, common)?);
        }
        let Some(whole) = files.last_mut() else { return Ok(()) };
        rows.row_groups()
            .iter()
            .try_for_each(|group| whole.append(part, group))
            .map_err(failed(&whole.staged))
    }

    /// Begins the `number`-th file of the table, from 1.
    fn whole(&self, number: usize, common: &Common) -> Result<Whole, SinkError> {
        let numbered = |path| numbered(path, self.target.table, number);
        let (staged, path) = (numbered(&self.target.staged), numbered(&self.target.path));
        let mut properties = common.properties.clone();
        add_encoded_arrow_schema_to_metadata(&self.target.schema, &mut properties);
        let schema = ArrowSchemaConverter::new().convert(&self.target.schema).map_err(failed(&staged))?;
        let out = common.workshop.disk.create(&staged).map_err(at(&staged))?;
        let writer = SerializedFileWriter::new(out, schema.root_schema_ptr(), Arc::new(properties));
        let writer = writer.map_err(failed(&staged))?;
        Ok(Whole { staged, path, writer, rows: 0 })
    }
}

/// The `number`-th file, from 1, of a table whose first is `path`.
fn numbered(path: &Path, table: &str, number: usize) -> PathBuf {
    match number {
        1 => path.to_owned(),
        _ => path.with_file_name(format!("{table}-{number}.parquet")),
    }
}

impl Part {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.rows += rows.num_rows() as u64;
        self.writer.write(rows)
    }
}

/// A finished file to be.
struct Whole {
    staged: PathBuf,
    path: PathBuf,
    writer: SerializedFileWriter<Box<dyn DiskFile>>,
    rows: u64,
}

impl Whole {
    fn append(
        &mut self,
        part: &impl ChunkReader,
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
        let mut file = self.writer.into_inner().map_err(failed(&self.staged))?;
        file.sync().map_err(at(&self.staged))?;
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

/// Finished tables, from which rows are taken over.
struct PublishedTables(Vec<PublishedTable>);

/// A finished table, in one file or several.
struct PublishedTable {
    first: PathBuf,
    table: &'static str,
    schema: SchemaRef,
    /// Where the row groups are, once that is known.
    groups: Option<Vec<Group>>,
    reading: Option<Reading>,
}

/// A row group of a table.
struct Group {
    path: PathBuf,
    /// Its place in that file.
    number: usize,
    /// Its rows, counted through the table.
    rows: Range<u64>,
}

/// A row group that is being read, from its beginning on.
struct Reading {
    group: usize,
    rows: ParquetRecordBatchReader,
    /// What was read last, and the number of its first row in the table.
    batch: RecordBatch,
    at: u64,
}

impl Published for PublishedTables {
    fn rows(&mut self, kept: &Kept, rows: Range<u64>) -> Result<Body, SinkError> {
        let Some(table) = self.0.get_mut(kept.number) else {
            return Err(SinkError::Encode(format!("there is no file number {}", kept.number)));
        };
        table.rows(kept.after + rows.start..kept.after + rows.end).map(Body::Columns)
    }
}

impl PublishedTable {
    fn rows(&mut self, wanted: Range<u64>) -> Result<RecordBatch, SinkError> {
        let mut pieces = Vec::new();
        let mut at = wanted.start;
        while at < wanted.end {
            let Reading { batch, at: start, .. } = self.reading(at)?;
            let end = wanted.end.min(*start + batch.num_rows() as u64);
            pieces.push(batch.slice((at - *start) as usize, (end - at) as usize));
            at = end;
        }
        let joined = arrow_select::concat::concat_batches(&self.schema, &pieces);
        joined.map_err(|error| SinkError::Encode(format!("{}: {error}", self.first.display())))
    }

    /// Reads on, or anew, until row number `row` of the table is in hand.
    fn reading(&mut self, row: u64) -> Result<&Reading, SinkError> {
        let groups = match self.groups.take() {
            Some(groups) => groups,
            None => self.find_groups()?,
        };
        let group = groups.partition_point(|group| group.rows.end <= row);
        let missing = || at(&self.first)(io::Error::other(format!("it has no row {row}")));
        let found = groups.get(group).ok_or_else(missing)?;
        let mut reading = match self.reading.take() {
            Some(reading) if reading.group == group && reading.at <= row => reading,
            _ => found.read(group, self.schema.clone())?,
        };
        while reading.at + reading.batch.num_rows() as u64 <= row {
            reading.at += reading.batch.num_rows() as u64;
            let next = reading.rows.next().ok_or_else(missing)?;
            reading.batch = next.map_err(|error| at(&found.path)(io::Error::other(error)))?;
        }
        self.groups = Some(groups);
        Ok(self.reading.insert(reading))
    }

    fn find_groups(&self) -> Result<Vec<Group>, SinkError> {
        let (mut groups, mut rows) = (Vec::new(), 0);
        for number in 1.. {
            let path = numbered(&self.first, self.table, number);
            let file = match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && number > 1 => break,
                opened => opened.map_err(at(&path))?,
            };
            let read = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(failed(&path))?;
            for (number, group) in read.row_groups().iter().enumerate() {
                let end = rows + group.num_rows() as u64;
                groups.push(Group { path: path.clone(), number, rows: rows..end });
                rows = end;
            }
        }
        Ok(groups)
    }
}

impl Group {
    fn read(&self, group: usize, schema: SchemaRef) -> Result<Reading, SinkError> {
        let file = File::open(&self.path).map_err(at(&self.path))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed(&self.path))?;
        let reader = reader.with_row_groups(vec![self.number]);
        let rows = reader.build().map_err(failed(&self.path))?;
        Ok(Reading { group, rows, batch: RecordBatch::new_empty(schema), at: self.rows.start })
    }
}
