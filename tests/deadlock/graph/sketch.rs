//! Graphs as tests write them, in plain numbers.

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::graph::WaitForGraph;
use rehearsal::protocol::resource::RequestId;

use crate::support::node;

/// Who waits for how many of whom. Nodes count from 1.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) nodes: u32,
    pub(crate) waits: Vec<(u32, u32, Vec<u32>)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Model {
    And,
    Or,
}

pub(crate) const NOBODY: [u32; 0] = [];

impl Sketch {
    /// Waits in the order in which their nodes are first named.
    pub(crate) fn of(model: Model, nodes: u32, edges: &[(u32, u32)]) -> Self {
        let mut waits: Vec<(u32, u32, Vec<u32>)> = Vec::new();
        for &(from, to) in edges {
            match waits.iter_mut().find(|wait| wait.0 == from) {
                Some(wait) => wait.2.push(to),
                None => waits.push((from, 1, vec![to])),
            }
        }
        for wait in &mut waits {
            wait.1 = need(model, wait.2.len());
        }
        Self { nodes, waits }
    }

    /// Every node says whom it waits for, the numbers whose bits are set.
    pub(crate) fn of_masks(model: Model, masks: &[u32]) -> Self {
        let nodes = masks.len() as u32;
        let wait = |(from, mask): (u32, &u32)| {
            let targets: Vec<_> = (1..=nodes).filter(|to| mask & 1 << (to - 1) != 0).collect();
            (from, need(model, targets.len()), targets)
        };
        Self { nodes, waits: (1..).zip(masks).map(wait).collect() }
    }

    pub(crate) fn graph(&self) -> WaitForGraph {
        let mut graph = WaitForGraph::new(self.nodes);
        for (from, need, targets) in &self.waits {
            graph.wait(node(*from), *need, requests(*from, targets)).expect("a wait as it may be");
        }
        graph
    }
}

fn need(model: Model, requests: usize) -> u32 {
    match model {
        Model::And => requests as u32,
        Model::Or => requests.min(1) as u32,
    }
}

/// A node's first requests, each of one of these.
pub(crate) fn requests(
    by: u32,
    targets: &[u32],
) -> impl Iterator<Item = (NodeId, RequestId)> + use<> {
    let targets: Vec<_> = targets.iter().map(|to| node(*to)).collect();
    (1..).zip(targets).map(move |(number, to)| (to, RequestId { by: node(by), number }))
}

pub(crate) fn numbers(nodes: &[NodeId]) -> Vec<u32> {
    nodes.iter().map(|node| node.number()).collect()
}

pub(crate) fn lists(lists: &[Vec<NodeId>]) -> Vec<Vec<u32>> {
    lists.iter().map(|list| numbers(list)).collect()
}

/// All digraphs of so many nodes, as the masks of their targets.
pub(crate) fn digraphs(nodes: u32, with_loops: bool) -> impl Iterator<Item = Vec<u32>> {
    let each = if with_loops { nodes } else { nodes - 1 };
    let masks = move |code: u64| {
        (0..nodes)
            .map(move |node| {
                let mask = (code >> (node * each)) as u32 & ((1 << each) - 1);
                let below = mask & ((1 << node) - 1);
                if with_loops { mask } else { below | (mask ^ below) << 1 }
            })
            .collect()
    };
    (0..1_u64 << (nodes * each)).map(masks)
}
