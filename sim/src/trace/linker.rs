use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

use super::session_causes::SessionCauses;
use super::{Event, EventKind};
use crate::network::Pair;
use crate::plan::{MessageKey, TimerKey};

/// Numbers the events of a run, and finds the event that led to each, by the keys
/// of messages and timers. It takes the events in the order
/// in which they happen, in the simulator as on joined recordings, and keeps
/// only what can still have an effect, and of each session its number.
#[derive(Debug, Default)]
pub struct Linker {
    events: u64,
    /// The last input or crash of each node.
    steps: BTreeMap<NodeId, u64>,
    messages: BTreeMap<MessageKey, Sent>,
    timers: BTreeMap<NodeId, BTreeMap<String, Armed>>,
    sessions: SessionCauses,
    turn: Turn,
}

#[derive(Debug)]
struct Sent {
    number: u64,
    /// How many copies have not arrived yet.
    copies: usize,
}

#[derive(Debug)]
struct Armed {
    number: u64,
    timer: TimerKey,
}

/// What has happened since the run last took something from its queue.
#[derive(Clone, Copy, Debug, Default)]
enum Turn {
    #[default]
    Nothing,
    /// A fault, whose time had come: it is the cause of further faults.
    Fault(u64),
    /// Events of nodes: the last one is the cause of a fault that follows.
    Step(u64),
}

impl Linker {
    /// The next event comes from the queue of the run: no event of this instant led to it.
    pub fn begin_turn(&mut self) {
        self.turn = Turn::Nothing;
    }

    /// How many events there have been.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The event with its number and its cause.
    pub fn link(&mut self, at: Time, what: EventKind) -> Event {
        self.events += 1;
        let number = self.events;
        let is_fault = is_of_fault(&what);
        let cause = match self.turn {
            _ if !is_fault => self.cause(&what),
            Turn::Nothing => None,
            Turn::Fault(cause) | Turn::Step(cause) => Some(cause),
        };
        self.turn = match self.turn {
            Turn::Nothing if is_fault => Turn::Fault(number),
            // What a fault makes of messages is no cause of the next fault of the same step.
            Turn::Step(_) if is_of_message(&what) => self.turn,
            Turn::Nothing | Turn::Step(_) if !is_fault => Turn::Step(number),
            turn => turn,
        };
        self.note(number, &what);
        self.sessions.note(at, number, &what);
        Event { number, cause, at, what }
    }

    fn cause(&mut self, what: &EventKind) -> Option<u64> {
        match what {
            EventKind::Command { .. } => None,
            EventKind::Deliver { message, .. }
            | EventKind::Miss { message, .. }
            | EventKind::Strand { message, .. } => self.arrive(message),
            EventKind::Connect { pairs, since } => self.sessions.of_connect(pairs, *since),
            EventKind::Link { node, peer, session, up } => {
                self.sessions.of_news(Pair::new(*node, *peer).nodes(), *session, *up)
            }
            EventKind::Leave { message, .. } => Some(self.messages.get(message)?.number),
            EventKind::Timer { timer } => {
                let armed = self.timers.get_mut(&timer.node)?.remove(&timer.timer)?;
                (armed.timer == *timer).then_some(armed.number)
            }
            what => self.steps.get(&what.node()?).copied(),
        }
    }

    /// Keeps what a later event can have for its cause.
    fn note(&mut self, number: u64, what: &EventKind) {
        match what {
            EventKind::Start { node, .. }
            | EventKind::Command { node, is_heard: true, .. }
            | EventKind::Link { node, .. } => {
                self.steps.insert(*node, number);
            }
            EventKind::Deliver { message, .. } => {
                self.steps.insert(message.to, number);
            }
            EventKind::Timer { timer } => {
                self.steps.insert(timer.node, number);
            }
            EventKind::Crash { node } => {
                self.steps.insert(*node, number);
                self.timers.remove(node);
            }
            EventKind::Send { message, arrives, lost: None, .. }
            | EventKind::Leave { message, arrives, lost: None, .. } => {
                let sent = Sent { number, copies: arrives.len() };
                self.messages.insert(message.clone(), sent);
            }
            EventKind::Leave { message, .. } => {
                self.messages.remove(message);
            }
            EventKind::Arm { timer, .. } | EventKind::Move { timer, .. } => {
                let armed = Armed { number, timer: timer.clone() };
                self.timers.entry(timer.node).or_default().insert(timer.timer.clone(), armed);
            }
            EventKind::Disarm { node, timer } => {
                if let Some(timers) = self.timers.get_mut(node) {
                    timers.remove(timer);
                }
            }
            _ => {}
        }
    }

    fn arrive(&mut self, message: &MessageKey) -> Option<u64> {
        let sent = self.messages.get_mut(message)?;
        let number = sent.number;
        sent.copies = sent.copies.saturating_sub(1);
        if sent.copies == 0 {
            self.messages.remove(message);
        }
        Some(number)
    }
}

/// Does it tell what became of a message, rather than what a node did?
fn is_of_message(what: &EventKind) -> bool {
    matches!(what, EventKind::Strand { .. } | EventKind::Miss { .. } | EventKind::Leave { .. })
}

/// Is it something that faults and the calm bring about?
pub(super) fn is_of_fault(what: &EventKind) -> bool {
    match what {
        EventKind::Crash { .. }
        | EventKind::Partition { .. }
        | EventKind::Heal
        | EventKind::Calm
        | EventKind::Cut { .. }
        | EventKind::Mend { .. }
        | EventKind::Hold { .. }
        | EventKind::Release { .. }
        | EventKind::Pause { .. }
        | EventKind::Resume { .. }
        | EventKind::Clock { .. }
        | EventKind::Disk { .. }
        | EventKind::Upgrade { .. }
        | EventKind::Move { .. }
        | EventKind::Disconnect { .. }
        | EventKind::LetGo { .. } => true,
        EventKind::Start { .. }
        | EventKind::Command { .. }
        | EventKind::Deliver { .. }
        | EventKind::Miss { .. }
        | EventKind::Strand { .. }
        | EventKind::Connect { .. }
        | EventKind::Link { .. }
        | EventKind::Timer { .. }
        | EventKind::Send { .. }
        | EventKind::Arm { .. }
        | EventKind::Disarm { .. }
        | EventKind::Save { .. }
        | EventKind::Emit { .. }
        | EventKind::Leave { .. }
        | EventKind::Role { .. } => false,
    }
}
