//! Which blocks are the article, and which stand around it.
//!
//! What a block says of itself ("Read also:", "©") is data, in `en/furniture.tsv`. A line that says
//! nothing of itself is judged by its company: a headline stands alone between paragraphs of prose and
//! ends without a stop. Where much of a text ends without stops (tables of figures, lists, verse),
//! that tells nothing, and everything stays.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, Reading, WordMap, rows};
use claimline_model::BlockKind;
use schemars::JsonSchema;
use serde::Deserialize;

/// Why a block is not part of the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The document's own headline, which goes to `documents.title`.
    Title,
    /// Lines above or below the text that say where it comes from.
    Header,
    /// The heading of a section.
    Heading,
    /// A headline of another article, or a link to one.
    Teaser,
    /// The words below a picture.
    Caption,
    /// Who wrote it.
    Byline,
    /// Menus, buttons, invitations to subscribe.
    Navigation,
    /// Copyright and terms.
    Legal,
}

impl Reason {
    /// Every reason with its word in `blocks.reason` and the kind of block that it makes.
    const ALL: &'static [(Reason, &'static str, BlockKind)] = &[
        (Reason::Title, "title", BlockKind::Title),
        (Reason::Header, "header", BlockKind::Other),
        (Reason::Heading, "heading", BlockKind::Heading),
        (Reason::Teaser, "teaser", BlockKind::Teaser),
        (Reason::Caption, "caption", BlockKind::Caption),
        (Reason::Byline, "byline", BlockKind::Byline),
        (Reason::Navigation, "navigation", BlockKind::Navigation),
        (Reason::Legal, "legal", BlockKind::Legal),
    ];

    /// The word in `blocks.reason`.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind of a block that is dropped for this reason.
    pub fn block_kind(self) -> BlockKind {
        Self::ALL[self as usize].2
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == word).map(|(reason, ..)| *reason)
    }

    /// The reason that a block's kind, as its reader made it, is one by itself.
    fn of(kind: BlockKind) -> Option<Self> {
        match kind {
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::TableRow | BlockKind::Quote => None,
            kind => Self::ALL.iter().find(|(.., made)| *made == kind).map(|(reason, ..)| *reason),
        }
    }
}

/// A block that says what it is, in so many bytes at the most, is furniture; a longer one is prose
/// that happens to begin so.
const LONGEST_FURNITURE: usize = 240;
/// No headline has more words than this.
const LONGEST_HEADLINE: usize = 24;
/// A headline of so many words or fewer is a heading; a longer one is another article's.
const LONGEST_HEADING: usize = 7;
/// Headlines stand alone, or a teaser beside a heading; more in a row are a list or a table.
const MOST_IN_A_ROW: usize = 2;
/// The share of paragraphs that must end with a stop for the lack of one to tell anything.
const PROSE: f64 = 0.5;

/// Judges the blocks of one document after another.
#[derive(Clone, Default)]
pub(crate) struct Judge {
    reading: Reading,
}

/// A block before it is judged.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'t> {
    pub(crate) kind: BlockKind,
    pub(crate) text: &'t str,
}

/// What a paragraph looks like from outside.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    /// It has been judged already, or is of a kind that stays, or no more than a date.
    Settled,
    /// It ends as a sentence does.
    Prose,
    /// One line that a headline might be, and its words.
    Headline { words: usize },
    /// Neither.
    Other,
}

