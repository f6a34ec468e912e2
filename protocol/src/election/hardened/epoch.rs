use crate::NodeId;
use crate::election::Epoch;

impl Epoch {
    /// The epoch that `leader` takes when `seen` is the latest that it knows
    /// of. At the end of all numbers, which only a liar gets to, it is no
    /// later than that one.
    #[must_use]
    pub fn after(seen: Option<Self>, leader: NodeId) -> Self {
        Self { counter: seen.map_or(0, |seen| seen.counter).saturating_add(1), leader }
    }
}
