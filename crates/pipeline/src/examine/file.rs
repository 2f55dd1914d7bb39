//! What a test may say, and whether it can be tested.

use claimline_model::{Claim, Date, Document, Mention, Problem, PublishedBasis, Record, Str};
use claimline_stage::{AddedColumns, Context, Door, Source};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Expected, Input, Test};
use crate::plan::Item;
use crate::trouble::{Troubles, help};
use crate::yaml::{Tree, step};
use crate::{Opened, Table};

/// A document, and what is expected of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestFile {
    /// What it shows, in a few words.
    #[schemars(length(min = 1), example = &"a bound and a currency")]
    name: String,
    /// The document that goes through the pipeline.
    #[schemars(example = json!({ "text": "Trade has exceeded $10 billion." }))]
    document: DocumentFile,
    /// Rows that must come in `documents`, each by the columns that matter; others may come too.
    #[serde(default)]
    #[schemars(schema_with = "rows::<Document>")]
    documents: Vec<Map<String, Value>>,
    /// Rows that must come in `mentions`.
    #[serde(default)]
    #[schemars(schema_with = "rows::<Mention>")]
    mentions: Vec<Map<String, Value>>,
    /// Rows that must come in `claims`.
    #[serde(default)]
    #[schemars(schema_with = "rows::<Claim>")]
    claims: Vec<Map<String, Value>>,
    /// Rows that must come in `problems`. A document that fails fails its test, unless one of them says so.
    #[serde(default)]
    #[schemars(schema_with = "rows::<Problem>")]
    problems: Vec<Map<String, Value>>,
    /// Whether no claim may come.
    #[serde(default)]
    no_claims: bool,
    /// How many rows must come, no more and no fewer.
    #[serde(default)]
    counts: CountsFile,
}

/// The document of a test: a text with what is known of it, or a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentFile {
    /// A file that is read as those of the pipeline's input are; relative to the pipeline file.
    path: Option<String>,
    /// The source under `ingest:` that reads `path`, where there are several.
    source: Option<String>,
    /// The text, its paragraphs parted by blank lines.
    text: Option<String>,
    /// The headline.
    title: Option<String>,
    /// Who wrote it.
    author: Option<String>,
    /// Who published it.
    publisher: Option<String>,
    /// The day it was published, as `2025-06-23`.
    published: Option<String>,
    /// The BCP 47 code of its language.
    language: Option<String>,
    /// Its address.
    url: Option<String>,
}

/// How many rows must come in each table.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CountsFile {
    /// Rows in `documents`.
    documents: Option<u64>,
    /// Rows in `mentions`.
    mentions: Option<u64>,
    /// Rows in `claims`.
    claims: Option<u64>,
    /// Rows in `problems`.
    problems: Option<u64>,
}

/// The schema of rows of a table: what each column means, and the words that some are limited to. Which
/// other columns there are is for plugins to say, and so is checked when they have been asked.
fn rows<R: Record>(_: &mut SchemaGenerator) -> Schema {
    let mut columns = Map::new();
    for column in R::COLUMNS {
        let mut schema = json!({ "description": column.meaning.trim() });
        if !column.words.is_empty() {
            let words = column.words.iter().map(|word| json!(word));
            schema["enum"] = words.chain(column.nullable.then_some(Value::Null)).collect();
        }
        columns.insert(column.name.to_owned(), schema);
    }
    let row = json!({ "type": "object", "minProperties": 1, "properties": columns });
    let rows = Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), row)]);
    Schema::from(rows)
}

/// What tests are checked against.
pub(crate) struct Surroundings<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) text: &'a str,
    /// The pipeline's sources; none if there is something wrong with them already.
    pub(crate) sources: &'a [Item<'a>],
    pub(crate) context: &'a Context,
}

/// The tests in the file that are what they should be; the others go to `troubles`.
pub(crate) fn tests(around: &Surroundings, troubles: &mut Troubles) -> Vec<Test> {
    let list = around.tree.value.get("tests").and_then(Value::as_array);
    let read = |(i, test): (usize, &Value)| {
        // What can't be read, the schema has refused.
        let file: TestFile = serde_json::from_value(test.clone()).ok()?;
        around.test(file, &step("/tests", i), troubles)
    };
    list.into_iter().flatten().enumerate().filter_map(read).collect()
}

