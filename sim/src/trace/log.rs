use std::cell::Cell;

use rehearsal_machine::{NodeId, Time};
use tracing::span::EnteredSpan;

use super::{Event, EventKind};

thread_local! {
    static NOW: Cell<Time> = const { Cell::new(Time::ZERO) };
}

/// Virtual time of the event being logged on this thread: a log's timestamp.
#[must_use]
pub fn clock() -> Time {
    NOW.get()
}

/// The span of one step on virtual time, for as long as it is kept: whatever is
/// logged within belongs to this node's step.
pub(crate) fn step(at: Time, node: Option<NodeId>) -> EnteredSpan {
    NOW.set(at);
    let node = node.map(tracing::field::display);
    tracing::debug_span!(target: "rehearsal", "step", node).entered()
}

/// Shows an event to any subscriber with `tracing`: causes at level `debug`,
/// effects at level `trace`. A view of the trace, never its source.
pub(crate) fn event(event: &Event) {
    NOW.set(event.at);
    match &event.what {
        EventKind::Start { incarnation, .. } => {
            tracing::debug!(target: "rehearsal", incarnation, "start");
        }
        EventKind::Command { text, .. } => {
            tracing::debug!(target: "rehearsal", command = text, "command");
        }
        EventKind::Deliver { message, copy, text: says } => {
            let from = message.from;
            tracing::debug!(target: "rehearsal", %from, says, copy, "deliver");
        }
        EventKind::Miss { message, text: says, .. } => {
            let from = message.from;
            tracing::debug!(target: "rehearsal", %from, says, "arrived while down");
        }
        EventKind::Timer { timer } => {
            tracing::debug!(target: "rehearsal", timer = timer.timer, "timer");
        }
        EventKind::Crash { node } => tracing::debug!(target: "rehearsal", crashed = %node, "crash"),
        EventKind::Partition { sides } => tracing::debug!(target: "rehearsal", ?sides, "partition"),
        EventKind::Heal => tracing::debug!(target: "rehearsal", "heal"),
        EventKind::Calm => tracing::debug!(target: "rehearsal", "calm"),
        EventKind::Send { message, text, lost, .. } => {
            let (to, lost) = (message.to, lost.map(tracing::field::display));
            tracing::trace!(target: "rehearsal", %to, says = text, lost, "send");
        }
        EventKind::Arm { timer, deadline } => {
            tracing::trace!(target: "rehearsal", timer = timer.timer, %deadline, "arm");
        }
        EventKind::Disarm { timer, .. } => tracing::trace!(target: "rehearsal", timer, "disarm"),
        EventKind::Save { cell, text, erased, .. } => {
            tracing::trace!(target: "rehearsal", cell, holds = text.as_deref(), erased, "save");
        }
        EventKind::Emit { text, .. } => tracing::debug!(target: "rehearsal", output = text, "emit"),
        EventKind::Cut { links } => tracing::debug!(target: "rehearsal", ?links, "cut"),
        EventKind::Mend { sides } => tracing::debug!(target: "rehearsal", ?sides, "mend"),
        EventKind::Hold { from, to } => tracing::debug!(target: "rehearsal", %from, %to, "hold"),
        EventKind::Release { from, to } => {
            tracing::debug!(target: "rehearsal", %from, %to, "release");
        }
        EventKind::Leave { message, lost, .. } => {
            let lost = lost.map(tracing::field::display);
            tracing::trace!(target: "rehearsal", %message, lost, "leave");
        }
        EventKind::Pause { node } => tracing::debug!(target: "rehearsal", paused = %node, "pause"),
        EventKind::Resume { node } => {
            tracing::debug!(target: "rehearsal", resumed = %node, "resume");
        }
        EventKind::Clock { node, shows, gained, passed } => {
            tracing::debug!(target: "rehearsal", of = %node, %shows, gained, passed, "clock");
        }
        EventKind::Disk { node, damage } => {
            tracing::debug!(target: "rehearsal", of = %node, ?damage, "disk");
        }
        EventKind::Move { timer, deadline } => {
            tracing::debug!(target: "rehearsal", of = %timer.node, timer = timer.timer, %deadline, "timer moved");
        }
        EventKind::LetGo { links } => tracing::debug!(target: "rehearsal", ?links, "let go"),
        EventKind::Upgrade { node } => tracing::debug!(target: "rehearsal", of = %node, "upgrade"),
        EventKind::Connect { pairs, .. } => tracing::debug!(target: "rehearsal", ?pairs, "connect"),
        EventKind::Disconnect { pairs, why } => {
            tracing::debug!(target: "rehearsal", ?pairs, ?why, "disconnect");
        }
        EventKind::Link { peer, up, .. } => tracing::debug!(target: "rehearsal", %peer, up, "link"),
        EventKind::Strand { message, text: says, .. } => {
            let from = message.from;
            tracing::debug!(target: "rehearsal", %from, says, "lost with its session");
        }
        EventKind::Role { .. } => {}
    }
}
