//! From a sink's `columns:` to the columns it writes.

use std::borrow::Cow;
use std::fmt;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, FieldRef, TimeUnit};
use claimline_model::{Column, Record};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::{View, exact_column};

/// Which columns to write: `brief`, `full`, a list of names, or a map from new names to columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// A preset of the table.
    Preset(Preset),
    /// These columns, in this order.
    Names(Vec<String>),
    /// These columns, in this order, each under the name that stands before it.
    Renamed(Vec<(String, String)>),
}

/// A choice of columns that every table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// What one reads in a spreadsheet.
    Brief,
    /// All columns.
    Full,
}

/// A choice of columns that a table can't satisfy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectError {
    /// Where in the choice, as a JSON pointer: `/2`, `/who`.
    pub at: String,
    /// What is wrong.
    pub message: String,
    /// What would have worked.
    pub help: Option<String>,
}

/// The columns of one output, in order.
pub struct Selection<R: 'static> {
    /// The name of the table or view.
    pub name: &'static str,
    /// The columns.
    pub columns: Vec<Selected<R>>,
    keep: Option<fn(&R) -> bool>,
}

/// One column of an output.
pub struct Selected<R: 'static> {
    /// Its name there.
    pub name: String,
    /// Where its cells come from.
    pub origin: Origin<R>,
}

/// Where a column's cells come from.
pub enum Origin<R: 'static> {
    /// The table's own column.
    Own(&'static Column<R>),
    /// The decimals of that column as text.
    Exact(&'static Column<R>),
    /// A column that a plugin added.
    Added(FieldRef),
}

impl<R: Record> Selection<R> {
    /// The columns of `view` that `columns` chooses; `added` are those that plugins add to its table.
    ///
    /// # Errors
    /// If the table has no column of a name, a name stands twice, or an added column has a type that
    /// tables don't hold.
    pub fn new(view: &View<R>, columns: &Columns, added: &[FieldRef]) -> Result<Self, SelectError> {
        let mut offer = Self::offer(view, added)?;
        let columns = match columns {
            Columns::Preset(Preset::Full) => offer,
            Columns::Preset(Preset::Brief) => {
                let place = |c: &Selected<R>| match c.origin {
                    Origin::Added(_) => Some(view.brief.len()),
                    _ => view.brief.iter().position(|name| *name == c.name),
                };
                offer.retain(|c| place(c).is_some());
                offer.sort_by_key(place);
                offer
            }
            Columns::Names(names) => {
                let named = names.iter().enumerate().map(|(i, name)| (i.to_string(), name, name));
                Self::named(view.name, &offer, named)?
            }
            Columns::Renamed(names) => {
                let named =
                    names.iter().map(|(new, old)| (new.replace('~', "~0").replace('/', "~1"), new, old));
                Self::named(view.name, &offer, named)?
            }
        };
        Ok(Self { name: view.name, columns, keep: view.keep })
    }

    /// Everything that can be chosen.
    fn offer(view: &View<R>, added: &[FieldRef]) -> Result<Vec<Selected<R>>, SelectError> {
        let mut offer = Vec::new();
        for column in R::COLUMNS {
            offer.push(Selected { name: column.name.to_owned(), origin: Origin::Own(column) });
            let exact = exact_column(column).map(|name| Selected { name, origin: Origin::Exact(column) });
            offer.extend(exact);
        }
        offer.retain(|c| !view.without.contains(&c.name.as_str()));
        for field in added {
            if !is_tabular(field.data_type()) {
                let message = format!(
                    "the added column `{}` holds {}; a table holds Utf8, Int64, Boolean, Float64, Date32 and \
                     Timestamp(Microsecond, \"UTC\")",
                    field.name(),
                    field.data_type()
                );
                return Err(SelectError { at: String::new(), message, help: None });
            }
            offer.push(Selected { name: field.name().clone(), origin: Origin::Added(field.clone()) });
        }
        Ok(offer)
    }

    fn named<'n>(
        table: &str,
        offer: &[Selected<R>],
        names: impl Iterator<Item = (String, &'n String, &'n String)>,
    ) -> Result<Vec<Selected<R>>, SelectError> {
        let mut columns: Vec<Selected<R>> = Vec::new();
        for (key, new, old) in names {
            let refuse = |message, help| Err(SelectError { at: format!("/{key}"), message, help });
            if columns.iter().any(|c| c.name == *new) {
                return refuse(format!("the column `{new}` stands here twice"), None);
            }
            match offer.iter().find(|c| c.name == *old) {
                Some(column) => {
                    columns.push(Selected { name: new.clone(), origin: column.origin.clone() });
                }
                None => {
                    let allowed: Vec<_> = offer.iter().map(|c| c.name.as_str()).collect();
                    let hint =
                        nearest(old, &allowed).map_or_else(String::new, |n| format!("did you mean `{n}`? "));
                    let help = format!("{hint}allowed: {}", allowed.join(", "));
                    return refuse(format!("{table} has no column `{old}`"), Some(help));
                }
            }
        }
        Ok(columns)
    }
}

impl<R> Selection<R> {
    /// The places of the rows that belong here, or none if all do.
    pub fn kept(&self, rows: &[R]) -> Option<Vec<u32>> {
        let keep = self.keep?;
        Some((0..rows.len() as u32).filter(|i| keep(&rows[*i as usize])).collect())
    }

    /// For each selected column, its array among `added` if a plugin added it; where there is none of
    /// that name and type, nothing.
    pub fn added<'a>(&self, added: &'a [(FieldRef, ArrayRef)]) -> Vec<Option<&'a ArrayRef>> {
        let array = |c: &Selected<R>| match &c.origin {
            Origin::Added(field) => added
                .iter()
                .find(|(f, _)| f.name() == field.name() && f.data_type() == field.data_type())
                .map(|(_, values)| values),
            _ => None,
        };
        self.columns.iter().map(array).collect()
    }
}

