//! Opening a file, or standard input, and undoing its compression on the way.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::records::Trouble;

/// Room between the file and what reads it.
const BUFFER: usize = 128 * 1024;

/// An open input: its bytes decompressed, and a count of those that were taken from the file.
pub(crate) struct Input {
    pub(crate) reader: Box<dyn BufRead + Send>,
    taken: Arc<AtomicU64>,
    told: u64,
    size: u64,
}

impl Input {
    /// Opens a file, or standard input for none. What is compressed may grow as far as `most` says.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn open(path: Option<&Path>, most: Expansion) -> io::Result<Self> {
        let taken = Arc::new(AtomicU64::new(0));
        let (raw, size): (Box<dyn Read + Send>, u64) = match path {
            Some(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                (Box::new(file), size)
            }
            None => (Box::new(io::stdin()), 0),
        };
        let mut counted = Counted { raw, taken: taken.clone() };
        // Compression is told by how it begins, for a pipe has no name; what is named so and does not
        // begin so is broken, and the decoder says so.
        let mut magic = Vec::with_capacity(4);
        counted.by_ref().take(4).read_to_end(&mut magic)?;
        let named = |end: &str| {
            path.and_then(Path::extension).is_some_and(|own| own.eq_ignore_ascii_case(end))
                && !magic.is_empty()
        };
        let gzip = magic.starts_with(&[0x1F, 0x8B]) || named("gz");
        let zstd = magic == [0x28, 0xB5, 0x2F, 0xFD] || named("zst");
        let whole = BufReader::with_capacity(BUFFER, Cursor::new(magic).chain(counted));
        let limited = |decoded: Box<dyn Read + Send>| -> Box<dyn BufRead + Send> {
            let growing = Expanding { decoded, made: 0, taken: taken.clone(), most };
            Box::new(BufReader::with_capacity(BUFFER, growing))
        };
        let reader = if gzip {
            limited(Box::new(MultiGzDecoder::new(whole)))
        } else if zstd {
            limited(Box::new(zstd::Decoder::with_buffer(whole)?))
        } else {
            Box::new(whole)
        };
        Ok(Self { reader, taken, told: 0, size })
    }

    /// The bytes taken from the file since this was last asked.
    pub(crate) fn consumed(&mut self) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        taken - std::mem::replace(&mut self.told, taken)
    }

    /// What is left of the file when nobody reads on.
    pub(crate) fn rest(&mut self) -> u64 {
        self.taken.fetch_max(self.size, Ordering::Relaxed);
        self.consumed()
    }
}

/// How far what is compressed may grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expansion {
    /// So many times its size.
    pub(crate) ratio: u32,
    /// To so many bytes.
    pub(crate) bytes: u64,
}

/// By default, how many times its size a compressed file may grow to: text hardly ever reaches 20, and
/// gzip can do 1,032 (<https://zlib.net/zlib_tech.html>).
pub(crate) fn max_ratio() -> u32 {
    200
}

/// By default, how many bytes of records a compressed file may hold: half a day's work for one core.
pub(crate) fn max_expanded_bytes() -> u64 {
    128 << 30
}

/// The ratio is not looked at before so many bytes: small files of one word over and over are harmless.
const RATIO_FROM: u64 = 16 << 20;

/// Stops what expands too much.
struct Expanding {
    decoded: Box<dyn Read + Send>,
    made: u64,
    taken: Arc<AtomicU64>,
    most: Expansion,
}

impl Read for Expanding {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Expansion { ratio, bytes } = self.most;
        // At the end of the room that there is, one more byte shows that it was too small.
        let room = usize::try_from(bytes - self.made).unwrap_or(usize::MAX).max(1);
        let room = buffer.len().min(room);
        let n = self.decoded.read(&mut buffer[..room])?;
        let refused = |most| {
            Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it expands to more than {most}")))
        };
        if n as u64 > bytes - self.made {
            return refused(format!("{bytes} bytes, the limit `max_expanded_bytes`"));
        }
        self.made += n as u64;
        let by_ratio = self.taken.load(Ordering::Relaxed).saturating_mul(ratio.into());
        if self.made > by_ratio.max(RATIO_FROM) {
            return refused(format!("{ratio} times its size, the limit `max_ratio`"));
        }
        Ok(n)
    }
}

/// The code and the words for a read that failed.
pub(crate) fn trouble(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            ("truncated", "the compressed data ends before its end: the file was cut off".to_owned())
        }
        io::ErrorKind::FileTooLarge => ("expands_too_much", error.to_string()),
        _ => ("unreadable", error.to_string()),
    }
}

/// Counts what passes.
struct Counted {
    raw: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.raw.read(buffer)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
