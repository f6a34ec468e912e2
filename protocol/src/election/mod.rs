//! Protocols that agree on a leader.
//!
//! Every node knows the numbers of all nodes, and the highest live node is to lead. A
//! node that misses the leader calls an election. The forms differ in how they
//! tell a slow leader from a dead one, in what they guarantee meanwhile, and in cost:
//!
//! - [`bully`]: the textbook's messages election, answer and coordinator, and the
//!   paper's variant with several tries and a rate limit;
//! - [`garcia_molina`]: the algorithm of 1982. It halts all other nodes before it
//!   announces a leader, and so never has two leaders on a perfect network;
//! - [`hardened`]: a form that survives lossy networks and crashing nodes.
//!
//! [`Election`] is any of them, for a parent that need not know the form.

pub mod any;
pub mod bully;
pub mod garcia_molina;
pub mod hardened;

use core::fmt;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

pub use crate::two_slot::Slot;
pub use any::Election;

/// What an owner asks of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// The leader seems to be gone: hold an election. A node that leads knows
    /// better, and one that takes part in an election already goes on with it.
    Suspect,
}

/// What a node tells its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output {
    /// It began an election.
    Calls,
    /// A higher node is alive, and takes over the election.
    Yields {
        /// Who.
        to: NodeId,
    },
    /// It leads from now on.
    Leads {
        /// Under which epoch, where leaders have them.
        epoch: Option<Epoch>,
    },
    /// It follows another leader from now on.
    Follows {
        /// The leader.
        leader: NodeId,
        /// Under which epoch, where leaders have them.
        epoch: Option<Epoch>,
    },
    /// No higher node answered; it asks all nodes for their votes.
    Asks {
        /// For which epoch.
        epoch: Epoch,
    },
    /// It led, and steps down: a majority does not hear it.
    Resigns,
    /// The resource that it keeps took a write.
    Admits {
        /// Of a leader in which epoch.
        epoch: Epoch,
    },
    /// The resource that it keeps refused a write: there has been one of a
    /// later epoch.
    Refuses {
        /// Of a leader in which epoch.
        epoch: Epoch,
    },
}

impl Output {
    /// The epoch of a new leader, this node or another one, where leaders have them.
    #[must_use]
    pub fn new_epoch(&self) -> Option<Epoch> {
        match self {
            Self::Leads { epoch } | Self::Follows { epoch, .. } => *epoch,
            _ => None,
        }
    }
}

/// In words: `calls an election`, `follows n3`.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = match self {
            Self::Calls => return f.write_str("calls an election"),
            Self::Yields { to } => return write!(f, "yields to {to}"),
            Self::Leads { epoch } => {
                f.write_str("leads")?;
                epoch
            }
            Self::Follows { leader, epoch } => {
                write!(f, "follows {leader}")?;
                epoch
            }
            Self::Asks { epoch } => return write!(f, "asks for votes for epoch {epoch}"),
            Self::Resigns => return f.write_str("steps down: no majority hears it"),
            Self::Admits { epoch } => return write!(f, "takes a write of epoch {epoch}"),
            Self::Refuses { epoch } => return write!(f, "refuses a write of epoch {epoch}"),
        };
        epoch.map_or(Ok(()), |epoch| write!(f, " in epoch {epoch}"))
    }
}

/// What a node is up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// It takes part in no election, and does not lead.
    Follows,
    /// It holds an election, and no higher node has answered yet.
    Candidate,
    /// It waits for a higher node to announce a leader.
    Waits,
    /// It leads, as far as it knows.
    Leads,
    /// It keeps what leaders write, and has no part in elections.
    Apart,
}

impl Role {
    /// The role's letter in the lanes of a trace.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Follows => 'F',
            Self::Candidate => 'C',
            Self::Waits => 'W',
            Self::Leads => 'L',
            Self::Apart => '.',
        }
    }
}

/// What every form can be asked.
pub trait Elector {
    /// The leader that it knows, perhaps itself; none during an election.
    fn leader(&self) -> Option<NodeId>;

    /// What it is up to.
    fn role(&self) -> Role;

    /// The epoch of the leader it knows; none in the forms without epochs.
    fn epoch(&self) -> Option<Epoch> {
        None
    }
}

/// Names one leadership: no two leaders ever share one, and later ones are
/// greater for every node that has heard of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// One more than the greatest that the leader had heard of.
    pub counter: u64,
    /// The leader: two that pick the same counter still differ.
    pub leader: NodeId,
}

impl Epoch {
    /// The epoch that `leader` takes when `seen` is the latest that it knows
    /// of. At the end of all numbers, which only a liar gets to, it is no
    /// later than that one.
    #[must_use]
    pub fn after(seen: Option<Self>, leader: NodeId) -> Self {
        Self { counter: seen.map_or(0, |seen| seen.counter).saturating_add(1), leader }
    }
}

/// As `4.n3`: the counter and the leader.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.counter, self.leader)
    }
}
