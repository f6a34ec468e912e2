//! What the leader does: recover what may have been chosen, number messages, and count
//! who accepts them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Accepted, MajoritySequencer, Packet};
use crate::election::Epoch;
use crate::ordering::{Actions, MessageId, Submission};
use rehearsal_machine::{NodeId, mutant};

/// What a node does for the order, besides accepting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Role<T> {
    /// Nothing.
    Follower,
    /// It asks what has been accepted.
    Recovers(Recovery<T>),
    /// It numbers messages.
    Leads(Leadership),
}

/// A leader that waits for promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recovery<T> {
    epoch: Epoch,
    /// The last number that each node has delivered that has promised.
    promises: BTreeMap<NodeId, u64>,
    /// The latest that any of them has accepted, by number.
    found: BTreeMap<u64, Accepted<T>>,
}

/// A leader that a majority has promised to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leadership {
    epoch: Epoch,
    /// The number of the next message.
    next: u64,
    /// Messages that it has numbered, or found numbered, and that have not come up.
    ordered: BTreeSet<MessageId>,
    /// Who has accepted each number that is not chosen yet.
    acceptances: BTreeMap<u64, BTreeSet<NodeId>>,
    /// The last number that each node is known to have delivered.
    delivered: BTreeMap<NodeId, u64>,
    /// The last number that had come up before it led.
    first: u64,
}

impl<T> Role<T> {
    /// The epoch in which it leads or is about to.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Follower => None,
            Self::Recovers(recovery) => Some(recovery.epoch),
            Self::Leads(leadership) => Some(leadership.epoch),
        }
    }

    /// The message has come up, so nobody submits it any more.
    pub(super) fn note_finished(&mut self, message: MessageId) {
        if let Self::Leads(leadership) = self {
            leadership.ordered.remove(&message);
        }
    }
}

impl<T: Clone> MajoritySequencer<T> {
    fn is_majority(&self, count: usize) -> bool {
        if mutant!(HalfChooses) {
            return 2 * count >= self.nodes as usize;
        }
        2 * count > self.nodes as usize
    }

    /// Asks all nodes what they have accepted.
    pub(super) fn recover(&mut self, epoch: Epoch, actions: &mut Actions<Packet<T>, T>) {
        self.role = Role::Follower;
        if !self.heed(epoch) {
            return;
        }
        let promises = BTreeMap::from([(self.me, self.delivered)]);
        self.role = Role::Recovers(Recovery { epoch, promises, found: self.undelivered() });
        let recover = Packet::Recover { epoch, delivered: self.delivered };
        actions.send_all(self.others(), &recover);
        self.lead_if_promised(actions);
    }

    fn undelivered(&self) -> BTreeMap<u64, Accepted<T>> {
        let after = self.accepted.range(self.delivered.saturating_add(1)..);
        after.map(|(position, accepted)| (*position, accepted.clone())).collect()
    }

    pub(super) fn count_promise(
        &mut self,
        from: NodeId,
        epoch: Epoch,
        delivered: u64,
        accepted: Vec<(u64, Accepted<T>)>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        match &mut self.role {
            Role::Recovers(recovery) if recovery.epoch == epoch => {
                recovery.promises.insert(from, delivered);
                for (position, accepted) in accepted {
                    match recovery.found.get(&position) {
                        Some(known) if known.epoch >= accepted.epoch => {}
                        _ => {
                            recovery.found.insert(position, accepted);
                        }
                    }
                }
                self.lead_if_promised(actions);
            }
            Role::Leads(leadership) if leadership.epoch == epoch => {
                leadership.delivered.insert(from, delivered);
                self.catch_up(from, delivered, actions);
            }
            Role::Follower | Role::Recovers(_) | Role::Leads(_) => {}
        }
    }

