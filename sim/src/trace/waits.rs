use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

/// From an event on, a node waits for these others: a change of the wait-for graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The number of the event after which it is so.
    pub after: u64,
    /// When that event happened.
    pub at: Time,
    /// Which node.
    pub node: NodeId,
    /// The nodes that it waits for, each once and in order; none if it waits no longer.
    pub on: Vec<NodeId>,
}

/// Notes which node waits for which, in a run of which that is asked for.
#[derive(Default)]
pub(super) struct Waits {
    now: BTreeMap<NodeId, Vec<NodeId>>,
    changes: Vec<Waiting>,
}

impl Waits {
    /// After this event the node waits for these others; one that waits for itself is no edge.
    pub(super) fn note(&mut self, after: u64, at: Time, node: NodeId, on: Vec<NodeId>) {
        let mut on = on;
        on.retain(|other| *other != node);
        on.sort_unstable();
        on.dedup();
        let before = self.now.entry(node).or_default();
        if *before != on {
            before.clone_from(&on);
            self.changes.push(Waiting { after, at, node, on });
        }
    }

    pub(super) fn finish(self) -> Vec<Waiting> {
        self.changes
    }
}
