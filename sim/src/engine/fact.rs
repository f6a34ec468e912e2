use rehearsal_machine::{NodeId, Time};

/// Whether a fact about the world holds, kept up to date at little cost.
///
/// The fact is a conjunction over nodes. While it does not hold, one node of
/// which it does not hold is watched as the witness: as long as that is so
/// nothing else matters. When the witness is won over, the next one is looked
/// for from there on. (Watched literals of SAT solvers do the same: Moskewicz
/// et al., Chaff, 2001.)
#[derive(Clone, Copy)]
pub(super) struct Fact {
    witness: Option<NodeId>,
    /// Since when it holds, or does not.
    since: Time,
}

impl Fact {
    /// A fact that is not known to hold, of a world that has a node at least.
    pub(super) fn new() -> Self {
        Self { witness: Some(NodeId::from_index(0)), since: Time::ZERO }
    }

    pub(super) fn holds(&self) -> bool {
        self.witness.is_none()
    }

    /// Since when it has been as it is.
    pub(super) fn since(&self) -> Time {
        self.since
    }

    /// An event has changed a node of so many; `holds` tells whether the fact
    /// holds of a node.
    pub(super) fn update(
        &mut self,
        now: Time,
        changed: NodeId,
        nodes: usize,
        holds: impl Fn(NodeId) -> bool,
    ) {
        let before = self.holds();
        self.witness = match self.witness {
            None if holds(changed) => None,
            None => Some(changed),
            Some(witness) => {
                let from = witness.index();
                let around = (from..nodes).chain(0..from).map(NodeId::from_index);
                around.into_iter().find(|node| !holds(*node))
            }
        };
        if self.holds() != before {
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_fact_holds_when_it_holds_of_every_node(
            nodes in 1_usize..8,
            changes in prop::collection::vec((0_usize..8, any::<bool>()), 1..200),
        ) {
            let mut truths = vec![false; nodes];
            let (mut fact, mut since) = (Fact::new(), Time::ZERO);
            for (number, (place, truth)) in changes.into_iter().enumerate() {
                let (now, place) = (Time::from_millis(number as u64 + 1), place % nodes);
                let before = truths.iter().all(|truth| *truth);
                truths[place] = truth;
                fact.update(now, NodeId::from_index(place), nodes, |node| truths[node.index()]);
                let after = truths.iter().all(|truth| *truth);
                if before != after {
                    since = now;
                }
                prop_assert_eq!((fact.holds(), fact.since()), (after, since));
            }
        }
    }
}
