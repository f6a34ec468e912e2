use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// Names a message of an owner, in every life of the node that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// The sender.
    pub by: NodeId,
    /// Its place among all messages of the sender, from 1.
    pub number: u64,
}

/// As `n2#7`: the seventh message of n2.
impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.by, self.number)
    }
}

/// The nodes that are to deliver a message, each once and in their order. The sender
/// may be one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<NodeId>", into = "Vec<NodeId>")]
pub struct Destinations(Arc<[NodeId]>);

impl Destinations {
    /// The nodes from node 1 up to this number, without `me`.
    #[must_use]
    pub fn others(nodes: u32, me: NodeId) -> Self {
        NodeId::all(nodes).filter(|node| *node != me).collect()
    }

    /// The nodes.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> {
        self.0.iter().copied()
    }

    /// Is this node to deliver the message?
    #[must_use]
    pub fn contains(&self, node: NodeId) -> bool {
        self.0.binary_search(&node).is_ok()
    }

    /// How many nodes are to deliver it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a group of this many nodes has all of them.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        self.0.last().is_none_or(|last| last.number() <= nodes)
    }

    /// Is no node to deliver it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<NodeId> for Destinations {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        nodes.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<Vec<NodeId>> for Destinations {
    fn from(mut nodes: Vec<NodeId>) -> Self {
        nodes.sort_unstable();
        nodes.dedup();
        Self(nodes.into())
    }
}

impl From<NodeId> for Destinations {
    fn from(node: NodeId) -> Self {
        Self(Arc::new([node]))
    }
}

impl From<Destinations> for Vec<NodeId> {
    fn from(destinations: Destinations) -> Self {
        destinations.0.to_vec()
    }
}

/// As `n1, n3`.
impl fmt::Display for Destinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}{node}")?;
        }
        Ok(())
    }
}
