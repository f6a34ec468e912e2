//! Why a connection does not become a link.

use std::fmt;

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
    pub(crate) const COUNT: usize = 13;

    /// The error's index, below [`Self::COUNT`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Timeout => 0,
            Self::Closed => 1,
            Self::UnknownKey => 2,
            Self::Malformed => 3,
            Self::NotLoopback => 4,
            Self::Refused(refusal) => 5 + refusal as usize,
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

/// Why a node refused another one. The acceptor sends it to the dialer.
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
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
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
            Cluster, Configuration, Replayed, UnknownNode, Version, WrongDialer, WrongKey,
            WrongReceiver,
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
        ];
        let all = [Timeout, Closed, UnknownKey, Malformed, NotLoopback].into_iter();
        let all = all.chain(refusals.map(Refused));
        let indices: Vec<_> = all.map(HandshakeError::index).collect();
        assert_eq!(indices, (0..HandshakeError::COUNT).collect::<Vec<_>>());
    }
}
