use std::fmt;

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::generator;

/// The random identity of a node's saved state, made when its folder is first used.
///
/// A node whose folder was lost, or that uses another folder, has another store, although it has
/// the same number, name and key. Its peers must not mistake it for the node that they know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StoreId([u8; 16]);

/// One life of a node: the store that it started from, and which start it was.
///
/// A store counts its incarnations, so two lives with the same store and incarnation have started
/// from two copies of one folder. The session tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LifeId {
    pub(crate) store: StoreId,
    pub(crate) incarnation: u32,
    /// A random number of the process.
    pub(crate) session: u64,
}

/// What a node remembers of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownPeer {
    /// The latest life with which the node had a link.
    pub(crate) life: LifeId,
    /// The store with which the peer begins a new life. The node accepts it once it has forgotten
    /// what it saved about the earlier lives.
    pub(crate) successor: Option<StoreId>,
    /// The stores of the last [`MAX_REPLACED`](Self::MAX_REPLACED) lives, the oldest first. They are
    /// not accepted again.
    pub(crate) replaced: Vec<StoreId>,
}

impl StoreId {
    pub(crate) fn random() -> Self {
        Self(generator().random())
    }

    /// The identity that consists of these bytes.
    #[cfg(test)]
    pub(crate) const fn of(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Shows the first eight of its 32 hexadecimal digits, which suffice to tell stores apart.
impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl KnownPeer {
    /// The maximum number of replaced stores that are remembered.
    const MAX_REPLACED: usize = 16;

    /// A peer of which nothing but this life is known.
    pub(crate) fn new(life: LifeId) -> Self {
        Self { life, successor: None, replaced: Vec::new() }
    }

    /// Replaces the peer's store by its successor, if there is one. Returns whether there was.
    pub(crate) fn succeed(&mut self) -> bool {
        let Some(store) = self.successor.take() else { return false };
        self.replaced.push(self.life.store);
        let excess = self.replaced.len().saturating_sub(Self::MAX_REPLACED);
        self.replaced.drain(..excess);
        // Incarnations count from 1, so every life of the new store is later than this one.
        self.life = LifeId { store, incarnation: 0, session: 0 };
        true
    }
}
