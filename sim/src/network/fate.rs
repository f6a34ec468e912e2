use std::fmt;

use rehearsal_protocol::Time;
use serde::{Deserialize, Serialize};

/// Why a message did not reach its receiver's machine. Digests cover the
/// variants by their place: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lost {
    /// By chance, or because a fault or a plan said so.
    Loss,
    /// A partition stood between the two when it was sent.
    Partition,
    /// The receiver was down when it arrived, or there is no such node.
    Down,
    /// It was damaged on its way, and the receiver's decoder refused it.
    Corrupt,
    /// The link's queue had no room for it.
    Full,
    /// It was larger than the network takes.
    TooLarge,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "loss",
            Self::Partition => "partition",
            Self::Down => "down",
            Self::Corrupt => "corrupt",
            Self::Full => "full",
            Self::TooLarge => "too_large",
        })
    }
}

/// What is to become of a message on a link that is open and free: what
/// chance, a plan and the faults on messages have a say in. Spans are counted
/// in nanoseconds from the message's setting off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delays {
    Lost(Lost),
    After { first: u64, copies: Vec<u64> },
}

impl Delays {
    pub(crate) fn once(delay: u64) -> Self {
        Self::After { first: delay, copies: Vec::new() }
    }
}

/// What becomes of a message, settled when it is sent. Digests cover the
/// variants by their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Fate {
    Lost(Lost),
    Arrives {
        first: Time,
        copies: Vec<Time>,
    },
    /// It waits at the beginning of a link that is held.
    Held,
}
