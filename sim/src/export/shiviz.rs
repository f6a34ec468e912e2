use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use rehearsal_machine::NodeId;

use crate::story::{Told, each_event};
use crate::trace::{Event, EventKind, is_met_by_its_node};

/// A vector clock: how many events of each host happened before, and at, an event.
type Clock = BTreeMap<String, u64>;

/// Writes a run for ShiViz, two lines an event, which its default expression reads: what happened,
/// and then the host with its vector clock. A message that comes to a node that is down, and a
/// command that it does not hear, happen on no host and are left out.
///
/// # Errors
/// If the place cannot be written to.
pub fn shiviz(told: Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
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
        *clock.entry(host.to_owned()).or_default() += 1;
        senders.note(event, clock);
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
