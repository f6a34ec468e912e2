use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use rehearsal_machine::NodeId;

use super::shown::Shown;
use crate::story::{Told, View, each_event};
use crate::trace::{Event, EventKind, is_met_by_its_node};

/// A vector clock: how many events of each host happened before, and at, an event.
type Clock = BTreeMap<String, u64>;

/// A log has no more events times hosts than this, and so no more counts in its clocks: they take
/// some 12 MB, which a browser still opens. [`size`] tells how many a run needs.
pub const MOST_COUNTS: u64 = 1_000_000;

/// How many events the log of this part of a run has, times its hosts.
#[must_use]
pub fn size(told: Told<'_>, view: &View) -> u64 {
    let shown = Shown::new(told, view);
    let mut hosts = BTreeSet::new();
    let mut events = 0;
    for event in told.events.iter().filter(|it| is_met_by_its_node(&it.what) && shown.has(it)) {
        hosts.insert(event.what.node());
        events += 1;
    }
    events * hosts.len() as u64
}

/// Writes this part of a run for ShiViz, two lines an event, which its default expression reads: what
/// happened, and then the host with its vector clock. A message that comes to a node that is down,
/// and a command that it does not hear, happen on no host and are left out. What is left out of the
/// view is counted in no clock; that one event happened before another is known all the same.
///
/// A log of any [`size`] is written; one beyond [`MOST_COUNTS`] is too large for ShiViz.
///
/// # Errors
/// If the place cannot be written to.
pub fn shiviz(told: Told<'_>, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let shown = Shown::new(told, view);
    let mut clocks: BTreeMap<String, Clock> = BTreeMap::new();
    let mut senders = Senders::default();
    let mut written = Ok(());
    each_event(told, |event, host, words| {
        if let EventKind::Miss { .. } | EventKind::Strand { .. } = event.what {
            senders.of(event);
        }
        if written.is_err() || !is_met_by_its_node(&event.what) {
            return;
        }
        let clock = clocks.entry(host.to_owned()).or_default();
        for (host, count) in senders.of(event) {
            let known = clock.entry(host).or_default();
            *known = (*known).max(count);
        }
        let is_shown = shown.has(event);
        if is_shown {
            *clock.entry(host.to_owned()).or_default() += 1;
        }
        senders.note(event, clock);
        if !is_shown {
            return;
        }
        let counts: Vec<_> =
            clock.iter().map(|(host, count)| format!("\"{host}\":{count}")).collect();
        let clock = counts.join(", ");
        written = writeln!(out, "{}ms {words}\n{host} {{{clock}}}", event.at);
    });
    written
}

/// The clocks of the events that something on another host can follow from: sends whose message is
/// on its way, and what can have set off a fault.
#[derive(Default)]
struct Senders {
    on_the_way: BTreeMap<u64, (Clock, usize)>,
    last: (u64, Clock),
    last_fault: (u64, Clock),
    /// The last beginning and the last end of each session: its nodes are told of them later.
    sessions: BTreeMap<(NodeId, NodeId, bool), (u64, Arc<Clock>)>,
}

impl Senders {
    /// The clock of the cause of this event, if that can have been on another host.
    fn of(&mut self, event: &Event) -> Clock {
        let Some(cause) = event.cause else { return Clock::new() };
        if let Some((clock, copies)) = self.on_the_way.get_mut(&cause) {
            let is_arrival =
                matches!(event.what, EventKind::Deliver { .. } | EventKind::Miss { .. });
            *copies = copies.saturating_sub(usize::from(is_arrival));
            if *copies > 0 {
                return clock.clone();
            }
            let (clock, _) = self.on_the_way.remove(&cause).unwrap_or_default();
            return clock;
        }
        if let EventKind::Link { node, peer, up, .. } = event.what {
            let session = self.sessions.get(&(node.min(peer), node.max(peer), up));
            let found = session.filter(|(number, _)| *number == cause);
            return found.map(|(_, clock)| Clock::clone(clock)).unwrap_or_default();
        }
        let others = [&self.last, &self.last_fault];
        let found = others.into_iter().find(|(number, _)| *number == cause);
        found.map(|(_, clock)| clock.clone()).unwrap_or_default()
    }

    fn note(&mut self, event: &Event, clock: &Clock) {
        match &event.what {
            EventKind::Send { lost: None, arrives, .. }
            | EventKind::Leave { lost: None, arrives, .. } => {
                // What is held sets off by a departure of its own.
                self.on_the_way.insert(event.number, (clock.clone(), arrives.len().max(1)));
            }
            EventKind::Connect { pairs, .. } => {
                self.note_sessions(event.number, pairs, true, clock);
            }
            EventKind::Disconnect { pairs, .. } => {
                self.note_sessions(event.number, pairs, false, clock);
            }
            _ => {}
        }
        if event.cause.is_none() {
            self.last_fault = (event.number, clock.clone());
        }
        self.last = (event.number, clock.clone());
    }

    fn note_sessions(&mut self, number: u64, pairs: &[(NodeId, NodeId)], up: bool, clock: &Clock) {
        let clock = Arc::new(clock.clone());
        let noted = |(one, other): &(NodeId, NodeId)| {
            ((*one.min(other), *one.max(other), up), (number, Arc::clone(&clock)))
        };
        self.sessions.extend(pairs.iter().map(noted));
    }
}
