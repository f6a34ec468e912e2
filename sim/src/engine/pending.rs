use std::fmt;

use rehearsal_protocol::{Machine, NodeId};

use crate::protocol::Protocol;
use crate::scenario::CommandAt;
use crate::trace::name_of;

/// What can be due.
pub(super) enum Pending<M: Machine> {
    Calm,
    Fault {
        place: usize,
    },
    /// Of a node that has crashed so often: a crash in between takes it back.
    Start {
        node: NodeId,
        crashes: u32,
    },
    Message {
        from: NodeId,
        to: NodeId,
        count: u32,
        copy: u8,
        message: M::Message,
    },
    Timer {
        node: NodeId,
        incarnation: u32,
        timer: M::Timer,
        arming: u64,
    },
    Command {
        place: usize,
    },
}

impl<M: Machine> Pending<M> {
    /// Whose step it will be.
    pub(super) fn node<P: Protocol>(&self, commands: &[CommandAt<P>]) -> Option<NodeId> {
        match self {
            Self::Calm | Self::Fault { .. } => None,
            Self::Start { node, .. } | Self::Timer { node, .. } => Some(*node),
            Self::Message { to, .. } => Some(*to),
            Self::Command { place } => Some(commands[*place].to),
        }
    }
}

/// What is happening, for the fingerprint of a failure.
pub(super) enum Happening<T> {
    Start,
    Deliver(&'static str),
    Timer(T),
    Command,
    Fault,
}

impl<T: fmt::Debug> fmt::Display for Happening<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Deliver(kind) => write!(f, "deliver {kind}"),
            Self::Timer(timer) => write!(f, "timer {}", name_of(timer)),
            Self::Command => f.write_str("command"),
            Self::Fault => f.write_str("fault"),
        }
    }
}
