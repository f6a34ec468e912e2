use std::collections::BTreeSet;

use rehearsal_machine::{Machine, NodeId, Wakeup};

use super::disks::Disks;
use super::pauses::Pauses;
use crate::fault::Fault;

/// What a run knows of its nodes beside their machines and storage.
pub(super) struct Lives<M: Machine> {
    /// The nodes that were taken down, or kept from starting.
    pub(super) down: BTreeSet<NodeId>,
    /// The nodes that run by the scenario's second configuration from their
    /// next start on.
    pub(super) upgraded: BTreeSet<NodeId>,
    pub(super) pauses: Pauses<M>,
    pub(super) disks: Disks<M>,
    /// The timers that faults have put off and that the calm puts back.
    pub(super) put_off: Vec<PutOff<M>>,
    /// The node whose machine is handling an input right now.
    pub(super) stepping: Option<NodeId>,
}

/// A timer that was put off.
pub(super) struct PutOff<M: Machine> {
    pub(super) node: NodeId,
    pub(super) incarnation: u32,
    pub(super) timer: M::Timer,
    /// The deadline before, and which arming it is of.
    pub(super) before: Wakeup,
}

impl<M: Machine> Lives<M> {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self {
            down: BTreeSet::new(),
            upgraded: BTreeSet::new(),
            pauses: Pauses::new(),
            disks: Disks::new(faults),
            put_off: Vec::new(),
            stepping: None,
        }
    }

    pub(super) fn clear(&mut self) {
        let Self { down, upgraded, pauses, disks, put_off, stepping } = self;
        put_off.clear();
        down.clear();
        upgraded.clear();
        pauses.clear();
        disks.clear();
        *stepping = None;
    }
}
