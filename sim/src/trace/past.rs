use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::linker::is_of_fault;
use super::{Event, EventKind, Trace};

/// What happened before an event (Lamport 1978): what its node had done and met, what the senders
/// of the messages that had reached it had done and met, and so on. What is not in it cannot have
/// contributed to the event, unless by its absence: a message that never came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Past {
    /// The numbers of the events that happened before it, in order, as far as they are kept.
    pub before: Vec<u64>,
    /// The ways from what came from outside to the event, the shortest first: from faults and
    /// commands, and then from starts of nodes and sessions.
    pub chains: Vec<Chain>,
    /// So many more ways there are.
    pub more: usize,
}

/// A way by which something that came from outside led to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chain {
    /// What came from outside.
    pub from: Origin,
    /// The numbers of the events on the way, from the origin to the event itself.
    pub events: Vec<u64>,
    /// How many messages are on the way.
    pub messages: usize,
}

/// What comes from outside of the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// A fault.
    Fault,
    /// A command of an owner.
    Command,
    /// The start of a node, or of a session.
    Start,
    /// Something whose cause is not kept.
    Unknown,
}

/// The direct predecessors of an event.
#[derive(Clone, Copy, Default)]
struct Before {
    cause: Option<usize>,
    /// What the node did or met right before; of a message that is lost with its session, what
    /// ended that.
    earlier: Option<usize>,
}

impl Past {
    /// The past of the event with this number, with so many ways at most; `None` if it is not kept.
    /// A way can be nearly as long as the run.
    #[must_use]
    pub fn of(trace: &Trace, number: u64, most: usize) -> Option<Self> {
        let events: Vec<_> = trace.iter().take_while(|event| event.number <= number).collect();
        let target = events.len().checked_sub(1)?;
        if events[target].number != number {
            return None;
        }
        let graph = graph(&events);
        let before = closure(&graph, target).into_iter().map(|place| events[place].number);
        let before = before.collect();
        let (chains, more) = chains(&events, &graph, target, most);
        Some(Self { before, chains, more })
    }
}

/// The predecessors of each of these events, by their places.
fn graph(events: &[Event]) -> Vec<Before> {
    let first = events.first().map_or(1, |event| event.number);
    let mut last = BTreeMap::new();
    let mut last_change_of_sessions = None;
    let before = events.iter().enumerate().map(|(place, event)| {
        let cause = event.cause.and_then(|cause| cause.checked_sub(first));
        let cause = cause.map(|place| place as usize);
        let node = event.what.node().filter(|_| is_met_by_its_node(&event.what));
        if matches!(
            event.what,
            EventKind::Crash { .. } | EventKind::Disconnect { .. } | EventKind::Connect { .. }
        ) {
            last_change_of_sessions = Some(place);
        }
        let earlier = match event.what {
            // These are told right behind what lost them.
            EventKind::Strand { .. } => last_change_of_sessions,
            _ => node.and_then(|node| last.insert(node, place)),
        };
        Before { cause, earlier }
    });
    before.collect()
}

/// A node that is down meets nothing, and what does not arrive is met by none.
pub(crate) fn is_met_by_its_node(what: &EventKind) -> bool {
    !matches!(
        what,
        EventKind::Miss { .. }
            | EventKind::Strand { .. }
            | EventKind::Command { is_heard: false, .. }
    )
}

/// The places of all events that happened before this one.
fn closure(graph: &[Before], target: usize) -> BTreeSet<usize> {
    let mut before = BTreeSet::new();
    let mut open = vec![target];
    while let Some(place) = open.pop() {
        let Before { cause, earlier } = graph[place];
        for earlier in cause.into_iter().chain(earlier) {
            if before.insert(earlier) {
                open.push(earlier);
            }
        }
    }
    before
}

/// A place in the search for the shortest ways: an event, and whether the way goes on along its
/// node. A way that goes along a node passes over what the node did in between.
type Stop = (usize, bool);

/// What a way costs: messages and timers cost one each, to go over to what a node did before costs
/// more than what led to a step; of equal ones that of the fewest events is the shorter one.
type Cost = (usize, usize);

