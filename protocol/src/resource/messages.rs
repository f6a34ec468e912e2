use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Model, Need};
use rehearsal_machine::NodeId;

/// Names a request: who made it, and its place among all that this node ever
/// made, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId {
    /// Who made it.
    pub by: NodeId,
    /// Its number.
    pub number: u64,
}

/// As a reader would put it: `n1#3`.
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.by, self.number)
    }
}

/// What nodes say to each other of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// The sender wants what the receiver has.
    Request {
        /// Of the sender's requests.
        number: u64,
    },
    /// The receiver has it.
    Grant {
        /// Of the receiver's requests.
        number: u64,
    },
    /// The sender gives back what the receiver has lent it.
    Release {
        /// Of the sender's requests.
        number: u64,
    },
    /// The sender does not want it any more.
    Cancel {
        /// Of the sender's requests.
        number: u64,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::Grant { .. } => "grant",
            Self::Release { .. } => "release",
            Self::Cancel { .. } => "cancel",
        }
    }
}

/// What an owner asks of its process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Ask these for what they have, and wait.
    Request {
        /// The nodes, each once.
        of: Vec<NodeId>,
        /// How many of them must give.
        #[serde(default)]
        need: Need,
    },
    /// Finish the work: grant all pending requests, and give all locks back.
    Release,
    /// Wait no longer, and want nothing any more.
    Cancel,
    /// If this request of ours is still open, give up: cancel all that is asked
    /// for, give everything back, and begin anew a little later.
    Abort(RequestId),
}

/// What a node tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output {
    /// It waits from now on.
    Waits {
        /// For how many to give.
        need: Need,
        /// The node to which it goes.
        of: Vec<NodeId>,
    },
    /// It has what it needs, and works.
    Works,
    /// It is done: it has given all that it had to give.
    Releases,
    /// It gives up this request, and with it all it has.
    Aborts(RequestId),
    /// Something came that does not fit, and was left at that.
    Ignores {
        /// The sender.
        from: NodeId,
        /// What.
        what: Unexpected,
    },
    /// What was asked cannot be done.
    Refuses(Refusal),
}

/// A message that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Unexpected {
    /// From a node that there is not, or from ourselves.
    Stranger,
    /// A request that is over, or older than one that we know.
    StaleRequest(u64),
    /// A grant of a request that we never made there.
    UnaskedGrant(u64),
    /// A grant of a request that is over by now.
    LateGrant(u64),
    /// A release of what the sender does not hold.
    StrayRelease(u64),
    /// A cancellation of a request that is over.
    StaleCancel(u64),
}

/// Why a command came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such resource, or it is our own.
    NoSuchResource(NodeId),
    /// It was named twice.
    Twice(NodeId),
    /// We hold it.
    Held(NodeId),
    /// So many cannot be had of so many.
    NoSuchNeed(Need),
    /// Requests like this are not made in this model.
    NotInModel(Model),
    /// The node waits already. A waiting node can request and grant nothing.
    Waiting,
    /// We do not wait.
    NotWaiting,
    /// It is under two-phase locking, and has given something back.
    Shrinking,
    /// A lock asks for nothing, and gives by itself.
    Lock,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => f.write_str("a message from a stranger"),
            Self::StaleRequest(number) => write!(f, "request {number}, which is over"),
            Self::UnaskedGrant(number) => write!(f, "a grant of {number}, never asked for"),
            Self::LateGrant(number) => write!(f, "a grant of {number}, which is over"),
            Self::StrayRelease(number) => write!(f, "a release of {number}, which it has not"),
            Self::StaleCancel(number) => write!(f, "a cancellation of {number}, which is over"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchResource(node) => write!(f, "there is no other resource {node}"),
            Self::Twice(node) => write!(f, "{node} is named twice"),
            Self::Held(node) => write!(f, "it holds {node} already"),
            Self::NoSuchNeed(need) => write!(f, "{need} cannot be had"),
            Self::NotInModel(model) => write!(f, "{model}"),
            Self::Waiting => f.write_str("it waits"),
            Self::NotWaiting => f.write_str("it does not wait"),
            Self::Shrinking => f.write_str("it has given something back already"),
            Self::Lock => f.write_str("a lock has nothing to ask for"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waits { need, of } => {
                write!(f, "needs {need}")?;
                for (place, node) in of.iter().enumerate() {
                    write!(f, "{} {node}", if place == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            Self::Works => f.write_str("has what it needs"),
            Self::Releases => f.write_str("gives everything back"),
            Self::Aborts(request) => write!(f, "gives up {request}"),
            Self::Ignores { from, what } => write!(f, "ignores {what}, by {from}"),
            Self::Refuses(refusal) => write!(f, "refuses: {refusal}"),
        }
    }
}

/// A party's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Be done with the work.
    Work,
    /// Say again what has not been answered.
    Resend,
    /// Begin anew after having given up.
    Restart,
}

/// A durable cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The number of the last request made.
    Requests,
    /// The node to which the lock is lent.
    Lent,
    /// The number of the last request of this peer that a process has granted.
    Granted(NodeId),
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Saved {
    /// A number of a request.
    Number(u64),
    /// A request that was granted.
    Request(RequestId),
}