impl Surroundings<'_> {
    fn test(&self, file: TestFile, at: &str, troubles: &mut Troubles) -> Option<Test> {
        let before = troubles.count();
        let TestFile { name, document, documents, mentions, claims, problems, no_claims, counts } = file;
        let expected: Vec<_> = [
            (Table::Documents, documents, counts.documents),
            (Table::Mentions, mentions, counts.mentions),
            (Table::Claims, claims, counts.claims),
            (Table::Problems, problems, counts.problems),
        ]
        .into_iter()
        .filter(|(table, rows, count)| {
            !rows.is_empty() || count.is_some() || (no_claims && *table == Table::Claims)
        })
        .map(|(table, rows, mut count)| {
            let at = step(at, table.name());
            if no_claims && table == Table::Claims {
                if !rows.is_empty() || count.is_some_and(|count| count > 0) {
                    let message = "`no_claims` stands beside claims that are expected";
                    let help = "keep the one that is meant";
                    troubles.push(self.tree.key_at(&at), message, Some(help.to_owned()));
                }
                count = Some(0);
            }
            let added = &self.context.added;
            Expected { table, rows: self.rows(table, added, rows, &at, troubles), count }
        })
        .collect();
        if expected.is_empty() {
            let help =
                "say what must come: claims, mentions, documents, problems, counts, or no_claims: true";
            troubles.push(self.tree.value_at(at), "a test that expects nothing", Some(help.to_owned()));
        }
        let input = self.input(document, &step(at, "document"), troubles);
        let start = self.tree.value_at(at).at.start;
        let line = self.text[..start].matches('\n').count() + 1;
        (troubles.count() == before).then_some(Test { name, line, input: input?, expected })
    }

    fn rows(
        &self,
        table: Table,
        added: &AddedColumns,
        rows: Vec<Map<String, Value>>,
        at: &str,
        troubles: &mut Troubles,
    ) -> Vec<Vec<(String, String)>> {
        let columns = table.columns(added);
        let names = columns.iter().map(|column| column.name.as_str());
        let mut read = |at: String, (name, written): (String, Value)| {
            let at = step(&at, &name);
            let Some(column) = columns.iter().find(|column| column.name == name) else {
                let message = format!("`{}` has no column `{name}`", table.name());
                troubles.push(self.tree.key_at(&at), message, help(&name, names.clone()));
                return None;
            };
            match column.read(&written) {
                Ok(text) => Some((name, text)),
                Err(expected) => {
                    let message = format!("`{name}` holds {expected}, found `{written}`");
                    troubles.push_once(self.tree.value_at(&at), message, None);
                    None
                }
            }
        };
        let mut row = |(i, row): (usize, Map<String, Value>)| {
            row.into_iter().filter_map(|cell| read(step(at, i), cell)).collect()
        };
        rows.into_iter().enumerate().map(&mut row).collect()
    }

    fn input(&self, document: DocumentFile, at: &str, troubles: &mut Troubles) -> Option<Input> {
        let DocumentFile { path, source, text, title, author, publisher, published, language, url } =
            document;
        let known = [&title, &author, &publisher, &published, &language, &url];
        match (path, text) {
            (Some(path), None) if known.iter().all(|known| known.is_none()) => {
                return self.file(path, source, at, troubles).map(Input::File);
            }
            (None, Some(text)) if source.is_none() => {
                let day = published.as_deref().map(str::parse::<Date>);
                let day = day.transpose().unwrap_or_else(|_| {
                    let message = "`published` is a day such as 2025-06-23";
                    troubles.push(self.tree.value_at(&step(at, "published")), message, None);
                    None
                });
                return Some(Input::Inline(Box::new(Document {
                    doc_id: "test".into(),
                    media_type: "text/plain".into(),
                    title: title.map(Str::from),
                    author: author.map(Str::from),
                    publisher: publisher.map(Str::from),
                    published: day,
                    published_basis: match day {
                        Some(_) => PublishedBasis::Metadata,
                        None => PublishedBasis::None,
                    },
                    language: language.map(Str::from),
                    url: url.map(Str::from),
                    chars: text.chars().count() as u32,
                    text: text.into(),
                    ..Document::default()
                })));
            }
            _ => {}
        }
        let message = "a document is a `text` with what is known of it, or the `path` of a file";
        let help = "such as `document: { text: \"Trade grew by 5%.\", published: 2025-06-23 }`";
        troubles.push(self.tree.key_at(at), message, Some(help.to_owned()));
        None
    }

    /// Opens the file at `path` as the source of that name would.
    fn file(
        &self,
        path: String,
        source: Option<String>,
        at: &str,
        troubles: &mut Troubles,
    ) -> Option<Opened<Box<dyn Source>>> {
        let (base, here) = (&self.context.base, step(at, "path"));
        if !base.join(&path).is_file() {
            let message = format!("there is no file {}", base.join(&path).display());
            let help = "a relative path starts from the folder of the pipeline file";
            troubles.push(self.tree.value_at(&here), message, Some(help.to_owned()));
            return None;
        }
        if self.sources.is_empty() {
            return None;
        }
        let name = |item: &&Item| item.registration.name.clone();
        let fits = |item: &&Item| source.as_ref().is_none_or(|source| *source == item.registration.name);
        let [item] = self.sources.iter().filter(fits).collect::<Vec<_>>()[..] else {
            let names: Vec<_> = self.sources.iter().collect::<Vec<_>>().iter().map(name).collect();
            let help = format!("give the name of one of them as `source:`: {}", names.join(", "));
            troubles.push(self.tree.key_at(at), "which source reads this file is not clear", Some(help));
            return None;
        };
        let (Door::Source(open), true) = (&item.registration.door, item.takes("paths")) else {
            let message =
                format!("the source `{}` takes no `paths` that this file could stand for", name(&item));
            troubles.push(self.tree.value_at(&here), message, None);
            return None;
        };
        let mut options = item.options.clone();
        options["paths"] = json!([path]);
        match open(options, self.context) {
            Ok(part) => Some(Opened { name: name(&item), plugin: item.plugin.clone(), part }),
            Err(error) => {
                troubles.push(self.tree.value_at(&here), error.message, error.help);
                None
            }
        }
    }
}
