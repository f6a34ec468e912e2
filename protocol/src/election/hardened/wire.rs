use serde::{Deserialize, Serialize};

use crate::election::{Epoch, Half};

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// To everybody higher: I hold an election. Is anybody there?
    Election,
    /// To a lower caller: I am, leave it to me.
    Answer,
    /// I lead.
    Coordinator(Epoch),
    /// I still lead.
    Heartbeat(Epoch),
    /// To a leader that is followed: I hear you. With the latest epoch known.
    Ack(Option<Epoch>),
    /// To everybody, where a majority decides: may I lead in this epoch?
    Request(Epoch),
    /// You may; nobody else has my vote for that number.
    Vote(Epoch),
    /// To the resource: a write, with its leader's token.
    Write(Epoch),
    /// To who asked for a vote or wrote: no, there is a later epoch.
    Denial(Epoch),
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Answer => "answer",
            Self::Coordinator(_) => "coordinator",
            Self::Heartbeat(_) => "heartbeat",
            Self::Ack(_) => "ack",
            Self::Request(_) => "request",
            Self::Vote(_) => "vote",
            Self::Write(_) => "write",
            Self::Denial(_) => "denial",
        }
    }
}

impl Message {
    /// The epoch that it tells of.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Election | Self::Answer => None,
            Self::Ack(epoch) => *epoch,
            Self::Coordinator(epoch)
            | Self::Heartbeat(epoch)
            | Self::Request(epoch)
            | Self::Vote(epoch)
            | Self::Write(epoch)
            | Self::Denial(epoch) => Some(*epoch),
        }
    }
}

/// Names of a node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Nobody higher has answered our election, or too few have voted.
    Answer,
    /// Who answered has not become the leader.
    Coordinator,
    /// The leader is not heard any more.
    Leader,
    /// Time to be heard.
    Heartbeat,
    /// Time to count who has heard us.
    Quorum,
    /// We have been up long enough to be relied on.
    Settle,
}

/// Durable cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The latest epoch that we have taken, given our vote to or followed.
    Latest(Half),
    /// The latest epoch that the resource here has let in.
    Fence(Half),
}