impl Judge {
    /// For each block why it is dropped, or `None` where it stays; `title` is the document's, if it
    /// has one. Where headings are `marked`, as on a page, they stay, and what only looks like a headline is
    /// none.
    pub(crate) fn judge(
        &mut self,
        blocks: &[Candidate],
        title: Option<&str>,
        marked: bool,
    ) -> Vec<Option<Reason>> {
        let mut verdicts: Vec<_> = blocks
            .iter()
            .map(|block| match Reason::of(block.kind).filter(|why| !(marked && *why == Reason::Heading)) {
                None if title.is_some_and(|title| same_words(title, block.text)) => Some(Reason::Title),
                None => says_of_itself(block.text).or_else(|| self.byline(block)),
                reason => reason,
            })
            .collect();
        if marked {
            return verdicts;
        }
        let looks: Vec<_> = blocks.iter().zip(&verdicts).map(|(b, v)| self.look(b, v.is_some())).collect();
        let prose = looks.iter().filter(|look| **look == Look::Prose).count();
        let others = looks.iter().filter(|look| !matches!(look, Look::Prose | Look::Settled)).count();
        if prose == 0 || (prose as f64) < PROSE * (prose + others) as f64 {
            return verdicts;
        }
        let mut begun = false;
        for run in runs(&looks) {
            let prose_before = looks[..run.start].iter().rev().find(|look| **look != Look::Settled);
            let prose_after = looks[run.end..].iter().find(|look| **look != Look::Settled);
            begun |= prose_before.is_some();
            let among_prose = |look: Option<&Look>| look.is_none_or(|look| *look == Look::Prose);
            if run.len() > MOST_IN_A_ROW || !among_prose(prose_before) || !among_prose(prose_after) {
                continue;
            }
            for i in run {
                let Look::Headline { words } = looks[i] else { continue };
                verdicts[i] = Some(match words {
                    _ if !begun && title.is_none() => Reason::Title,
                    1..=LONGEST_HEADING if prose_after.is_some() => Reason::Heading,
                    _ => Reason::Teaser,
                });
                begun = true;
            }
        }
        verdicts
    }

    fn read(&mut self, text: &str) -> &Reading {
        self.reading.clear();
        self.reading.read(text, 0..text.len());
        &self.reading
    }

    /// A byline: "By" and nothing but names, between two and eight words of them.
    fn byline(&mut self, block: &Candidate) -> Option<Reason> {
        let names = head(block.text, 3).filter(|(by, _)| by.eq_ignore_ascii_case("by "))?.1;
        if block.kind != BlockKind::Paragraph || names.len() > LONGEST_FURNITURE || names.ends_with('.') {
            return None;
        }
        let words = self.read(names).tokens().iter().filter(|token| token.kind != Kind::Punctuation);
        let mut count = 0;
        for word in words {
            let capital = word.text(names).starts_with(char::is_uppercase) && word.kind == Kind::Word;
            if !capital && !word.class.has(Class::COORDINATOR) || CALENDAR.get(word.hash).is_some() {
                return None;
            }
            count += 1;
        }
        (2..=8).contains(&count).then_some(Reason::Byline)
    }

    fn look(&mut self, block: &Candidate, settled: bool) -> Look {
        if settled || block.kind != BlockKind::Paragraph {
            return Look::Settled;
        }
        let text = block.text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '*', '_', ' ']);
        if text.ends_with(['.', '!', '?', '…', ':', ';', ',', '-', '–', '—']) {
            return Look::Prose;
        }
        if block.text.contains('\n') || block.text.len() > LONGEST_FURNITURE {
            return Look::Other;
        }
        let reading = self.read(block.text);
        let mut words = reading.tokens().iter().filter(|token| token.kind == Kind::Word);
        let count = words.clone().count();
        let numbers = reading.tokens().iter().filter(|token| token.kind == Kind::Number).count();
        if numbers > 0 && words.clone().all(|word| CALENDAR.get(word.hash).is_some()) {
            return Look::Settled;
        }
        // Behind a dash stands who is quoted, behind a star or a box a note or a key.
        let opening = block.text.starts_with(|c: char| c.is_alphanumeric() || "\"'“‘«$€£¥".contains(c));
        let figures = numbers > 1 && numbers * 2 >= count;
        let first = block.text.chars().find(|c| c.is_alphanumeric()).filter(|_| opening && !figures);
        // A sentence that was cut off ends on a word that wants another.
        let wanting = [Class::DETERMINER, Class::PREPOSITION, Class::COORDINATOR, Class::POSSESSIVE];
        let cut_off = words.next_back().is_none_or(|last| wanting.iter().any(|class| last.class.has(*class)));
        let one_sentence = reading.sentences().len() == 1;
        match first {
            Some(first) if !first.is_lowercase() && one_sentence && !cut_off && count <= LONGEST_HEADLINE => {
                Look::Headline { words: count }
            }
            _ => Look::Other,
        }
    }
}

/// The stretches of headlines, with what is settled between them left out of account.
fn runs(looks: &[Look]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, look) in looks.iter().enumerate() {
        if !matches!(look, Look::Headline { .. }) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if looks[run.end..i].iter().all(|look| *look == Look::Settled) => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}

