use std::cell::Cell;

use rehearsal_protocol::Time;

use super::{Event, What};

thread_local! {
    static NOW: Cell<Time> = const { Cell::new(Time::ZERO) };
}

/// Virtual time of the event being logged on this thread: a log's timestamp.
#[must_use]
pub fn clock() -> Time {
    NOW.get()
}

/// Shows an event to whoever listens with `tracing`: causes at level `debug`
/// in a span of their node, effects at level `trace`. A view of the trace, never its source.
pub(crate) fn event(event: &Event) {
    if !tracing::enabled!(target: "rehearsal", tracing::Level::DEBUG) {
        return;
    }
    NOW.set(event.at);
    match &event.what {
        What::Start { node, incarnation } => {
            tracing::debug!(target: "rehearsal", %node, incarnation, "start");
        }
        What::Command { node, text } => {
            tracing::debug!(target: "rehearsal", %node, command = text, "command");
        }
        What::Deliver { node, message } => {
            let (from, says, copy) = (message.from, &message.text, message.copy);
            tracing::debug!(target: "rehearsal", %node, %from, says, copy, "deliver");
        }
        What::Miss { node, message } => {
            let (from, says) = (message.from, &message.text);
            tracing::debug!(target: "rehearsal", %node, %from, says, "arrived while down");
        }
        What::Timer { node, timer } => {
            tracing::debug!(target: "rehearsal", %node, timer, "timer");
        }
        What::Crash { node } => tracing::debug!(target: "rehearsal", %node, "crash"),
        What::Partition { sides } => tracing::debug!(target: "rehearsal", ?sides, "partition"),
        What::Heal => tracing::debug!(target: "rehearsal", "heal"),
        What::Calm => tracing::debug!(target: "rehearsal", "calm"),
        What::Send { node, to, text, lost, .. } => {
            let lost = lost.map(tracing::field::display);
            tracing::trace!(target: "rehearsal", %node, %to, says = text, lost, "send");
        }
        What::Arm { node, timer, deadline } => {
            tracing::trace!(target: "rehearsal", %node, timer, %deadline, "arm");
        }
        What::Disarm { node, timer } => {
            tracing::trace!(target: "rehearsal", %node, timer, "disarm");
        }
        What::Save { node, cell, erased } => {
            tracing::trace!(target: "rehearsal", %node, cell, erased, "save");
        }
        What::Emit { node, text } => {
            tracing::debug!(target: "rehearsal", %node, output = text, "emit");
        }
        What::Role { .. } => {}
    }
}
