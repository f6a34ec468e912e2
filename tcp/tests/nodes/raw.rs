//! Somebody at a node's door who speaks byte by byte what the documentation of
//! the wire says, with no code of the crate: an oracle for it, and whoever else
//! a test needs there.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A connection to a node.
pub(crate) struct Raw(pub(crate) Box<dyn Stream>);

/// What is said first, each part of which a test may get wrong.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) versions: (u16, u16),
    pub(crate) cluster: &'static str,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) digest: [u8; 32],
    pub(crate) compatible: Vec<[u8; 32]>,
}

/// What the node says to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Welcome {
        nonce: u64,
    },
    /// With this number of a reason.
    Rejected(u8),
}

const NONCE: u64 = 0x0123_4567_89ab_cdef;

impl Words {
    /// What n1 says to n2.
    pub(crate) fn right() -> Self {
        Self {
            versions: (1, 1),
            cluster: "office",
            from: 1,
            to: 2,
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
        let incarnation = 7;
        for number in [self.from, self.to, incarnation] {
            word.extend(varint(number.into()));
        }
        word.extend(self.digest);
        word.extend(varint(self.compatible.len() as u64));
        word.extend(self.compatible.concat());
        word.extend(varint(NONCE));
        with_length(&word)
    }
}

impl Raw {
    pub(crate) async fn plain(address: SocketAddr) -> Self {
        Self(Box::new(TcpStream::connect(address).await.expect("it listens")))
    }

    pub(crate) async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// The next word of a handshake; nothing if the node hangs up.
    pub(crate) async fn word(&mut self) -> Option<Vec<u8>> {
        let length = self.0.read_u16().await.ok()?;
        let mut word = vec![0; length.into()];
        self.0.read_exact(&mut word).await.ok()?;
        Some(word)
    }

    /// Says these words; nothing if the node hangs up.
    pub(crate) async fn introduce(&mut self, words: &Words) -> Option<Answered> {
        self.say(&words.bytes()).await.ok()?;
        let word = self.word().await?;
        let (kind, mut rest) = word.split_first().expect("there is a kind");
        Some(match *kind {
            0 => {
                let version = unvarint(&mut rest);
                let _incarnation = unvarint(&mut rest);
                let (echo, nonce) = (unvarint(&mut rest), unvarint(&mut rest));
                assert_eq!((version, echo, rest), (1, NONCE, &[][..]));
                Answered::Welcome { nonce }
            }
            1 => Answered::Rejected(rest[0]),
            other => panic!("{other} is no answer"),
        })
    }

    /// Becomes n1 to n2, as it should be done.
    pub(crate) async fn admitted(mut self) -> Self {
        match self.introduce(&Words::right()).await {
            Some(Answered::Welcome { nonce }) => {
                self.say(&with_length(&varint(nonce))).await.expect("it listens");
            }
            other => panic!("not let in: {other:?}"),
        }
        self
    }

    /// Waits until the node hangs up, whatever it says before.
    pub(crate) async fn hung_up(&mut self) {
        let mut heard = [0; 1_024];
        while !matches!(self.0.read(&mut heard).await, Ok(0) | Err(_)) {}
    }
}

/// A word of a handshake.
pub(crate) fn with_length(word: &[u8]) -> Vec<u8> {
    [&(word.len() as u16).to_be_bytes(), word].concat()
}

/// A frame with a message of these bytes.
pub(crate) fn frame(count: u64, message: &[u8]) -> Vec<u8> {
    let content = [&[0], &varint(count)[..], message].concat();
    let length = (content.len() as u32 + 4).to_be_bytes();
    let sum = checksum(&content).to_be_bytes();
    [&length[..], &content, &sum].concat()
}

/// An `Ask` of this number without a load.
pub(crate) fn ask(number: u64) -> Vec<u8> {
    [&[0], &varint(number)[..], &[0]].concat()
}

/// Seven bits at a time, the lowest first; the highest bit says that more come.
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

/// CRC-32 as in ISO 3309, bit by bit.
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
