//! What the command prints: results on standard output, troubles on standard error.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use claimline_pipeline::plugin::{Outcome, Place};
use claimline_pipeline::{
    Counts, Opened, Plan, Refusal, Registry, Role, Summary, TableFile, Trouble, flow, resolved,
};
use claimline_stage::{Context, Door, Registration};
use indicatif::HumanBytes;
use miette::{GraphicalReportHandler, GraphicalTheme, NamedSource};
use serde_json::{Map, Value, json};
use textwrap::{WordSeparator, WordSplitter};

use crate::new::Written;
use crate::paint;

/// Prints an error with its causes; a refused pipeline with every place in it.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = String::new();
    match error.downcast_ref::<Refusal>() {
        Some(refusal) => {
            text += &rendered(&refusal.troubles);
            let _ = write!(text, "{}", printable(&refusal.to_string()));
        }
        None => {
            let _ = write!(text, "{}", printable(&format!("error: {error:#}")));
        }
    }
    to_stderr(&text);
}

/// Troubles, each with its line of the file.
fn rendered(troubles: &[Trouble]) -> String {
    let (handler, mut text) = (handler(), String::new());
    for trouble in troubles {
        // Writing to a String does not fail.
        let _ = handler.render_report(&mut text, &without_commands(trouble));
    }
    text
}

/// Says what a pipeline can run with all the same.
pub(crate) fn warnings(plan: &Plan) {
    if !plan.warnings.is_empty() {
        to_stderr(&format!(
            "{}warnings, with which it runs: {}",
            rendered(&plan.warnings),
            plan.warnings.len()
        ));
    }
}

/// A trouble whose words and excerpt a terminal may be given, at the place that it has there.
fn without_commands(trouble: &Trouble) -> Trouble {
    let file: &str = trouble.text.inner();
    let (start, end) = (trouble.at.offset(), trouble.at.offset() + trouble.at.len());
    let is_plain = |text: &str| text.chars().all(|c| printable_char(c) == c);
    if [file, &trouble.message, &trouble.path].into_iter().chain(trouble.help.as_deref()).all(is_plain) {
        return trouble.clone();
    }
    // The line ends of Windows steer nothing.
    let shown = |part: &str| printable(&part.replace("\r\n", "\n"));
    let [before, at, after] = [&file[..start], &file[start..end], &file[end..]].map(shown);
    Trouble {
        path: printable(&trouble.path),
        message: printable(&trouble.message),
        help: trouble.help.as_deref().map(printable),
        at: (before.len(), at.len()).into(),
        text: NamedSource::new(printable(trouble.text.name()), (before + &at + &after).into()),
    }
}

/// Lines as long as the terminal's, which break at spaces alone: a path or a name stays whole.
fn handler() -> GraphicalReportHandler {
    GraphicalReportHandler::new_themed(theme())
        .with_width(paint::terminal_width())
        .with_break_words(false)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
}

fn theme() -> GraphicalTheme {
    let plain = anstream::AutoStream::choice(&io::stderr()) == anstream::ColorChoice::Never;
    if plain { GraphicalTheme::unicode_nocolor() } else { GraphicalTheme::unicode() }
}

/// Says something beside the results.
pub(crate) fn note(text: &str) {
    to_stderr(&format!("note: {}", printable(text)));
}

/// Says that a run ended early.
pub(crate) fn interrupted() {
    to_stderr("interrupted: the same command goes on from here");
}

/// Says that a pipeline can run, and what it would do.
pub(crate) fn checked(path: &Path, plan: &Plan) {
    fn names<T>(parts: &[Opened<T>]) -> impl Iterator<Item = (&str, Option<&Place>)> {
        parts.iter().map(|part| (part.name.as_str(), part.plugin.as_ref()))
    }
    let parts: Vec<_> = names(&plan.sources).chain(names(&plan.stages)).chain(names(&plan.sinks)).collect();
    let steps: Vec<_> = parts.iter().map(|(name, _)| *name).collect();
    let mut text = format!("{} is fine: {} to {}", path.display(), steps.join(" > "), shown(&plan.out));
    for (name, plugin) in parts {
        if let Some(plugin) = plugin {
            let _ = write!(text, "\n  plugin {name}: {}", shown(Path::new(&plugin.shown())));
        }
    }
    to_stdout(&text);
}

