//! Causal order of messages to any nodes, with a vector for each destination.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::hold_back::DeliveryOrder;
use super::{Destinations, VectorClock};
use rehearsal_machine::{NodeId, mutant};

/// Causal order of messages to any nodes, with a vector for each destination instead
/// of a matrix.
///
/// A node has a vector clock, which counts the messages that each node has sent.
/// A message carries its own time, and for each node the time of the last message
/// that its sender knows to have been sent there. The receiver delivers it when its
/// own clock has reached the time that the message has for the receiver. Nodes that
/// were never sent a message take no room.
///
/// Schiper, Eggli and Sandoz, "A new algorithm to implement causal ordering", 1989.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchiperEggliSandoz {
    me: NodeId,
    now: VectorClock,
    /// The time of the last message known to have been sent to each other node.
    last_sent: BTreeMap<NodeId, VectorClock>,
}

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// When it was sent.
    pub at: VectorClock,
    /// When the last message before it was sent to each node, as far as its sender
    /// knew.
    pub last_sent: BTreeMap<NodeId, VectorClock>,
    /// The nodes to which it was sent.
    pub to: Destinations,
}

impl Stamp {
    /// How many numbers it has: a vector, and for each destination its number and a
    /// vector. The receiver of a message to one node knows where it was sent.
    #[must_use]
    pub fn ints(&self) -> usize {
        let pairs = self.last_sent.values().map(|at| 1 + at.ints()).sum::<usize>();
        self.at.ints() + pairs + if self.to.len() > 1 { self.to.len() } else { 0 }
    }

    /// Whether it is that of a group of this many nodes.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        let is_pair = |(to, at): (&NodeId, &VectorClock)| to.number() <= nodes && at.fits(nodes);
        self.at.fits(nodes) && self.to.fits(nodes) && self.last_sent.iter().all(is_pair)
    }
}

impl SchiperEggliSandoz {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self { me, now: VectorClock::new(nodes), last_sent: BTreeMap::new() }
    }

    /// A message was sent to this node at this time.
    fn note_sent(&mut self, to: NodeId, at: &VectorClock) {
        // A node waits for its own clock, not for what it sends to itself.
        if to != self.me {
            self.last_sent.entry(to).or_insert_with(|| at.clone()).merge(at);
        }
    }
}

impl DeliveryOrder for SchiperEggliSandoz {
    type Stamp = Stamp;

    fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, Stamp)> {
        self.now.increment(self.me);
        let at = self.now.clone();
        let last_sent = self.last_sent.clone();
        to.iter().for_each(|to| self.note_sent(to, &at));
        let last_sent = if mutant!(WaitsForItself) { self.last_sent.clone() } else { last_sent };
        let stamp = Stamp { at, last_sent, to: to.clone() };
        to.iter().map(|to| (to, stamp.clone())).collect()
    }

    fn rank(&self, from: NodeId, stamp: &Stamp) -> u64 {
        stamp.at.get(from)
    }

    fn is_deliverable(&self, _: NodeId, stamp: &Stamp) -> bool {
        stamp.last_sent.get(&self.me).is_none_or(|last| last.is_at_most(&self.now))
    }

    fn note_delivery(&mut self, _: NodeId, stamp: &Stamp) {
        if !mutant!(PairsUnmerged) {
            stamp.last_sent.iter().for_each(|(to, at)| self.note_sent(*to, at));
        }
        stamp.to.iter().for_each(|to| self.note_sent(to, &stamp.at));
        self.now.merge(&stamp.at);
    }
}
