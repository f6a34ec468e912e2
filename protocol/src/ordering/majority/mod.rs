//! Total order by a leader whose numbers a majority keeps.
//!
//! Senders submit their messages to the leader, which numbers them in the order of
//! arrival and sends each to all nodes. Each node keeps the message under its number
//! and accepts it. When a majority has accepted it, the leader included, the number is
//! **chosen**: the leader tells all nodes to commit it. Nodes deliver chosen messages
//! in the order of the numbers, the leader's own messages too. So a leader that is cut
//! off from the majority delivers nothing.
//!
//! A new leader first asks all nodes what they have accepted. They promise to refuse
//! earlier leaders from then on. Any two majorities have a node in common, so when a
//! majority has promised, the leader knows every number that may have been chosen. It
//! numbers these messages again, the latest form of each number, and fills numbers
//! that nobody knows with nothing. Then it goes on with new messages.
//!
//! A sender submits its message again to each new leader until it has seen the message
//! in the order. So a message can come up twice, and every node passes over it the
//! second time. A node forgets what every node has delivered.
//!
//! Every node takes part in the order of every message, and only the destinations
//! deliver it. The order is not that of a sender whose messages overtake each other on
//! their way to the leader.
//!
//! Lamport, "The part-time parliament", 1998, with one promise for all numbers; the
//! leader's side is in `leader`.

mod leader;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use self::leader::Role;
use super::finished::Finished;
use super::{Actions, MessageId, Submission};
use crate::election::Epoch;
use rehearsal_machine::{NodeId, mutant};

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet<T> {
    /// To the leader: number this.
    Submit(Submission<T>),
    /// From the leader: keep this under this number.
    Order {
        /// The leader's epoch.
        epoch: Epoch,
        /// The number, from 1.
        position: u64,
        /// The message; none fills a gap.
        submission: Option<Submission<T>>,
    },
    /// To the leader: I keep it.
    Accept {
        /// The leader's epoch.
        epoch: Epoch,
        /// The number.
        position: u64,
        /// The last number that this node has delivered.
        delivered: u64,
    },
    /// From the leader: a majority keeps it.
    Commit {
        /// The leader's epoch.
        epoch: Epoch,
        /// The number.
        position: u64,
        /// The last number that every node has delivered, as far as the leader knows.
        stable: u64,
    },
    /// From a new leader: what have you accepted?
    Recover {
        /// The leader's epoch.
        epoch: Epoch,
        /// The last number that the leader has delivered.
        delivered: u64,
    },
    /// To a new leader: I refuse earlier ones.
    Promise {
        /// The leader's epoch.
        epoch: Epoch,
        /// The last number that this node has delivered.
        delivered: u64,
        /// What it has accepted after the last number that the leader has delivered.
        accepted: Vec<(u64, Accepted<T>)>,
    },
}

