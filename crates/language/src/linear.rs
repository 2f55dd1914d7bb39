//! Linear models over hashed features, read where they lie in the binary.
//!
//! A feature is a 64-bit key. Its row is a short list of classes with a weight each, for most of the
//! weights that training leaves are zero. The bytes of a model:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | bits of the slot table |
//! | 4 | bytes of the rows |
//! | 6 each | slots: 16 bits of the key, 24 bits where its row begins, 8 bits its length; all zero is free |
//! | 2 each | rows: class and weight as `i8`, or if the length is 255 the weights of all [`CLASSES`] |

/// A table from keys to rows of weights. Lookup is linear probing from the key's highest bits.
#[derive(Clone, Copy, Debug)]
pub struct Linear<'m> {
    bits: u32,
    slots: &'m [u8],
    rows: &'m [u8],
}

const SLOT: usize = 6;

/// How many classes a row of all classes has.
pub const CLASSES: usize = 96;

/// The score of each class.
pub type Scores = [i16; CLASSES];

/// A longer row has the weights of all classes: to add them side by side is quicker.
const LONGEST: usize = 16;
const ALL: u64 = 255;

/// One of a slot's three parts.
const fn check(key: u64) -> u64 {
    key & 0xFFFF
}

/// Spreads a value under the number of its template over all 64 bits.
pub const fn key(template: u64, value: u64) -> u64 {
    let mixed = (value ^ template.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Two values as one.
pub const fn both(a: u64, b: u64) -> u64 {
    a.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) ^ b
}

impl<'m> Linear<'m> {
    /// Reads a model from the front of `bytes`; what is behind it is returned.
    pub fn read(bytes: &'m [u8]) -> Option<(Self, &'m [u8])> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let bits = u32::from_le_bytes(*head.first_chunk()?);
        let rows = u32::from_le_bytes(*head.last_chunk()?) as usize;
        if !(1..=24).contains(&bits) {
            return None;
        }
        let (slots, rest) = rest.split_at_checked((SLOT << bits) + 2)?;
        let (rows, rest) = rest.split_at_checked(rows)?;
        Some((Self { bits, slots, rows }, rest))
    }

    /// Writes a model of these rows.
    ///
    /// # Panics
    /// If there are more than 2^24 weights, or a class beyond [`CLASSES`].
    pub fn write(features: &[(u64, Vec<(u8, i8)>)], out: &mut Vec<u8>) {
        let bits = (features.len() * 4 / 3).next_power_of_two().trailing_zeros().max(4);
        let mut slots = vec![0u8; (SLOT << bits) + 2];
        let mut rows = vec![0; 2];
        for (key, row) in features {
            let begin = rows.len() / 2;
            assert!(begin < 1 << 24);
            let length = if row.len() > LONGEST {
                let mut all = [0; CLASSES];
                row.iter().for_each(|(class, weight)| all[*class as usize] = *weight as u8);
                rows.extend(all);
                ALL
            } else {
                rows.extend(row.iter().flat_map(|(class, weight)| [*class, *weight as u8]));
                row.len() as u64
            };
            let mut slot = (key >> (64 - bits)) as usize;
            while slots[slot * SLOT..][..SLOT] != [0; SLOT] {
                slot = (slot + 1) & ((1 << bits) - 1);
            }
            let packed = check(*key) | (begin as u64) << 16 | length << 40;
            slots[slot * SLOT..][..SLOT].copy_from_slice(&packed.to_le_bytes()[..SLOT]);
        }
        out.extend(bits.to_le_bytes());
        out.extend((rows.len() as u32).to_le_bytes());
        out.extend(slots);
        out.extend(rows);
    }

    /// The slot where the search for a feature begins.
    #[inline(always)]
    fn first_slot(&self, key: u64) -> usize {
        (key >> (64 - self.bits)) as usize
    }

    #[inline(always)]
    fn slot(&self, slot: usize) -> u64 {
        let bytes = self.slots.get(slot * SLOT..).and_then(|slots| slots.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes) & 0xFFFF_FFFF_FFFF)
    }

    /// Where the row of a feature begins, and its length; `packed` is what its first slot holds.
    #[inline(always)]
    fn find(&self, key: u64, mut packed: u64) -> Option<(usize, u64)> {
        let mut slot = self.first_slot(key);
        loop {
            if packed == 0 {
                return None;
            }
            if packed & 0xFFFF == check(key) {
                return Some(((packed >> 16 & 0xFF_FFFF) as usize * 2, packed >> 40));
            }
            slot = (slot + 1) & ((1 << self.bits) - 1);
            packed = self.slot(slot);
        }
    }

    /// The classes and weights of a feature with few of them, in pairs of bytes; empty of one that is
    /// not known.
    pub fn row(&self, key: u64) -> &'m [u8] {
        let Some((begin, length)) = self.find(key, self.slot(self.first_slot(key))) else { return &[] };
        self.rows.get(begin..begin + length as usize * 2).unwrap_or(&[])
    }

    /// Adds to the scores of the classes what these features give them. All their slots are asked for before
    /// one is looked at, so that the waits for memory run side by side; rows of all classes are added first and
    /// by themselves, in wide registers, for to read widely what was just written narrowly is slow.
    #[inline(always)]
    pub fn add<const N: usize>(&self, keys: &[u64; N], mut wide: Scores) -> Scores {
        let mut slots = [0; N];
        for (slot, key) in slots.iter_mut().zip(keys) {
            *slot = self.slot(self.first_slot(*key));
        }
        // One for each byte that a row can hold, so that none is out of bounds.
        let mut narrow = [0i16; 256];
        let mut short = [(0, 0); N];
        let mut count = 0;
        for (key, slot) in keys.iter().zip(slots) {
            let Some((begin, length)) = self.find(*key, slot) else { continue };
            if length == ALL {
                let Some(row) = self.rows.get(begin..).and_then(|row| row.first_chunk::<CLASSES>()) else {
                    continue;
                };
                for (score, weight) in wide.iter_mut().zip(row) {
                    *score += i16::from(*weight as i8);
                }
            } else {
                short[count] = (begin, length);
                count += 1;
            }
        }
        for (begin, length) in &short[..count] {
            let Some(row) = self.rows.get(*begin..) else { continue };
            for pair in row.as_chunks::<2>().0.iter().take(*length as usize) {
                narrow[pair[0] as usize] += i16::from(pair[1] as i8);
            }
        }
        for (wide, narrow) in wide.iter_mut().zip(narrow) {
            *wide += narrow;
        }
        wide
    }
}

/// The class with the highest score, the first of equals.
#[inline(always)]
pub fn best(scores: &Scores) -> usize {
    let highest = scores.iter().fold(i16::MIN, |highest, score| highest.max(*score));
    scores.iter().position(|score| *score == highest).unwrap_or(0)
}
