use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Destinations;
use super::hold_back::DeliveryOrder;
use rehearsal_machine::NodeId;

/// First in, first out: each node delivers the messages of one sender in the order of
/// sending. A message carries its number among those to the same node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// How many messages this node has sent to each node.
    sent: BTreeMap<NodeId, u64>,
    /// How many messages of each node this node has delivered.
    delivered: BTreeMap<NodeId, u64>,
}

impl Fifo {
    /// Nothing has been sent or delivered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl DeliveryOrder for Fifo {
    /// The number among the messages from the sender to this node, from 1.
    type Stamp = u64;

    fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, u64)> {
        let next = |to| {
            let sent = self.sent.entry(to).or_default();
            *sent = sent.saturating_add(1);
            (to, *sent)
        };
        to.iter().map(next).collect()
    }

    fn rank(&self, _: NodeId, number: &u64) -> u64 {
        *number
    }

    fn is_deliverable(&self, from: NodeId, number: &u64) -> bool {
        let delivered = self.delivered.get(&from).copied().unwrap_or(0);
        delivered.checked_add(1) == Some(*number)
    }

    fn note_delivery(&mut self, from: NodeId, number: &u64) {
        self.delivered.insert(from, *number);
    }
}
