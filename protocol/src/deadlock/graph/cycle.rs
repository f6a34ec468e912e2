use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// Nodes of which each waits for the next, and the last for the first; prints
/// as `n1 -> n3 -> n1`. Empty, and printed as `none`, if there is no cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cycle(pub Vec<NodeId>);

impl Cycle {
    /// Each node with the one it waits for.
    pub fn pairs(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.0.iter().copied().zip(self.0.iter().copied().cycle().skip(1))
    }
}

impl Deref for Cycle {
    type Target = [NodeId];

    fn deref(&self) -> &[NodeId] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.first() else { return f.write_str("none") };
        self.iter().try_for_each(|node| write!(f, "{node} -> "))?;
        write!(f, "{first}")
    }
}
