use std::fmt;

use rehearsal_machine::Time;
use serde::{Deserialize, Serialize, Serializer};

/// Why a message did not reach its receiver's machine. Digests cover the
/// variants by their place: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lost {
    /// By chance, or because a fault or a plan said so.
    Loss,
    /// A partition stood between the two when it was sent.
    Partition,
    /// The receiver was down when it arrived, or there is no such node.
    Down,
    /// It was damaged on its way, and the receiver's decoder refused it.
    Corrupt,
    /// The link's queue had no room for it.
    Full,
    /// It was larger than the network takes.
    TooLarge,
    /// The receiver had not joined when it arrived.
    Absent,
    /// The session that carried it ended before it arrived, or there was none when it
    /// was sent.
    NoSession,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "loss",
            Self::Partition => "partition",
            Self::Down => "down",
            Self::Corrupt => "corrupt",
            Self::Full => "full",
            Self::TooLarge => "too_large",
            Self::Absent => "absent",
            Self::NoSession => "no_session",
        })
    }
}

/// What is to become of a message on a link that is open and free: what
/// chance, a plan and the faults on messages have a say in. Spans are counted
/// in nanoseconds from the message's setting off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delays {
    Lost(Lost),
    After { first: u64, copies: Copies },
}

impl Delays {
    #[inline]
    pub(crate) fn once(delay: u64) -> Self {
        Self::After { first: delay, copies: Copies::NONE }
    }
}

/// What becomes of a message, settled when it is sent. Digests cover the
/// variants by their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Fate {
    Lost(Lost),
    Arrives {
        first: Time,
        copies: Copies,
    },
    /// It waits at the beginning of a link that is held.
    Held,
}

/// The delays or arrivals, in nanoseconds, of a message's copies beyond the
/// first. Nearly always there are none, and none are to cost nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copies(Option<Box<[u64]>>);

impl Copies {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn as_slice(&self) -> &[u64] {
        self.0.as_deref().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The same with each of them replaced.
    #[inline]
    pub(crate) fn map(self, mut by: impl FnMut(u64) -> u64) -> Self {
        Self(self.0.map(|mut copies| {
            copies.iter_mut().for_each(|copy| *copy = by(*copy));
            copies
        }))
    }

    /// One more of them.
    pub(crate) fn push(&mut self, copy: u64) {
        *self = self.as_slice().iter().copied().chain([copy]).collect();
    }
}

impl FromIterator<u64> for Copies {
    fn from_iter<I: IntoIterator<Item = u64>>(copies: I) -> Self {
        let copies: Box<[u64]> = copies.into_iter().collect();
        Self((!copies.is_empty()).then_some(copies))
    }
}

impl Serialize for Copies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}
