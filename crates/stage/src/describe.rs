//! What a plugin says of itself, and what it is told when it is opened.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::abi::{ABI, Version};
use crate::{AddedColumns, Context, Declared, Door, OptionError, Order, Reads, Registration, TextUse};

/// What something in a pipeline is, and so which list it belongs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Under `ingest:`.
    Source,
    /// Under `stages:`.
    Stage,
    /// Under `export:`.
    Sink,
}

/// What a plugin says of itself; the same JSON by both doors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// The version of the border that it was made for.
    pub abi: Version,
    /// Its name in messages and in `problems`.
    pub name: String,
    /// Its own version.
    #[serde(default)]
    pub version: String,
    /// One line: what it does.
    #[serde(default)]
    pub summary: String,
    /// What it is.
    #[serde(default = "stage")]
    pub role: Role,
    /// Which batches an instance sees.
    #[serde(default = "parallel")]
    pub order: Order,
    /// The JSON Schema of its options.
    #[serde(default = "no_options")]
    pub options: Value,
    /// A list item of a pipeline that uses it, in YAML.
    #[serde(default)]
    pub example: String,
    /// The tables and columns that it is sent; missing means all that its role can see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Reads>,
    /// The columns that it adds.
    #[serde(default)]
    pub adds: AddedColumns,
    /// Whether it changes `documents.text`; it must then stand before `extract`.
    #[serde(default)]
    pub changes_text: bool,
    /// Of a sink: its files, relative to the output folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathBuf>,
}

fn stage() -> Role {
    Role::Stage
}

fn parallel() -> Order {
    Order::Parallel
}

/// The schema of no options at all.
fn no_options() -> Value {
    serde_json::json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

/// What a plugin is told: with its options when it is opened, and when it is asked what it would do
/// with them; without, when it is asked in general.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The options, which its schema has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
    /// The folder of the pipeline file, which relative paths in options start from.
    #[serde(default)]
    pub base: PathBuf,
    /// The columns that earlier stages add.
    #[serde(default)]
    pub added: AddedColumns,
    /// For a sink that is opened: the folder that its files are put together in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// How many threads the run may use; 0 where that is not known yet.
    #[serde(default)]
    pub threads: usize,
}

impl Settings {
    /// What is told with these options in `context`.
    pub fn new(options: Value, context: &Context) -> Self {
        let Context { base, added } = context.clone();
        Self { options: Some(options), base, added, folder: None, threads: 0 }
    }

    /// The options, and what they are to be opened in.
    pub fn opened(self) -> (Value, Context) {
        let options = self.options.unwrap_or_else(|| Value::Object(Map::new()));
        (options, Context { base: self.base, added: self.added })
    }
}

impl Registration {
    /// What is registered, described for the other side of a border.
    ///
    /// # Errors
    /// If there are options and they can't be used.
    pub fn description(&self, version: &str, settings: Settings) -> Result<Description, OptionError> {
        let asked = settings.options.is_some();
        let (options, context) = settings.opened();
        let mut description = Description {
            abi: ABI,
            name: self.name.clone(),
            version: version.to_owned(),
            summary: self.summary.clone(),
            role: Role::of(self),
            order: Order::Parallel,
            options: self.schema.clone(),
            example: self.example.clone(),
            reads: None,
            adds: AddedColumns::default(),
            changes_text: false,
            paths: Vec::new(),
        };
        match &self.door {
            Door::Source(_) => {}
            Door::Stage(stage) => {
                description.order = stage.order;
                let declared = match (stage.declares)(options, &context) {
                    Ok(declared) => declared,
                    Err(error) if asked => return Err(error),
                    // Without options there is nothing to say what it would do with them.
                    Err(_) => Declared::default(),
                };
                description.reads = declared.reads;
                description.adds = declared.adds;
                description.changes_text = declared.text == TextUse::Changes;
            }
            Door::Sink(open) if asked => description.paths = open(options, &context)?.paths(),
            Door::Sink(_) => {}
        }
        Ok(description)
    }
}

impl Role {
    /// Every role, in the order of a pipeline.
    pub const ALL: [Role; 3] = [Role::Source, Role::Stage, Role::Sink];

    /// The role of a registration.
    pub fn of(registration: &Registration) -> Self {
        match registration.door {
            Door::Source(_) => Role::Source,
            Door::Stage(_) => Role::Stage,
            Door::Sink(_) => Role::Sink,
        }
    }

    /// The key of its list in a pipeline.
    pub fn list(self) -> &'static str {
        match self {
            Role::Source => "ingest",
            Role::Stage => "stages",
            Role::Sink => "export",
        }
    }

    /// What one is called, with its article.
    pub fn described(self) -> &'static str {
        match self {
            Role::Source => "a source",
            Role::Stage => "a stage",
            Role::Sink => "a sink",
        }
    }
}
