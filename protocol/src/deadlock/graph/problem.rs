use core::error::Error;
use core::fmt;

use rehearsal_machine::NodeId;

/// Why a wait was not put into a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It names a node that the graph does not have.
    Stranger {
        /// Who that is.
        node: NodeId,
        /// How many nodes the graph has.
        nodes: u32,
    },
    /// The node's wait is already there.
    WaitsAlready {
        /// Whose.
        node: NodeId,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger { node, nodes: 0 } => {
                write!(f, "{node} is a stranger: the graph has no nodes; make it with some")
            }
            Self::Stranger { node, nodes } => {
                write!(f, "{node} is a stranger: name one of the nodes n1 to n{nodes}")
            }
            Self::WaitsAlready { node } => write!(
                f,
                "{node} waits already: put all its requests into one wait, and begin a new graph \
                 when they change"
            ),
        }
    }
}

impl Error for Problem {}
