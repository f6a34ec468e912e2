use core::fmt;

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::resource::{self, RequestId, View};
use rehearsal_machine::NodeId;

/// What a site tells its detector, or asks of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DetectorInput {
    /// What our party knows of waiting, from now on; at the start it knows of
    /// nothing. Given after every change, and after what the party has sent.
    Look(View),
    /// A message of the party's has arrived. The look that it makes necessary
    /// comes after it.
    Arrives {
        /// The sender.
        from: NodeId,
        /// What it says.
        message: resource::Message,
    },
    /// Who leads from now on, as far as we know.
    Leader(Option<NodeId>),
    /// Look for a deadlock now; of a central detector only the leader can.
    Check,
}

/// What a detector tells its site.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output {
    /// It has looked, and this is what it found.
    Finds(Verdict),
    /// Another one has.
    Hears {
        /// Who.
        from: NodeId,
        /// What it found.
        verdict: Verdict,
    },
    /// Our request of this name is to be given up, for the others to go on. Our
    /// party knows whether it is still open.
    Condemns(RequestId),
    /// Something came that does not fit, and was left at that.
    Ignores {
        /// The sender.
        from: NodeId,
        /// What.
        what: Unexpected,
    },
    /// There is nothing that we could do about it.
    Refuses(Refusal),
    /// What it found last is not confirmed any more.
    Withdraws,
}

/// A message that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Unexpected {
    /// From a node that there is not, or from ourselves.
    Stranger,
    /// A report that was not asked for, or of a collect that is over.
    StaleReport,
    /// A second report of one collect.
    SecondReport,
    /// A report that names nodes that there are not.
    StrangeReport,
    /// Another message that does.
    StrangeName,
    /// About a request that we know nothing of, or that is over.
    StaleRequest(RequestId),
    /// A marker of a snapshot that is over, or a second one on its channel.
    StaleMarker,
    /// A question of a round that is over.
    StaleAsk,
    /// A verdict that comes after a later one.
    StaleVerdict,
    /// From a node that is neither above us nor below us in the tree, or not
    /// what that one has to say.
    NotBeside,
}

/// Why nothing is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// Only the leader can.
    NotLeader,
    /// We wait for nothing.
    NotWaiting,
    /// We are lent, and leave it to those who want us.
    Lock,
    /// Only the root of the tree begins a round.
    NotRoot,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => f.write_str("a message from a stranger"),
            Self::StaleReport => f.write_str("a report that is not asked for"),
            Self::SecondReport => f.write_str("a second report"),
            Self::StrangeReport => f.write_str("a report that names strangers"),
            Self::StrangeName => f.write_str("a message that names a stranger"),
            Self::StaleRequest(request) => write!(f, "word of {request}, which is over or unknown"),
            Self::StaleMarker => f.write_str("a marker that is out of place"),
            Self::StaleAsk => f.write_str("a question of a round that is over"),
            Self::StaleVerdict => f.write_str("a verdict that is older than the last"),
            Self::NotBeside => f.write_str("what only its neighbours in the tree may say"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLeader => "only the leader looks for deadlocks",
            Self::NotWaiting => "it waits for nothing",
            Self::Lock => "a lock leaves it to those who want it",
            Self::NotRoot => "only the root of the tree looks for deadlocks",
        })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finds(verdict) => write!(f, "finds: {verdict}"),
            Self::Hears { from, verdict } => write!(f, "hears from {from}: {verdict}"),
            Self::Condemns(request) => write!(f, "is to give up {request}"),
            Self::Ignores { from, what } => write!(f, "ignores {what}, by {from}"),
            Self::Refuses(refusal) => write!(f, "refuses: {refusal}"),
            Self::Withdraws => f.write_str("withdraws its verdict"),
        }
    }
}
