use serde::{Deserialize, Serialize};

use crate::deadlock::Candidate;
use crate::resource::RequestId;

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Do you wait, too?
    Query(Query),
    /// I do, and all those for whom I wait.
    Reply(Reply),
    /// The receiver's request is to be given up.
    Condemn {
        /// Which.
        request: RequestId,
    },
}

/// A question along one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The wait of whoever began.
    pub initiator: RequestId,
    /// In which round of that wait, from 1.
    pub round: u64,
    /// Along which request.
    pub request: RequestId,
}

/// An answer to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reply {
    /// To which question.
    pub to: Query,
    /// Who is to give up, of those behind it; nobody, if nobody shall.
    pub greatest: Option<Candidate>,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Reply(_) => "reply",
            Self::Condemn { .. } => "condemn",
        }
    }
}

/// A process's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin a round.
    Round,
}

/// There are no durable cells: a wait's name is never used again, whatever a
/// crash makes us forget of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {}
