//! The wait-for graph that the reports of nodes make.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::graph::WaitForGraph;
use crate::resource::{RequestId, View};
use rehearsal_machine::{NodeId, mutant};

/// What a node has reported.
pub type Report<T> = (NodeId, T);

/// The wait-for graph of which both ends of every edge know, from one report of
/// each node at most. What only one end knows of has been granted, or will be,
/// as far as the reports tell; a silent node is free.
///
/// Takes time in proportion to what is reported, apart from the sorting of what
/// each node owes.
/// Views that name nodes beyond `nodes` are left out, as are second ones.
#[must_use]
pub fn confirmed<'a>(
    nodes: u32,
    reports: impl IntoIterator<Item = Report<&'a View>> + Clone,
) -> WaitForGraph {
    supposing(nodes, reports, |_| false)
}

/// The same, supposing that the nodes without a report for which `is_stuck` holds
/// never grant anything: every reported wait for one of them counts.
pub(super) fn supposing<'a>(
    nodes: u32,
    reports: impl IntoIterator<Item = Report<&'a View>> + Clone,
    is_stuck: impl Fn(NodeId) -> bool,
) -> WaitForGraph {
    let known = Known::of(nodes, reports.clone());
    let mut graph = WaitForGraph::new(nodes);
    for (waiter, view) in reports {
        let Some(wait) = &view.wait else { continue };
        let counts = |(holder, request): &(NodeId, _)| {
            known.has(*holder, waiter, *request) || is_stuck(*holder) || mutant!(OneTable)
        };
        let edges: Vec<_> = wait.open.iter().copied().filter(counts).collect();
        let granted = u32::try_from(wait.open.len() - edges.len()).unwrap_or(u32::MAX);
        let need =
            if mutant!(GrantsUncounted) { wait.need } else { wait.need.saturating_sub(granted) };
        if need > 0 {
            let _ = graph.wait(waiter, need, edges);
        }
    }
    for node in graph.nodes().filter(|node| is_stuck(*node)) {
        let _ = graph.wait(node, 1, []);
    }
    graph
}

/// Whether all nodes that it names exist.
pub(super) fn is_known(view: &View, nodes: u32) -> bool {
    let open = view.wait.iter().flat_map(|wait| &wait.open);
    open.chain(&view.pending).all(|(node, _)| node.number() <= nodes)
}

/// What each node owes, as it has reported itself.
struct Known {
    /// Where what a node owes begins and ends.
    ranges: Vec<Range<usize>>,
    /// Of one node after the other, each sorted.
    owed: Vec<(NodeId, RequestId)>,
}

impl Known {
    fn of<'a>(nodes: u32, reports: impl IntoIterator<Item = Report<&'a View>>) -> Self {
        let mut known = Self { ranges: vec![0..0; nodes as usize], owed: Vec::new() };
        for (holder, view) in reports {
            let Some(range) = known.ranges.get_mut(holder.index()) else { continue };
            if *range == (0..0) {
                *range = known.owed.len()..known.owed.len() + view.pending.len();
                known.owed.extend_from_slice(&view.pending);
                known.owed[range.clone()].sort_unstable();
            }
        }
        known
    }

    fn has(&self, holder: NodeId, waiter: NodeId, request: RequestId) -> bool {
        let range = self.ranges.get(holder.index()).cloned().unwrap_or_default();
        self.owed[range].binary_search(&(waiter, request)).is_ok()
    }
}
