//! One file of the input and all that is in it: members, and members of members, one after the other and each
//! held whole, within limits.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use claimline_model::{Problem, PublishedBasis, Severity, Str};
use claimline_stage::{Decoded, Found, Origin, Raw};
use serde::{Deserialize, Serialize};

use crate::format::{Container, Format, Limits, Reader, file_too_big};
use crate::input::{self, Input, RATIO_FROM, trouble};
use crate::records::Trouble;

/// What lies in a file, in its order.
pub(crate) trait Members: Send {
    /// The next member; none at the end. What can't be read of it takes nothing from those behind it, unless the
    /// budget is spent.
    fn next(&mut self, budget: &mut Budget) -> Option<Member>;
}

/// A member of a file.
pub(crate) struct Member {
    /// Its path inside, or what else tells it from the others; nothing for what is said of the whole file.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Its bytes, or why they can't be read.
    pub(crate) bytes: Result<Vec<u8>, Trouble>,
}

/// What a member is to the file that holds it.
pub(crate) enum Kind {
    /// A document of this media type, as a line of the table decodes it.
    Document(&'static str),
    /// A file, to be read as if it lay in a folder.
    File,
    /// A file, of which a warning is enough if it is of a kind that is not read.
    Attachment(Told),
    /// A file, of which nothing is said if it is of a kind that is not read.
    Served(Told),
}

impl Kind {
    fn told(&self) -> Option<&Told> {
        match self {
            Self::Attachment(told) | Self::Served(told) => Some(told),
            Self::File | Self::Document(_) => None,
        }
    }
}

/// What is known of a file beside its bytes, on its way from who reads what holds it to who makes the document.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Told {
    /// The media type that it is said to be of.
    #[serde(skip)]
    pub(crate) media_type: Option<String>,
    /// The label of its charset.
    pub(crate) charset: Option<String>,
    /// Its address.
    pub(crate) url: Option<String>,
    /// The day of the mail that it is attached to.
    pub(crate) mailed: Option<String>,
    /// Whether there was more of it.
    pub(crate) cut: bool,
}

impl Told {
    /// What holds for the files in this file too.
    fn of_members(&self) -> Self {
        Self { url: self.url.clone(), mailed: self.mailed.clone(), ..Self::default() }
    }

    /// This, and what holds for it since it holds for what it is in.
    fn with(self, above: Self) -> Self {
        Self { url: self.url.or(above.url), mailed: self.mailed.or(above.mailed), ..self }
    }

    /// As it stands beside the bytes.
    fn note(&self) -> Str {
        match *self == Self::default() {
            true => Str::default(),
            false => serde_json::to_string(self).map(Str::from).unwrap_or_default(),
        }
    }

    /// What is told of a document, in [`Raw::note`].
    pub(crate) fn read(note: &str) -> Self {
        serde_json::from_str(note).unwrap_or_default()
    }

    /// Adds to a document what it does not say itself.
    pub(crate) fn add_to(self, decoded: &mut Decoded, stage: &str, origin: &Origin) {
        let document = &mut decoded.document;
        if document.url.is_none() {
            document.url = self.url.map(Str::from);
        }
        let unsaid = matches!(document.published_basis, PublishedBasis::None | PublishedBasis::Option);
        if let Some(day) = self.mailed.and_then(|day| day.parse().ok()).filter(|_| unsaid) {
            (document.published, document.published_basis) = (Some(day), PublishedBasis::Mail);
        }
        if self.cut {
            let problem = origin.problem(stage, Severity::Warning, "truncated", "it is only the beginning");
            decoded.warnings.push(Problem { doc_id: Some(document.doc_id.clone()), ..problem });
        }
    }
}

impl Member {
    /// What is said of the whole file, which ends here.
    pub(crate) fn trouble(trouble: Trouble) -> Self {
        Self { name: String::new(), kind: Kind::File, bytes: Err(trouble) }
    }
}

/// How much may still be read of one file of the input.
pub(crate) struct Budget {
    limits: Limits,
    /// The file's size, as far as it is known.
    size: u64,
    made: u64,
    spent: bool,
}

