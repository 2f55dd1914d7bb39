//! What stages say while they work, a line each on standard error: `region: loading the model`.

use std::fmt::{Debug, Write as _};
use std::io::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

use crate::{progress, report};

/// What is said.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Level {
    /// Nothing
    Off,
    /// What went wrong
    Error,
    /// What may have gone wrong too
    Warn,
    /// What goes on, too
    Info,
    /// What developers of a stage want to know, too
    Debug,
    /// All there is
    Trace,
}

impl Level {
    fn filter(self) -> LevelFilter {
        match self {
            Level::Off => LevelFilter::OFF,
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        }
    }
}

/// Shows events of our own crates of a level and above from here on.
pub(crate) fn start(level: Level) {
    // It fails only if it was started before.
    let _ = tracing::subscriber::set_global_default(registry().with(level.filter()).with(Lines));
}

struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("claimline") {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let Said { stage, message } = said;
        let line = if stage.is_empty() { message } else { format!("{stage}: {message}") };
        progress::beside(|| {
            // A closed standard error has nobody left to tell.
            let _ = writeln!(io::stderr(), "{}", report::printable(&line));
        });
    }
}

#[derive(Default)]
struct Said {
    stage: String,
    message: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "stage" => value.clone_into(&mut self.stage),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing to a String does not fail.
            let _ = write!(self.message, "{value:?}");
        }
    }
}
