use std::fmt;
use std::net::SocketAddr;

use rehearsal_machine::NodeId;

use crate::keys::PublicKey;

/// Who belongs to a cluster, and how each is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    cluster: String,
    members: Vec<Member>,
    security: Security,
}

/// One node of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// How people call it.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// What proves that it is this node; nothing in a cluster without keys.
    pub key: Option<PublicKey>,
}

/// How the members of a cluster know each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Each by its key, over TLS 1.3.
    Keys,
    /// Not at all: plain TCP, and all within one machine.
    Insecure,
}

/// Why these cannot be a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RosterError {
    /// It has no name, or one longer than [`Roster::MAX_NAME_BYTES`] bytes.
    Name,
    /// There is nobody, or more than [`Roster::MAX_MEMBERS`].
    Members(usize),
    /// The member has no key, though there are to be some.
    NoKey(NodeId),
    /// The two have the same key.
    SameKey(NodeId, NodeId),
    /// The two have the same address.
    SameAddress(NodeId, NodeId),
    /// The member can be reached from other machines, without a key.
    NotLoopback(NodeId),
}

impl Roster {
    /// The longest name of a cluster, in bytes.
    pub const MAX_NAME_BYTES: usize = 64;
    /// The most members.
    pub const MAX_MEMBERS: usize = 1_024;

    /// The cluster of this name; its members are n1, n2, ... in this order.
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

    /// The cluster's name: whoever has another one is not let in.
    #[must_use]
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// How its members know each other.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// How many members there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.members.len() as u32
    }

    /// All members, in order.
    pub fn members(&self) -> impl Iterator<Item = (NodeId, &Member)> {
        self.members.iter().enumerate().map(|(index, member)| (NodeId::from_index(index), member))
    }

    /// The member of this number.
    #[must_use]
    pub fn member(&self, node: NodeId) -> Option<&Member> {
        self.members.get(node.index())
    }

    /// Whose key this is.
    #[must_use]
    pub fn owner(&self, key: &PublicKey) -> Option<NodeId> {
        self.members().find(|(_, member)| member.key.as_ref() == Some(key)).map(|(node, _)| node)
    }
}

impl fmt::Display for RosterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => {
                write!(f, "a cluster's name has 1 to {} bytes", Roster::MAX_NAME_BYTES)
            }
            Self::Members(0) => f.write_str("a cluster without nodes does nothing"),
            Self::Members(members) => {
                write!(f, "{members} nodes are more than {}", Roster::MAX_MEMBERS)
            }
            Self::NoKey(node) => write!(f, "{node} has no key"),
            Self::SameKey(one, other) => write!(f, "{one} and {other} have the same key"),
            Self::SameAddress(one, other) => write!(f, "{one} and {other} have the same address"),
            Self::NotLoopback(node) => {
                write!(f, "{node} can be reached from other machines, and nobody has keys")
            }
        }
    }
}

impl std::error::Error for RosterError {}
