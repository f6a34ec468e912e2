use serde::{Deserialize, Serialize};

use super::{
    MessageId, VectorClock, majority, raynal_schiper_toueg, relay, schiper_eggli_sandoz, sequencer,
    skeen,
};

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
            Self::Relay(packet) => packet.ints(),
        }
    }
}

impl Stamp {
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
