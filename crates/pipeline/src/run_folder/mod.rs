//! What a run leaves on the disk while it goes on, so that one that was killed loses next to nothing
//! and ends with the same bytes.
//!
//! ```text
//! OUT/.claimline/
//!   LOCK           held by the process that runs; its number stands inside
//!   plan.json      what is run: pipeline, program, plugins, settings
//!   inputs.jsonl   what it is run on: path, size and time of each file, in the order of reading
//!   journal        what is done: a line a batch, and the publishing
//!   earlier        the journal of the run before, while rows are taken over from what it published
//!   parts/N-SINK/  what each sink has written so far
//!   problems.jsonl the problems of the run that was published, for `claimline problems`
//! ```
//!
//! **Beginning.** `plan.json` is written last, to another name, synced and renamed. A folder without it
//! holds nothing of worth and is begun anew.
//!
//! **A batch.** The sinks add it to their files and tell which bytes that were ([`Kept`]). A [`Note`]
//! of these, of the input it came from and of the ids and contents seen goes into the journal. Nothing
//! is synced: what a process has written outlives its being killed.
//!
//! **A commit group** (16 MiB of input) ends with a sync of what the sinks wrote and of their folders,
//! then of the journal. So a loss of power costs no more than a group.
//!
//! **Recovery** takes the journal's longest prefix in which every line has its checksum and follows on
//! the one before, and every stretch of a file that it tells of has its own. What a sink keeps only
//! `until_commit` is checked for the open group alone. The journal and the sinks' files are cut there,
//! files that are not told of are removed, the ids and contents seen and the memories of ordered stages
//! are handed back, and the reader passes over what was read: it hashes that again, and a difference
//! ends the run. Batches are cut by the input alone, so what follows is the same.
//!
//! **Publishing.** The finished files, `datapackage.json` and `manifest.json` are made in the run
//! folder and synced. A [`Publish`] record says which file goes where: from then on the run is
//! finished. Each file is renamed, the folders are synced, and the parts are removed. The next start
//! does what of that was not done.

mod earlier;
mod inputs;
mod journal;
mod plan_file;
mod publish;
mod recorded;
mod seen;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use claimline_stage::{Disk, InputFile, SystemDisk, Workshop};

pub(crate) use earlier::{Earlier, Place};
pub use inputs::resolved;
pub(crate) use journal::{Journal, Note, Standing};
pub(crate) use plan_file::{PlanFile, VERSION};
pub(crate) use publish::Publish;
pub use recorded::{NoRecord, Recorded};
pub(crate) use seen::Seen;

/// The folder, inside the output folder, that a run works in.
const FOLDER: &str = ".claimline";
const LOCK: &str = "LOCK";
const PLAN: &str = "plan.json";
const INPUTS: &str = "inputs.jsonl";
const JOURNAL: &str = "journal";
const EARLIER: &str = "earlier";
const PARTS: &str = "parts";
/// The problems of a run, whichever tables its sinks write.
pub(crate) const PROBLEMS: &str = "problems.jsonl";
/// The folder in [`PARTS`] of the engine's own files.
pub(crate) const ENGINE: &str = "engine";

/// Why nothing is taken over from what a run has published.
const NO_SHAPES: &str = "a stage sees all of them in order, or a sink can't hand back its rows";

