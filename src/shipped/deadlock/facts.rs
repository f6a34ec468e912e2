use std::time::Duration;

use rehearsal_machine::{NodeId, Time};
use rehearsal_protocol::deadlock::graph::WaitForGraph;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Violation, World};
use serde::Deserialize;

use super::sites::{HasSite, participant, site_of};
use super::truth::graph;
use crate::shipped::election::{self, Elects};

/// What can be expected of nodes that wait for each other. A node that is down
/// waits for nothing, and nobody is deadlocked who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// Whoever is found to be deadlocked is, at that moment.
    NoPhantom,
    /// Somebody is found to be deadlocked who is not.
    PhantomFound,
    /// Whoever has been deadlocked for so long, counted from the last of all
    /// requests that make it so, is named by a verdict.
    AllReported(TimeSpan),
    /// Of nodes that have waited for each other in circles for so long, one is
    /// named by a verdict.
    CyclesReported(TimeSpan),
    /// Somebody is deadlocked.
    SomebodyDeadlocked,
    /// Nobody is deadlocked.
    NobodyDeadlocked,
    /// All nodes that are up know of a verdict, and it is that there is a deadlock.
    KnownDeadlocked,
    /// All nodes that are up know of a verdict, and it is that there is none.
    KnownFree,
    /// Nobody waits.
    NobodyWaits,
    /// Whoever gives up was deadlocked.
    VictimsDeadlocked,
    /// A lock is held by one node at most, the one to which it is lent.
    OneHolder,
    /// What can be expected of the election of the leader.
    Election(election::Fact),
}

pub(crate) fn holds<M: HasSite + Elects>(
    fact: Fact,
    world: &World<M>,
    changed: NodeId,
) -> Result<(), Violation> {
    match fact {
        Fact::NoPhantom => no_phantom(world, changed),
        Fact::PhantomFound if no_phantom(world, changed).is_err() => Ok(()),
        Fact::PhantomFound => {
            Err(Violation::new("no phantom is found", "whoever is found to be deadlocked is"))
        }
        Fact::AllReported(within) => all_reported(world, within.as_duration()),
        Fact::CyclesReported(within) => cycles_reported(world, within.as_duration()),
        Fact::SomebodyDeadlocked if graph(world, None).deadlocked().is_empty() => {
            Err(Violation::new("nobody is deadlocked", "nobody is deadlocked"))
        }
        Fact::SomebodyDeadlocked => Ok(()),
        Fact::NobodyDeadlocked => nobody_deadlocked(world),
        Fact::KnownDeadlocked => known(world, changed, true),
        Fact::KnownFree => known(world, changed, false),
        Fact::NobodyWaits => nobody_waits(world, changed),
        Fact::VictimsDeadlocked => victims_deadlocked(world, changed),
        Fact::OneHolder => one_holder(world, changed),
        Fact::Election(fact) => election::holds(fact, world, changed),
    }
}

fn no_phantom<M: HasSite>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    let Some(site) = site_of(world, node).filter(|site| !site.found().is_empty()) else {
        return Ok(());
    };
    let truth = graph(world, None).deadlocked();
    for verdict in site.found() {
        let mut named = verdict.diagnosis.deadlocked.iter();
        if let Some(phantom) = named.find(|named| !truth.contains(named)) {
            let detail = format!("{node} finds {verdict}, but {phantom} is not deadlocked");
            return Err(Violation::new("a deadlock was found that is none", detail));
        }
    }
    Ok(())
}

/// Whether it is named by a verdict that any node has found or heard of since then.
fn is_named<M: HasSite>(world: &World<M>, node: NodeId, since: Time) -> bool {
    world.nodes().filter_map(|other| site_of(world, other)).any(|site| site.names(node, since))
}

/// When the last of these began to wait.
fn closed<M: HasSite>(world: &World<M>, nodes: &[NodeId]) -> Time {
    let since = |node: &NodeId| participant(world, *node)?.blocked_since();
    nodes.iter().filter_map(since).max().unwrap_or_default()
}

