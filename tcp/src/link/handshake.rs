//! Two nodes tell each other who they are.

use std::io;

use rand::RngExt as _;
use rehearsal_machine::NodeId;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::Roster;
use crate::postcards;
use crate::refusals::Reason;
use crate::wire::encode;
use crate::wire::hello::{
    Answer, BadHello, Confirm, Digest, Hello, LONGEST, Refusal, VERSIONS, Versions,
};

/// What a node says of itself, and knows of the others.
pub(crate) struct Introduction {
    pub(crate) me: NodeId,
    pub(crate) incarnation: u32,
    pub(crate) roster: Roster,
    pub(crate) digest: Digest,
    pub(crate) also: Vec<Digest>,
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
pub(crate) enum Failed {
    /// What the peer did was wrong.
    Ours(Reason),
    /// The peer does not want us; that it has no key of ours means that it does
    /// not know ours.
    Theirs(Reason),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        // In TLS 1.3 a client is told last, after all has seemed well.
        match error.get_ref().and_then(|error| error.downcast_ref()) {
            Some(rustls::Error::AlertReceived(_)) => Self::Theirs(Reason::Stranger),
            Some(_) => Self::Ours(Reason::Stranger),
            None => Self::Ours(Reason::Closed),
        }
    }
}

impl Introduction {
    pub(crate) fn new(
        me: NodeId,
        incarnation: u32,
        roster: Roster,
        digest: Digest,
        also: Vec<Digest>,
    ) -> Self {
        Self { me, incarnation, roster, digest, also, versions: VERSIONS }
    }

    /// Who we dial; `owner` is whose key it has shown, where nodes have keys.
    pub(crate) async fn dial<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        to: NodeId,
        owner: Option<NodeId>,
    ) -> Result<Peer, Failed> {
        if owner.is_some_and(|owner| owner != to) {
            return Err(Failed::Ours(Reason::Refused(Refusal::OthersKey)));
        }
        let nonce = rand::rng().random();
        let hello = Hello {
            cluster: self.roster.cluster().to_owned(),
            from: self.me,
            to,
            incarnation: self.incarnation,
            digest: self.digest,
            also: self.also.clone(),
            nonce,
        };
        say_bytes(stream, &hello.encode(self.versions)).await?;
        let answer =
            postcards::read(&hear(stream).await?).ok_or(Failed::Ours(Reason::Malformed))?;
        let (version, incarnation, theirs) = match answer {
            Answer::Reject(refusal) => return Err(Failed::Theirs(Reason::Refused(refusal))),
            Answer::Welcome { version, incarnation, echo, nonce: theirs } => {
                if echo != nonce {
                    return Err(Failed::Ours(Reason::Refused(Refusal::Repeated)));
                }
                (version, incarnation, theirs)
            }
        };
        if self.versions.common(Versions { from: version, to: version }).is_none() {
            return Err(Failed::Ours(Reason::Refused(Refusal::Version)));
        }
        say(stream, &Confirm { echo: theirs }).await?;
        Ok(Peer { node: to, incarnation })
    }

    /// Who has dialled us.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        owner: Option<NodeId>,
    ) -> Result<Peer, Failed> {
        let said = hear(stream).await?;
        let (hello, version) = match Hello::decode(&said, self.versions) {
            Ok(read) => read,
            Err(BadHello::Malformed) => return Err(Failed::Ours(Reason::Malformed)),
            Err(BadHello::Version) => return Err(reject(stream, Refusal::Version).await),
        };
        if let Err(refusal) = self.admit(&hello, owner) {
            return Err(reject(stream, refusal).await);
        }
        let nonce = rand::rng().random();
        let incarnation = self.incarnation;
        say(stream, &Answer::Welcome { version, incarnation, echo: hello.nonce, nonce }).await?;
        let confirm: Confirm =
            postcards::read(&hear(stream).await?).ok_or(Failed::Ours(Reason::Malformed))?;
        if confirm.echo != nonce {
            return Err(Failed::Ours(Reason::Refused(Refusal::Repeated)));
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
            || self.also.contains(&hello.digest)
            || hello.also.contains(&self.digest)
    }
}

async fn reject<S: AsyncWrite + Unpin>(stream: &mut S, refusal: Refusal) -> Failed {
    // Whether it hears of it or not, it is not let in.
    let _ = say(stream, &Answer::Reject(refusal)).await;
    let _ = stream.shutdown().await;
    Failed::Ours(Reason::Refused(refusal))
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, word: &impl Serialize) -> io::Result<()> {
    say_bytes(stream, &encode(word)).await
}

async fn say_bytes<S: AsyncWrite + Unpin>(stream: &mut S, word: &[u8]) -> io::Result<()> {
    let length = (word.len() as u16).to_be_bytes();
    stream.write_all(&[&length, word].concat()).await?;
    stream.flush().await
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, Failed> {
    let length = usize::from(stream.read_u16().await?);
    if length > LONGEST {
        return Err(Failed::Ours(Reason::Malformed));
    }
    let mut word = vec![0; length];
    stream.read_exact(&mut word).await?;
    Ok(word)
}
