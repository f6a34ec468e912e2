use std::time::Duration;

use rehearsal_machine::{NodeId, Time};
use rehearsal_protocol::deadlock::Site;
use rehearsal_protocol::deadlock::graph::WaitForGraph;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Answer, Question, Violation};
use serde::Deserialize;

use super::memory::Memory;
use super::sites::{HasSite, participant, site_of};
use super::truth::graph;
use crate::shipped::election::{self, HasElection};

/// The properties of nodes that wait for each other. A node that is down waits
/// for nothing, and a node that waits for it is not deadlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// Every node that is found to be deadlocked is deadlocked at that moment.
    NoPhantom,
    /// The latest step of some node found a node deadlocked that is not.
    PhantomFound,
    /// Every node that has been deadlocked for this long is named by the latest verdict
    /// that a live node found or knows of. The time counts from the request that
    /// completed the deadlock.
    AllReported(TimeSpan),
    /// Of the nodes that have waited for each other in a cycle for this long, at
    /// least one is named by a verdict.
    CyclesReported(TimeSpan),
    /// A node is deadlocked.
    SomebodyDeadlocked,
    /// No node is deadlocked.
    NobodyDeadlocked,
    /// Every node that is up knows a verdict, and its latest one is that there is a
    /// deadlock.
    KnownDeadlocked,
    /// Every node that is up knows a verdict, and its latest one is that there is no
    /// deadlock.
    KnownFree,
    /// No process waits.
    NobodyWaits,
    /// Every node that has given up its request was deadlocked right before.
    VictimsDeadlocked,
    /// Every node that has given up its request while it was deadlocked was on a cycle, and not
    /// merely behind one.
    VictimsOnCycle,
    /// No node still knows as the latest verdict one of its own that names a node which has not been
    /// deadlocked for longer than this: verdicts are replaced or withdrawn.
    NoStaleVerdict(TimeSpan),
    /// A lock is held by at most one node, the one to which it is lent.
    OneHolder,
    /// A property of the election of the leader.
    Election(election::Fact),
}

/// The world, and what the facts remember of its past.
type View<'a, M> = rehearsal_sim::View<'a, M, Memory>;

pub(crate) fn holds<M: HasSite + HasElection>(
    fact: Fact,
    question: Question<'_, M, Memory>,
) -> Answer {
    match fact {
        Fact::NoPhantom => question.of_every_node(no_phantom),
        Fact::PhantomFound => question.of_some_node("no phantom is found", |view, node| {
            view.memory().phantom(node).is_some()
        }),
        Fact::AllReported(within) => {
            question.of_world(|view| all_reported(view, within.as_duration()))
        }
        Fact::CyclesReported(within) => {
            question.of_world(|view| cycles_reported(view, within.as_duration()))
        }
        Fact::SomebodyDeadlocked => question.of_world(somebody_deadlocked),
        Fact::NobodyDeadlocked => question.of_world(nobody_deadlocked),
        Fact::KnownDeadlocked => question.of_every_node(|view, node| known(view, node, true)),
        Fact::KnownFree => question.of_every_node(|view, node| known(view, node, false)),
        Fact::NobodyWaits => question.of_every_node(nobody_waits),
        Fact::VictimsDeadlocked => question.of_every_node(victims_deadlocked),
        Fact::VictimsOnCycle => question.of_every_node(victims_on_cycle),
        Fact::NoStaleVerdict(within) => {
            question.of_world(|view| no_stale_verdict(view, within.as_duration()))
        }
        Fact::OneHolder => question.of_every_node(one_holder),
        Fact::Election(fact) => election::holds(fact, question.part(|memory| &memory.election)),
    }
}

fn somebody_deadlocked<M: HasSite>(view: &View<'_, M>) -> Result<(), Violation> {
    let graph = graph(view, None);
    if !graph.deadlocked().is_empty() {
        return Ok(());
    }
    Err(view.violation("nobody is deadlocked", || {
        let waits = |node: NodeId| {
            let peers: Vec<_> = graph.edges_of(node).map(|edge| edge.to.to_string()).collect();
            (!peers.is_empty()).then(|| format!("{node} waits for {}", peers.join(", ")))
        };
        let waits: Vec<_> = view.nodes().filter_map(waits).collect();
        if waits.is_empty() { "nobody waits".to_owned() } else { waits.join("\n") }
    }))
}

fn no_phantom<M: HasSite>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    let Some(phantom) = view.memory().phantom(node) else { return Ok(()) };
    Err(view.violation("a deadlock was found that is none", || {
        let found = site_of(view, node).map(Site::found).unwrap_or_default();
        let verdict = found.iter().find(|verdict| verdict.diagnosis.deadlocked.contains(&phantom));
        let verdict = verdict.map_or_else(String::new, ToString::to_string);
        format!("{node} finds {verdict}, but {phantom} is not deadlocked")
    }))
}

/// Has a verdict that any node found or heard of since then named this node?
fn is_named<M: HasSite>(view: &View<'_, M>, node: NodeId, since: Time) -> bool {
    view.nodes().any(|by| view.memory().is_named(view, by, node, since))
}

