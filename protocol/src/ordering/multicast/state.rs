use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Config, Event, Parcel};
use crate::election::Epoch;
use crate::number_set::NumberSet;
use crate::ordering::{Actions, Algorithm, Destinations, MessageId, Packet, Submission};
use rehearsal_machine::NodeId;

/// What has happened to a node, as far as it matters to what it does later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Entry<T> {
    /// Its owner sent a message.
    Sent {
        /// Its destinations.
        to: Destinations,
        /// Its content.
        content: T,
    },
    /// A parcel came.
    Received {
        /// The sender.
        from: NodeId,
        /// The parcel.
        parcel: Parcel<T>,
    },
    /// A parcel of this node is with its receiver.
    Acknowledged {
        /// The receiver.
        to: NodeId,
        /// The parcel's number.
        number: u64,
    },
    /// There is a new leader.
    Follows(Epoch),
}

/// What a node must not forget: a pure function of the entries of its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State<T> {
    me: NodeId,
    algorithm: Algorithm<T>,
    /// The number of its owner's last message.
    sent: u64,
    outboxes: BTreeMap<NodeId, Outbox<T>>,
    /// The parcels of each node that have come.
    received: BTreeMap<NodeId, NumberSet>,
    /// How many messages it has delivered.
    delivered: u64,
}

/// What follows from an entry.
pub(super) struct Consequences<T> {
    /// What an owner should hear of it.
    pub(super) events: Vec<Event<T>>,
    /// The nodes to which there are new parcels, or for whose parcels the link has new room.
    pub(super) receivers: BTreeSet<NodeId>,
}

/// The parcels to one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Outbox<T> {
    /// The number of the last one.
    last: u64,
    /// Those that are not acknowledged.
    parcels: BTreeMap<u64, Packet<T>>,
}

impl<T: Clone> State<T> {
    pub(super) fn new(config: Config, me: NodeId) -> Self {
        Self {
            me,
            algorithm: Algorithm::new(config.discipline, me, config.nodes),
            sent: 0,
            outboxes: BTreeMap::new(),
            received: BTreeMap::new(),
            delivered: 0,
        }
    }

    pub(super) fn algorithm(&self) -> &Algorithm<T> {
        &self.algorithm
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// How many parcels to this node are not acknowledged.
    pub(super) fn outstanding(&self, to: NodeId) -> usize {
        self.outboxes.get(&to).map_or(0, |outbox| outbox.parcels.len())
    }

    /// How many packets and messages it holds.
    pub(super) fn kept(&self) -> u64 {
        let parcels = self.outboxes.values().map(|outbox| outbox.parcels.len()).sum::<usize>();
        (parcels + self.algorithm.kept()) as u64
    }

    /// Has a parcel of this number come from this node?
    pub(super) fn has_received(&self, from: NodeId, number: u64) -> bool {
        self.received.get(&from).is_some_and(|received| received.contains(number))
    }

    /// The nodes to which there are parcels that are not acknowledged.
    pub(super) fn receivers(&self) -> impl Iterator<Item = NodeId> {
        let waiting = self.outboxes.iter().filter(|(_, outbox)| !outbox.parcels.is_empty());
        waiting.map(|(to, _)| *to)
    }

    /// The first parcel to this node after the one of this number that is not acknowledged.
    pub(super) fn parcel_after(&self, to: NodeId, number: u64) -> Option<Parcel<T>> {
        let mut after = self.outboxes.get(&to)?.parcels.range(number.checked_add(1)?..);
        after.next().map(|(number, packet)| Parcel { number: *number, packet: packet.clone() })
    }

    /// Does what follows from this entry.
    pub(super) fn apply(&mut self, entry: Entry<T>) -> Consequences<T> {
        let mut events = Vec::new();
        let actions = match entry {
            Entry::Sent { to, content } => {
                // No node sends 2^64 messages.
                self.sent = self.sent.saturating_add(1);
                let message = MessageId { by: self.me, number: self.sent };
                events.push(Event::Sent { message, to: to.clone() });
                self.algorithm.send(Submission { message, to, content })
            }
            Entry::Received { from, parcel: Parcel { number, packet } } => {
                let received = self.received.entry(from).or_insert_with(|| NumberSet::below(1));
                received.insert(number);
                self.algorithm.receive(from, packet)
            }
            Entry::Acknowledged { to, number } => {
                if let Some(outbox) = self.outboxes.get_mut(&to) {
                    outbox.parcels.remove(&number);
                }
                return Consequences { events, receivers: BTreeSet::from([to]) };
            }
            Entry::Follows(epoch) => self.algorithm.follow(epoch),
        };
        let Actions { packets, deliveries } = actions;
        let receivers = packets.iter().map(|(to, _)| *to).collect();
        for (to, packet) in packets {
            let none = || Outbox { last: 0, parcels: BTreeMap::new() };
            let outbox = self.outboxes.entry(to).or_insert_with(none);
            outbox.last = outbox.last.saturating_add(1);
            outbox.parcels.insert(outbox.last, packet);
        }
        for (message, content) in deliveries {
            self.delivered = self.delivered.saturating_add(1);
            events.push(Event::Delivered { message, content });
        }
        Consequences { events, receivers }
    }
}
