//! The `claimline` command: wires the built-in stages to the engine, and prints.

mod examples;
mod explain;
mod log;
mod new;
mod paint;
mod preview;
mod problems;
mod progress;
mod registry;
mod report;
mod test;
mod trace;
mod tree;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow, bail};
use claimline_pipeline::plugin::{self, Isolation, Place, PluginOptions, Protocol};
use claimline_pipeline::{Again, FolderError, Overrides, Plan, Progress, Registry, RunError, Settings};
use claimline_stage::SinkError;
use clap::{Args, CommandFactory, Parser, Subcommand};

/// Reads piles of prose and writes tables of claims: who says what, how much, of what, when, in
/// which currency.
#[derive(Parser)]
#[command(version, propagate_version = true, after_help = examples::ALL)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Whether there are colours
    #[arg(long, value_enum, global = true, value_name = "WHEN", default_value_t = paint::Color::Auto)]
    color: paint::Color,
    /// What is said on standard error of the work that goes on
    #[arg(long, value_enum, global = true, value_name = "LEVEL", default_value_t = log::Level::Info)]
    log_level: log::Level,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a pipeline and write its tables
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// Check a pipeline without reading a document
    #[command(after_help = examples::CHECK)]
    Check {
        #[command(flatten)]
        pipeline: Pipeline,
        /// Print what is wrong as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the tests that a pipeline holds
    #[command(after_help = examples::TEST)]
    Test(test::Test),
    /// Show what each stage makes of one document, and its claims in their sentences
    #[command(after_help = examples::PREVIEW)]
    Preview(preview::Preview),
    /// Take a claim back to its words, its rule and what its values come from
    #[command(after_help = examples::EXPLAIN)]
    Explain(explain::Explain),
    /// List the problems of a run, finished or not, by their kind
    #[command(after_help = examples::PROBLEMS)]
    Problems {
        /// The output folder
        folder: PathBuf,
        /// List every one, not the first few of each kind
        #[arg(long)]
        all: bool,
    },
    /// List the stages there are, or show one with its options and an example
    #[command(after_help = examples::STAGES)]
    Stages(Stages),
    /// Write a pipeline or a plugin of one's own that runs as it stands
    #[command(after_help = examples::NEW)]
    New(new::New),
    /// Print the JSON Schema of a pipeline file, for editors
    #[command(after_help = examples::SCHEMA)]
    Schema,
    /// Print what completes the command in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    #[command(after_help = examples::MAN)]
    Man {
        /// The folder to write them to
        folder: PathBuf,
    },
    /// Serve a plugin's library on standard input and output
    #[command(hide = true)]
    PluginHost {
        /// The library
        library: PathBuf,
    },
}

#[derive(Args)]
struct Pipeline {
    /// The pipeline file
    pipeline: PathBuf,
    /// Read these paths or patterns instead of those of the only ingest item
    #[arg(long, value_name = "PATH", num_args = 1..)]
    input: Vec<String>,
    /// Write to this folder instead of the pipeline's
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Set an option, as in stages.normalise.dates.order=mdy
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

#[derive(Args)]
struct Stages {
    /// The stage to show: its name, a plugin's library, or, behind `--`, a plugin's command
    #[arg(value_name = "NAME")]
    name: Vec<String>,
    /// What a plugin's command speaks
    #[arg(long, value_enum, default_value_t = Spoken::Arrow)]
    protocol: Spoken,
    /// Try what a plugin must bear, instead of showing it
    #[arg(long)]
    conformance: bool,
    /// A plugin's options for the trial, as JSON; a second set is tried beside the first
    #[arg(long, value_name = "JSON", requires = "conformance", num_args = 1)]
    options: Vec<String>,
    /// How many seconds a plugin may take for a batch in the trial
    #[arg(long, value_name = "N", default_value_t = 60, requires = "conformance")]
    timeout_seconds: u32,
}

/// What a plugin's command speaks.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Spoken {
    /// Arrow IPC streams
    Arrow,
    /// Lines of JSON
    Jsonl,
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    pipeline: Pipeline,
    /// How many workers; by default one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Stop after N documents
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Begin anew, whatever was done before
    #[arg(long)]
    restart: bool,
    /// Of a finished run, run only documents that are new, have changed or had problems; all, if the
    /// pipeline has changed
    #[arg(long, conflicts_with = "restart")]
    update: bool,
    /// The same, though stages have changed, or nothing has
    #[arg(long, conflicts_with_all = ["restart", "update"])]
    retry_problems: bool,
    /// Look into the files of a finished run, not only at their sizes and times
    #[arg(long)]
    strict: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Print the closing summary as JSON
    #[arg(long)]
    json: bool,
    /// Input bytes after which a commit group ends, for tests
    #[arg(long, hide = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    group_bytes: Option<u64>,
    /// Keep nothing to resume from, to measure what that costs
    #[arg(long, hide = true)]
    no_journal: bool,
}

