//! The sources `jsonl` and `csv`.

use claimline_stage::Found;
use serde_json::json;

use crate::{folder, gzip, open, run};

#[test]
fn json_lines_keep_what_is_good() {
    let lines = b"\xEF\xBB\xBF{\"n\": 7, \"body\": \"One.\", \"when\": \"26-FEB-1987 15:01:01.79\", \"x\": {\"body\": 1}}\n\
        \n{\"body\": broken}\n{\"n\": 8}\n[1]\n{\"body\": \"caf\xE9\"}\n\
        {\"body\": \"Two.\", \"when\": \"one day\"}\n{\"body\": \"  \"}\n{\"n\": null, \"body\": \"End\"}";
    let packed = gzip(lines);
    let options = json!({
        "paths": ["f/*"],
        "fields": { "id": "n", "text": "body", "published": "when" },
    });
    let expected = [
        "#1: One.",
        "!bad_json#2",
        "!no_text#3",
        "!bad_json#4",
        "#5: café",
        "?charset#5",
        "#6: Two.",
        "?unreadable_date#6",
        "!empty#7",
        "#8: End",
    ];
    for (name, bytes) in [("f.jsonl", &lines[..]), ("f.jsonl.gz", &packed)] {
        let folder = folder(&[(&format!("f/{name}"), bytes)]);
        let found = run("jsonl", folder.path(), options.clone());
        let expected =
            expected.map(|line| if line.starts_with('#') { format!("{name}{line}") } else { line.into() });
        assert_eq!(found, expected);
    }

    let folder = folder(&[("f/a", lines)]);
    let source = open("jsonl", folder.path(), options).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a record") };
    let decoded = source.decode(raw).unwrap();
    assert!(decoded.own_id);
    assert_eq!((&*decoded.document.doc_id, decoded.document.chars), ("7", 4));
    assert_eq!(decoded.document.published.unwrap().to_string(), "1987-02-26");
}

#[test]
fn a_line_past_the_limit_or_a_cut_is_one_row() {
    let long =
        format!("{{\"text\": \"A.\"}}\n{{\"text\": \"{}\"}}\n{{\"text\": \"B.\"}}\n", "x".repeat(600_000));
    let mut cut = gzip("{\"text\": \"A line of the feed.\"}\n".repeat(20_000).as_bytes());
    cut.truncate(cut.len() / 2);
    let folder = folder(&[("long.jsonl", long.as_bytes()), ("cut.jsonl.gz", &cut), ("empty.jsonl", b"\n")]);
    let options = json!({ "paths": ["long.jsonl"], "max_line_bytes": 1000 });
    assert_eq!(
        run("jsonl", folder.path(), options),
        ["long.jsonl#1: A.", "!line_too_long#2", "long.jsonl#3: B."]
    );

    let found = run("jsonl", folder.path(), json!({ "paths": ["cut.jsonl.gz", "empty.jsonl"] }));
    let kept = found.iter().filter(|line| line.ends_with("A line of the feed.")).count();
    assert!(kept > 1000 && kept == found.len() - 2, "{kept}");
    assert!(found[kept].starts_with("!truncated#"), "{}", found[kept]);
    assert_eq!(found[kept + 1], "!empty");
}

#[test]
fn csv_records_are_cut_outside_quotes() {
    let table =
        b"id;body;by\r\n1;\"One;\r\nand \"\"more\"\".\";Ann\r\n2;ragged\r\n\r\n3;Three.;\"Bo, Cy\"\r\n";
    let long = format!("id,body,by\n1,{},x\n2,Two.,y", "x".repeat(5000));
    let folder = folder(&[
        ("a.csv", table),
        ("b.csv", b"id;text\n1;x\n"),
        ("c.csv", b"id;body;by\n"),
        ("d.csv", b""),
        ("e.csv", b"id;body;by\n1;\"open\n2;x;y\n"),
        ("long/f.csv", long.as_bytes()),
    ]);
    let fields = json!({ "id": "id", "text": "body", "author": "by" });
    let options = json!({ "paths": ["*.csv"], "fields": fields, "delimiter": ";" });
    assert_eq!(
        run("csv", folder.path(), options),
        [
            "a.csv#1: One;\r\nand \"more\".",
            "!ragged_row#2",
            "a.csv#3: Three.",
            "!no_column",
            "!empty",
            "!empty",
            "!ragged_row#1",
        ]
    );
    let options = json!({ "paths": ["long"], "fields": fields, "max_record_bytes": 1000 });
    assert_eq!(run("csv", folder.path(), options), ["!record_too_long#1", "f.csv#2: Two."]);
}
