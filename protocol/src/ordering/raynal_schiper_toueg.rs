//! Causal order of messages to any nodes, with a matrix of counters.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::hold_back::DeliveryOrder;
use super::{Destinations, MatrixClock, VectorClock};
use rehearsal_machine::{NodeId, mutant};

/// Causal order of messages to any nodes: of two messages to the same node, the one
/// that was sent causally before the other is delivered before it.
///
/// A message carries how many messages its sender knows to have been sent from each
/// node to each other one. A node delivers it when it has delivered as many from each
/// node as the message says were sent to it. A message to several nodes carries
/// these nodes, too, because a later message to one of them must wait for it there.
///
/// Raynal, Schiper and Toueg, "The causal ordering abstraction and a simple way to
/// implement it", 1991. Their rule counts a delivered message in the matrix of its
/// receiver, and counts a message of a node to itself twice: once sent, once
/// delivered. Then the node waits for a message that does not exist. Here a delivery
/// raises the counter to the message's own number, which comes to the same for all
/// other messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaynalSchiperToueg {
    me: NodeId,
    /// What this node knows to have been sent.
    sent: MatrixClock,
    /// How many messages of each node this node has delivered.
    delivered: VectorClock,
}

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// What its sender knew to have been sent before.
    pub sent: MatrixClock,
    /// The nodes to which it was sent.
    pub to: Destinations,
}

impl Stamp {
    /// How many numbers it has. The receiver of a message to one node knows where it
    /// was sent.
    #[must_use]
    pub fn ints(&self) -> usize {
        self.sent.ints() + if self.to.len() > 1 { self.to.len() } else { 0 }
    }

    /// Whether it is that of a group of this many nodes.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        self.sent.fits(nodes) && self.to.fits(nodes)
    }
}

impl RaynalSchiperToueg {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self { me, sent: MatrixClock::new(nodes), delivered: VectorClock::new(nodes) }
    }
}

impl DeliveryOrder for RaynalSchiperToueg {
    type Stamp = Stamp;

    fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, Stamp)> {
        let stamp = Stamp { sent: self.sent.clone(), to: to.clone() };
        to.iter().for_each(|to| self.sent.increment(self.me, to));
        to.iter().map(|to| (to, stamp.clone())).collect()
    }

    fn rank(&self, from: NodeId, stamp: &Stamp) -> u64 {
        stamp.sent.get(from, self.me)
    }

    fn is_deliverable(&self, _: NodeId, stamp: &Stamp) -> bool {
        stamp.sent.column(self.me).all(|(node, sent)| self.delivered.get(node) >= sent)
    }

    fn note_delivery(&mut self, from: NodeId, stamp: &Stamp) {
        self.delivered.increment(from);
        if mutant!(CountsDelivery) {
            self.sent.increment(from, self.me);
        }
        if !mutant!(MatrixUnmerged) {
            self.sent.merge(&stamp.sent);
        }
        let to = stamp.to.iter().filter(|to| *to == self.me || !mutant!(OtherReceiversForgotten));
        for to in to {
            let number = stamp.sent.get(from, to).saturating_add(1);
            self.sent.raise(from, to, number);
        }
    }
}
