use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::deadlock::Verdict;
use crate::resource::View;
use rehearsal_machine::NodeId;

/// What a leader and the others say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// What do you wait for?
    Ask {
        /// In which of the sender's collects.
        collect: u64,
    },
    /// This.
    Report {
        /// In which of the receiver's collects.
        collect: u64,
        /// What the sender waits for.
        account: Account,
    },
    /// What the leader has found.
    Verdict {
        /// In which of the sender's collects.
        collect: u64,
        /// What it is.
        verdict: Verdict,
    },
}

/// What a node reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Account {
    /// For whom it waits.
    List(Vec<NodeId>),
    /// For whom it waits, and who waits for it, request by request.
    Tables(View),
}

/// As a reader would put it: `[n3, n6]`, or as a [`View`] prints.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(nodes) => write!(f, "{nodes:?}"),
            Self::Tables(view) => view.fmt(f),
        }
    }
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "ask",
            Self::Report { .. } => "report",
            Self::Verdict { .. } => "verdict",
        }
    }
}

/// A leader's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next collect.
    Period,
    /// Ask those again that have not answered.
    Again,
    /// The collect is over, whoever has not answered.
    Limit,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the last collect.
    Collects,
}
