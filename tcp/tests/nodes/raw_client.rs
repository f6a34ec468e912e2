//! A client that implements the documented byte format without the crate's code. It is an oracle
//! for the format, and plays peers and strangers.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A connection to a node.
pub(crate) struct RawClient(pub(crate) Box<dyn Stream>);

/// The fields of a hello, each of which a test may get wrong.
#[derive(Clone, Debug)]
pub(crate) struct HelloFields {
    pub(crate) versions: (u16, u16),
    pub(crate) cluster: &'static str,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) life: RawLife,
    pub(crate) is_new_life: bool,
    /// The sessions of the store's earlier incarnations, the latest first, and their commits.
    pub(crate) past: &'static [(u64, u64)],
    pub(crate) digest: [u8; 32],
    pub(crate) compatible: Vec<[u8; 32]>,
}

/// Which life of a node it is: each number of the store's 16 bytes, the incarnation, the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawLife {
    pub(crate) store: u8,
    pub(crate) incarnation: u32,
    pub(crate) session: u64,
}

/// The node's answer to a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawAnswer {
    Welcome {
        nonce: u64,
    },
    /// With the number of the reason.
    Rejected(u8),
}

/// The address 10.0.0.1:80 of version 4 of the protocol.
const ADDRESS: [u8; 6] = [0, 10, 0, 0, 1, 80];

const NONCE: u64 = 0x0123_4567_89ab_cdef;

impl HelloFields {
    /// The valid hello of n1 to n2.
    pub(crate) fn valid() -> Self {
        Self {
            versions: (3, 3),
            cluster: "office",
            from: 1,
            to: 2,
            life: RawLife { store: 5, incarnation: 7, session: 300 },
            is_new_life: false,
            past: &[],
            digest: [1; 32],
            compatible: vec![],
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut word = b"RHSL".to_vec();
        word.extend(self.versions.0.to_be_bytes());
        word.extend(self.versions.1.to_be_bytes());
        word.extend(varint(self.cluster.len() as u64));
        word.extend(self.cluster.bytes());
        word.extend(varint(self.from.into()));
        word.extend(varint(self.to.into()));
        word.extend(ADDRESS);
        word.extend([self.life.store; 16]);
        word.extend(varint(self.life.incarnation.into()));
        word.extend(varint(self.life.session));
        word.push(u8::from(self.is_new_life));
        word.extend(varint(self.past.len() as u64));
        for (session, commits) in self.past {
            word.extend([varint(*session), varint(*commits)].concat());
        }
        word.extend(self.digest);
        word.extend(varint(self.compatible.len() as u64));
        word.extend(self.compatible.concat());
        word.extend(varint(NONCE));
        with_length(&word)
    }
}

impl RawClient {
    pub(crate) async fn plain(address: SocketAddr) -> Self {
        Self(Box::new(TcpStream::connect(address).await.expect("the node listens")))
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Receives a handshake message; `None` if the node closes the connection.
    async fn receive(&mut self) -> Option<Vec<u8>> {
        let length = self.0.read_u16().await.ok()?;
        let mut word = vec![0; length.into()];
        self.0.read_exact(&mut word).await.ok()?;
        let (content, sum) = word.split_last_chunk().expect("a checksum");
        assert_eq!(checksum(content).to_be_bytes(), *sum);
        Some(content.to_vec())
    }

    /// Sends a hello, and receives the answer; `None` if the node closes the connection.
    pub(crate) async fn hello(&mut self, fields: &HelloFields) -> Option<RawAnswer> {
        self.send(&fields.bytes()).await.ok()?;
        let word = self.receive().await?;
        let (kind, mut rest) = word.split_first().expect("there is a kind");
        Some(match *kind {
            0 => {
                let version = unvarint(&mut rest);
                let (_store, mut rest) = rest.split_at(16);
                let (_incarnation, _session) = (unvarint(&mut rest), unvarint(&mut rest));
                let _is_new_life = unvarint(&mut rest);
                for _ in 0..unvarint(&mut rest) {
                    let (_session, _commits) = (unvarint(&mut rest), unvarint(&mut rest));
                }
                let (echo, nonce) = (unvarint(&mut rest), unvarint(&mut rest));
                assert_eq!((version, echo, rest), (3, NONCE, &[][..]));
                RawAnswer::Welcome { nonce }
            }
            1 => RawAnswer::Rejected(rest[0]),
            other => panic!("{other} is no answer"),
        })
    }

    /// Performs the handshake of n1 with n2.
    pub(crate) async fn admitted(self) -> Self {
        self.admitted_with(&HelloFields::valid()).await
    }

    /// Performs a handshake with this hello.
    pub(crate) async fn admitted_with(mut self, fields: &HelloFields) -> Self {
        match self.hello(fields).await {
            Some(RawAnswer::Welcome { nonce }) => {
                self.send(&confirm(nonce)).await.expect("the node listens");
            }
            other => panic!("refused: {other:?}"),
        }
        self
    }

    /// Waits until the node closes the connection, and ignores what it sends before.
    pub(crate) async fn until_closed(&mut self) {
        let mut heard = [0; 1_024];
        while !matches!(self.0.read(&mut heard).await, Ok(0) | Err(_)) {}
    }
}

/// A handshake message of these bytes: its length, the bytes and their checksum.
pub(crate) fn with_length(word: &[u8]) -> Vec<u8> {
    let sum = checksum(word).to_be_bytes();
    [&(word.len() as u16 + 4).to_be_bytes(), word, &sum].concat()
}

/// The message that accepts a welcome with this nonce.
pub(crate) fn confirm(nonce: u64) -> Vec<u8> {
    with_length(&[&[0], &varint(nonce)[..]].concat())
}

/// A frame with a message that is encoded as these bytes.
pub(crate) fn frame(count: u64, message: &[u8]) -> Vec<u8> {
    framed(&[&[0], &varint(count)[..], message].concat())
}

/// The frame that says that the client's store has so many commits.
pub(crate) fn commits(commits: u64) -> Vec<u8> {
    framed(&[&[3], &varint(commits)[..]].concat())
}

fn framed(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32 + 4).to_be_bytes();
    let sum = checksum(content).to_be_bytes();
    [&length[..], content, &sum].concat()
}

/// The encoding of an `AskerMessage::Ask` with this number and without a payload.
pub(crate) fn ask(number: u64) -> Vec<u8> {
    [&[0], &varint(number)[..], &[0]].concat()
}

/// Encodes seven bits a byte, the lowest first. The high bit of a byte says that more follow.
pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn unvarint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0.. {
        let (first, rest) = bytes.split_first().expect("there is more");
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * place);
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}

/// The CRC-32 of ISO 3309, computed bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}
