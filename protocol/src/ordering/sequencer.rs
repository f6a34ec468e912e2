//! Total order by one node that numbers all messages.
//!
//! Senders submit their messages to the leader. The leader numbers them in the order of
//! arrival and sends each to all nodes, which deliver them in the order of the
//! numbers. The order is not that of a sender whose messages overtake each other on
//! their way to the leader.
//!
//! The leader comes from outside, under an epoch, and each epoch has its own numbers
//! from 1. Nodes refuse numbers of an earlier epoch than the latest they know (fencing).
//! **That is not enough**: the next leader does not know what the one before has
//! numbered. Where a node has delivered a message of the earlier epoch, and the
//! others have not, they deliver it later or never. Two leaders on two sides of a
//! partition deliver their own messages first. This form shows it;
//! [`MajoritySequencer`](super::MajoritySequencer) cures it.
//!
//! Kaashoek, Tanenbaum, Flynn Hummel and Bal, "An efficient reliable broadcast
//! protocol", 1989; Chang and Maxemchuk, "Reliable broadcast protocols", 1984.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finished::Finished;
use super::submissions::Submissions;
use super::{Actions, Destinations, Submission};
use crate::election::Epoch;
use rehearsal_machine::NodeId;

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet<T> {
    /// To the leader: number this.
    Submit(Submission<T>),
    /// To all nodes: the message of this number.
    Order {
        /// The leader's epoch.
        epoch: Epoch,
        /// The number in this epoch, from 1.
        position: u64,
        /// The message.
        submission: Submission<T>,
    },
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Order { .. } => "order",
        }
    }

    /// How many numbers it carries for the sake of the order: the leader of the
    /// epoch is the sender of the packet.
    #[must_use]
    pub fn ints(&self) -> usize {
        match self {
            Self::Submit(_) => 0,
            Self::Order { .. } => 2,
        }
    }

    /// Whether this node of a group of this many can have sent it.
    pub(super) fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        match self {
            Self::Submit(submission) => submission.message.by == from && submission.fits(nodes),
            Self::Order { epoch, submission, .. } => epoch.leader == from && submission.fits(nodes),
        }
    }

    /// The content that it carries.
    pub(super) fn content(&self) -> &T {
        let (Self::Submit(submission) | Self::Order { submission, .. }) = self;
        &submission.content
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequencer<T> {
    me: NodeId,
    nodes: u32,
    /// The latest epoch that it has heard of.
    epoch: Option<Epoch>,
    /// Messages that are not delivered yet: its own, and those submitted to it.
    submitted: Submissions<T>,
    /// The number that the node gives next as a leader.
    next: u64,
    /// Messages that wait for earlier numbers.
    held: BTreeMap<u64, Submission<T>>,
    most: usize,
    /// The last number of the epoch that is delivered.
    delivered: u64,
    finished: Finished,
}

impl<T: Clone> Sequencer<T> {
    /// Node `me` of this many, without a leader.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self {
            me,
            nodes,
            epoch: None,
            submitted: Submissions::new(),
            next: 1,
            held: BTreeMap::new(),
            most: 0,
            delivered: 0,
            finished: Finished::default(),
        }
    }

    /// How many numbered messages wait for earlier ones.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// How many messages ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.most
    }

    /// How many messages of this node are not in the order yet.
    #[must_use]
    pub fn unordered(&self) -> usize {
        self.submitted.of(self.me).count()
    }

    /// Whether this node numbers messages.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leader() == Some(self.me)
    }

    /// How many messages it keeps.
    pub(super) fn kept(&self) -> usize {
        self.submitted.len() + self.held.len()
    }

    /// The nodes to which packets go at once if this node sends a message.
    pub(super) fn receivers(&self, _to: &Destinations) -> Destinations {
        match self.leader() {
            Some(leader) if leader == self.me => Destinations::others(self.nodes, self.me),
            Some(leader) => leader.into(),
            None => Destinations::default(),
        }
    }

    /// The nodes to which this node passes on a packet.
    pub(super) fn passes_on(&self, packet: &Packet<T>) -> Destinations {
        match packet {
            Packet::Submit(submission) if self.leads() => self.receivers(&submission.to),
            Packet::Submit(_) | Packet::Order { .. } => Destinations::default(),
        }
    }

    /// The leader that it follows, which may be the node itself.
    fn leader(&self) -> Option<NodeId> {
        self.epoch.map(|epoch| epoch.leader)
    }

    /// Follows the leader of this epoch, or leads if it is this node. An epoch that is
    /// not later than the latest known changes nothing.
    pub fn follow(&mut self, epoch: Epoch, actions: &mut Actions<Packet<T>, T>) {
        if Some(epoch) <= self.epoch {
            return;
        }
        self.begin(epoch);
        if epoch.leader == self.me {
            for submission in self.submitted.take() {
                self.number(submission, actions);
            }
        } else {
            self.submitted.submit_again(self.me, epoch.leader, Packet::Submit, actions);
        }
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        match self.epoch {
            Some(epoch) if epoch.leader == self.me => self.number(submission, actions),
            epoch => {
                self.submitted.insert(submission.clone());
                if let Some(epoch) = epoch {
                    actions.send(epoch.leader, Packet::Submit(submission));
                }
            }
        }
    }

    /// Takes a packet, each one once.
    pub fn receive(
        &mut self,
        from: NodeId,
        packet: Packet<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        match packet {
            Packet::Submit(submission) => {
                if self.finished.contains(submission.message) {
                    return;
                }
                if self.leads() {
                    self.number(submission, actions);
                } else {
                    self.submitted.insert(submission);
                }
            }
            Packet::Order { epoch, position, submission } => {
                if Some(epoch) < self.epoch || epoch.leader != from {
                    return;
                }
                // The owner may hear of the leader later than the node does.
                self.follow(epoch, actions);
                if position > self.delivered {
                    self.held.insert(position, submission);
                    self.deliver(actions);
                    self.most = self.most.max(self.held.len());
                }
            }
        }
    }

    /// From here on only the numbers of this epoch count.
    fn begin(&mut self, epoch: Epoch) {
        self.epoch = Some(epoch);
        (self.next, self.delivered) = (1, 0);
        self.held.clear();
    }

    fn number(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        let Some(epoch) = self.epoch else { return };
        let position = self.next;
        self.next = position.saturating_add(1);
        let others = NodeId::all(self.nodes).filter(|node| *node != self.me);
        let order = Packet::Order { epoch, position, submission: submission.clone() };
        actions.send_all(others, &order);
        self.held.insert(position, submission);
        self.deliver(actions);
    }

    fn deliver(&mut self, actions: &mut Actions<Packet<T>, T>) {
        while let Some(next) = self.delivered.checked_add(1)
            && let Some(submission) = self.held.remove(&next)
        {
            self.delivered = next;
            let Submission { message, to, content } = submission;
            self.submitted.remove(message);
            if self.finished.insert(message) && to.contains(self.me) {
                actions.deliver(message, content);
            }
        }
    }
}