fn all_reported<M: HasSite>(world: &World<M>, within: Duration) -> Result<(), Violation> {
    let truth = graph(world, None);
    let deadlocked = truth.deadlocked();
    for node in &deadlocked {
        let concerned = reached(&truth, *node, &deadlocked);
        let since = closed(world, &concerned);
        if world.now() > since + within && !is_named(world, *node, since) {
            let detail =
                format!("{node} has been deadlocked since {since}ms, and no verdict names it");
            return Err(Violation::new("a deadlock was missed", detail));
        }
    }
    Ok(())
}

/// Those of the deadlocked that it waits for, directly or through others, and
/// itself.
fn reached(graph: &WaitForGraph, from: NodeId, deadlocked: &[NodeId]) -> Vec<NodeId> {
    let mut found = vec![from];
    let mut next = 0;
    while let Some(node) = found.get(next).copied() {
        next += 1;
        for edge in graph.edges_of(node) {
            if deadlocked.contains(&edge.to) && !found.contains(&edge.to) {
                found.push(edge.to);
            }
        }
    }
    found
}

fn cycles_reported<M: HasSite>(world: &World<M>, within: Duration) -> Result<(), Violation> {
    let truth = graph(world, None);
    let deadlocked = truth.deadlocked();
    for component in truth.components() {
        let is_dead = component.iter().all(|node| deadlocked.contains(node));
        let since = closed(world, &component);
        let is_overdue = is_dead && world.now() > since + within;
        if is_overdue && !component.iter().any(|node| is_named(world, *node, since)) {
            let names: Vec<_> = component.iter().map(NodeId::to_string).collect();
            let names = names.join(", ");
            let detail = format!("no verdict names any of {names}, deadlocked since {since}ms");
            return Err(Violation::new("a deadlock was missed", detail));
        }
    }
    Ok(())
}

fn nobody_deadlocked<M: HasSite>(world: &World<M>) -> Result<(), Violation> {
    match graph(world, None).deadlocked().first() {
        None => Ok(()),
        Some(node) => {
            Err(Violation::new("somebody is deadlocked", format!("{node} is deadlocked")))
        }
    }
}

fn known<M: HasSite>(world: &World<M>, node: NodeId, deadlocked: bool) -> Result<(), Violation> {
    let Some(site) = site_of(world, node) else { return Ok(()) };
    let (reason, detail) = match site.latest() {
        Some((_, verdict)) if verdict.is_deadlock() == deadlocked => return Ok(()),
        Some((by, verdict)) => {
            ("a node knows another verdict", format!("{node} knows {by}'s verdict: {verdict}"))
        }
        None => ("a node knows no verdict", format!("{node} knows no verdict")),
    };
    Err(Violation::new(reason, detail))
}

fn nobody_waits<M: HasSite>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    match participant(world, node).filter(|participant| participant.is_in_need()) {
        None => Ok(()),
        Some(participant) => {
            let whom = participant.awaited().next();
            let whom = whom.map_or_else(|| "its turn".to_owned(), |whom| whom.to_string());
            Err(Violation::new("somebody waits", format!("{node} waits for {whom}")))
        }
    }
}

fn victims_deadlocked<M: HasSite>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    let Some(before) = site_of(world, node).and_then(|site| site.aborted()) else { return Ok(()) };
    if graph(world, Some((node, before))).deadlocked().contains(&node) {
        return Ok(());
    }
    let detail = format!("{node} gives up, and was not deadlocked");
    Err(Violation::new("somebody gives up who need not", detail))
}

fn one_holder<M: HasSite>(world: &World<M>, changed: NodeId) -> Result<(), Violation> {
    let of_lock = |lock: NodeId, holder: NodeId, number: u64| {
        let Some(participant) = participant(world, lock) else { return Ok(()) };
        let lent = participant.lent();
        if lent.is_some_and(|request| (request.by, request.number) == (holder, number)) {
            return Ok(());
        }
        let whom = lent.map_or_else(|| "nobody".to_owned(), |request| request.by.to_string());
        let detail = format!("{holder} holds {lock}, which is lent to {whom}");
        Err(Violation::new("a lock is held by somebody to whom it is not lent", detail))
    };
    for holder in world.nodes() {
        let Some(participant) = participant(world, holder) else { continue };
        for (lock, number) in participant.held() {
            if holder == changed || lock == changed {
                of_lock(lock, holder, number)?;
            }
        }
    }
    Ok(())
}
