//! What the leader does: recover what may have been chosen, number messages, send each
//! node what it lacks, and count which nodes accept.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::promise::Promise;
use super::{Accepted, MajoritySequencer, Packet, WINDOW};
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
    /// It asks for what comes after this number.
    after: u64,
    /// As far as they have come.
    promises: BTreeMap<NodeId, Promise>,
    /// The latest that any node has accepted, by number.
    found: BTreeMap<u64, Accepted<T>>,
}

/// A leader that a majority has promised to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leadership {
    epoch: Epoch,
    /// The last number that it had delivered when it began to lead. It gives all later ones
    /// anew.
    first: u64,
    /// The number of the next message.
    next: u64,
    /// Messages that have no number yet, in the order of arrival.
    waiting: VecDeque<MessageId>,
    /// Messages that wait, that it has numbered, or that it has found numbered, and that
    /// have not come up.
    known: BTreeSet<MessageId>,
    /// Which nodes have accepted each number that is not chosen yet.
    acceptances: BTreeMap<u64, BTreeSet<NodeId>>,
    /// The other nodes that have promised.
    followers: BTreeMap<NodeId, Follower>,
}

/// How far a node has come under a leader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Follower {
    /// The next number to send to it.
    next: u64,
    /// Numbers that it was sent and has not answered.
    unanswered: BTreeSet<u64>,
    /// The last number that it is known to have delivered.
    delivered: u64,
}

/// A part of a promise, as [`Packet::Promise`] has it.
pub(super) struct Part<T> {
    pub(super) epoch: Epoch,
    pub(super) delivered: u64,
    pub(super) after: u64,
    pub(super) next: Option<(u64, Accepted<T>)>,
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

    /// How many messages it has heard of from the others, before it leads.
    pub(super) fn found(&self) -> usize {
        match self {
            Self::Recovers(recovery) => recovery.found.len(),
            Self::Follower | Self::Leads(_) => 0,
        }
    }

