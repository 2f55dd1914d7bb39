//! Where the input lies: patterns, folders, files and standard input, walked in one fixed order.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use claimline_model::{Problem, Severity, Str, id};
use claimline_stage::{InputFile, OptionError, Origin};
use globset::{GlobBuilder, GlobMatcher};
use walkdir::{DirEntry, WalkDir};

use crate::input::ending;

/// The places that an option `paths` names.
pub(crate) struct Places {
    stage: &'static str,
    roots: Vec<Root>,
    /// The file names that a folder is searched for, by their ends; none means all.
    endings: &'static [&'static str],
}

/// One pattern: where its walk begins, and what it takes.
struct Root {
    pattern: String,
    start: PathBuf,
    /// The path of `start` (its folder's, for a single file) below what all patterns have in common.
    below: String,
    kind: Kind,
}

enum Kind {
    Stdin,
    File,
    Folder,
    Glob { rest: GlobMatcher, depth: usize, hidden: bool },
}

/// What a walk comes upon.
pub(crate) enum Step {
    /// A file to read.
    File(Origin, PathBuf),
    /// Standard input.
    Stdin(Origin),
    /// A place that can't be looked into.
    Lost(Problem),
    /// A pattern that nothing matches.
    NoMatch(Problem),
}

impl Places {
    /// Makes sense of `paths`, which are relative to `base`. A folder is searched for files whose
    /// names end (before `.gz` or `.zst`) in one of `endings`.
    ///
    /// # Errors
    /// If there are none, a path that is no pattern does not exist, or a pattern is malformed.
    pub(crate) fn new(
        stage: &'static str,
        paths: &[String],
        base: &Path,
        endings: &'static [&'static str],
    ) -> Result<Self, OptionError> {
        if paths.is_empty() {
            return Err(OptionError::new("/paths", "name at least one file, folder or pattern"));
        }
        let mut roots = Vec::with_capacity(paths.len());
        for (i, path) in paths.iter().enumerate() {
            let at = |error: OptionError| OptionError { at: format!("/paths/{i}"), ..error };
            roots.push(Root::new(path, base).map_err(at)?);
        }
        let folders: Vec<Option<PathBuf>> = roots.iter().map(Root::folder).collect();
        let common = folders.iter().flatten().cloned().reduce(|a, b| common_folder(&a, &b));
        if let Some(common) = common {
            for (root, folder) in roots.iter_mut().zip(&folders) {
                let below = folder.as_deref().and_then(|folder| folder.strip_prefix(&common).ok());
                root.below = below.map(slashed).unwrap_or_default();
            }
        }
        Ok(Self { stage, roots, endings })
    }

    /// The paths that nothing matches.
    pub(crate) fn unmatched(&self) -> Vec<OptionError> {
        let is_empty = |(i, root): (usize, &Root)| {
            let mut entries = match root.kind {
                Kind::Stdin => return None,
                _ => root.entries(),
            };
            let nothing = !entries.any(|entry| self.step(root, entry).is_some());
            nothing.then(|| OptionError::new(format!("/paths/{i}"), no_match(root)))
        };
        self.roots.iter().enumerate().filter_map(is_empty).collect()
    }

    /// The files, in the order in which they are read; none if standard input is among them.
    pub(crate) fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        if self.roots.iter().any(|root| matches!(root.kind, Kind::Stdin)) {
            return None;
        }
        let input = |step| match step {
            Step::File(origin, path) => Some(input_file(&origin, &path)),
            Step::Stdin(_) | Step::Lost(_) | Step::NoMatch(_) => None,
        };
        Some(Box::new(self.walk().filter_map(input)))
    }

    /// Every file once: pattern by pattern, each folder's entries in the order of their names.
    pub(crate) fn walk(&self) -> impl Iterator<Item = Step> + Send + '_ {
        let mut roots = self.roots.iter();
        let mut current: Option<(&Root, Entries, bool)> = None;
        let mut seen = HashSet::new();
        std::iter::from_fn(move || {
            loop {
                if let Some((root, entries, matched)) = &mut current {
                    for entry in entries.by_ref() {
                        match self.step(root, entry) {
                            Some(Step::File(origin, path)) => {
                                *matched = true;
                                if seen.insert(identity(&path)) {
                                    return Some(Step::File(origin, path));
                                }
                            }
                            Some(step) => {
                                *matched = true;
                                return Some(step);
                            }
                            None => {}
                        }
                    }
                    let (root, _, matched) = current.take()?;
                    if !matched {
                        return Some(Step::NoMatch(self.no_match(root)));
                    }
                }
                let root = roots.next()?;
                if let Kind::Stdin = root.kind {
                    let origin = Origin { uri: "-".into(), path: "-".into(), member: None };
                    if seen.insert("-".into()) {
                        return Some(Step::Stdin(origin));
                    }
                    continue;
                }
                current = Some((root, root.entries(), false));
            }
        })
    }

    fn step(&self, root: &Root, entry: walkdir::Result<DirEntry>) -> Option<Step> {
        let entry = match entry {
            Ok(entry) => entry,
            // A pattern whose folder is missing matches nothing, which is said once for the pattern.
            Err(error) if error.depth() == 0 && matches!(root.kind, Kind::Glob { .. }) => {
                let missing = error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound);
                return (!missing).then(|| Step::Lost(self.unreadable(&error)));
            }
            Err(error) => return Some(Step::Lost(self.unreadable(&error))),
        };
        let inner = entry.path().strip_prefix(&root.start).unwrap_or(entry.path());
        let taken = match &root.kind {
            Kind::Stdin | Kind::File => true,
            Kind::Folder => entry.file_type().is_file() && self.has_ending(entry.path()),
            Kind::Glob { rest, .. } => entry.file_type().is_file() && rest.is_match(inner),
        };
        if !taken {
            return None;
        }
        let name = if entry.depth() == 0 { PathBuf::from(entry.file_name()) } else { inner.to_owned() };
        let path = slashed(&Path::new(&root.below).join(name));
        let uri = Str::new(entry.path().to_string_lossy());
        Some(Step::File(Origin { uri, path: path.into(), member: None }, entry.into_path()))
    }

    fn has_ending(&self, path: &Path) -> bool {
        self.endings.is_empty() || self.endings.contains(&ending(path).as_str())
    }

    fn unreadable(&self, error: &walkdir::Error) -> Problem {
        let path = error.path().unwrap_or(Path::new(""));
        let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        let origin = Origin { uri: Str::new(path.to_string_lossy()), ..Origin::default() };
        origin.problem(self.stage, Severity::Error, "unreadable", &why)
    }

    fn no_match(&self, root: &Root) -> Problem {
        let origin = Origin { uri: Str::new(&root.pattern), ..Origin::default() };
        origin.problem(self.stage, Severity::Warning, "no_match", &no_match(root))
    }
}