/// What a node keeps under a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Accepted<T> {
    /// The epoch of the leader that it accepted it from.
    pub epoch: Epoch,
    /// The message; none fills a gap.
    pub submission: Option<Submission<T>>,
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Order { .. } => "order",
            Self::Accept { .. } => "accept",
            Self::Commit { .. } => "commit",
            Self::Recover { .. } => "recover",
            Self::Promise { .. } => "promise",
        }
    }

    /// How many numbers it carries for the sake of the order. An epoch counts as one,
    /// since its leader is the sender or the receiver of the packet; that of an accepted
    /// message counts as two.
    #[must_use]
    pub fn ints(&self) -> usize {
        match self {
            Self::Submit(_) => 0,
            Self::Order { .. } | Self::Recover { .. } => 2,
            Self::Accept { .. } | Self::Commit { .. } => 3,
            Self::Promise { accepted, .. } => 2 + 3 * accepted.len(),
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MajoritySequencer<T> {
    me: NodeId,
    nodes: u32,
    /// The epoch of the leader that it follows. A node that leads follows itself.
    followed: Option<Epoch>,
    /// It accepts nothing from leaders of earlier epochs.
    promised: Option<Epoch>,
    role: Role<T>,
    /// Messages that have not come up in the order yet: its own, and those submitted to
    /// it.
    submitted: BTreeMap<MessageId, Submission<T>>,
    /// By number, except what every node has delivered.
    accepted: BTreeMap<u64, Accepted<T>>,
    /// Numbers after the last delivered one that are chosen, and an epoch in which they
    /// were.
    chosen: BTreeMap<u64, Epoch>,
    /// The last number that has come up.
    delivered: u64,
    finished: Finished,
    most: usize,
}

impl<T: Clone> MajoritySequencer<T> {
    /// Node `me` of this many, without a leader.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self {
            me,
            nodes,
            followed: None,
            promised: None,
            role: Role::Follower,
            submitted: BTreeMap::new(),
            accepted: BTreeMap::new(),
            chosen: BTreeMap::new(),
            delivered: 0,
            finished: Finished::default(),
            most: 0,
        }
    }

    /// How many messages are not delivered yet that the latest leader has numbered. What
    /// only earlier ones had numbered may mean nothing.
    #[must_use]
    pub fn held(&self) -> usize {
        let waiting = self.accepted.range(self.delivered.saturating_add(1)..);
        waiting.filter(|(_, accepted)| Some(accepted.epoch) == self.promised).count()
    }

    /// How many numbered messages ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.most
    }

    /// How many messages of this node are not in the order yet.
    #[must_use]
    pub fn unordered(&self) -> usize {
        self.submitted.keys().filter(|message| message.by == self.me).count()
    }

    /// Follows the leader of this epoch, or leads if it is this node. An epoch that is
    /// not later than the latest one followed changes nothing.
    pub fn follow(&mut self, epoch: Epoch, actions: &mut Actions<Packet<T>, T>) {
        if Some(epoch) <= self.followed {
            return;
        }
        self.followed = Some(epoch);
        if epoch.leader == self.me {
            self.recover(epoch, actions);
        } else {
            self.role = Role::Follower;
            let ours = self.submitted.values().filter(|it| it.message.by == self.me);
            actions.packets.extend(ours.map(|it| (epoch.leader, Packet::Submit(it.clone()))));
        }
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        self.submitted.insert(submission.message, submission.clone());
        match self.followed {
            Some(epoch) if epoch.leader == self.me => self.order_if_new(submission, actions),
            Some(epoch) => actions.send(epoch.leader, Packet::Submit(submission)),
            None => {}
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
                if !self.finished.contains(submission.message) {
                    self.submitted.insert(submission.message, submission.clone());
                    self.order_if_new(submission, actions);
                }
            }
            Packet::Order { epoch, position, submission } => {
                self.accept(from, (epoch, position), submission, actions);
            }
            Packet::Commit { epoch, position, stable } => {
                self.choose(position, epoch, actions);
                self.forget(stable);
            }
            Packet::Recover { epoch, delivered } => self.promise(from, epoch, delivered, actions),
            Packet::Accept { epoch, position, delivered } => {
                self.count_acceptance(from, (epoch, position), delivered, actions);
            }
            Packet::Promise { epoch, delivered, accepted } => {
                self.count_promise(from, epoch, delivered, accepted, actions);
            }
        }
    }

    fn others(&self) -> impl Iterator<Item = NodeId> + use<T> {
        let me = self.me;
        NodeId::all(self.nodes).filter(move |node| *node != me)
    }

    /// Refuses leaders of earlier epochs from now on; false if it has promised that to a
    /// later one.
    fn heed(&mut self, epoch: Epoch) -> bool {
        if Some(epoch) < self.promised && !mutant!(OldLeaderHeeded) {
            return false;
        }
        self.promised = self.promised.max(Some(epoch));
        if self.role.epoch().is_some_and(|ours| ours < epoch) {
            self.role = Role::Follower;
        }
        true
    }

    fn accept(
        &mut self,
        from: NodeId,
        (epoch, position): (Epoch, u64),
        submission: Option<Submission<T>>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        if epoch.leader != from || !self.heed(epoch) {
            return;
        }
        if position > self.delivered {
            self.accepted.insert(position, Accepted { epoch, submission });
            self.deliver(actions);
            self.most = self.most.max(self.held());
        }
        actions.send(from, Packet::Accept { epoch, position, delivered: self.delivered });
    }

    fn promise(
        &mut self,
        from: NodeId,
        epoch: Epoch,
        delivered: u64,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        if epoch.leader != from || !self.heed(epoch) {
            return;
        }
        let after = self.accepted.range(delivered.saturating_add(1)..);
        let accepted = after.map(|(position, accepted)| (*position, accepted.clone())).collect();
        actions.send(from, Packet::Promise { epoch, delivered: self.delivered, accepted });
    }

    /// The number is chosen in this epoch.
    fn choose(&mut self, position: u64, epoch: Epoch, actions: &mut Actions<Packet<T>, T>) {
        if position > self.delivered {
            let known = self.chosen.entry(position).or_insert(epoch);
            *known = epoch.max(*known);
            self.deliver(actions);
        }
    }

    /// Delivers what is chosen, as far as there is no gap.
    fn deliver(&mut self, actions: &mut Actions<Packet<T>, T>) {
        while let Some(next) = self.delivered.checked_add(1)
            && let Some(epoch) = self.chosen.get(&next)
            // What was accepted before the number was chosen may be another message.
            && let Some(accepted) = self.accepted.get(&next).filter(|it| {
                it.epoch >= *epoch || mutant!(StaleAccepted)
            })
        {
            let submission = accepted.submission.clone();
            self.chosen.remove(&next);
            self.delivered = next;
            if let Some(Submission { message, to, content }) = submission {
                self.submitted.remove(&message);
                self.role.note_finished(message);
                let is_first = self.finished.insert(message) || mutant!(ComesUpTwice);
                if is_first && to.contains(self.me) {
                    actions.deliver(message, content);
                }
            }
        }
    }

    /// Every node has delivered this number and those before it.
    fn forget(&mut self, stable: u64) {
        let stable = stable.min(self.delivered);
        self.accepted = self.accepted.split_off(&stable.saturating_add(1));
    }
}
