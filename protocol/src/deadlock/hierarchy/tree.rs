use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::deadlock::graph::Cycle;
use rehearsal_machine::NodeId;

/// The controllers of all nodes from n1. Each node is below its controller; the
/// root has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    controllers: Vec<Option<NodeId>>,
    below: Vec<Vec<NodeId>>,
    root: NodeId,
    /// Each node's place when every node comes right before all below it, and
    /// the first place after those.
    spans: Vec<(usize, usize)>,
    /// How many levels are below each.
    heights: Vec<u32>,
}

impl Tree {
    /// Of the controllers of n1, n2, and so on. Takes linear time.
    pub fn new(controllers: Vec<Option<NodeId>>) -> Result<Self, Misfit> {
        let nodes = controllers.len();
        let mut below = vec![Vec::new(); nodes];
        let mut roots = Vec::new();
        for (index, controller) in controllers.iter().enumerate() {
            let node = NodeId::from_index(index);
            let Some(controller) = *controller else {
                roots.push(node);
                continue;
            };
            let Some(others) = below.get_mut(controller.index()) else {
                return Err(Misfit::Stranger { node, controller, nodes: nodes as u32 });
            };
            others.push(node);
        }
        if let Some(cycle) = cycle(&controllers) {
            return Err(Misfit::Cycle(cycle));
        }
        let root = match roots[..] {
            [] => return Err(Misfit::Empty),
            [root] => root,
            [first, second, ..] => return Err(Misfit::TwoRoots(first, second)),
        };
        let (spans, heights) = measured(&controllers, &below, root);
        Ok(Self { controllers, below, root, spans, heights })
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.controllers.len() as u32
    }

    /// Who has no controller.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// This node's controller; none if it is the root, or no node of the tree.
    #[must_use]
    pub fn controller(&self, node: NodeId) -> Option<NodeId> {
        self.controllers.get(node.index()).copied().flatten()
    }

    /// Whose controller this node is, in order.
    #[must_use]
    pub fn below(&self, node: NodeId) -> &[NodeId] {
        self.below.get(node.index()).map_or(&[], Vec::as_slice)
    }

    /// Is the one the other, or below it on any level?
    #[must_use]
    pub fn has(&self, top: NodeId, node: NodeId) -> bool {
        let spans = self.spans.get(top.index()).zip(self.spans.get(node.index()));
        spans.is_some_and(|((first, end), (place, _))| (first..end).contains(&place))
    }

    /// How many levels there are below this node.
    #[must_use]
    pub fn height(&self, node: NodeId) -> u32 {
        self.heights.get(node.index()).copied().unwrap_or(0)
    }
}

/// Walks up from every node, but nowhere twice.
fn cycle(controllers: &[Option<NodeId>]) -> Option<Cycle> {
    let mut walks = vec![None; controllers.len()];
    for first in 0..controllers.len() {
        let mut here = Some(NodeId::from_index(first));
        let mut path = Vec::new();
        while let Some(node) = here {
            match walks[node.index()] {
                Some(walk) if walk == first => {
                    path.drain(..path.iter().position(|met| *met == node).unwrap_or(0));
                    return Some(Cycle(path));
                }
                Some(_) => break,
                None => walks[node.index()] = Some(first),
            }
            path.push(node);
            here = controllers[node.index()];
        }
    }
    None
}

/// Spans and heights.
fn measured(
    controllers: &[Option<NodeId>],
    below: &[Vec<NodeId>],
    root: NodeId,
) -> (Vec<(usize, usize)>, Vec<u32>) {
    let mut order = Vec::new();
    let mut to_visit = vec![root];
    while let Some(node) = to_visit.pop() {
        order.push(node);
        to_visit.extend(&below[node.index()]);
    }
    let mut spans = vec![(0, 0); order.len()];
    let mut heights = vec![0; order.len()];
    for (place, node) in order.iter().enumerate() {
        spans[node.index()] = (place, place + 1);
    }
    // From the last on, so that all below a node come before it.
    for node in order.iter().rev() {
        let ((_, end), height) = (spans[node.index()], heights[node.index()]);
        if let Some(controller) = controllers[node.index()] {
            let (_, its_end) = &mut spans[controller.index()];
            *its_end = end.max(*its_end);
            let its_height = &mut heights[controller.index()];
            *its_height = (height + 1).max(*its_height);
        }
    }
    (spans, heights)
}

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
