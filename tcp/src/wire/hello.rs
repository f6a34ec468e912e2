//! The messages of the handshake.
//!
//! The dialer sends [`Hello`]. The acceptor answers [`Answer::Welcome`], or [`Answer::Reject`] with
//! the reason. The dialer confirms a welcome with [`Confirm::Accept`], or refuses it in turn. Each
//! node must return the other's nonce, so a recorded handshake cannot be replayed. Each states
//! which life of it this is, so that its peer notices if it has lost its memory.
//!
//! A message is a length (two bytes, big-endian) and that many bytes: the message in postcard, and
//! its CRC-32 (four bytes, big-endian). The hello's bytes begin with `RHSL` and the range of
//! versions that the dialer speaks (two numbers of two bytes, big-endian), so that any version can
//! read the versions of any other.

use std::net::SocketAddr;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::encode;
use super::refusal::Refusal;
use crate::codec;
use crate::disk::life::Life;

/// The versions of the link's byte format that this code speaks.
pub(crate) const VERSIONS: Versions = Versions { from: 3, to: 3 };

/// The maximum length of a handshake message and its checksum, in bytes.
pub(crate) const MAX_BYTES: usize = 1_024;

/// The maximum number of other configurations with which a node can be set up to work
/// ([`Setup::compatible`](crate::Setup)).
pub const MAX_COMPATIBLE: usize = 8;

const MAGIC: [u8; 4] = *b"RHSL";

/// A hash of the configuration that the nodes of a cluster must share. The caller chooses what it
/// covers.
pub type Digest = [u8; 32];

/// An inclusive range of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Versions {
    /// The newest version in both ranges.
    pub(crate) fn common(self, other: Self) -> Option<u16> {
        let newest = self.to.min(other.to);
        (newest >= self.from.max(other.from)).then_some(newest)
    }
}

/// The dialer's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) cluster: String,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// The address at which the dialer listens, for people.
    pub(crate) address: SocketAddr,
    pub(crate) life: Life,
    pub(crate) digest: Digest,
    /// Digests of other configurations with which the dialer works.
    pub(crate) compatible: Vec<Digest>,
    pub(crate) nonce: u64,
}

/// The acceptor's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Welcome { version: u16, life: Life, echo: u64, nonce: u64 },
    Reject(Refusal),
}

/// The dialer's second message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Confirm {
    Accept { echo: u64 },
    Reject(Refusal),
}

/// Why a hello cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadHello {
    /// The bytes are not a hello.
    Malformed,
    /// The peer speaks none of our versions.
    Version,
}