/// The same for machines, with every place where something is wrong; whether there is one comes back.
///
/// # Errors
/// If the pipeline could not be checked at all.
pub(crate) fn checked_json(path: &Path, checked: anyhow::Result<Plan>) -> anyhow::Result<bool> {
    let (troubles, warnings) = match checked {
        Ok(plan) => (Vec::new(), plan.warnings),
        Err(error) => (error.downcast::<Refusal>()?.troubles, Vec::new()),
    };
    let trouble = |trouble: &Trouble| {
        let (line, column) = trouble.place();
        let Trouble { path, message, help, .. } = trouble;
        json!({ "line": line, "column": column, "path": path, "message": message, "help": help })
    };
    let mistakes: Vec<Value> = troubles.iter().map(trouble).collect();
    let warnings: Vec<Value> = warnings.iter().map(trouble).collect();
    to_stdout(&format!("{:#}", json!({ "pipeline": path, "mistakes": mistakes, "warnings": warnings })));
    Ok(!mistakes.is_empty())
}

/// The closing summary of a run.
pub(crate) fn summary(plan: &Plan, summary: &Summary, elapsed: Duration) {
    let Counts { found, documents, duplicates, failed, warnings, claims, .. } = &summary.counts;
    let [quantities, statements] = claims;
    let dropped = match summary.counts.dropped {
        0 => String::new(),
        dropped => format!(", {dropped} dropped"),
    };
    let mut text = format!("{}: {found} found, {documents} in the tables", plan.name);
    let seconds = elapsed.as_secs_f64().max(1e-9);
    let rate = HumanBytes((summary.counts.text_bytes as f64 / seconds) as u64);
    if *duplicates > 0 {
        let _ = write!(text, " ({duplicates} of them duplicates)");
    }
    let _ = write!(
        text,
        "\n  claims    {quantities} quantities, {statements} statements, from {} mentions\n  problems  {failed} errors{dropped}, {warnings} warnings",
        summary.counts.mentions
    );
    let problems = summary.files.iter().find(|file| file.table == "problems" && file.rows > 0);
    if let Some(file) = problems {
        let _ = write!(text, ": see {}", shown(&file.path));
    }
    let counted = |name: &str| summary.counts.by_stages.get(name).copied().unwrap_or(0);
    if let tokens @ 1.. = counted("tokens") {
        let share = counted("tokens_parsed") as f64 / tokens as f64 * 100.0;
        let _ = write!(text, "\n  syntax    {share:.1} % of {tokens} tokens parsed");
    }
    if summary.nothing_to_do {
        text.push_str("\n  nothing to do: pipeline and inputs are what they were when this was finished");
    } else if summary.done_before > 0 {
        let _ = write!(text, "\n  resumed   {} of them were done before", summary.done_before);
    }
    if !summary.nothing_to_do {
        let _ = write!(text, "\n  time      {seconds:.2} s, {rate} of text a second");
    }
    let wrote = if summary.nothing_to_do { "holds" } else { "wrote" };
    for tables in summary.files.chunk_by(|a, b| a.path == b.path) {
        let rows = match tables {
            [file] => format!("{} rows", file.rows),
            sheets => {
                sheets.iter().map(|of| format!("{} {}", of.rows, of.table)).collect::<Vec<_>>().join(", ")
            }
        };
        let _ = write!(text, "\n  {wrote}     {} ({rows})", shown(&tables[0].path));
    }
    to_stdout(&text);
    if summary.not_resumable {
        to_stderr(
            "note: had it been killed, this run could not have been resumed: its input can't be read twice, or an ordered stage does not remember",
        );
    }
    if summary.too_many_failed {
        to_stderr(&format!("error: {failed} of {found} documents failed, more than on_error allows"));
    }
}

