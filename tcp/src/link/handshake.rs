//! Two nodes tell each other who they are.

use std::io;

use rand::RngExt as _;
use rehearsal_machine::NodeId;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::Roster;
use crate::codec;
use crate::random::generator;
use crate::refusals::HandshakeError;
use crate::wire::encode;
use crate::wire::hello::{
    Answer, BadHello, Confirm, Digest, Hello, LONGEST, Refusal, VERSIONS, Versions,
};

/// What a node says of itself, and knows of the others.
pub(crate) struct Handshake {
    pub(crate) me: NodeId,
    pub(crate) incarnation: u32,
    pub(crate) roster: Roster,
    pub(crate) digest: Digest,
    pub(crate) compatible: Vec<Digest>,
    pub(crate) versions: Versions,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) node: NodeId,
    pub(crate) incarnation: u32,
}

/// Why a connection did not become a link.
#[derive(Debug)]
pub(crate) enum HandshakeFailure {
    /// What the peer did was wrong.
    ByUs(HandshakeError),
    /// The peer does not want us; that it has no key of ours means that it does
    /// not know ours.
    ByPeer(HandshakeError),
}

impl From<io::Error> for HandshakeFailure {
    fn from(error: io::Error) -> Self {
        // In TLS 1.3 a client is told last, after all has seemed well.
        match error.get_ref().and_then(|error| error.downcast_ref()) {
            Some(rustls::Error::AlertReceived(_)) => Self::ByPeer(HandshakeError::UnknownKey),
            Some(_) => Self::ByUs(HandshakeError::UnknownKey),
            None => Self::ByUs(HandshakeError::Closed),
        }
    }
}

impl Handshake {
    pub(crate) fn new(
        me: NodeId,
        incarnation: u32,
        roster: Roster,
        digest: Digest,
        compatible: Vec<Digest>,
    ) -> Self {
        Self { me, incarnation, roster, digest, compatible, versions: VERSIONS }
    }

    /// Who we dial; `owner` is whose key it has shown, where nodes have keys.
    pub(crate) async fn dial<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        to: NodeId,
        owner: Option<NodeId>,
    ) -> Result<Peer, HandshakeFailure> {
        if owner.is_some_and(|owner| owner != to) {
            return Err(HandshakeFailure::ByUs(HandshakeError::Refused(Refusal::OthersKey)));
        }
        let nonce = generator().random();
        let hello = Hello {
            cluster: self.roster.cluster().to_owned(),
            from: self.me,
            to,
            incarnation: self.incarnation,
            digest: self.digest,
            compatible: self.compatible.clone(),
            nonce,
        };
        say_bytes(stream, &hello.encode(self.versions)).await?;
        let answer = codec::read(&hear(stream).await?)
            .ok_or(HandshakeFailure::ByUs(HandshakeError::Malformed))?;
        let (version, incarnation, theirs) = match answer {
            Answer::Reject(refusal) => {
                return Err(HandshakeFailure::ByPeer(HandshakeError::Refused(refusal)));
            }
            Answer::Welcome { version, incarnation, echo, nonce: theirs } => {
                if echo != nonce {
                    return Err(HandshakeFailure::ByUs(HandshakeError::Refused(Refusal::Repeated)));
                }
                (version, incarnation, theirs)
            }
        };
        if self.versions.common(Versions { from: version, to: version }).is_none() {
            return Err(HandshakeFailure::ByUs(HandshakeError::Refused(Refusal::Version)));
        }
        say(stream, &Confirm { echo: theirs }).await?;
        Ok(Peer { node: to, incarnation })
    }

    /// Who has dialled us.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        owner: Option<NodeId>,
    ) -> Result<Peer, HandshakeFailure> {
        let said = hear(stream).await?;
        let (hello, version) = match Hello::decode(&said, self.versions) {
            Ok(read) => read,
            Err(BadHello::Malformed) => {
                return Err(HandshakeFailure::ByUs(HandshakeError::Malformed));
            }
            Err(BadHello::Version) => return Err(reject(stream, Refusal::Version).await),
        };
        if let Err(refusal) = self.admit(&hello, owner) {
            return Err(reject(stream, refusal).await);
        }
        let nonce = generator().random();
        let incarnation = self.incarnation;
        say(stream, &Answer::Welcome { version, incarnation, echo: hello.nonce, nonce }).await?;
        let confirm: Confirm = codec::read(&hear(stream).await?)
            .ok_or(HandshakeFailure::ByUs(HandshakeError::Malformed))?;
        if confirm.echo != nonce {
            return Err(HandshakeFailure::ByUs(HandshakeError::Refused(Refusal::Repeated)));
        }
        Ok(Peer { node: hello.from, incarnation: hello.incarnation })
    }

    fn admit(&self, hello: &Hello, owner: Option<NodeId>) -> Result<(), Refusal> {
        if hello.cluster != self.roster.cluster() {
            return Err(Refusal::Cluster);
        }
        if hello.to != self.me {
            return Err(Refusal::NotThisNode);
        }
        if self.roster.member(hello.from).is_none() {
            return Err(Refusal::NoSuchNode);
        }
        if owner.is_some_and(|owner| owner != hello.from) {
            return Err(Refusal::OthersKey);
        }
        if hello.from >= self.me {
            return Err(Refusal::OthersTurn);
        }
        if !self.works_with(hello) {
            return Err(Refusal::Configuration);
        }
        Ok(())
    }

    /// It is enough that one of the two knows the other's configuration: in a
    /// rolling upgrade the older one cannot know the newer one's.
    fn works_with(&self, hello: &Hello) -> bool {
        self.digest == hello.digest
            || self.compatible.contains(&hello.digest)
            || hello.compatible.contains(&self.digest)
    }
}

async fn reject<S: AsyncWrite + Unpin>(stream: &mut S, refusal: Refusal) -> HandshakeFailure {
    // Whether it hears of it or not, it is not let in.
    let _ = say(stream, &Answer::Reject(refusal)).await;
    let _ = stream.shutdown().await;
    HandshakeFailure::ByUs(HandshakeError::Refused(refusal))
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, word: &impl Serialize) -> io::Result<()> {
    say_bytes(stream, &encode(word)).await
}

async fn say_bytes<S: AsyncWrite + Unpin>(stream: &mut S, word: &[u8]) -> io::Result<()> {
    let length = (word.len() as u16).to_be_bytes();
    stream.write_all(&[&length, word].concat()).await?;
    stream.flush().await
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, HandshakeFailure> {
    let length = usize::from(stream.read_u16().await?);
    if length > LONGEST {
        return Err(HandshakeFailure::ByUs(HandshakeError::Malformed));
    }
    let mut word = vec![0; length];
    stream.read_exact(&mut word).await?;
    Ok(word)
}
