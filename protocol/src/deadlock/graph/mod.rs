//! The wait-for graph as a value, and what can be read from it.
//!
//! A vertex is a node: a process, or a lock, which while it is lent waits for
//! its holder to give it back. An edge is a request that was not granted yet.
//! A node has at most one wait, and that is over as soon as `need` of its
//! requests are granted: all of them (the AND model), one (the OR model), or
//! any number between (k-of-n).
//!
//! One question has the same answer in every model. A process that does not wait is
//! free, because it can still grant; one that needs no more grants than there are
//! free nodes among those it asked is free as well; and so on until nothing
//! changes. Who is not free by then is deadlocked: none of them can ever be
//! granted what it needs unless one of them gives up.
//!
//! In the AND model somebody is deadlocked if and only if there is a cycle, in
//! the OR model if and only if there is a [knot](WaitForGraph::knots)
//! (Holt 1972). Between the two neither tells; the fixpoint does.
//!
//! All that is read from a graph takes time and memory linear in its nodes and
//! edges, except [`WaitForGraph::victims`], and nothing here recurses.

mod components;
mod diagnosis;
mod dot;
mod fixpoint;
mod search;
mod victims;

use alloc::vec;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::resource::RequestId;
use rehearsal_machine::NodeId;

pub use diagnosis::{Cycle, Diagnosis};
pub use search::{Roots, Rule};

/// A request that was not granted yet; prints as `n1 -> n3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Who waits.
    pub from: NodeId,
    /// The node for which it waits.
    pub to: NodeId,
    /// Which request it is about: two nodes may have several.
    pub request: RequestId,
}

/// The waits among a fixed number of nodes, and how many grants each
/// needs. Two are equal if the same waits were put in, in the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitForGraph {
    /// For each node, once its wait was put in.
    waits: Vec<Option<Wait>>,
    /// The nodes with waits, in the order in which the waits were added.
    order: Vec<NodeId>,
    /// The targets of all edges, a node's next to each other.
    targets: Vec<NodeId>,
    /// What each edge is about.
    requests: Vec<RequestId>,
}

/// A node's wait: how many of these edges must be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wait {
    need: u32,
    first: usize,
    end: usize,
}

impl WaitForGraph {
    /// The nodes n1, n2, ... up to this number, of which nobody waits. Its
    /// memory is for so many nodes from the start.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        Self {
            waits: vec![None; nodes as usize],
            order: Vec::new(),
            targets: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// `from` waits until `need` of these requests are granted. With a need of
    /// 0 it is not blocked; with one greater than the number of requests it
    /// can never be free. A node may be asked more than once, or ask itself.
    ///
    /// A wait that is refused changes nothing.
    pub fn wait(
        &mut self,
        from: NodeId,
        need: u32,
        edges: impl IntoIterator<Item = (NodeId, RequestId)>,
    ) -> Result<(), Problem> {
        match self.waits.get(from.index()) {
            None => return Err(self.stranger(from)),
            Some(Some(_)) => return Err(Problem::WaitsAlready { node: from }),
            Some(None) => {}
        }
        let first = self.targets.len();
        for (to, request) in edges {
            if to.index() >= self.waits.len() {
                self.targets.truncate(first);
                self.requests.truncate(first);
                return Err(self.stranger(to));
            }
            self.targets.push(to);
            self.requests.push(request);
        }
        self.waits[from.index()] = Some(Wait { need, first, end: self.targets.len() });
        self.order.push(from);
        Ok(())
    }

    /// All nodes, from n1.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.waits.len()).map(NodeId::from_index)
    }

    /// All edges, in the order in which their waits were put in.
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.order.iter().flat_map(|&from| self.edges_of(from))
    }

    /// The edges of this node's wait, in the order they were given in.
    pub fn edges_of(&self, from: NodeId) -> impl Iterator<Item = Edge> {
        let span = self.span(from.index());
        let ends = self.targets[span.clone()].iter().zip(&self.requests[span]);
        ends.map(move |(&to, &request)| Edge { from, to, request })
    }

    /// How many grants this node waits for; 0 if it does not wait.
    #[must_use]
    pub fn need(&self, node: NodeId) -> u32 {
        self.need_at(node.index())
    }

    /// Who is deadlocked, in order: all but those that are free, or will be
    /// once every free node has granted what it was asked for.
    #[must_use]
    pub fn deadlocked(&self) -> Vec<NodeId> {
        let standing = fixpoint::Standing::of(self);
        self.nodes().filter(|node| standing.is_stuck(node.index())).collect()
    }

    fn need_at(&self, index: usize) -> u32 {
        self.waits.get(index).copied().flatten().map_or(0, |wait| wait.need)
    }

    /// The nodes for which the node at this place waits.
    fn targets(&self, index: usize) -> &[NodeId] {
        &self.targets[self.span(index)]
    }

    fn span(&self, index: usize) -> Range<usize> {
        let wait = self.waits.get(index).copied().flatten();
        wait.map_or(0..0, |wait| wait.first..wait.end)
    }

    fn stranger(&self, node: NodeId) -> Problem {
        Problem::Stranger { node, nodes: self.waits.len() as u32 }
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)
    }
}

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
