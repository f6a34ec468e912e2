use serde::{Deserialize, Serialize};

use super::{
    MessageId, VectorClock, lamport_clocks, majority, pc_broadcast, raynal_schiper_toueg, relay,
    schiper_eggli_sandoz, sequencer, skeen,
};
use rehearsal_machine::NodeId;

/// What nodes of any discipline send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet<T> {
    /// A message on its direct way from its sender to a destination.
    Data {
        /// The message.
        message: MessageId,
        /// What it carries for the order.
        stamp: Stamp,
        /// Its content.
        content: T,
    },
    /// Of a sequencer.
    Sequencer(sequencer::Packet<T>),
    /// Of a sequencer with a majority.
    Majority(majority::Packet<T>),
    /// Of Skeen's protocol.
    Skeen(skeen::Packet<T>),
    /// To and from a central server.
    Relay(relay::Packet<T>),
    /// Of the acknowledgements of all.
    LamportClocks(lamport_clocks::Packet<T>),
    /// Of a broadcast that every node passes on.
    PcBroadcast(pc_broadcast::Packet<T>),
}

/// What a message carries for an order that a node can tell from the message alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stamp {
    /// Nothing.
    Unordered,
    /// Its number among those to the same node.
    Fifo(u64),
    /// Of a causal broadcast.
    CausalBroadcast(VectorClock),
    /// Of a causal multicast, with a matrix.
    RaynalSchiperToueg(raynal_schiper_toueg::Stamp),
    /// Of a causal multicast, with a vector for each destination.
    SchiperEggliSandoz(schiper_eggli_sandoz::Stamp),
}

impl<T: Clone> rehearsal_machine::Message for Packet<T> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Data { .. } => "data",
            Self::Sequencer(packet) => packet.kind(),
            Self::Majority(packet) => packet.kind(),
            Self::Skeen(packet) => packet.kind(),
            Self::LamportClocks(packet) => packet.kind(),
            Self::PcBroadcast(packet) => packet.kind(),
            Self::Relay(packet) => packet.kind(),
        }
    }
}

impl<T> Packet<T> {
    /// The size of the metadata: how many numbers the packet carries for the sake of the
    /// order, besides the message's name and content. The destinations of a message
    /// count where a destination needs to know them: in a causal multicast.
    #[must_use]
    pub fn ints(&self) -> usize {
        match self {
            Self::Data { stamp, .. } => stamp.ints(),
            Self::Sequencer(packet) => packet.ints(),
            Self::Majority(packet) => packet.ints(),
            Self::Skeen(packet) => packet.ints(),
            Self::LamportClocks(packet) => packet.ints(),
            Self::PcBroadcast(packet) => packet.ints(),
            Self::Relay(packet) => packet.ints(),
        }
    }

    /// Whether this node of a group of this many can have sent it: all nodes that it names
    /// are of the group, its clocks have a counter for each of them, and it speaks for
    /// its sender alone.
    #[must_use]
    pub fn is_from(&self, from: NodeId, nodes: u32) -> bool {
        match self {
            Self::Data { message, stamp, .. } => message.by == from && stamp.fits(nodes),
            Self::Sequencer(packet) => packet.is_from(from, nodes),
            Self::Majority(packet) => packet.is_from(from, nodes),
            Self::Skeen(packet) => packet.is_from(from, nodes),
            Self::LamportClocks(packet) => packet.is_from(from, nodes),
            Self::PcBroadcast(packet) => packet.is_from(nodes),
            Self::Relay(packet) => packet.is_from(from, nodes),
        }
    }

    /// The content of the message that it carries, if it carries one.
    #[must_use]
    pub fn content(&self) -> Option<&T> {
        match self {
            Self::Data { content, .. } => Some(content),
            Self::Sequencer(packet) => Some(packet.content()),
            Self::Majority(packet) => packet.content(),
            Self::Skeen(packet) => packet.content(),
            Self::LamportClocks(packet) => packet.content(),
            Self::PcBroadcast(packet) => Some(&packet.content),
            Self::Relay(packet) => Some(packet.content()),
        }
    }
}

impl Stamp {
    fn fits(&self, nodes: u32) -> bool {
        match self {
            Self::Unordered | Self::Fifo(_) => true,
            Self::CausalBroadcast(clock) => clock.fits(nodes),
            Self::RaynalSchiperToueg(stamp) => stamp.fits(nodes),
            Self::SchiperEggliSandoz(stamp) => stamp.fits(nodes),
        }
    }

    fn ints(&self) -> usize {
        match self {
            Self::Unordered => 0,
            Self::Fifo(_) => 1,
            Self::CausalBroadcast(clock) => clock.ints(),
            Self::RaynalSchiperToueg(stamp) => stamp.ints(),
            Self::SchiperEggliSandoz(stamp) => stamp.ints(),
        }
    }
}
