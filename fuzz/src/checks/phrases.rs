//! The grammars of amounts and times: texts of their own words, and whatever may stand in `mentions.expr`.

use std::sync::LazyLock;

use claimline_model::{Date, Mention, MentionKind, TimeExpr};

use super::batch::holds;
use super::{Choices, batch_of, extraction, through};

/// The words of the lexicons.
static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    macro_rules! lexicons {
        ($($path:literal)+) => { [$(include_str!(concat!("../../../crates/extract/src/", $path))),+] };
    }
    let files = lexicons!(
        "time/en/words.tsv" "number/en/words.tsv" "money/en/words.tsv" "quantity/en/words.tsv"
        "quantity/en/bounds.tsv" "quantity/en/changes.tsv" "quantity/en/cues.tsv" "claim/en/hedges.tsv"
    );
    let lines = files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with("# "));
    lines.filter_map(|line| line.split('\t').next()).filter(|word| !word.is_empty()).collect()
});

/// Numbers of every make, up to those that no decimal holds.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "12",
    "13",
    "29",
    "30",
    "31",
    "32",
    "60",
    "99",
    "100",
    "1,000",
    "1.5",
    ".08",
    "1/2",
    "2-1/2",
    "½",
    "⅞",
    "1990",
    "1999",
    "2000",
    "2024",
    "2025",
    "9999",
    "10000",
    "0000",
    "'87",
    "1980s",
    "2024/25",
    "29/2/2023",
    "31/12/99",
    "2025-02-30",
    "2025-06-23",
    "25:61",
    "23:59:60",
    "10:30",
    "3rd",
    "21st",
    "1e9",
    "٣",
    "१२",
    "１２",
    "²",
    "79228162514264337593543950335",
    "99999999999999999999999999999999",
    "0.0000000000000000000000000000001",
    "4294967296",
    "18446744073709551616",
    "65536",
    "32768",
];

/// What stands between words, and what hardly ever does.
const SIGNS: &[&str] = &[
    " ",
    ", ",
    ". ",
    "\n",
    "\n\n",
    "\u{a0}",
    "\u{202f}",
    "-",
    "–",
    "—",
    "--",
    "/",
    "'",
    "’",
    "\"",
    "(",
    ")",
    "%",
    "+",
    "$",
    "€",
    "\u{ad}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{301}",
    "\u{202e}",
    "🦀",
    "漢",
    "İ",
    "ß",
    "ﬁ",
    "\u{1f3f4}\u{e0067}",
    "\0",
    "\u{2028}",
    "\r\n",
    "and ",
    "of ",
    "The mill sold ",
    "has ",
    "ago",
];

/// Days that a document may say it was published on.
const DAYS: [Option<Date>; 6] = [
    None,
    Some(Date::constant(2025, 6, 23)),
    Some(Date::constant(2024, 2, 29)),
    Some(Date::constant(1, 1, 1)),
    Some(Date::MAX),
    Some(Date::MIN),
];

/// A text of the lexicons' words that the bytes choose makes claims that hold.
pub fn phrases(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let published = *choices.of(&DAYS);
    let mut text = String::new();
    while !choices.0.is_empty() {
        let kind = choices.byte();
        let word = match kind % 8 {
            0..=3 => choices.of(&WORDS),
            4..=5 => choices.of(NUMBERS),
            _ => choices.of(SIGNS),
        };
        match kind >> 6 {
            0 => text.push_str(&word.to_uppercase()),
            _ => text.push_str(word),
        }
        if kind >> 3 & 3 > 0 && kind % 8 < 6 {
            text.push(' ');
        }
    }
    extraction::claims(&text, false, published);
}

/// What is in a mention's `expr` is resolved, or told to be none; what is one is written as it is read.
pub fn expressions(text: &str) {
    if let Ok(expr) = text.parse::<TimeExpr>() {
        let written = expr.to_string();
        assert_eq!(written.parse(), Ok(expr), "{written:?} is read as another");
    }
    for published in DAYS {
        let mut batch = batch_of(text);
        batch.documents[0].published = published;
        // Together they are the times of one document, which are resolved by one another.
        let expressions = text.split(['\n', ',']).take(64);
        let mention = |(i, expr): (usize, &str)| {
            let kind = if i % 4 == 3 { MentionKind::Money } else { MentionKind::Date };
            let mention = Mention { doc_id: "d".into(), kind, expr: Some(expr.into()), ..Mention::default() };
            Mention { mention_id: format!("m{i}").into(), ..mention }
        };
        batch.mentions = expressions.enumerate().map(mention).collect::<Vec<_>>().into();
        through("normalise", &mut batch);
        holds(&batch);
        for mention in batch.mentions.iter().filter(|mention| mention.kind == MentionKind::Date) {
            let told = batch.problems.iter().any(|p| p.location.as_ref() == Some(&mention.mention_id));
            assert_ne!(mention.time_value.is_some(), told, "{mention:?}");
        }
    }
}
