use rehearsal_machine::{NodeId, Time};

/// Whether a property holds of the world, kept up to date at little cost.
///
/// While a property of every node does not hold, one node of which it does not
/// hold is watched as the witness: as long as that is so nothing else matters.
/// When the witness is won over, the next one is looked for from there on.
/// (Watched literals of SAT solvers do the same: Moskewicz et al., Chaff, 2001.)
/// A property of the world is asked once, whichever node is named.
#[derive(Clone, Copy)]
pub(super) struct Tracked {
    witness: Option<NodeId>,
    /// Since when it holds, or does not.
    since: Time,
}

/// An answer about one node, or about the world.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) is_of_world: bool,
    pub(super) holds: bool,
}

impl Tracked {
    /// A property that is not known to hold, of a world that has a node at least.
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

    /// An event has changed these nodes, of so many.
    #[inline]
    pub(super) fn update(
        &mut self,
        now: Time,
        changed: &[NodeId],
        nodes: usize,
        ask: impl Fn(NodeId) -> Found,
    ) {
        let before = self.holds();
        self.witness = match self.witness {
            None => first_without(changed.iter().copied(), ask),
            Some(witness) => {
                let from = witness.index();
                first_without((from..nodes).chain(0..from).map(NodeId::from_index), ask)
            }
        };
        if self.holds() != before {
            self.since = now;
        }
    }
}

/// The first node of which the property does not hold.
#[inline]
fn first_without(
    nodes: impl Iterator<Item = NodeId>,
    ask: impl Fn(NodeId) -> Found,
) -> Option<NodeId> {
    for node in nodes {
        let found = ask(node);
        if !found.holds {
            return Some(node);
        }
        if found.is_of_world {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_property_of_every_node_holds_when_it_holds_of_every_node(
            nodes in 1_usize..8,
            changes in prop::collection::vec((0_usize..8, any::<bool>()), 1..200),
        ) {
            let mut truths = vec![false; nodes];
            let (mut tracked, mut since) = (Tracked::new(), Time::ZERO);
            for (number, (place, truth)) in changes.into_iter().enumerate() {
                let (now, place) = (Time::from_millis(number as u64 + 1), place % nodes);
                let before = truths.iter().all(|truth| *truth);
                truths[place] = truth;
                tracked.update(now, &[NodeId::from_index(place)], nodes, |node| Found {
                    is_of_world: false,
                    holds: truths[node.index()],
                });
                let after = truths.iter().all(|truth| *truth);
                if before != after {
                    since = now;
                }
                prop_assert_eq!((tracked.holds(), tracked.since()), (after, since));
            }
        }
    }

    #[test]
    fn a_property_of_the_world_is_asked_once_whatever_has_changed() {
        let (mut tracked, asked) = (Tracked::new(), std::cell::Cell::new(0));
        let changed = [NodeId::from_index(1), NodeId::from_index(2)];
        for (millis, holds) in [(1, true), (2, true), (3, false), (4, true)] {
            let found = Found { is_of_world: true, holds };
            tracked.update(Time::from_millis(millis), &changed, 3, |_| {
                asked.set(asked.get() + 1);
                found
            });
            assert_eq!((tracked.holds(), asked.take()), (holds, 1), "at {millis}ms");
        }
        assert_eq!(tracked.since(), Time::from_millis(4));
    }
}