/// The closing summary of a run, for machines: counts, seconds in all and per stage over all
/// workers, files.
pub(crate) fn summary_json(summary: &Summary, elapsed: Duration) {
    let stages: Vec<Value> =
        summary.seconds.iter().map(|(name, seconds)| json!({ "stage": name, "seconds": seconds })).collect();
    let file = |file: &TableFile| json!({ "table": file.table, "path": file.path, "rows": file.rows });
    let files: Vec<Value> = summary.files.iter().map(file).collect();
    let counts = &summary.counts;
    let [quantities, statements] = counts.claims;
    to_stdout(&format!(
        "{:#}",
        json!({
            "found": counts.found,
            "documents_done_before": summary.done_before,
            "nothing_to_do": summary.nothing_to_do,
            "documents": counts.documents,
            "duplicates": counts.duplicates,
            "failed": counts.failed,
            "dropped": counts.dropped,
            "warnings": counts.warnings,
            "claims": { "quantity": quantities, "statement": statements },
            "mentions": counts.mentions,
            "text_bytes": counts.text_bytes,
            "counts": counts.by_stages,
            "seconds": elapsed.as_secs_f64(),
            "stages": stages,
            "files": files,
        })
    ));
}

/// The JSON Schema of a pipeline.
pub(crate) fn schema(schema: &Value) {
    to_stdout(&format!("{schema:#}"));
}

/// The list of stages.
pub(crate) fn stages(registry: &Registry) {
    let width = registry.iter().map(|one| one.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for role in Role::ALL {
        let _ = writeln!(text, "{}:", role.list());
        for one in registry.iter().filter(|one| Role::of(one) == role) {
            let _ = writeln!(text, "  {:width$}  {}", one.name, one.summary);
        }
    }
    to_stdout(text.trim_end());
}

/// One stage: what it does, its options, an example.
pub(crate) fn stage(registration: &Registration) {
    let (role, width) = (Role::of(registration), paint::terminal_width());
    let Registration { name, summary, schema, example, door } = registration;
    let mut text = paint::indented(&format!("{name}, {}: {summary}", role.described()), width, 0);
    if let Door::Stage(stage) = door
        && let Ok(declared) = (stage.declares)(Value::Object(Map::new()), &Context::default())
        // What a plugin makes of the tables that it reads, it does not say.
        && declared.reads.is_none()
    {
        for (what, tables) in [("works on", declared.needs), ("makes", declared.makes)] {
            if !tables.is_empty() {
                let _ = writeln!(text, "{what}: {}", tables.join(", "));
            }
        }
    }
    text.push('\n');
    options(schema, schema, 1, width, &mut text);
    let _ = write!(text, "\nexample, under `{}:`\n", role.list());
    for line in example.trim_end().lines() {
        let _ = write!(text, "\n  {line}");
    }
    to_stdout(&text);
}

/// The options of `schema`, each with its type and default, what it means, and below it those inside it;
/// `root` holds the definitions.
fn options(schema: &Value, root: &Value, depth: usize, width: usize, text: &mut String) {
    let indent = 2 * depth;
    let properties = schema.get("properties").and_then(Value::as_object);
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|keys| keys.iter().any(|key| key == name));
    for (name, option) in properties.into_iter().flatten() {
        let inner = definition(option, root);
        let default = option.get("default").filter(|default| !default.is_null() && !default.is_object());
        let default = match default {
            Some(default) => format!(" (default {})", flow(default)),
            None if required(name) => " (must be given)".to_owned(),
            None => String::new(),
        };
        *text += &paint::indented(&format!("{name}: {}{default}", kind(option, root)), width, indent);
        let meaning = option.get("description").or(inner.get("description")).and_then(Value::as_str);
        *text += &paint::indented(meaning.unwrap_or_default(), width, indent + 4);
        options(inner, root, depth + 1, width, text);
    }
}

