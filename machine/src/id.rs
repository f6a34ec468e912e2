use core::fmt;
use core::num::NonZeroU32;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Names a node: 1, 2, 3, ... as in the scenario file; prints as `n1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    /// The node with this number; `None` for 0, which is no node.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The node at this place in a list that starts with node 1.
    ///
    /// # Panics
    /// If `index` is not below `u32::MAX`: such a list of nodes does not fit in memory.
    #[must_use]
    pub const fn from_index(index: usize) -> Self {
        assert!(index < u32::MAX as usize, "a node's index must fit in 32 bits");
        match Self::new(index as u32 + 1) {
            Some(id) => id,
            None => unreachable!(),
        }
    }

    /// The nodes from node 1 up to this number.
    pub fn all(nodes: u32) -> impl Iterator<Item = Self> {
        (1..=nodes).filter_map(Self::new)
    }

    /// The place of the node in a list that starts with node 1.
    #[must_use]
    pub const fn index(self) -> usize {
        self.number() as usize - 1
    }

    /// The number of the node, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u32::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("there is no node 0: nodes are counted from 1"))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
