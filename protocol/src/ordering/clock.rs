//! Logical clocks of several counters, which messages carry.
//!
//! Clones share their memory until one of them changes. A counter that a clock has no
//! room for is zero, and cannot be raised: a message from the wire may have a
//! clock of any length.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// A counter for each node.
///
/// Fidge, "Timestamps in message-passing systems that preserve the partial ordering",
/// 1988; Mattern, "Virtual time and global states of distributed systems", 1989.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VectorClock(Arc<[u64]>);

impl VectorClock {
    /// Zero for each of this many nodes.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        Self((0..nodes).map(|_| 0).collect())
    }

    /// The node's counter.
    #[must_use]
    pub fn get(&self, node: NodeId) -> u64 {
        self.0.get(node.index()).copied().unwrap_or(0)
    }

    /// Each node that has a counter, with its counter.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, u64)> {
        self.0.iter().enumerate().map(|(index, count)| (NodeId::from_index(index), *count))
    }

    /// Raises the node's counter to this value, unless it is greater already.
    pub fn raise(&mut self, node: NodeId, to: u64) {
        if self.0.get(node.index()).is_some_and(|count| *count < to) {
            Arc::make_mut(&mut self.0)[node.index()] = to;
        }
    }

    /// Adds one to the node's counter.
    pub fn increment(&mut self, node: NodeId) {
        self.raise(node, self.get(node).saturating_add(1));
    }

    /// Takes the greater of both values of each counter.
    pub fn merge(&mut self, other: &Self) {
        if !Arc::ptr_eq(&self.0, &other.0) && !other.is_at_most(self) {
            other.iter().for_each(|(node, count)| self.raise(node, count));
        }
    }

    /// Is each counter at most as great as in the other clock?
    #[must_use]
    pub fn is_at_most(&self, other: &Self) -> bool {
        self.iter().all(|(node, count)| count <= other.get(node))
    }

    /// How many counters it has.
    #[must_use]
    pub fn ints(&self) -> usize {
        self.0.len()
    }

    /// Whether it is that of a group of this many nodes.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        self.0.len() == nodes as usize
    }
}

/// A counter for each pair of nodes: what is known of the messages between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MatrixClock(Arc<[VectorClock]>);

impl MatrixClock {
    /// Zero for each pair of this many nodes.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        let row = VectorClock::new(nodes);
        Self((0..nodes).map(|_| row.clone()).collect())
    }

    /// The counter of the pair.
    #[must_use]
    pub fn get(&self, from: NodeId, to: NodeId) -> u64 {
        self.0.get(from.index()).map_or(0, |row| row.get(to))
    }

    /// Each node that has a row, with its counter for messages to `to`.
    pub fn column(&self, to: NodeId) -> impl Iterator<Item = (NodeId, u64)> {
        let rows = self.0.iter().enumerate();
        rows.map(move |(index, row)| (NodeId::from_index(index), row.get(to)))
    }

    /// Raises the counter of the pair to this value, unless it is greater already.
    pub fn raise(&mut self, from: NodeId, to: NodeId, value: u64) {
        if from.index() < self.0.len() && self.get(from, to) < value {
            Arc::make_mut(&mut self.0)[from.index()].raise(to, value);
        }
    }

    /// Adds one to the counter of the pair.
    pub fn increment(&mut self, from: NodeId, to: NodeId) {
        self.raise(from, to, self.get(from, to).saturating_add(1));
    }

    /// Takes the greater of both values of each counter.
    pub fn merge(&mut self, other: &Self) {
        if Arc::ptr_eq(&self.0, &other.0) {
            return;
        }
        for (index, theirs) in other.0.iter().enumerate().take(self.0.len()) {
            if !Arc::ptr_eq(&self.0[index].0, &theirs.0) && !theirs.is_at_most(&self.0[index]) {
                Arc::make_mut(&mut self.0)[index].merge(theirs);
            }
        }
    }

    /// How many counters it has.
    #[must_use]
    pub fn ints(&self) -> usize {
        self.0.iter().map(VectorClock::ints).sum()
    }

    /// Whether it is that of a group of this many nodes.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        self.0.len() == nodes as usize && self.0.iter().all(|row| row.fits(nodes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u32) -> NodeId {
        NodeId::new(number).unwrap()
    }

    fn vector(counts: &[u64]) -> VectorClock {
        VectorClock(counts.into())
    }

    #[test]
    fn merging_takes_the_greater_of_both() {
        let mut clock = vector(&[1, 5, 0]);
        let before = clock.clone();
        clock.merge(&vector(&[3, 4, 0]));
        assert_eq!(clock, vector(&[3, 5, 0]));
        assert_eq!(before, vector(&[1, 5, 0]));
        assert!(before.is_at_most(&clock) && !clock.is_at_most(&before));

        let mut matrix = MatrixClock::new(2);
        matrix.increment(node(1), node(2));
        let mut other = MatrixClock::new(2);
        other.raise(node(2), node(1), 7);
        matrix.merge(&other);
        assert_eq!((matrix.get(node(1), node(2)), matrix.get(node(2), node(1))), (1, 7));
        assert_eq!(other.get(node(1), node(2)), 0);
    }

    #[test]
    fn clocks_of_other_lengths_are_taken_as_far_as_they_reach() {
        let mut short = vector(&[1]);
        short.merge(&vector(&[0, 9]));
        short.raise(node(7), 3);
        short.increment(node(7));
        assert_eq!((short.get(node(7)), short), (0, vector(&[1])));
        assert!(!vector(&[0, 9]).is_at_most(&vector(&[1])));

        let mut matrix = MatrixClock::new(1);
        matrix.merge(&MatrixClock(Arc::new([vector(&[2, 9]), vector(&[4])])));
        matrix.raise(node(2), node(1), 3);
        assert_eq!(matrix, MatrixClock(Arc::new([vector(&[2])])));
    }

    #[test]
    fn no_counter_overflows() {
        let mut clock = vector(&[u64::MAX]);
        clock.increment(node(1));
        assert_eq!(clock, vector(&[u64::MAX]));
    }
}
