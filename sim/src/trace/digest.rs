use std::fmt;

use serde::{Serialize, Serializer};

use super::encode::append;

/// How events are turned into bytes. A change of those bytes is a new version,
/// so that two digests are never compared across a change.
pub const FORMAT: u32 = 1;

/// Events between two checkpoints.
pub const CHECKPOINT_EVERY: u64 = 1_024;

/// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020) of a run's events:
/// 64 hex digits. Equal digests, equal runs. It covers the format's version and
/// the events, nothing else: not the seed, the scenario, or what could have
/// happened and did not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 8 digits: enough to tell two runs apart by eye.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Bytes to gather before they are hashed: BLAKE3 is several times faster on
/// long inputs than on short ones.
const BATCH: usize = 16 * 1_024;

/// A digest in the making.
pub(crate) struct Hashing {
    hasher: blake3::Hasher,
    pending: Vec<u8>,
    events: u64,
    checkpoints: Vec<Digest>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        let mut pending = Vec::with_capacity(BATCH + 1_024);
        pending.extend_from_slice(&FORMAT.to_le_bytes());
        Self { hasher: blake3::Hasher::new(), pending, events: 0, checkpoints: Vec::new() }
    }

    /// Adds one event, in its postcard form.
    pub(crate) fn add(&mut self, event: &impl Serialize) {
        // What can fail is only a `Serialize` of a message that itself refuses, which the wire
        // would meet just the same.
        append(&mut self.pending, event).expect("every event can be serialized");
        self.events += 1;
        if self.pending.len() >= BATCH {
            self.flush();
        }
        if self.events.is_multiple_of(CHECKPOINT_EVERY) {
            self.flush();
            self.checkpoints.push(Digest(*self.hasher.finalize().as_bytes()));
        }
    }

    /// The digest of all events, and those of the first 1,024, 2,048, ...
    pub(crate) fn finish(mut self) -> (Digest, Vec<Digest>) {
        self.flush();
        (Digest(*self.hasher.finalize().as_bytes()), self.checkpoints)
    }

    fn flush(&mut self) {
        self.hasher.update(&self.pending);
        self.pending.clear();
    }
}
