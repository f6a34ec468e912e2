use serde::{Deserialize, Serialize};

use crate::election::{Epoch, Half};

/// Which call an answer belongs to. Every call of a node, over all its lives,
/// has a number of its own, so that an answer of the past answers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    /// The caller's latest election, counted in a durable cell.
    pub round: u64,
    /// Which batch of calls since that election began.
    pub step: u32,
}

/// What nodes say to each other: calls, and the answer to any of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Are you up?
    AreYouThere(Call),
    /// From the coordinator: are you at work for me?
    AreYouNormal(Call),
    /// From an election's caller: stop what you do, and heed nobody else.
    Halt(Call),
    /// From who halted you: I am your coordinator.
    NewCoordinator(Call),
    /// From the new coordinator: this is the task, to work.
    Ready {
        /// The call.
        call: Call,
        /// What to work on, named by who gave it out and when.
        task: Epoch,
    },
    /// Yes, or no.
    Answer {
        /// To which call.
        call: Call,
        /// Only to `AreYouNormal` there is another answer than yes.
        is_yes: bool,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::AreYouThere(_) => "are_you_there",
            Self::AreYouNormal(_) => "are_you_normal",
            Self::Halt(_) => "halt",
            Self::NewCoordinator(_) => "new_coordinator",
            Self::Ready { .. } => "ready",
            Self::Answer { .. } => "answer",
        }
    }
}

/// Names of a node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Who has not answered the calls at hand by now is down.
    Call,
    /// The coordinator asks whether all are at work.
    Check,
    /// The coordinator has not been heard for long.
    Coordinator,
}

/// Durable cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// How many elections the node has held.
    Round(Half),
}
