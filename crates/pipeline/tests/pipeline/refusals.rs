//! What is said of pipelines that can't be run.

use std::path::Path;

use claimline_pipeline::{Overrides, Plan};

use crate::stages::registry;

/// A pipeline around the given lists.
fn around(ingest: &str, stages: &str, rest: &str) -> String {
    format!("version: 1\nname: test\ningest: {ingest}\nstages: {stages}\nexport: [list]\n{rest}")
}

/// What is wrong with a pipeline: `line:column message (help)`, a line each.
fn troubles(text: &str) -> Vec<String> {
    let env = |name: &str| (name == "WORD").then(|| "word".to_owned());
    match Plan::new(Path::new("p.yaml"), text, &registry(), &Overrides::default(), &env) {
        Ok(_) => Vec::new(),
        Err(refusal) => {
            let line = |trouble: &claimline_pipeline::Trouble| {
                let help = trouble.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
                let (line, column) = trouble.place();
                format!("{line}:{column} {}{help}", trouble.message)
            };
            refusal.troubles.iter().map(line).collect()
        }
    }
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(troubles(text), expected, "{text}");
}

#[test]
fn a_sound_pipeline_is_accepted() {
    check(
        &around("[words: { paths: [a] }]", "[mark: { sign: plus, place: { before: yes } }]", "")
            .replace("yes", "true"),
        &[],
    );
    check(
        &around("[words: { paths: ['${WORD}', '${OTHER:-b}'] }]", "[count]", "on_error: { max_failed: 5% }"),
        &[],
    );
    check(
        &around("[words: { paths: [a], times: \"${TIMES:-2}\" }]", "[]", "on_error: { max_failed: 0 }"),
        &[],
    );
}

#[test]
fn every_mistake_is_told_at_its_place() {
    check(
        "version: 1\nname: test\ningets:\n  - words: { paths: [a] }\nstages:\n  - mrak\n  - mark: { sign: plsu, size: 3 }\nexport: [list]\n",
        &[
            "1:1 missing key `ingest` (such as `ingest: [{ files: { paths: [\"texts/*\"] } }]`\nThe sources that documents come from.)",
            "3:1 unknown key `ingets` (did you mean `ingest`? allowed: version, name, ingest, stages, out, export, on_error, tests)",
            "6:5 there is no stage called `mrak` (did you mean `mark`? allowed: mark, count)",
            "7:19 `plsu` is not one of the words allowed here (did you mean `plus`? allowed: plus, minus)",
            "7:25 unknown key `size` (allowed: sign, place)",
        ],
    );
}

#[test]
fn an_item_in_the_wrong_list_is_told_where_it_belongs() {
    check(
        &around("[mark]", "[list]", ""),
        &[
            "3:10 `mark` is a stage, and belongs under `stages:` (allowed: words)",
            "4:10 `list` is a sink, and belongs under `export:` (allowed: mark, count)",
        ],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_what_is_expected() {
    check(
        &around("[words: { paths: a }]", "[mark: { sign: plus, place: { before: 1 } }]", ""),
        &[
            "3:26 expected a list, found the text `a` (a list of one stands in brackets: [a]\nThe words. `!lost` can't be read, `!broken` can't be decoded, `id=WORD` brings an id.)",
            "4:47 expected true or false, found `1` (Before the word.)",
        ],
    );
}

#[test]
fn an_item_is_one_name() {
    check(
        &around("[words: { paths: [a] }]", "[{ mark: { sign: plus }, count: {} }, 3]", ""),
        &[
            "4:10 one item with 2 names (each item begins with `- ` and is one name, with its options indented below it)",
            "4:47 expected a stage by its name (allowed: mark, count)",
        ],
    );
}

#[test]
fn two_sinks_do_not_write_one_file() {
    let text = around("[words: { paths: [a] }]", "[]", "").replace("[list]", "[list, list]");
    check(
        &text,
        &[
            "5:16 another sink writes list.txt already (`dir:` puts the files of a sink in a folder of its own)",
        ],
    );
}

#[test]
fn an_unset_variable_and_a_huge_number_are_refused() {
    check(
        &around("[words: { paths: ['${NO}'], times: 99999999999999999999 }]", "[]", ""),
        &[
            "3:27 the variable NO is not set (set it, or give a default: ${NO:-...})",
            "3:44 99999999999999999999 is past the largest whole number, 9223372036854775807",
        ],
    );
}

#[test]
fn yaml_that_is_none_is_told_where_it_ends() {
    assert!(troubles("version: 1\nname: [a\n").first().is_some_and(|first| first.starts_with("3:1 ")));
    assert!(troubles("version: 1\nversion: 1\n").first().is_some_and(|first| first.starts_with("2:1 ")));
    check(
        "",
        &["1:1 the file is empty (it begins with `version: 1`; `claimline stages` lists what it may hold)"],
    );
    check("a: 1\n---\nb: 2\n", &["3:1 a second YAML document; a pipeline file holds one"]);
}

#[test]
fn the_command_line_stands_in_for_the_file() {
    let text = around("[words: { paths: [a] }]", "[mark: { sign: plus }]", "");
    let overrides = |set: &[(&str, &str)]| Overrides {
        input: vec!["b".to_owned(), "c".to_owned()],
        out: Some("elsewhere".into()),
        set: set.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect(),
    };
    let plan = |set| Plan::new(Path::new("p.yaml"), &text, &registry(), &overrides(set), &|_| None);
    let accepted = plan(&[("stages.mark.place.before", "true")]).unwrap();
    assert_eq!(accepted.sources[0].part.read().count(), 2);
    assert_eq!(accepted.out, Path::new("elsewhere"));
    let refused = plan(&[("stages.mark.sing", "plus")]).err().unwrap();
    assert_eq!(refused.troubles[0].message, "unknown key `sing`");
    let refused = plan(&[("stages.mrak.sign", "plus")]).err().unwrap();
    assert_eq!(
        refused.troubles[0].message,
        "--set stages.mrak.sign: there is nothing called `mrak` in the pipeline"
    );
    let text = around("[words: many]", "[]", "");
    let refused =
        Plan::new(Path::new("p.yaml"), &text, &registry(), &overrides(&[]), &|_| None).err().unwrap();
    assert_eq!(refused.troubles[0].at.offset(), text.find("many").unwrap());
}
