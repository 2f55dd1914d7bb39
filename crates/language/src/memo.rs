//! What is dear to make and often wanted again.

/// Values by hashes, each kept until another takes its slot. As in a [`WordMap`](crate::WordMap), two things of
/// the same hash are taken for one.
#[derive(Clone, Debug)]
pub(crate) struct Memo<V> {
    slots: Vec<Option<(u64, V)>>,
}

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<V> Memo<V> {
    /// How many values are kept, a power of two: the words that make up four fifths of a newspaper.
    const SLOTS: usize = 4096;

    /// The value of this hash, made if it is not there.
    #[inline(always)]
    pub(crate) fn get(&mut self, hash: u64, make: impl FnOnce() -> V) -> &V {
        if self.slots.is_empty() {
            self.slots.resize_with(Self::SLOTS, || None);
        }
        let slot = &mut self.slots[(hash >> 32) as usize % Self::SLOTS];
        if slot.as_ref().is_some_and(|(of, _)| *of != hash) {
            *slot = None;
        }
        &slot.get_or_insert_with(|| (hash, make())).1
    }
}