fn no_match(root: &Root) -> String {
    format!("nothing to read matches `{}`", root.pattern)
}

type Entries = Box<dyn Iterator<Item = walkdir::Result<DirEntry>> + Send>;

impl Root {
    fn new(pattern: &str, base: &Path) -> Result<Self, OptionError> {
        let root = |start, kind| Self { pattern: pattern.to_owned(), start, below: String::new(), kind };
        if pattern == "-" {
            return Ok(root(PathBuf::new(), Kind::Stdin));
        }
        let whole = tidied(&base.join(pattern));
        if let Ok(data) = fs::metadata(&whole) {
            return Ok(root(whole, if data.is_dir() { Kind::Folder } else { Kind::File }));
        }
        let parts: Vec<_> = Path::new(pattern).components().collect();
        let is_pattern =
            |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
        let Some(literal) = parts.iter().position(is_pattern) else {
            let message = format!("there is no file or folder `{}`", whole.display());
            let help = "a relative path starts from the folder of the pipeline file";
            return Err(OptionError::new("", message).with_help(help));
        };
        let start = tidied(&base.join(parts[..literal].iter().collect::<PathBuf>()));
        let rest = slashed(&parts[literal..].iter().collect::<PathBuf>());
        let glob = GlobBuilder::new(&rest).literal_separator(true).build();
        let glob = glob.map_err(|error| {
            let help = "`[` and `{` begin a choice; `[[]` and `[{]` stand for the signs themselves";
            OptionError::new("", format!("`{pattern}` is no pattern: {}", error.kind())).with_help(help)
        })?;
        let depth = if rest.contains("**") { usize::MAX } else { parts.len() - literal };
        let hidden = rest.split('/').any(|part| part.starts_with('.'));
        Ok(root(start, Kind::Glob { rest: glob.compile_matcher(), depth, hidden }))
    }

    /// The folder that paths below this root are told from.
    fn folder(&self) -> Option<PathBuf> {
        let start = std::path::absolute(&self.start).ok()?;
        match self.kind {
            Kind::Stdin => None,
            Kind::File => start.parent().map(Path::to_owned),
            Kind::Folder | Kind::Glob { .. } => Some(start),
        }
    }

    /// Walks it. Hidden files and folders are passed by, as a shell does, unless the pattern spells
    /// their dot.
    fn entries(&self) -> Entries {
        let (depth, hidden) = match self.kind {
            Kind::Stdin | Kind::File => (0, true),
            Kind::Folder => (usize::MAX, false),
            Kind::Glob { depth, hidden, .. } => (depth, hidden),
        };
        // An empty start is the current folder, which walking needs a name for.
        let start = if self.start.as_os_str().is_empty() { Path::new(".") } else { &self.start };
        let walk = WalkDir::new(start).follow_links(true).max_depth(depth).sort_by_file_name();
        let shown = move |entry: &DirEntry| {
            hidden || entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        };
        Box::new(walk.into_iter().filter_entry(shown))
    }
}

fn input_file(origin: &Origin, path: &Path) -> InputFile {
    let data = fs::metadata(path).ok();
    let modified = data.as_ref().and_then(|data| data.modified().ok());
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    InputFile {
        path: origin.uri.to_string(),
        bytes: data.map_or(0, |data| data.len()),
        modified: since.and_then(|since| i64::try_from(since.as_nanos()).ok()),
    }
}

/// What makes a file the same file, however it was reached: 80 bits of its resolved path's hash, so
/// that a million files need some 24 MB.
fn identity(path: &Path) -> Str {
    let resolved = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    id('f', &[resolved.as_os_str().as_encoded_bytes()])
}

fn common_folder(a: &Path, b: &Path) -> PathBuf {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// With `/` between the parts, whatever the system uses.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/").replacen("//", "/", 1)
}

/// Takes `folder/..` out where that leads to the same place, for a path fit to be read.
fn tidied(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(short.components().next_back(), Some(Component::Normal(_))) => {
                short.pop();
            }
            part => short.push(part),
        }
    }
    if !short.as_os_str().is_empty() && path.components().all(|part| part != Component::ParentDir) {
        return short;
    }
    // A link among the parts could make `..` lead elsewhere.
    let same = match (path.canonicalize(), short.canonicalize()) {
        (Ok(long), Ok(short)) => long == short,
        _ => false,
    };
    if same { short } else { path.to_owned() }
}
