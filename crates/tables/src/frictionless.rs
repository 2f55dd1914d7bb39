//! A selection as a Frictionless Table Schema, the form of `datapackage.json`:
//! <https://specs.frictionlessdata.io/table-schema/>.

use arrow_schema::DataType;
use claimline_model::{Column, ColumnType, Record};
use serde_json::{Map, Value, json};

use crate::{Origin, Selected, Selection};

impl<R: Record> Selection<R> {
    /// The columns with their types, meanings and limits.
    pub fn table_schema(&self) -> Value {
        let fields: Vec<_> = self.columns.iter().map(field).collect();
        json!({ "fields": fields, "missingValues": [""] })
    }
}

fn field<R>(selected: &Selected<R>) -> Value {
    let mut entry = Map::new();
    entry.insert("name".into(), json!(selected.name));
    let type_name = match &selected.origin {
        Origin::Own(column) => column_type(column.column_type),
        Origin::Exact(_) => "string",
        Origin::Added(field) => arrow_type(field.data_type()),
    };
    entry.insert("type".into(), json!(type_name));
    if let Some(description) = selected.description() {
        entry.insert("description".into(), json!(description));
    }
    if let Origin::Own(column) = &selected.origin {
        if !column.unit.is_empty() {
            entry.insert("unit".into(), json!(column.unit));
        }
        let constraints = constraints(column);
        if !constraints.is_empty() {
            entry.insert("constraints".into(), Value::Object(constraints));
        }
    }
    Value::Object(entry)
}

fn column_type(column: ColumnType) -> &'static str {
    match column {
        ColumnType::Text => "string",
        ColumnType::Int => "integer",
        ColumnType::Bool => "boolean",
        ColumnType::Decimal => "number",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "datetime",
    }
}

fn arrow_type(added: &DataType) -> &'static str {
    match added {
        DataType::Int64 => "integer",
        DataType::Boolean => "boolean",
        DataType::Float64 => "number",
        DataType::Date32 => "date",
        DataType::Timestamp(..) => "datetime",
        _ => "string",
    }
}

fn constraints<R>(column: &Column<R>) -> Map<String, Value> {
    let mut constraints = Map::new();
    // A free text may be there and empty, which in CSV is the same as missing.
    let free_text = column.column_type == ColumnType::Text && column.words.is_empty();
    if !column.nullable && !free_text {
        constraints.insert("required".into(), json!(true));
    }
    if !column.words.is_empty() {
        constraints.insert("enum".into(), json!(column.words));
    }
    constraints
}
