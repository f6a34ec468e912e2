use std::collections::BTreeMap;

use rehearsal_protocol::NodeId;

/// How many messages each link has carried: half of a message's identity.
///
/// A square of counters while that is small; beyond, only links ever used.
pub(crate) enum LinkCounts {
    Dense { nodes: usize, counts: Vec<u32> },
    Sparse(BTreeMap<(NodeId, NodeId), u32>),
}

const MOST_DENSE: usize = 1_024;

impl LinkCounts {
    pub(crate) fn new(nodes: usize) -> Self {
        if nodes <= MOST_DENSE {
            Self::Dense { nodes, counts: vec![0; nodes * nodes] }
        } else {
            Self::Sparse(BTreeMap::new())
        }
    }

    /// Counts one more message, and tells which it is, from 1.
    pub(crate) fn next(&mut self, from: NodeId, to: NodeId) -> u32 {
        let count = match self {
            Self::Dense { nodes, counts } => &mut counts[from.index() * *nodes + to.index()],
            Self::Sparse(counts) => counts.entry((from, to)).or_default(),
        };
        *count += 1;
        *count
    }
}
