//! What holds of leaders that have epochs, and of what they write.

use rehearsal_machine::{NodeId, Time};
use rehearsal_protocol::election::Election;
use rehearsal_sim::Violation;
use rehearsal_sim::source::TimeSpan;

use super::has_election::{HasElection, election_of};
use super::memory::{LastTwo, View};

/// Each epoch that a node leads in is its own, and later than those before.
pub(super) fn rise<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    let LastTwo { last: Some(last), before } = view.memory().past(node).led else { return Ok(()) };
    if last.leader != node {
        return Err(view.violation("a node leads in another one's epoch", || {
            format!("{node} leads in epoch {last}")
        }));
    }
    match before {
        Some(before) if before == last => Err(view.violation("an epoch was taken twice", || {
            format!("{node} leads in epoch {last} a second time")
        })),
        Some(before) if before > last => Err(view
            .violation("an epoch fell", || format!("{node} leads in epoch {last} after {before}"))),
        _ => Ok(()),
    }
}

/// The latest epoch that the node knows of is none before any that it has told of.
pub(super) fn kept<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    let hardened = match election_of(view, node) {
        Some(Election::Hardened(hardened)) => hardened,
        Some(_) => {
            return Err(view.violation("this form has no epochs that are kept", || {
                format!("{node} saves no epochs")
            }));
        }
        None => return Ok(()),
    };
    match (view.memory().past(node).latest, hardened.machine.latest()) {
        (Some(told), latest) if latest < Some(told) => {
            let latest = latest.map_or_else(|| "none".to_owned(), |latest| latest.to_string());
            Err(view.violation("a node has forgotten an epoch", || {
                format!("{node} has told of {told}, and knows of {latest} as the latest")
            }))
        }
        _ => Ok(()),
    }
}

/// Nobody else has led in the term in which the node has led last.
pub(super) fn one_leader_per_term<M: HasElection>(
    view: &View<'_, M>,
    node: NodeId,
) -> Result<(), Violation> {
    let Some(ours) = view.memory().past(node).led.last else { return Ok(()) };
    let leaders = view.memory().leaders(ours.counter);
    leaders.iter().find(|other| **other != node).map_or(Ok(()), |other| {
        Err(view.violation("two lead in one term", || {
            format!("{node} and {other} lead in term {}", ours.counter)
        }))
    })
}

/// From this time on no more epochs than these were taken or asked for.
pub(super) fn stable<M: HasElection>(
    since: TimeSpan,
    most: u32,
    view: &View<'_, M>,
) -> Result<(), Violation> {
    let epochs = view.memory().epochs_since(Time::from_nanos(since.as_nanos()));
    if epochs.len() <= most as usize {
        return Ok(());
    }
    Err(view.violation("epochs rise without end", || {
        let last =
            epochs.last().map_or_else(String::new, |(_, node)| format!(", the last by {node}"));
        let count = epochs.len();
        format!("epochs since {since}: {count}{last}, where {most} are allowed")
    }))
}

/// What a resource lets in is never older than what it let in before.
pub(super) fn writes_in_order<M: HasElection>(
    view: &View<'_, M>,
    node: NodeId,
) -> Result<(), Violation> {
    match election_of(view, node) {
        Some(Election::Hardened(hardened)) if hardened.machine.resource().is_some() => {}
        Some(_) => return no_resource(view, node),
        None => {}
    }
    match view.memory().past(node).admitted {
        LastTwo { last: Some(last), before: Some(before) } if last < before => Err(view
            .violation("a leader of the past could write", || {
                format!("{node} took a write of {last} after one of {before}")
            })),
        _ => Ok(()),
    }
}

/// A node that keeps a resource has refused a write.
pub(super) fn refused<M: HasElection>(view: &View<'_, M>) -> Result<(), Violation> {
    if view.nodes().any(|node| view.memory().past(node).has_refused) {
        return Ok(());
    }
    let keeps = |node: &NodeId| match election_of(view, *node) {
        Some(Election::Hardened(hardened)) => hardened.machine.resource().is_some(),
        Some(_) => false,
        None => true,
    };
    if !view.nodes().all(|node| keeps(&node)) {
        return Err("nobody keeps a resource".into());
    }
    Err(view.violation("no write was refused", || {
        let leads = |node: NodeId| {
            let epoch = view.memory().past(node).led.last?;
            Some(format!("{node} has led in epoch {epoch}, and every write was let in"))
        };
        let led: Vec<_> = view.nodes().filter_map(leads).collect();
        if led.is_empty() { "no node has led".to_owned() } else { led.join("\n") }
    }))
}

fn no_resource<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    Err(view.violation("nobody keeps a resource", || format!("{node} knows of none to write to")))
}

/// The node has not become the leader more often than this.
pub(super) fn leads_at_most<M: HasElection>(
    most: u32,
    view: &View<'_, M>,
    node: NodeId,
) -> Result<(), Violation> {
    let times = view.memory().past(node).leads;
    if times <= u64::from(most) {
        return Ok(());
    }
    Err(view.violation("a node took the lead too often", || {
        format!("{node} has taken the lead {times} times")
    }))
}