    fn lead_if_promised(&mut self, actions: &mut Actions<Packet<T>, T>) {
        let Role::Recovers(recovery) = &self.role else { return };
        if !self.is_majority(recovery.promises.len()) {
            return;
        }
        let Recovery { epoch, promises, mut found } = recovery.clone();
        if mutant!(NumberReused) {
            found.clear();
        }
        let first = self.delivered;
        let mut known = found.split_off(&first.saturating_add(1));
        let last = known.last_key_value().map_or(first, |(position, _)| *position);
        let ordered = known.values().filter_map(|it| Some(it.submission.as_ref()?.message));
        self.role = Role::Leads(Leadership {
            epoch,
            next: first.saturating_add(1),
            ordered: ordered.collect(),
            acceptances: BTreeMap::new(),
            delivered: promises.clone(),
            first,
        });
        for (node, delivered) in promises {
            self.catch_up(node, delivered, actions);
        }
        for position in first.saturating_add(1)..=last {
            let submission = known.remove(&position).and_then(|it| it.submission);
            self.order(submission, actions);
        }
        for submission in self.submitted.clone().into_values() {
            self.order_if_new(submission, actions);
        }
    }

    /// Sends a node what had been chosen before this node led, and the node lacks.
    fn catch_up(&self, to: NodeId, delivered: u64, actions: &mut Actions<Packet<T>, T>) {
        let Role::Leads(leadership) = &self.role else { return };
        let epoch = leadership.epoch;
        let stable = leadership.stable(self.nodes, self.me, self.delivered);
        for (position, accepted) in self.accepted.range(delivered.saturating_add(1)..) {
            if *position > leadership.first || to == self.me {
                break;
            }
            let (position, submission) = (*position, accepted.submission.clone());
            actions.send(to, Packet::Order { epoch, position, submission });
            actions.send(to, Packet::Commit { epoch, position, stable });
        }
    }

    /// Numbers a message unless it has a number, if this node leads.
    pub(super) fn order_if_new(
        &mut self,
        submission: Submission<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        if let Role::Leads(leadership) = &mut self.role
            && leadership.ordered.insert(submission.message)
        {
            self.order(Some(submission), actions);
        }
    }

    /// Gives the next number, to a message or to nothing.
    fn order(&mut self, submission: Option<Submission<T>>, actions: &mut Actions<Packet<T>, T>) {
        let Role::Leads(leadership) = &mut self.role else { return };
        let (epoch, position) = (leadership.epoch, leadership.next);
        leadership.next = position.saturating_add(1);
        leadership.acceptances.insert(position, BTreeSet::from([self.me]));
        self.accepted.insert(position, Accepted { epoch, submission: submission.clone() });
        self.most = self.most.max(self.held());
        actions.send_all(self.others(), &Packet::Order { epoch, position, submission });
        if mutant!(OwnBeforeMajority) {
            self.choose(position, epoch, actions);
        }
        self.commit_if_chosen(position, actions);
    }

    pub(super) fn count_acceptance(
        &mut self,
        from: NodeId,
        (epoch, position): (Epoch, u64),
        delivered: u64,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let Role::Leads(leadership) = &mut self.role else { return };
        let known = leadership.delivered.entry(from).or_default();
        *known = delivered.max(*known);
        if leadership.epoch == epoch
            && let Some(acceptances) = leadership.acceptances.get_mut(&position)
        {
            acceptances.insert(from);
            self.commit_if_chosen(position, actions);
        }
    }

    fn commit_if_chosen(&mut self, position: u64, actions: &mut Actions<Packet<T>, T>) {
        let Role::Leads(leadership) = &self.role else { return };
        let Some(acceptances) = leadership.acceptances.get(&position) else { return };
        if !self.is_majority(acceptances.len()) {
            return;
        }
        let epoch = leadership.epoch;
        self.choose(position, epoch, actions);
        let Role::Leads(leadership) = &mut self.role else { return };
        leadership.acceptances.remove(&position);
        let stable = leadership.stable(self.nodes, self.me, self.delivered);
        actions.send_all(self.others(), &Packet::Commit { epoch, position, stable });
        self.forget(stable);
    }
}

impl Leadership {
    /// The last number that every node is known to have delivered.
    fn stable(&self, nodes: u32, me: NodeId, delivered: u64) -> u64 {
        let of = |node| match self.delivered.get(&node) {
            _ if node == me => delivered,
            known => known.copied().unwrap_or(0),
        };
        NodeId::all(nodes).map(of).min().unwrap_or(0)
    }
}