impl Budget {
    /// Reads a member whole; what is past a limit is left unread.
    ///
    /// # Errors
    /// If it is longer than a document may be, the file expands too much with it, or reading fails.
    pub(crate) fn read(&mut self, from: &mut dyn Read) -> Result<Vec<u8>, Trouble> {
        let Limits { bytes: most, expansion, .. } = self.limits;
        let by_ratio = self.size.saturating_mul(expansion.ratio.into()).max(RATIO_FROM);
        let (room, limit) = match expansion.bytes < by_ratio {
            true => (expansion.bytes, format!("{} bytes, the limit `max_expanded_bytes`", expansion.bytes)),
            false => (by_ratio, format!("{} times its size, the limit `max_ratio`", expansion.ratio)),
        };
        let room = room.saturating_sub(self.made);
        let mut bytes = Vec::new();
        let read = from.take(room.min(most).saturating_add(1)).read_to_end(&mut bytes);
        self.made += bytes.len() as u64;
        if bytes.len() as u64 > room {
            self.spent = true;
            return Err(("expands_too_much", format!("it expands to more than {limit}")));
        }
        if bytes.len() as u64 > most {
            return Err(file_too_big(most));
        }
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(trouble(&error)),
        }
    }
}

/// A file of the input that is being read.
pub(crate) struct Nest {
    stage: &'static str,
    origin: Origin,
    input: Input,
    budget: Budget,
    open: Vec<Level>,
    /// How many members there were.
    members: u64,
    /// How often each path came, by its hash: no two members may be called the same.
    paths: HashMap<u64, u32>,
}

/// Something with members that is being read.
struct Level {
    path: String,
    /// What is told of it.
    told: Told,
    /// Whether nothing was said of anything in it.
    empty: bool,
    members: Box<dyn Members>,
}

impl Nest {
    /// Begins a file; what there is to tell of it at once is the second value. `path` is where it lies, if it
    /// has a place.
    pub(crate) fn open(
        stage: &'static str,
        origin: Origin,
        path: Option<PathBuf>,
        mut input: Input,
        limits: Limits,
    ) -> (Self, Option<Found>) {
        let reader = std::mem::replace(&mut input.reader, Box::new(io::empty()));
        let path = path.filter(|_| !input.compressed);
        let budget = Budget { limits, size: input.size(), made: 0, spent: false };
        let mut nest =
            Self { stage, origin, input, budget, open: Vec::new(), members: 0, paths: HashMap::new() };
        let name = nest.origin.path.clone();
        let found = nest.enter(&name, String::new(), reader, path, &Kind::File, Told::default());
        (nest, found)
    }

    /// What comes next in it; none at its end.
    pub(crate) fn next(&mut self) -> Option<Found> {
        loop {
            let level = self.open.last_mut()?;
            self.budget.size = self.input.size();
            let next = catch_unwind(AssertUnwindSafe(|| level.members.next(&mut self.budget)));
            let member = match next {
                Ok(Some(member)) => member,
                Ok(None) => {
                    let ended = self.open.pop().filter(|level| level.empty);
                    match ended {
                        Some(Level { path, .. }) => {
                            return Some(
                                self.lost(&path, ("empty", "there is nothing in it to read".to_owned())),
                            );
                        }
                        None => continue,
                    }
                }
                Err(panic) => Member::trouble(panicked(&*panic)),
            };
            if let Some(found) = self.member(member) {
                self.open.iter_mut().for_each(|level| level.empty = false);
                return Some(found);
            }
        }
    }

    /// Bytes taken of the input since this was last asked.
    pub(crate) fn consumed(&mut self) -> u64 {
        self.input.consumed()
    }

    /// What is left of the input when it has ended.
    pub(crate) fn rest(&mut self) -> u64 {
        self.input.rest()
    }

