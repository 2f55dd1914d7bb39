//! Stages that do next to nothing, to see what the engine does around them.

use std::path::PathBuf;

use claimline_model::{Document, Problem, Severity};
use claimline_pipeline::Registry;
use claimline_stage::{
    Batch, Body, Decoded, Found, Growing, InputFile, Kept, Order, Origin, Piece, Raw, Registration, Resource,
    Sink, SinkError, Source, Stage, StageError, Staging, Workshop,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// `words`, `mark`, `count` and `list`.
pub fn registry() -> Registry {
    let words = Registration::source("words", "a document a word", "words: { paths: [a] }", |options, _| {
        Ok(Words { options })
    });
    let mark = Registration::stage("mark", "appends a sign", "mark", Order::Parallel, |options, _| {
        Ok(Mark { options })
    });
    let count = Registration::stage("count", "numbers documents", "count", Order::Ordered, |_: None, _| {
        Ok(Count { seen: 0 })
    });
    let list = Registration::sink("list", "lists texts", "list", |_: None, _| Ok(List));
    Registry::new(vec![words, mark, count, list])
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct None {}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WordsOptions {
    /// The words. `!lost` can't be read, `!broken` can't be decoded, `id=WORD` brings an id.
    paths: Vec<String>,
    /// How often the words come.
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

struct Words {
    options: WordsOptions,
}

impl Source for Words {
    fn read(&self) -> Box<dyn Iterator<Item = Found> + Send + '_> {
        let round = move |round| self.options.paths.iter().map(move |word| (round, word));
        Box::new((0..self.options.times).flat_map(round).enumerate().map(|(i, (round, word))| {
            let origin = Origin { uri: "words".into(), path: format!("{i}").into(), member: None };
            if word == "!lost" {
                return Found::Lost(origin.problem("words", Severity::Error, "lost", "gone"));
            }
            let bytes = if round == 0 { word.clone() } else { format!("{word}{round}") }.into_bytes();
            Found::Raw(Raw { origin, consumed: bytes.len() as u64, bytes, ..Raw::default() })
        }))
    }

    fn decode(&self, raw: Raw) -> Result<Decoded, Box<Problem>> {
        let text = String::from_utf8(raw.bytes).unwrap();
        if text.starts_with("!broken") {
            return Err(Box::new(raw.origin.problem("words", Severity::Error, "broken", "no text")));
        }
        let own = text.strip_prefix("id=");
        let document = Document {
            doc_id: own.map_or_else(|| raw.origin.doc_id(), Into::into),
            source_uri: raw.origin.uri,
            text: text.as_str().into(),
            ..Document::default()
        };
        Ok(Decoded { document, own_id: own.is_some(), ..Decoded::default() })
    }

    fn inputs(&self) -> Option<Box<dyn Iterator<Item = InputFile> + Send + '_>> {
        // The words stand in the pipeline itself.
        Some(Box::new(std::iter::empty()))
    }
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MarkOptions {
    /// The sign.
    sign: Sign,
    /// Where it goes.
    #[serde(default)]
    place: Option<Place>,
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sign {
    /// A plus.
    Plus,
    /// A minus.
    Minus,
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Before the word.
    #[serde(default)]
    before: bool,
}

#[derive(Clone)]
struct Mark {
    options: MarkOptions,
}

impl Stage for Mark {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let sign = match self.options.sign {
            Sign::Plus => "+",
            Sign::Minus => "-",
        };
        let before = self.options.place.as_ref().is_some_and(|place| place.before);
        for document in batch.documents.iter_mut() {
            assert!(!document.text.starts_with("!panic"), "cannot bear {}", document.text);
            if document.text.starts_with("!fail") {
                return Err(StageError::new("no good"));
            }
            let (head, tail) = if before { (sign, "") } else { ("", sign) };
            document.text = format!("{head}{}{tail}", document.text).into();
        }
        Ok(())
    }
}

#[derive(Clone)]
struct Count {
    seen: u32,
}

impl Stage for Count {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        for document in batch.documents.iter_mut() {
            self.seen += 1;
            document.text = format!("{}#{}", document.text, self.seen).into();
        }
        Ok(())
    }

    fn remember(&mut self) -> Option<Vec<u8>> {
        Some(self.seen.to_le_bytes().to_vec())
    }

    fn recall(&mut self, memory: &[u8]) {
        self.seen = u32::from_le_bytes(memory.try_into().unwrap());
    }
}

struct List;

impl Sink for List {
    fn paths(&self) -> Vec<PathBuf> {
        vec!["list.txt".into()]
    }

    fn encode(&self, batch: &Batch) -> Result<Vec<Piece>, SinkError> {
        let mut lines = String::new();
        for document in batch.documents.iter() {
            let twin = document.duplicate_of.as_ref().map_or("", |_| "(duplicate)");
            lines.push_str(&format!("{}{twin}\n", document.text));
        }
        for problem in &batch.problems {
            lines.push_str(&format!("{}: {}: {}\n", problem.stage, problem.code, problem.message));
        }
        let rows = lines.lines().count() as u64;
        Ok(vec![Piece { file: 0, rows, shares: Vec::new(), cut: 0, body: Body::Bytes(lines.into_bytes()) }])
    }

    fn open(&self, workshop: Workshop, kept: &[Kept]) -> Result<Box<dyn Staging>, SinkError> {
        let path = workshop.folder.join("list.txt");
        let rows = kept.last().map_or(0, |kept| kept.rows);
        Ok(Box::new(Lines {
            file: Growing::open(&workshop, 0, "list.txt", kept.last())?,
            path,
            rows,
            told: 0,
        }))
    }
}

struct Lines {
    file: Growing,
    path: PathBuf,
    rows: u64,
    told: u64,
}

impl Staging for Lines {
    fn append(&mut self, pieces: Vec<Piece>) -> Result<Vec<Kept>, SinkError> {
        for piece in pieces {
            let Body::Bytes(bytes) = piece.body else { panic!("lists are bytes") };
            self.file.append(&bytes)?;
            self.told += piece.rows;
        }
        self.rows += self.told;
        Ok(self.file.tell(std::mem::take(&mut self.told)).into_iter().collect())
    }

    fn commit(&mut self) -> Result<Vec<Kept>, SinkError> {
        self.file.append(b"--\n")?;
        let told = self.file.tell(0);
        self.file.sync()?;
        Ok(told.into_iter().collect())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Resource>, SinkError> {
        if !std::fs::read_to_string(&self.path).unwrap().ends_with("--\n") {
            self.commit()?;
        }
        Ok(vec![Resource {
            table: "documents".to_owned(),
            staged: self.path,
            path: "list.txt".into(),
            rows: self.rows,
            descriptor: serde_json::json!({ "format": "txt" }),
        }])
    }
}