/// Why a run can't begin, or go on, in its folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder could not be written or read.
    #[error("can't write {}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another process runs there.
    #[error("{} is being written by another run{}", out.display(), holder(*process))]
    Held {
        /// The output folder.
        out: PathBuf,
        /// The number of that process, if it could be read.
        process: Option<u32>,
    },
    /// What was begun is not what is asked for now, or what was finished has been edited since.
    #[error("{} holds {} that does not fit:\n  {}\n`--restart` begins anew, `--out` writes elsewhere",
        out.display(),
        if *finished { "a finished run" } else { "an interrupted run" },
        changes.join("\n  "))]
    Changed {
        /// The output folder.
        out: PathBuf,
        /// What has changed: the pipeline, the program, a plugin, the options or the inputs; or the tables.
        changes: Vec<String>,
        /// Whether it was finished.
        finished: bool,
    },
    /// A file is there but can't be replaced.
    #[error("can't replace {}: {error}\nThe tables are finished; close the file and give the same command again.", path.display())]
    Replace {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

fn holder(process: Option<u32>) -> String {
    process.map_or_else(String::new, |process| format!(" (process {process})"))
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> FolderError + '_ {
    move |error| FolderError::Io { path: path.to_owned(), error }
}

/// The run folder of an output folder, while this process has it to itself.
pub(crate) struct RunFolder {
    pub(crate) out: PathBuf,
    folder: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    /// The lock goes with the process.
    _lock: File,
}

/// What there is to do in a run folder.
pub(crate) enum Begun {
    /// What the journal does not tell of.
    Open {
        /// Where to go on telling.
        journal: Journal,
        /// What stands.
        standing: Standing,
        /// What rows are taken over from.
        earlier: Option<Earlier>,
    },
    /// Nothing: it was done before.
    Finished(Publish),
}

/// What a run folder is opened for.
pub(crate) struct Asked<'a> {
    /// The plan, as it is to be remembered.
    pub(crate) plan: &'a PlanFile,
    /// The files of the input, again at each call; none if they can't be read again.
    pub(crate) inputs: &'a dyn Fn() -> Option<Box<dyn Iterator<Item = InputFile> + 'a>>,
    /// The sinks' names, in order.
    pub(crate) sinks: &'a [String],
    /// Whether to forget what was done.
    pub(crate) restart: bool,
    /// Whether to look into the published files.
    pub(crate) strict: bool,
    /// What to take over of a finished run, if something has changed.
    pub(crate) again: Again,
}

/// Which documents of a finished run are run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// All, if anything has changed.
    #[default]
    All,
    /// Those that are new or have changed, and those with problems; all, if the pipeline has changed.
    Changed,
    /// The same, even if stages have changed, and if nothing has.
    Problems,
}

impl RunFolder {
    /// Makes the folder, if it is not there, and locks it.
    pub(crate) fn open(out: &Path, disk: Arc<dyn Disk>) -> Result<Self, FolderError> {
        let folder = out.join(FOLDER);
        disk.create_folder(&folder).map_err(at(&folder))?;
        let lock = lock(out, &folder.join(LOCK))?;
        Ok(Self { out: out.to_owned(), folder, disk, _lock: lock })
    }

    /// Looks at what is there, rolls an interrupted publishing forward, and gets ready to go on or to
    /// begin anew. `recall` is shown each batch that is done.
    pub(crate) fn begin(&self, asked: &Asked, recall: &mut dyn FnMut(&Note)) -> Result<Begun, FolderError> {
        let journal = self.folder.join(JOURNAL);
        let published = journal::published(&journal).map_err(at(&journal))?;
        if let Some(publish) = &published {
            self.place(publish)?;
        }
        let stored = PlanFile::read(&self.folder.join(PLAN)).filter(|stored| stored.resumable);
        let Some(stored) = stored.filter(|_| !asked.restart && asked.plan.resumable) else {
            return self.begin_anew(asked, false);
        };
        let of_plan = stored.changes(asked.plan);
        let mut changes = of_plan.clone();
        if let Some(inputs) = (asked.inputs)() {
            let path = self.folder.join(INPUTS);
            changes.extend(inputs::changes(&path, Path::new(""), inputs).map_err(at(&path))?);
        }
        let refused =
            |changes, finished| Err(FolderError::Changed { out: self.out.clone(), changes, finished });
        if let Some(publish) = published {
            // What was finished is made anew where something has changed, but for files that somebody
            // has worked on since.
            let damages = self.damages(&publish, asked.strict || asked.again != Again::All);
            if !damages.is_empty() {
                return refused(damages, true);
            }
            let retried =
                asked.again == Again::Problems && publish.counts.failed + publish.counts.warnings > 0;
            if changes.is_empty() && !retried {
                return Ok(Begun::Finished(publish));
            }
            let takes_over = match asked.again {
                Again::All => false,
                Again::Changed => of_plan.is_empty(),
                Again::Problems => {
                    let changes = stored.changes_beside_stages(asked.plan);
                    if !changes.is_empty() {
                        return refused(changes, true);
                    }
                    true
                }
            };
            if takes_over && asked.plan.shapes.is_some() {
                return self.begin_anew(asked, true);
            }
            if !changes.is_empty() {
                tracing::info!("began anew: {}", changes.join("; "));
            }
            if takes_over {
                tracing::info!("all documents are run again: {NO_SHAPES}");
            }
            return self.begin_anew(asked, false);
        }
        if !changes.is_empty() {
            return refused(changes, false);
        }
        let earlier = match stored.takes_over {
            true => Some(self.earlier()?),
            false => None,
        };
        let parts = self.workshops(asked.sinks).map(|(_, folder)| folder).collect::<Vec<_>>();
        let standing = journal::standing(&journal, &parts).map_err(at(&journal))?;
        let (journal, standing) = Journal::resume(self.disk.as_ref(), &journal, standing, recall)?;
        for (folder, kept) in parts.iter().zip(&standing.kept) {
            self.clear(folder, &|name| kept.iter().any(|kept| kept.path == name))?;
        }
        Ok(Begun::Open { journal, standing, earlier })
    }

