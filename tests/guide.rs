//! What `docs/tables.md` tells to type works on the tables of the bundled pipeline.

use std::fs;
use std::process::{Command, Output};

use crate::{claimline, root, stderr};

/// The pieces of code in `language` of a page.
fn code<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split_once("\n```").map(|(code, _)| code)).collect()
}

#[test]
fn what_the_guide_to_the_tables_types_works() {
    let page = fs::read_to_string(root().join("docs/tables.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ran = claimline(
        root(),
        &["run", "pipelines/news.yaml", "--out", folder.path().join("out/news").to_str().unwrap()],
    );
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    let run = |program: &str, arguments: &[&str]| -> Option<Output> {
        let ran = Command::new(program)
            .args(arguments)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output();
        ran.map_err(|error| println!("skipped: {program}: {error}")).ok()
    };

    let [sql, pandas, shell] = ["sql", "python", "console"].map(|language| code(&page, language));
    assert!(sql.len() >= 4 && pandas.len() >= 3 && !shell.is_empty());
    let python = std::env::var("CLAIMLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let statements = format!(
        "import duckdb\n\
         for statement in {}.split(';'):\n    \
             rows = duckdb.execute(statement).fetchall() if statement.strip() else True\n    \
             assert rows or 'create view' in statement, statement",
        serde_json::json!(sql.join("\n"))
    );
    for (needs, script) in [("duckdb", statements), ("pandas, pyarrow, openpyxl", pandas.join("\n"))] {
        let has = run(&python, &["-c", &format!("import {needs}")]);
        if !has.is_some_and(|has| has.status.success()) {
            println!("skipped: {python} has not all of {needs}");
            continue;
        }
        let ran = run(&python, &["-c", &script]).unwrap();
        assert!(ran.status.success(), "{script}\n{}", stderr(&ran));
    }
    for line in shell.iter().flat_map(|code| code.lines()) {
        let words: Vec<&str> = line.strip_prefix("$ ").unwrap().split(' ').collect();
        let Some(ran) = run(words[0], &words[1..]) else { continue };
        assert!(ran.status.success(), "{line}\n{}", stderr(&ran));
        assert!(folder.path().join("out/tables.pdf").exists(), "{line}\n{}", stderr(&ran));
    }
}
