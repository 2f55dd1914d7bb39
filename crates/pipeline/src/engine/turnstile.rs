//! Something that batches pass one by one, in the order of the input, on whichever thread they are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often a waiting thread looks up whether the run has been stopped.
pub(super) const LOOK_UP: Duration = Duration::from_millis(50);

/// State that sees every batch once, in the order of their numbers.
///
/// Batches are handed to workers in that order too, so the one that is waited for is always in some
/// worker's hands, and no worker waits for ever.
pub(super) struct Turnstile<T> {
    next: Mutex<(u64, T)>,
    turned: Condvar,
}

impl<T> Turnstile<T> {
    /// `first` is the number of the first batch to pass.
    pub(super) fn new(first: u64, state: T) -> Self {
        Self { next: Mutex::new((first, state)), turned: Condvar::new() }
    }

    /// The state, when all have passed.
    pub(super) fn into_inner(self) -> T {
        self.next.into_inner().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Waits for the turn of batch `number`, then passes; `None` if the run is stopped before.
    pub(super) fn pass<R>(
        &self,
        number: u64,
        stop: &AtomicBool,
        pass: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        while next.0 != number {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            next = self.turned.wait_timeout(next, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
        }
        let passed = pass(&mut next.1);
        next.0 += 1;
        self.turned.notify_all();
        Some(passed)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn batches_pass_in_order_from_any_thread() {
        let (turnstile, stop) = (Turnstile::new(0, Vec::new()), AtomicBool::new(false));
        thread::scope(|scope| {
            for first in [2, 1, 0] {
                let (turnstile, stop) = (&turnstile, &stop);
                scope.spawn(move || {
                    for number in (first..30).step_by(3) {
                        turnstile.pass(number, stop, |seen| seen.push(number));
                    }
                });
            }
        });
        let seen = turnstile.into_inner();
        assert_eq!(seen, (0..30).collect::<Vec<_>>());
    }

    #[test]
    fn a_stopped_run_lets_go_of_who_waits() {
        let turnstile = Turnstile::new(0, ());
        assert_eq!(turnstile.pass(1, &AtomicBool::new(true), |_| ()), None);
    }
}
