//! What is kept of a text to tell later whether another one is nearly the same: a MinHash of its shingles
//! (Broder, On the resemblance and containment of documents, 1997,
//! <https://doi.org/10.1109/SEQUEN.1997.666900>), of each least hash eight bits (Li and König, b-Bit Minwise
//! Hashing, 2010, <https://arxiv.org/abs/0910.3349>).
//!
//! A shingle is a run of words, in lower case and without what stands between them. Two texts are alike as
//! far as they have shingles in common: those that both have, of those that either has.

/// How many least hashes there are: the likeness of two texts that share four shingles of five is then
/// told to within 0.035, one time in three worse.
pub(crate) const HASHES: usize = 128;

/// The hash functions: each makes another order of all shingles out of one hash, by an odd factor and a
/// summand.
const FACTORS: [u32; HASHES] = numbers(0);
const SUMMANDS: [u32; HASHES] = numbers(HASHES as u64);

/// Odd numbers that look random.
const fn numbers(from: u64) -> [u32; HASHES] {
    let mut numbers = [0; HASHES];
    let mut i = 0;
    while i < HASHES {
        numbers[i] = mix(from + i as u64 + 1) as u32 | 1;
        i += 1;
    }
    numbers
}

/// Of how many different numbers of a text a hash is kept.
pub(crate) const NUMBERS: usize = 256;

/// What is kept of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// Its least hashes.
    pub(crate) hashes: [u8; HASHES],
    /// The hashes of its words with digits, in their order, each once; the least of them if there are many.
    pub(crate) numbers: Vec<u16>,
}

/// The sketch of a text by its runs of `words` words; a shorter text is one shingle, and none without words.
pub(crate) fn sketch(text: &str, words: usize) -> Option<Sketch> {
    let mut numbers = Vec::new();
    let mut least = [i32::MAX; HASHES];
    let mut last = vec![0; words];
    let mut seen = 0;
    let mut shingle = |last: &[u64], next: usize| {
        let run = last[next..].iter().chain(&last[..next]);
        let hash = run.fold(0, |hash, word| mix(hash ^ word)) as u32;
        // Signed numbers, whose least the plainest of processors finds four at a time.
        for i in 0..HASHES {
            least[i] = least[i].min(hash.wrapping_mul(FACTORS[i]).wrapping_add(SUMMANDS[i]) as i32);
        }
    };
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let hash = hash(word);
        if word.contains(|c: char| c.is_ascii_digit()) {
            numbers.push(mix(hash) as u16);
        }
        last[seen % words] = hash;
        seen += 1;
        if seen >= words {
            shingle(&last, seen % words);
        }
    }
    if (1..words).contains(&seen) {
        shingle(&last, 0);
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(NUMBERS);
    (seen > 0).then(|| Sketch { hashes: least.map(|hash| scatter(hash as u32) as u8), numbers })
}

impl Sketch {
    /// How alike two texts are, from 0 to 1, as far as their sketches tell.
    pub(crate) fn likeness(&self, other: &Sketch) -> f64 {
        let same =
            self.hashes.iter().zip(&other.hashes).filter(|(a, b)| a == b).count() as f64 / HASHES as f64;
        /// What two hashes that have nothing to do with one another share: one of the 256 bytes.
        const CHANCE: f64 = 1.0 / 256.0;
        ((same - CHANCE) / (1.0 - CHANCE)).max(0.0)
    }

    /// Whether this text has no number that the other has not, as far as their sketches tell.
    pub(crate) fn has_no_other_numbers(&self, other: &Sketch) -> bool {
        // What lies behind the last of a full list is not known of that text.
        let known =
            if other.numbers.len() < NUMBERS { u16::MAX } else { *other.numbers.last().unwrap_or(&0) };
        let known = self.numbers.iter().take_while(|number| **number <= known);
        known.into_iter().all(|number| other.numbers.binary_search(number).is_ok())
    }
}

/// A word's hash, whatever its case: FNV-1a over its characters
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
fn hash(word: &str) -> u64 {
    word.chars()
        .flat_map(char::to_lowercase)
        .fold(0xCBF2_9CE4_8422_2325, |hash, c| (hash ^ u64::from(c)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Spreads what differs over all 64 bits, as the finaliser of MurmurHash3 does
/// (<https://github.com/aappleby/smhasher>).
const fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ (hash >> 33)
}

/// The same for 32 bits.
fn scatter(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How alike they are, by their shingles themselves.
    fn exact(one: &[u32], other: &[u32], words: usize) -> f64 {
        let shingles = |text: &[u32]| -> std::collections::BTreeSet<Vec<u32>> {
            text.windows(words).map(<[u32]>::to_vec).collect()
        };
        let (one, other) = (shingles(one), shingles(other));
        one.intersection(&other).count() as f64 / one.union(&other).count() as f64
    }

    #[test]
    fn likeness_is_the_share_of_common_shingles() {
        // Texts of numbers, the second with every n-th word another one.
        let (mut errors, mut cases) = (0.0, 0);
        for words in [1, 3, 5] {
            for (length, every) in [(60, 7), (200, 12), (200, 40), (1_000, 25), (1_000, 200), (1_000, 3)] {
                let one: Vec<u32> = (0..length).collect();
                let other: Vec<u32> =
                    (0..length).map(|i| if i % every == 3 { i + 5_000 } else { i }).collect();
                let text = |words: &[u32]| words.iter().map(|word| format!("w{word}, ")).collect::<String>();
                let [a, b] = [&one, &other].map(|numbers| sketch(&text(numbers), words).unwrap());
                let error = a.likeness(&b) - exact(&one, &other, words);
                assert!(error.abs() < 0.15, "{words} {length} {every}: {error}");
                errors += error * error;
                cases += 1;
            }
        }
        let deviation: f64 = f64::sqrt(errors / f64::from(cases));
        assert!(deviation < 0.05, "{deviation}");
    }

    #[test]
    fn case_and_punctuation_are_no_difference_and_order_is() {
        let same = |a, b| sketch(a, 3).unwrap().likeness(&sketch(b, 3).unwrap());
        assert_eq!(same("Trade grew: by FIVE per cent.", "trade grew by five -- per cent"), 1.0);
        assert!(same("Trade grew by five per cent.", "Five per cent trade grew by.") < 0.5);
        assert_eq!(same("Two words", "two words"), 1.0);
        assert!(same("Two words", "words two") < 0.1);
        assert_eq!(sketch(" -- ", 3), None);
    }

    #[test]
    fn a_number_that_the_other_lacks_is_told() {
        let tells = |a: &str, b: &str| !sketch(a, 3).unwrap().has_no_other_numbers(&sketch(b, 3).unwrap());
        assert!(tells("It paid 23 cts a share.", "It paid 20 cts a share."));
        assert!(!tells("It paid 20 cts.", "It paid 20 cts on 3 May."));
        assert!(!tells("It paid five cts.", "It paid 20 cts."));
        let many = |numbers: std::ops::Range<u32>| numbers.map(|n| format!("{n} ")).collect::<String>();
        assert!(!tells(&many(0..5_000), &many(0..5_000)));
        assert!(tells(&many(0..5_000), &many(2_500..7_500)));
    }
}
