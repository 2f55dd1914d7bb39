//! The averaged perceptron: how the weights of linear models are learnt.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Takes a 64-bit key for its own hash.
#[derive(Clone, Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A map by keys that are hashes already.
pub type ByKey<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// One weight, with what its average needs.
#[derive(Clone, Copy)]
struct Weight {
    class: u8,
    now: f32,
    /// The sum over the steps up to `since`.
    total: f64,
    since: u32,
}

/// Weights in training.
#[derive(Default)]
pub struct Perceptron {
    rows: ByKey<Vec<Weight>>,
    step: u32,
}

impl Perceptron {
    /// The scores of the classes under these features.
    pub fn scores<const N: usize>(&self, features: &[u64]) -> [f32; N] {
        let mut scores = [0.0; N];
        for key in features {
            for weight in self.rows.get(key).into_iter().flatten() {
                scores[weight.class as usize] += weight.now;
            }
        }
        scores
    }

    /// A step of training: towards `right`, away from `wrong`.
    pub fn update(&mut self, features: &[u64], right: usize, wrong: usize) {
        for key in features {
            let row = self.rows.entry(*key).or_default();
            for (class, change) in [(right as u8, 1.0), (wrong as u8, -1.0)] {
                let place = row.iter().position(|w| w.class == class).unwrap_or_else(|| {
                    row.push(Weight { class, now: 0.0, total: 0.0, since: self.step });
                    row.len() - 1
                });
                let weight = &mut row[place];
                weight.total += f64::from(weight.now) * f64::from(self.step - weight.since);
                weight.since = self.step;
                weight.now += change;
            }
        }
    }

    /// Counts a decision, right or wrong.
    pub fn tick(&mut self) {
        self.step += 1;
    }
}

/// The sum of the averages of several models, as bytes: scaled so that `scale` of them is one, those
/// that round to zero left out; ordered by key.
pub fn quantised(models: &[Perceptron], scale: f64) -> Vec<(u64, Vec<(u8, i8)>)> {
    let mut sums: ByKey<BTreeMap<u8, f64>> = ByKey::default();
    for model in models {
        for (key, row) in &model.rows {
            let sums = sums.entry(*key).or_default();
            for weight in row {
                let total = weight.total + f64::from(weight.now) * f64::from(model.step - weight.since);
                *sums.entry(weight.class).or_default() += total / f64::from(model.step.max(1));
            }
        }
    }
    let mut features: Vec<(u64, Vec<(u8, i8)>)> = Vec::new();
    for (key, row) in sums {
        let rounded = |weight: f64| (weight * scale).round().clamp(-127.0, 127.0) as i8;
        let row = row.into_iter().map(|(class, weight)| (class, rounded(weight)));
        let row: Vec<_> = row.filter(|(_, weight)| *weight != 0).collect();
        if !row.is_empty() {
            features.push((key, row));
        }
    }
    features.sort_unstable_by_key(|(key, _)| *key);
    features
}

/// A small generator of numbers, so that training is the same everywhere: xorshift64*
/// (Vigna 2016, <https://doi.org/10.1145/2845077>).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// Puts `items` into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}
