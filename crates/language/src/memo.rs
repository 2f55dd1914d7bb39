//! What is dear to make and often wanted again.

/// So many values by hashes, each kept until another takes its slot. As in a [`WordMap`](crate::WordMap), two
/// things of the same hash are taken for one.
#[derive(Clone, Debug)]
pub(crate) struct Memo<V, const SLOTS: usize> {
    slots: Vec<Option<(u64, V)>>,
}

impl<V, const SLOTS: usize> Default for Memo<V, SLOTS> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<V, const SLOTS: usize> Memo<V, SLOTS> {
    /// The value of this hash, made if it is not there.
    #[inline(always)]
    pub(crate) fn get(&mut self, hash: u64, make: impl FnOnce() -> V) -> &V {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let slot = &mut self.slots[(hash >> 32) as usize % SLOTS];
        if slot.as_ref().is_some_and(|(of, _)| *of != hash) {
            *slot = None;
        }
        &slot.get_or_insert_with(|| (hash, make())).1
    }
}