fn main() -> ExitCode {
    // Panics are caught where documents are worked on, and become rows of the problems table.
    std::panic::set_hook(Box::new(|_| {}));
    let cli = Cli::parse();
    log::start(cli.log_level);
    cli.color.set();
    match cli.verb.execute() {
        Ok(code) => code,
        Err(error) => {
            report::error(&error);
            ExitCode::from(2)
        }
    }
}

impl Verb {
    fn execute(self) -> Result<ExitCode> {
        let registry = registry::built_in().with_host(std::env::current_exe().ok());
        match self {
            Verb::Run(run) => run.execute(&registry),
            Verb::Problems { folder, all } => {
                problems::list(&folder, all)?;
                Ok(ExitCode::SUCCESS)
            }
            Verb::Check { pipeline, json } => {
                let plan = pipeline.plan(&registry);
                if json {
                    let wrong = report::checked_json(&pipeline.pipeline, plan)?;
                    return Ok(ExitCode::from(if wrong { 2 } else { 0 }));
                }
                let plan = plan?;
                report::warnings(&plan);
                report::checked(&pipeline.pipeline, &plan);
                Ok(ExitCode::SUCCESS)
            }
            Verb::Preview(preview) => preview.execute(&registry).map(|()| ExitCode::SUCCESS),
            Verb::Explain(explain) => explain.execute(&registry).map(|()| ExitCode::SUCCESS),
            Verb::Test(test) => test.execute(&registry),
            Verb::Stages(stages) => stages.execute(&registry),
            Verb::Schema => {
                report::schema(&claimline_pipeline::pipeline_schema(&registry));
                Ok(ExitCode::SUCCESS)
            }
            Verb::New(new) => {
                report::written(&new.execute()?);
                Ok(ExitCode::SUCCESS)
            }
            Verb::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "claimline", &mut script);
                report::to_stdout(String::from_utf8_lossy(&script).trim_end());
                Ok(ExitCode::SUCCESS)
            }
            Verb::Man { folder } => {
                let written = fs::create_dir_all(&folder)
                    .and_then(|()| clap_mangen::generate_to(Cli::command(), &folder));
                written.with_context(|| format!("can't write the manual pages to {}", folder.display()))?;
                Ok(ExitCode::SUCCESS)
            }
            Verb::PluginHost { library } => {
                plugin::serve(&library, io::stdin(), io::stdout())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Stages {
    fn execute(self, registry: &Registry) -> Result<ExitCode> {
        match &self.name[..] {
            [] if self.conformance => bail!("--conformance needs a plugin: its library, or its command"),
            [] => report::stages(registry),
            [name] if registry.named(name).next().is_some() && !self.conformance => {
                registry.named(name).for_each(report::stage);
            }
            [name] if !name.contains(['/', '\\', '.']) => {
                let names = registry.iter().map(|one| one.name.as_str());
                let near = claimline_pipeline::nearest(name, names);
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                bail!("there is no stage called `{name}`{near} `claimline stages` lists them");
            }
            words => {
                let plugin = self.plugin(words);
                let place = Place::new(&plugin, Path::new(""), std::env::current_exe().ok().as_deref());
                let place = place.map_err(|error| anyhow!(error.message))?;
                if self.conformance {
                    return Ok(ExitCode::from(u8::from(!report::conformance(&self.tried(&place)?))));
                }
                report::stage(&plugin::registration(place).map_err(|error| anyhow!(error.message))?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The plugin that `words` name: a library, or a command.
    fn plugin(&self, words: &[String]) -> PluginOptions {
        let library = match words {
            [path] if self.protocol == Spoken::Arrow && is_library(path) => Some(path.clone()),
            _ => None,
        };
        PluginOptions {
            command: library.is_none().then(|| words.to_vec()),
            protocol: match self.protocol {
                Spoken::Arrow => Protocol::Arrow,
                Spoken::Jsonl => Protocol::Jsonl,
            },
            // A trial must outlive what it tries.
            isolation: match (self.conformance, &library) {
                (true, Some(_)) => Isolation::Process,
                _ => Isolation::None,
            },
            library,
            timeout_seconds: self.timeout_seconds,
            options: serde_json::Map::new(),
        }
    }

    fn tried(&self, place: &Place) -> Result<Vec<plugin::Outcome>> {
        let read = |text: &String| serde_json::from_str(text).with_context(|| format!("--options {text}"));
        let options = self.options.iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(plugin::conformance(place, &options))
    }
}

/// Whether there is a library of that name, with or without what the system adds to it.
fn is_library(path: &str) -> bool {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let path = Path::new(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_some_and(|kind| *kind == *DLL_SUFFIX.trim_start_matches('.'))
        || path.with_file_name(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")).is_file()
}

impl Pipeline {
    fn plan(&self, registry: &Registry) -> Result<Plan> {
        let text = fs::read_to_string(&self.pipeline)
            .with_context(|| format!("can't read the pipeline {}", self.pipeline.display()))?;
        let here = std::env::current_dir().context("the current folder is gone")?;
        let from_here = |path: &String| match path.as_str() {
            "-" => path.clone(),
            path => here.join(path).to_string_lossy().into_owned(),
        };
        let overrides = Overrides {
            input: self.input.iter().map(from_here).collect(),
            out: self.out.clone(),
            set: self.set.clone(),
        };
        Ok(Plan::new(&self.pipeline, &text, registry, &overrides, &|name| std::env::var(name).ok())?)
    }
}

impl Run {
    fn execute(self, registry: &Registry) -> Result<ExitCode> {
        let plan = self.pipeline.plan(registry)?;
        if !self.quiet {
            report::warnings(&plan);
        }
        let defaults = Settings::default();
        let threads = self.threads.map_or(defaults.threads, usize::from);
        let settings = Settings {
            threads,
            limit: self.limit,
            restart: self.restart,
            strict: self.strict,
            again: match (self.update, self.retry_problems) {
                (_, true) => Again::Problems,
                (true, _) => Again::Changed,
                _ => Again::All,
            },
            group_bytes: self.group_bytes.unwrap_or(defaults.group_bytes),
            journal: !self.no_journal,
            program: program(),
            folder: std::env::current_dir().context("the current folder is gone")?,
            ..defaults
        };
        let progress = Arc::new(Progress::default());
        let stop = progress.clone();
        ctrlc::set_handler(move || stop.stop.store(true, Ordering::Relaxed))
            .context("can't watch for Ctrl-C")?;

        let shown = progress::show(&progress, self.quiet || self.json);
        let ran = claimline_pipeline::run(&plan, &settings, &progress);
        let elapsed = shown.finish();
        match ran {
            Ok(summary) => {
                match (self.json, self.quiet) {
                    (true, _) => report::summary_json(&summary, elapsed),
                    (false, false) => report::summary(&plan, &summary, elapsed),
                    (false, true) => {}
                }
                Ok(ExitCode::from(u8::from(summary.too_many_failed)))
            }
            Err(RunError::Interrupted) => {
                report::interrupted();
                Ok(ExitCode::from(INTERRUPTED))
            }
            Err(error) => {
                let code = exit_code(&error);
                report::error(&error.into());
                Ok(ExitCode::from(code))
            }
        }
    }
}

/// The exit status of a run that the same command goes on with.
const INTERRUPTED: u8 = 3;

/// What a run that ended without tables exits with.
fn exit_code(error: &RunError) -> u8 {
    match error {
        RunError::Interrupted
        | RunError::Sink { error: SinkError::Io { .. }, .. }
        | RunError::Folder(FolderError::Io { .. } | FolderError::Replace { .. }) => INTERRUPTED,
        RunError::Folder(FolderError::Held { .. } | FolderError::Changed { .. }) | RunError::InputChanged => {
            2
        }
        RunError::Stopped { .. }
        | RunError::Stage { .. }
        | RunError::Sink { .. }
        | RunError::Books { .. }
        | RunError::Panicked(_) => 1,
    }
}

/// This program's version and, since versions are few and builds are many, what tells its build.
fn program() -> String {
    let build = std::env::current_exe().and_then(fs::metadata).ok();
    let built = build.and_then(|data| Some((data.len(), data.modified().ok()?)));
    let stamp = built.and_then(|(bytes, at)| {
        let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(format!(" (build {:x}-{bytes:x})", since.as_secs()))
    });
    format!("claimline {}{}", env!("CARGO_PKG_VERSION"), stamp.unwrap_or_default())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("expected PATH=VALUE")?;
    Ok((path.to_owned(), value.to_owned()))
}