/// What it costs to go over to what a node did before.
const ALONG_NODE: usize = 2;

/// The shortest ways to the target, one from each origin, so many at most, by a search backwards
/// (Dijkstra 1959); and how many more there are.
fn chains(events: &[Event], graph: &[Before], target: usize, most: usize) -> (Vec<Chain>, usize) {
    let mut costs: BTreeMap<Stop, Cost> = BTreeMap::from([((target, false), (0, 0))]);
    let mut next: BTreeMap<Stop, Stop> = BTreeMap::new();
    let mut open = BinaryHeap::from([Reverse(((0, 0), (target, false)))]);
    while let Some(Reverse((so_far, stop))) = open.pop() {
        if costs[&stop] < so_far {
            continue;
        }
        let (place, is_along_node) = stop;
        let Before { cause, earlier } = graph[place];
        let is_effect = is_effect(&events[place].what);
        let steps = [
            cause.filter(|_| !is_along_node).map(|place| ((place, false), usize::from(!is_effect))),
            // An effect comes of the input of its step.
            earlier
                .filter(|_| is_along_node || !is_effect)
                .map(|place| ((place, true), if is_along_node { 0 } else { ALONG_NODE })),
            is_along_node.then_some(((place, false), 0)),
        ];
        for (earlier, step) in steps.into_iter().flatten() {
            let (_, is_along_node) = earlier;
            let cost = (so_far.0 + step, so_far.1 + usize::from(!is_along_node));
            if costs.get(&earlier).is_none_or(|before| cost < *before) {
                costs.insert(earlier, cost);
                next.insert(earlier, stop);
                open.push(Reverse((cost, earlier)));
            }
        }
    }
    let origins = costs.into_iter().filter_map(|((place, is_along_node), cost)| {
        let from = origin(&events[place], graph[place]).filter(|_| !is_along_node)?;
        // A start is behind everything, and says least.
        Some((from >= Origin::Start, cost, Reverse(place), from))
    });
    let mut origins: Vec<_> = origins.collect();
    origins.sort_unstable();
    let more = origins.len().saturating_sub(most);
    origins.truncate(most);
    let chain = |(.., Reverse(place), from): (bool, Cost, Reverse<usize>, Origin)| {
        let way = std::iter::successors(Some((place, false)), |stop| next.get(stop).copied());
        // Of what a node did in between nothing is told.
        let told = way.filter(|(_, is_along_node)| !is_along_node).map(|(place, _)| &events[place]);
        let told: Vec<_> = told.collect();
        let is_arrival = |event: &&&Event| matches!(event.what, EventKind::Deliver { .. });
        let messages = told.iter().filter(is_arrival).count();
        Chain { from, events: told.iter().map(|event| event.number).collect(), messages }
    };
    (origins.into_iter().map(chain).collect(), more)
}

/// Does it belong to the step that is its cause?
fn is_effect(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Send { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Save { .. }
            | EventKind::Emit { .. }
            | EventKind::Role { .. }
            | EventKind::Leave { .. }
    )
}

/// Where a way begins: with a fault, or with what nothing of the run brought about.
fn origin(event: &Event, before: Before) -> Option<Origin> {
    // Even one that an event has set off: that it strikes then is the fault's doing. What a crash
    // does to a disk is a part of the crash.
    let is_of_crash = matches!(event.what, EventKind::Disk { .. }) && event.cause.is_some();
    if is_of_fault(&event.what) && !is_of_crash {
        return Some(Origin::Fault);
    }
    if event.cause.is_some() {
        return (before.cause.is_none()).then_some(Origin::Unknown);
    }
    match &event.what {
        EventKind::Command { .. } => Some(Origin::Command),
        EventKind::Start { .. } | EventKind::Connect { .. } => Some(Origin::Start),
        EventKind::Deliver { .. } | EventKind::Timer { .. } | EventKind::Link { .. } => {
            Some(Origin::Unknown)
        }
        _ => Some(Origin::Fault),
    }
}
