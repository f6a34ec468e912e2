//! Why a connection does not become a link.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Why a connection was closed before its handshake finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The handshake took longer than [`Limits::handshake`](crate::Limits).
    Timeout,
    /// The peer closed the connection.
    Closed,
    /// TLS failed: the peer has no key, an unknown one, or does not speak TLS 1.3.
    UnknownKey,
    /// The peer sent bytes that are no handshake message.
    Malformed,
    /// The peer connected from another computer to a cluster without keys.
    NotLoopback,
    /// One of the nodes refused the other.
    Refused(Refusal),
}

impl HandshakeError {
    pub(crate) const COUNT: usize = 17;

    /// The error's index, below [`Self::COUNT`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Timeout => 0,
            Self::Closed => 1,
            Self::UnknownKey => 2,
            Self::Malformed => 3,
            Self::NotLoopback => 4,
            Self::Refused(refusal) => 5 + usize::from(refusal.number()),
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("the handshake took too long"),
            Self::Closed => f.write_str("the connection was closed"),
            Self::UnknownKey => f.write_str("its key is not in the roster, or it has none"),
            Self::Malformed => f.write_str("the handshake is malformed"),
            Self::NotLoopback => {
                f.write_str("it is on another computer, but the cluster has no keys")
            }
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Why a node refused another one. It tells the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The two nodes have no version of the byte format in common.
    Version,
    /// The peer belongs to another cluster.
    Cluster,
    /// The peer dialled another node than this one.
    WrongReceiver,
    /// The cluster has no node with the peer's number.
    UnknownNode,
    /// The peer's key belongs to another node.
    WrongKey,
    /// The peer must not dial this node: the node with the lower number dials.
    WrongDialer,
    /// The peer has another configuration.
    Configuration,
    /// The peer did not return this handshake's nonce: it replays an earlier handshake.
    Replayed,
    /// The peer runs from another store than the one that this node knows: it has lost its folder,
    /// or uses another one.
    Store,
    /// The peer runs from an earlier state of its store than this node knows: its folder was copied
    /// or restored from a backup.
    Outdated,
    /// Another process is this node, and has a link. It is reached at this address.
    Duplicate(SocketAddr),
    /// The peer begins a new life, which this node accepts once it has forgotten the earlier one.
    NewLife,
}

impl Refusal {
    /// The number of the refusal in the handshake, whatever its details.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Version => 0,
            Self::Cluster => 1,
            Self::WrongReceiver => 2,
            Self::UnknownNode => 3,
            Self::WrongKey => 4,
            Self::WrongDialer => 5,
            Self::Configuration => 6,
            Self::Replayed => 7,
            Self::Store => 8,
            Self::Outdated => 9,
            Self::Duplicate(_) => 10,
            Self::NewLife => 11,
        }
    }

    /// Is the refused node, by all that it proves, the node that it claims to be, but without its
    /// memory or a second time? Its owner must do something about it.
    pub(crate) fn is_about_life(self) -> bool {
        matches!(self, Self::Store | Self::Outdated | Self::Duplicate(_) | Self::NewLife)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Duplicate(address) => {
                return write!(
                    f,
                    "another process runs as this node, at {address}: stop one of the two"
                );
            }
            Self::Store => {
                "the node does not have the saved state that its peer knows: start it in its old \
                 folder, or begin a new life (`--new-life`) if that is lost"
            }
            Self::Outdated => {
                "the node's folder is an old copy: start the node in its latest folder, or begin a \
                 new life (`--new-life`) if that is lost"
            }
            Self::NewLife => {
                "the node begins a new life: its peer restarts to forget the earlier one"
            }
            Self::Version => "no common version",
            Self::Cluster => "the clusters differ",
            Self::WrongReceiver => "the dialled node is another one",
            Self::UnknownNode => "the dialer is not in the roster",
            Self::WrongKey => "the key belongs to another node",
            Self::WrongDialer => "the node with the higher number must not dial",
            Self::Configuration => "the configurations differ",
            Self::Replayed => "the handshake was replayed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handshake_error_has_an_index_of_its_own() {
        use HandshakeError::{Closed, Malformed, NotLoopback, Refused, Timeout, UnknownKey};
        use Refusal::{
            Cluster, Configuration, Duplicate, NewLife, Outdated, Replayed, Store, UnknownNode,
            Version, WrongDialer, WrongKey, WrongReceiver,
        };
        let refusals = [
            Version,
            Cluster,
            WrongReceiver,
            UnknownNode,
            WrongKey,
            WrongDialer,
            Configuration,
            Replayed,
            Store,
            Outdated,
            Duplicate(([127, 0, 0, 1], 1).into()),
            NewLife,
        ];
        let all = [Timeout, Closed, UnknownKey, Malformed, NotLoopback].into_iter();
        let all = all.chain(refusals.map(Refused));
        let indices: Vec<_> = all.map(HandshakeError::index).collect();
        assert_eq!(indices, (0..HandshakeError::COUNT).collect::<Vec<_>>());
    }
}
