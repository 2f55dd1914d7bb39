//! What the journal remembers of each document that was let in.

use claimline_model::Id;

/// A document that was let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether it has rows that a later run may take over: it came through, and nothing was wrong with it.
    pub(crate) clean: bool,
    /// Whether its id must not come again.
    pub(crate) owns_id: bool,
    /// Whether its content must not come again.
    pub(crate) owns_content: bool,
    /// The document with the same content, if one came before.
    pub(crate) first: Option<Id>,
    /// The hash of its raw record.
    pub(crate) content: u128,
    /// The hash of where it lay.
    pub(crate) place: u64,
    /// Its id.
    pub(crate) id: Id,
    /// The bytes of its text, its mentions, its claims by kind.
    pub(crate) sums: [u64; 4],
    /// How many rows each file of the sinks has of it, one sink behind the other.
    pub(crate) rows: Vec<u32>,
}

/// The bits of the first byte of a document.
const CLEAN: u8 = 1;
const OWNS_ID: u8 = 2;
const OWNS_CONTENT: u8 = 4;
const DUPLICATE: u8 = 8;

impl Seen {
    /// Adds it to what is told of a batch: a byte of flags, 34 bytes of hashes and id, the id of the
    /// first if it is a duplicate, then numbers of seven bits a byte: the sums, how many `rows`, those.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let flag = |is: bool, bit| if is { bit } else { 0 };
        let flags = flag(self.clean, CLEAN)
            | flag(self.owns_id, OWNS_ID)
            | flag(self.owns_content, OWNS_CONTENT)
            | flag(self.first.is_some(), DUPLICATE);
        out.push(flags);
        out.extend(self.content.to_le_bytes());
        out.extend(self.place.to_le_bytes());
        out.extend(self.id);
        out.extend(self.first.unwrap_or_default().iter().take(if self.first.is_some() { 10 } else { 0 }));
        self.sums.iter().for_each(|sum| number(*sum, out));
        number(self.rows.len() as u64, out);
        self.rows.iter().for_each(|rows| number(u64::from(*rows), out));
    }

    /// The documents that `bytes` tell of, up to what can't be read.
    pub(crate) fn read_all(mut bytes: &[u8]) -> Vec<Seen> {
        let mut all = Vec::new();
        while let Some(seen) = Self::read(&mut bytes) {
            all.push(seen);
        }
        all
    }

    fn read(bytes: &mut &[u8]) -> Option<Seen> {
        let [flags] = take(bytes)?;
        let mut seen = Seen {
            clean: flags & CLEAN != 0,
            owns_id: flags & OWNS_ID != 0,
            owns_content: flags & OWNS_CONTENT != 0,
            content: u128::from_le_bytes(take(bytes)?),
            place: u64::from_le_bytes(take(bytes)?),
            id: take(bytes)?,
            ..Seen::default()
        };
        if flags & DUPLICATE != 0 {
            seen.first = Some(take(bytes)?);
        }
        for sum in &mut seen.sums {
            *sum = read_number(bytes)?;
        }
        let rows = read_number(bytes)?;
        for _ in 0..rows {
            seen.rows.push(u32::try_from(read_number(bytes)?).ok()?);
        }
        Some(seen)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

/// Seven bits a byte, the lowest first; the eighth says that more follow (LEB128).
fn number(mut value: u64, out: &mut Vec<u8>) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = take(bytes)?;
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_as_they_were_written() {
        let one = Seen {
            clean: true,
            owns_content: true,
            content: u128::MAX - 5,
            place: 77,
            id: [3; 10],
            sums: [300, 0, 127, u64::MAX],
            rows: vec![1, 0, 128, u32::MAX],
            ..Seen::default()
        };
        let two = Seen { owns_id: true, first: Some([9; 10]), ..Seen::default() };
        let mut bytes = Vec::new();
        one.write(&mut bytes);
        two.write(&mut bytes);
        assert_eq!(Seen::read_all(&bytes), [one.clone(), two]);
        assert_eq!(Seen::read_all(&bytes[..bytes.len() - 1]), [one]);
    }
}
