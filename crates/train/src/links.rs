//! How often a pronoun or a later name is linked to the right entity, by a treebank's coreference.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use claimline_language::name::{NameKind, names_in_tree};
use claimline_language::parse::{Label, Workspace, parse};
use claimline_language::resolve::{Named, resolve};
use claimline_language::tag::{Forms, Pos, tag};

use crate::names::{Mention, head, mentions};
use crate::treebank::{Example, documents};

/// Mentions that the treebank links to a name before them, and how many of them we link to it.
#[derive(Default)]
struct Tally {
    gold: u32,
    linked: u32,
    right: u32,
}

/// Prints, for pronouns and for names that are not the first of their entity, how many are linked to
/// a name of the right entity; tags, trees and names are our own.
///
/// # Errors
/// If the file can't be read.
pub fn measure(path: &Path) -> Result<()> {
    let documents = documents(path)?;
    let (mut pronouns, mut later_names) = (Tally::default(), Tally::default());
    for document in &documents {
        grade(document, &mut pronouns, &mut later_names);
    }
    for (what, Tally { gold, linked, right }) in [("pronoun", pronouns), ("later_name", later_names)] {
        let share = |n: u32| f64::from(right) / f64::from(n.max(1));
        println!(
            "{what}_links gold {gold} linked {linked} recall {:.4} precision {:.4}",
            share(gold),
            share(linked)
        );
    }
    Ok(())
}

fn grade(document: &[Example], pronouns: &mut Tally, later_names: &mut Tally) {
    let (mut text, mut tokens, mut tags, mut named) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut starts, mut subjects) = (Vec::new(), Vec::new());
    let (mut forms, mut workspace) = (Forms::default(), Workspace::default());
    let mut gold: Vec<(Range<usize>, Mention, bool)> = Vec::new();
    for (number, example) in document.iter().enumerate() {
        let first = tokens.len();
        starts.push(first);
        let (mut found, mut arcs) = (Vec::new(), Vec::new());
        tag(&example.text, &example.tokens, &mut forms, &mut tags);
        parse(&example.text, &example.tokens, &tags[first..], &mut workspace, &mut arcs);
        names_in_tree(&forms, &tags[first..], &arcs, &workspace, &mut found);
        subjects.extend(arcs.iter().map(|arc| arc.label == Label::Nsubj));
        named.extend(found.iter().map(|name| Named {
            tokens: first + name.start as usize..first + name.end as usize,
            kind: name.kind,
            sentence: number,
        }));
        for mention in mentions(&example.sentence) {
            if NameKind::named(&mention.kind).is_some() {
                let is_name = example.tags[head(&example.sentence, &mention)].pos == Pos::Propn;
                gold.push((first + mention.first..first + mention.last + 1, mention, is_name));
            }
        }
        let offset = text.len() as u32;
        tokens.extend(example.tokens.iter().map(|token| {
            let mut token = *token;
            (token.start, token.end) = (token.start + offset, token.end + offset);
            token
        }));
        text.push_str(&example.text);
    }
    let sentence = |at: usize| starts.partition_point(|start| *start <= at) - 1;
    let subject = |mention: &Range<usize>| subjects[mention.clone()].iter().any(|subject| *subject);
    let (entities, links) = resolve(&text, &tokens, &tags, &named, sentence, subject);

    gold.sort_by_key(|(range, ..)| (range.start, range.end));
    // An entity of ours is the one of the treebank whose name its longest name is.
    let entity_of: HashMap<Range<usize>, &str> =
        gold.iter().map(|(range, mention, _)| (range.clone(), mention.entity.as_str())).collect();
    let mut seen = std::collections::HashSet::new();
    for (range, mention, is_name) in &gold {
        let pronoun = range.len() == 1 && {
            let form = tokens[range.start].text(&text).to_lowercase();
            ["he", "him", "his", "she", "her", "it", "its", "they", "them", "their"].contains(&form.as_str())
        };
        if seen.contains(mention.entity.as_str()) && (pronoun || *is_name) {
            let tally = if pronoun { &mut *pronouns } else { &mut *later_names };
            tally.gold += 1;
            if let Some(link) = links.iter().find(|link| link.tokens == *range) {
                tally.linked += 1;
                let ours = &entities[link.entity];
                let same = entity_of.get(&ours.name) == Some(&mention.entity.as_str()) && ours.name != *range;
                let by_other = links.iter().any(|other| {
                    other.entity == link.entity
                        && other.tokens.end <= range.start
                        && entity_of.get(&other.tokens) == Some(&mention.entity.as_str())
                });
                tally.right += u32::from(same || by_other);
            }
        }
        if *is_name {
            seen.insert(mention.entity.as_str());
        }
    }
}
