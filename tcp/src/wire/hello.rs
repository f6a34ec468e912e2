//! The handshake: who dials says [`Hello`], is told [`Answer::Welcome`] or why
//! not, and says [`Confirm`]. Each gives the other a random number back, so
//! that what somebody has once listened to and says again is worth nothing.
//!
//! A word is its length (two bytes, the highest first) and so many bytes. The
//! first one begins with `RHSL` and the versions that the dialer speaks, which
//! can thus be read whatever follows in other versions; the rest is postcard.

use std::fmt;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::encode;
use crate::codec;

/// The versions of what goes over a link that this code speaks.
pub(crate) const VERSIONS: Versions = Versions { from: 1, to: 1 };

/// The longest word of a handshake, in bytes.
pub(crate) const LONGEST: usize = 1_024;

/// How many other configurations a node can be told to let in.
pub const MAX_COMPATIBLE: usize = 8;

const MAGIC: [u8; 4] = *b"RHSL";

/// What a configuration comes down to: two nodes work together if it is the same.
pub type Digest = [u8; 32];

/// Versions from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Versions {
    /// The newest version that both speak.
    pub(crate) fn common(self, other: Self) -> Option<u16> {
        let newest = self.to.min(other.to);
        (newest >= self.from.max(other.from)).then_some(newest)
    }
}

/// What the dialer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) cluster: String,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) incarnation: u32,
    pub(crate) digest: Digest,
    /// Digests of configurations that it works together with as well.
    pub(crate) compatible: Vec<Digest>,
    pub(crate) nonce: u64,
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Welcome { version: u16, incarnation: u32, echo: u64, nonce: u64 },
    Reject(Refusal),
}

/// What it says to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirm {
    pub(crate) echo: u64,
}

/// Why a node is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// It speaks none of our versions.
    Version,
    /// It belongs to another cluster.
    Cluster,
    /// It wants another node than this one.
    NotThisNode,
    /// There is no node of its number.
    NoSuchNode,
    /// Its key belongs to another node.
    OthersKey,
    /// The link between the two is not for it to make: the lower number dials.
    OthersTurn,
    /// It has another configuration.
    Configuration,
    /// It did not give back what it was told: it repeats what another one said.
    Repeated,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "no common version",
            Self::Cluster => "another cluster",
            Self::NotThisNode => "it wants another node",
            Self::NoSuchNode => "no such node",
            Self::OthersKey => "its key is another node's",
            Self::OthersTurn => "it is not the one to dial",
            Self::Configuration => "another configuration",
            Self::Repeated => "it repeats what another one said",
        })
    }
}

/// Why the first word cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadHello {
    /// It is none.
    Malformed,
    /// Its versions are others than ours.
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

    /// What is said, and in which version the two go on.
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
    use proptest::prelude::*;

    fn hello() -> Hello {
        Hello {
            cluster: "friends".into(),
            from: NodeId::from_index(0),
            to: NodeId::from_index(1),
            incarnation: 300,
            digest: [7; 32],
            compatible: vec![[8; 32]],
            nonce: 5,
        }
    }

    #[test]
    fn the_words_have_these_bytes_for_ever() {
        let said = hello().encode(VERSIONS);
        let golden =
            [&b"RHSL\0\x01\0\x01\x07friends\x01\x02\xac\x02"[..], &[7; 32], &[1], &[8; 32], &[5]];
        assert_eq!(said, golden.concat());
        let welcome = Answer::Welcome { version: 1, incarnation: 2, echo: 5, nonce: 200 };
        assert_eq!(encode(&welcome), [0, 1, 2, 5, 200, 1]);
        assert_eq!(encode(&Answer::Reject(Refusal::Repeated)), [1, 7]);
        assert_eq!(encode(&Confirm { echo: 200 }), [200, 1]);
    }

    #[test]
    fn the_newest_version_that_both_speak_is_taken() {
        let versions = |from, to| Versions { from, to };
        assert_eq!(versions(1, 3).common(versions(2, 7)), Some(3));
        assert_eq!(versions(2, 7).common(versions(1, 3)), Some(3));
        assert_eq!(versions(1, 1).common(versions(2, 7)), None);
    }

    #[test]
    fn an_older_node_understands_a_newer_one_that_still_speaks_its_version() {
        let said = hello().encode(Versions { from: 1, to: 9 });
        assert_eq!(Hello::decode(&said, VERSIONS), Ok((hello(), 1)));
        let said = hello().encode(Versions { from: 2, to: 9 });
        assert_eq!(Hello::decode(&said, VERSIONS), Err(BadHello::Version));
    }

    #[test]
    fn a_word_with_a_byte_too_many_or_too_few_is_refused() {
        let said = hello().encode(VERSIONS);
        assert_eq!(Hello::decode(&[&said[..], &[0]].concat(), VERSIONS), Err(BadHello::Malformed));
        for length in 0..said.len() {
            assert_eq!(Hello::decode(&said[..length], VERSIONS), Err(BadHello::Malformed));
        }
    }

    #[test]
    fn the_longest_word_has_room() {
        let compatible = vec![[0xff; 32]; MAX_COMPATIBLE];
        let cluster = "x".repeat(crate::Roster::MAX_NAME_BYTES);
        let node = NodeId::from_index(u32::MAX as usize - 1);
        let most = Hello {
            cluster,
            from: node,
            to: node,
            incarnation: u32::MAX,
            digest: [0xff; 32],
            compatible,
            nonce: u64::MAX,
        };
        assert!(most.encode(VERSIONS).len() <= LONGEST);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_of_a_handshake_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let after_magic = [&MAGIC[..], &[0, 1, 0, 1], &bytes].concat();
            let _ = Hello::decode(&bytes, VERSIONS);
            let _ = Hello::decode(&after_magic, VERSIONS);
            let _ = (codec::read::<Answer>(&bytes), codec::read::<Confirm>(&bytes));
        }
    }
}
