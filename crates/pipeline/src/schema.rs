//! Checks a value against a JSON Schema, and says what is wrong in words.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

use crate::trouble::{Troubles, help};
use crate::yaml::{Tree, step};

/// Checks `value`, which stands at `pointer` of `tree`; every error goes to `troubles` at its place.
pub(crate) fn check(schema: &Value, value: &Value, pointer: &str, tree: &Tree, troubles: &mut Troubles) {
    let schema = flattened(schema.clone());
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            troubles.push(tree.value_at(pointer), format!("its schema is not valid: {error}"), None);
            return;
        }
    };
    // A value that could not be read is told once, not again for its type.
    let unread = troubles.places();
    for error in validator.iter_errors(value) {
        let at = format!("{pointer}{}", error.instance_path().as_str());
        if unread.contains(&tree.value_at(&at).start) {
            continue;
        }
        let schema = around(&schema, error.schema_path().as_str());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    let help = help(key, properties(schema));
                    troubles.push(tree.key_at(&step(&at, key)), format!("unknown key `{key}`"), help);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let meaning = schema.pointer(&format!("/properties/{key}")).and_then(meaning);
                troubles.push(tree.key_at(&at), format!("missing key `{key}`"), meaning);
            }
            ValidationErrorKind::Enum { options } => {
                let allowed = options.as_array().into_iter().flatten().filter_map(Value::as_str);
                let word = plain(error.instance());
                let message = match error.instance().as_ref() {
                    Value::Null => "a value is missing here".to_owned(),
                    _ => format!("`{word}` is not one of the words allowed here"),
                };
                troubles.push(tree.value_at(&at), message, help(&word, allowed));
            }
            ValidationErrorKind::Type { kind } => {
                let expected = match kind {
                    TypeKind::Single(one) => named(one.as_str()).to_owned(),
                    TypeKind::Multiple(many) => {
                        many.iter().map(|one| named(one.as_str())).collect::<Vec<_>>().join(" or ")
                    }
                };
                let message = format!("expected {expected}, found {}", described(error.instance()));
                let how = how_to_write(&expected, error.instance());
                let help = [how.map(str::to_owned), meaning(schema)]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join("\n");
                troubles.push(tree.value_at(&at), message, (!help.is_empty()).then_some(help));
            }
            other => {
                let found = plain(error.instance());
                let message = match other {
                    ValidationErrorKind::MinItems { limit: 1 } => "the list is empty".to_owned(),
                    ValidationErrorKind::MinLength { limit: 1 } => "the text is empty".to_owned(),
                    ValidationErrorKind::Pattern { .. } => format!("`{found}` is not written as it must be"),
                    ValidationErrorKind::Minimum { limit } => {
                        format!("{found} is less than {limit}, the least that is allowed")
                    }
                    ValidationErrorKind::Maximum { limit } => {
                        format!("{found} is more than {limit}, the most that is allowed")
                    }
                    _ => error.to_string(),
                };
                troubles.push(tree.value_at(&at), message, meaning(schema));
            }
        }
    }
}

/// What the schema says of its value, in one line: a comment breaks where code does, not where a terminal does.
fn meaning(schema: &Value) -> Option<String> {
    schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " "))
}

/// What is to be written in place of a value of another type, where that is a habit from elsewhere.
fn how_to_write(expected: &str, found: &Value) -> Option<&'static str> {
    match (expected, found) {
        ("a list", Value::Object(_)) => Some("each item of a list begins with `- `"),
        ("a list", Value::String(_)) => Some("a list of one stands in brackets: [...]"),
        ("true or false", Value::String(word)) if is_truth_elsewhere(word) => {
            Some("write true or false: other words are texts in YAML 1.2")
        }
        ("text", Value::Number(_) | Value::Bool(_)) => Some("in quotes it is text"),
        _ => None,
    }
}

/// The words that are true or false in YAML 1.1.
fn is_truth_elsewhere(word: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"].iter().any(|truth| word.eq_ignore_ascii_case(truth))
}

/// The schema object that the keyword at `path` stands in.
fn around<'s>(schema: &'s Value, path: &str) -> &'s Value {
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent).unwrap_or(schema)
}

fn properties(schema: &Value) -> impl Iterator<Item = &str> + Clone {
    let map = schema.get("properties").and_then(Value::as_object);
    map.into_iter().flat_map(Map::keys).map(String::as_str)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A JSON type in a YAML writer's words.
fn named(json_type: &str) -> &str {
    match json_type {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "keys with values",
        other => other,
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!("the text `{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "keys with values".to_owned(),
    }
}

/// The schema with what makes messages mute taken out: enums with documented variants come as
/// `oneOf` of constants, optional types with null, and then an error lists nothing.
fn flattened(schema: Value) -> Value {
    mapped(without_null(schema), &|map| {
        let words = map.get("oneOf").and_then(Value::as_array).and_then(|all| constants(all));
        if let Some(words) = words {
            map.remove("oneOf");
            map.insert("enum".to_owned(), Value::Array(words));
        }
    })
}

/// The schema with the null of optional values taken out: in a pipeline, what is not wanted is not there.
pub(crate) fn without_null(schema: Value) -> Value {
    mapped(schema, &|map| {
        let not_null = |one: &&Value| one.get("type") != Some(&Value::from("null"));
        if let Some(Value::Array(types)) = map.get("anyOf") {
            let kept: Vec<Value> = types.iter().filter(not_null).cloned().collect();
            if let [Value::Object(one)] = &kept[..] {
                let one = one.clone();
                map.remove("anyOf");
                // What stands beside the choice is said of this place, not of the type.
                for (key, value) in one {
                    map.entry(key).or_insert(value);
                }
            }
        }
        if let Some(Value::Array(types)) = map.get_mut("type") {
            types.retain(|one| one != "null");
        }
        if map.get("default") == Some(&Value::Null) {
            map.remove("default");
        }
    })
}

/// The schema with `change` made to every object in it, the inner ones first.
fn mapped(schema: Value, change: &dyn Fn(&mut Map<String, Value>)) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(|item| mapped(item, change)).collect(),
        Value::Object(map) => {
            let mut map = map.into_iter().map(|(key, value)| (key, mapped(value, change))).collect();
            change(&mut map);
            Value::Object(map)
        }
        other => other,
    }
}

fn constants(all: &[Value]) -> Option<Vec<Value>> {
    let mut words = Vec::new();
    for one in all {
        match (one.get("const"), one.get("enum").and_then(Value::as_array)) {
            (Some(word), _) => words.push(word.clone()),
            (None, Some(several)) => words.extend(several.iter().cloned()),
            (None, None) => return None,
        }
    }
    Some(words)
}
