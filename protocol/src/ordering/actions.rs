use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Destinations, MessageId};
use rehearsal_machine::NodeId;

/// A message on its way into an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Submission<T> {
    /// Its name.
    pub message: MessageId,
    /// The nodes that are to deliver it.
    pub to: Destinations,
    /// Its content.
    pub content: T,
}

impl<T> Submission<T> {
    /// Whether a group of this many nodes has all nodes that it names.
    pub(super) fn fits(&self, nodes: u32) -> bool {
        self.message.by.number() <= nodes && self.to.fits(nodes)
    }
}

/// What an ordering protocol does in a step: packets of type `P` to send, and
/// messages to deliver, each list in its order.
///
/// A packet to the node itself needs no network: the node receives it in the same
/// step, after the packets before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions<P, T> {
    /// Packets and their receivers.
    pub packets: Vec<(NodeId, P)>,
    /// Messages that this node delivers, and their contents.
    pub deliveries: Vec<(MessageId, T)>,
}

impl<P, T> Actions<P, T> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { packets: Vec::new(), deliveries: Vec::new() }
    }

    /// Sends a packet.
    pub fn send(&mut self, to: NodeId, packet: P) {
        self.packets.push((to, packet));
    }

    /// Sends the same packet to several nodes.
    pub fn send_all(&mut self, nodes: impl IntoIterator<Item = NodeId>, packet: &P)
    where
        P: Clone,
    {
        self.packets.extend(nodes.into_iter().map(|to| (to, packet.clone())));
    }

    /// Delivers a message.
    pub fn deliver(&mut self, message: MessageId, content: T) {
        self.deliveries.push((message, content));
    }
}

impl<P, T> Default for Actions<P, T> {
    fn default() -> Self {
        Self::new()
    }
}
