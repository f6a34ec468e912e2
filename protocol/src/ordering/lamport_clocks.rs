//! Total order by the acknowledgements of all nodes.
//!
//! A message carries the time of its sender's clock, and every receiver tells all others
//! that it has it, at a later time of its own clock. A node delivers messages in the order
//! of their times: the earliest one when it has heard something later from every other
//! node, since the links keep their order and clocks only rise. The order is that of
//! causes, too.
//!
//! Every message goes to all nodes and takes n (n - 1) packets. A node that is down holds
//! up all others, because nothing later comes from it.
//!
//! Lamport, "Time, clocks, and the ordering of events in a distributed system", 1978.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Actions, Destinations, Fifo, HoldBack, Submission};
use rehearsal_machine::{NodeId, mutant};

/// What nodes say to each other, in the order of their clocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packet<T> {
    /// The number among those from the sender to the receiver.
    pub number: u64,
    /// The time of the sender's clock.
    pub at: u64,
    /// A message of the sender. Without one, the packet acknowledges a message of another
    /// node.
    pub submission: Option<Submission<T>>,
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.submission.is_some() { "timed" } else { "later" }
    }

    /// How many numbers it carries for the sake of the order.
    #[must_use]
    pub fn ints(&self) -> usize {
        2
    }

    /// Whether this node of a group of this many can have sent it.
    pub(super) fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        let is_own = |it: &Submission<T>| it.message.by == from && it.fits(nodes);
        self.submission.as_ref().is_none_or(is_own)
    }

    /// The content that it carries.
    pub(super) fn content(&self) -> Option<&T> {
        self.submission.as_ref().map(|it| &it.content)
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LamportClocks<T> {
    me: NodeId,
    nodes: u32,
    clock: u64,
    /// The latest time that each other node has told.
    latest: BTreeMap<NodeId, u64>,
    /// Messages that are not delivered, by time. Nodes with the same time differ.
    queue: BTreeMap<(u64, NodeId), Submission<T>>,
    /// The links' order.
    arriving: HoldBack<Fifo, (NodeId, Packet<T>)>,
    most: usize,
}

impl<T: Clone> LamportClocks<T> {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self {
            me,
            nodes,
            clock: 0,
            latest: BTreeMap::new(),
            queue: BTreeMap::new(),
            arriving: HoldBack::new(Fifo::new()),
            most: 0,
        }
    }

    /// How many messages and acknowledgements wait for others.
    #[must_use]
    pub fn held(&self) -> usize {
        self.queue.len() + self.arriving.len()
    }

    /// How many ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.most
    }

    /// How many messages of this node wait for the others.
    #[must_use]
    pub fn unordered(&self) -> usize {
        self.queue.keys().filter(|(_, by)| *by == self.me).count()
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        self.clock = self.clock.saturating_add(1);
        self.tell_all(Some(&submission), actions);
        self.queue.insert((self.clock, self.me), submission);
        self.deliver(actions);
    }

    /// Takes a packet, each one once.
    pub fn receive(
        &mut self,
        from: NodeId,
        packet: Packet<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        for (from, packet) in self.arriving.receive(from, packet.number, (from, packet)) {
            let Packet { at, submission, .. } = packet;
            self.latest.insert(from, at);
            self.clock = self.clock.max(at);
            if let Some(submission) = submission {
                self.queue.insert((at, from), submission);
                self.clock = self.clock.saturating_add(1);
                self.tell_all(None, actions);
            }
        }
        self.deliver(actions);
    }

    fn others(&self) -> Destinations {
        Destinations::others(self.nodes, self.me)
    }

    fn tell_all(
        &mut self,
        submission: Option<&Submission<T>>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let at = self.clock;
        for (to, number) in self.arriving.stamp(&self.others()) {
            actions.send(to, Packet { number, at, submission: submission.cloned() });
        }
    }

    fn deliver(&mut self, actions: &mut Actions<Packet<T>, T>) {
        self.most = self.most.max(self.held());
        while let Some(entry) = self.queue.first_entry() {
            let (at, by) = *entry.key();
            let is_later = |node: NodeId| {
                let told = self.latest.get(&node).copied().unwrap_or(0);
                // Its own clock is never behind what it has in its queue.
                (told, node) > (at, by) || node == by || node == self.me
            };
            if !NodeId::all(self.nodes).all(is_later) && !mutant!(FirstIsNext) {
                return;
            }
            let Submission { message, to, content } = entry.remove();
            if to.contains(self.me) {
                actions.deliver(message, content);
            }
        }
    }
}
