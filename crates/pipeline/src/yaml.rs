//! YAML as a JSON value, with the place of every key and value in the file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use claimline_model::{Offsets, Span};
use saphyr::{MarkedYaml, Scalar, YamlData, YamlLoader};
use saphyr_parser::{Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use crate::trouble::{Spot, Troubles};

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
    pub(crate) fn value_at(&self, pointer: &str) -> Spot {
        self.spot(pointer, |place| place.value.clone())
    }

    /// Where the key of the value at a JSON pointer stands; a list item has none, and gives its value.
    pub(crate) fn key_at(&self, pointer: &str) -> Spot {
        self.spot(pointer, |place| place.key.clone().unwrap_or(place.value.clone()))
    }

    fn spot(&self, pointer: &str, range: impl Fn(&Place) -> Range<usize>) -> Spot {
        let mut pointer = pointer;
        loop {
            match (self.places.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return Spot { at: range(place), path: way(&self.value, pointer) },
                (None, Some((parent, _))) => pointer = parent,
                (None, None) => return Spot::from(0..0),
            }
        }
    }
}

/// A JSON pointer in words: `stages, item 2 (normalise), currency, to`. An item of a list is called by its only
/// key, or by its `name`; one that is itself a name, by that.
fn way(root: &Value, pointer: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at = root;
    let mut steps =
        pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).peekable();
    while let Some(key) = steps.next() {
        let number = if at.is_array() { key.parse::<usize>().ok() } else { None };
        let Some(number) = number else {
            at = at.get(&key).unwrap_or(&Value::Null);
            words.push(key);
            continue;
        };
        let item = at.get(number).unwrap_or(&Value::Null);
        let only = item.as_object().filter(|item| item.len() == 1).and_then(|item| item.keys().next());
        let itself = item.as_str().filter(|_| words.len() == 1);
        let name = only.map(String::as_str).or(itself).or(item.get("name").and_then(Value::as_str));
        words.push(match name {
            Some(name) => format!("item {} ({name})", number + 1),
            None => format!("item {}", number + 1),
        });
        at = match only.filter(|only| steps.next_if(|next| next == *only).is_some()) {
            Some(only) => &item[only],
            None => item,
        };
    }
    words.join(", ")
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
    let mut reader = Reader { offsets, env, found: Vec::new(), places: HashMap::new() };
    let value = reader.value(&root, String::new(), None);
    let tree = Tree { value, places: reader.places };
    for Found { at, pointer, message, help } in reader.found {
        let spot = Spot { at, path: way(&tree.value, &pointer) };
        troubles.push(spot, message, help);
    }
    Some(tree)
}

/// What saphyr says of a text that it can't go on with, in words, and what to look at. What it says is not
/// promised to stay: what is not known here is passed on as it is.
fn in_words(said: &str, rest: &str) -> (String, Option<&'static str>) {
    const KNOWN: [(&str, &str, &str); 9] = [
        ("tabs", "a tab where YAML takes none", "indent with spaces"),
        ("flow construct", "a `[` or `{` above is not closed", "close it, or indent this line further"),
        ("simple key", "a key above has no value", "a key is followed by `:` and a space: is one missing?"),
        ("quoted scalar", "the quote that begins here is not closed", "put the same quote at its end"),
        (
            "expected key",
            "this line is indented otherwise than those that it belongs to",
            "keys that belong together stand below each other, with as many spaces before them",
        ),
        (
            "unknown anchor",
            "this alias has no anchor before it",
            "`*` begins an alias; a text that begins with it stands in quotes",
        ),
        ("alias expansion", "aliases of aliases that grow past all bounds", "write out what is meant"),
        (
            "directive",
            "a line that begins with `%`",
            "`%` begins a directive, of which pipelines have none; a text that begins with it stands in quotes",
        ),
        ("misplaced bracket", "a bracket that closes nothing", "take it away, or open one before it"),
    ];
    if said.contains("duplicated key") {
        let key = rest.split([':', '\n']).next().unwrap_or_default().trim();
        return (format!("the key `{key}` stands here twice"), Some("keep one of the two"));
    }
    match KNOWN.iter().find(|(part, ..)| said.contains(part)) {
        Some((_, message, help)) => ((*message).to_owned(), Some(help)),
        None => (said.to_owned(), None),
    }
}

struct Reader<'a> {
    offsets: Offsets<'a>,
    env: &'a dyn Fn(&str) -> Option<String>,
    found: Vec<Found>,
    places: HashMap<String, Place>,
}

/// Something wrong with a value.
struct Found {
    at: Range<usize>,
    pointer: String,
    message: String,
    help: Option<String>,
}