impl Hello {
    pub(crate) fn encode(&self, versions: Versions) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(versions.from.to_be_bytes());
        bytes.extend(versions.to.to_be_bytes());
        bytes.extend(encode(self));
        bytes
    }

    /// Decodes a hello, and chooses the newest common version.
    pub(crate) fn decode(bytes: &[u8], ours: Versions) -> Result<(Self, u16), BadHello> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(BadHello::Malformed)?;
        let [from_high, from_low, to_high, to_low, rest @ ..] = rest else {
            return Err(BadHello::Malformed);
        };
        let from = u16::from_be_bytes([*from_high, *from_low]);
        let to = u16::from_be_bytes([*to_high, *to_low]);
        let version = ours.common(Versions { from, to }).ok_or(BadHello::Version)?;
        let hello: Self = codec::read(rest).ok_or(BadHello::Malformed)?;
        if hello.compatible.len() > MAX_COMPATIBLE {
            return Err(BadHello::Malformed);
        }
        Ok((hello, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::StoreId;
    use crate::disk::life::{LifeId, PastIncarnation};
    use proptest::prelude::*;

    fn life() -> Life {
        Life {
            id: LifeId { store: StoreId::of([9; 16]), incarnation: 300, session: 6 },
            is_new: true,
            past: vec![PastIncarnation { session: 4, commits: 200 }],
        }
    }

    fn hello() -> Hello {
        Hello {
            cluster: "friends".into(),
            from: NodeId::from_index(0),
            to: NodeId::from_index(1),
            address: ([127, 0, 0, 1], 300).into(),
            life: life(),
            digest: [7; 32],
            compatible: vec![[8; 32]],
            nonce: 5,
        }
    }

    #[test]
    fn the_byte_format_of_the_handshake_is_frozen() {
        let hello_bytes = hello().encode(VERSIONS);
        let address = [0, 127, 0, 0, 1, 0xac, 2];
        let life = [&[9; 16][..], &[0xac, 2, 6, 1, 1, 4, 200, 1]].concat();
        let golden = [
            &b"RHSL\0\x03\0\x03\x07friends\x01\x02"[..],
            &address,
            &life,
            &[7; 32],
            &[1],
            &[8; 32],
            &[5],
        ];
        assert_eq!(hello_bytes, golden.concat());
        let welcome = Answer::Welcome { version: 1, life: self::life(), echo: 5, nonce: 200 };
        assert_eq!(encode(&welcome), [&[0, 1][..], &life, &[5, 200, 1]].concat());
        assert_eq!(encode(&Answer::Reject(Refusal::Replayed)), [1, 7]);
        let duplicate = Refusal::Duplicate(([127, 0, 0, 1], 300).into());
        assert_eq!(encode(&Answer::Reject(duplicate)), [&[1, 10][..], &address].concat());
        assert_eq!(encode(&Confirm::Accept { echo: 200 }), [0, 200, 1]);
        assert_eq!(encode(&Confirm::Reject(Refusal::NewLife)), [1, 11]);
    }

    #[test]
    fn the_newest_common_version_is_chosen() {
        let versions = |from, to| Versions { from, to };
        assert_eq!(versions(1, 3).common(versions(2, 7)), Some(3));
        assert_eq!(versions(2, 7).common(versions(1, 3)), Some(3));
        assert_eq!(versions(1, 1).common(versions(2, 7)), None);
    }

    #[test]
    fn an_older_node_accepts_a_newer_one_that_still_speaks_its_version() {
        let hello_bytes = hello().encode(Versions { from: 3, to: 9 });
        assert_eq!(Hello::decode(&hello_bytes, VERSIONS), Ok((hello(), 3)));
        let hello_bytes = hello().encode(Versions { from: 4, to: 9 });
        assert_eq!(Hello::decode(&hello_bytes, VERSIONS), Err(BadHello::Version));
    }

    #[test]
    fn a_hello_with_a_byte_too_many_or_too_few_is_malformed() {
        let hello_bytes = hello().encode(VERSIONS);
        assert_eq!(
            Hello::decode(&[&hello_bytes[..], &[0]].concat(), VERSIONS),
            Err(BadHello::Malformed)
        );
        for length in 0..hello_bytes.len() {
            assert_eq!(Hello::decode(&hello_bytes[..length], VERSIONS), Err(BadHello::Malformed));
        }
    }

    #[test]
    fn the_largest_hello_fits_into_the_maximum_length() {
        let compatible = vec![[0xff; 32]; MAX_COMPATIBLE];
        let cluster = "x".repeat(crate::Roster::MAX_NAME_BYTES);
        let node = NodeId::from_index(u32::MAX as usize - 1);
        let largest = Hello {
            cluster,
            from: node,
            to: node,
            address: ([0xffff; 8], u16::MAX).into(),
            life: Life {
                id: LifeId {
                    store: StoreId::of([0xff; 16]),
                    incarnation: u32::MAX,
                    session: u64::MAX,
                },
                is_new: true,
                past: vec![
                    PastIncarnation { session: u64::MAX, commits: u64::MAX };
                    Life::MAX_PAST
                ],
            },
            digest: [0xff; 32],
            compatible,
            nonce: u64::MAX,
        };
        assert!(largest.encode(VERSIONS).len() <= MAX_BYTES);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_handshake_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let after_magic = [&MAGIC[..], &[0, 3, 0, 3], &bytes].concat();
            let _ = Hello::decode(&bytes, VERSIONS);
            let _ = Hello::decode(&after_magic, VERSIONS);
            let _ = (codec::read::<Answer>(&bytes), codec::read::<Confirm>(&bytes));
        }
    }
}
