use rehearsal_machine::{Machine, Message as _, NodeId, Time};
use serde::Serialize;

use super::keys::Keys;
use super::timer_name::name_of;
use super::{EventKind, Json, saved_text};
use crate::fault::Disk;
use crate::network::{Fate, Link, Lost, Pair};
use crate::protocol::{Look as _, MessageOf, OutputOf, Protocol};

/// One thing that happens, by reference to where it happens. Its serialized
/// form is what the digest covers, so its shape is frozen under `FORMAT`:
/// variants are only ever added at the end.
#[derive(Serialize)]
#[serde(bound = "")]
pub(crate) enum RawEvent<'a, P: Protocol> {
    Start {
        node: NodeId,
        incarnation: u32,
    },
    Command {
        node: NodeId,
        command: &'a <P::Machine as Machine>::Command,
        /// What happened before tells it, too.
        #[serde(skip)]
        is_heard: bool,
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
    /// Links are cut, each in its direction.
    Cut {
        links: &'a [Link],
    },
    /// What one fault has cut is open again.
    Mend {
        sides: &'a [Vec<NodeId>],
    },
    Hold {
        link: Link,
    },
    Release {
        link: Link,
    },
    /// A message that was held sets off.
    Leave {
        node: NodeId,
        to: NodeId,
        count: u32,
        message: &'a MessageOf<P>,
        fate: &'a Fate,
    },
    Pause {
        node: NodeId,
    },
    Resume {
        node: NodeId,
    },
    /// A node's clock shows this, and goes so much in so much of the true time.
    Clock {
        node: NodeId,
        shows: Time,
        gained: u64,
        passed: u64,
    },
    /// Something happened to what a node has saved.
    Disk {
        node: NodeId,
        damage: Damage,
    },
    /// A node runs by another configuration from its next start on.
    Upgrade {
        node: NodeId,
    },
    /// An armed deadline comes at another time than its machine asked for.
    Move {
        node: NodeId,
        timer: &'a <P::Machine as Machine>::Timer,
        deadline: Time,
    },
    /// What faults withheld on these links sets off.
    LetGo {
        links: &'a [Link],
    },
    /// Sessions begin.
    Connect {
        pairs: &'a [Pair],
        since: Time,
    },
    /// Sessions end.
    Disconnect {
        pairs: &'a [Pair],
        why: Ended,
    },
    /// A node is told of the beginning or the end of a session.
    Link {
        node: NodeId,
        peer: NodeId,
        session: u32,
        up: bool,
    },
    /// A message does not arrive, since its session has ended.
    Strand {
        node: NodeId,
        from: NodeId,
        count: u32,
        copy: u8,
        message: &'a MessageOf<P>,
    },
}

/// What ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// A fault breaks it.
    Break,
    /// A cut of its link, in either direction.
    Cut,
    /// The crash of one of its nodes.
    Crash,
}

/// What happened to what a node has saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Damage {
    /// The last save is lost.
    LastLost,
    /// The last save is torn.
    LastTorn,
    /// All is lost.
    Wiped,
    /// From now on what is saved is not durable.
    Lies,
    /// What was saved since then is lost.
    Lied,
}

impl Damage {
    /// What a crash does that this is said of.
    pub(crate) fn of(disk: Disk) -> Option<Self> {
        match disk {
            Disk::Intact => None,
            Disk::LosesLast => Some(Self::LastLost),
            Disk::TearsLast => Some(Self::LastTorn),
            Disk::Wiped => Some(Self::Wiped),
        }
    }
}

