use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::deadlock::Verdict;
use crate::resource::{self, View};
use rehearsal_machine::NodeId;

/// Names a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Who began it.
    pub by: NodeId,
    /// Its place among all that this node ever began, from 1.
    pub number: u64,
}

/// Of snapshot so-and-so of whom: `n3, 2`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.by, self.number)
    }
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// What the sender said until now, it said before it recorded; what it says
    /// from now on, after it did.
    Marker(Name),
    /// What a node has recorded.
    Report {
        /// In which of the receiver's snapshots.
        snapshot: u64,
        /// What.
        record: Record,
    },
    /// What the leader has found.
    Verdict {
        /// In which of the sender's snapshots.
        snapshot: u64,
        /// What it is.
        verdict: Verdict,
    },
}

/// A node's part of a state of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// What its party knew.
    pub view: View,
    /// What was on its way to it, and from whom; what came from one is in its
    /// order.
    pub channels: Vec<(NodeId, resource::Message)>,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Marker(_) => "marker",
            Self::Report { .. } => "report",
            Self::Verdict { .. } => "verdict",
        }
    }
}

/// A leader's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next snapshot.
    Period,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the last snapshot.
    Snapshots,
}
