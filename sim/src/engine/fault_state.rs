use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use rehearsal_machine::NodeId;

use super::triggers::{Triggers, Wait};
use crate::fault::{Action, Fault, FaultName};

/// What may strike in a run, and what has struck so far.
pub(super) struct FaultState<'a> {
    faults: &'a [Fault],
    pub(super) triggers: Triggers<'a>,
    /// What each fault is called.
    pub(super) names: Vec<FaultName>,
    /// The same, as the keys of draws have it.
    pub(super) identities: Vec<u64>,
    /// How often each fault of the file has struck.
    pub(super) counts: Vec<u64>,
    /// The fault that is about to strike, and its target.
    pub(super) aim: Option<Aim>,
    /// The crashes that strike within a step.
    awaiting: Vec<Awaiting>,
    /// How often the time of a fault came whose instants a plan or chance had drawn before the
    /// run began, by its place.
    pub(super) passed: BTreeMap<usize, u32>,
    /// Have the instants been drawn anew since?
    pub(super) are_redrawn: bool,
    /// How often a fault's time came and it did not strike then.
    pub(super) idle: u64,
    /// The partitions that come and go: the number of each, by the place of its
    /// fault.
    pub(super) flaps: BTreeMap<usize, u32>,
    /// How many such partitions there were.
    pub(super) flapped: u32,
    /// Has a fault struck within this step?
    pub(super) is_struck: bool,
    /// The nodes whose clocks go wrong, and those whose disks lie, in the calm, too.
    pub(super) outlived: Outlived,
}

/// The nodes of which a disturbance outlives the calm.
#[derive(Default)]
pub(super) struct Outlived {
    pub(super) clocks: BTreeSet<NodeId>,
    pub(super) disks: BTreeSet<NodeId>,
}

/// A fault that strikes.
#[derive(Default)]
pub(super) struct Aim {
    /// Its target where that is a node.
    pub(super) node: Option<NodeId>,
    /// What it does, where chance has a say in it; or else what its line says.
    pub(super) does: Option<Action>,
}

/// A crash that strikes after some more effects of a node.
struct Awaiting {
    /// The place of the fault, and which strike of it.
    strike: (usize, u32),
    node: NodeId,
    effects: u32,
}

impl<'a> FaultState<'a> {
    pub(super) fn new(faults: &'a [Fault]) -> Self {
        let names = FaultName::all(faults);
        let waits = faults.iter().enumerate().filter_map(Wait::of_fault);
        Self {
            faults,
            triggers: Triggers::new(waits),
            identities: names.iter().map(FaultName::identity).collect(),
            names,
            counts: vec![0; faults.len()],
            aim: None,
            awaiting: Vec::new(),
            passed: BTreeMap::new(),
            are_redrawn: false,
            idle: 0,
            flaps: BTreeMap::new(),
            flapped: 0,
            is_struck: false,
            outlived: Outlived::default(),
        }
    }

    pub(super) fn clear(&mut self) {
        let Self {
            faults: _,
            triggers,
            names: _,
            identities: _,
            counts,
            aim,
            awaiting,
            passed,
            are_redrawn,
            idle,
            flaps,
            flapped,
            is_struck,
            outlived,
        } = self;
        triggers.reset();
        counts.fill(0);
        flaps.clear();
        passed.clear();
        *are_redrawn = false;
        awaiting.clear();
        *outlived = Outlived::default();
        (*aim, *idle, *flapped, *is_struck) = (None, 0, 0, false);
    }

    /// The calm has begun for all nodes: only what outlives it strikes from now on.
    pub(super) fn calm(&mut self) {
        let is_lasting = |place: usize| self.faults[place].lasting;
        self.triggers.calm();
        self.flaps.retain(|place, _| is_lasting(*place));
        self.awaiting.retain(|awaiting| is_lasting(awaiting.strike.0));
    }

    /// A strike of a fault comes after so many more effects of the node.
    pub(super) fn await_effects(
        &mut self,
        strike: (usize, u32),
        node: NodeId,
        effects: NonZeroU32,
    ) {
        self.awaiting.push(Awaiting { strike, node, effects: effects.get() });
    }

    /// Gives the node whose effects this strike has waited for, if it still does.
    pub(super) fn give_up_waiting(&mut self, place: usize, nth: u32) -> Option<NodeId> {
        let is_it = |awaiting: &Awaiting| awaiting.strike == (place, nth);
        let index = self.awaiting.iter().position(is_it)?;
        Some(self.awaiting.remove(index).node)
    }

    /// Does any fault wait for an effect?
    #[inline]
    pub(super) fn awaits_effects(&self) -> bool {
        !self.awaiting.is_empty()
    }

    /// The node has an effect: gives the strikes of faults that waited for it, in order.
    pub(super) fn effect_of(&mut self, node: NodeId) -> Vec<(usize, u32)> {
        let is_due = |awaiting: &mut Awaiting| {
            awaiting.effects -= u32::from(awaiting.node == node);
            awaiting.effects == 0
        };
        let mut due: Vec<_> =
            self.awaiting.extract_if(.., is_due).map(|awaiting| awaiting.strike).collect();
        due.sort_unstable();
        due
    }
}
