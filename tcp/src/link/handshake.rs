//! The handshake that turns a connection into a link: TLS, if the cluster has keys, and then the
//! messages of [`wire::hello`](crate::wire::hello).

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use rand::RngExt as _;
use rehearsal_machine::NodeId;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::known_peers::{Claim, KnownPeers};
use crate::disk::life::{Life, LifeId};
use crate::random::generator;
use crate::tls::{Tls, server_name};
use crate::wire::encode;
use crate::wire::hello::{Answer, BadHello, Confirm, Digest, Hello, MAX_BYTES, VERSIONS, Versions};
use crate::wire::refusal::{HandshakeError, Refusal};
use crate::{PublicKey, Roster, codec};

/// What this node tells its peers, and expects of them.
pub(crate) struct Handshake {
    pub(crate) me: NodeId,
    /// The address at which this node listens.
    pub(crate) address: SocketAddr,
    pub(crate) life: Life,
    /// How long a restarted peer waits here for the end of its earlier process's link.
    pub(crate) patience: Duration,
    pub(crate) known: Rc<KnownPeers>,
    pub(crate) roster: Roster,
    pub(crate) digest: Digest,
    pub(crate) compatible: Vec<Digest>,
}

/// The node at the other end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) node: NodeId,
    pub(crate) life: LifeId,
}

/// A peer whose handshake has finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admitted {
    pub(crate) peer: Peer,
    /// The address at which the peer listens.
    pub(crate) address: SocketAddr,
}

/// The two directions of a connection whose handshake has finished.
pub(crate) struct Halves {
    pub(crate) read: ReadHalf,
    pub(crate) write: WriteHalf,
}

pub(crate) type ReadHalf = Box<dyn AsyncRead + Unpin>;
pub(crate) type WriteHalf = Box<dyn AsyncWrite + Unpin>;

/// Why a handshake failed.
#[derive(Debug)]
pub(crate) enum HandshakeFailure {
    /// This node ended it.
    ByUs(HandshakeError),
    /// The peer refused this node. `UnknownKey` then means that the peer does not know our key.
    ByPeer(HandshakeError),
}

impl Handshake {
    /// Performs the handshake on a connection that this node opened.
    pub(crate) async fn dial(
        &self,
        mut stream: TcpStream,
        to: NodeId,
        tls: Option<&Tls>,
    ) -> Result<(Peer, Halves), HandshakeFailure> {
        stream.set_nodelay(true)?;
        let Some(tls) = tls else {
            let peer = self.introduce(&mut stream, to, None).await?;
            return Ok((peer, plain(stream)));
        };
        let connector = TlsConnector::from(tls.client.clone());
        let mut stream = TlsStream::from(connector.connect(server_name(), stream).await?);
        let owner = key_owner(&stream, &self.roster)?;
        let peer = self.introduce(&mut stream, to, Some(owner)).await?;
        Ok((peer, encrypted(stream)))
    }

    /// Performs the handshake on a connection that a peer opened.
    pub(crate) async fn accept(
        &self,
        mut stream: TcpStream,
        tls: Option<&Tls>,
    ) -> Result<(Admitted, Halves), HandshakeFailure> {
        stream.set_nodelay(true)?;
        let Some(tls) = tls else {
            let admitted = self.answer(&mut stream, None).await?;
            return Ok((admitted, plain(stream)));
        };
        let acceptor = TlsAcceptor::from(tls.server.clone());
        let mut stream = TlsStream::from(acceptor.accept(stream).await?);
        let owner = key_owner(&stream, &self.roster)?;
        let admitted = self.answer(&mut stream, Some(owner)).await?;
        Ok((admitted, encrypted(stream)))
    }

