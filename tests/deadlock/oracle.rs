//! Who is dead in a graph, found out in the simplest way there is; and all small
//! graphs.

use std::collections::BTreeSet;

use petgraph::graph::DiGraph;
use rehearsal_machine::NodeId;
use rehearsal_protocol::resource::{RequestId, View, Wait};

use super::drive::n;

/// Who waits for whom: for each node from n1 how many it needs, and of whom.
pub(super) type Waits = Vec<(u32, Vec<NodeId>)>;

/// Whoever is not free, where round by round all get free that need no more than
/// those that are free already.
pub(super) fn dead(waits: &Waits) -> BTreeSet<NodeId> {
    let mut free = BTreeSet::new();
    loop {
        let gets_free = |(_, (need, of)): &(NodeId, &(u32, Vec<NodeId>))| {
            of.iter().filter(|node| free.contains(*node)).count() >= *need as usize
        };
        let next: BTreeSet<NodeId> = all(waits).filter(gets_free).map(|(node, _)| node).collect();
        if next == free {
            return all(waits).map(|(node, _)| node).filter(|node| !free.contains(node)).collect();
        }
        free = next;
    }
}

fn all(waits: &Waits) -> impl Iterator<Item = (NodeId, &(u32, Vec<NodeId>))> {
    (1..).map(n).zip(waits)
}

/// Where everybody needs all: those from which a cycle can be reached.
pub(super) fn reaches_a_cycle(waits: &Waits) -> BTreeSet<NodeId> {
    let edges = all(waits)
        .flat_map(|(node, (_, of))| of.iter().map(move |to| (node.number() - 1, to.number() - 1)));
    let mut graph = DiGraph::<(), ()>::from_edges(edges);
    while graph.node_count() < waits.len() {
        graph.add_node(());
    }
    let on_cycle: Vec<_> = petgraph::algo::tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1)
        .flatten()
        .collect();
    let reaches = |from| {
        on_cycle.iter().any(|to| petgraph::algo::has_path_connecting(&graph, from, *to, None))
    };
    graph
        .node_indices()
        .filter(|node| reaches(*node))
        .map(|node| NodeId::from_index(node.index()))
        .collect()
}

/// What each node knows once all requests have arrived.
pub(super) fn views(waits: &Waits) -> Vec<View> {
    let mut views = vec![View::default(); waits.len()];
    for (node, (need, of)) in all(waits) {
        let request = RequestId { by: node, number: 1 };
        for to in of {
            views[to.index()].pending.push((node, request));
        }
        if *need > 0 {
            let open = of.iter().map(|to| (*to, request)).collect();
            views[node.index()].wait = Some(Wait { need: *need, open, since: None });
        }
    }
    views
}

/// Every graph of so many nodes without loops; `need` says how many a node needs
/// of so many.
pub(super) fn every_graph(nodes: u32, need: impl Fn(u32) -> u32) -> impl Iterator<Item = Waits> {
    let pairs: Vec<_> = (1..=nodes)
        .flat_map(|from| (1..=nodes).filter(move |to| *to != from).map(move |to| (from, to)))
        .collect();
    (0..1_u64 << pairs.len()).map(move |mask| {
        let mut waits = vec![(0, Vec::new()); nodes as usize];
        for (place, (from, to)) in pairs.iter().enumerate() {
            if mask >> place & 1 == 1 {
                waits[*from as usize - 1].1.push(n(*to));
            }
        }
        for (needed, of) in &mut waits {
            *needed = need(of.len() as u32);
        }
        waits
    })
}

/// Every graph with everything that its nodes can need.
pub(super) fn every_need(nodes: u32) -> impl Iterator<Item = Waits> {
    every_graph(nodes, |of| of).flat_map(|waits| {
        let mut variants = vec![waits.clone()];
        for (place, (_, of)) in waits.iter().enumerate() {
            let needs = 1..=of.len().max(1) as u32;
            variants = needs
                .flat_map(|need| {
                    let mut variants = variants.clone();
                    for waits in &mut variants {
                        waits[place].0 = need.min(waits[place].1.len() as u32);
                    }
                    variants
                })
                .collect();
        }
        variants
    })
}

pub(super) fn and(of: u32) -> u32 {
    of
}

pub(super) fn or(of: u32) -> u32 {
    of.min(1)
}
