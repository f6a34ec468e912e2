use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::deadlock::Verdict;
use crate::resource::View;
use rehearsal_machine::NodeId;

/// What neighbours in the tree say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Downwards: what cannot you decide?
    Ask {
        /// In which of the root's rounds.
        round: u64,
    },
    /// Upwards: this.
    Report {
        /// In which of the root's rounds.
        round: u64,
        /// What concerns others, too.
        account: Account,
    },
    /// Downwards: what somebody above has found.
    Verdict {
        /// Who.
        by: NodeId,
        /// What.
        verdict: Verdict,
    },
}

/// What a controller tells of itself and all below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// What those know that are undecided, as far as it is; and who is dead and
    /// waited for from elsewhere. In the order of their numbers.
    pub undecided: Vec<(NodeId, View)>,
    /// How many have been found dead.
    pub dead: u32,
    /// Is any of them still to give up?
    pub is_awaiting: bool,
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

/// A controller's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next round: the root's.
    Period,
    /// Ask those again that have not answered.
    Again,
    /// The round is over, whoever has not answered.
    Limit,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the root's last round.
    Rounds,
}