/// What an option may be: its type, or its words.
fn kind(option: &Value, root: &Value) -> String {
    let words = ["oneOf", "enum"].into_iter().filter_map(|key| option.get(key)?.as_array()).flatten();
    let words: Vec<&str> = words
        .flat_map(|word| {
            word.get("const")
                .into_iter()
                .chain(word.get("enum").into_iter().flat_map(|all| all.as_array().into_iter().flatten()))
                .chain([word])
        })
        .filter_map(Value::as_str)
        .collect();
    if !words.is_empty() {
        return words.join(" | ");
    }
    if let Some(reference) = option.get("$ref").and_then(Value::as_str) {
        let inner = reference.strip_prefix('#').and_then(|path| root.pointer(path));
        return inner.map_or_else(String::new, |inner| kind(inner, root));
    }
    if let Some(choice) = option.get("anyOf").and_then(Value::as_array) {
        let kinds: Vec<String> =
            choice.iter().map(|one| kind(one, root)).filter(|kind| !kind.is_empty()).collect();
        return kinds.join(" or ");
    }
    let types = match &option["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let named = |one: &Value| match one.as_str()? {
        "string" => Some("text".to_owned()),
        "integer" => Some("a whole number".to_owned()),
        "number" => Some("a number".to_owned()),
        "boolean" => Some("true or false".to_owned()),
        "object" => Some("keys with values".to_owned()),
        "array" => {
            Some(match option.get("items").map(|items| kind(items, root)).filter(|kind| !kind.is_empty()) {
                Some(items) => format!("a list of {items}"),
                None => "a list".to_owned(),
            })
        }
        _ => None,
    };
    types.iter().filter_map(named).collect::<Vec<_>>().join(" or ")
}

/// The schema that an option refers to: directly, for its items, or as the one that is not null; else
/// its own.
fn definition<'s>(option: &'s Value, root: &'s Value) -> &'s Value {
    let alternatives = option.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let parts = std::iter::once(option).chain(option.get("items")).chain(alternatives);
    let mut references = parts.filter_map(|one| one.get("$ref")?.as_str());
    let path = references.next().and_then(|reference| reference.strip_prefix('#'));
    path.and_then(|path| root.pointer(path)).unwrap_or(option)
}

/// What came of a plugin's trial, and whether it passed.
pub(crate) fn conformance(outcomes: &[Outcome]) -> bool {
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let mut text = String::new();
    for Outcome { trial, failure } in outcomes {
        let _ = match failure {
            None => writeln!(text, "ok      {trial}"),
            Some(why) => writeln!(text, "FAILED  {trial}: {why}"),
        };
    }
    let _ = write!(text, "{} passed, {failed} failed", outcomes.len() - failed);
    to_stdout(&text);
    failed == 0
}

/// Says what was written, and how to try it.
pub(crate) fn written(written: &Written) {
    let Written { path, then } = written;
    to_stdout(&format!("wrote {}; try it: {then}", shown(path)));
}

/// A path as one would type it: without `folder/..` and `./`.
pub(crate) fn shown(path: &Path) -> String {
    resolved(path).display().to_string()
}

/// Text as a terminal may be given it: what would steer the terminal, or turn the direction of what
/// follows, is shown as a sign instead.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(printable_char).collect()
}

fn printable_char(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}

pub(crate) fn to_stdout(text: &str) {
    to_stdout_painted(&printable(text));
}

/// Prints a text whose parts are printable, with its colours where they are wanted.
pub(crate) fn to_stdout_painted(text: &str) {
    // A closed pipe has nobody left to tell.
    let _ = writeln!(anstream::stdout(), "{text}");
}

fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
