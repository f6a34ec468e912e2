use rehearsal_machine::{NodeId, Time};
use tracing::span::EnteredSpan;

use super::digest::Hashing;
use super::keys::Keys;
use super::waits::Waits;
use super::{Digest, EventKind, Linker, RawEvent, Trace, Waiting, log};
use crate::protocol::{Lane, Look as _, Protocol};

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    /// The verdict only.
    Verdict,
    /// And the digest.
    Digest,
    /// And the events, to be read.
    Trace,
    /// And the value of each message, command, output and save in full, to be
    /// written out.
    Values,
}

/// Sees everything that happens, and keeps as much of it as was asked for.
pub(crate) struct Recorder {
    hashing: Option<Hashing>,
    tracing: Option<Box<Tracing>>,
}

/// A trace in the making.
struct Tracing {
    in_full: bool,
    keys: Keys,
    linker: Linker,
    trace: Trace,
    lanes: Vec<Option<Lane>>,
    /// If it is asked for.
    waits: Option<Waits>,
}

/// What was kept of a run.
pub(crate) struct Recorded {
    pub(crate) digest: Option<Digest>,
    pub(crate) checkpoints: Vec<Digest>,
    pub(crate) events: Option<Trace>,
    pub(crate) waits: Option<Vec<Waiting>>,
}

impl Recorder {
    /// Of the events, the last `limit` are kept, and with them which node waits for which, if that is
    /// asked for.
    pub(crate) fn new(keep: Keep, limit: u64, nodes: usize, waits: bool) -> Self {
        let tracing = || {
            Box::new(Tracing {
                in_full: keep >= Keep::Values,
                keys: Keys::default(),
                linker: Linker::default(),
                trace: Trace::keeping(limit),
                lanes: vec![None; nodes],
                waits: waits.then(Waits::default),
            })
        };
        Self {
            hashing: (keep >= Keep::Digest).then(Hashing::new),
            tracing: (keep >= Keep::Trace).then(tracing),
        }
    }

    /// Opens the log's span of what is due by itself; nothing where no trace is kept.
    pub(crate) fn step(&mut self, at: Time, node: Option<NodeId>) -> Option<EnteredSpan> {
        let tracing = self.tracing.as_mut()?;
        tracing.linker.begin_turn();
        Some(log::step(at, node))
    }

    /// How many events there have been, where a trace is kept.
    pub(crate) fn events(&self) -> u64 {
        self.tracing.as_ref().map_or(0, |tracing| tracing.linker.events())
    }

    /// Is anything kept at all?
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.hashing.is_some() || self.tracing.is_some()
    }

    /// Is the trace kept, and shown to any subscriber?
    #[inline]
    pub(crate) fn has_trace(&self) -> bool {
        self.tracing.is_some()
    }

    pub(crate) fn record<P: Protocol>(&mut self, at: Time, event: &RawEvent<'_, P>) {
        if let Some(hashing) = &mut self.hashing {
            hashing.add(&(at, event));
        }
        if let Some(tracing) = &mut self.tracing {
            let what = event.tell(&mut tracing.keys, tracing.in_full);
            tracing.add(at, what);
        }
    }

    /// Notes the node's role and which nodes it waits for, if they are not as before.
    pub(crate) fn lane<P: Protocol>(
        &mut self,
        at: Time,
        node: NodeId,
        machine: Option<&P::Machine>,
    ) {
        let Some(tracing) = &mut self.tracing else { return };
        let lane = machine.map_or(Lane::DOWN, P::Look::lane);
        let before = &mut tracing.lanes[node.index()];
        if before.replace(lane) != Some(lane) {
            tracing.add(at, EventKind::Role { node, lane });
        }
        if let Some(waits) = &mut tracing.waits {
            let on = machine.map(P::Look::waits_for).unwrap_or_default();
            waits.note(tracing.linker.events(), at, node, on);
        }
    }

    /// What was kept, which it then has no more.
    pub(crate) fn finish(&mut self) -> Recorded {
        let (digest, checkpoints) = self.hashing.take().map(Hashing::finish).unzip();
        let checkpoints = checkpoints.unwrap_or_default();
        let Some(tracing) = self.tracing.take() else {
            return Recorded { digest, checkpoints, events: None, waits: None };
        };
        let waits = tracing.waits.map(Waits::finish);
        Recorded { digest, checkpoints, events: Some(tracing.trace), waits }
    }
}

impl Tracing {
    fn add(&mut self, at: Time, what: EventKind) {
        let event = self.linker.link(at, what);
        log::event(&event);
        self.trace.push(&event);
    }
}