impl<R> Selected<R> {
    /// What the cells mean; nothing is known of a column whose plugin does not say it.
    pub fn description(&self) -> Option<Cow<'_, str>> {
        match &self.origin {
            Origin::Own(column) => Some(column.meaning.trim().into()),
            Origin::Exact(column) => Some(format!("`{}` with all its digits, as text.", column.name).into()),
            Origin::Added(field) => field.metadata().get("description").map(Into::into),
        }
    }
}

impl<R> Clone for Origin<R> {
    fn clone(&self) -> Self {
        match self {
            Self::Own(column) => Self::Own(column),
            Self::Exact(column) => Self::Exact(column),
            Self::Added(field) => Self::Added(field.clone()),
        }
    }
}

/// Whether a column of the tables may have this type.
fn is_tabular(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::Int64 | DataType::Boolean | DataType::Float64 | DataType::Date32 => true,
        DataType::Timestamp(TimeUnit::Microsecond, zone) => zone.as_deref() == Some("UTC"),
        _ => false,
    }
}

/// The word among `allowed` that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, allowed: &[&'a str]) -> Option<&'a str> {
    /// Below this, two words have little in common; the value is the one that clap uses.
    const ALIKE: f64 = 0.7;
    let alike = allowed.iter().map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate));
    alike.filter(|(score, _)| *score > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}

impl JsonSchema for Columns {
    fn schema_name() -> Cow<'static, str> {
        "Columns".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // One type list and an `if`, not `anyOf`, of whose errors none would say what is allowed.
        json_schema!({
            "description": "Which columns: `brief`, `full`, a list of names, or a map from new names to columns.",
            "type": ["string", "array", "object"],
            "if": { "type": "string" },
            "then": { "enum": ["brief", "full"] },
            "items": { "type": "string" },
            "minItems": 1,
            "additionalProperties": { "type": "string" },
            "minProperties": 1
        })
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Columns::Preset(Preset::Brief) => serializer.serialize_str("brief"),
            Columns::Preset(Preset::Full) => serializer.serialize_str("full"),
            Columns::Names(names) => serializer.collect_seq(names),
            Columns::Renamed(names) => serializer.collect_map(names.iter().map(|(new, old)| (new, old))),
        }
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnsVisitor)
    }
}

struct ColumnsVisitor;

impl<'de> Visitor<'de> for ColumnsVisitor {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`brief`, `full`, a list of column names, or a map from new names to columns")
    }

    fn visit_str<E: de::Error>(self, preset: &str) -> Result<Columns, E> {
        match preset {
            "brief" => Ok(Columns::Preset(Preset::Brief)),
            "full" => Ok(Columns::Preset(Preset::Full)),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Columns, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element()? {
            names.push(name);
        }
        Ok(Columns::Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Columns, A::Error> {
        let mut names = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            names.push(entry);
        }
        Ok(Columns::Renamed(names))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::Field;

    use super::*;
    use crate::{CLAIMS, DOCUMENTS, STATEMENTS};

    fn region() -> Vec<FieldRef> {
        vec![Arc::new(Field::new("region", DataType::Utf8, true))]
    }

    fn names<R: Record>(view: &View<R>, columns: &str) -> Result<Vec<String>, SelectError> {
        let columns = serde_json::from_str(columns).unwrap();
        let selection = Selection::new(view, &columns, &region())?;
        Ok(selection.columns.into_iter().map(|c| c.name).collect())
    }

    #[test]
    fn a_choice_keeps_its_order_and_added_columns_come_last() {
        assert_eq!(names(&CLAIMS, r#"["value", "region", "kind"]"#).unwrap(), ["value", "region", "kind"]);
        assert_eq!(names(&CLAIMS, r#"{"what": "value_exact"}"#).unwrap(), ["what"]);
        let brief = names(&CLAIMS, r#""brief""#).unwrap();
        assert_eq!((brief[0].as_str(), brief[1].as_str(), brief.len()), ("published", "source_name", 36));
        assert_eq!(brief.last().unwrap(), "region");
        let full = names(&CLAIMS, r#""full""#).unwrap();
        assert_eq!(full.iter().filter(|n| n.ends_with("_exact")).count(), 2);
        assert_eq!((full[0].as_str(), full.last().unwrap().as_str()), ("claim_id", "region"));
        assert!(!names(&DOCUMENTS, r#""brief""#).unwrap().contains(&"text".to_owned()));
    }

    #[test]
    fn statements_have_no_amount() {
        let full = names(&STATEMENTS, r#""full""#).unwrap();
        assert!(full.contains(&"content".to_owned()) && !full.contains(&"value".to_owned()), "{full:?}");
        assert!(names(&STATEMENTS, r#"["value"]"#).is_err());
    }

    #[test]
    fn a_wrong_name_is_refused_at_its_place_with_the_nearest_one() {
        let cases = [
            (r#"["value", "curency"]"#, "/1", "did you mean `currency`?"),
            (r#"{"a/b": "sorce_name"}"#, "/a~1b", "did you mean `source_name`?"),
            (r#"["zzz"]"#, "/0", "claims has no column `zzz`: allowed: claim_id"),
            (r#"["value", "value"]"#, "/1", "twice"),
        ];
        for (columns, at, part) in cases {
            let error = names(&CLAIMS, columns).unwrap_err();
            assert_eq!(error.at, at);
            let told = format!("{}: {}", error.message, error.help.unwrap_or_default());
            assert!(told.contains(part), "{told}");
        }
        assert!(serde_json::from_str::<Columns>(r#""breif""#).unwrap_err().to_string().contains("`brief`"));
    }
}
