use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::hold_back::DeliveryOrder;
use super::{Destinations, VectorClock};
use rehearsal_machine::{NodeId, mutant};

/// Causal order of broadcasts: a node delivers a message after every message that its
/// sender had sent or delivered before it sent this one.
///
/// A node counts the broadcasts of each node that it has delivered, its own when it
/// sends them, and a message carries these counts. Every message must go to all
/// other nodes, or the next one would wait for it at a node that never gets it.
///
/// Birman, Schiper and Stephenson, "Lightweight causal and atomic group multicast",
/// 1991.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CausalBroadcast {
    me: NodeId,
    delivered: VectorClock,
}

impl CausalBroadcast {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self { me, delivered: VectorClock::new(nodes) }
    }
}

impl DeliveryOrder for CausalBroadcast {
    /// What the sender had delivered, and this message.
    type Stamp = VectorClock;

    fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, VectorClock)> {
        self.delivered.increment(self.me);
        to.iter().map(|to| (to, self.delivered.clone())).collect()
    }

    fn rank(&self, from: NodeId, stamp: &VectorClock) -> u64 {
        stamp.get(from)
    }

    fn is_deliverable(&self, from: NodeId, stamp: &VectorClock) -> bool {
        let (delivered, number) = (self.delivered.get(from), stamp.get(from));
        let is_next = if mutant!(AnyLaterBroadcast) {
            number > delivered
        } else {
            delivered.checked_add(1) == Some(number)
        };
        let has_delivered = |(node, count)| node == from || count <= self.delivered.get(node);
        // Its own copy was counted when it was sent.
        from == self.me || is_next && (mutant!(OnlyOfSender) || stamp.iter().all(has_delivered))
    }

    fn note_delivery(&mut self, from: NodeId, stamp: &VectorClock) {
        self.delivered.raise(from, stamp.get(from));
    }
}
