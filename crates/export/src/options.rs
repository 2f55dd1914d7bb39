//! The options that every sink has.

use std::borrow::Cow;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use claimline_stage::{Context, OptionError};
use claimline_tables::{Columns, Preset, SelectError, nearest};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, json};

use crate::table::{self, Table};

/// Writes the options of a sink: its own, and those that all sinks have.
macro_rules! options {
    ($(#[$about:meta])+ $name:ident { $($(#[$meta:meta])+ $field:ident : $type:ty,)* }) => {
        $(#[$about])+
        #[derive(Clone, Debug, Default, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// Which tables and views to write: a list, or a map to the columns of each. By default
            /// documents, claims, mentions and problems; for XLSX quantities, statements, documents and
            /// problems.
            pub tables: Option<$crate::options::Tables>,
            /// Which columns: `brief`, `full`, or, where one table is written, a list of names or a map
            /// from new names to columns. By default `brief` for CSV and XLSX, and `full` for the others.
            pub columns: Option<claimline_tables::Columns>,
            /// The folder below the output folder that the files go to.
            pub dir: std::path::PathBuf,
            $($(#[$meta])+ pub $field: $type,)*
        }
    };
}
pub(crate) use options;

/// Which tables to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// These, each with the columns of the option `columns`.
    Names(Vec<String>),
    /// These, with columns of their own.
    Columns(Vec<(String, Columns)>),
}

impl Default for Tables {
    fn default() -> Self {
        Self::named(["documents", "claims", "mentions", "problems"])
    }
}

impl Tables {
    /// The tables of these names.
    pub(crate) fn named(names: [&str; 4]) -> Self {
        Self::Names(names.map(str::to_owned).to_vec())
    }

    /// The tables with their columns, checked; `preset` is what `columns` is by default.
    pub(crate) fn open(
        &self,
        columns: Option<&Columns>,
        preset: Preset,
        context: &Context,
    ) -> Result<Vec<Table>, OptionError> {
        let default = Columns::Preset(preset);
        let asked: Vec<_> = match self {
            Self::Columns(asked) => {
                if columns.is_some() {
                    let message = "`tables` gives the columns of each table already; leave `columns` out";
                    return Err(OptionError::new("/columns", message));
                }
                let own = asked.iter().map(|(name, columns)| {
                    let at = pointer("/tables", name);
                    (at.clone(), at, name, columns)
                });
                own.collect()
            }
            Self::Names(names) => {
                let columns = columns.unwrap_or(&default);
                if names.len() > 1 && !matches!(columns, Columns::Preset(_)) {
                    let message = "these columns can be of one table only: write them below its name, \
                                   `tables: { claims: [...] }`";
                    return Err(OptionError::new("/columns", message));
                }
                let shared = |(i, name)| (format!("/tables/{i}"), "/columns".to_owned(), name, columns);
                names.iter().enumerate().map(shared).collect()
            }
        };
        let mut tables: Vec<Table> = Vec::new();
        for (at, columns_at, name, columns) in asked {
            if tables.iter().any(|t| t.name() == name) {
                return Err(OptionError::new(at, format!("the table `{name}` stands here twice")));
            }
            let Some(open) = table::find(name) else {
                let names: Vec<_> = table::names().collect();
                let hint =
                    nearest(name, &names).map_or_else(String::new, |n| format!("did you mean `{n}`? "));
                let message = format!("there is no table `{name}`; {hint}there are {}", names.join(", "));
                return Err(OptionError::new(at, message));
            };
            let wrong = |e: SelectError| {
                let SelectError { at, message, help } = e;
                OptionError { help, ..OptionError::new(columns_at + &at, message) }
            };
            tables.push(open(columns, &context.added).map_err(wrong)?);
        }
        Ok(tables)
    }
}

fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Refuses a folder that is not below the output folder.
pub(crate) fn check_dir(dir: &Path) -> Result<PathBuf, OptionError> {
    if dir.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Ok(dir.to_owned());
    }
    let message = "a folder below the output folder is wanted, such as `tables/csv`";
    Err(OptionError::new("/dir", message))
}

impl JsonSchema for Tables {
    fn schema_name() -> Cow<'static, str> {
        "Tables".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = table::names().collect();
        let columns = generator.subschema_for::<Columns>();
        let properties: Map<_, _> = names.iter().map(|name| (name.to_string(), json!(columns))).collect();
        json_schema!({
            "description": "A list of tables and views, or a map from them to their columns.",
            "type": ["array", "object"],
            "items": { "enum": names },
            "properties": properties,
            "additionalProperties": false
        })
    }
}

impl<'de> Deserialize<'de> for Tables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TablesVisitor)
    }
}

struct TablesVisitor;

impl<'de> Visitor<'de> for TablesVisitor {
    type Value = Tables;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tables, or a map from tables to columns")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tables, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element()? {
            names.push(name);
        }
        Ok(Tables::Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tables, A::Error> {
        let mut tables = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            tables.push(entry);
        }
        Ok(Tables::Columns(tables))
    }
}
