//! A central server that passes on every message.
//!
//! Every message goes to the server, and the server sends it to the destinations.
//! Both ways are first in, first out. So every node delivers a part of one sequence,
//! the server's: the order is total, causal, and that of each sender, for one number
//! in each packet. The price is that the server handles every message of every node,
//! and that nobody hears anything while it is down.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Actions, Destinations, Fifo, HoldBack, MessageId, Submission};
use rehearsal_machine::NodeId;

/// What nodes and the server say to each other, with its number on this way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet<T> {
    /// To the server: pass this on.
    Submit {
        /// The number among those to the server.
        number: u64,
        /// The message.
        submission: Submission<T>,
    },
    /// To a destination.
    Forward {
        /// The number among those from the server to this node.
        number: u64,
        /// The message.
        message: MessageId,
        /// Its content.
        content: T,
    },
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "submit",
            Self::Forward { .. } => "forward",
        }
    }

    /// How many numbers it carries for the sake of the order. The destinations, which
    /// the server must know in any order, do not count.
    #[must_use]
    pub fn ints(&self) -> usize {
        1
    }

    /// Whether this node of a group of this many can have sent it.
    pub(super) fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        match self {
            Self::Submit { submission, .. } => {
                submission.message.by == from && submission.fits(nodes)
            }
            Self::Forward { message, .. } => message.by.number() <= nodes,
        }
    }

    /// The content that it carries.
    pub(super) fn content(&self) -> &T {
        match self {
            Self::Submit { submission, .. } => &submission.content,
            Self::Forward { content, .. } => content,
        }
    }
}

/// A node, or the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay<T> {
    me: NodeId,
    server: NodeId,
    queue: HoldBack<Fifo, Passing<T>>,
}

/// What waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Passing<T> {
    Up(Submission<T>),
    Down(MessageId, T),
}

impl<T: Clone> Relay<T> {
    /// Node `me` with this server, which may be the node itself.
    #[must_use]
    pub fn new(me: NodeId, server: NodeId) -> Self {
        Self { me, server, queue: HoldBack::new(Fifo::new()) }
    }

    /// How many packets wait for earlier ones.
    #[must_use]
    pub fn held(&self) -> usize {
        self.queue.len()
    }

    /// How many packets ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.queue.most()
    }

    /// The nodes to which packets go at once if this node sends a message to these.
    pub(super) fn receivers(&self, to: &Destinations) -> Destinations {
        if self.me == self.server { to.clone() } else { self.server.into() }
    }

    /// The nodes to which this node passes on a packet.
    pub(super) fn passes_on(&self, packet: &Packet<T>) -> Destinations {
        match packet {
            Packet::Submit { submission, .. } if self.me == self.server => submission.to.clone(),
            Packet::Submit { .. } | Packet::Forward { .. } => Destinations::default(),
        }
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        if self.me == self.server {
            return self.pass_on(submission, actions);
        }
        for (to, number) in self.queue.stamp(&self.server.into()) {
            actions.send(to, Packet::Submit { number, submission: submission.clone() });
        }
    }

    /// Takes a packet, each one once.
    pub fn receive(
        &mut self,
        from: NodeId,
        packet: Packet<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let released = match packet {
            Packet::Submit { number, submission } if self.me == self.server => {
                self.queue.receive(from, number, Passing::Up(submission))
            }
            Packet::Forward { number, message, content } if from == self.server => {
                self.queue.receive(from, number, Passing::Down(message, content))
            }
            Packet::Submit { .. } | Packet::Forward { .. } => Vec::new(),
        };
        for passing in released {
            match passing {
                Passing::Up(submission) => self.pass_on(submission, actions),
                Passing::Down(message, content) => actions.deliver(message, content),
            }
        }
    }

    fn pass_on(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        let Submission { message, to, content } = submission;
        let others: Destinations = to.iter().filter(|to| *to != self.me).collect();
        for (to, number) in self.queue.stamp(&others) {
            actions.send(to, Packet::Forward { number, message, content: content.clone() });
        }
        if to.contains(self.me) {
            actions.deliver(message, content);
        }
    }
}
