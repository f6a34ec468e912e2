use core::fmt;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// Names one leadership: no two leaders ever share one, and later ones are
/// greater for everybody who has heard of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// One more than the greatest that the leader had heard of.
    pub counter: u64,
    /// The leader: two that pick the same counter still differ.
    pub leader: NodeId,
}

impl Epoch {
    /// The epoch that `leader` takes when `seen` is the latest that it knows
    /// of. At the end of all numbers, which only a liar gets to, it is no
    /// later than that one.
    #[must_use]
    pub fn after(seen: Option<Self>, leader: NodeId) -> Self {
        Self { counter: seen.map_or(0, |seen| seen.counter).saturating_add(1), leader }
    }
}

/// As `4.n3`: the counter and the leader.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.counter, self.leader)
    }
}
