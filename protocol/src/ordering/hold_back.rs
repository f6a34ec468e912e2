use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Destinations;
use rehearsal_machine::NodeId;

/// An order of deliveries that a node can tell from the stamps of the messages, one
/// message after the other and without asking its peers.
///
/// In every such order a node delivers the messages of one sender in the order of
/// sending.
pub trait DeliveryOrder {
    /// What a message carries for the order.
    type Stamp;

    /// Stamps a message of this node to these nodes: a stamp for each of them.
    fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, Self::Stamp)>;

    /// A number that is greater for each later message from this sender to this node.
    fn rank(&self, from: NodeId, stamp: &Self::Stamp) -> u64;

    /// Has this node delivered everything that must be delivered before?
    fn is_deliverable(&self, from: NodeId, stamp: &Self::Stamp) -> bool;

    /// The message is delivered.
    fn note_delivery(&mut self, from: NodeId, stamp: &Self::Stamp);
}

/// Messages that have arrived and wait until it is their turn in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldBack<O: DeliveryOrder, T> {
    order: O,
    /// By sender and rank. Only the first of each sender can be next.
    #[serde(bound(
        serialize = "O::Stamp: Serialize, T: Serialize",
        deserialize = "O::Stamp: Deserialize<'de>, T: Deserialize<'de>"
    ))]
    held: BTreeMap<NodeId, BTreeMap<u64, Held<O::Stamp, T>>>,
    count: usize,
    most: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held<S, T> {
    stamp: S,
    message: T,
}

impl<O: DeliveryOrder, T> HoldBack<O, T> {
    /// Nothing is held.
    pub fn new(order: O) -> Self {
        Self { order, held: BTreeMap::new(), count: 0, most: 0 }
    }

    /// How many messages wait for earlier ones.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Does no message wait?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many ever waited at the same time.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Stamps a message of this node to these nodes: a stamp for each of them.
    pub fn stamp(&mut self, to: &Destinations) -> Vec<(NodeId, O::Stamp)> {
        self.order.stamp(to)
    }

    /// Takes a message that has arrived, each one once, and gives those whose turn it
    /// is now, in their order.
    pub fn receive(&mut self, from: NodeId, stamp: O::Stamp, message: T) -> Vec<T> {
        let rank = self.order.rank(from, &stamp);
        let of_sender = self.held.entry(from).or_default();
        if of_sender.insert(rank, Held { stamp, message }).is_none() {
            self.count += 1;
        }
        let mut released = Vec::new();
        while let Some(message) = self.release() {
            released.push(message);
        }
        self.most = self.most.max(self.count);
        released
    }

    /// The next message whose turn it is, of the sender with the lowest number.
    fn release(&mut self) -> Option<T> {
        let mut firsts = self
            .held
            .iter()
            .filter_map(|(from, held)| held.first_key_value().map(|(_, first)| (*from, first)));
        let (from, _) =
            firsts.find(|(from, first)| self.order.is_deliverable(*from, &first.stamp))?;
        let of_sender = self.held.get_mut(&from)?;
        let (_, first) = of_sender.pop_first()?;
        if of_sender.is_empty() {
            self.held.remove(&from);
        }
        self.count -= 1;
        self.order.note_delivery(from, &first.stamp);
        Some(first.message)
    }
}
