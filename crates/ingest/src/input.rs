//! Opening a file, standard input, or what a file holds, and undoing its compression on the way.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::records::Trouble;

/// Room between the file and what reads it.
const BUFFER: usize = 128 * 1024;

/// So many bytes tell what a file is: the mark of a tar archive stands at 257.
const HEAD: u64 = 4096;

/// An open input: its bytes decompressed, and a count of those that were taken from the file.
pub(crate) struct Input {
    pub(crate) reader: Box<dyn BufRead + Send>,
    /// Whether it is decompressed on the way.
    pub(crate) compressed: bool,
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
        match path {
            Some(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                Self::decompressed(Box::new(file), size, Compression::by_name(path), most)
            }
            None => Self::decompressed(Box::new(io::stdin()), 0, None, most),
        }
    }

    /// The same of what was found in a file, under a name of its own.
    ///
    /// # Errors
    /// If it is compressed, and its beginning is broken.
    pub(crate) fn within(bytes: Vec<u8>, name: &str, most: Expansion) -> io::Result<Self> {
        let size = bytes.len() as u64;
        Self::decompressed(Box::new(Cursor::new(bytes)), size, Compression::by_name(Path::new(name)), most)
    }

    /// Compression is told by how it begins, for a pipe has no name; what is `named` so and does not begin so
    /// is broken, and the decoder says so.
    fn decompressed(
        raw: Box<dyn Read + Send>,
        size: u64,
        named: Option<Compression>,
        most: Expansion,
    ) -> io::Result<Self> {
        let taken = Arc::new(AtomicU64::new(0));
        let mut counted = Counted { raw, taken: taken.clone() };
        let mut magic = Vec::with_capacity(4);
        counted.by_ref().take(4).read_to_end(&mut magic)?;
        let compression = Compression::by_magic(&magic).or(named.filter(|_| !magic.is_empty()));
        let whole = BufReader::with_capacity(BUFFER, Cursor::new(magic).chain(counted));
        let decoded: Box<dyn Read + Send> = match compression {
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(whole)),
            Some(Compression::Zstd) => Box::new(zstd::Decoder::with_buffer(whole)?),
            #[cfg(feature = "bzip2")]
            Some(Compression::Bzip2) => Box::new(bzip2::bufread::MultiBzDecoder::new(whole)),
            None => return Ok(Self { reader: Box::new(whole), compressed: false, taken, told: 0, size }),
        };
        let growing = Expanding { decoded, made: 0, taken: taken.clone(), most };
        let reader = Box::new(BufReader::with_capacity(BUFFER, growing));
        Ok(Self { reader, compressed: true, taken, told: 0, size })
    }

    /// Its size; of standard input, what was read so far.
    pub(crate) fn size(&self) -> u64 {
        self.size.max(self.taken.load(Ordering::Relaxed))
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

/// How something begins, as far as it takes to tell formats apart, and a reader that begins there again. What
/// fails behind a beginning fails when the reader comes there.
///
/// # Errors
/// If reading fails at once.
pub(crate) fn head(mut reader: Box<dyn BufRead + Send>) -> io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    let mut head = Vec::with_capacity(HEAD as usize);
    let rest: Box<dyn BufRead + Send> = match reader.by_ref().take(HEAD).read_to_end(&mut head) {
        Ok(_) => reader,
        Err(error) if head.is_empty() => return Err(error),
        Err(error) => Box::new(BufReader::new(Failed(Some(error)))),
    };
    Ok((head.clone(), Box::new(Cursor::new(head).chain(rest))))
}

/// What could not be read on.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The ways of compression, told by a file's first bytes and its last ending.
#[derive(Clone, Copy)]
enum Compression {
    Gzip,
    Zstd,
    #[cfg(feature = "bzip2")]
    Bzip2,
}

/// An ending, and the one of what was compressed where it tells that as well: a `.tgz` is a `.tar`.
type End = (&'static str, &'static str);

/// Each with its first bytes and its endings.
const COMPRESSIONS: &[(Compression, &[u8], &[End])] = &[
    (Compression::Gzip, &[0x1F, 0x8B], &[("gz", ""), ("tgz", "tar")]),
    (Compression::Zstd, &[0x28, 0xB5, 0x2F, 0xFD], &[("zst", ""), ("tzst", "tar")]),
    #[cfg(feature = "bzip2")]
    (Compression::Bzip2, b"BZh", &[("bz2", ""), ("tbz2", "tar"), ("tbz", "tar")]),
];

impl Compression {
    fn by_magic(magic: &[u8]) -> Option<Self> {
        COMPRESSIONS.iter().find(|(_, begin, _)| magic.starts_with(begin)).map(|(one, ..)| *one)
    }

    fn by_name(path: &Path) -> Option<Self> {
        let own = path.extension()?.to_str()?;
        let named = |(end, _): &End| own.eq_ignore_ascii_case(end);
        COMPRESSIONS.iter().find(|(.., ends)| ends.iter().any(named)).map(|(one, ..)| *one)
    }
}

/// The ending of a file's name in lower case, one of compression left aside: `txt` of `A.TXT.gz`.
pub(crate) fn ending(path: &Path) -> String {
    let of = |path: &Path| path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let last = of(path);
    let mut ends = COMPRESSIONS.iter().flat_map(|(.., ends)| *ends);
    match ends.find(|(end, _)| *end == last) {
        Some((_, "")) => of(Path::new(path.file_stem().unwrap_or_default())),
        Some((_, inner)) => (*inner).to_owned(),
        None => last,
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
pub(crate) const RATIO_FROM: u64 = 16 << 20;

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
