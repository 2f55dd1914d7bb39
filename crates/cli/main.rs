//! The `claimline` command: wires the built-in stages to the engine, and prints.

mod progress;
mod registry;
mod report;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use claimline_pipeline::{Overrides, Plan, Progress, Registry, RunError, Settings};
use clap::{Args, Parser, Subcommand};

/// Reads piles of prose and writes tables of claims: who says what, how much, of what, when, in
/// which currency.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a pipeline and write its tables
    Run(Run),
    /// Check a pipeline without reading a document
    Check {
        #[command(flatten)]
        pipeline: Pipeline,
    },
    /// List the stages there are, or show one with its options and an example
    Stages {
        /// The stage to show
        name: Option<String>,
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
struct Run {
    #[command(flatten)]
    pipeline: Pipeline,
    /// How many workers; by default one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Stop after N documents
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Print the closing summary as JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    // Panics are caught where documents are worked on, and become rows of the problems table.
    std::panic::set_hook(Box::new(|_| {}));
    match Cli::parse().verb.execute() {
        Ok(code) => code,
        Err(error) => {
            report::error(&error);
            ExitCode::from(2)
        }
    }
}

impl Verb {
    fn execute(self) -> Result<ExitCode> {
        let registry = registry::built_in();
        match self {
            Verb::Run(run) => run.execute(&registry),
            Verb::Check { pipeline } => {
                let plan = pipeline.plan(&registry)?;
                report::checked(&pipeline.pipeline, &plan);
                Ok(ExitCode::SUCCESS)
            }
            Verb::Stages { name: None } => {
                report::stages(&registry);
                Ok(ExitCode::SUCCESS)
            }
            Verb::Stages { name: Some(name) } => {
                if registry.named(&name).next().is_none() {
                    bail!("there is no stage called `{name}`; `claimline stages` lists them");
                }
                registry.named(&name).for_each(report::stage);
                Ok(ExitCode::SUCCESS)
            }
        }
    }
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
        let defaults = Settings::default();
        let threads = self.threads.map_or(defaults.threads, usize::from);
        let settings = Settings { threads, limit: self.limit, ..defaults };
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
                Ok(ExitCode::from(130))
            }
            Err(error) => {
                report::error(&error.into());
                Ok(ExitCode::from(1))
            }
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("expected PATH=VALUE")?;
    Ok((path.to_owned(), value.to_owned()))
}
