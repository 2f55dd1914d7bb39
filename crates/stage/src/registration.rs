//! How a source, stage or sink makes itself known, and how it is opened.

use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::abi::OverTables;
use crate::{AddedColumns, Reads, Sink, Source, Stage, TableStage};

/// What the list of stages, the pipeline's checks, the editors' schema and the engine know of one
/// source, stage or sink.
#[derive(Clone)]
pub struct Registration {
    /// The name in a pipeline.
    pub name: String,
    /// One line: what it does.
    pub summary: String,
    /// The JSON Schema of its options.
    pub schema: Value,
    /// A list item of a pipeline that uses it, in YAML.
    pub example: String,
    /// What it is, and the way to open it.
    pub door: Door,
}

/// What a registration opens.
#[derive(Clone)]
pub enum Door {
    /// A source.
    Source(Open<Box<dyn Source>>),
    /// A stage.
    Stage(StageDoor),
    /// A sink.
    Sink(Open<Box<dyn Sink>>),
}

/// What is to be known of a stage, and the way to open it.
#[derive(Clone)]
pub struct StageDoor {
    /// Which batches an instance sees.
    pub order: Order,
    /// What it does with certain options.
    pub declares: Open<Declared>,
    /// Opens it.
    pub open: Open<Factory>,
}

/// What a stage says it does.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The tables and columns that it is to be sent, where it stands behind a border; all, unless said.
    pub reads: Option<Reads>,
    /// The columns that it adds.
    pub adds: AddedColumns,
    /// What it does to `documents.text`.
    pub text: TextUse,
    /// The files that it reads when it is opened, and on which its rows depend.
    pub files: Vec<PathBuf>,
    /// The tables without whose rows it has nothing to do: something before it must make them.
    pub needs: &'static [&'static str],
    /// The tables that it makes rows of.
    pub makes: &'static [&'static str],
}

/// What a stage does to `documents.text`, in which every offset counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextUse {
    /// Nothing.
    #[default]
    Keeps,
    /// It changes the text, and so must not stand where offsets count already.
    Changes,
    /// It takes offsets in it: no stage behind it may change it.
    Counts,
}

/// Opens a `T` from options that the schema has passed.
pub type Open<T> = Arc<dyn Fn(Value, &Context) -> Result<T, OptionError> + Send + Sync>;

/// Makes a stage, once a worker.
pub type Factory = Box<dyn Fn() -> Box<dyn Stage> + Send + Sync>;

/// Which batches an instance of a stage sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Some of them, in any order: it keeps nothing from one to the next. One instance a worker.
    Parallel,
    /// All of them, in the order of the input. One instance.
    Ordered,
}

/// What a stage is opened in.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The folder of the pipeline file, which relative paths in options start from.
    pub base: PathBuf,
    /// For a sink: the columns that the stages add.
    pub added: AddedColumns,
}

/// An option that its type allows but that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OptionError {
    /// Where it is, as a JSON pointer into the options: `/paths/0`.
    pub at: String,
    /// What is wrong, and what would have worked.
    pub message: String,
    /// What would have worked, where that takes a line of its own.
    pub help: Option<String>,
}

impl OptionError {
    /// An error at the JSON pointer `at`.
    pub fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into(), help: None }
    }

    /// The same, with what would have worked.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Registration {
    /// A source whose options are an `O`.
    pub fn source<O, S>(
        name: &str,
        summary: &str,
        example: &str,
        open: impl Fn(O, &Context) -> Result<S, OptionError> + Send + Sync + 'static,
    ) -> Self
    where
        O: DeserializeOwned + JsonSchema,
        S: Source + 'static,
    {
        let door = Door::Source(typed(move |options, context| Ok(Box::new(open(options, context)?) as _)));
        Self::new::<O>(name, summary, example, door)
    }

    /// A stage whose options are an `O`. `open` makes the instance that each worker gets a clone of.
    pub fn stage<O, S>(
        name: &str,
        summary: &str,
        example: &str,
        order: Order,
        open: impl Fn(O, &Context) -> Result<S, OptionError> + Send + Sync + 'static,
    ) -> Self
    where
        O: DeserializeOwned + JsonSchema,
        S: Stage + Clone + Sync + 'static,
    {
        let open = typed(move |options, context| {
            let stage = open(options, context)?;
            Ok(Box::new(move || -> Box<dyn Stage> { Box::new(stage.clone()) }) as Factory)
        });
        let declares: Open<Declared> = Arc::new(|_, _| Ok(Declared::default()));
        Self::new::<O>(name, summary, example, Door::Stage(StageDoor { order, declares, open }))
    }

    /// A stage that works on Arrow tables; the rest is as for [`Registration::stage`].
    pub fn table_stage<O, S>(
        name: &str,
        summary: &str,
        example: &str,
        order: Order,
        open: impl Fn(O, &Context) -> Result<S, OptionError> + Send + Sync + 'static,
    ) -> Self
    where
        O: DeserializeOwned + JsonSchema,
        S: TableStage + Clone + Sync + 'static,
    {
        Self::stage(name, summary, example, order, move |options, context| {
            Ok(OverTables(open(options, context)?))
        })
    }

    /// This stage with what it does: the tables and columns that it reads (all, unless told here), the
    /// columns that it adds, and whether it changes or counts in the text. Registrations of sources and
    /// sinks are left as they are.
    pub fn declaring<O: DeserializeOwned>(
        mut self,
        declares: impl Fn(O, &Context) -> Result<Declared, OptionError> + Send + Sync + 'static,
    ) -> Self {
        if let Door::Stage(stage) = &mut self.door {
            stage.declares = typed(declares);
        }
        self
    }

    /// A sink whose options are an `O`.
    pub fn sink<O, S>(
        name: &str,
        summary: &str,
        example: &str,
        open: impl Fn(O, &Context) -> Result<S, OptionError> + Send + Sync + 'static,
    ) -> Self
    where
        O: DeserializeOwned + JsonSchema,
        S: Sink + 'static,
    {
        let door = Door::Sink(typed(move |options, context| Ok(Box::new(open(options, context)?) as _)));
        Self::new::<O>(name, summary, example, door)
    }

    fn new<O: JsonSchema>(name: &str, summary: &str, example: &str, door: Door) -> Self {
        Self {
            name: name.to_owned(),
            summary: summary.to_owned(),
            schema: schemars::schema_for!(O).to_value(),
            example: example.to_owned(),
            door,
        }
    }
}

/// Reads options into their type on the way to `open`.
fn typed<O: DeserializeOwned, T>(
    open: impl Fn(O, &Context) -> Result<T, OptionError> + Send + Sync + 'static,
) -> Open<T> {
    Arc::new(move |options, context| {
        let options = serde_json::from_value(options).map_err(|e| OptionError::new("", e.to_string()))?;
        open(options, context)
    })
}
