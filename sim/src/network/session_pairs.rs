use rehearsal_machine::NodeId;

use super::{Between, Link, Pair, Sessions};

/// Which nodes of a world have a session with each other, to be asked often.
#[derive(Clone, Debug)]
pub(crate) struct SessionPairs {
    nodes: u32,
    among: Among,
}

#[derive(Clone, Debug)]
enum Among {
    /// Any two nodes.
    All,
    /// These pairs, and both directions of each; each list in order.
    Listed { pairs: Vec<Pair>, links: Vec<Link> },
}

impl SessionPairs {
    /// Those of a world of so many nodes.
    pub(crate) fn new(sessions: Option<&Sessions>, nodes: u32) -> Self {
        let pairs = match sessions.map(|sessions| &sessions.between) {
            Some(Between::All) => return Self { nodes, among: Among::All },
            Some(Between::Pairs(pairs)) => pairs.as_slice(),
            None => &[],
        };
        let mut pairs: Vec<_> = pairs.iter().map(|(one, other)| Pair::new(*one, *other)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut links: Vec<_> = pairs.iter().flat_map(|pair| pair.links()).collect();
        links.sort_unstable();
        Self { nodes, among: Among::Listed { pairs, links } }
    }

    pub(crate) fn count(&self) -> u64 {
        match &self.among {
            Among::All => pairs_of(self.nodes),
            Among::Listed { pairs, .. } => pairs.len() as u64,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Have any two nodes a session?
    pub(crate) fn are_all(&self) -> bool {
        matches!(self.among, Among::All) || self.count() == pairs_of(self.nodes)
    }

    /// Is the link one direction of a session?
    #[inline]
    pub(crate) fn has(&self, link: Link) -> bool {
        match &self.among {
            Among::All => link.from != link.to,
            Among::Listed { links, .. } => links.binary_search(&link).is_ok(),
        }
    }

    /// Is every message between these ends one of a session? None stands for any node.
    pub(crate) fn have_every(&self, from: Option<NodeId>, to: Option<NodeId>) -> bool {
        match (from, to) {
            (Some(from), Some(to)) => self.has(Link::new(from, to)),
            (Some(one), None) | (None, Some(one)) => {
                self.peers_of(one).count() + 1 == self.nodes as usize
            }
            (None, None) => self.are_all(),
        }
    }

    /// The nodes that have a session with this one, in order.
    pub(crate) fn peers_of(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let (all, listed) = match &self.among {
            Among::All => (self.nodes, [].as_slice()),
            Among::Listed { links, .. } => {
                let first = links.partition_point(|link| link.from < node);
                let last = links.partition_point(|link| link.from <= node);
                (0, &links[first..last])
            }
        };
        let all = NodeId::all(all).filter(move |peer| *peer != node);
        all.chain(listed.iter().map(|link| link.to))
    }

    /// All pairs, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Pair> {
        let nodes = NodeId::all(self.nodes);
        nodes.flat_map(|low| {
            let peers = self.peers_of(low).filter(move |high| low < *high);
            peers.map(move |high| Pair::new(low, high))
        })
    }

    /// The pair of this number below [`count`](Self::count).
    pub(crate) fn pair(&self, number: u64) -> (NodeId, NodeId) {
        match &self.among {
            Among::All => pair(number),
            Among::Listed { pairs, .. } => pairs[number as usize].nodes(),
        }
    }
}

/// How many pairs of different nodes there are.
pub(crate) fn pairs_of(nodes: u32) -> u64 {
    u64::from(nodes) * u64::from(nodes).saturating_sub(1) / 2
}

/// The pair of this number, from 0, in the order 1-2, 1-3, 2-3, 1-4, and so on.
pub(crate) fn pair(number: u64) -> (NodeId, NodeId) {
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
        let pairs: Vec<_> = (0..pairs_of(50)).map(pair).collect();
        assert_eq!(pairs[..4], [(1, 2), (1, 3), (2, 3), (1, 4)].map(|(a, b)| (node(a), node(b))));
        assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), 50 * 49 / 2);
        assert!(pairs.iter().all(|(one, other)| one < other && other.number() <= 50));
    }

    #[test]
    fn a_complete_list_is_all() {
        let between = |pairs: &[(u32, u32)]| {
            let pairs = pairs.iter().map(|(one, other)| (node(*one), node(*other))).collect();
            let sessions = Sessions { between: Between::Pairs(pairs), ..Sessions::default() };
            SessionPairs::new(Some(&sessions), 3)
        };
        let complete = between(&[(2, 1), (1, 3), (2, 3)]);
        let all = SessionPairs::new(Some(&Sessions::default()), 3);
        assert!(complete.are_all() && all.are_all());
        assert!(complete.iter().eq(all.iter()));
        let of_one = between(&[(1, 2), (3, 1)]);
        assert!(!of_one.are_all() && of_one.has(Link::new(node(1), node(3))));
        assert!(of_one.have_every(Some(node(1)), None) && of_one.have_every(None, Some(node(1))));
        assert!(!of_one.have_every(Some(node(2)), None));
        assert!(SessionPairs::new(None, 3).is_empty());
    }
}
