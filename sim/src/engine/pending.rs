use std::fmt;

use rehearsal_machine::{Machine, NodeId};

use crate::queue::Key;

/// What can be due. The node stands in its key where there is one, so that a
/// message in flight takes little room.
pub(super) enum Pending<M: Machine> {
    Calm,
    /// A fault of the file, or the next strike of one that strikes `every` so often.
    Fault {
        place: u32,
        strike: Strike,
    },
    /// The window of a fault that withholds messages closes.
    Close {
        place: u32,
    },
    /// A partition that comes and goes does either; its number tells it from
    /// an earlier one of the same fault.
    Flap {
        place: u32,
        number: u32,
        opens: bool,
    },
    /// The end of a pause; its number tells it from another one of the same node.
    Resume {
        node: NodeId,
        pause: u32,
    },
    /// The first of what came to a node while it paused.
    Backlog {
        node: NodeId,
    },
    /// Of a node that has crashed so often: a crash in between takes it back.
    Start {
        node: NodeId,
        crashes: u32,
    },
    /// The setup of sessions ends.
    Sessions,
    /// A node is told of a session; its incarnation is as when that was sent.
    Link {
        incarnation: u32,
        session: u32,
        up: bool,
    },
    Message(M::Message),
    /// A message was due whose session has ended: nothing happens.
    Lost,
    /// The alarm of a deadline.
    Timer {
        incarnation: u32,
        timer: M::Timer,
    },
    Command {
        place: u32,
    },
}

/// What is due, when, and for which node.
pub(super) type Due<M> = (Key, Pending<M>);

/// Which strike of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strike {
    /// The only one.
    Once,
    /// This one of many, by chance; the next follows after a gap.
    ByChance(u32),
    /// This one of many, as a plan lists it.
    Listed(u32),
    /// This one of a fixed number, at an instant that chance or a plan has drawn.
    Drawn(u32),
    /// The same, drawn after a cut.
    Redrawn(u32),
    /// This one of many, which was to strike within a step, and has not.
    Overdue(u32),
}

impl Strike {
    /// Its count, from 1.
    pub(super) fn nth(self) -> u32 {
        match self {
            Self::Once => 1,
            Self::ByChance(nth)
            | Self::Listed(nth)
            | Self::Drawn(nth)
            | Self::Redrawn(nth)
            | Self::Overdue(nth) => nth,
        }
    }
}

impl<M: Machine> Pending<M> {
    /// Whose step it will be, if it is one's.
    pub(super) fn node(&self, key: &Key) -> Option<NodeId> {
        match self {
            Self::Calm
            | Self::Fault { .. }
            | Self::Close { .. }
            | Self::Flap { .. }
            | Self::Sessions
            | Self::Lost
            | Self::Resume { .. } => None,
            Self::Start { node, .. } | Self::Backlog { node } => Some(*node),
            Self::Link { .. } | Self::Message(_) | Self::Timer { .. } | Self::Command { .. } => {
                Some(key.to())
            }
        }
    }

    /// Does it wait while its node pauses?
    pub(super) fn can_wait(&self) -> bool {
        matches!(
            self,
            Self::Link { .. } | Self::Message(_) | Self::Timer { .. } | Self::Command { .. }
        )
    }
}

/// What is happening, for the fingerprint of a failure.
#[derive(Clone)]
pub(super) enum Cause<T> {
    Start,
    Deliver(&'static str),
    Timer(T),
    Command,
    /// Sessions begin.
    Sessions,
    /// A node is told of a session.
    Link {
        peer: NodeId,
        up: bool,
    },
    Fault,
}

impl<T: fmt::Debug> fmt::Display for Cause<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Deliver(kind) => write!(f, "deliver {kind}"),
            Self::Timer(timer) => write!(f, "timer {}", crate::trace::name_of(timer)),
            Self::Command => f.write_str("command"),
            Self::Sessions | Self::Link { .. } => f.write_str("link"),
            Self::Fault => f.write_str("fault"),
        }
    }
}
