//! Stages, sources and sinks that are not built in: found, described, and kept at arm's length.
//!
//! ```text
//! Place --connect--> Link --open--> in the process: a library's functions       (library.rs)
//!                                   beside it: a child over Arrow or JSON lines (child.rs, wire.rs, jsonl.rs)
//! ```
//!
//! [`registration`] makes of a plugin what a built-in is, so that the rest of the house need not know
//! which is which. What a plugin can do wrong is a [`Fault`], and costs the document that it does it with.

mod child;
mod conformance;
mod jsonl;
mod library;
mod serve;
mod sink;
mod source;
mod stage;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use claimline_model::{Claim, Mention, Record};
use claimline_stage::host::{Failure, Instance};
use claimline_stage::tables::Lens;
use claimline_stage::{
    Declared, Description, Door, OptionError, Reads, Registration, Resource, Role, Settings, StageDoor,
    Tables, TextUse,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use child::Child;
#[doc(hidden)]
pub use child::answered;
pub use conformance::{Outcome, conformance};
pub use serve::serve;

/// The item of a pipeline that is a plugin.
pub(crate) const PLUGIN: &str = "plugin";

/// A plugin: a library or a program, and its options.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginOptions {
    /// A shared library, relative to this file; `region` also finds `libregion.so`, or what the system calls it.
    pub library: Option<String>,
    /// A program and its arguments, started in the folder of this file, that speaks `protocol` on its standard input and output.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,
    /// What a `command` speaks: Arrow IPC streams, or JSON lines.
    #[serde(default)]
    pub protocol: Protocol,
    /// Where a `library` runs: in claimline's process, or in one of its own, so that a crash or a hang costs one document and not the run.
    #[serde(default)]
    pub isolation: Isolation,
    /// How many seconds a process of its own may take for a batch.
    #[serde(default = "one_minute")]
    #[schemars(range(min = 1))]
    pub timeout_seconds: u32,
    /// The plugin's own options; `claimline stages PATH` shows them.
    #[serde(default)]
    pub options: serde_json::Map<String, Value>,
}

/// What a child speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// A line of JSON, and Arrow IPC streams behind it.
    #[default]
    Arrow,
    /// A line of JSON a document.
    Jsonl,
}

/// Where a library runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// In claimline's own process.
    #[default]
    None,
    /// In a process of its own.
    Process,
}

fn one_minute() -> u32 {
    60
}

/// Where a plugin is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A library, to be loaded into this process.
    Library(PathBuf),
    /// A program to start.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
        /// The folder it starts in.
        folder: PathBuf,
        /// What it speaks.
        protocol: Protocol,
        /// How long it may take for a batch.
        limit: Duration,
    },
}

impl Place {
    /// Where the options say that the plugin is. `host` is a program that serves a library named to it:
    /// `HOST plugin-host LIBRARY`.
    ///
    /// # Errors
    /// If they name no plugin or two, or there is no such library.
    pub fn new(options: &PluginOptions, base: &Path, host: Option<&Path>) -> Result<Self, OptionError> {
        let refuse = |at, message: &str| Err(OptionError::new(at, message));
        let limit = Duration::from_secs(options.timeout_seconds.into());
        let command = |words, protocol| Place::Command { words, folder: base.to_owned(), protocol, limit };
        match (&options.library, &options.command) {
            (Some(_), Some(_)) => refuse("/command", "a plugin is a library or a command, not both"),
            (None, None) => refuse("", "a plugin needs `library:` or `command:`"),
            (None, Some(_)) if options.isolation == Isolation::Process => refuse(
                "/isolation",
                "a command has a process of its own already; `isolation` is for libraries",
            ),
            (None, Some(words)) => {
                let mut words = words.clone();
                // A path is relative to the pipeline; a bare name is looked up by the system.
                if let Some(program) = words.first_mut().filter(|program| program.contains(['/', '\\'])) {
                    let path = base.join(&*program);
                    // It starts in another folder than this one.
                    let path = std::path::absolute(&path).unwrap_or(path);
                    *program = path.to_string_lossy().into_owned();
                }
                Ok(command(words, options.protocol))
            }
            (Some(name), None) => {
                let path = library::find(&base.join(name))
                    .map_err(|message| OptionError::new("/library", message))?;
                match (options.isolation, host) {
                    (Isolation::None, _) => Ok(Place::Library(path)),
                    (Isolation::Process, Some(host)) => {
                        let path = path.canonicalize().unwrap_or(path);
                        let words = [host, Path::new("plugin-host"), &path];
                        let words = words.map(|word| word.to_string_lossy().into_owned());
                        Ok(command(words.to_vec(), Protocol::Arrow))
                    }
                    (Isolation::Process, None) => {
                        refuse("/isolation", "this program has no way to host a library in another process")
                    }
                }
            }
        }
    }

