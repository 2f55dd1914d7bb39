//! Any text, read by the language room and by the stages that look for claims.

use claimline_language::name::{Name, agree, names};
use claimline_language::parse::{Arc, Workspace, parse};
use claimline_language::resolve::{Named, resolve};
use claimline_language::syntax::Tree;
use claimline_language::tag::{Forms, Tag, tag};
use claimline_language::{Reading, Token};
use claimline_model::{Date, PublishedBasis};
use claimline_stage::paragraphs;

use super::batch::own_holds;
use super::{batch_of, through};

/// Sentences, tokens, trees and names lie in the text and in one another, and so do the claims that are made
/// of it, cleaned or not, with a day of publication or without.
pub fn extraction(text: &str) {
    let mut reading = Reading::default();
    paragraphs(text).for_each(|bytes| reading.read(text, bytes));
    reads(text, &reading);
    analyses(text, &reading);
    for (cleaned, published) in [(false, None), (true, Some(Date::constant(2025, 6, 23)))] {
        claims(text, cleaned, published);
    }
}

/// The way of a text through the stages.
pub(super) fn claims(text: &str, cleaned: bool, published: Option<Date>) {
    let mut batch = batch_of(text);
    batch.documents[0].published = published;
    batch.documents[0].published_basis = PublishedBasis::Metadata;
    let stages: &[_] = if cleaned { &["clean", "extract", "normalise"] } else { &["extract", "normalise"] };
    for stage in stages {
        through(stage, &mut batch);
        own_holds(&batch);
    }
    assert!(batch.problems.iter().all(|problem| problem.code == "nothing_kept"), "{:?}", batch.problems);
}

fn reads(text: &str, reading: &Reading) {
    let mut end = 0;
    for token in reading.tokens() {
        let range = token.range();
        assert!(end <= range.start && range.start < range.end, "tokens overlap at {range:?}");
        assert!(!token.text(text).contains(char::is_whitespace), "{:?}", token.text(text));
        end = range.end;
    }
    let (mut next, mut end) = (0, 0);
    for sentence in reading.sentences() {
        assert_eq!(sentence.tokens.start, next, "a token stands in no sentence, or in two");
        let tokens = &reading.tokens()[sentence.tokens.clone()];
        let (first, last) = (tokens.first().unwrap().range(), tokens.last().unwrap().range());
        assert!(end <= sentence.bytes.start && sentence.bytes.start <= first.start);
        assert!(last.end <= sentence.bytes.end && text.get(sentence.bytes.clone()).is_some());
        (next, end) = (sentence.tokens.end, sentence.bytes.end);
    }
    assert_eq!(next, reading.tokens().len());
}

fn analyses(text: &str, reading: &Reading) {
    let (mut forms, mut workspace) = (Forms::default(), Workspace::default());
    let mut tags: Vec<Tag> = Vec::new();
    let mut arcs: Vec<Arc> = Vec::new();
    let mut found: Vec<Vec<Name>> = Vec::new();
    for sentence in reading.sentences() {
        let tokens = &reading.tokens()[sentence.tokens.clone()];
        tag(text, tokens, &mut forms, &mut tags);
        assert_eq!(tags.len(), sentence.tokens.end, "a tag a token");
        let own = &tags[sentence.tokens.clone()];
        let mut names_here = Vec::new();
        names(&forms, own, &mut names_here);
        arcs.clear();
        parse(text, tokens, own, &mut workspace, &mut arcs);
        is_tree(tokens, own, &arcs);
        found.push(names_here);
    }
    let mut sentences: Vec<_> = reading
        .sentences()
        .iter()
        .zip(found)
        .map(|(sentence, names)| {
            (&reading.tokens()[sentence.tokens.clone()], &tags[sentence.tokens.clone()], names)
        })
        .collect();
    agree(&mut sentences);
    let mut named = Vec::new();
    let mut of_token = Vec::new();
    for (i, ((tokens, _, names), sentence)) in sentences.iter().zip(reading.sentences()).enumerate() {
        of_token.extend(tokens.iter().map(|_| i));
        let mut end = 0;
        for name in names {
            assert!(end <= name.start && name.start < name.end && name.end as usize <= tokens.len());
            end = name.end;
            let at = |place: u32| sentence.tokens.start + place as usize;
            named.push(Named { tokens: at(name.start)..at(name.end), kind: name.kind, sentence: i });
        }
    }
    let (entities, links) =
        resolve(text, reading.tokens(), &tags, &named, |token| of_token[token], |range| range.start % 2 == 0);
    let mut end = 0;
    for link in &links {
        assert!(end <= link.tokens.start && link.tokens.start < link.tokens.end);
        assert!(link.tokens.end <= reading.tokens().len() && link.entity < entities.len());
        end = link.tokens.end;
    }
}

fn is_tree(tokens: &[Token], tags: &[Tag], arcs: &[Arc]) {
    assert_eq!(arcs.len(), tokens.len(), "an arc a token");
    for start in 0..arcs.len() {
        let way = std::iter::successors(Some(start), |at| arcs[*at].head.map(|head| head as usize));
        assert!(way.take(arcs.len() + 1).count() <= arcs.len(), "a circle from token {start}");
    }
    let Some(tree) = Tree::new(tokens, tags, arcs) else { return };
    for phrase in tree.noun_phrases() {
        assert!(phrase.words.start <= phrase.words.end && phrase.words.end <= tokens.len());
    }
    assert!(tree.clauses().count() <= tokens.len());
}
