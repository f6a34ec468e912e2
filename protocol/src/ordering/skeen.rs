//! Total order by agreement on a time for each message.
//!
//! The sender asks all destinations of a message. Each proposes a time later than all
//! that it has proposed or heard of, and the latest proposal becomes the time of the
//! message. A node delivers messages in the order of their times: a message whose time
//! is final waits while another one may still get an earlier time. Only the sender and
//! the destinations of a message take part, and any two nodes deliver the messages
//! that both get in the same order.
//!
//! The order is that of each sender only if the links keep their order and the
//! sender is a destination. If a sender never comes back before it has sent the final
//! time, every destination waits for it and delivers nothing more.
//!
//! Dale Skeen, unpublished; Birman and Joseph, "Reliable communication in the presence
//! of failures", 1987, describe it.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Actions, MessageId, Submission};
use rehearsal_machine::{NodeId, mutant};

/// A time that no other proposal has: nodes that propose the same count differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp {
    /// The count of the node's clock.
    pub count: u64,
    /// The node.
    pub node: NodeId,
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet<T> {
    /// To a destination: what time do you propose?
    Ask {
        /// The message.
        message: MessageId,
        /// Its content.
        content: T,
    },
    /// To the sender: not before this.
    Propose {
        /// The message.
        message: MessageId,
        /// The time.
        at: Timestamp,
    },
    /// To the destinations: this is its time.
    Final {
        /// The message.
        message: MessageId,
        /// The time.
        at: Timestamp,
    },
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "ask",
            Self::Propose { .. } => "propose",
            Self::Final { .. } => "final",
        }
    }

    /// How many numbers it carries for the sake of the order.
    #[must_use]
    pub fn ints(&self) -> usize {
        match self {
            Self::Ask { .. } => 0,
            Self::Propose { .. } | Self::Final { .. } => 2,
        }
    }

    /// Whether this node of a group of this many can have sent it.
    pub(super) fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        match self {
            Self::Ask { message, .. } => message.by == from,
            Self::Propose { at, .. } => at.node == from,
            Self::Final { message, at } => message.by == from && at.node.number() <= nodes,
        }
    }

    /// The content that it carries.
    pub(super) fn content(&self) -> Option<&T> {
        match self {
            Self::Ask { content, .. } => Some(content),
            Self::Propose { .. } | Self::Final { .. } => None,
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skeen<T> {
    me: NodeId,
    clock: u64,
    /// Messages of this node that have no final time yet.
    asked: BTreeMap<MessageId, Asked>,
    /// The time of each message that is not delivered yet, proposed or final.
    times: BTreeMap<MessageId, Timestamp>,
    /// The same messages, in the order of their times.
    queue: BTreeMap<(Timestamp, MessageId), Queued<T>>,
    most: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    /// The proposal of each destination, if it has come.
    proposals: BTreeMap<NodeId, Option<Timestamp>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Queued<T> {
    is_final: bool,
    content: T,
}

impl<T: Clone> Skeen<T> {
    /// Node `me`, before any message.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self {
            me,
            clock: 0,
            asked: BTreeMap::new(),
            times: BTreeMap::new(),
            queue: BTreeMap::new(),
            most: 0,
        }
    }

    /// How many messages wait for their final time or for another message.
    #[must_use]
    pub fn held(&self) -> usize {
        self.queue.len()
    }

    /// How many messages ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.most
    }

    /// How many messages of this node have no final time yet.
    #[must_use]
    pub fn unordered(&self) -> usize {
        self.asked.len()
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        let Submission { message, to, content } = submission;
        let proposals = to.iter().map(|node| (node, None)).collect();
        self.asked.insert(message, Asked { proposals });
        actions.send_all(to.iter(), &Packet::Ask { message, content });
    }

    /// Takes a packet, each one once.
    pub fn receive(
        &mut self,
        from: NodeId,
        packet: Packet<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        match packet {
            Packet::Ask { message, content } => self.propose(from, message, content, actions),
            Packet::Propose { message, at } => self.take_proposal(from, message, at, actions),
            Packet::Final { message, at } => self.conclude(message, at, actions),
        }
    }

    fn propose(
        &mut self,
        from: NodeId,
        message: MessageId,
        content: T,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        if self.times.contains_key(&message) {
            return;
        }
        self.clock = self.clock.saturating_add(1);
        let at = Timestamp { count: self.clock, node: self.me };
        self.times.insert(message, at);
        self.queue.insert((at, message), Queued { is_final: false, content });
        self.most = self.most.max(self.queue.len());
        actions.send(from, Packet::Propose { message, at });
    }

    fn take_proposal(
        &mut self,
        from: NodeId,
        message: MessageId,
        at: Timestamp,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let Some(asked) = self.asked.get_mut(&message) else { return };
        if let Some(proposal) = asked.proposals.get_mut(&from) {
            *proposal = Some(at);
        }
        if asked.proposals.values().any(Option::is_none) && !mutant!(FirstProposalWins) {
            return;
        }
        if let Some(asked) = self.asked.remove(&message)
            && let Some(at) = asked.proposals.values().copied().flatten().max()
        {
            actions.send_all(asked.proposals.into_keys(), &Packet::Final { message, at });
        }
    }

    fn conclude(&mut self, message: MessageId, at: Timestamp, actions: &mut Actions<Packet<T>, T>) {
        if !mutant!(ClockUnraised) {
            self.clock = self.clock.max(at.count);
        }
        let Some(proposed) = self.times.get_mut(&message) else { return };
        if let Some(queued) = self.queue.remove(&(*proposed, message)) {
            *proposed = at;
            self.queue.insert((at, message), Queued { is_final: true, ..queued });
        }
        while let Some(next) = self.next() {
            if let Some(queued) = self.queue.remove(&next) {
                self.times.remove(&next.1);
                actions.deliver(next.1, queued.content);
            }
        }
    }

    /// The message that is to be delivered now.
    fn next(&self) -> Option<(Timestamp, MessageId)> {
        let mut queue = self.queue.iter();
        let next = if mutant!(PendingOvertaken) {
            queue.find(|(_, queued)| queued.is_final)
        } else {
            queue.next().filter(|(_, queued)| queued.is_final)
        };
        next.map(|(key, _)| *key)
    }
}
