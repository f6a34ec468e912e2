use std::fmt;

use serde::{Deserialize, Serialize};

/// What a protocol can guarantee of the messages that it delivers. The names are those
/// of Cachin, Guerraoui and Rodrigues (Introduction to Reliable and Secure
/// Distributed Programming, 2011).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Guarantee {
    /// An id names one message: it has one sender and one list of destinations.
    UniqueIds,
    /// A node delivers only messages that were sent to it before.
    NoCreation,
    /// A node delivers no message twice.
    NoDuplication,
    /// A node that delivers a message has delivered all earlier messages from the same
    /// sender to this node.
    Fifo,
    /// A node that delivers a message has delivered all messages to this node whose
    /// send happened before the send of that message. It includes [`Fifo`](Self::Fifo).
    Causal,
    /// Any two nodes deliver the messages that both of them deliver in the same order.
    ///
    /// This is about pairs of nodes: with messages to some of the nodes, three
    /// nodes can still have delivered `a` before `b`, `b` before `c` and `c` before `a`.
    Total,
    /// Every node has delivered all messages that were sent to it. It is broken while a
    /// message is under way, so it is a matter for `AtEnd` or `Eventually`.
    AllDelivered,
}

impl Guarantee {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::UniqueIds,
        Self::NoCreation,
        Self::NoDuplication,
        Self::Fifo,
        Self::Causal,
        Self::Total,
        Self::AllDelivered,
    ];

    /// Why a run fails that does not keep it, without nodes and messages.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UniqueIds => "one id names two messages",
            Self::NoCreation => "a node delivered a message that was not sent to it",
            Self::NoDuplication => "a node delivered a message twice",
            Self::Fifo => "a message overtook an earlier one from the same sender",
            Self::Causal => "a message was delivered before one that it depends on",
            Self::Total => "two nodes delivered two messages in different orders",
            Self::AllDelivered => "a message was not delivered",
        }
    }
}

/// In words: `causal order`, `no duplication`.
impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UniqueIds => "unique ids",
            Self::NoCreation => "no creation",
            Self::NoDuplication => "no duplication",
            Self::Fifo => "FIFO order",
            Self::Causal => "causal order",
            Self::Total => "total order",
            Self::AllDelivered => "all delivered",
        })
    }
}
