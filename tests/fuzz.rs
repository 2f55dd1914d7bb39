//! What the fuzz targets look for, with inputs that are likeliest to go wrong, and with their seeds.

mod seeds;

use std::fs;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{checks, root};

#[test]
fn the_seeds_of_the_fuzz_targets_do_what_none_may_fail_to() {
    let text = |check: fn(&str)| move |bytes: &[u8]| std::str::from_utf8(bytes).into_iter().for_each(check);
    type Check = Box<dyn Fn(&[u8])>;
    let targets: [(&str, Check); 10] = [
        ("pipeline", Box::new(text(checks::pipeline))),
        ("cleaning", Box::new(text(checks::cleaning))),
        ("extraction", Box::new(text(checks::extraction))),
        ("expressions", Box::new(text(checks::expressions))),
        ("phrases", Box::new(checks::phrases)),
        ("readers", Box::new(checks::readers)),
        ("formats", Box::new(checks::formats)),
        ("columns", Box::new(checks::columns)),
        ("journal", Box::new(checks::journal)),
        ("incoming", Box::new(checks::incoming)),
    ];
    for (target, check) in targets {
        assert!(root().join(format!("fuzz/fuzz_targets/{target}.rs")).exists());
        let seeds = fs::read_dir(root().join("fuzz/seeds").join(target)).unwrap();
        assert_ne!(seeds.map(|seed| check(&fs::read(seed.unwrap().path()).unwrap())).count(), 0);
    }
    assert_eq!(fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap().count(), 10);
}

/// Pieces of text that trip up what reads it: combining, joined, reversed and invisible characters, line
/// ends of every make, furniture, digits of other scripts, quotes that do not close.
fn piece() -> impl Strategy<Value = String> {
    let tricky = select(vec![
        "e\u{301}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{202e}",
        "\u{feff}",
        "\u{ad}",
        "\u{a0}",
        "\u{2028}",
        "\u{85}",
        "\r\n",
        "\r",
        "\n\n",
        "\n    ",
        "\t",
        "\0",
        "\u{fffd}",
        "İstanbul",
        "ǅ",
        "ﬀ",
        "ẞ",
        "漢字。",
        "Ω",
        "١٢٣",
        "½",
        "²",
        "\u{1d7d8}",
        "\"",
        "“",
        "’",
        "''",
        "...",
        "…",
        "--",
        "(((",
        "]",
        "http://x.y/z?a=1#b",
        "a@b.c",
        "# ",
        "> ",
        "| a | b |\n|---|---|\n",
        "```\n",
        "Reuters - ",
        "Share this:",
        "Date: 2025-06-23\n",
        "Read more",
        "<p>",
        "</div>",
        "<h1>",
        "<ul><li>",
        "<table><tr><td>",
        "<a href='x'>",
        "<!--",
        "<script>",
        "<svg><title>",
        "<time datetime=2025-06-23>",
        "&amp;",
        "<b x=\"",
        "\u{e000}",
        "\u{10ffff}",
    ]);
    let prose = select(vec![
        "Mr. Roe said the U.S. paid $44bn",
        "sales rose 5.5% to 1,200 tonnes from 1,100",
        "last Tuesday",
        "between 3 and 5 km",
        "“It fell by half,” she said.",
        "in the three months to June 30, 1987",
        "He didn't",
        "no more than 19 cents a share",
        "two-thirds of the 1.2 million",
        "at 10:30 a.m. EST",
        "the company's",
        "Acme Corp.",
        ".",
        ", ",
        " ",
        "\n",
    ]);
    prop_oneof![3 => tricky.prop_map(str::to_owned), 3 => prose.prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => "[0-9.,/:%$-]{1,40}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), any::<bool>()), 0..24).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, blank)| piece + if blank { " " } else { "" }).collect()
    })
}

/// A bundled pipeline in which some pieces are cut out, doubled or replaced.
fn broken_pipeline() -> impl Strategy<Value = String> {
    let put = select(vec![
        "",
        " ",
        "\n",
        "  ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!int ",
        "? ",
        "| \n",
        "\"",
        "'",
        "#",
        "%YAML 1.2\n",
        "---\n",
        "...",
        "\t",
        "~",
        "${",
        "${SET}",
        "${X:-1}",
        "é",
        "\u{1f980}",
        "\u{feff}",
        "99999999999999999999",
        "-1",
        "1e999",
        ".nan",
        "null",
        "<<: ",
        "0x1F",
        "files",
        "extract: {",
        "paths: [\"**/[\"]",
        "max_failed: 5%",
        "order: dmy",
        "\\u0000",
        "version: 1\n",
        "name: n\n",
        "csv",
        "normalise: { dates: { order: ",
    ]);
    let edit = (any::<Index>(), 0..20_usize, put);
    (select(vec!["news", "feed", "pages"]), prop::collection::vec(edit, 0..6)).prop_map(|(name, edits)| {
        let mut text = fs::read_to_string(root().join(format!("pipelines/{name}.yaml"))).unwrap();
        for (at, cut, put) in edits {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let at = at.index(places.len());
            let end = (at + cut).min(places.len() - 1);
            text.replace_range(places[at]..places[end], put);
        }
        text
    })
}