    /// Loads or starts the plugin.
    fn connect(&self, name: &str) -> Result<Link, Fault> {
        match self {
            Place::Library(path) => {
                library::load(path).map(|plugin| Link(Way::Loaded(plugin))).map_err(Fault::Gone)
            }
            Place::Command { words, folder, protocol, limit } => {
                Child::start(name, words, folder, *protocol, *limit).map(|child| Link(Way::Child(child)))
            }
        }
    }

    /// The files that it consists of, each as the pipeline names it and where it is: a library, or the
    /// words of a command that are files.
    pub(crate) fn files(&self) -> Vec<(String, PathBuf)> {
        match self {
            Place::Library(path) => vec![(path.display().to_string(), path.clone())],
            Place::Command { words, folder, .. } => {
                let files = words.iter().map(|word| (word.clone(), folder.join(word)));
                files.filter(|(_, file)| file.is_file()).collect()
            }
        }
    }

    /// The plugin as one would start it.
    pub fn shown(&self) -> String {
        match self {
            Place::Library(path) => path.display().to_string(),
            Place::Command { words, .. } => words.join(" "),
        }
    }
}

/// A plugin that can be asked what it is, and opened as often as it is needed.
pub struct Plugin {
    /// Its name in messages.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// What was loaded or started to be asked, and has not been opened.
    idle: Mutex<Option<Link>>,
}

impl Plugin {
    /// The plugin at `place`, and what it says of itself in general.
    ///
    /// # Errors
    /// If it can't be loaded or started, was made for another border, or has no name.
    pub fn new(place: Place) -> Result<(Self, Description), OptionError> {
        let mut plugin = Self { name: PLUGIN.to_owned(), place, idle: Mutex::new(None) };
        let description = plugin.describe(&Settings::default())?;
        if description.name.is_empty() {
            return Err(OptionError::new("", "the plugin has no name"));
        }
        plugin.name.clone_from(&description.name);
        Ok((plugin, description))
    }

    /// What the plugin says of itself, with the options in `settings` or in general.
    ///
    /// # Errors
    /// If it can't be loaded or started, refuses the options, or was made for another border.
    pub fn describe(&self, settings: &Settings) -> Result<Description, OptionError> {
        let mut link = self.link().map_err(Fault::into_option_error)?;
        let description = link.describe(settings).map_err(Fault::into_option_error)?;
        description.abi.fits().map_err(|message| OptionError::new("", message))?;
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
        Ok(description)
    }

    /// Opens it, to send it tables.
    ///
    /// # Errors
    /// If it can't be loaded or started, or can't work with these settings.
    pub fn open(&self, settings: &Settings) -> Result<Link, Fault> {
        self.link()?.open(settings)
    }

    /// What it is sent of every batch: what it says that it `reads`, else `all`.
    fn lens(
        &self,
        reads: Option<Reads>,
        all: fn() -> Reads,
        settings: &Settings,
    ) -> Result<Lens, OptionError> {
        Lens::new(&reads.unwrap_or_else(all), &settings.added).map_err(|error| {
            OptionError::new("", format!("what {} reads can't be sent: {}", self.name, error.message))
        })
    }

    fn link(&self) -> Result<Link, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        idle.map_or_else(|| self.place.connect(&self.name), Ok)
    }
}

/// A plugin that has been loaded or started.
pub struct Link(Way);

/// By which door.
enum Way {
    Loaded(claimline_stage::host::Loaded),
    Open(Instance),
    Child(Child),
}

impl Link {
    fn describe(&mut self, settings: &Settings) -> Result<Description, Fault> {
        match &mut self.0 {
            Way::Loaded(plugin) => plugin.describe(settings).map_err(Fault::Told),
            Way::Open(_) => Err(Fault::Output("it is open already".to_owned())),
            Way::Child(child) => child.describe(settings),
        }
    }

