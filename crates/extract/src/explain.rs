//! What a rule is: its line in `examples.yaml`, and the sentences there that it reads.

use claimline_language::Reading;
use claimline_model::{Claim, ClaimKind, Document, Mention};
use claimline_stage::{Batch, Reason, Stage};
use saphyr::{LoadableYamlNode, Yaml};

use crate::cursor::Cursor;
use crate::quantity::amounts;
use crate::stage::Extract;
use crate::time;

pub(crate) const NUMBERS: &str = include_str!("number/en/examples.yaml");
pub(crate) const MONEY: &str = include_str!("money/en/examples.yaml");
pub(crate) const QUANTITIES: &str = include_str!("quantity/en/examples.yaml");
pub(crate) const STATEMENTS: &str = include_str!("statement/en/examples.yaml");
pub(crate) const TIMES: &str = include_str!("time/en/examples.yaml");

/// How many examples of a rule are given.
const FEW: usize = 4;

/// A file of examples; what is built in can be read, as a test sees.
pub(crate) fn load(file: &'static str) -> Yaml<'static> {
    let mut documents = Yaml::load_from_str(file).unwrap_or_default();
    if documents.is_empty() { Yaml::BadValue } else { documents.remove(0) }
}

/// The items of the list at `key`; none if there is none.
pub(crate) fn list<'y>(node: &'y Yaml<'static>, key: &str) -> &'y [Yaml<'static>] {
    node.as_mapping_get(key).and_then(|list| list.as_vec()).map_or(&[], Vec::as_slice)
}

/// The texts of the examples of a file that has a list of them.
fn texts(file: &Yaml<'static>) -> Vec<String> {
    let texts = list(file, "examples").iter().flat_map(|example| list(example, "texts"));
    texts.filter_map(|text| text.as_str()).map(str::to_owned).collect()
}

/// The examples of times: what is written, without its value, and the text with its brackets.
pub(crate) fn timed(file: &Yaml<'static>) -> Vec<(String, String)> {
    let found = file.as_mapping_get("found").and_then(|found| found.as_mapping());
    let mut all = Vec::new();
    for (expr, phrasings) in found.into_iter().flatten() {
        let expr = expr.as_str().unwrap_or_default().split(" -> ").next().unwrap_or_default();
        let phrasings = phrasings.as_vec().into_iter().flatten().filter_map(|text| text.as_str());
        all.extend(phrasings.map(|text| (expr.to_owned(), text.to_owned())));
    }
    all
}

/// Reads `text` and hands on a cursor at each sentence.
pub(crate) fn sentences(text: &str, mut each: impl FnMut(Cursor<'_>)) {
    let mut reading = Reading::default();
    reading.read(text, 0..text.len());
    for sentence in reading.sentences() {
        each(Cursor::new(text, &reading.tokens()[sentence.tokens.clone()]));
    }
}

/// What `examples.yaml` says of a rule; nothing of one that it does not know.
fn meaning(files: &[Yaml<'static>], rule: &str) -> Option<String> {
    let rules = files.iter().filter_map(|file| file.as_mapping_get("rules"));
    rules.filter_map(|rules| rules.as_mapping_get(rule)?.as_str()).next().map(str::to_owned)
}

/// What a rule for `of` is, with the shortest of `texts` that it reads.
fn rule(
    of: &'static str,
    name: &str,
    files: &[Yaml<'static>],
    mut texts: Vec<String>,
    reads: impl Fn(&str) -> bool,
) -> Reason {
    texts.sort_by_key(String::len);
    texts.dedup();
    let meaning = meaning(files, name).unwrap_or_default();
    let examples = texts.into_iter().filter(|text| reads(text)).take(FEW).collect();
    Reason { of, is: name.to_owned(), why: meaning, examples }
}

fn of_amount(name: &str) -> Reason {
    let files = [MONEY, QUANTITIES, NUMBERS].map(load);
    let all = files.iter().flat_map(texts).collect();
    rule("rule of the amount", name, &files, all, |text| {
        let mut hit = false;
        sentences(text, |sentence| {
            let mut found = Vec::new();
            amounts(sentence, &[], &mut found);
            hit |= found.iter().any(|amount| amount.rule == name);
        });
        hit
    })
}

fn of_time(name: &str) -> Reason {
    let files = [load(TIMES)];
    let all = timed(&files[0]).into_iter().map(|(_, text)| text).collect();
    rule("rule of the time", name, &files, all, |text| {
        let mut hit = false;
        sentences(&text.replace(['[', ']'], ""), |sentence| {
            let mut found = Vec::new();
            time::find(sentence, &mut found);
            hit |= found.iter().any(|time| time.rule == name);
        });
        hit
    })
}

fn of_statement(name: &str) -> Reason {
    let files = [load(STATEMENTS)];
    let all = texts(&files[0]);
    rule("rule of the statement", name, &files, all, |text| {
        let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
        let mut batch = Batch { documents: vec![document].into(), ..Batch::default() };
        let read = Extract::default().process(&mut batch);
        let is_it = |claim: &Claim| claim.kind == ClaimKind::Statement && *claim.rule == *name;
        read.is_ok() && batch.claims.iter().any(is_it)
    })
}

/// The rules that made a claim, and its mentions.
pub(crate) fn explain(batch: &Batch, claim: &Claim) -> Vec<Reason> {
    let mention = |id: &Option<_>| -> Option<&Mention> {
        let id = id.as_ref()?;
        batch.mentions.iter().find(|mention| mention.mention_id == *id)
    };
    let mut reasons = vec![match claim.kind {
        ClaimKind::Statement => of_statement(&claim.rule),
        ClaimKind::Quantity => of_amount(&claim.rule),
    }];
    if let Some(time) = mention(&claim.time_mention) {
        reasons.push(of_time(&time.rule));
    }
    for (reason, mention) in
        reasons.iter_mut().zip([mention(&claim.amount_mention), mention(&claim.time_mention)])
    {
        let written = mention.and_then(|mention| Some((&mention.text, mention.expr.as_ref()?)));
        if let Some((text, expr)) = written {
            reason.why += &format!(" It reads `{text}` as {expr}.");
        }
    }
    reasons
}
