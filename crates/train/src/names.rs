//! Trains the finder of names on the entities of a treebank (`Entity=` in MISC,
//! <https://gucorpling.org/gum/coref.html>).

use claimline_language::linear::{CLASSES, Linear};
use claimline_language::name::{NameKind, OUTSIDE, class, features};
use claimline_language::tag::{Forms, Pos, Tag, Tagger};

use crate::conllu::Sentence;
use crate::perceptron::{ByKey, Perceptron, Random, quantised};
use crate::treebank::Example;

const EPOCHS: usize = 12;
/// Models in orders of their own, whose averages are added.
const MODELS: u64 = 3;
/// A rival's score must be lower than the right one's by this.
const MARGIN: f32 = 5.0;
/// What a weight is multiplied with before it is rounded.
const SCALE: f64 = 3.0;
/// A feature counts if it was seen this often.
const LEAST_FEATURE: u32 = 2;

/// A mention of an entity: its first and last word, its type, and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub first: usize,
    pub last: usize,
    pub kind: String,
    pub entity: String,
}

/// The mentions of a sentence; one that goes over several runs of words is left out.
pub fn mentions(sentence: &Sentence) -> Vec<Mention> {
    let mut open: Vec<(String, String, usize)> = Vec::new();
    let mut found = Vec::new();
    for (at, word) in sentence.words.iter().enumerate() {
        let Some(entities) = word.misc.split('|').find_map(|part| part.strip_prefix("Entity=")) else {
            continue;
        };
        let mut rest = entities;
        while !rest.is_empty() {
            if let Some(opened) = rest.strip_prefix('(') {
                let end = opened.find(['(', ')']).unwrap_or(opened.len());
                let mut parts = opened[..end].split('-');
                let entity = parts.next().unwrap_or_default().to_owned();
                let kind = parts.next().unwrap_or_default().to_owned();
                rest = &opened[end..];
                open.push((entity, kind, at));
                if let Some(behind) = rest.strip_prefix(')') {
                    rest = behind;
                    if let Some((entity, kind, first)) = open.pop() {
                        found.push(Mention { first, last: at, kind, entity });
                    }
                }
            } else {
                let end = rest.find(')').map_or(rest.len(), |end| end + 1);
                let closed = rest[..end].trim_end_matches(')');
                rest = &rest[end..];
                if let Some(place) = open.iter().rposition(|(entity, ..)| entity == closed) {
                    let (entity, kind, first) = open.remove(place);
                    found.push(Mention { first, last: at, kind, entity });
                }
            }
        }
    }
    found
}

/// The head of a run of words: the first whose own head is outside.
pub fn head(sentence: &Sentence, mention: &Mention) -> usize {
    let inside = mention.first..=mention.last;
    inside
        .clone()
        .find(|at| sentence.words[*at].head.is_none_or(|head| !inside.contains(&head)))
        .unwrap_or(mention.last)
}

/// The mentions whose head is a proper noun and whose kind is one of ours.
fn names(example: &Example) -> Vec<(Mention, NameKind)> {
    let named = mentions(&example.sentence).into_iter().filter_map(|mention| {
        let kind = NameKind::named(&mention.kind)?;
        (example.tags[head(&example.sentence, &mention)].pos == Pos::Propn).then_some((mention, kind))
    });
    named.collect()
}

/// A longer phrase around a name tells what it does, not what it is called.
const MOST_WORDS: usize = 7;

/// The class of each word. Of names within names the longest counts that is short enough and has no
/// comma.
fn gold(example: &Example) -> Vec<usize> {
    let mut classes = vec![OUTSIDE; example.tokens.len()];
    let mut names = names(example);
    names.retain(|(mention, _)| {
        let words = &example.sentence.words[mention.first..=mention.last];
        words.len() <= MOST_WORDS && words.iter().all(|word| word.form != ",")
    });
    names.sort_by_key(|(mention, _)| (std::cmp::Reverse(mention.last - mention.first), mention.first));
    for (mention, kind) in names {
        let words = &mut classes[mention.first..=mention.last];
        if words.iter().all(|word| *word == OUTSIDE) {
            words.fill(class(kind, false));
            words[0] = class(kind, true);
        }
    }
    classes
}

/// The bytes of a model trained on those of `examples` whose treebank marks entities.
pub fn train(examples: &[&Example], tags: &[Vec<Tag>], tagger: &Tagger<'_>) -> Vec<u8> {
    let marked = |example: &Example| example.sentence.words.iter().any(|word| word.misc.contains("Entity="));
    let lessons: Vec<_> = examples
        .iter()
        .zip(tags)
        .filter(|(example, _)| marked(example))
        .map(|(example, tags)| (*example, tags, gold(example)))
        .collect();
    let models: Vec<_> = (1..=MODELS).map(|seed| learn(&lessons, tagger, 0xA3E5 * seed)).collect();
    let mut out = Vec::new();
    Linear::write(&quantised(&models, SCALE / models.len() as f64), &mut out);
    out
}

fn learn(lessons: &[(&Example, &Vec<Tag>, Vec<usize>)], tagger: &Tagger<'_>, seed: u64) -> Perceptron {
    let classes = class(NameKind::Place, false) + 1;
    let mut random = Random(seed);
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut model = Perceptron::default();
    let mut forms = Forms::default();
    let mut found = Vec::new();
    let mut seen: ByKey<u32> = ByKey::default();
    for epoch in 0..=EPOCHS {
        random.shuffle(&mut order);
        let mut wrong = 0;
        for &i in &order {
            let (example, tags, gold) = &lessons[i];
            tagger.fill(&example.text, &example.tokens, &mut forms);
            let (mut before, mut two_before) = (OUTSIDE, OUTSIDE);
            for (at, right) in gold.iter().copied().enumerate() {
                found.clear();
                features(&forms, tags, at, before, two_before, |key| found.push(key));
                if epoch == 0 {
                    found.iter().for_each(|key| *seen.entry(*key).or_default() += 1);
                    (two_before, before) = (before, right);
                    continue;
                }
                found.retain(|key| seen.get(key).is_none_or(|count| *count >= LEAST_FEATURE));
                let scores = model.scores::<CLASSES>(&found);
                let best = |skip: Option<usize>| {
                    (0..classes)
                        .filter(|class| Some(*class) != skip)
                        .max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
                        .unwrap_or(OUTSIDE)
                };
                let (guess, rival) = (best(None), best(Some(right)));
                wrong += usize::from(guess != right);
                if scores[right] - scores[rival] < MARGIN {
                    model.update(&found, right, rival);
                }
                model.tick();
                (two_before, before) = (before, guess);
            }
        }
        eprintln!("names epoch {epoch}: {wrong} wrong");
    }
    model
}
