use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A set of numbers that arrive nearly in order: all below a limit, and a few
/// beyond it. It needs memory for those few alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct NumberSet {
    below: u64,
    beyond: BTreeSet<u64>,
}

impl NumberSet {
    /// All numbers from 0 to this one, which is left out.
    pub(crate) fn below(limit: u64) -> Self {
        Self { below: limit, beyond: BTreeSet::new() }
    }

    /// The smallest number that is not in the set.
    pub(crate) fn limit(&self) -> u64 {
        self.below
    }

    /// The numbers above the smallest one that is missing, in order.
    pub(crate) fn beyond(&self) -> impl Iterator<Item = u64> {
        self.beyond.iter().copied()
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        number < self.below || self.beyond.contains(&number)
    }

    /// Adds a number; false if it was there.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        let is_new = number >= self.below && self.beyond.insert(number);
        self.close_gap();
        is_new
    }

    /// Adds all numbers below this one.
    pub(crate) fn insert_below(&mut self, limit: u64) {
        if limit > self.below {
            self.below = limit;
            self.beyond = self.beyond.split_off(&limit);
            self.close_gap();
        }
    }

    fn close_gap(&mut self) {
        // The last number of all cannot be passed, so it stays beyond the limit.
        while self.below < u64::MAX && self.beyond.remove(&self.below) {
            self.below += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn numbers_in_any_order_close_the_gap_and_take_no_memory() {
        let mut set = NumberSet::below(1);
        assert!([3, 2, 5].into_iter().all(|number| set.insert(number)));
        assert_eq!((set.limit(), set.beyond().collect::<Vec<_>>()), (1, [2, 3, 5].to_vec()));
        assert!(set.insert(1) && !set.insert(1) && !set.insert(3));
        assert_eq!((set.limit(), set.beyond().collect::<Vec<_>>()), (4, [5].to_vec()));
        set.insert_below(5);
        assert_eq!((set.limit(), set.beyond().count()), (6, 0));
        set.insert_below(2);
        assert!(set.contains(5) && !set.contains(6));
    }

    #[test]
    fn the_greatest_number_of_all_is_a_member_like_any_other() {
        let mut set = NumberSet::below(u64::MAX);
        assert!(set.insert(u64::MAX) && set.contains(u64::MAX) && !set.insert(u64::MAX));
    }
}
