//! Who is up, who pauses, and what nodes may do then.

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::trace::{Damage, Event, EventKind};

use super::{Audit, Circumstances, is};

pub(super) struct Nodes<'a> {
    of: &'a Circumstances,
    nodes: Vec<State>,
}

#[derive(Clone, Copy, Default)]
struct State {
    is_up: bool,
    /// When it first started, or was kept from it.
    known_since: Option<Time>,
    incarnation: u32,
    is_upgraded: bool,
    pauses: bool,
    /// Since when things have been waiting, while some do.
    waits_since: Option<Time>,
    paused_at: Option<Time>,
    resumed_at: Option<Time>,
    started_at: Option<Time>,
    /// When it crashed, and since when things had been waiting for it then.
    crashed: Option<(Time, Time)>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(of: &'a Circumstances) -> Self {
        Self { of, nodes: vec![State::default(); of.nodes as usize] }
    }

    pub(super) fn see(&mut self, event: &Event, is_calm: bool) -> Audit {
        let now = event.at;
        let (shielded, state) = match event.what.node() {
            Some(node) => (is_calm && self.of.is_core(node), &mut self.nodes[node.index()]),
            None => return Ok(()),
        };
        if state.resumed_at != Some(now) && !state.pauses {
            state.waits_since = None;
        }
        match event.what {
            EventKind::Start { incarnation, .. } => {
                is(!state.is_up, "started twice")?;
                is(incarnation == state.incarnation + 1, "a life was left out")?;
                (state.is_up, state.incarnation, state.started_at) = (true, incarnation, Some(now));
                state.known_since.get_or_insert(now);
                Ok(())
            }
            EventKind::Crash { .. } => {
                is(state.is_up || now == Time::ZERO, "crashed while down")?;
                is(!shielded, "a crash in the calm")?;
                let crashed = state.waits_since.map(|since| (now, since));
                let State { incarnation, is_upgraded, .. } = *state;
                let known_since = Some(state.known_since.unwrap_or(now));
                *state =
                    State { known_since, incarnation, is_upgraded, crashed, ..State::default() };
                Ok(())
            }
            EventKind::Upgrade { .. } => {
                is(!state.is_up, "upgraded while up")?;
                is(!std::mem::replace(&mut state.is_upgraded, true), "upgraded twice")
            }
            EventKind::Pause { .. } => {
                is(!shielded, "a pause in the calm")?;
                is(state.is_up || now == Time::ZERO, "a node that is down has no pause")?;
                state.waits_since.get_or_insert(now);
                (state.pauses, state.paused_at) = (true, Some(now));
                Ok(())
            }
            EventKind::Resume { .. } => {
                is(std::mem::take(&mut state.pauses), "resumed without a pause")?;
                state.resumed_at = Some(now);
                Ok(())
            }
            EventKind::Disk {
                damage: Damage::Lies | Damage::LastLost | Damage::LastTorn, ..
            } => is(!shielded, "a broken disk in the calm"),
            EventKind::Deliver { .. } | EventKind::Timer { .. } | EventKind::Link { .. } => {
                is(state.is_up, "a dead node takes something")?;
                is(!state.pauses, "a node that pauses takes something")
            }
            EventKind::Command { .. } => is(!state.pauses, "a node that pauses is asked"),
            EventKind::Miss { .. } => is(!state.is_up, "missed by a node that is up"),
            EventKind::Send { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Save { .. }
            | EventKind::Emit { .. } => {
                is(state.is_up, "a dead node does something")?;
                // A pause on an event lets the step be finished.
                let ends_step = [state.paused_at, state.started_at].contains(&Some(now));
                is(!state.pauses || ends_step, "a node that pauses does something")
            }
            _ => Ok(()),
        }
    }

    /// The calm has resumed all that paused.
    pub(super) fn end_of_instant(&self, is_calm: bool) -> Audit {
        let is_core = |index: usize| self.of.is_core(NodeId::from_index(index));
        let mut paused = self.nodes.iter().enumerate().filter(|(_, state)| state.pauses);
        is(!is_calm || !paused.any(|(index, _)| is_core(index)), "a pause outlasts the calm")
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.nodes[node.index()].is_up
    }

    /// Has the node not joined yet?
    pub(super) fn is_absent(&self, node: NodeId) -> bool {
        self.nodes[node.index()].known_since.is_none()
    }

    pub(super) fn pauses(&self, node: NodeId) -> bool {
        self.nodes[node.index()].pauses
    }

    /// May what was due then come only now? It may have waited for the end of a
    /// pause, or of its node.
    pub(super) fn may_come(&self, node: NodeId, due: Time, now: Time) -> bool {
        let state = &self.nodes[node.index()];
        let has_waited =
            state.resumed_at == Some(now) && state.waits_since.is_some_and(|since| since <= due);
        let went_down = state.crashed.is_some_and(|(at, since)| at == now && since <= due);
        due == now || due < now && (has_waited || went_down)
    }
}