    /// The dialer's part. `owner` is the node whose key the peer has shown, if nodes have keys.
    async fn introduce<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        to: NodeId,
        owner: Option<NodeId>,
    ) -> Result<Peer, HandshakeFailure> {
        if owner.is_some_and(|owner| owner != to) {
            return Err(by_us(Refusal::WrongKey));
        }
        let nonce = generator().random();
        let hello = Hello {
            cluster: self.roster.cluster().to_owned(),
            from: self.me,
            to,
            address: self.address,
            life: self.life.clone(),
            digest: self.digest,
            compatible: self.compatible.clone(),
            nonce,
        };
        send_bytes(stream, &hello.encode(VERSIONS)).await?;
        let answer = codec::read(&receive(stream).await?).ok_or(MALFORMED)?;
        let (version, life, theirs) = match answer {
            Answer::Reject(refusal) => {
                return Err(HandshakeFailure::ByPeer(HandshakeError::Refused(refusal)));
            }
            Answer::Welcome { version, life, echo, nonce: theirs } => {
                if echo != nonce {
                    return Err(by_us(Refusal::Replayed));
                }
                (version, life, theirs)
            }
        };
        if VERSIONS.common(Versions { from: version, to: version }).is_none() {
            return Err(by_us(Refusal::Version));
        }
        if let Err(refusal) = self.known.meet(Claim { peer: to, life: &life }) {
            return Err(refuse(stream, &Confirm::Reject(refusal), refusal).await);
        }
        send(stream, &Confirm::Accept { echo: theirs }).await?;
        Ok(Peer { node: to, life: life.id })
    }

    /// The acceptor's part. `owner` is the node whose key the peer has shown, if nodes have keys.
    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        owner: Option<NodeId>,
    ) -> Result<Admitted, HandshakeFailure> {
        let received = receive(stream).await?;
        let (hello, version) = match Hello::decode(&received, VERSIONS) {
            Ok(decoded) => decoded,
            Err(BadHello::Malformed) => return Err(MALFORMED),
            Err(BadHello::Version) => return Err(reject(stream, Refusal::Version).await),
        };
        if let Err(refusal) = self.check(&hello, owner).await {
            return Err(reject(stream, refusal).await);
        }
        let nonce = generator().random();
        let life = self.life.clone();
        let welcome = Answer::Welcome { version, life, echo: hello.nonce, nonce };
        send(stream, &welcome).await?;
        match codec::read(&receive(stream).await?).ok_or(MALFORMED)? {
            Confirm::Accept { echo } if echo == nonce => {}
            Confirm::Accept { .. } => return Err(by_us(Refusal::Replayed)),
            Confirm::Reject(refusal) => {
                return Err(HandshakeFailure::ByPeer(HandshakeError::Refused(refusal)));
            }
        }
        // Another process may have come first since the hello was checked.
        self.known.meet(claim(&hello)).map_err(by_us)?;
        let peer = Peer { node: hello.from, life: hello.life.id };
        Ok(Admitted { peer, address: hello.address })
    }

    /// May the node with this hello have a link?
    async fn check(&self, hello: &Hello, owner: Option<NodeId>) -> Result<(), Refusal> {
        if hello.cluster != self.roster.cluster() {
            return Err(Refusal::Cluster);
        }
        if hello.to != self.me {
            return Err(Refusal::WrongReceiver);
        }
        if self.roster.member(hello.from).is_none() {
            return Err(Refusal::UnknownNode);
        }
        if owner.is_some_and(|owner| owner != hello.from) {
            return Err(Refusal::WrongKey);
        }
        if hello.from >= self.me {
            return Err(Refusal::WrongDialer);
        }
        if !self.works_with(hello) {
            return Err(Refusal::Configuration);
        }
        let claim = claim(hello);
        // A node that was killed can be back before this node has noticed the end of its link.
        let _ = timeout(self.patience, self.known.wait_for_earlier(claim)).await;
        self.known.check(claim)
    }

    /// Do the two configurations work together? It suffices that one node knows the other's: in a
    /// rolling upgrade the older node cannot know the newer configuration.
    fn works_with(&self, hello: &Hello) -> bool {
        self.digest == hello.digest
            || self.compatible.contains(&hello.digest)
            || hello.compatible.contains(&self.digest)
    }
}

fn claim(hello: &Hello) -> Claim<'_> {
    Claim { peer: hello.from, life: &hello.life }
}

const MALFORMED: HandshakeFailure = HandshakeFailure::ByUs(HandshakeError::Malformed);

fn by_us(refusal: Refusal) -> HandshakeFailure {
    HandshakeFailure::ByUs(HandshakeError::Refused(refusal))
}

async fn reject<S: AsyncWrite + Unpin>(stream: &mut S, refusal: Refusal) -> HandshakeFailure {
    refuse(stream, &Answer::Reject(refusal), refusal).await
}

/// Sends this message, which tells the peer that it is refused.
async fn refuse<S: AsyncWrite + Unpin>(
    stream: &mut S,
    message: &impl Serialize,
    refusal: Refusal,
) -> HandshakeFailure {
    // The connection is closed, whether or not the peer receives the reason.
    let _ = send(stream, message).await;
    let _ = stream.shutdown().await;
    by_us(refusal)
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, message: &impl Serialize) -> io::Result<()> {
    send_bytes(stream, &encode(message)).await
}

async fn send_bytes<S: AsyncWrite + Unpin>(stream: &mut S, message: &[u8]) -> io::Result<()> {
    let sum = crc32fast::hash(message).to_be_bytes();
    let length = ((message.len() + sum.len()) as u16).to_be_bytes();
    stream.write_all(&[&length, message, &sum].concat()).await?;
    stream.flush().await
}

async fn receive<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, HandshakeFailure> {
    let length = usize::from(stream.read_u16().await?);
    if length > MAX_BYTES {
        return Err(MALFORMED);
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await?;
    // A node saves the store id of its peer. Without a check, a flipped bit in it would keep the peer
    // out from then on.
    let content = message.split_last_chunk().and_then(|(content, sum)| {
        (crc32fast::hash(content).to_be_bytes() == *sum).then_some(content.len())
    });
    message.truncate(content.ok_or(MALFORMED)?);
    Ok(message)
}

/// The member whose key the peer has shown.
fn key_owner(stream: &TlsStream<TcpStream>, roster: &Roster) -> Result<NodeId, HandshakeFailure> {
    let (_, connection) = stream.get_ref();
    let shown = connection.peer_certificates().and_then(<[_]>::first);
    let key = shown.and_then(|shown| PublicKey::of_info(shown));
    // TLS has already rejected keys that are not in the roster.
    let owner = key.and_then(|key| roster.owner(&key));
    owner.ok_or(HandshakeFailure::ByUs(HandshakeError::UnknownKey))
}

fn plain(stream: TcpStream) -> Halves {
    let (read, write) = stream.into_split();
    Halves { read: Box::new(read), write: Box::new(write) }
}

fn encrypted(stream: TlsStream<TcpStream>) -> Halves {
    let (read, write) = split(stream);
    Halves { read: Box::new(read), write: Box::new(write) }
}

impl From<io::Error> for HandshakeFailure {
    fn from(error: io::Error) -> Self {
        // In TLS 1.3 a client learns last, by an alert, that the server refused its key.
        match error.get_ref().and_then(|error| error.downcast_ref()) {
            Some(rustls::Error::AlertReceived(_)) => Self::ByPeer(HandshakeError::UnknownKey),
            Some(_) => Self::ByUs(HandshakeError::UnknownKey),
            None => Self::ByUs(HandshakeError::Closed),
        }
    }
}
