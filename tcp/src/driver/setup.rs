use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use tokio::net::{TcpListener, TcpSocket};

use super::NodeError;
use crate::disk::Cells;
use crate::metrics::Metrics;
use crate::recording::Recorder;
use crate::tls::Tls;
use crate::wire::hello::{Digest, MAX_COMPATIBLE};
use crate::{Key, Limits, Roster, Security};

/// All that a node needs to run.
pub struct Setup<M> {
    /// Which member of the roster it is.
    pub me: NodeId,
    /// Who belongs to the cluster.
    pub roster: Roster,
    /// What proves that it is this member; needed where members have keys.
    pub key: Option<Key>,
    /// What its configuration comes down to: others are not let in.
    pub digest: Digest,
    /// But those with one of these are, during an upgrade; at most [`MAX_COMPATIBLE`](crate::MAX_COMPATIBLE).
    pub compatible: Vec<Digest>,
    /// How much of everything it takes.
    pub limits: Limits,
    /// What it has saved.
    pub cells: Cells,
    /// Where it notes what happens to it, if it shall.
    pub recorder: Option<Recorder>,
    /// Its machine, which has not started.
    pub machine: M,
    /// Where it listens; by default at its address in the roster.
    pub listener: Option<std::net::TcpListener>,
    /// Where it counts what it meets; made for as many nodes as the roster has,
    /// or those beyond are not counted.
    pub metrics: Arc<Metrics>,
}

/// Can there be such a node? Gives what it needs for TLS, if its members have keys.
pub(super) fn check<M>(setup: &Setup<M>) -> Result<Option<Tls>, NodeError> {
    setup.limits.check().map_err(NodeError::Setup)?;
    if setup.compatible.len() > MAX_COMPATIBLE {
        return Err(NodeError::Setup("it is told to let in more than eight other configurations"));
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

pub(super) fn listen<M>(setup: &Setup<M>) -> Result<TcpListener, NodeError> {
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
    // A node that was killed shall start again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1_024)
}
