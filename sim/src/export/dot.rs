use std::collections::{BTreeMap, BTreeSet};
use std::io;

use rehearsal_machine::{NodeId, Time};

use crate::protocol::Lane;
use crate::trace::{EventKind, Trace, Waiting};

/// Nodes that wait for nobody are drawn, too, if there are not more nodes than this.
const MOST_IDLE: usize = 32;

/// Writes the wait-for graph of so many nodes at an instant, after all that happened then, as DOT.
/// The history of the graph is that of [`Outcome::waits`](crate::Outcome::waits); roles are read
/// from the trace. What lies on a cycle is red: whether a cycle is a deadlock depends on how many
/// of those that it waits for a node needs.
///
/// # Errors
/// If the place cannot be written to.
pub fn dot(
    (events, waits): (&Trace, &[Waiting]),
    nodes: usize,
    at: Time,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut edges: BTreeMap<NodeId, &[NodeId]> = BTreeMap::new();
    for waiting in waits.iter().take_while(|waiting| waiting.at <= at) {
        edges.insert(waiting.node, &waiting.on);
    }
    let mut lanes: BTreeMap<NodeId, Lane> = BTreeMap::new();
    for event in events.iter().take_while(|event| event.at <= at) {
        if let EventKind::Role { node, lane } = event.what {
            lanes.insert(node, lane);
        }
    }
    let awaited =
        edges.iter().flat_map(|(node, on)| on.iter().chain((!on.is_empty()).then_some(node)));
    let mut shown: BTreeSet<NodeId> = awaited.copied().collect();
    if nodes <= MOST_IDLE {
        shown.extend((0..nodes).map(NodeId::from_index));
    }
    let parts = parts(&edges);
    let is_on_cycle = |from: &NodeId, to: &NodeId| {
        parts.get(from).is_some_and(|part| parts.get(to) == Some(part))
    };
    writeln!(out, "digraph waits {{")?;
    writeln!(out, "    label=\"which node waits for which, at {at}ms\";")?;
    writeln!(out, "    node [shape=circle];")?;
    for node in &shown {
        let lane = lanes.get(node).map_or(String::new(), |lane| format!("\\n{}", quoted(*lane)));
        let on = edges.get(node).copied().unwrap_or_default();
        let color = if on.iter().any(|to| is_on_cycle(node, to)) { ", color=red" } else { "" };
        writeln!(out, "    {node} [label=\"{node}{lane}\"{color}];")?;
    }
    for (from, on) in &edges {
        for to in *on {
            let color = if is_on_cycle(from, to) { " [color=red]" } else { "" };
            writeln!(out, "    {from} -> {to}{color};")?;
        }
    }
    writeln!(out, "}}")
}

/// A role as a part of a quoted text.
fn quoted(lane: Lane) -> String {
    let text = rehearsal_machine::printable(&lane.to_string()).into_owned();
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// For each node that has edges the strongly connected part of the graph that it belongs to
/// (Kosaraju, after Sharir 1981): two nodes of one part are on a cycle.
fn parts(edges: &BTreeMap<NodeId, &[NodeId]>) -> BTreeMap<NodeId, usize> {
    let mut back: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for (from, on) in edges {
        for to in *on {
            back.entry(*to).or_default().push(*from);
        }
    }
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for start in edges.keys() {
        // A node is left once all that it leads to is.
        let mut open = vec![(*start, false)];
        while let Some((node, is_left)) = open.pop() {
            if is_left {
                order.push(node);
            } else if seen.insert(node) {
                open.push((node, true));
                open.extend(
                    edges.get(&node).copied().unwrap_or_default().iter().map(|to| (*to, false)),
                );
            }
        }
    }
    let mut parts = BTreeMap::new();
    for (part, start) in order.into_iter().rev().enumerate() {
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            if let std::collections::btree_map::Entry::Vacant(place) = parts.entry(node) {
                place.insert(part);
                open.extend(back.get(&node).into_iter().flatten());
            }
        }
    }
    parts
}
