use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::graph::{Diagnosis, Edge, WaitForGraph};
use crate::resource::RequestId;
use rehearsal_machine::NodeId;

/// The result of a detector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// The edges of the wait-for graph that were found, in the order of finding.
    pub edges: Vec<Edge>,
    /// Who needs fewer than all that it waits for, and how many.
    pub needs: Vec<(NodeId, u32)>,
    /// The deadlocked nodes, and why they are.
    pub diagnosis: Diagnosis,
    /// The nodes that wait for a silent node, for an unknown time; with that node.
    pub blocked_on: Vec<(NodeId, NodeId)>,
    /// The requests that are to be given up, so that the others can go on.
    pub victims: Vec<RequestId>,
}

impl Verdict {
    /// Whether all nodes that it names exist.
    pub(super) fn is_known(&self, nodes: u32) -> bool {
        let Diagnosis { deadlocked, on_cycle, behind, cycle } = &self.diagnosis;
        let lists = [deadlocked, on_cycle, behind, &cycle.0];
        let edges = self.edges.iter().flat_map(|edge| [edge.from, edge.to, edge.request.by]);
        let blocked = self.blocked_on.iter().flat_map(|(waiter, silent)| [*waiter, *silent]);
        let all = lists.into_iter().flatten().copied().chain(edges).chain(blocked);
        let all = all.chain(self.needs.iter().map(|(node, _)| *node));
        all.chain(self.victims.iter().map(|request| request.by)).all(|node| node.number() <= nodes)
    }

    /// Is there a deadlock?
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        !self.diagnosis.deadlocked.is_empty()
    }

    /// Which of this node's requests is to be given up, if one is.
    #[must_use]
    pub fn victim_of(&self, node: NodeId) -> Option<RequestId> {
        self.victims.iter().copied().find(|request| request.by == node)
    }

    /// This, found in such a graph.
    pub(super) fn of(graph: &WaitForGraph, diagnosis: Diagnosis) -> Self {
        let needs = graph.nodes().map(|node| (node, graph.need(node)));
        let edges: Vec<_> = graph.edges().collect();
        let is_fewer = |(node, need): &(NodeId, u32)| {
            *need > 0 && graph.edges_of(*node).count() != *need as usize
        };
        Self { needs: needs.filter(is_fewer).collect(), edges, diagnosis, ..Self::default() }
    }

    /// All that a node knows that sees nothing but its own edges: that it is
    /// deadlocked itself, perhaps on a cycle, and who is to give up for it.
    pub(super) fn of_one(node: NodeId, is_on_cycle: bool, victim: Option<RequestId>) -> Self {
        let deadlocked = vec![node];
        let on_cycle = if is_on_cycle { deadlocked.clone() } else { Vec::new() };
        let diagnosis = Diagnosis { deadlocked, on_cycle, ..Diagnosis::default() };
        Self { diagnosis, victims: victim.into_iter().collect(), ..Self::default() }
    }

    /// Is this all that a node can know that sees nothing but its own edges?
    pub(super) fn is_of_one(&self, node: NodeId) -> bool {
        self.edges.is_empty() && self.diagnosis.deadlocked == [node]
    }

    /// The wait-for graph of so many nodes, as far as it was found.
    #[must_use]
    pub fn graph(&self, nodes: u32) -> WaitForGraph {
        let mut waits: BTreeMap<NodeId, Vec<(NodeId, RequestId)>> = BTreeMap::new();
        for edge in &self.edges {
            waits.entry(edge.from).or_default().push((edge.to, edge.request));
        }
        let mut graph = WaitForGraph::new(nodes);
        for (node, edges) in waits {
            let all = u32::try_from(edges.len()).unwrap_or(u32::MAX);
            let given = self.needs.iter().find(|(other, _)| *other == node);
            // Who is not among the nodes was told of by a stranger.
            let _ = graph.wait(node, given.map_or(all, |(_, need)| *need), edges);
        }
        graph
    }

    /// What a user is shown of it: whose it is, the edges, a line for each, and
    /// what was found.
    #[must_use]
    pub fn as_told_by(&self, by: NodeId) -> impl fmt::Display {
        ToldBy(by, self)
    }

    /// The edges, a line for each: `1 3`. The paper's leader keeps them so, in
    /// its file `tpoint.txt`.
    #[must_use]
    pub fn edge_list(&self) -> impl fmt::Display {
        EdgeList(&self.edges)
    }
}

struct ToldBy<'a>(NodeId, &'a Verdict);

impl fmt::Display for ToldBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(by, verdict) = self;
        writeln!(f, "as {by} has it:")?;
        verdict.edges.iter().try_for_each(|edge| writeln!(f, "  {edge}"))?;
        verdict.fmt(f)
    }
}

struct EdgeList<'a>(&'a [Edge]);

impl fmt::Display for EdgeList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|edge| writeln!(f, "{} {}", edge.from.number(), edge.to.number()))
    }
}

/// In a line: `deadlock n1 -> n3 -> n1, behind it n2`, `no deadlock`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnosis { deadlocked, on_cycle, behind, cycle } = &self.diagnosis;
        if self.is_deadlock() {
            f.write_str("deadlock")?;
            if on_cycle.is_empty() && behind.is_empty() {
                // That is all that a node may know of itself.
                list(f, " of ", deadlocked)?;
            } else if cycle.is_empty() {
                list(f, " of ", on_cycle)?;
            } else {
                write!(f, " {cycle}")?;
                let others = on_cycle.iter().filter(|node| !cycle.contains(node));
                list(f, ", on cycles too ", others)?;
            }
            list(f, ", behind ", behind)?;
        } else {
            f.write_str("no deadlock")?;
        }
        for (waiter, silent) in &self.blocked_on {
            write!(f, "; {waiter} waits for {silent}, which is silent")?;
        }
        list(f, "; to be given up ", &self.victims)
    }
}

/// Nothing, if there is nothing to list.
fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    for (place, item) in items.into_iter().enumerate() {
        write!(f, "{}{item}", if place == 0 { head } else { ", " })?;
    }
    Ok(())
}
