use core::fmt;

use serde::{Deserialize, Serialize};

use super::Destinations;
use rehearsal_machine::NodeId;

/// Which order a group keeps, and by which protocol.
///
/// Nodes that restart with their disks go on where they were. Each protocol says what
/// waits for a node while it is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Discipline {
    /// None: a node delivers a message when it arrives. Nothing waits for other nodes.
    Unordered,
    /// [`Fifo`](super::Fifo): a node delivers the messages of each sender in the order of
    /// sending. Nothing waits for other nodes.
    Fifo,
    /// [`CausalBroadcast`](super::CausalBroadcast): a node delivers a broadcast after all
    /// that its sender knew. Every message goes to all other nodes. At a node that lacks a
    /// message of a node that is down, what depends on this message waits.
    CausalBroadcast,
    /// [`RaynalSchiperToueg`](super::RaynalSchiperToueg): a node delivers a message to any
    /// nodes after all that its sender knew. The same waits for a node that is down.
    RaynalSchiperToueg,
    /// [`SchiperEggliSandoz`](super::SchiperEggliSandoz): the same.
    SchiperEggliSandoz,
    /// [`Sequencer`](super::Sequencer): nodes deliver what one node has numbered, in the
    /// order of the numbers. All wait for the leader, and a new leader uses its numbers
    /// again.
    Sequencer,
    /// [`MajoritySequencer`](super::MajoritySequencer): the same, once a majority keeps it.
    /// Nothing waits as long as there is a leader and a majority is up.
    MajoritySequencer,
    /// [`Skeen`](super::Skeen): nodes deliver messages in the order of times on which their
    /// destinations agreed. A destination waits for the sender, and for each other
    /// destination, of a message that has no final time.
    Skeen,
    /// [`Relay`](super::Relay): nodes deliver what a central server passes on. All wait for
    /// the server.
    Relay {
        /// The node that passes on every message.
        server: NodeId,
    },
    /// [`LamportClocks`](super::LamportClocks): nodes deliver broadcasts in the order of their
    /// senders' clocks. Every message goes to all other nodes. Nothing is delivered while a
    /// node is down.
    LamportClocks,
    /// [`PcBroadcast`](super::PcBroadcast): every node passes on each broadcast, and delivers
    /// it after all that its sender knew. Every message goes to all other nodes. Nothing
    /// waits for other nodes.
    PcBroadcast,
}

impl Discipline {
    /// Is every message to go to all other nodes?
    #[must_use]
    pub fn is_for_broadcasts(self) -> bool {
        matches!(self, Self::CausalBroadcast | Self::LamportClocks | Self::PcBroadcast)
    }

    /// Does one node lead the others?
    #[must_use]
    pub fn has_leader(self) -> bool {
        matches!(self, Self::Sequencer | Self::MajoritySequencer)
    }

    /// Whether node `me` of this many nodes can send to these.
    pub fn check(self, me: NodeId, nodes: u32, to: &Destinations) -> Result<(), Refusal> {
        if to.is_empty() {
            return Err(Refusal::NoDestination);
        }
        if let Some(stranger) = to.iter().find(|node| node.number() > nodes) {
            return Err(Refusal::NoSuchNode(stranger));
        }
        let missing = NodeId::all(nodes).find(|node| *node != me && !to.contains(*node));
        match missing {
            Some(missing) if self.is_for_broadcasts() => Err(Refusal::NotBroadcast(missing)),
            _ => Ok(()),
        }
    }
}

/// As a scenario's head tells it: `causal broadcast`, `relay by n1`.
impl fmt::Display for Discipline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unordered => "unordered",
            Self::Fifo => "fifo",
            Self::CausalBroadcast => "causal broadcast",
            Self::RaynalSchiperToueg => "causal by Raynal, Schiper and Toueg",
            Self::SchiperEggliSandoz => "causal by Schiper, Eggli and Sandoz",
            Self::Sequencer => "sequencer",
            Self::MajoritySequencer => "sequencer with a majority",
            Self::Skeen => "Skeen",
            Self::LamportClocks => "Lamport clocks",
            Self::PcBroadcast => "PC-broadcast",
            Self::Relay { server } => return write!(f, "relay by {server}"),
        })
    }
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// It has no destination.
    NoDestination,
    /// There is no such node.
    NoSuchNode(NodeId),
    /// It does not go to this node, and the discipline is for broadcasts.
    NotBroadcast(NodeId),
    /// Too many messages are still on their way.
    Full,
    /// Its content does not fit into a packet.
    TooLarge {
        /// The most bytes that do.
        most: u64,
    },
    /// The node has the disk of one with other settings.
    OtherSettings,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDestination => f.write_str("the message has no destination"),
            Self::NoSuchNode(node) => write!(f, "there is no node {node}"),
            Self::NotBroadcast(node) => {
                write!(f, "it is not for {node}, and only broadcasts keep the order")
            }
            Self::Full => f.write_str("too many messages are on their way; send it later"),
            Self::TooLarge { most } => {
                write!(f, "its content takes more than {most} bytes; send it in parts")
            }
            Self::OtherSettings => {
                f.write_str("the disk is of other settings; start the node with those")
            }
        }
    }
}
