use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Key;

/// Slots by their keys, the smallest on top.
pub(super) type Heap = BinaryHeap<Reverse<(Key, u32)>>;

/// The bucket being drained, where it took more than a look at its head.
pub(super) struct Opened {
    /// What it held when it was opened, the smallest last.
    sorted: Vec<(Key, u32)>,
    /// What was pushed into it since.
    late: Heap,
}

impl Opened {
    pub(super) fn new() -> Self {
        Self { sorted: Vec::new(), late: Heap::new() }
    }

    /// Whether one more in it would be one too many for the cost of a heap.
    pub(super) fn is_long(&self) -> bool {
        self.late.len() >= 8
    }

    /// Takes what a bucket holds, and tells how many instants that spans.
    pub(super) fn open(&mut self, entries: impl Iterator<Item = (Key, u32)>) -> usize {
        debug_assert!(self.sorted.is_empty(), "one bucket is drained before the next is opened");
        self.sorted.extend(entries);
        if self.sorted.len() == 1 {
            return 1;
        }
        self.sorted.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
        self.sorted.chunk_by(|left, right| left.0.at() == right.0.at()).count()
    }

    pub(super) fn push(&mut self, key: Key, slot: u32) {
        self.late.push(Reverse((key, slot)));
    }

    #[inline]
    pub(super) fn first(&self) -> Option<&Key> {
        let sorted = self.sorted.last().map(|(key, _)| key);
        match (sorted, self.late.peek()) {
            (Some(sorted), Some(Reverse((late, _)))) => Some(sorted.min(late)),
            (sorted, late) => sorted.or(late.map(|Reverse((key, _))| key)),
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<u32> {
        let is_late = match (self.sorted.last(), self.late.peek()) {
            (Some(sorted), Some(Reverse(late))) => late < sorted,
            (sorted, _) => sorted.is_none(),
        };
        if is_late {
            self.late.pop().map(|Reverse((_, slot))| slot)
        } else {
            self.sorted.pop().map(|(_, slot)| slot)
        }
    }

    /// Gives up everything, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = u32> {
        let late = self.late.drain().map(|Reverse(entry)| entry);
        self.sorted.drain(..).chain(late).map(|(_, slot)| slot)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.late.len()
    }
}