/// What is wrong, and what would have worked.
type Wrong = (String, Option<String>);

fn range(offsets: &Offsets, node: &MarkedYaml) -> Range<usize> {
    offsets.bytes(Span::new(node.span.start.index() as u32, node.span.end.index() as u32))
}

impl Reader<'_> {
    fn value(&mut self, node: &MarkedYaml, pointer: String, key: Option<Range<usize>>) -> Value {
        let at = range(&self.offsets, node);
        let read = match &node.data {
            YamlData::Sequence(items) => {
                let items = items.iter().enumerate();
                Ok(Value::Array(items.map(|(i, item)| self.value(item, step(&pointer, i), None)).collect()))
            }
            YamlData::Mapping(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let key_at = range(&self.offsets, key);
                    let YamlData::Representation(name, ..) = &key.data else {
                        self.wrong(key_at, &pointer, ("a key must be a word".to_owned(), None));
                        continue;
                    };
                    let value = self.value(value, step(&pointer, name), Some(key_at));
                    map.insert(name.to_string(), value);
                }
                Ok(Value::Object(map))
            }
            YamlData::Representation(written, style, tag) => {
                // `"${X}"` needs its quotes inside `{}` and `[]`, and still means what X holds.
                let style = if is_variable(written) { ScalarStyle::Plain } else { *style };
                self.substituted(written).and_then(|text| {
                    let plain = Scalar::parse_from_cow_and_metadata(text.clone(), style, tag.as_ref());
                    scalar(plain, &text)
                })
            }
            YamlData::Tagged(tag, _) => Err((format!("a tag ({tag}), which pipelines have none of"), None)),
            YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
                Err(("a value that can't be read".to_owned(), None))
            }
        };
        let value = read.unwrap_or_else(|wrong| {
            self.wrong(at.clone(), &pointer, wrong);
            Value::Null
        });
        self.places.insert(pointer, Place { key, value: at });
        value
    }

    fn wrong(&mut self, at: Range<usize>, pointer: &str, (message, help): Wrong) {
        self.found.push(Found { at, pointer: pointer.to_owned(), message, help });
    }

    /// `${NAME}` and `${NAME:-default}` replaced; `$${` stands for `${`.
    fn substituted<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Wrong> {
        if !text.contains("${") {
            return Ok(Cow::Borrowed(text));
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
                return Err(("`${` without `}`".to_owned(), Some("`$${` writes a plain `${`".to_owned())));
            };
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (inside, None),
            };
            let Some(value) = (self.env)(name).or(default) else {
                let help = format!("set it, or give a default: ${{{name}:-...}}");
                return Err((format!("the variable {name} is not set"), Some(help)));
            };
            out.push_str(&value);
            rest = after;
        }
        out.push_str(rest);
        Ok(Cow::Owned(out))
    }
}

/// A value as JSON has it.
fn scalar(scalar: Option<Scalar>, text: &str) -> Result<Value, Wrong> {
    Ok(match scalar {
        Some(Scalar::Null) => Value::Null,
        Some(Scalar::Boolean(yes)) => Value::Bool(yes),
        Some(Scalar::Integer(int)) if is_octal_elsewhere(text) => {
            let help = format!("write {int} for the number, or \"{text}\" for the text");
            let message = format!("`{text}` begins with 0: it is {int} here, and another number in YAML 1.1");
            return Err((message, Some(help)));
        }
        Some(Scalar::Integer(int)) => Value::Number(int.into()),
        Some(Scalar::FloatingPoint(_)) if is_integer(text) => {
            let message = format!("{text} is past the largest whole number, {}", i64::MAX);
            return Err((message, None));
        }
        // 1.0 is a whole number wherever one is wanted.
        Some(Scalar::FloatingPoint(float)) if float.fract() == 0.0 && float.abs() < WHOLE => {
            Value::Number((*float as i64).into())
        }
        Some(Scalar::FloatingPoint(float)) => {
            Number::from_f64(*float).map_or_else(|| Value::String(text.to_owned()), Value::Number)
        }
        Some(Scalar::String(text)) => Value::String(text.into_owned()),
        None => return Err((format!("{text:?} is not what its tag says"), None)),
    })
}

/// Below this, a float holds every whole number: 2^53.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Whether a whole number has a zero before its digits, by which YAML 1.1 took it for an octal one.
fn is_octal_elsewhere(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && is_integer(digits)
}

/// Whether the text is one variable and nothing else.
fn is_variable(text: &str) -> bool {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(|name| !name.contains('}'))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
