use core::fmt;

use crate::deadlock::graph::Cycle;
use rehearsal_machine::NodeId;

/// Why nodes with such controllers are no tree. Of several reasons the first in
/// this order is told, of the node with the smallest number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfit {
    /// There is no node at all.
    Empty,
    /// A node's controller is none of the nodes.
    Stranger {
        /// The node.
        node: NodeId,
        /// Its controller.
        controller: NodeId,
        /// How many nodes there are.
        nodes: u32,
    },
    /// Each of these is the controller of the one before it, and the first that
    /// of the last.
    Cycle(Cycle),
    /// Two nodes have no controller.
    TwoRoots(NodeId, NodeId),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a tree needs a node at least"),
            Self::Stranger { node, controller, nodes } => write!(
                f,
                "the controller of {node} is {controller}, but the nodes are n1 to n{nodes}: \
                 name one of them"
            ),
            Self::Cycle(cycle) => write!(
                f,
                "no controller may be below itself, as {cycle} are: leave one of these \
                 without a controller, or give it another"
            ),
            Self::TwoRoots(first, second) => write!(
                f,
                "both {first} and {second} have no controller: only the root has none, so \
                 give one of them one"
            ),
        }
    }
}

impl core::error::Error for Misfit {}
