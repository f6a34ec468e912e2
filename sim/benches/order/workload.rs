use std::fmt;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_machine::NodeId;
use rehearsal_sim::order::{Guarantee, Oracle};

pub(crate) enum Event {
    Sent { by: NodeId, message: u32, to: Vec<NodeId> },
    Delivered { at: NodeId, message: u32 },
}

/// A run that keeps all guarantees, so that the oracle has to go on checking: every
/// node delivers what is sent to it in the order of all sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// To all nodes.
    Broadcast,
    /// To one random node.
    Unicast,
}

pub(crate) const ALL: [(Workload, usize); 4] = [
    (Workload::Unicast, 8),
    (Workload::Broadcast, 8),
    (Workload::Unicast, 100),
    (Workload::Broadcast, 100),
];

impl Workload {
    /// So many events; a few more, so that everything is delivered.
    pub(crate) fn events(self, nodes: usize, count: usize) -> Vec<Event> {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut below =
            |bound: usize| ((u64::from(random.next_u32()) * bound as u64) >> 32) as usize;
        let mut waiting = vec![std::collections::VecDeque::new(); nodes];
        let (mut events, mut sent, mut under_way) = (Vec::new(), 0, 0);
        while events.len() < count || under_way > 0 {
            // About four messages wait at each node.
            if events.len() < count && under_way < 4 * nodes {
                let (by, to) = (NodeId::from_index(below(nodes)), below(nodes));
                let to = if self == Self::Broadcast { 0..nodes } else { to..to + 1 };
                to.clone().for_each(|to| waiting[to].push_back(sent));
                under_way += to.len();
                events.push(Event::Sent {
                    by,
                    message: sent,
                    to: to.map(NodeId::from_index).collect(),
                });
                sent += 1;
            }
            let at = below(nodes);
            if let Some(message) = waiting[at].pop_front() {
                under_way -= 1;
                events.push(Event::Delivered { at: NodeId::from_index(at), message });
            }
        }
        events
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broadcast => "broadcast",
            Self::Unicast => "unicast",
        })
    }
}

pub(crate) fn judged(events: &[Event]) -> Oracle<u32> {
    let mut oracle = Oracle::default();
    for event in events {
        match event {
            Event::Sent { by, message, to } => oracle.sent(*by, message, to.iter().copied()),
            Event::Delivered { at, message } => oracle.delivered(*at, message),
        }
    }
    oracle
}

pub(crate) fn has_kept_all(oracle: &Oracle<u32>) -> bool {
    Guarantee::ALL.into_iter().all(|guarantee| oracle.keeps(guarantee))
}