/// When the last of these nodes began to wait.
fn closed<M: HasSite>(view: &View<'_, M>, nodes: &[NodeId]) -> Time {
    nodes.iter().filter_map(|node| view.memory().waits_since(*node)).max().unwrap_or_default()
}

fn all_reported<M: HasSite>(view: &View<'_, M>, within: Duration) -> Result<(), Violation> {
    let truth = graph(view, None);
    let deadlocked = truth.deadlocked();
    for node in &deadlocked {
        let concerned = reached(&truth, *node, &deadlocked);
        let since = closed(view, &concerned);
        if view.now() > since + within && !is_named(view, *node, since) {
            return Err(view.violation("a deadlock was missed", || {
                format!("{node} has been deadlocked since {since}ms, and no verdict names it")
            }));
        }
    }
    Ok(())
}

/// This node and the deadlocked nodes that it waits for, directly or indirectly.
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

fn cycles_reported<M: HasSite>(view: &View<'_, M>, within: Duration) -> Result<(), Violation> {
    let truth = graph(view, None);
    let deadlocked = truth.deadlocked();
    for component in truth.components() {
        let is_dead = component.iter().all(|node| deadlocked.contains(node));
        let since = closed(view, &component);
        let is_overdue = is_dead && view.now() > since + within;
        if is_overdue && !component.iter().any(|node| is_named(view, *node, since)) {
            let names: Vec<_> = component.iter().map(NodeId::to_string).collect();
            let names = names.join(", ");
            return Err(view.violation("a deadlock was missed", || {
                format!("no verdict names any of {names}, deadlocked since {since}ms")
            }));
        }
    }
    Ok(())
}

fn nobody_deadlocked<M: HasSite>(view: &View<'_, M>) -> Result<(), Violation> {
    match graph(view, None).deadlocked().as_slice() {
        [] => Ok(()),
        [node] => Err(view.violation("somebody is deadlocked", || format!("{node} is deadlocked"))),
        nodes => Err(view.violation("somebody is deadlocked", || {
            let names: Vec<_> = nodes.iter().map(NodeId::to_string).collect();
            format!("{} are deadlocked", names.join(", "))
        })),
    }
}

fn known<M: HasSite>(view: &View<'_, M>, node: NodeId, deadlocked: bool) -> Result<(), Violation> {
    let Some(site) = site_of(view, node) else { return Ok(()) };
    match site.latest() {
        Some((_, verdict)) if verdict.is_deadlock() == deadlocked => Ok(()),
        Some((by, verdict)) => Err(view.violation("a node knows another verdict", || {
            format!("{node} knows {by}'s verdict: {verdict}")
        })),
        None => {
            Err(view.violation("a node knows no verdict", || format!("{node} knows no verdict")))
        }
    }
}

fn nobody_waits<M: HasSite>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    match participant(view, node).filter(|participant| participant.is_in_need()) {
        None => Ok(()),
        Some(participant) => {
            let awaited = participant.awaited().next();
            let awaited = awaited.map_or_else(|| "its turn".to_owned(), |node| node.to_string());
            Err(view.violation("somebody waits", || format!("{node} waits for {awaited}")))
        }
    }
}

fn victims_deadlocked<M: HasSite>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    if !view.memory().is_needless_victim(node) {
        return Ok(());
    }
    Err(view.violation("a node gave up that was not deadlocked", || {
        format!("{node} gave up its request and was not deadlocked")
    }))
}

fn victims_on_cycle<M: HasSite>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    if !view.memory().is_victim_behind(node) {
        return Ok(());
    }
    Err(view.violation("a node behind a cycle gave up", || {
        format!("{node} gave up its request, and was on no cycle")
    }))
}

fn no_stale_verdict<M: HasSite>(view: &View<'_, M>, within: Duration) -> Result<(), Violation> {
    let Some((finder, named)) = view.memory().stale_verdict(view.now(), within) else {
        return Ok(());
    };
    Err(view.violation("a verdict has outlived its deadlock", || {
        format!("{finder} still names {named}, which has long ceased to be deadlocked")
    }))
}

fn one_holder<M: HasSite>(view: &View<'_, M>, changed: NodeId) -> Result<(), Violation> {
    let of_lock = |lock: NodeId, holder: NodeId, number: u64| {
        let Some(participant) = participant(view, lock) else { return Ok(()) };
        let lent = participant.lent();
        if lent.is_some_and(|request| (request.by, request.number) == (holder, number)) {
            return Ok(());
        }
        let borrower = lent.map_or_else(|| "nobody".to_owned(), |request| request.by.to_string());
        Err(view.violation("a node holds a lock that is not lent to it", || {
            format!("{holder} holds {lock}, which is lent to {borrower}")
        }))
    };
    for holder in view.nodes() {
        let Some(participant) = participant(view, holder) else { continue };
        for (lock, number) in participant.held() {
            if holder == changed || lock == changed {
                of_lock(lock, holder, number)?;
            }
        }
    }
    Ok(())
}
