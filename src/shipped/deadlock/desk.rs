//! What the page of a node that needs resources shows beside the window.

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::Site;
use rehearsal_protocol::election::Elector;
use rehearsal_sim::{Desk, Offer};

/// What this node knows of resources and deadlocks.
pub(crate) fn desk(me: NodeId, site: &Site) -> Desk {
    let participant = site.participant();
    let mut desk = Desk::default();
    desk.leader = site.election().and_then(Elector::leader);
    let listed = |nodes: Vec<NodeId>| {
        let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    let lists = [
        ("holds", participant.held().map(|(node, _)| node).collect()),
        ("asked for", participant.awaited().collect()),
        ("lent to", participant.lent().map(|request| request.by).into_iter().collect()),
    ];
    let full = lists.into_iter().filter(|(_, nodes): &(_, Vec<_>)| !nodes.is_empty());
    desk.facts.extend(full.map(|(name, nodes)| (name.to_owned(), listed(nodes))));
    desk.waits = participant.awaited().map(|peer| (me, peer)).collect();
    if let Some((by, verdict)) = site.latest() {
        desk.waits.extend(verdict.edges.iter().map(|edge| (edge.from, edge.to)));
        if verdict.is_deadlock() {
            desk.cycle.clone_from(&verdict.diagnosis.cycle.0);
            let deadlocked = listed(verdict.diagnosis.deadlocked.clone());
            desk.facts.push(("deadlock".to_owned(), format!("{deadlocked}, found by {by}")));
            let victims: Vec<_> = verdict.victims.iter().map(|request| request.by).collect();
            if !victims.is_empty() {
                desk.facts.push(("to give up".to_owned(), listed(victims)));
            }
        }
    }
    desk.waits.sort_unstable();
    desk.waits.dedup();
    desk.offers = offers();
    desk
}

/// What the owner can do, as scenario files write it.
pub(crate) fn offers() -> Vec<Offer> {
    vec![
        Offer::new("Ask for what a node has", "Request(of: [{node}])"),
        Offer::new("Give everything back", "Release"),
        Offer::new("Ask no longer", "Cancel"),
        Offer::new("Look for a deadlock", "Check"),
    ]
}
