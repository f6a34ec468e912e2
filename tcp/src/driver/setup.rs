use std::net::SocketAddr;
use std::sync::Arc;
use std::{fmt, io};

use rehearsal_machine::NodeId;
use tokio::net::{TcpListener, TcpSocket};

use crate::disk::{Cells, DiskError};
use crate::link::known_peers::Amnesia;
use crate::metrics::Metrics;
use crate::recording::{Recorder, RecordingError};
use crate::tls::Tls;
use crate::wire::hello::{Digest, MAX_COMPATIBLE};
use crate::{Key, Limits, Roster, Security};

/// Everything that a node needs to [`run`](crate::run).
pub struct Setup<M> {
    /// Which member of the roster this node is.
    pub me: NodeId,
    /// The members of the cluster.
    pub roster: Roster,
    /// This node's key; required if the cluster uses keys.
    pub key: Option<Key>,
    /// The digest of this node's configuration. Peers with another digest are refused.
    pub digest: Digest,
    /// Digests of other configurations whose nodes are accepted as well, for a rolling upgrade. At
    /// most [`MAX_COMPATIBLE`](crate::MAX_COMPATIBLE).
    pub compatible: Vec<Digest>,
    /// What the node does about a peer that has lost its saved state.
    pub amnesia: Amnesia,
    /// Bounds on memory and waits.
    pub limits: Limits,
    /// What earlier incarnations of the node saved.
    pub cells: Cells,
    /// Where to record the node's inputs, draws and effects; `None` records nothing.
    pub recorder: Option<Recorder>,
    /// The machine, which has not handled any input yet.
    pub machine: M,
    /// An open listener; `None` listens at the node's address in the roster.
    pub listener: Option<std::net::TcpListener>,
    /// The node's counters, created for as many nodes as the roster has.
    pub metrics: Arc<Metrics>,
}

/// Why a node could not start, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum NodeError {
    /// The roster has no member with the node's number.
    NotInRoster(NodeId),
    /// The cluster uses keys, and the node has none, or not the one in the roster.
    Key,
    /// A value of the [`Setup`] is invalid, for this reason.
    Setup(&'static str),
    /// The node cannot listen at this address.
    Listen(SocketAddr, io::Error),
    /// The node's saved state cannot be read, or a save failed. No later effect was performed.
    Disk(DiskError),
    /// A saved value, or a recorded one, cannot be serialized.
    Unserializable(postcard::Error),
    /// A step could not be recorded. No later effect was performed.
    Recording(RecordingError),
    /// This peer begins a new life, because its saved state is lost. Restart the node: its
    /// [`Store::forget`](crate::disk::Store::forget) erases what the node saved about the peer's
    /// earlier lives, and then the peer is accepted. What the node was sending has been sent as far
    /// as its peers took it within [`Limits::flush`].
    NewLife(NodeId),
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInRoster(node) => write!(f, "there is no {node} in the roster"),
            Self::Key => f.write_str("the node's key is not its key in the roster"),
            Self::Setup(why) => f.write_str(why),
            Self::Listen(address, error) => write!(f, "cannot listen at {address}: {error}"),
            Self::Disk(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
            Self::NewLife(peer) => {
                write!(f, "{peer} begins a new life: restart this node to forget the earlier one")
            }
            Self::Unserializable(error) => {
                write!(f, "a value of the machine cannot be serialized: {error}")
            }
        }
    }
}

impl std::error::Error for NodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(_, error) => Some(error),
            Self::Disk(error) => Some(error),
            Self::Unserializable(error) => Some(error),
            Self::Recording(error) => Some(error),
            Self::NotInRoster(_) | Self::Key | Self::Setup(_) | Self::NewLife(_) => None,
        }
    }
}

/// Validates a setup. Returns the TLS configuration if the cluster uses keys.
pub(super) fn check<M>(setup: &Setup<M>) -> Result<Option<Tls>, NodeError> {
    setup.limits.check().map_err(NodeError::Setup)?;
    if setup.compatible.len() > MAX_COMPATIBLE {
        return Err(NodeError::Setup("`compatible` must not have more than eight digests"));
    }
    let member = setup.roster.member(setup.me).ok_or(NodeError::NotInRoster(setup.me))?;
    match (setup.roster.security(), &setup.key) {
        (Security::Insecure, _) => Ok(None),
        (Security::Keys, Some(key)) if Some(key.public()) == member.key => {
            Ok(Some(Tls::new(key, &setup.roster)))
        }
        (Security::Keys, _) => Err(NodeError::Key),
    }
}

/// Opens a node's listener at this address, for [`Setup::listener`]. A node that was killed can
/// listen again at once.
///
/// # Panics
///
/// Outside a tokio runtime.
pub fn listen(address: SocketAddr) -> Result<std::net::TcpListener, NodeError> {
    let listener = bind(address).and_then(TcpListener::into_std);
    listener.map_err(|error| NodeError::Listen(address, error))
}

/// The node's listener.
pub(super) fn listener<M>(setup: &Setup<M>) -> Result<TcpListener, NodeError> {
    let member = setup.roster.member(setup.me).ok_or(NodeError::NotInRoster(setup.me))?;
    let listening = match &setup.listener {
        Some(listener) => listener.try_clone().and_then(|listener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        }),
        None => bind(member.address),
    };
    listening.map_err(|error| NodeError::Listen(member.address, error))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A node that was killed can restart at once, without waiting for its old connections.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1_024)
}