    /// The message has come up, so no node submits it any more.
    pub(super) fn note_finished(&mut self, message: MessageId) {
        if let Self::Leads(leadership) = self {
            leadership.known.remove(&message);
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
        let after = self.delivered;
        let undelivered = self.accepted.range(after.saturating_add(1)..);
        let found = undelivered.map(|(position, it)| (*position, it.clone())).collect();
        let promises = BTreeMap::from([(self.me, Promise::own(after))]);
        self.role = Role::Recovers(Recovery { epoch, after, promises, found });
        actions.send_all(self.others(), &Packet::Recover { epoch, after });
        self.lead_if_promised(actions);
    }

    pub(super) fn take_promise(
        &mut self,
        from: NodeId,
        part: Part<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let Part { epoch, delivered, after, next } = part;
        match &mut self.role {
            Role::Recovers(recovery) if recovery.epoch == epoch => {
                let (promise, asked) = (recovery.promises.entry(from), recovery.after);
                let promise = promise.or_insert_with(|| Promise::after(asked));
                let position = next.as_ref().map(|(position, _)| *position);
                if let Some((position, accepted)) = next.filter(|_| promise.has_room(after)) {
                    match recovery.found.get(&position) {
                        Some(known) if known.epoch >= accepted.epoch => {}
                        _ => {
                            recovery.found.insert(position, accepted);
                        }
                    }
                }
                if let Some(after) = promise.take(delivered, after, position) {
                    actions.send(from, Packet::Recover { epoch, after });
                }
                self.lead_if_promised(actions);
            }
            Role::Leads(leadership) if leadership.epoch == epoch => {
                leadership.add_follower(from, delivered);
            }
            Role::Follower | Role::Recovers(_) | Role::Leads(_) => {}
        }
    }

    fn lead_if_promised(&mut self, actions: &mut Actions<Packet<T>, T>) {
        let Role::Recovers(recovery) = &self.role else { return };
        let is_counted = |promise: &&Promise| promise.is_whole() || mutant!(PartIsPromise);
        if !self.is_majority(recovery.promises.values().filter(is_counted).count()) {
            return;
        }
        let Recovery { epoch, promises, mut found, .. } = recovery.clone();
        if mutant!(NumberReused) {
            found.clear();
        }
        let first = self.delivered;
        let recovered = numbered_by_leaders(first, found);
        let last = recovered.last_key_value().map_or(first, |(position, _)| *position);
        let messages = recovered.values().filter_map(|it| Some(it.submission.as_ref()?.message));
        let mut leadership = Leadership {
            epoch,
            first,
            next: last.saturating_add(1),
            waiting: VecDeque::new(),
            known: messages.collect(),
            acceptances: BTreeMap::new(),
            followers: BTreeMap::new(),
        };
        for (node, promise) in promises.iter().filter(|(node, _)| **node != self.me) {
            leadership.add_follower(*node, promise.delivered);
        }
        for position in first.saturating_add(1)..=last {
            let submission = recovered.get(&position).and_then(|it| it.submission.clone());
            self.accepted.insert(position, Accepted { epoch, submission });
            leadership.acceptances.insert(position, BTreeSet::from([self.me]));
        }
        for submission in self.submitted.iter() {
            leadership.enqueue(submission.message);
        }
        self.role = Role::Leads(leadership);
        self.most = self.most.max(self.held());
        for position in first.saturating_add(1)..=last {
            self.commit_if_chosen(position, actions);
        }
    }

    /// Numbers a message when its turn comes, unless it has a number, if this node leads.
    pub(super) fn enqueue(&mut self, message: MessageId) {
        if let Role::Leads(leadership) = &mut self.role {
            leadership.enqueue(message);
        }
    }

    /// Does what a leader has room for: numbers messages, and sends them to nodes.
    pub(super) fn advance(&mut self, actions: &mut Actions<Packet<T>, T>) {
        while let Some(submission) = self.next_submission() {
            self.order(submission, actions);
        }
        self.send_orders(actions);
    }

    /// The message that is to be numbered now.
    fn next_submission(&mut self) -> Option<Submission<T>> {
        let Role::Leads(leadership) = &mut self.role else { return None };
        while leadership.next.saturating_sub(self.delivered) <= WINDOW {
            let message = leadership.waiting.pop_front()?;
            // It may have come up under the number of an earlier leader.
            if let Some(submission) = self.submitted.get(message) {
                return Some(submission.clone());
            }
        }
        None
    }

    fn order(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        let Role::Leads(leadership) = &mut self.role else { return };
        let (epoch, position) = (leadership.epoch, leadership.next);
        leadership.next = position.saturating_add(1);
        leadership.acceptances.insert(position, BTreeSet::from([self.me]));
        self.accepted.insert(position, Accepted { epoch, submission: Some(submission) });
        self.most = self.most.max(self.held());
        if mutant!(OwnBeforeMajority) {
            self.choose(position, epoch, actions);
        }
        self.commit_if_chosen(position, actions);
    }

    /// Sends each node the next numbers of the log, as far as its window reaches.
    fn send_orders(&mut self, actions: &mut Actions<Packet<T>, T>) {
        let Role::Leads(leadership) = &mut self.role else { return };
        if !leadership.followers.values().any(|it| it.next < leadership.next && it.has_room()) {
            return;
        }
        let stable = leadership.stable(self.nodes, self.me, self.delivered);
        let Leadership { epoch, next, acceptances, followers, .. } = leadership;
        let epoch = *epoch;
        for (to, follower) in followers {
            let start = follower.next.min(*next);
            let mut log = self.accepted.range(start..*next);
            while follower.has_room()
                && let Some((&position, accepted)) = log.next()
            {
                let submission = accepted.submission.clone();
                actions.send(*to, Packet::Order { epoch, position, submission });
                if !acceptances.contains_key(&position) {
                    actions.send(*to, Packet::Commit { epoch, position, stable });
                }
                follower.unanswered.insert(position);
                follower.next = position.saturating_add(1);
            }
        }
    }

    pub(super) fn count_acceptance(
        &mut self,
        from: NodeId,
        (epoch, position): (Epoch, u64),
        delivered: u64,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let Role::Leads(leadership) = &mut self.role else { return };
        if let Some(follower) = leadership.followers.get_mut(&from) {
            follower.delivered = follower.delivered.max(delivered);
            if leadership.epoch == epoch {
                follower.unanswered.remove(&position);
            }
        }
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
        let followers = leadership.followers.iter();
        let sent = followers.filter(|(_, it)| it.next > position).map(|(node, _)| *node);
        actions.send_all(sent, &Packet::Commit { epoch, position, stable });
        self.forget(stable);
    }
}

impl Leadership {
    /// A node has promised, and has delivered everything up to this number. It is sent what it
    /// lacks and, since its answer counts, all that this leader numbers anew.
    fn add_follower(&mut self, node: NodeId, delivered: u64) {
        let next = delivered.min(self.first).saturating_add(1);
        let follower = Follower { next, unanswered: BTreeSet::new(), delivered };
        self.followers.entry(node).or_insert(follower);
    }

    fn enqueue(&mut self, message: MessageId) {
        if self.known.insert(message) {
            self.waiting.push_back(message);
        }
    }

    /// The last number that every node is known to have delivered.
    fn stable(&self, nodes: u32, me: NodeId, delivered: u64) -> u64 {
        let of = |node| match self.followers.get(&node) {
            _ if node == me => delivered,
            follower => follower.map_or(0, |follower| follower.delivered),
        };
        NodeId::all(nodes).map(of).min().unwrap_or(0)
    }
}

impl Follower {
    /// May it be sent another number before it answers?
    fn has_room(&self) -> bool {
        (self.unanswered.len() as u64) < WINDOW
    }
}

/// Leaves out numbers that no leader can have given, so that filling the gaps between the
/// others takes little work.
///
/// A leader had delivered all but the last [`WINDOW`] numbers before each one that it gave
/// first; what it found at its beginning, it gave again under the numbers of earlier leaders,
/// of which the same is true. What was delivered was chosen, so a majority of promises tells of
/// it: at most a window of numbers below any of `found` can be missing.
fn numbered_by_leaders<T>(
    first: u64,
    found: BTreeMap<u64, Accepted<T>>,
) -> BTreeMap<u64, Accepted<T>> {
    let later = found.into_iter().filter(|(position, _)| *position > first);
    let numbered =
        later.zip(WINDOW..).take_while(|((position, _), reach)| *position - first <= *reach);
    numbered.map(|(accepted, _)| accepted).collect()
}
