use std::collections::BTreeMap;

use rehearsal_machine::NodeId;

use super::triggers::Triggers;
use crate::fault::Fault;

/// What may strike in a run, and what has struck so far.
pub(super) struct FaultState<'a> {
    pub(super) triggers: Triggers<'a>,
    /// How often each fault of the file has struck.
    pub(super) counts: Vec<u64>,
    /// The fault that is about to strike, and its target.
    pub(super) aim: Option<Aim>,
    /// How often a fault's time came and it found no target.
    pub(super) idle: u64,
    /// The partitions that come and go: the number of each, by the place of its
    /// fault.
    pub(super) flaps: BTreeMap<usize, u32>,
    /// How many such partitions there were.
    pub(super) flapped: u32,
    /// Has a fault struck within this step?
    pub(super) is_struck: bool,
}

/// A fault that strikes, and its target where that is a node.
pub(super) struct Aim {
    pub(super) node: Option<NodeId>,
}

impl<'a> FaultState<'a> {
    pub(super) fn new(faults: &'a [Fault]) -> Self {
        Self {
            triggers: Triggers::new(faults),
            counts: vec![0; faults.len()],
            aim: None,
            idle: 0,
            flaps: BTreeMap::new(),
            flapped: 0,
            is_struck: false,
        }
    }

    pub(super) fn clear(&mut self) {
        let Self { triggers, counts, aim, idle, flaps, flapped, is_struck } = self;
        triggers.reset();
        counts.fill(0);
        flaps.clear();
        (*aim, *idle, *flapped, *is_struck) = (None, 0, 0, false);
    }
}