/// Things as they are written in `mentions.expr`, and a little beside.
fn expression() -> impl Strategy<Value = String> {
    let part = select(vec![
        "last ",
        "this ",
        "next ",
        "1987",
        "BC0044",
        "9999",
        "0001",
        "1986/1987",
        "198X",
        "19XX",
        "XXXX",
        "5/6",
        "31/12/99",
        "30/2/2023",
        "-02-30",
        "-W53",
        "-W01",
        "-02-29",
        "-Q4",
        "-H2",
        "-SP",
        "-WI",
        "T24:00",
        "T25:61",
        "TMO",
        "P1D",
        "P9999Y",
        "PT99999H",
        "P0.5Y",
        "PXM",
        "32767",
        "65535",
        "-",
        " ",
        "T",
        "doc",
        "+",
        "D",
        "W",
        "M",
        "Y",
        "CE",
        "START",
        "END",
        "APPROX",
        "EQUAL_OR_MORE",
        "PRESENT_REF",
        "every ",
        "of ",
        "ago",
        "Z",
        ",",
        "\n",
        "é",
    ]);
    let written = select(written_expressions());
    let joined = prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat());
    prop_oneof![1 => joined.clone(), 2 => (written, joined).prop_map(|(written, rest)| written + &rest)]
}

/// The expressions of the seeds.
fn written_expressions() -> Vec<String> {
    let seeds = fs::read_dir(root().join("fuzz/seeds/expressions")).unwrap();
    let seeds: Vec<String> = seeds.map(|seed| fs::read_to_string(seed.unwrap().path()).unwrap()).collect();
    let mut all: Vec<String> = seeds.iter().flat_map(|seed| seed.split(',')).map(str::to_owned).collect();
    all.sort();
    all
}

/// The bytes of a seed, some of them changed, behind the first.
fn mutated(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds = fs::read_dir(root().join("fuzz/seeds").join(target)).unwrap();
    let mut seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
    seeds.sort();
    let change = (any::<Index>(), prop_oneof![any::<u8>(), select(b"\0\n\"{}[],:;\xff\x1f\x8b".to_vec())]);
    let changes = prop::collection::vec(change, 0..8);
    (select(seeds), changes, prop::option::weighted(0.2, any::<Index>())).prop_map(|(seed, changes, end)| {
        let mut bytes = fs::read(seed).unwrap();
        for (at, byte) in changes {
            let at = 1 + at.index(bytes.len() - 1);
            bytes[at] = byte;
        }
        bytes.truncate(end.map_or(bytes.len(), |end| 1 + end.index(bytes.len())));
        bytes
    })
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_pipeline_file_is_planned_or_refused_at_its_places(text in broken_pipeline()) {
        checks::pipeline(&text);
    }

    #[test]
    fn any_text_is_cleaned(text in text()) {
        checks::cleaning(&text);
    }

    #[test]
    fn any_words_of_the_grammars_make_claims_that_hold(bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        checks::phrases(&bytes);
    }

    #[test]
    fn any_expression_is_resolved_or_told_to_be_none(text in expression()) {
        checks::expressions(&text);
    }

    #[test]
    fn any_file_is_read_to_its_end(bytes in mutated("readers")) {
        checks::readers(&bytes);
    }

    #[test]
    fn a_file_of_any_format_is_read_to_its_end(bytes in mutated("formats")) {
        checks::formats(&bytes);
    }

    #[test]
    fn a_file_of_columns_is_read_to_its_end(bytes in mutated("columns")) {
        checks::columns(&bytes);
    }

    #[test]
    fn a_journal_of_any_bytes_stands_as_far_as_it_holds(bytes in mutated("journal")) {
        checks::journal(&bytes);
    }

    #[test]
    fn a_torn_or_flipped_journal_stands_as_far_as_it_holds(at in any::<u64>(), how in any::<u8>()) {
        checks::journal(&[&[2], &at.to_be_bytes()[..], &[how]].concat());
    }

    #[test]
    fn an_answer_of_a_plugin_is_taken_in_or_refused_whole(bytes in mutated("incoming")) {
        checks::incoming(&bytes);
    }
}

proptest! {
    // Without optimisation, these take their time.
    #![proptest_config(cases(32))]

    #[test]
    fn any_text_is_read_and_searched_for_claims(text in text()) {
        checks::extraction(&text);
    }

    #[test]
    fn tables_of_any_columns_are_taken_in_or_refused_whole(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        checks::incoming(&[&[7], &bytes[..]].concat());
    }
}
