//! The wait-for graph in plain numbers, and what each node knows of it.

use std::ops::RangeInclusive;

use rehearsal::machine::{NodeId, Time};
use rehearsal::protocol::deadlock::graph::WaitForGraph;
use rehearsal::protocol::resource::{RequestId, View, Wait};

use super::support::node;

/// For each process, the processes it waits for and how many of them it needs. Nodes count from 1.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    pub(crate) nodes: u32,
    pub(crate) waits: Vec<(u32, u32, Vec<u32>)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Model {
    And,
    Or,
}

pub(crate) const NOBODY: [u32; 0] = [];

impl Waits {
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

    /// Every node says which nodes it waits for, the numbers whose bits are set.
    pub(crate) fn of_masks(model: Model, masks: &[u32]) -> Self {
        let nodes = masks.len() as u32;
        let wait = |(from, mask): (u32, &u32)| {
            let targets: Vec<_> = (1..=nodes).filter(|to| mask & 1 << (to - 1) != 0).collect();
            (from, need(model, targets.len()), targets)
        };
        Self { nodes, waits: (1..).zip(masks).map(wait).collect() }
    }

    /// Each waits for the next, and the last for the first.
    pub(crate) fn ring(nodes: u32) -> Self {
        Self::of(Model::And, nodes, &ring(nodes))
    }

    /// The same, where each wait needs any number of those that it may.
    pub(crate) fn with_needs(&self, needs: fn(u32) -> RangeInclusive<u32>) -> Vec<Self> {
        let mut variants = vec![self.clone()];
        for (place, (_, _, targets)) in self.waits.iter().enumerate() {
            let with = |need| {
                variants.iter().cloned().map(move |mut variant| {
                    variant.waits[place].1 = need;
                    variant
                })
            };
            variants = needs(targets.len() as u32).flat_map(with).collect();
        }
        variants
    }

    pub(crate) fn graph(&self) -> WaitForGraph {
        let mut graph = WaitForGraph::new(self.nodes);
        for (from, need, targets) in &self.waits {
            graph.wait(node(*from), *need, requests(*from, targets)).expect("a wait as it may be");
        }
        graph
    }

    /// What a node knows once all requests have arrived: its own and those of
    /// others, each the first of its node. The higher the number, the older.
    pub(crate) fn view(&self, number: u32) -> View {
        let request = |by| RequestId { by: node(by), number: 1 };
        let mut view = View::default();
        for (from, need, targets) in &self.waits {
            if *from == number && *need > 0 {
                let open = targets.iter().map(|to| (node(*to), request(number))).collect();
                let since = Some(Time::from_nanos(u64::from(self.nodes - number)));
                view.wait = Some(Wait { need: *need, open, since });
            }
            let pending = targets.iter().filter(|to| **to == number);
            view.pending.extend(pending.map(|_| (node(*from), request(*from))));
        }
        view
    }
}

pub(crate) fn id(by: u32, number: u64) -> RequestId {
    RequestId { by: node(by), number }
}

/// Of a node that waits for one with this request, if for any, and for which one
/// waits with that request.
pub(crate) fn edges(open: Option<(u32, RequestId)>, pending: Option<(u32, RequestId)>) -> View {
    let edge = |(peer, id): (u32, RequestId)| (node(peer), id);
    let since = Some(Time::ZERO);
    let wait = |of| Wait { need: 1, open: vec![edge(of)], since };
    View { wait: open.map(wait), pending: pending.map(edge).into_iter().collect() }
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

/// Each waits for the next.
pub(crate) fn chain(nodes: u32) -> Vec<(u32, u32)> {
    (1..nodes).map(|from| (from, from + 1)).collect()
}

/// A chain of which the last waits for the first.
pub(crate) fn ring(nodes: u32) -> Vec<(u32, u32)> {
    [chain(nodes), vec![(nodes, 1)]].concat()
}

/// All wait for all others.
pub(crate) fn clique(nodes: u32) -> Vec<(u32, u32)> {
    let targets = |from| (1..=nodes).filter(move |&to| to != from).map(move |to| (from, to));
    (1..=nodes).flat_map(targets).collect()
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

/// All waits of so many nodes, none of which waits for itself.
pub(crate) fn every(model: Model, nodes: u32) -> impl Iterator<Item = Waits> {
    digraphs(nodes, false).map(move |masks| Waits::of_masks(model, &masks))
}
