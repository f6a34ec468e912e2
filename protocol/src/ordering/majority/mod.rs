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
//! A promise comes in parts, one number each, since a packet has room for one message.
//! The leader counts it once it is whole. Until then, it is safe to know some parts: what
//! a node has accepted in an epoch agrees with all that had been chosen before that epoch,
//! so no part can replace a chosen message by another one. To lead on a promise that is
//! not whole would be wrong, because the missing part may be the only one that tells of a
//! chosen number.
//!
//! A leader gives no new number more than [`WINDOW`] ahead of what it has delivered, and sends
//! a node no number that far ahead of what the node has answered. It sends a node that was away what the node lacks from its
//! own log, at the speed of the node's answers. So a node that is down holds nobody up,
//! and only few packets wait for it. The log grows meanwhile, once for each message.
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
mod promise;

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::leader::{Part, Role};
use super::finished::Finished;
use super::submissions::Submissions;
use super::{Actions, Destinations, Submission};
use crate::election::Epoch;
use rehearsal_machine::{NodeId, mutant};

/// How many numbers a leader may be ahead of what it has delivered, and how many
/// unanswered numbers it sends to a node.
pub const WINDOW: u64 = 64;

/// How many numbers of a promise a node sends before the leader has to ask for more.
const PART: usize = 32;

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
        /// After this number; what comes before it is known.
        after: u64,
    },
    /// To a new leader, a part of a promise: I refuse earlier leaders, and this is what I
    /// have accepted next.
    Promise {
        /// The leader's epoch.
        epoch: Epoch,
        /// The last number that this node has delivered.
        delivered: u64,
        /// The number after which this part begins.
        after: u64,
        /// The next number under which this node keeps something, and what; none if it
        /// keeps nothing more.
        next: Option<(u64, Accepted<T>)>,
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
            Self::Promise { next, .. } => 3 + if next.is_some() { 3 } else { 0 },
        }
    }

    /// Whether this node of a group of this many can have sent it.
    pub(super) fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        match self {
            Self::Submit(submission) => submission.message.by == from && submission.fits(nodes),
            Self::Order { epoch, submission, .. } => {
                epoch.leader == from && submission.as_ref().is_none_or(|it| it.fits(nodes))
            }
            Self::Commit { epoch, .. } | Self::Recover { epoch, .. } => epoch.leader == from,
            Self::Accept { .. } => true,
            Self::Promise { next, .. } => {
                let submission = next.as_ref().and_then(|(_, it)| it.submission.as_ref());
                submission.is_none_or(|it| it.fits(nodes))
            }
        }
    }

    /// The content that it carries.
    pub(super) fn content(&self) -> Option<&T> {
        let submission = match self {
            Self::Submit(submission) => Some(submission),
            Self::Order { submission, .. } => submission.as_ref(),
            Self::Promise { next, .. } => next.as_ref().and_then(|(_, it)| it.submission.as_ref()),
            Self::Accept { .. } | Self::Commit { .. } | Self::Recover { .. } => None,
        };
        submission.map(|it| &it.content)
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
    submitted: Submissions<T>,
    /// By number, except what every node has delivered.
    accepted: BTreeMap<u64, Accepted<T>>,
    /// Numbers after the last delivered one that are chosen, and the earliest known epoch in
    /// which they were. What is accepted in that epoch or later is what was chosen.
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
            submitted: Submissions::new(),
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
        self.submitted.of(self.me).count()
    }

    /// Whether this node numbers messages.
    #[must_use]
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leads(_))
    }

    /// Whether this node asks the others what they have accepted, in order to lead.
    #[must_use]
    pub fn recovers(&self) -> bool {
        matches!(self.role, Role::Recovers(_))
    }

    /// How many messages it keeps: its log, what it has heard of those of others, and what
    /// waits for a place in it.
    pub(super) fn kept(&self) -> usize {
        self.accepted.len() + self.role.found() + self.submitted.len()
    }

    /// The nodes to which packets go at once if this node sends a message. A leader sends
    /// to each node at the speed of its answers.
    pub(super) fn receivers(&self, _to: &Destinations) -> Destinations {
        match self.followed {
            Some(epoch) if epoch.leader != self.me => epoch.leader.into(),
            _ => Destinations::default(),
        }
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
            self.submitted.submit_again(self.me, epoch.leader, Packet::Submit, actions);
        }
        self.advance(actions);
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        self.submitted.insert(submission.clone());
        match self.followed {
            Some(epoch) if epoch.leader == self.me => self.enqueue(submission.message),
            Some(epoch) => actions.send(epoch.leader, Packet::Submit(submission)),
            None => {}
        }
        self.advance(actions);
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
                let message = submission.message;
                if !self.finished.contains(message) {
                    self.submitted.insert(submission);
                    self.enqueue(message);
                }
            }
            Packet::Order { epoch, position, submission } => {
                self.accept(from, (epoch, position), submission, actions);
            }
            Packet::Commit { epoch, position, stable } => {
                self.choose(position, epoch, actions);
                self.forget(stable);
            }
            Packet::Recover { epoch, after } => self.promise(from, epoch, after, actions),
            Packet::Accept { epoch, position, delivered } => {
                self.count_acceptance(from, (epoch, position), delivered, actions);
            }
            Packet::Promise { epoch, delivered, after, next } => {
                self.take_promise(from, Part { epoch, delivered, after, next }, actions);
            }
        }
        self.advance(actions);
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
        mut after: u64,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        if epoch.leader != from || !self.heed(epoch) {
            return;
        }
        let delivered = self.delivered;
        let mut rest = self.accepted.range(after.saturating_add(1)..);
        for _ in 0..PART {
            let next = rest.next().map(|(position, accepted)| (*position, accepted.clone()));
            let position = next.as_ref().map(|(position, _)| *position);
            actions.send(from, Packet::Promise { epoch, delivered, after, next });
            let Some(position) = position else { break };
            after = position;
        }
    }

    /// The number is chosen in this epoch.
    fn choose(&mut self, position: u64, epoch: Epoch, actions: &mut Actions<Packet<T>, T>) {
        if position > self.delivered {
            let known = self.chosen.entry(position).or_insert(epoch);
            *known = epoch.min(*known);
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
                self.submitted.remove(message);
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
