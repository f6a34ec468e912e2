//! The true wait-for graph, seen by an observer of all nodes at once.
//!
//! An edge exists from the moment a request is made until it is granted, even
//! while the request or the grant is in flight (Chandy, Misra and Haas, 1983:
//! grey and black edges count, white ones do not). A lock that is lent waits for
//! its holder until the holder gives it back. A node that is down grants nothing
//! but may come back: a node that waits for it is not deadlocked.

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::graph::WaitForGraph;
use rehearsal_protocol::resource::{RequestId, View};
use rehearsal_sim::World;

use super::sites::{HasSite, participant};

/// The wait-for graph of the world. If `before` is given, the graph as it would be
/// if that node, which then had this view, had not given up with its last input.
pub(super) fn graph<M: HasSite>(world: &World<M>, before: Option<(NodeId, &View)>) -> WaitForGraph {
    let mut graph = WaitForGraph::new(u32::try_from(world.nodes().len()).unwrap_or(u32::MAX));
    let before_of = |node| before.filter(|(other, _)| *other == node).map(|(_, view)| view);
    for node in world.nodes() {
        let Some(participant) = participant(world, node) else { continue };
        let view = before_of(node).cloned().unwrap_or_else(|| participant.view());
        let Some(wait) = view.wait else { continue };
        let is_real = |(to, request): &(NodeId, RequestId)| {
            let was_owed = before_of(*to).is_some_and(|view| view.owes(node, *request));
            was_owed || party_owes(world, *to, node, *request, participant.lent().is_some())
        };
        let edges: Vec<_> = wait.open.iter().copied().filter(is_real).collect();
        let gone = u32::try_from(wait.open.len() - edges.len()).unwrap_or(u32::MAX);
        let need = wait.need.saturating_sub(gone);
        if need > 0 {
            let put_in = graph.wait(node, need, edges);
            debug_assert!(put_in.is_ok(), "a party waits for nobody but nodes: {put_in:?}");
        }
    }
    graph
}

/// Must this node act before the request is satisfied? It grants the request; or,
/// if the waiter is a lock that is lent, it gives the lock back, perhaps after it
/// has received it.
fn party_owes<M: HasSite>(
    world: &World<M>,
    node: NodeId,
    waiter: NodeId,
    request: RequestId,
    is_lent: bool,
) -> bool {
    let Some(participant) = participant(world, node) else { return false };
    if is_lent {
        let view = participant.view();
        view.awaits(waiter, request) || view.owes(waiter, request)
    } else {
        !participant.has_answered(request)
    }
}
