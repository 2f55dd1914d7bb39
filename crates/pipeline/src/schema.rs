//! Checks a value against a JSON Schema, and says what is wrong in words.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

use crate::trouble::{Troubles, help};
use crate::yaml::{Tree, step};

/// What is to be said of a key that has no business where it stands, if more than which keys have.
pub(crate) type Elsewhere<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A JSON Schema, ready to check values against.
pub(crate) struct Checker {
    schema: Value,
    validator: Result<Validator, String>,
}

impl Checker {
    pub(crate) fn new(schema: &Value) -> Self {
        let schema = flattened(schema.clone());
        let validator = jsonschema::validator_for(&schema);
        let validator = validator.map_err(|error| format!("its schema is not valid: {error}"));
        Self { schema, validator }
    }
}

/// Checks `value`, which stands at `pointer` of `tree`; every error goes to `troubles` at its place.
/// `elsewhere` says where a key that is unknown at `pointer` would belong.
pub(crate) fn check(
    Checker { schema, validator }: &Checker,
    value: &Value,
    pointer: &str,
    tree: &Tree,
    elsewhere: Elsewhere,
    troubles: &mut Troubles,
) {
    let validator = match validator {
        Ok(validator) => validator,
        Err(message) => {
            troubles.push(tree.value_at(pointer), message, None);
            return;
        }
    };
    // A value that could not be read is told once, not again for its type.
    let unread = troubles.places();
    let errors: Vec<_> = validator.iter_errors(value).collect();
    let of_type = |error: &&ValidationError| matches!(error.kind(), ValidationErrorKind::Type { .. });
    let mistyped: Vec<_> = errors.iter().filter(of_type).map(|error| error.instance_path().clone()).collect();
    for error in &errors {
        let at = format!("{pointer}{}", error.instance_path().as_str());
        // Of what has another type, nothing else is of interest.
        if !of_type(&error) && mistyped.contains(error.instance_path()) {
            continue;
        }
        if unread.contains(&tree.value_at(&at).at.start) {
            continue;
        }
        let schema = around(schema, error.schema_path().as_str());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    let belongs = elsewhere(key).filter(|_| at == pointer);
                    let help: Vec<_> = belongs.into_iter().chain(help(key, properties(schema))).collect();
                    let help = (!help.is_empty()).then(|| help.join("\n"));
                    troubles.push(tree.key_at(&step(&at, key)), format!("unknown key `{key}`"), help);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let option = schema.pointer(&format!("/properties/{key}"));
                let help = option.and_then(|option| with_example(Some(key), option));
                troubles.push(tree.key_at(&at), format!("missing key `{key}`"), help);
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
                let help: Vec<String> = how.into_iter().chain(with_example(None, schema)).collect();
                troubles.push(tree.value_at(&at), message, (!help.is_empty()).then(|| help.join("\n")));
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
                troubles.push(tree.value_at(&at), message, with_example(None, schema));
            }
        }
    }
}

/// What the schema says of its value, with an example of that if it has one, behind its key.
fn with_example(key: Option<&str>, schema: &Value) -> Option<String> {
    let example = schema.get("examples").and_then(|examples| examples.get(0)).map(flow);
    let key = key.map_or_else(String::new, |key| format!("{key}: "));
    let example = example.map(|example| format!("such as `{key}{example}`"));
    let lines: Vec<String> = example.into_iter().chain(meaning(schema)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A value in YAML's flow style, as one types it.
pub fn flow(value: &Value) -> String {
    let plain = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./%".contains(&b))
    };
    match value {
        Value::String(text) if plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// What the schema says of its value, in one line: a comment breaks where code does, not where a terminal does.
fn meaning(schema: &Value) -> Option<String> {
    schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " "))
}

/// What is to be written in place of a value of another type, where that is a habit from elsewhere.
fn how_to_write(expected: &str, found: &Value) -> Option<String> {
    match (expected, found) {
        ("a list", Value::Object(map)) if map.keys().any(|key| key.starts_with('-')) => {
            Some("a space is missing behind the `-`".to_owned())
        }
        ("a list", Value::Object(_)) => Some("each item of a list begins with `- `".to_owned()),
        ("a list", Value::String(_) | Value::Number(_)) => {
            Some(format!("a list of one stands in brackets: [{}]", flow(found)))
        }
        ("keys with values", Value::Array(_)) => Some("keys stand without `- ` before them".to_owned()),
        ("true or false", Value::String(word)) => {
            let truth = truth_elsewhere(word)?;
            Some(format!("write {truth}: `{word}` is a text in YAML 1.2"))
        }
        ("a whole number" | "a number", Value::String(text)) => {
            let number = sexagesimal(text)?;
            Some(format!("write {number}: `{text}` is a text in YAML 1.2"))
        }
        ("text", Value::Number(_) | Value::Bool(_)) => Some("in quotes it is text".to_owned()),
        _ => None,
    }
}

/// The number that YAML 1.1 took digits with colons between them for: 90 for `1:30`.
fn sexagesimal(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let first = parts.next()?.parse::<u64>().ok()?;
    let mut rest = parts.peekable();
    rest.peek()?;
    rest.try_fold(first, |number, part| {
        let part = part.parse::<u64>().ok().filter(|part| *part < 60)?;
        number.checked_mul(60)?.checked_add(part)
    })
}

/// What YAML 1.1 took a word for.
fn truth_elsewhere(word: &str) -> Option<bool> {
    let is_one = |words: [&str; 3]| words.iter().any(|truth| word.eq_ignore_ascii_case(truth));
    match () {
        () if is_one(["yes", "on", "y"]) => Some(true),
        () if is_one(["no", "off", "n"]) => Some(false),
        () => None,
    }
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

pub(crate) fn described(value: &Value) -> String {
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
