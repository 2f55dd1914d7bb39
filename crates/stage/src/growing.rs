//! Files that grow with a run, so that one that was killed goes on where they end.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Schema};

use crate::{DiskFile, Kept, SinkError, Workshop};

/// A file that grows by bytes.
pub struct Growing {
    path: String,
    whole: PathBuf,
    number: usize,
    out: Box<dyn DiskFile>,
    /// How long it is, and how much of that has been told.
    length: u64,
    told: u64,
    rows: u64,
    /// Of what has not been told; none where nothing has to be found again.
    crc: Option<crc32fast::Hasher>,
}

impl Growing {
    /// Opens the sink's file number `number`, called `path` in the workshop: a new one, or one that
    /// `kept` tells of.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn open(
        workshop: &Workshop,
        number: usize,
        path: &str,
        kept: Option<&Kept>,
    ) -> Result<Self, SinkError> {
        let whole = workshop.folder.join(path);
        let length = kept.map_or(0, |kept| kept.to);
        let out = match kept {
            Some(kept) => workshop.disk.resume(&whole, kept.to),
            None => workshop.disk.create(&whole),
        };
        Ok(Self {
            path: path.to_owned(),
            number,
            out: out.map_err(at(&whole))?,
            length,
            told: length,
            rows: kept.map_or(0, |kept| kept.rows),
            crc: workshop.resumable.then(crc32fast::Hasher::new),
            whole,
        })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// If they can't be written.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        self.out.write_all(bytes).map_err(at(&self.whole))?;
        self.length += bytes.len() as u64;
        if let Some(crc) = &mut self.crc {
            crc.update(bytes);
        }
        Ok(())
    }

    /// Tells of what was added since this was last asked, and that it holds so many `rows`.
    pub fn tell(&mut self, rows: u64) -> Option<Kept> {
        let crc = self.crc.as_mut().filter(|_| self.length > self.told)?;
        let kept = Kept {
            number: self.number,
            path: self.path.clone(),
            from: self.told,
            to: self.length,
            rows,
            after: self.rows,
            crc: std::mem::take(crc).finalize(),
            ..Kept::default()
        };
        self.told = self.length;
        self.rows += rows;
        Some(kept)
    }

    /// Returns once what was written would outlive a loss of power.
    ///
    /// # Errors
    /// If it can't be.
    pub fn sync(&mut self) -> Result<(), SinkError> {
        self.out.sync().map_err(at(&self.whole))
    }
}

/// Rows in columns, in the order in which they came, kept in a file for as long as they are nowhere
/// else: until their row group is written, or until a plugin takes them.
///
/// It is an Arrow IPC stream without an end.
pub struct Redo {
    file: Growing,
    /// Into memory, for it writes crumbs.
    stream: StreamWriter<Vec<u8>>,
}

impl Redo {
    /// Begins such a file for rows of the sink's file number `number`.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn create(
        workshop: &Workshop,
        number: usize,
        path: &str,
        schema: &Schema,
    ) -> Result<Self, SinkError> {
        let file = Growing::open(workshop, number, path, None)?;
        Ok(Self { file, stream: StreamWriter::try_new(Vec::new(), schema).map_err(arrow)? })
    }

    /// Goes on with the file that `kept` tells of.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn resume(workshop: &Workshop, kept: &Kept) -> Result<Self, SinkError> {
        let file = Growing::open(workshop, kept.number, &kept.path, Some(kept))?;
        let schema = read(&file)?.schema();
        let mut stream = StreamWriter::try_new(Vec::new(), &schema).map_err(arrow)?;
        // The schema stands in the file already.
        stream.get_mut().clear();
        Ok(Self { file, stream })
    }

    /// All rows so far, as they were added.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn rows(&self) -> Result<impl Iterator<Item = Result<RecordBatch, SinkError>> + use<>, SinkError> {
        Ok(read(&self.file)?.map(|rows| rows.map_err(arrow)))
    }

    /// Adds rows, and tells of them.
    ///
    /// # Errors
    /// If they can't be written.
    pub fn append(&mut self, rows: &RecordBatch) -> Result<Option<Kept>, SinkError> {
        self.stream.write(rows).map_err(arrow)?;
        let bytes = self.stream.get_mut();
        self.file.append(bytes)?;
        bytes.clear();
        Ok(self.file.tell(rows.num_rows() as u64))
    }

    /// Returns once the rows would outlive a loss of power.
    ///
    /// # Errors
    /// If they can't be made to.
    pub fn sync(&mut self) -> Result<(), SinkError> {
        self.file.sync()
    }
}

/// The stream that a file holds up to where it is written.
fn read(file: &Growing) -> Result<StreamReader<BufReader<io::Take<File>>>, SinkError> {
    let input = File::open(&file.whole).map_err(at(&file.whole))?.take(file.length);
    StreamReader::try_new_buffered(input, None).map_err(arrow)
}

fn arrow(error: ArrowError) -> SinkError {
    SinkError::Encode(error.to_string())
}

fn at(path: &Path) -> impl Fn(io::Error) -> SinkError + '_ {
    move |error| SinkError::Io { path: path.to_owned(), error }
}