    fn open(self, settings: &Settings) -> Result<Self, Fault> {
        match self.0 {
            Way::Loaded(plugin) => {
                plugin.open(settings).map(|open| Self(Way::Open(open))).map_err(Fault::Told)
            }
            Way::Child(mut child) => child.open(settings).map(|()| Self(Way::Child(child))),
            open => Ok(Self(open)),
        }
    }

    /// Sends tables, and gets those that the plugin changes; a source gets none and yields some.
    ///
    /// # Errors
    /// What the plugin did wrong.
    pub fn process(&mut self, sent: &Tables) -> Result<Tables, Fault> {
        match &mut self.0 {
            Way::Loaded(_) => Err(Fault::Gone("it is not open".to_owned())),
            Way::Open(instance) => instance.process(sent).map_err(Fault::Told),
            Way::Child(child) => child.process(sent),
        }
    }

    /// Says that all has passed; a sink says which files it has written.
    ///
    /// # Errors
    /// What the plugin did wrong.
    pub fn finish(&mut self) -> Result<Vec<Resource>, Fault> {
        match &mut self.0 {
            Way::Loaded(_) => Ok(Vec::new()),
            Way::Open(instance) => instance.finish().map_err(Fault::Told),
            Way::Child(child) => child.finish(),
        }
    }
}

/// What a plugin did wrong.
#[derive(Debug)]
pub enum Fault {
    /// It said so itself.
    Told(Failure),
    /// Its process ended.
    Crashed(String),
    /// It took too long.
    TimedOut(Duration),
    /// What it said or returned is not what it should.
    Output(String),
    /// It can't be loaded or started.
    Gone(String),
}

impl Fault {
    /// The `code` in `problems`.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Told(failure) if failure.panicked => "panicked",
            Fault::Told(_) => "stage_failed",
            Fault::Crashed(_) | Fault::Gone(_) => "plugin_crash",
            Fault::TimedOut(_) => "plugin_timeout",
            Fault::Output(_) => "plugin_output",
        }
    }

    /// What it is, for people.
    pub fn message(&self) -> String {
        match self {
            Fault::Told(failure) => failure.message.clone(),
            Fault::TimedOut(limit) => {
                format!(
                    "no answer in {} s (`timeout_seconds`; a script must flush its output)",
                    limit.as_secs_f64()
                )
            }
            Fault::Crashed(message) | Fault::Output(message) | Fault::Gone(message) => message.clone(),
        }
    }

    /// Whether what it holds can't be trusted any more.
    fn is_broken(&self) -> bool {
        !matches!(self, Fault::Told(failure) if !failure.panicked)
    }

    fn into_option_error(self) -> OptionError {
        match &self {
            Fault::Told(failure) => {
                OptionError::new(format!("/options{}", failure.at), failure.message.clone())
            }
            other => OptionError::new("", other.message()),
        }
    }
}

/// A plugin as a registration, by its description.
///
/// # Errors
/// Those of [`Plugin::new`]; the place is one in the item's options.
pub fn registration(place: Place) -> Result<Registration, OptionError> {
    let (plugin, description) = Plugin::new(place)?;
    let plugin = Arc::new(plugin);
    let Description { name, role, order, summary, options, example, .. } = description;
    let door = match role {
        Role::Source => Door::Source(Arc::new(move |options, context| {
            Ok(Box::new(source::PluginSource::open(&plugin, Settings::new(options, context))?) as _)
        })),
        Role::Sink => Door::Sink(Arc::new(move |options, context| {
            Ok(Box::new(sink::PluginSink::open(&plugin, Settings::new(options, context))?) as _)
        })),
        Role::Stage => {
            let asked = plugin.clone();
            Door::Stage(StageDoor {
                order,
                declares: Arc::new(move |options, context| {
                    asked.describe(&Settings::new(options, context)).map(declared)
                }),
                open: Arc::new(move |options, context| stage::open(&plugin, Settings::new(options, context))),
            })
        }
    };
    Ok(Registration { name, summary, schema: options, example, door })
}

fn declared(description: Description) -> Declared {
    Declared {
        reads: description.reads.or_else(|| Some(Reads::all())),
        adds: description.adds,
        text: if description.changes_text { TextUse::Changes } else { TextUse::Keeps },
        files: Vec::new(),
        needs: &[],
        // It may add rows to any table, whatever it says.
        makes: &[Mention::TABLE, Claim::TABLE],
    }
}