#[derive(Clone, Copy, PartialEq)]
enum Stands {
    Starts,
    Ends,
    Is,
}

struct Phrase {
    reason: Reason,
    stands: Stands,
    words: &'static str,
}

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let phrase = |[reason, stands, words]: [&'static str; 3]| {
        let stands = match stands {
            "starts" => Stands::Starts,
            "ends" => Stands::Ends,
            _ => Stands::Is,
        };
        Some(Phrase { reason: Reason::named(reason)?, stands, words })
    };
    rows(include_str!("en/furniture.tsv")).filter_map(phrase).collect()
});

/// The words that a line may consist of, beside numbers, and be no more than a date.
static CALENDAR: LazyLock<WordMap<()>> =
    LazyLock::new(|| rows(include_str!("en/calendar.tsv")).map(|[word]| (word, ())).collect());

/// What a block is by a phrase in it.
fn says_of_itself(text: &str) -> Option<Reason> {
    if text.len() > LONGEST_FURNITURE {
        return None;
    }
    let found = PHRASES.iter().find(|phrase| match phrase.stands {
        Stands::Starts => head(text, phrase.words.len()).is_some_and(|(head, rest)| {
            head.eq_ignore_ascii_case(phrase.words) && edge(phrase.words.chars().last(), rest.chars().next())
        }),
        Stands::Ends => {
            let text = text.trim_end_matches(['.', ' ']);
            let at = text.len().checked_sub(phrase.words.len());
            at.filter(|at| text.is_char_boundary(*at)).is_some_and(|at| {
                let (before, tail) = text.split_at(at);
                tail.eq_ignore_ascii_case(phrase.words)
                    && edge(phrase.words.chars().next(), before.chars().last())
            })
        }
        Stands::Is => text.eq_ignore_ascii_case(phrase.words),
    });
    found.map(|phrase| phrase.reason)
}

fn head(text: &str, len: usize) -> Option<(&str, &str)> {
    text.is_char_boundary(len.min(text.len())).then(|| text.split_at_checked(len))?
}

/// Whether a word can end between a phrase's outermost sign and what stands beside it.
fn edge(inner: Option<char>, outer: Option<char>) -> bool {
    !inner.is_some_and(char::is_alphanumeric) || !outer.is_some_and(char::is_alphanumeric)
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |text| -> Vec<String> {
        let split = str::split(text, |c: char| !c.is_alphanumeric());
        split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    // The lengths of two headlines of the same words are not far apart, and most blocks are longer.
    a.len().abs_diff(b.len()) < 16 && words(a) == words(b)
}

#[cfg(test)]
mod tests {
    use saphyr::{LoadableYamlNode, Yaml};

    use super::*;

    #[test]
    fn phrases_are_sorted_and_known() {
        let lines: Vec<_> =
            include_str!("en/furniture.tsv").lines().filter(|l| !l.starts_with("# ")).collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "sorted, without duplicates");
        assert_eq!(lines.len(), PHRASES.len(), "every reason has a name in `Reason`");
    }

    #[test]
    fn examples_are_judged_as_they_say() {
        let examples = Yaml::load_from_str(include_str!("en/examples.yaml")).unwrap();
        let mut reasons = Vec::new();
        for example in examples[0].as_vec().unwrap() {
            let name = example["name"].as_str().unwrap();
            let blocks: Vec<_> = example["blocks"].as_vec().unwrap().iter().collect();
            let texts: Vec<_> = blocks.iter().map(|block| block[1].as_str().unwrap()).collect();
            let candidates: Vec<_> =
                texts.iter().map(|text| Candidate { kind: BlockKind::Paragraph, text }).collect();
            let verdicts = Judge::default().judge(
                &candidates,
                example.as_mapping_get("title").and_then(|title| title.as_str()),
                false,
            );
            for ((block, text), verdict) in blocks.iter().zip(texts).zip(verdicts) {
                let expected = block[0].as_str().unwrap();
                assert_eq!(verdict.map_or("keep", Reason::as_str), expected, "{name}: {text}");
                reasons.push(expected.to_owned());
            }
        }
        for (_, reason, _) in Reason::ALL {
            assert!(reasons.iter().any(|one| one == reason), "no example of {reason}");
        }
    }
}
