//! What a pipeline file may hold: the types that it is checked against, and their JSON Schema for
//! editors.

use std::path::Path;
use std::sync::Arc;

use claimline_stage::{Registration, Role};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::examine::TestFile;
use crate::plugin::{PLUGIN, PluginOptions};
use crate::trouble::Troubles;
use crate::{Registry, schema, yaml};

/// A pipeline file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the items are read from the tree, which knows their places")]
pub(crate) struct PipelineFile {
    /// The version of the pipeline language: 1.
    #[schemars(range(min = 1, max = 1), example = 1)]
    version: u32,
    /// The pipeline's name; the output folder is called after it.
    #[schemars(length(min = 1), example = &"news")]
    pub(crate) name: String,
    /// The sources that documents come from.
    #[schemars(length(min = 1), example = json!([{ "files": { "paths": ["texts/*"] } }]))]
    ingest: Vec<Value>,
    /// The stages that documents go through, in order.
    #[serde(default)]
    #[schemars(example = json!(["clean", "extract", "normalise"]))]
    stages: Vec<Value>,
    /// The output folder, relative to this file; `out/NAME` unless given.
    pub(crate) out: Option<String>,
    /// The sinks that tables go to.
    #[schemars(length(min = 1), example = json!(["csv"]))]
    export: Vec<Value>,
    /// What happens when documents fail.
    #[serde(default)]
    pub(crate) on_error: OnError,
    /// Documents, and what is expected of them; `claimline test` runs them.
    #[serde(default)]
    tests: Vec<TestFile>,
}

/// What happens when documents fail.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnError {
    /// How many documents may fail before the run counts as failed: a number, or a share such as `5%`.
    #[serde(default)]
    #[schemars(schema_with = "max_failed_schema")]
    pub(crate) max_failed: Option<Value>,
    /// Whether the run ends, without tables, as soon as a document more than `max_failed` (a number, by
    /// default 0) has failed. `on_error: stop` says the same for the first. After a fix, or with another
    /// `max_failed`, the same command goes on.
    #[serde(default)]
    pub(crate) stop: bool,
}

/// The short form of [`OnError`] for the first document that fails.
const STOP: &str = "stop";

/// Writes the short form of `on_error` out.
pub(crate) fn spell_out_stop(pipeline: &mut Value) {
    if let Some(on_error) = pipeline.get_mut("on_error").filter(|on_error| *on_error == STOP) {
        *on_error = json!({ "stop": true });
    }
}

fn max_failed_schema(_: &mut SchemaGenerator) -> Schema {
    let share = "^[0-9]+([.][0-9]+)?%$";
    json_schema!({ "type": ["integer", "string"], "minimum": 0, "pattern": share, "examples": ["5%"] })
}

/// The JSON Schema (draft 2020-12) of a pipeline file with the parts of `registry`, for editors. It knows
/// less than the check of a pipeline does: not which files there are, nor what plugins take.
pub fn pipeline_schema(registry: &Registry) -> Value {
    let mut pipeline = schema::without_null(schemars::schema_for!(PipelineFile).to_value());
    pipeline["title"] = "A pipeline of claimline".into();
    let mut definitions = match pipeline.get_mut("$defs").map(Value::take) {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    for role in Role::ALL {
        pipeline["properties"][role.list()]["items"] = item(role, registry, &mut definitions);
    }
    let on_error = pipeline["properties"]["on_error"].take();
    pipeline["properties"]["on_error"] = json!({
        "description": on_error["description"],
        "anyOf": [{ "const": STOP }, { "$ref": "#/$defs/OnError" }],
    });
    pipeline["$defs"] = Value::Object(definitions);
    pipeline
}

/// The schema of an item of a role's list: a name, or one name with its options.
fn item(role: Role, registry: &Registry, definitions: &mut Map<String, Value>) -> Value {
    let (mut alone, mut with_options) = (Vec::new(), Map::new());
    for one in registry.iter().filter(|one| Role::of(one) == role) {
        let name = format!("{}.{}", role.list(), one.name);
        let mut options = hoisted(one.schema.clone(), &name, definitions);
        if let Some(example) = example(one) {
            options["examples"] = json!([example]);
        }
        let needed = options.get("required").and_then(Value::as_array).is_some_and(|keys| !keys.is_empty());
        let mut allowed = vec![json!({ "$ref": format!("#/$defs/{name}") })];
        if !needed {
            alone.push(json!({ "const": one.name, "description": one.summary }));
            allowed.push(json!({ "type": "null" }));
        }
        definitions.insert(name, options);
        with_options.insert(one.name.clone(), json!({ "description": one.summary, "anyOf": allowed }));
    }
    let plugin = hoisted(schemars::schema_for!(PluginOptions).to_value(), PLUGIN, definitions);
    definitions.insert(PLUGIN.to_owned(), plugin);
    let about = "A plugin: a library or a program, and its options.";
    with_options
        .insert(PLUGIN.to_owned(), json!({ "description": about, "$ref": format!("#/$defs/{PLUGIN}") }));
    alone.push(json!({
        "type": "object",
        "properties": with_options,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    }));
    json!({ "description": format!("The name of {}, or its name with options.", role.described()), "anyOf": alone })
}

/// `schema` with its definitions moved to `definitions`, under names that begin with `name`.
fn hoisted(schema: Value, name: &str, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = schema::without_null(schema);
    let own = schema.as_object_mut().and_then(|schema| {
        schema.remove("$schema");
        schema.remove("title");
        schema.remove("$defs")
    });
    if let Some(Value::Object(own)) = own {
        for (inner, mut definition) in own {
            rename(&mut definition, name);
            definitions.insert(format!("{name}.{inner}"), definition);
        }
    }
    rename(&mut schema, name);
    schema
}

/// Turns references to definitions into those that [`hoisted`] makes of them.
fn rename(schema: &mut Value, name: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, name)),
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/$defs/", &format!("#/$defs/{name}."));
            }
            map.values_mut().for_each(|value| rename(value, name));
        }
        _ => {}
    }
}

/// The options of a registration's example, if it has some.
fn example(registration: &Registration) -> Option<Value> {
    let mut troubles = Troubles::new(Path::new(""), Arc::from(registration.example.as_str()));
    let mut items = yaml::read(&registration.example, &|_| None, &mut troubles)?.value;
    items.get_mut(0)?.get_mut(&registration.name).map(Value::take)
}
