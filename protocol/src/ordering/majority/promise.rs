use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PART;

/// How much of a node's promise has come to a new leader.
///
/// Each part tells the next number of the node's log after another one. Parts overtake
/// each other, and the leader puts them together like the links of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promise {
    /// The last number that the node has delivered.
    pub(super) delivered: u64,
    /// The node's log is known up to this number.
    known: u64,
    /// How many parts were put together since the leader asked last.
    parts: usize,
    /// Parts that came early: the number that each one begins after, and the next one.
    early: BTreeMap<u64, Option<u64>>,
    is_whole: bool,
}

impl Promise {
    /// Nothing has come; the leader has asked for what is after this number.
    pub(super) fn after(number: u64) -> Self {
        Self { delivered: 0, known: number, parts: 0, early: BTreeMap::new(), is_whole: false }
    }

    /// That of the leader itself.
    pub(super) fn own(delivered: u64) -> Self {
        Self { delivered, is_whole: true, ..Self::after(delivered) }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a part that begins after this number is taken: an honest node sends no more parts
    /// than it was asked for.
    pub(super) fn has_room(&self, after: u64) -> bool {
        after >= self.known && self.early.len() < PART
    }

    /// Takes a part: after this number the next one in the log is `next`. Gives the number
    /// after which the leader has to ask for more, once it has all that it asked for.
    pub(super) fn take(&mut self, delivered: u64, after: u64, next: Option<u64>) -> Option<u64> {
        self.delivered = self.delivered.max(delivered);
        if self.has_room(after) {
            self.early.insert(after, next);
        }
        while let Some(next) = self.early.remove(&self.known) {
            match next {
                // Numbers of a log rise, so an honest chain has no loop.
                Some(next) if next > self.known => self.known = next,
                Some(_) => {}
                None => self.is_whole = true,
            }
            self.parts += 1;
        }
        if self.is_whole || self.parts < PART {
            return None;
        }
        self.parts = 0;
        Some(self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_any_order_make_a_whole() {
        let mut promise = Promise::after(4);
        for (after, next) in [(7, None), (5, Some(7)), (4, Some(5))] {
            assert!(!promise.is_whole());
            assert_eq!(promise.take(3, after, next), None);
        }
        assert_eq!((promise.is_whole(), promise.delivered), (true, 3));
    }

    #[test]
    fn a_long_promise_is_asked_for_part_by_part() {
        let mut promise = Promise::after(0);
        for after in 0..PART as u64 - 1 {
            assert_eq!(promise.take(0, after, Some(after + 1)), None);
        }
        let last = PART as u64;
        assert_eq!(promise.take(0, last - 1, Some(last)), Some(last));
        assert_eq!(promise.take(0, last, None), None);
        assert!(promise.is_whole());
    }

    #[test]
    fn parts_that_no_log_can_have_are_kept_neither_without_bound_nor_again_and_again() {
        let mut promise = Promise::after(0);
        for after in 1..1_000 {
            promise.take(0, after, Some(after + 1));
        }
        assert_eq!(promise.early.len(), PART);
        assert_eq!(promise.take(0, 0, Some(0)), None);
        assert!(!promise.is_whole());
    }
}