    /// What the run before has published, if it is still as that left it.
    fn earlier(&self) -> Result<Earlier, FolderError> {
        let path = self.folder.join(EARLIER);
        let published = journal::published(&path).map_err(at(&path))?;
        let damages = published.map_or_else(Vec::new, |publish| self.damages(&publish, true));
        if !damages.is_empty() {
            return Err(FolderError::Changed { out: self.out.clone(), changes: damages, finished: false });
        }
        Earlier::open(&path).map_err(at(&path))
    }

    /// Forgets what was done, but for what was published where that is taken over.
    fn begin_anew(&self, asked: &Asked, takes_over: bool) -> Result<Begun, FolderError> {
        let (plan, inputs) = (self.folder.join(PLAN), self.folder.join(INPUTS));
        if plan.exists() {
            self.disk.remove(&plan).map_err(at(&plan))?;
            self.disk.sync_folder(&self.folder).map_err(at(&self.folder))?;
        }
        self.clear_parts()?;
        let mut sinks = 0;
        for (_, folder) in self.workshops(asked.sinks) {
            self.disk.create_folder(&folder).map_err(at(&folder))?;
            sinks += 1;
        }
        let path = self.folder.join(JOURNAL);
        if takes_over {
            self.disk.rename(&path, &self.folder.join(EARLIER)).map_err(at(&path))?;
        } else {
            self.remove_if_there(EARLIER)?;
        }
        let journal = Journal::create(self.disk.as_ref(), &path)?;
        if let Some(files) = (asked.inputs)() {
            inputs::write(self.disk.as_ref(), &inputs, files).map_err(at(&inputs))?;
        }
        let remembered = PlanFile { takes_over, ..asked.plan.clone() };
        self.write_whole(PLAN, &remembered.to_text())?;
        self.disk.sync_folder(&self.folder).map_err(at(&self.folder))?;
        Ok(Begun::Open {
            journal,
            standing: Standing { kept: vec![Vec::new(); sinks], ..Standing::default() },
            earlier: if takes_over { Some(self.earlier()?) } else { None },
        })
    }

    fn remove_if_there(&self, name: &str) -> Result<(), FolderError> {
        let path = self.folder.join(name);
        if path.exists() { self.disk.remove(&path).map_err(at(&path)) } else { Ok(()) }
    }

