use rehearsal_machine::NodeId;

use super::{Network, Pair};

/// Between which nodes a network has sessions, for what makes faults at random.
#[derive(Clone, Debug)]
pub(crate) struct SessionPairs {
    /// The two nodes of each, the lower one first.
    pairs: Vec<(NodeId, NodeId)>,
    /// Have any two nodes a session?
    are_all: bool,
}

impl SessionPairs {
    /// Those of a network of so many nodes.
    pub(crate) fn of(network: &Network, nodes: u32) -> Self {
        let Some(sessions) = &network.sessions else {
            return Self { pairs: Vec::new(), are_all: false };
        };
        Self {
            pairs: sessions.pairs(nodes).into_iter().map(Pair::nodes).collect(),
            are_all: sessions.has_all(nodes),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(crate) fn as_slice(&self) -> &[(NodeId, NodeId)] {
        &self.pairs
    }

    /// Have any two nodes a session?
    pub(crate) fn are_all(&self) -> bool {
        self.are_all
    }

    /// Is every message between these ends one of a session? None stands for any node.
    pub(crate) fn have_every(&self, from: Option<NodeId>, to: Option<NodeId>) -> bool {
        match (from, to) {
            (Some(from), Some(to)) => self.pairs.contains(&(from.min(to), from.max(to))),
            _ => self.are_all,
        }
    }
}
