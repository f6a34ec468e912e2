use rehearsal_protocol::{Machine, Message as _, NodeId, Time};
use serde::Serialize;
use tracing::span::EnteredSpan;

use super::digest::Hashing;
use super::{Digest, Event, Mail, What, log};
use crate::network::Fate;
use crate::protocol::{Lane, MessageOf, OutputOf, Protocol};

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

/// One thing that happens, by reference to where it happens. Its serialized
/// form is what the digest covers, so its shape is frozen under `FORMAT`:
/// variants are only ever added at the end.
#[derive(Serialize)]
#[serde(bound = "")]
pub(crate) enum Step<'a, P: Protocol> {
    Start {
        node: NodeId,
        incarnation: u32,
    },
    Command {
        node: NodeId,
        command: &'a <P::Machine as Machine>::Command,
    },
    Deliver {
        node: NodeId,
        from: NodeId,
        count: u32,
        copy: u8,
        message: &'a MessageOf<P>,
    },
    Miss {
        node: NodeId,
        from: NodeId,
        count: u32,
        copy: u8,
        message: &'a MessageOf<P>,
    },
    Timer {
        node: NodeId,
        timer: &'a <P::Machine as Machine>::Timer,
    },
    Crash {
        node: NodeId,
    },
    Partition {
        sides: &'a [Vec<NodeId>],
    },
    Heal,
    Calm,
    Send {
        node: NodeId,
        to: NodeId,
        count: u32,
        message: &'a MessageOf<P>,
        fate: &'a Fate,
    },
    Arm {
        node: NodeId,
        timer: &'a <P::Machine as Machine>::Timer,
        deadline: Time,
    },
    Disarm {
        node: NodeId,
        timer: &'a <P::Machine as Machine>::Timer,
    },
    Save {
        node: NodeId,
        cell: &'a <P::Machine as Machine>::Cell,
        value: Option<&'a <P::Machine as Machine>::Saved>,
    },
    Emit {
        node: NodeId,
        output: &'a OutputOf<P>,
    },
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

    pub(crate) fn record<P: Protocol>(&mut self, at: Time, step: &Step<'_, P>) {
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
        let lane = machine.map_or(Lane::DOWN, P::lane);
        let before = &mut self.lanes[node.index()];
        if *before != Some(lane) {
            *before = Some(lane);
            events.push(Event { at, what: What::Role { node, lane } });
        }
    }

    pub(crate) fn finish(self) -> Recorded {
        let (digest, checkpoints) = self.hashing.map(Hashing::finish).unzip();
        Recorded { digest, checkpoints: checkpoints.unwrap_or_default(), events: self.events }
    }
}

impl<P: Protocol> Step<'_, P> {
    fn tell(&self) -> What {
        match *self {
            Self::Start { node, incarnation } => What::Start { node, incarnation },
            Self::Command { node, command } => {
                What::Command { node, text: P::command_text(command) }
            }
            Self::Deliver { node, from, count, copy, message } => {
                What::Deliver { node, message: mail::<P>(from, count, copy, message) }
            }
            Self::Miss { node, from, count, copy, message } => {
                What::Miss { node, message: mail::<P>(from, count, copy, message) }
            }
            Self::Timer { node, timer } => What::Timer { node, timer: name_of(timer) },
            Self::Crash { node } => What::Crash { node },
            Self::Partition { sides } => What::Partition { sides: sides.to_vec() },
            Self::Heal => What::Heal,
            Self::Calm => What::Calm,
            Self::Send { node, to, count, message, fate } => {
                let (lost, arrives) = match fate {
                    Fate::Lost(reason) => (Some(*reason), Vec::new()),
                    Fate::Arrives { first, copies } => (
                        None,
                        [first].into_iter().chain(copies).map(|at| Time::from_nanos(*at)).collect(),
                    ),
                };
                let (kind, text) = (message.kind().to_owned(), P::message_text(message));
                What::Send { node, to, count, kind, text, lost, arrives }
            }
            Self::Arm { node, timer, deadline } => {
                What::Arm { node, timer: name_of(timer), deadline }
            }
            Self::Disarm { node, timer } => What::Disarm { node, timer: name_of(timer) },
            Self::Save { node, cell, value } => {
                What::Save { node, cell: format!("{cell:?}"), erased: value.is_none() }
            }
            Self::Emit { node, output } => What::Emit { node, text: P::output_text(output) },
        }
    }
}

fn mail<P: Protocol>(from: NodeId, count: u32, copy: u8, message: &MessageOf<P>) -> Mail {
    let (kind, text) = (message.kind().to_owned(), P::message_text(message));
    Mail { from, count, copy, kind, text }
}

/// A timer's name as plans and traces write it: its `Debug` form in lower
/// snake case, `Timer::AnswerWait` as `answer_wait`.
pub(crate) fn name_of(timer: &impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{timer:?}").chars() {
        if letter.is_ascii_uppercase() {
            if name.ends_with(|before: char| before.is_ascii_alphanumeric()) {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        } else {
            name.push(letter);
        }
    }
    name
}
