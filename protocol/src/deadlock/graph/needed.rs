use alloc::vec::Vec;

use super::WaitForGraph;
use super::fixpoint::Standing;
use rehearsal_machine::NodeId;

impl WaitForGraph {
    /// Those of these victims without whom somebody would still be deadlocked,
    /// in their order. The last are let off first.
    ///
    /// Whoever is left is deadlocked until it gives up itself, whichever of the
    /// others have done so before it: without it, but with all the others free,
    /// somebody is still deadlocked, and its giving up would help; so it is one
    /// of those. What [`victims`](Self::victims) chooses lacks that. It takes
    /// them one after the other, and one that comes later may set an earlier one
    /// free. It holds of one graph: who is chosen when others, chosen before, are
    /// still to give up may set one of those free.
    ///
    /// Takes as many times the nodes and edges as there are victims.
    #[must_use]
    pub fn needed(&self, victims: &[NodeId]) -> Vec<NodeId> {
        let mut needed = victims.to_vec();
        for place in (0..victims.len()).rev() {
            let candidate = needed.remove(place);
            if !self.is_resolved_by(&needed) {
                needed.insert(place, candidate);
            }
        }
        needed
    }

    fn is_resolved_by(&self, victims: &[NodeId]) -> bool {
        let mut standing = Standing::of(self);
        for victim in victims {
            standing.free(victim.index());
        }
        standing.all_stuck().is_empty()
    }
}
