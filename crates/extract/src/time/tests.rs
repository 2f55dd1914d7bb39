use std::collections::BTreeSet;

use claimline_language::{Reading, rows};
use claimline_model::Tense;
use proptest::prelude::*;

use super::{Time, en, find};
use crate::cursor::Cursor;
use crate::explain::{TIMES, load, timed};

/// The times of a text, with their words.
fn times(text: &str) -> Vec<(String, Time)> {
    let mut reading = Reading::default();
    reading.read(text, 0..text.len());
    let mut all = Vec::new();
    for sentence in reading.sentences() {
        let cursor = Cursor::new(text, &reading.tokens()[sentence.tokens.clone()]);
        let mut found = Vec::new();
        find(cursor, &mut found);
        all.extend(found.into_iter().map(|time| (text[cursor.bytes(time.tokens.clone())].to_owned(), time)));
    }
    all
}

/// The words in brackets, and the text without them.
fn unbracketed(text: &str) -> (Vec<String>, String) {
    let parts: Vec<_> = text.split(['[', ']']).collect();
    let inside = parts.iter().skip(1).step_by(2).map(|part| (*part).to_owned()).collect();
    (inside, parts.concat())
}

#[test]
fn every_example_gives_what_it_says() {
    let yaml = load(TIMES);
    let mut wrong = Vec::new();
    for (exprs, marked) in timed(&yaml) {
        let (words, text) = unbracketed(&marked);
        let expected: Vec<_> = exprs.split(" | ").map(str::to_owned).zip(words).collect();
        let found: Vec<_> =
            times(&text).into_iter().map(|(words, time)| (time.expr.to_string(), words)).collect();
        if found != expected {
            wrong.push(format!("{marked}: {found:?}, not {expected:?}"));
        }
    }
    for text in yaml["nothing"].as_sequence().unwrap() {
        let text = text.as_str().unwrap();
        let found = times(text);
        if !found.is_empty() {
            wrong.push(format!("{text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_are_as_many_as_were_promised() {
    let yaml = &load(TIMES);
    let (found, nothing) = (timed(yaml).len(), yaml["nothing"].as_sequence().unwrap().len());
    assert!(found >= 600 && nothing >= 150, "{found} phrasings, {nothing} that must not match");
}

#[test]
fn every_rule_is_hit_by_an_example() {
    let yaml = load(TIMES);
    let hit: BTreeSet<_> = timed(&yaml)
        .iter()
        .flat_map(|(_, text)| times(&unbracketed(text).1))
        .map(|(_, time)| time.rule)
        .collect();
    let missed: Vec<_> = en::rules::ALL
        .iter()
        .flat_map(|group| group.iter())
        .map(|rule| rule.name)
        .filter(|name| !hit.contains(name))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn words_are_sorted_and_stand_once() {
    let words: Vec<_> = rows::<1>(include_str!("en/words.tsv")).map(|[word]| word).collect();
    assert!(words.is_sorted_by(|a, b| a < b), "{:?}", words.windows(2).find(|w| w[0] >= w[1]));
}

#[test]
fn every_word_has_a_kind_that_is_known() {
    for [word, kind, value] in rows::<3>(include_str!("en/words.tsv")) {
        assert!(en::word_of(kind, value).is_some(), "{word}: {kind} {value}");
    }
}

#[test]
fn a_length_carries_its_amount() {
    let amounts: Vec<_> =
        times("It took five years, or 2.5 decades.").into_iter().map(|(_, t)| t.amount).collect();
    assert_eq!(amounts, [Some((5.into(), "year")), Some(("2.5".parse().unwrap(), "decade"))]);
}

#[test]
fn the_tense_is_that_of_the_clause() {
    let wrong: Vec<_> = [
        ("It will open on Tuesday.", Some(Tense::Future)),
        ("It opened on Tuesday.", Some(Tense::Past)),
        ("Talks are held on Tuesday.", Some(Tense::Present)),
        ("They planned a march for Tuesday.", Some(Tense::Future)),
        ("They will decide when the case is heard in May.", Some(Tense::Future)),
        ("The bank has extended its loans through January.", Some(Tense::Future)),
        ("The bank extended the stay until January.", Some(Tense::Future)),
        ("It finished the road by January.", Some(Tense::Past)),
        ("It would be paid on a still unspecified date in January.", Some(Tense::Future)),
        ("It was Tuesday's ruling.", None),
    ]
    .into_iter()
    .filter(|(text, tense)| times(text).pop().is_none_or(|(_, time)| time.tense != *tense))
    .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

proptest! {
    #[test]
    fn times_of_any_text_stand_in_order_and_read_back(
        words in prop::collection::vec(
            prop_oneof![
                prop::sample::select(rows::<1>(include_str!("en/words.tsv")).map(|[w]| w).collect::<Vec<_>>()),
                prop::sample::select(vec![
                    "the", "of", ",", "-", "'", "1987", "17", "31", "0", "9999", "10:30", "5/6/87", "third", "two", "May",
                    "June", "1980s", "and", "ago", "earlier", "half", "period", "99999999999999999999", "1/2",
                ]),
            ],
            0..12,
        ),
        gap in prop::sample::select(vec![" ", ""]),
    ) {
        let text = words.join(gap);
        let mut reading = Reading::default();
        reading.read(&text, 0..text.len());
        for sentence in reading.sentences() {
            let mut found = Vec::new();
            find(Cursor::new(&text, &reading.tokens()[sentence.tokens.clone()]), &mut found);
            let mut free = 0;
            for time in found {
                prop_assert!(free <= time.tokens.start && time.tokens.start < time.tokens.end, "{text}");
                free = time.tokens.end;
                let written = time.expr.to_string();
                prop_assert_eq!(written.parse(), Ok(time.expr), "{} in {}", written, text);
            }
        }
    }
}
