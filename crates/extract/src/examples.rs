//! Runs every `examples.yaml` of the amounts.

use std::collections::BTreeSet;

use claimline_language::rows;
use claimline_model::{
    Bound, Change, Claim, ClaimKind, Document, Modality, Polarity, Record, SourceKind, TimeBasis, Value,
};
use claimline_stage::{Batch, Stage};
use saphyr::Yaml;

use crate::claim;
use crate::cursor::Cursor;
use crate::explain::{MONEY, NUMBERS, QUANTITIES, STATEMENTS, TIMES, explain, list, load, sentences};
use crate::number::number;
use crate::quantity::{Amount, amounts, head};
use crate::stage::{Extract, ExtractOptions};
use crate::syntax::{Syntactician, Syntax};
use crate::time;

const CLAIMS: &str = include_str!("claim/en/examples.yaml");

fn field<'y>(node: &'y Yaml<'static>, key: &str) -> Option<&'y str> {
    node.as_mapping_get(key).map(|cell| cell.as_str().unwrap_or_else(|| panic!("{key}: {cell:?} is no text")))
}

/// The fields of an amount, as the examples write them.
fn described(sentence: &Cursor<'_>, amount: &Amount) -> Vec<(&'static str, String)> {
    let words = |tokens| sentence.source()[sentence.bytes(tokens)].to_owned();
    let mut fields = vec![
        ("value", amount.value.normalize().to_string()),
        ("bound", amount.bound.as_str().to_owned()),
        ("rule", amount.rule.to_owned()),
    ];
    let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
    add("high", amount.high.map(|high| high.normalize().to_string()));
    add("kind", amount.kind.map(|kind| kind.as_str().to_owned()));
    add("change", amount.change.map(|change| change.as_str().to_owned()));
    add("role", amount.role.map(|role| role.as_str().to_owned()));
    add("expr", amount.currency.map(str::to_owned));
    add("unit", amount.unit.map(|unit| unit.name.to_owned()));
    let counted = amount.counted.as_ref().or(amount.counted_like.as_ref());
    add("counted", counted.map(|noun| head(sentence, noun)));
    add("same_as", amount.same_as.map(|at| at.to_string()));
    add("rest_of", amount.rest_of.map(|at| at.to_string()));
    add("group", amount.group.map(|at| at.to_string()));
    add("of", amount.of.clone().map(words));
    add("per", amount.per.as_ref().map(|per| per.name(sentence).to_string()));
    fields
}

fn found(text: &str) -> Vec<Vec<(&'static str, String)>> {
    let mut all = Vec::new();
    sentences(text, |sentence| {
        let mut found = Vec::new();
        amounts(sentence, &[], &mut found);
        all.extend(found.iter().map(|amount| described(&sentence, amount)));
    });
    all
}

const FIELDS: [&str; 14] = [
    "value", "high", "kind", "bound", "rule", "change", "role", "expr", "unit", "counted", "of", "same_as",
    "group", "rest_of",
];

