//! What led to each event: its number, and the number of its cause.

use std::collections::BTreeMap;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::plan::{MessageKey, TimerKey};
use rehearsal::sim::trace::{Event, EventKind};

use super::{Audit, is};

#[derive(Default)]
pub(super) struct Causes {
    numbers: u64,
    /// The input that each node took last, or its crash.
    steps: BTreeMap<NodeId, u64>,
    /// With which events the sessions of two nodes began, and ended.
    sessions: BTreeMap<(NodeId, NodeId, bool), Vec<u64>>,
    /// What can begin the setup of a session: when it happened, and which nodes it concerns,
    /// all if none.
    setups: BTreeMap<u64, (Time, Vec<(NodeId, NodeId)>)>,
    /// With which event each message set off last.
    set_off: BTreeMap<MessageKey, u64>,
    /// With which event each timer was armed last, and as what.
    armed: BTreeMap<(NodeId, String), (u64, TimerKey)>,
}

impl Causes {
    pub(super) fn see(&mut self, event: &Event) -> Audit {
        self.numbers += 1;
        let number = event.number;
        is(number == self.numbers, "an event out of number")?;
        is(event.cause.is_none_or(|cause| cause < number), "a cause that comes later")?;
        let by = |expected: Option<u64>| is(event.cause == expected, "another cause");
        match &event.what {
            EventKind::Command { node, is_heard, .. } => {
                by(None)?;
                if *is_heard {
                    self.steps.insert(*node, number);
                }
            }
            EventKind::Start { node, .. } => {
                let crash = self.steps.insert(*node, number);
                self.setups.insert(number, (event.at, vec![(*node, *node)]));
                by(crash)?;
            }
            EventKind::Crash { node } => {
                self.steps.insert(*node, number);
            }
            EventKind::Deliver { message, .. } => {
                by(self.set_off.get(message).copied())?;
                self.steps.insert(message.to, number);
            }
            EventKind::Link { node, peer, session, up } => {
                let place = (*node.min(peer), *node.max(peer), *up);
                let sessions = self.sessions.get(&place).map_or(&[][..], Vec::as_slice);
                let place = (*session as usize).checked_sub(1).ok_or("counted from 1")?;
                by(sessions.get(place).copied())?;
                is(event.cause.is_some(), "news of no session")?;
                self.steps.insert(*node, number);
            }
            EventKind::Connect { pairs, since } => {
                let cause = event.cause.ok_or("nothing began the setup")?;
                let (at, concerned) = self.setups.get(&cause).ok_or("that begins no setup")?;
                is(at == since, "something else began the setup")?;
                let is_about = |(one, other): &(NodeId, NodeId)| {
                    let is_it = |(first, second): &(NodeId, NodeId)| {
                        first == second && (one == first || other == first)
                            || (one, other) == (first, second)
                    };
                    concerned.is_empty() || concerned.iter().any(is_it)
                };
                is(pairs.iter().any(is_about), "the cause is about other nodes")?;
                for (one, other) in pairs {
                    self.sessions.entry((*one, *other, true)).or_default().push(number);
                }
            }
            EventKind::Disconnect { pairs, .. } => {
                self.setups.insert(number, (event.at, pairs.clone()));
                for (one, other) in pairs {
                    self.sessions.entry((*one, *other, false)).or_default().push(number);
                }
            }
            EventKind::Heal | EventKind::Mend { .. } | EventKind::Calm => {
                self.setups.insert(number, (event.at, Vec::new()));
            }
            EventKind::Strand { message, .. } | EventKind::Miss { message, .. } => {
                by(self.set_off.get(message).copied())?;
            }
            EventKind::Timer { timer } => {
                let place = (timer.node, timer.timer.clone());
                let (arming, armed) = self.armed.get(&place).ok_or("nothing is armed")?;
                is(armed == timer, "another arming")?;
                by(Some(*arming))?;
                self.steps.insert(timer.node, number);
            }
            EventKind::Send { message, .. } => {
                by(self.steps.get(&message.from).copied())?;
                is(self.set_off.insert(message.clone(), number).is_none(), "a key twice")?;
            }
            EventKind::Leave { message, .. } => by(self.set_off.insert(message.clone(), number))?,
            EventKind::Move { timer, .. } => {
                self.armed.insert((timer.node, timer.timer.clone()), (number, timer.clone()));
            }
            EventKind::Arm { timer, .. } => {
                by(self.steps.get(&timer.node).copied())?;
                let place = (timer.node, timer.timer.clone());
                self.armed.insert(place, (number, timer.clone()));
            }
            EventKind::Disarm { node, .. }
            | EventKind::Save { node, .. }
            | EventKind::Emit { node, .. }
            | EventKind::Role { node, .. } => by(self.steps.get(node).copied())?,
            // A fault: it comes by itself, or in the midst of something.
            _ => {}
        }
        Ok(())
    }
}
