use rehearsal_machine::{NodeId, Time};
use tracing::span::EnteredSpan;

use super::digest::Hashing;
use super::{Digest, Event, EventKind, RawEvent, log};
use crate::protocol::{Lane, Look as _, Protocol};

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    /// The verdict only.
    Verdict,
    /// And the digest.
    Digest,
    /// And the events, to be read and written out.
    Trace,
}

/// Sees everything that happens, and keeps as much of it as was asked for.
pub(crate) struct Recorder {
    hashing: Option<Hashing>,
    events: Option<Vec<Event>>,
    lanes: Vec<Option<Lane>>,
}

/// What was kept of a run.
pub(crate) struct Recorded {
    pub(crate) digest: Option<Digest>,
    pub(crate) checkpoints: Vec<Digest>,
    pub(crate) events: Option<Vec<Event>>,
}

impl Recorder {
    pub(crate) fn new(keep: Keep, nodes: usize) -> Self {
        Self {
            hashing: (keep >= Keep::Digest).then(Hashing::new),
            events: (keep >= Keep::Trace).then(Vec::new),
            lanes: vec![None; if keep >= Keep::Trace { nodes } else { 0 }],
        }
    }

    /// Opens the log's span of a step; nothing where no trace is kept.
    pub(crate) fn step(&self, at: Time, node: Option<NodeId>) -> Option<EnteredSpan> {
        self.events.as_ref().map(|_| log::step(at, node))
    }

    /// Is anything kept at all?
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.hashing.is_some() || self.events.is_some()
    }

    /// Is the trace kept, and shown to any subscriber?
    #[inline]
    pub(crate) fn has_trace(&self) -> bool {
        self.events.is_some()
    }

    pub(crate) fn record<P: Protocol>(&mut self, at: Time, step: &RawEvent<'_, P>) {
        if let Some(hashing) = &mut self.hashing {
            hashing.add(&(at, step));
        }
        if let Some(events) = &mut self.events {
            let event = Event { at, what: step.tell() };
            log::event(&event);
            events.push(event);
        }
    }

    /// Notes the node's role, if it is another one than before.
    pub(crate) fn lane<P: Protocol>(
        &mut self,
        at: Time,
        node: NodeId,
        machine: Option<&P::Machine>,
    ) {
        let Some(events) = &mut self.events else { return };
        let lane = machine.map_or(Lane::DOWN, P::Look::lane);
        let before = &mut self.lanes[node.index()];
        if *before != Some(lane) {
            *before = Some(lane);
            events.push(Event { at, what: EventKind::Role { node, lane } });
        }
    }

    /// What was kept, which it then has no more.
    pub(crate) fn finish(&mut self) -> Recorded {
        let (digest, checkpoints) = self.hashing.take().map(Hashing::finish).unzip();
        let checkpoints = checkpoints.unwrap_or_default();
        Recorded { digest, checkpoints, events: self.events.take() }
    }
}