#[test]
fn amounts_are_found_with_their_fields() {
    let mut wrong = Vec::new();
    for example in [MONEY, QUANTITIES].map(load).iter().flat_map(|file| list(file, "examples").to_vec()) {
        let named: Vec<_> =
            FIELDS.into_iter().chain(["per"]).filter(|key| field(&example, key).is_some()).collect();
        let texts = list(&example, "texts");
        assert!(!texts.is_empty(), "{example:?}");
        for (i, text) in texts.iter().filter_map(|text| text.as_str()).enumerate() {
            let amounts = found(text);
            let fits = |amount: &Vec<(&str, String)>| {
                named.iter().all(|key| {
                    // The rule is that of the first text.
                    let value = amount.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
                    value == field(&example, key).filter(|value| *value != "none") || *key == "rule" && i > 0
                })
            };
            if !amounts.iter().any(fits) {
                let expected: Vec<_> = named.iter().map(|key| (key, field(&example, key))).collect();
                wrong.push(format!("{text}\n  expected {expected:?}\n  found {amounts:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    for (file, money) in [(MONEY, true), (QUANTITIES, false)] {
        for text in list(&load(file), "nothing").iter().filter_map(|text| text.as_str()) {
            let amounts = found(text);
            let is_wrong =
                |amount: &Vec<(&str, String)>| !money || amount.iter().any(|(name, _)| *name == "expr");
            assert!(!amounts.iter().any(is_wrong), "{text}: {amounts:?}");
        }
    }
}

#[test]
fn numbers_are_read() {
    let read = |text: &str| {
        let mut value = None;
        sentences(text, |sentence| value = number(&mut { sentence }));
        value.map(|n| (n.value.normalize().to_string(), n.high.map(|high| high.normalize().to_string())))
    };
    let file = load(NUMBERS);
    for example in list(&file, "examples") {
        let expected =
            field(example, "value").map(|v| (v.to_owned(), field(example, "high").map(str::to_owned)));
        for text in list(example, "texts").iter().filter_map(|text| text.as_str()) {
            assert_eq!(read(text), expected, "{text}");
        }
    }
    for text in list(&file, "nothing").iter().filter_map(|text| text.as_str()) {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn every_rule_is_hit_by_an_example() {
    let mut hit = BTreeSet::new();
    for file in [MONEY, QUANTITIES].map(load) {
        for example in list(&file, "examples") {
            for text in list(example, "texts").iter().filter_map(|text| text.as_str()) {
                let rules = found(text).into_iter().flatten().filter(|(name, _)| *name == "rule");
                hit.extend(rules.map(|(_, rule)| rule));
            }
        }
    }
    let known: BTreeSet<_> =
        crate::number::RULES.iter().chain(crate::quantity::RULES).map(|r| (*r).to_owned()).collect();
    assert_eq!(hit, known);
}

#[test]
fn every_rule_has_a_line_that_says_what_it_matches() {
    let lines = |file: &'static str| -> Vec<String> {
        let file = load(file);
        let rules = file["rules"].as_mapping().unwrap().iter();
        let lines = rules.map(|(name, line)| (name.as_str().unwrap(), line.as_str().unwrap()));
        lines
            .inspect(|(name, line)| assert!(line.ends_with('.'), "{name}: {line}"))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names.dedup();
        names
    };
    let owned = |names: &[&str]| sorted(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(sorted(lines(NUMBERS)), owned(crate::number::RULES));
    assert_eq!(sorted(lines(QUANTITIES)), owned(crate::quantity::RULES));
    assert_eq!(sorted(lines(STATEMENTS)), owned(crate::statement::RULES));
    assert_eq!(sorted(lines(TIMES)), owned(&time::rules()));
}

#[test]
fn a_claim_is_explained_by_its_rules_with_their_examples() {
    let text = "On Tuesday the minister said that the mill paid $5 million.";
    let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
    let mut batch = Batch { documents: vec![document].into(), ..Batch::default() };
    Extract::default().process(&mut batch).unwrap();
    let told: Vec<(&str, String)> = batch
        .claims
        .iter()
        .flat_map(|claim| explain(&batch, claim))
        .map(|reason| {
            assert!(!reason.examples.is_empty() && !reason.why.is_empty(), "{reason:?}");
            (reason.of, reason.is)
        })
        .collect();
    let told: Vec<_> = told.iter().map(|(of, is)| (*of, is.as_str())).collect();
    assert!(told.contains(&("rule of the amount", "<currency> <number>")), "{told:?}");
    assert!(told.contains(&("rule of the time", "<weekday>")), "{told:?}");
    assert!(told.contains(&("rule of the statement", "<source> says that <clause>")), "{told:?}");
}

#[test]
fn clauses_have_their_subject_and_verb() {
    let mut wrong = Vec::new();
    for example in list(&load(CLAIMS), "examples") {
        let text = field(example, "text").unwrap();
        sentences(text, |sentence| {
            let mut found = Vec::new();
            amounts(sentence, &[], &mut found);
            let value = |amount: &&Amount| {
                Some(amount.value.normalize().to_string().as_str()) == field(example, "value")
            };
            let Some(amount) = found.iter().find(value) else {
                wrong.push(format!("{text}\n  no such amount in {found:?}"));
                return;
            };
            let which = found.iter().position(|other| other == amount).unwrap();
            let mut times = Vec::new();
            time::find(sentence, &mut times);
            let (mut syntactician, mut tags) = (Syntactician::default(), Vec::new());
            syntactician.tag(&sentence, &mut tags);
            let tree = syntactician.tree(&sentence, &tags, Syntax::Tree).unwrap();
            let clause =
                claim::Sentence { words: sentence, tree, amounts: &found, times: &times }.clause(which);
            let words = |tokens: &Option<_>| {
                tokens.clone().map(|tokens| sentence.source()[sentence.bytes(tokens)].to_owned())
            };
            let subject = clause.subject.as_ref().map(|subject| {
                let parts = subject.ranges().map(|part| words(&Some(part.clone())).unwrap());
                parts.collect::<Vec<_>>().join(" ")
            });
            let found = [
                ("subject", subject),
                ("whole", words(&clause.whole)),
                ("place", words(&clause.place)),
                ("predicate", words(&clause.predicate)),
                ("object", words(&clause.object)),
                ("polarity", (clause.polarity == Polarity::Negated).then(|| "negated".to_owned())),
                (
                    "modality",
                    (clause.modality != Modality::Asserted).then(|| clause.modality.as_str().to_owned()),
                ),
            ];
            for (name, value) in found {
                if value.as_deref() != field(example, name) {
                    wrong.push(format!(
                        "{text}\n  {name}: expected {:?}, found {value:?}",
                        field(example, name)
                    ));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The claims of a text.
fn claims(text: &str, syntax: Syntax) -> Vec<Claim> {
    let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
    let mut batch = Batch { documents: vec![document].into(), ..Batch::default() };
    let options = ExtractOptions { syntax, ..ExtractOptions::default() };
    Extract::new(options).process(&mut batch).unwrap();
    assert_eq!(batch.problems, []);
    batch.claims.to_vec()
}

fn statements(text: &str) -> Vec<Claim> {
    let mut claims = claims(text, Syntax::Tree);
    claims.retain(|claim| claim.kind == ClaimKind::Statement);
    claims
}

#[test]
fn statements_are_found_with_their_fields() {
    const FIELDS: [&str; 9] = [
        "source",
        "source_name",
        "source_kind",
        "source_chain",
        "content",
        "speech",
        "polarity",
        "modality",
        "hedge",
    ];
    let cell = |claim: &Claim, name: &str| {
        let column = Claim::COLUMNS.iter().find(|column| column.name == name).unwrap();
        match (column.get)(claim) {
            Value::Text(text) => text.into_owned(),
            _ => "-".to_owned(),
        }
    };
    let (mut wrong, mut hit) = (Vec::new(), BTreeSet::new());
    for example in list(&load(STATEMENTS), "examples") {
        let texts = list(example, "texts");
        assert!(!texts.is_empty(), "{example:?}");
        for (i, text) in texts.iter().filter_map(|text| text.as_str()).enumerate() {
            let first = ["rule", "cue"].into_iter().filter(|_| i == 0);
            let named: Vec<_> = FIELDS
                .into_iter()
                .chain(first)
                .filter_map(|name| Some((name, field(example, name)?)))
                .collect();
            let found = statements(text);
            let fits = |claim: &&Claim| named.iter().all(|(name, value)| cell(claim, name) == *value);
            match found.iter().find(fits) {
                Some(claim) => {
                    hit.insert(claim.rule.to_string());
                }
                None => {
                    let all = FIELDS.into_iter().chain(["rule", "cue"]);
                    let shown: Vec<Vec<_>> = found
                        .iter()
                        .map(|claim| all.clone().map(|name| (name, cell(claim, name))).collect())
                        .collect();
                    wrong.push(format!("{text}\n  expected {named:?}\n  found {shown:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known: BTreeSet<_> = crate::statement::RULES.iter().map(|rule| (*rule).to_owned()).collect();
    assert_eq!(hit, known);
}

#[test]
fn no_statement_is_found_where_nobody_says_anything() {
    for text in list(&load(STATEMENTS), "nothing").iter().filter_map(|text| text.as_str()) {
        let found = statements(text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn an_amount_is_its_statements_or_the_narrators() {
    let all = claims(
        "About 5,000 firms operate there, and Mary Roe said that 300 mills are new. \"Some 40 people came,\" John Doe said, \
         according to CNN.",
        Syntax::Tree,
    );
    let amount = |text: &str| all.iter().find(|claim| claim.amount_text.as_deref() == Some(text)).unwrap();
    let told = |text: &str| {
        let claim = amount(text);
        (claim.source_name.as_deref(), claim.source_kind, claim.source_chain.as_deref())
    };
    assert_eq!(told("5,000"), (None, SourceKind::Narrator, None));
    assert_eq!(amount("5,000").parent_id, None);
    assert_eq!(told("300"), (Some("Mary Roe"), SourceKind::Person, None));
    assert_eq!(told("40"), (Some("John Doe"), SourceKind::Person, Some("CNN > John Doe")));
    // The innermost statement, which stands in another.
    let parent =
        |claim: &Claim| all.iter().find(|other| Some(&other.claim_id) == claim.parent_id.as_ref()).unwrap();
    let inner = parent(amount("40"));
    assert_eq!(inner.source.as_deref(), Some("John Doe"));
    assert_eq!(parent(inner).source.as_deref(), Some("CNN"));
}

#[test]
fn statements_are_found_without_trees() {
    for (text, source, content) in [
        ("The bank said that sales rose.", "The bank", "that sales rose"),
        ("Sales rose sharply, the bank said.", "the bank", "Sales rose sharply"),
        ("\"Sales rose,\" Roe said.", "Roe", "\"Sales rose,\""),
        ("According to the bank, sales rose.", "the bank", "sales rose"),
    ] {
        let all = claims(text, Syntax::Chunks);
        let found: Vec<_> =
            all.iter().map(|claim| (claim.source.as_deref(), claim.content.as_deref())).collect();
        assert_eq!(found, [(Some(source), Some(content))], "{text}");
    }
}

#[test]
fn claims_have_the_time_that_governs_them() {
    let mut wrong = Vec::new();
    for example in list(&load(CLAIMS), "times") {
        let text = field(example, "text").unwrap();
        let document = Document { doc_id: "d".into(), text: text.into(), ..Document::default() };
        let mut batch = Batch { documents: vec![document].into(), ..Batch::default() };
        Extract::default().process(&mut batch).unwrap();
        let value = |claim: &&Claim| {
            claim.value.map(|value| value.normalize().to_string()).as_deref() == field(example, "value")
        };
        let inherited = example.as_mapping_get("inherited").is_some().then_some(TimeBasis::Inherited);
        let found =
            batch.claims.iter().find(value).map(|claim| (claim.time_text.as_deref(), claim.time_basis));
        if found != Some((field(example, "time"), inherited)) {
            wrong.push(format!("{text}: {} is of {found:?}", field(example, "value").unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lexicons_are_sorted_and_say_what_is_known() {
    let sorted = |name: &str, file: &'static str, columns: &[usize]| {
        let keys: Vec<Vec<&str>> =
            rows::<4>(file).map(|row| columns.iter().map(|column| row[*column]).collect()).collect();
        let unsorted = keys.windows(2).find(|pair| pair[0] >= pair[1]);
        assert!(unsorted.is_none(), "{name}: {unsorted:?}");
    };
    sorted("number", include_str!("number/en/words.tsv"), &[0]);
    sorted("money", include_str!("money/en/words.tsv"), &[0]);
    sorted("multiples", include_str!("quantity/en/multiples.tsv"), &[0]);
    sorted("paying", include_str!("money/en/paying.tsv"), &[0]);
    sorted("units", include_str!("quantity/units.tsv"), &[0]);
    sorted("unit words", include_str!("quantity/en/words.tsv"), &[0, 2]);
    sorted("bounds", include_str!("quantity/en/bounds.tsv"), &[2, 0]);
    sorted("changes", include_str!("quantity/en/changes.tsv"), &[0]);
    sorted("cues", include_str!("quantity/en/cues.tsv"), &[0, 1]);
    sorted("compounds", include_str!("quantity/en/compounds.tsv"), &[0]);
    sorted("taking", include_str!("claim/en/taking.tsv"), &[0, 1]);
    sorted("paying for", include_str!("claim/en/paying.tsv"), &[0]);
    sorted("setting", include_str!("claim/en/setting.tsv"), &[0, 1]);
    sorted("joints", include_str!("claim/en/joints.tsv"), &[0]);
    sorted("having", include_str!("claim/en/having.tsv"), &[0]);
    sorted("telling", include_str!("claim/en/telling.tsv"), &[0]);
    sorted("hedges", include_str!("claim/en/hedges.tsv"), &[0]);
    sorted("cues of statements", include_str!("statement/en/cues.tsv"), &[0, 1, 2]);
    sorted("sources", include_str!("statement/en/sources.tsv"), &[0]);
    assert_eq!(crate::statement::unknown_words().next(), None);
    let units: BTreeSet<_> = rows::<1>(include_str!("quantity/units.tsv")).map(|[unit]| unit).collect();
    for [words, unit] in rows::<2>(include_str!("quantity/en/words.tsv")) {
        assert!(units.contains(unit), "{words}: no unit {unit}");
    }
    for [words, bound] in rows::<2>(include_str!("quantity/en/bounds.tsv")) {
        assert!(bound.parse::<Bound>().is_ok(), "{words}: no bound {bound}");
    }
    for [word, change] in rows::<2>(include_str!("quantity/en/changes.tsv")) {
        let known = change == "either" || change.parse::<Change>().is_ok();
        assert!(known, "{word}: no change {change}");
    }
    for [word, modality] in rows::<2>(include_str!("claim/en/hedges.tsv")) {
        assert!(modality.parse::<Modality>().is_ok(), "{word}: no modality {modality}");
    }
}

proptest::proptest! {
    /// Whatever the text, what is found lies in it, and nothing panics.
    #[test]
    fn any_text_is_read(
        text in "((-|\\$|€|%|a|of|to|and|per|in|half|third|five|hundred|million|bn|k|m|9{1,28}|[0-9]{1,4}|1/2|[,.]|dlrs|cents|years old|rose|from|by|about|The|, |\\PC)( |-)?){0,30}"
    ) {
        sentences(&text, |sentence| {
            let (mut found, mut times) = (Vec::new(), Vec::new());
            amounts(sentence, &[], &mut found);
            time::find(sentence, &mut times);
            let mut end = 0;
            for amount in &found {
                assert!(end <= amount.tokens.start && amount.tokens.start < amount.tokens.end, "{found:?} in {text:?}");
                end = amount.tokens.end;
            }
            let (mut syntactician, mut tags) = (Syntactician::default(), Vec::new());
            syntactician.tag(&sentence, &mut tags);
            for syntax in [Syntax::Tree, Syntax::Chunks] {
                let Some(tree) = syntactician.tree(&sentence, &tags, syntax) else { continue };
                let sentence = claim::Sentence { words: sentence, tree, amounts: &found, times: &times };
                let mut datings = Vec::new();
                sentence.datings(&mut datings);
                for which in 0..found.len() {
                    let clause = sentence.clause(which);
                    let when = sentence.when(which, &clause, &datings);
                    assert!(when.is_none_or(|when| times[when].is_dated()), "{text:?}");
                    assert!(clause.content.end <= sentence.words.tokens().len(), "{clause:?} in {text:?}");
                }
            }
        });
    }
}