    /// The workshops of the sinks, by name, and last that of the engine itself.
    fn workshops<'a>(&'a self, sinks: &'a [String]) -> impl Iterator<Item = (&'a str, PathBuf)> + 'a {
        let parts = self.folder.join(PARTS);
        let engine = parts.join(ENGINE);
        let sinks = sinks.iter().enumerate();
        sinks
            .map(move |(i, name)| (name.as_str(), parts.join(format!("{i}-{name}"))))
            .chain([(ENGINE, engine)])
    }

    /// Where the sink number `sink` works; the engine itself comes behind the sinks.
    pub(crate) fn workshop(
        &self,
        sinks: &[String],
        sink: usize,
        threads: usize,
        resumable: bool,
    ) -> Workshop {
        let folder =
            self.workshops(sinks).nth(sink).map_or_else(|| self.folder.join(PARTS), |(_, folder)| folder);
        Workshop { disk: self.disk.clone(), folder, threads, resumable }
    }

    /// Makes durable which files the workshops hold.
    pub(crate) fn sync_parts(&self, sinks: &[String]) -> Result<(), FolderError> {
        let folders = self.workshops(sinks).map(|(_, folder)| folder);
        folders
            .chain([self.folder.join(PARTS), self.folder.clone()])
            .try_for_each(|folder| self.disk.sync_folder(&folder).map_err(at(&folder)))
    }

    /// Writes a file of the run folder, whole or not at all.
    fn write_whole(&self, name: &str, text: &str) -> Result<PathBuf, FolderError> {
        let (path, new) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let written = self.disk.create(&new).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync()
        });
        written.map_err(at(&new))?;
        self.disk.rename(&new, &path).map_err(at(&path))?;
        Ok(path)
    }

    fn clear_parts(&self) -> Result<(), FolderError> {
        let parts = self.folder.join(PARTS);
        let Ok(folders) = fs::read_dir(&parts) else { return Ok(()) };
        for folder in folders {
            self.clear(&folder.map_err(at(&parts))?.path(), &|_| false)?;
        }
        Ok(())
    }

    /// Removes the files of a folder but those to `keep`.
    fn clear(&self, folder: &Path, keep: &dyn Fn(&str) -> bool) -> Result<(), FolderError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // A loss of power may have taken the folder itself.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.disk.create_folder(folder).map_err(at(folder));
            }
            Err(error) => return Err(at(folder)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(at(folder))?;
            let path = entry.path();
            if path.is_dir() {
                // A plugin's own; it makes no promise before it has finished.
                fs::remove_dir_all(&path).map_err(at(&path))?;
            } else if !keep(&entry.file_name().to_string_lossy()) {
                self.disk.remove(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }
}

/// The file with the problems, one a line of JSON, of the run in an output folder: of one that goes on or
/// was interrupted, else of the one that was published.
pub fn problems_file(out: &Path) -> Option<PathBuf> {
    let folder = out.join(FOLDER);
    let files = [folder.join(PARTS).join(ENGINE).join(PROBLEMS), folder.join(PROBLEMS)];
    files.into_iter().find(|file| file.exists())
}

/// How long a lock is waited for. A process that has just ended may have left it with a child for the
/// moment between its fork and its exec.
const PATIENCE: Duration = Duration::from_millis(300);

/// Locks the folder for this process and writes its number down for those that come second.
fn lock(out: &Path, path: &Path) -> Result<File, FolderError> {
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = options.map_err(at(path))?;
    let until = Instant::now() + PATIENCE;
    let mut locked = file.try_lock();
    while matches!(locked, Err(TryLockError::WouldBlock)) && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // On Windows a locked file can't be read.
            let _ = file.read_to_string(&mut text);
            return Err(FolderError::Held { out: out.to_owned(), process: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(at(path)(error)),
    }
    let number = format!("{}\n", std::process::id());
    let written = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(number.as_bytes()));
    written.map_err(at(path))?;
    Ok(file)
}

/// Reads a journal as a run that goes on does, with the sinks' files in the folders `parts`: cuts it behind
/// what holds, and says how many batches that are. What the fuzz targets look at, without a run.
///
/// # Errors
/// If the disk fails.
#[doc(hidden)]
pub fn recovered(journal: &Path, parts: &[PathBuf]) -> Result<u64, FolderError> {
    journal::published(journal).map_err(at(journal))?;
    let standing = journal::standing(journal, parts).map_err(at(journal))?;
    let (_, standing) = Journal::resume(&SystemDisk, journal, standing, &mut |_| {})?;
    Ok(standing.batches)
}
