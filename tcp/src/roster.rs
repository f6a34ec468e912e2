use std::fmt;
use std::net::SocketAddr;

use rehearsal_machine::NodeId;

use crate::keys::PublicKey;

/// The members of a cluster, and how to reach each of them. [`Roster::new`] validates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    cluster: String,
    members: Vec<Member>,
    security: Security,
}

/// A member of a cluster: one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name shown to people.
    pub name: String,
    /// The address at which the node listens, and at which its peers reach it.
    pub address: SocketAddr,
    /// The node's public key; `None` in a cluster without keys.
    pub key: Option<PublicKey>,
}

/// How the members of a cluster authenticate each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By their keys, over TLS 1.3.
    Keys,
    /// Not at all: plain TCP. Every address must be a loopback address.
    Insecure,
}

/// Why a roster is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RosterError {
    /// The cluster's name is empty or longer than [`Roster::MAX_NAME_BYTES`].
    Name,
    /// There are no members, or more than [`Roster::MAX_MEMBERS`]: how many.
    Members(usize),
    /// This member has no key, although the cluster uses keys.
    NoKey(NodeId),
    /// These two members have the same key.
    SameKey(NodeId, NodeId),
    /// These two members have the same address.
    SameAddress(NodeId, NodeId),
    /// This member's address is not a loopback address, although the cluster uses no keys.
    NotLoopback(NodeId),
}

impl Roster {
    /// The maximum length of a cluster's name, in bytes.
    pub const MAX_NAME_BYTES: usize = 64;
    /// The maximum number of members.
    pub const MAX_MEMBERS: usize = 1_024;

    /// A cluster with this name. Its members are n1, n2, ... in the order given.
    pub fn new(
        cluster: impl Into<String>,
        members: Vec<Member>,
        security: Security,
    ) -> Result<Self, RosterError> {
        let cluster = cluster.into();
        if cluster.is_empty() || cluster.len() > Self::MAX_NAME_BYTES {
            return Err(RosterError::Name);
        }
        if members.is_empty() || members.len() > Self::MAX_MEMBERS {
            return Err(RosterError::Members(members.len()));
        }
        let roster = Self { cluster, members, security };
        roster.check()?;
        Ok(roster)
    }

    fn check(&self) -> Result<(), RosterError> {
        for (node, member) in self.members() {
            let mut before = self.members().take_while(|(other, _)| *other < node);
            match self.security {
                Security::Keys if member.key.is_none() => return Err(RosterError::NoKey(node)),
                Security::Insecure if !member.address.ip().is_loopback() => {
                    return Err(RosterError::NotLoopback(node));
                }
                Security::Keys | Security::Insecure => {}
            }
            let twin = before.find(|(_, other)| {
                other.address == member.address || (other.key == member.key && member.key.is_some())
            });
            match twin {
                Some((other, twin)) if twin.address == member.address => {
                    return Err(RosterError::SameAddress(other, node));
                }
                Some((other, _)) => return Err(RosterError::SameKey(other, node)),
                None => {}
            }
        }
        Ok(())
    }

    /// The cluster's name. Nodes of a cluster with another name are refused.
    #[must_use]
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// How the members authenticate each other.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// The number of members.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.members.len() as u32
    }

    /// All members, in the order of their numbers.
    pub fn members(&self) -> impl Iterator<Item = (NodeId, &Member)> {
        self.members.iter().enumerate().map(|(index, member)| (NodeId::from_index(index), member))
    }

    /// The member with this number, if there is one.
    #[must_use]
    pub fn member(&self, node: NodeId) -> Option<&Member> {
        self.members.get(node.index())
    }

    /// The same cluster for a node that reaches this peer at another address, such as through a
    /// [proxy](crate::proxy). Fails if that address is no member's of such a cluster.
    pub fn reached_at(&self, peer: NodeId, address: SocketAddr) -> Result<Self, RosterError> {
        let members = self.members().map(|(node, member)| {
            let address = if node == peer { address } else { member.address };
            Member { address, ..member.clone() }
        });
        Self::new(self.cluster.clone(), members.collect(), self.security)
    }

    /// The member that has this key, if there is one.
    #[must_use]
    pub fn owner(&self, key: &PublicKey) -> Option<NodeId> {
        self.members().find(|(_, member)| member.key.as_ref() == Some(key)).map(|(node, _)| node)
    }
}

impl fmt::Display for RosterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => {
                write!(f, "a cluster's name must have 1 to {} bytes", Roster::MAX_NAME_BYTES)
            }
            Self::Members(0) => f.write_str("a cluster needs at least one node"),
            Self::Members(members) => {
                write!(f, "{members} nodes are more than the maximum of {}", Roster::MAX_MEMBERS)
            }
            Self::NoKey(node) => write!(f, "{node} has no key"),
            Self::SameKey(one, other) => write!(f, "{one} and {other} have the same key"),
            Self::SameAddress(one, other) => write!(f, "{one} and {other} have the same address"),
            Self::NotLoopback(node) => {
                write!(
                    f,
                    "{node} has an address outside this computer, but the cluster has no keys"
                )
            }
        }
    }
}

impl std::error::Error for RosterError {}
