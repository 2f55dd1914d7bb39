//! Trains the tagger.

use std::collections::{BTreeMap, HashMap};

use claimline_language::tag::{Forms, Known, MOST_TAGS, Penn, Pos, START, Tag, Tagger};

use crate::perceptron::{Perceptron, Random, quantised};
use crate::treebank::Example;
use crate::vectors::clusters;

/// A word is known if it was seen this often.
const LEAST_KNOWN: u32 = 3;
/// A word has its tag for sure if it was seen this often, and never with another.
const LEAST_SURE: u32 = 50;
/// A feature counts if it was seen this often.
const LEAST_FEATURE: u32 = 2;
/// A rival's score must be lower than the right one's by this.
const MARGIN: f32 = 5.0;
/// What a weight is multiplied with before it is rounded.
const SCALE: f64 = 2.0;
/// Tags that are rarer than this are left out.
const LEAST_TAG: usize = 5;

/// The bytes of a tagger trained on `examples`: the sum of several models, each of an order of its own.
pub fn train(examples: &[&Example], epochs: usize, models: u64) -> Vec<u8> {
    let tags = tags_of(examples);
    let numbers: HashMap<Tag, usize> = tags.iter().enumerate().map(|(i, tag)| (*tag, i)).collect();
    let gold: Vec<Vec<Option<usize>>> =
        examples.iter().map(|e| e.tags.iter().map(|tag| numbers.get(tag).copied()).collect()).collect();
    let known = known_words(examples, &gold);
    let words: HashMap<u64, Known> = known.iter().copied().collect();

    let models: Vec<_> =
        (1..=models).map(|seed| learn(examples, &tags, &words, &gold, epochs, 0x5EED * seed)).collect();
    Tagger::write(&tags, &known, &quantised(&models, SCALE / models.len() as f64))
}

/// A model of its own, of the examples in an order that `seed` makes.
fn learn(
    examples: &[&Example],
    tags: &[Tag],
    words: &HashMap<u64, Known>,
    gold: &[Vec<Option<usize>>],
    epochs: usize,
    seed: u64,
) -> Perceptron {
    let mut forms = Forms::default();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = Random(seed);
    let mut model = Perceptron::default();
    let mut seen: HashMap<u64, u32> = HashMap::new();
    for epoch in 0..=epochs {
        random.shuffle(&mut order);
        let (mut wrong, mut total) = (0, 0);
        for &i in &order {
            let example = examples[i];
            forms.fill(&example.text, &example.tokens, |word| words.get(&word).copied().unwrap_or_default());
            let (mut before, mut two_before) = (START, START);
            for (at, right) in gold[i].iter().copied().enumerate() {
                let only = forms.known(at).only as usize;
                let mut guess = right.unwrap_or(0);
                if only > 0 {
                    guess = only - 1;
                } else if let Some(right) = right {
                    let mut features = forms.features(at, before, two_before);
                    if epoch == 0 {
                        features.iter().for_each(|key| *seen.entry(*key).or_default() += 1);
                    } else {
                        features.retain(|key| seen.get(key).is_none_or(|count| *count >= LEAST_FEATURE));
                        let scores = model.scores::<MOST_TAGS>(&features);
                        guess = (0..tags.len())
                            .fold(0, |best, c| if scores[c] > scores[best] { c } else { best });
                        let rival = (0..tags.len()).filter(|c| *c != right).fold(usize::MAX, |best, c| {
                            if best == usize::MAX || scores[c] > scores[best] { c } else { best }
                        });
                        wrong += usize::from(guess != right);
                        if scores[right] - scores[rival] < MARGIN {
                            model.update(&features, right, rival);
                        }
                        model.tick();
                        total += 1;
                    }
                }
                two_before = before;
                before = guess as u64;
            }
        }
        if epoch > 0 {
            eprintln!("tagger epoch {epoch}: {wrong} of {total} wrong");
        }
    }
    model
}

fn tags_of(examples: &[&Example]) -> Vec<Tag> {
    let mut counts: BTreeMap<(Pos, Penn), usize> = BTreeMap::new();
    for tag in examples.iter().flat_map(|e| &e.tags) {
        *counts.entry((tag.pos, tag.penn)).or_default() += 1;
    }
    counts.retain(|_, count| *count >= LEAST_TAG);
    counts.into_keys().map(|(pos, penn)| Tag { pos, penn }).collect()
}

/// The words seen often, with the number of the set of tags they had and the only one if it is sure;
/// and the words that raw text knows, with their class.
fn known_words(examples: &[&Example], gold: &[Vec<Option<usize>>]) -> Vec<(u64, Known)> {
    let mut counts: BTreeMap<u64, BTreeMap<usize, u32>> = BTreeMap::new();
    for (example, gold) in examples.iter().zip(gold) {
        for (token, tag) in example.tokens.iter().zip(gold) {
            let Some(tag) = tag else { continue };
            *counts.entry(token.hash).or_default().entry(*tag).or_default() += 1;
        }
    }
    counts.retain(|_, tags| tags.values().sum::<u32>() >= LEAST_KNOWN);
    // A set is a word's tags in the order of how often, those of less than a twentieth left out.
    let set = |tags: &BTreeMap<usize, u32>| {
        let total: u32 = tags.values().sum();
        let mut common: Vec<(u32, usize)> =
            tags.iter().filter(|(_, n)| **n * 20 >= total).map(|(tag, n)| (*n, *tag)).collect();
        common.sort_by_key(|(n, tag)| (std::cmp::Reverse(*n), *tag));
        common.into_iter().map(|(_, tag)| tag).collect::<Vec<_>>()
    };
    let mut sets: BTreeMap<Vec<usize>, u32> = BTreeMap::new();
    for tags in counts.values() {
        *sets.entry(set(tags)).or_default() += 1;
    }
    let mut by_count: Vec<_> = sets.into_iter().collect();
    by_count.sort_by_key(|(set, count)| (std::cmp::Reverse(*count), set.clone()));
    let numbers: HashMap<Vec<usize>, u8> =
        by_count.into_iter().take(254).enumerate().map(|(i, (set, _))| (set, i as u8 + 1)).collect();
    let clusters = clusters();
    let mut known: BTreeMap<u64, Known> = clusters
        .iter()
        .map(|(word, cluster)| (*word, Known { cluster: *cluster, ..Known::default() }))
        .collect();
    for (word, tags) in &counts {
        let sure = tags.len() == 1 && tags.values().sum::<u32>() >= LEAST_SURE;
        let known = known.entry(*word).or_default();
        known.only = tags.keys().next().filter(|_| sure).map_or(0, |tag| *tag as u8 + 1);
        known.tags = numbers.get(&set(tags)).copied().unwrap_or(255);
    }
    known.into_iter().collect()
}
