use rehearsal_machine::NodeId;

use super::{Between, Link, Pair, Sessions, count_of_pairs, nth_pair};

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
        if !pairs.is_empty() && pairs.len() as u64 == count_of_pairs(nodes) {
            return Self { nodes, among: Among::All };
        }
        let mut links: Vec<_> = pairs.iter().flat_map(|pair| pair.links()).collect();
        links.sort_unstable();
        Self { nodes, among: Among::Listed { pairs, links } }
    }

    pub(crate) fn count(&self) -> u64 {
        match &self.among {
            Among::All => count_of_pairs(self.nodes),
            Among::Listed { pairs, .. } => pairs.len() as u64,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Are there nodes, of which any two have a session?
    pub(crate) fn are_all(&self) -> bool {
        matches!(self.among, Among::All) && !self.is_empty()
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
                let peers = self.peers_of(one).count();
                peers > 0 && peers + 1 == self.nodes as usize
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

    /// The pair of this number below [`count`](Self::count). Their order is not that of
    /// [`iter`](Self::iter).
    pub(crate) fn nth(&self, number: u64) -> (NodeId, NodeId) {
        match &self.among {
            Among::All => nth_pair(number),
            Among::Listed { pairs, .. } => pairs[number as usize].nodes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u32) -> NodeId {
        NodeId::new(number).expect("a node")
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
        assert_eq!(complete.nth(2), all.nth(2));
        assert!(SessionPairs::new(None, 3).is_empty());
        let alone = SessionPairs::new(None, 1);
        assert!(!alone.are_all() && !alone.have_every(Some(node(1)), None));
    }
}
