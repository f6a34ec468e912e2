use alloc::vec::Vec;

use crate::deadlock::graph::WaitForGraph;
use crate::resource::View;
use crate::{NodeId, mutant};

/// What a node has reported.
pub type Report<T> = (NodeId, T);

/// The wait-for graph of which both ends of every edge know, from one report of
/// each node at most. What only one end knows of has been granted, or will be,
/// as far as anybody can tell; a node that is silent is free.
///
/// Takes time in proportion to what is reported, but for the sorting of it.
/// Views that name nodes beyond `nodes` are left out, as are second ones.
#[must_use]
pub fn confirmed<'a>(
    nodes: u32,
    reports: impl IntoIterator<Item = (NodeId, &'a View)> + Clone,
) -> WaitForGraph {
    let mut known: Vec<_> = Vec::new();
    for (holder, view) in reports.clone() {
        known.extend(view.pending.iter().map(|(waiter, request)| (holder, *waiter, *request)));
    }
    known.sort_unstable();
    let mut graph = WaitForGraph::new(nodes);
    for (waiter, view) in reports {
        let Some(wait) = &view.wait else { continue };
        let is_known = |(holder, request): &(NodeId, _)| {
            known.binary_search(&(*holder, waiter, *request)).is_ok() || mutant!(OneTable)
        };
        let edges: Vec<_> = wait.open.iter().copied().filter(is_known).collect();
        let unknown = u32::try_from(wait.open.len() - edges.len()).unwrap_or(u32::MAX);
        let need = wait.need.saturating_sub(unknown);
        if need > 0 {
            let _ = graph.wait(waiter, need, edges);
        }
    }
    graph
}