    fn member(&mut self, member: Member) -> Option<Found> {
        let Member { name, kind, bytes } = member;
        let (above, told) =
            self.open.last().map_or(("", Told::default()), |level| (&level.path, level.told.of_members()));
        let path = match (above, &*name) {
            (above, "") => above.to_owned(),
            ("", name) => name.to_owned(),
            (above, name) => format!("{above}/{name}"),
        };
        self.members += 1;
        if self.members > self.budget.limits.members {
            self.open.clear();
            let message = format!("it holds more than {} members, the limit `max_members`", self.members - 1);
            return Some(self.lost("", ("too_many_members", message)));
        }
        if self.budget.spent {
            self.open.clear();
        }
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(trouble) => {
                // What is said of a whole file is said when there is no more to come of it.
                if name.is_empty() {
                    self.open.pop();
                }
                return Some(self.lost(&path, trouble));
            }
        };
        let path = if name.is_empty() { path } else { self.unique(path) };
        if let Kind::Document(media_type) = kind {
            return Some(self.raw(&path, media_type, &told, bytes));
        }
        let told = kind.told().map_or(told.clone(), |own| own.clone().with(told));
        let expansion = self.budget.limits.expansion;
        match Input::within(bytes, &name, expansion) {
            Ok(input) => self.enter(&name, path, input.reader, None, &kind, told),
            Err(error) => Some(self.lost(&path, trouble(&error))),
        }
    }

    /// Reads a file of this name, or begins to if it has members; `path` is what it is called in the table.
    fn enter(
        &mut self,
        name: &str,
        path: String,
        reader: Box<dyn BufRead + Send>,
        file: Option<PathBuf>,
        kind: &Kind,
        told: Told,
    ) -> Option<Found> {
        let (head, mut reader) = match input::head(reader) {
            Ok(begun) => begun,
            Err(error) => return Some(self.lost(&path, trouble(&error))),
        };
        if head.is_empty() {
            return Some(self.lost(&path, ("empty", "it is empty".to_owned())));
        }
        let format = Format::of(name, told.media_type.as_deref(), &head);
        if let Some(trouble) = format.refusal() {
            return match kind {
                Kind::Attachment(_) => Some(Found::Warning(self.problem(&path, Severity::Warning, trouble))),
                Kind::Served(_) => None,
                Kind::File | Kind::Document(_) => Some(self.lost(&path, trouble)),
            };
        }
        let (Reader::Members(split) | Reader::Documents(split, _)) = format.reader else {
            return Some(match self.budget.read(&mut reader) {
                Ok(bytes) => self.raw(&path, format.media_type, &told, bytes),
                Err(trouble) => {
                    if self.budget.spent {
                        self.open.clear();
                    }
                    self.lost(&path, trouble)
                }
            });
        };
        let Limits { depth, .. } = self.budget.limits;
        if self.open.len() >= depth {
            let message = format!("it lies {depth} archives deep, the limit `max_depth`");
            return Some(self.lost(&path, ("nested_too_deep", message)));
        }
        let container = Container { reader, file };
        let limits = self.budget.limits;
        let split = catch_unwind(AssertUnwindSafe(|| split(container, &limits)));
        match split.unwrap_or_else(|panic| Err(panicked(&*panic))) {
            Ok(members) => {
                self.open.push(Level { path, told, empty: true, members });
                None
            }
            Err(trouble) => Some(self.lost(&path, trouble)),
        }
    }

    /// The path, or the path with a number if it came before.
    fn unique(&mut self, path: String) -> String {
        let hash = |path: &str| {
            let mut hasher = DefaultHasher::new();
            path.hash(&mut hasher);
            hasher.finish()
        };
        let first = hash(&path);
        let mut own = path.clone();
        while let Some(times) = self.paths.get(&hash(&own)) {
            let times = times + 1;
            self.paths.insert(first, times);
            own = format!("{path} ({times})");
        }
        self.paths.insert(hash(&own), 1);
        own
    }

    fn origin(&self, path: &str) -> Origin {
        let member = (!path.is_empty()).then(|| Str::new(path));
        Origin { member, ..self.origin.clone() }
    }

    fn raw(&self, path: &str, media_type: &'static str, told: &Told, bytes: Vec<u8>) -> Found {
        let media_type = Str::new_static(media_type);
        Found::Raw(Raw { origin: self.origin(path), media_type, note: told.note(), bytes, consumed: 0 })
    }

    fn lost(&self, path: &str, trouble: Trouble) -> Found {
        Found::Lost(self.problem(path, Severity::Error, trouble))
    }

    fn problem(&self, path: &str, severity: Severity, trouble: Trouble) -> Problem {
        let (code, message) = trouble;
        self.origin(path).problem(self.stage, severity, code, &message)
    }
}

/// What to say where a library panicked.
fn panicked(panic: &(dyn Any + Send)) -> Trouble {
    let said = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    ("panicked", said.unwrap_or("a panic without a message").to_owned())
}
