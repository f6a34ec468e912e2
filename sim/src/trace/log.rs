use std::cell::Cell;

use rehearsal_machine::{NodeId, Time};
use tracing::span::EnteredSpan;

use super::{Event, What};

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

/// Shows an event to whoever listens with `tracing`: causes at level `debug`,
/// effects at level `trace`. A view of the trace, never its source.
pub(crate) fn event(event: &Event) {
    NOW.set(event.at);
    match &event.what {
        What::Start { incarnation, .. } => {
            tracing::debug!(target: "rehearsal", incarnation, "start");
        }
        What::Command { text, .. } => {
            tracing::debug!(target: "rehearsal", command = text, "command");
        }
        What::Deliver { message, .. } => {
            let (from, says, copy) = (message.from, &message.text, message.copy);
            tracing::debug!(target: "rehearsal", %from, says, copy, "deliver");
        }
        What::Miss { message, .. } => {
            let (from, says) = (message.from, &message.text);
            tracing::debug!(target: "rehearsal", %from, says, "arrived while down");
        }
        What::Timer { timer, .. } => tracing::debug!(target: "rehearsal", timer, "timer"),
        What::Crash { node } => tracing::debug!(target: "rehearsal", crashed = %node, "crash"),
        What::Partition { sides } => tracing::debug!(target: "rehearsal", ?sides, "partition"),
        What::Heal => tracing::debug!(target: "rehearsal", "heal"),
        What::Calm => tracing::debug!(target: "rehearsal", "calm"),
        What::Send { to, text, lost, .. } => {
            let lost = lost.map(tracing::field::display);
            tracing::trace!(target: "rehearsal", %to, says = text, lost, "send");
        }
        What::Arm { timer, deadline, .. } => {
            tracing::trace!(target: "rehearsal", timer, %deadline, "arm");
        }
        What::Disarm { timer, .. } => tracing::trace!(target: "rehearsal", timer, "disarm"),
        What::Save { cell, erased, .. } => {
            tracing::trace!(target: "rehearsal", cell, erased, "save");
        }
        What::Emit { text, .. } => tracing::debug!(target: "rehearsal", output = text, "emit"),
        What::Cut { links } => tracing::debug!(target: "rehearsal", ?links, "cut"),
        What::Mend { sides } => tracing::debug!(target: "rehearsal", ?sides, "mend"),
        What::Hold { from, to } => tracing::debug!(target: "rehearsal", %from, %to, "hold"),
        What::Release { from, to } => tracing::debug!(target: "rehearsal", %from, %to, "release"),
        What::Leave { node, to, count, lost, .. } => {
            let lost = lost.map(tracing::field::display);
            tracing::trace!(target: "rehearsal", from = %node, %to, count, lost, "leave");
        }
        What::Pause { node } => tracing::debug!(target: "rehearsal", paused = %node, "pause"),
        What::Resume { node } => tracing::debug!(target: "rehearsal", resumed = %node, "resume"),
        What::Clock { node, shows, gained, passed } => {
            tracing::debug!(target: "rehearsal", of = %node, %shows, gained, passed, "clock");
        }
        What::Disk { node, damage } => {
            tracing::debug!(target: "rehearsal", of = %node, ?damage, "disk");
        }
        What::Upgrade { node } => tracing::debug!(target: "rehearsal", of = %node, "upgrade"),
        What::Role { .. } => {}
    }
}
