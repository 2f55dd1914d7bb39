//! The typed columns that a pipeline's stages add to the tables.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef};
use claimline_model::{Claim, ColumnType, Document, Mention, Record};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::arrow::{data_type, is_own};
use crate::{Batch, Rows, Tables};

/// The typed columns that stages add, in the order in which they are added; every cell may be null.
///
/// ```
/// # use claimline_tables::{AddedColumns, ColumnType};
/// let added = AddedColumns::default().claim("region", ColumnType::Text, "The region of the source.");
/// assert_eq!(added.claims[0].name(), "region");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddedColumns {
    /// To `documents`.
    pub documents: Vec<FieldRef>,
    /// To `mentions`.
    pub mentions: Vec<FieldRef>,
    /// To `claims`.
    pub claims: Vec<FieldRef>,
}

/// One added column as a description writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedColumn {
    name: String,
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    description: String,
}

/// The types that an added column may have, by the word that names each.
const TYPES: [(&str, ColumnType); 6] = [
    ("text", ColumnType::Text),
    ("int", ColumnType::Int),
    ("bool", ColumnType::Bool),
    ("float", ColumnType::Decimal),
    ("date", ColumnType::Date),
    ("timestamp", ColumnType::Timestamp),
];

impl AddedColumns {
    /// These and a column of `documents`; a [`ColumnType::Decimal`] is a 64-bit float here.
    pub fn document(mut self, name: &str, column: ColumnType, meaning: &str) -> Self {
        self.documents.push(field(name, column, meaning));
        self
    }

    /// These and a column of `mentions`; a [`ColumnType::Decimal`] is a 64-bit float here.
    pub fn mention(mut self, name: &str, column: ColumnType, meaning: &str) -> Self {
        self.mentions.push(field(name, column, meaning));
        self
    }

    /// These and a column of `claims`; a [`ColumnType::Decimal`] is a 64-bit float here.
    pub fn claim(mut self, name: &str, column: ColumnType, meaning: &str) -> Self {
        self.claims.push(field(name, column, meaning));
        self
    }

    /// Those that the tables of `batch` have by now.
    pub fn of_batch(batch: &Batch) -> Self {
        fn fields<R>(rows: &Rows<R>) -> Vec<FieldRef> {
            rows.added().into_iter().map(|(field, _)| field).collect()
        }
        Self {
            documents: fields(&batch.documents),
            mentions: fields(&batch.mentions),
            claims: fields(&batch.claims),
        }
    }

    /// The columns in `tables` that are none of their own.
    pub fn of_tables(tables: &Tables) -> Self {
        fn fields<R: Record>(table: &Option<RecordBatch>) -> Vec<FieldRef> {
            let fields = table.iter().flat_map(|table| table.schema_ref().fields().iter());
            fields.filter(|field| !is_own::<R>(field.name())).cloned().collect()
        }
        Self {
            documents: fields::<Document>(&tables.documents),
            mentions: fields::<Mention>(&tables.mentions),
            claims: fields::<Claim>(&tables.claims),
        }
    }

    /// Adds those of a later stage.
    ///
    /// # Errors
    /// If a name is not one that SQL takes unquoted, or is that of a column the table has. Nothing is
    /// added then.
    pub fn extend(&mut self, other: &AddedColumns) -> Result<(), String> {
        fn joined<R: Record>(old: &[FieldRef], new: &[FieldRef]) -> Result<Vec<FieldRef>, String> {
            let mut all = old.to_vec();
            for field in new {
                let name = field.name();
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
                    return Err(format!(
                        "the added column `{name}` of {} is not a name in lower-case letters, digits and `_`",
                        R::TABLE
                    ));
                }
                if is_own::<R>(name) || all.iter().any(|old| old.name() == name) {
                    return Err(format!("{} has a column `{name}` already", R::TABLE));
                }
                all.push(field.clone());
            }
            Ok(all)
        }
        let documents = joined::<Document>(&self.documents, &other.documents)?;
        let mentions = joined::<Mention>(&self.mentions, &other.mentions)?;
        let claims = joined::<Claim>(&self.claims, &other.claims)?;
        *self = Self { documents, mentions, claims };
        Ok(())
    }
}

fn field(name: &str, column: ColumnType, meaning: &str) -> FieldRef {
    let field = Field::new(name, data_type(column), true);
    Arc::new(match meaning {
        "" => field,
        meaning => field.with_metadata(HashMap::from([("description".to_owned(), meaning.to_owned())])),
    })
}

fn type_name(data_type: &DataType) -> &'static str {
    let named = TYPES.iter().find(|(_, column)| crate::arrow::data_type(*column) == *data_type);
    named.map_or("text", |(name, _)| name)
}

impl Serialize for AddedColumns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = |field: &FieldRef| AddedColumn {
            name: field.name().clone(),
            type_name: type_name(field.data_type()).to_owned(),
            description: field.metadata().get("description").cloned().unwrap_or_default(),
        };
        let tables = [("documents", &self.documents), ("mentions", &self.mentions), ("claims", &self.claims)];
        let tables = tables.into_iter().filter(|(_, fields)| !fields.is_empty());
        tables
            .map(|(table, fields)| (table, fields.iter().map(column).collect::<Vec<_>>()))
            .collect::<BTreeMap<_, _>>()
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AddedColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut added = Self::default();
        for (table, columns) in BTreeMap::<String, Vec<AddedColumn>>::deserialize(deserializer)? {
            let fields = match table.as_str() {
                "documents" => &mut added.documents,
                "mentions" => &mut added.mentions,
                "claims" => &mut added.claims,
                other => {
                    return Err(D::Error::custom(format!(
                        "columns can't be added to `{other}`, only to documents, mentions and claims"
                    )));
                }
            };
            for AddedColumn { name, type_name, description } in columns {
                let found = TYPES.iter().find(|(word, _)| *word == type_name);
                let (_, column) = found.ok_or_else(|| {
                    let words = TYPES.map(|(word, _)| word).join(", ");
                    D::Error::custom(format!("the column `{name}` can't be of type `{type_name}`: {words}"))
                })?;
                fields.push(field(&name, *column, &description));
            }
        }
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_columns_are_written_as_they_are_read() {
        let added = AddedColumns::default().document("tone", ColumnType::Decimal, "From -1 to 1.").claim(
            "seen",
            ColumnType::Date,
            "",
        );
        let json = serde_json::to_string(&added).unwrap();
        assert_eq!(
            json,
            r#"{"claims":[{"name":"seen","type":"date","description":""}],"documents":[{"name":"tone","type":"float","description":"From -1 to 1."}]}"#
        );
        assert_eq!(serde_json::from_str::<AddedColumns>(&json).unwrap(), added);
        let refused = |json: &str| serde_json::from_str::<AddedColumns>(json).unwrap_err().to_string();
        assert!(refused(r#"{"blocks":[]}"#).contains("only to documents"));
        assert!(refused(r#"{"claims":[{"name":"a","type":"list"}]}"#).contains("text, int, bool"));
    }

    #[test]
    fn a_name_that_is_taken_or_not_plain_is_refused() {
        let mut added = AddedColumns::default();
        let one = |name| AddedColumns::default().claim(name, ColumnType::Text, "");
        added.extend(&one("region")).unwrap();
        for name in ["region", "value", "value_exact", "Region", "a b", "1st", ""] {
            assert!(added.extend(&one(name)).is_err(), "{name}");
        }
        assert_eq!(added, one("region"));
    }
}
