//! YAML as a JSON value, with the place of every key and value in the file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use claimline_model::{Offsets, Span};
use saphyr::{MarkedYaml, Scalar, YamlData, YamlLoader};
use saphyr_parser::{Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use crate::trouble::Troubles;

/// A pipeline file as data, and where each part of it stands.
pub(crate) struct Tree {
    pub(crate) value: Value,
    /// By JSON pointer.
    places: HashMap<String, Place>,
}

#[derive(Clone)]
struct Place {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Tree {
    /// Where the value at a JSON pointer stands, or the nearest thing around it that is in the file.
    pub(crate) fn value_at(&self, pointer: &str) -> Range<usize> {
        self.around(pointer).map_or(0..0, |place| place.value.clone())
    }

    /// Where the key of the value at a JSON pointer stands; a list item has none, and gives its value.
    pub(crate) fn key_at(&self, pointer: &str) -> Range<usize> {
        self.around(pointer).map_or(0..0, |place| place.key.clone().unwrap_or(place.value.clone()))
    }

    fn around(&self, pointer: &str) -> Option<&Place> {
        let mut pointer = pointer;
        loop {
            match (self.places.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return Some(place),
                (None, Some((parent, _))) => pointer = parent,
                (None, None) => return None,
            }
        }
    }
}

/// Appends a step to a JSON pointer.
pub(crate) fn step(pointer: &str, key: impl std::fmt::Display) -> String {
    format!("{pointer}/{}", key.to_string().replace('~', "~0").replace('/', "~1"))
}

/// Reads one YAML document; `env` gives the value of an environment variable.
///
/// A syntax error or a duplicate key ends it, for saphyr stops there; everything else is collected.
pub(crate) fn read(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
    troubles: &mut Troubles,
) -> Option<Tree> {
    let mut loader = YamlLoader::<MarkedYaml>::default();
    loader.early_parse(false);
    let scanned = Parser::new_from_str(text).load(&mut loader, true);
    let offsets = Offsets::new(text);
    if let Some(error) = scanned.err().or(loader.error().cloned()) {
        let at = offsets.byte(error.marker().index() as u32);
        let (message, help) = in_words(error.info(), &text[at..]);
        troubles.push(at..text.len(), message, help.map(str::to_owned));
        return None;
    }
    let mut documents = loader.into_documents();
    if documents.len() > 1 {
        let second = range(&offsets, &documents[1]);
        troubles.push(second, "a second YAML document; a pipeline file holds one", None);
        return None;
    }
    let Some(root) = documents.pop() else {
        let help = "it begins with `version: 1`; `claimline stages` lists what it may hold";
        troubles.push(0..0, "the file is empty", Some(help.into()));
        return None;
    };
    let mut reader = Reader { offsets, env, troubles, places: HashMap::new() };
    let value = reader.value(&root, String::new(), None);
    Some(Tree { value, places: reader.places })
}

/// What saphyr says of a text that it can't go on with, and what to look at. What it says is not promised
/// to stay: what is not known here is passed on as it is.
fn in_words(said: &str, rest: &str) -> (String, Option<&'static str>) {
    const HELP: [(&str, &str); 6] = [
        ("tabs", "indent with spaces: YAML takes no tabs there"),
        ("flow construct", "a `[` or `{` that is opened above is not closed"),
        ("simple key", "a key is followed by `:` and a space: is one missing above?"),
        ("quoted scalar", "the quote that begins here is not closed"),
        (
            "expected key",
            "keys that belong together stand below each other: is this line indented as they are?",
        ),
        ("unknown anchor", "`*` begins an alias; a text that begins with it stands in quotes"),
    ];
    if said.contains("duplicated key") {
        let key = rest.split([':', '\n']).next().unwrap_or_default().trim();
        return (format!("the key `{key}` stands here twice"), None);
    }
    let help = HELP.iter().find(|(part, _)| said.contains(part)).map(|(_, help)| *help);
    (said.to_owned(), help)
}

struct Reader<'a> {
    offsets: Offsets<'a>,
    env: &'a dyn Fn(&str) -> Option<String>,
    troubles: &'a mut Troubles,
    places: HashMap<String, Place>,
}

fn range(offsets: &Offsets, node: &MarkedYaml) -> Range<usize> {
    offsets.bytes(Span::new(node.span.start.index() as u32, node.span.end.index() as u32))
}

impl Reader<'_> {
    fn value(&mut self, node: &MarkedYaml, pointer: String, key: Option<Range<usize>>) -> Value {
        let at = range(&self.offsets, node);
        let value = match &node.data {
            YamlData::Sequence(items) => {
                let items = items.iter().enumerate();
                Value::Array(items.map(|(i, item)| self.value(item, step(&pointer, i), None)).collect())
            }
            YamlData::Mapping(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let key_at = range(&self.offsets, key);
                    let YamlData::Representation(name, ..) = &key.data else {
                        self.troubles.push(key_at, "a key must be a word", None);
                        continue;
                    };
                    let value = self.value(value, step(&pointer, name), Some(key_at));
                    map.insert(name.to_string(), value);
                }
                Value::Object(map)
            }
            YamlData::Representation(written, style, tag) => {
                let text = self.substituted(written, &at);
                // `"${X}"` needs its quotes inside `{}` and `[]`, and still means what X holds.
                let style = if is_variable(written) { ScalarStyle::Plain } else { *style };
                let plain = Scalar::parse_from_cow_and_metadata(text.clone(), style, tag.as_ref());
                self.scalar(plain, &text, &at)
            }
            YamlData::Tagged(tag, _) => {
                self.troubles.push(at.clone(), format!("a tag ({tag}), which pipelines have none of"), None);
                Value::Null
            }
            YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
                self.troubles.push(at.clone(), "a value that can't be read", None);
                Value::Null
            }
        };
        self.places.insert(pointer, Place { key, value: at });
        value
    }

    fn scalar(&mut self, scalar: Option<Scalar>, text: &str, at: &Range<usize>) -> Value {
        match scalar {
            Some(Scalar::Null) => Value::Null,
            Some(Scalar::Boolean(yes)) => Value::Bool(yes),
            Some(Scalar::Integer(int)) => Value::Number(int.into()),
            Some(Scalar::FloatingPoint(_)) if is_integer(text) => {
                self.troubles.push(
                    at.clone(),
                    format!("{text} is past the largest whole number, {}", i64::MAX),
                    None,
                );
                Value::Null
            }
            Some(Scalar::FloatingPoint(float)) => {
                Number::from_f64(*float).map_or_else(|| Value::String(text.to_owned()), Value::Number)
            }
            Some(Scalar::String(text)) => Value::String(text.into_owned()),
            None => {
                self.troubles.push(at.clone(), format!("{text:?} is not what its tag says"), None);
                Value::Null
            }
        }
    }

    /// `${NAME}` and `${NAME:-default}` replaced; `$${` stands for `${`.
    fn substituted<'t>(&mut self, text: &'t str, at: &Range<usize>) -> Cow<'t, str> {
        if !text.contains("${") {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, variable) = (&rest[..start], &rest[start + 2..]);
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = variable;
                continue;
            }
            out.push_str(before);
            let Some((inside, after)) = variable.split_once('}') else {
                self.troubles.push(at.clone(), "`${` without `}`", Some("`$${` writes a plain `${`".into()));
                return Cow::Owned(out);
            };
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (inside, None),
            };
            match (self.env)(name).or(default) {
                Some(value) => out.push_str(&value),
                None => {
                    let help = format!("set it, or give a default: ${{{name}:-...}}");
                    self.troubles.push(at.clone(), format!("the variable {name} is not set"), Some(help));
                }
            }
            rest = after;
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// Whether the text is one variable and nothing else.
fn is_variable(text: &str) -> bool {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(|name| !name.contains('}'))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
