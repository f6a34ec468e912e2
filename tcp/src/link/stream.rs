use rehearsal_machine::NodeId;
use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::handshake::{Handshake, HandshakeFailure, Peer};
use crate::refusals::HandshakeError;
use crate::tls::{Tls, server_name};
use crate::{PublicKey, Roster};

pub(super) type ReadHalf = Box<dyn AsyncRead + Unpin>;
pub(super) type WriteHalf = Box<dyn AsyncWrite + Unpin>;

/// The two directions of a connection whose ends know each other.
pub(super) struct Halves {
    pub(super) read: ReadHalf,
    pub(super) write: WriteHalf,
}

/// Makes ourselves known to the peer that was connected to.
pub(super) async fn dial(
    mut stream: TcpStream,
    to: NodeId,
    tls: Option<&Tls>,
    us: &Handshake,
) -> Result<(Peer, Halves), HandshakeFailure> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        let peer = us.dial(&mut stream, to, None).await?;
        return Ok((peer, plain(stream)));
    };
    let connected = TlsConnector::from(tls.client.clone()).connect(server_name(), stream).await?;
    let mut stream = TlsStream::from(connected);
    let owner = owner(&stream, &us.roster)?;
    let peer = us.dial(&mut stream, to, Some(owner)).await?;
    Ok((peer, encrypted(stream)))
}

/// Finds out who has connected.
pub(super) async fn accept(
    mut stream: TcpStream,
    tls: Option<&Tls>,
    us: &Handshake,
) -> Result<(Peer, Halves), HandshakeFailure> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        let peer = us.accept(&mut stream, None).await?;
        return Ok((peer, plain(stream)));
    };
    let accepted = TlsAcceptor::from(tls.server.clone()).accept(stream).await?;
    let mut stream = TlsStream::from(accepted);
    let owner = owner(&stream, &us.roster)?;
    let peer = us.accept(&mut stream, Some(owner)).await?;
    Ok((peer, encrypted(stream)))
}

fn owner(stream: &TlsStream<TcpStream>, roster: &Roster) -> Result<NodeId, HandshakeFailure> {
    let (_, connection) = stream.get_ref();
    let shown = connection.peer_certificates().and_then(<[_]>::first);
    let key = shown.and_then(|shown| PublicKey::of_info(shown));
    // TLS lets nobody through whose key is not listed.
    key.and_then(|key| roster.owner(&key)).ok_or(HandshakeFailure::ByUs(HandshakeError::UnknownKey))
}

fn plain(stream: TcpStream) -> Halves {
    let (read, write) = stream.into_split();
    Halves { read: Box::new(read), write: Box::new(write) }
}

fn encrypted(stream: TlsStream<TcpStream>) -> Halves {
    let (read, write) = split(stream);
    Halves { read: Box::new(read), write: Box::new(write) }
}
