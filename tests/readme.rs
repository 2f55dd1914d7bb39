//! What the README shows is what comes out.

use std::fs;

use serde_json::Value;

use crate::{Project, root};

#[test]
fn the_tables_in_the_readme_are_what_their_paragraphs_give() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = readme.lines();
    let mut tables = 0;
    while let Some(paragraph) = lines.find_map(|line| line.strip_prefix("> ")) {
        let project = Project::new("files: { paths: [a.txt] }");
        project.write("a.txt", format!("Date: 2025-06-23\n\n{paragraph}\n"));
        let claims = project.run().claims;

        let mut rows =
            lines.by_ref().skip_while(|line| !line.starts_with('|')).take_while(|l| l.starts_with('|'));
        let columns = cells(rows.next().unwrap());
        let shown: Vec<_> = rows.skip(1).map(cells).collect();
        let made: Vec<Vec<String>> = claims
            .iter()
            .map(|claim| {
                let text = |column: &String| match &claim[column.as_str()] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                columns.iter().map(text).collect()
            })
            .collect();
        assert_eq!(shown, made);
        tables += 1;
    }
    assert_eq!(tables, 2);
}

#[test]
fn the_pipeline_in_the_readme_is_the_bundled_one() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let bundled = fs::read_to_string(root().join("pipelines/news.yaml")).unwrap();
    let (bundled, _) = bundled.split_once("\ntests:").unwrap();
    assert!(readme.contains(&format!("```yaml\n{bundled}```")));
}
