//! What raw text knows of words: the numbers that `vectors.py` wrote, and classes made of them.

use std::collections::BTreeMap;

use claimline_language::hash_of;

use crate::perceptron::Random;

const WORDS: &str = include_str!("../data/words.txt");
const NUMBERS: &[u8] = include_bytes!("../data/vectors.i8");

/// How many numbers a word has.
pub const VECTOR: usize = 64;
/// How many classes are made.
const CLASSES: usize = 250;
/// How often words are put to the nearest class; few change theirs after that.
const ROUNDS: usize = 12;

/// The words and their places.
pub fn words() -> BTreeMap<u64, usize> {
    WORDS.lines().map(hash_of).zip(0..).collect()
}

/// The numbers of the word at a place, the highest about one.
pub fn vector(place: usize) -> impl Iterator<Item = f32> {
    NUMBERS[place * VECTOR..][..VECTOR].iter().map(|byte| f32::from(*byte as i8) / 127.0)
}

/// The class of each word, from 1: k-means by the cosine.
pub fn clusters() -> BTreeMap<u64, u8> {
    let words = words();
    let units: Vec<[f32; VECTOR]> = (0..NUMBERS.len() / VECTOR).map(|place| unit(vector(place))).collect();
    let mut random = Random(0xC1);
    let mut centres: Vec<[f32; VECTOR]> = (0..CLASSES).map(|_| units[random.below(units.len())]).collect();
    let mut nearest = vec![0; units.len()];
    for _ in 0..ROUNDS {
        for (word, nearest) in units.iter().zip(&mut nearest) {
            let mut best = f32::NEG_INFINITY;
            for (class, centre) in centres.iter().enumerate() {
                let cosine = product(word, centre);
                if cosine > best {
                    (best, *nearest) = (cosine, class);
                }
            }
        }
        let mut sums = vec![[0f32; VECTOR]; CLASSES];
        for (word, class) in units.iter().zip(&nearest) {
            sums[*class].iter_mut().zip(word).for_each(|(sum, value)| *sum += value);
        }
        for (centre, sum) in centres.iter_mut().zip(sums) {
            *centre = match sum.iter().any(|value| *value != 0.0) {
                true => unit(sum.into_iter()),
                false => units[random.below(units.len())],
            };
        }
    }
    words.into_iter().map(|(word, place)| (word, nearest[place] as u8 + 1)).collect()
}

fn unit(numbers: impl Iterator<Item = f32>) -> [f32; VECTOR] {
    let mut unit = [0.0; VECTOR];
    unit.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
    let length = product(&unit, &unit).sqrt().max(1e-9);
    unit.map(|value| value / length)
}

fn product(a: &[f32; VECTOR], b: &[f32; VECTOR]) -> f32 {
    let mut sums = [0f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