impl<P: Protocol> RawEvent<'_, P> {
    /// The event as the trace has it, with what was said in full if that is asked
    /// for. The keys are those of all events before.
    pub(super) fn tell(&self, keys: &mut Keys, in_full: bool) -> EventKind {
        match *self {
            Self::Start { node, incarnation } => {
                keys.timers.start(node, incarnation);
                EventKind::Start { node, incarnation }
            }
            Self::Command { node, command, is_heard } => EventKind::Command {
                node,
                text: P::Look::command_text(command),
                value: in_full.then(|| Json::of(command)),
                is_heard,
            },
            Self::Deliver { node, from, count, copy, message } => EventKind::Deliver {
                message: keys.arrival(Link::new(from, node), count, message.kind()),
                copy,
                text: P::Look::message_text(message),
            },
            Self::Miss { node, from, count, copy, message } => EventKind::Miss {
                message: keys.arrival(Link::new(from, node), count, message.kind()),
                copy,
                text: P::Look::message_text(message),
            },
            Self::Timer { node, timer } => {
                EventKind::Timer { timer: keys.timers.armed(node, name_of(timer)) }
            }
            Self::Crash { node } => EventKind::Crash { node },
            Self::Partition { sides } => EventKind::Partition { sides: sides.to_vec() },
            Self::Heal => EventKind::Heal,
            Self::Calm => EventKind::Calm,
            Self::Send { node, to, count, message, fate } => {
                let (lost, arrives) = told(fate);
                EventKind::Send {
                    message: keys.send(Link::new(node, to), count, message.kind(), fate),
                    text: P::Look::message_text(message),
                    value: in_full.then(|| Json::of(message)),
                    lost,
                    arrives,
                }
            }
            Self::Arm { node, timer, deadline } => {
                EventKind::Arm { timer: keys.timers.arm(node, name_of(timer)), deadline }
            }
            Self::Disarm { node, timer } => EventKind::Disarm { node, timer: name_of(timer) },
            Self::Save { node, cell, value } => EventKind::Save {
                node,
                cell: P::Look::cell_text(cell),
                text: saved_text::<P>(cell, value),
                value: value.filter(|_| in_full).map(Json::of),
                erased: value.is_none(),
            },
            Self::Emit { node, output } => EventKind::Emit {
                node,
                text: P::Look::output_text(output),
                value: in_full.then(|| Json::of(output)),
            },
            Self::Cut { links } => {
                EventKind::Cut { links: links.iter().map(|link| (link.from, link.to)).collect() }
            }
            Self::Mend { sides } => EventKind::Mend { sides: sides.to_vec() },
            Self::Hold { link } => EventKind::Hold { from: link.from, to: link.to },
            Self::Release { link } => EventKind::Release { from: link.from, to: link.to },
            Self::Leave { node, to, count, message, fate } => {
                let (lost, arrives) = told(fate);
                let message_key = keys.leave(Link::new(node, to), count, message.kind(), fate);
                let text = P::Look::message_text(message);
                EventKind::Leave { message: message_key, text, lost, arrives }
            }
            Self::Pause { node } => EventKind::Pause { node },
            Self::Resume { node } => EventKind::Resume { node },
            Self::Clock { node, shows, gained, passed } => {
                EventKind::Clock { node, shows, gained, passed }
            }
            Self::Disk { node, damage } => EventKind::Disk { node, damage },
            Self::Upgrade { node } => EventKind::Upgrade { node },
            Self::Connect { pairs, since } => EventKind::Connect { pairs: nodes_of(pairs), since },
            Self::Disconnect { pairs, why } => {
                EventKind::Disconnect { pairs: nodes_of(pairs), why }
            }
            Self::Link { node, peer, session, up } => EventKind::Link { node, peer, session, up },
            Self::Strand { node, from, count, copy, message } => EventKind::Strand {
                message: keys.arrival(Link::new(from, node), count, message.kind()),
                copy,
                text: P::Look::message_text(message),
            },
            Self::LetGo { links } => {
                EventKind::LetGo { links: links.iter().map(|link| (link.from, link.to)).collect() }
            }
            Self::Move { node, timer, deadline } => {
                EventKind::Move { timer: keys.timers.armed(node, name_of(timer)), deadline }
            }
        }
    }
}

fn nodes_of(pairs: &[Pair]) -> Vec<(NodeId, NodeId)> {
    pairs.iter().map(|pair| pair.nodes()).collect()
}

/// Why a message was lost, or when its copies arrive; neither while it is held.
fn told(fate: &Fate) -> (Option<Lost>, Vec<Time>) {
    match fate {
        Fate::Lost(reason) => (Some(*reason), Vec::new()),
        Fate::Arrives { first, copies } => {
            let copies = copies.as_slice().iter().map(|copy| Time::from_nanos(*copy));
            (None, std::iter::once(*first).chain(copies).collect())
        }
        Fate::Held => (None, Vec::new()),
    }
}
