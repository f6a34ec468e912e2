//! Pairs of different nodes.

use rehearsal_machine::NodeId;
use serde::Serialize;

use super::Link;

/// Two different nodes, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Pair {
    low: NodeId,
    high: NodeId,
}

impl Pair {
    pub(crate) fn new(one: NodeId, other: NodeId) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// The lower node, and the higher one.
    pub(crate) fn nodes(self) -> (NodeId, NodeId) {
        (self.low, self.high)
    }

    /// Both directions.
    pub(crate) fn links(self) -> [Link; 2] {
        [Link::new(self.low, self.high), Link::new(self.high, self.low)]
    }
}

/// How many pairs of different nodes there are.
pub(crate) fn count_of_pairs(nodes: u32) -> u64 {
    u64::from(nodes) * u64::from(nodes).saturating_sub(1) / 2
}

/// The pair of this number, from 0, in the order 1-2, 1-3, 2-3, 1-4, and so on: by the higher
/// node first, so that a pair has the same number however many nodes there are.
pub(crate) fn nth_pair(number: u64) -> (NodeId, NodeId) {
    // The lower node's index is what is left of the number after all pairs of lower nodes.
    let mut high = (2 * number).isqrt();
    while high * (high + 1) / 2 <= number {
        high += 1;
    }
    let low = number - high * (high - 1) / 2;
    (NodeId::from_index(low as usize), NodeId::from_index(high as usize))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn node(number: u32) -> NodeId {
        NodeId::new(number).expect("a node")
    }

    #[test]
    fn pairs_are_counted_without_a_gap() {
        let pairs: Vec<_> = (0..count_of_pairs(50)).map(nth_pair).collect();
        assert_eq!(
            pairs[..4],
            [(1, 2), (1, 3), (2, 3), (1, 4)].map(|(low, high)| (node(low), node(high)))
        );
        assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), 50 * 49 / 2);
        assert!(pairs.iter().all(|(one, other)| one < other && other.number() <= 50));
    }
}
