use std::collections::BTreeMap;

use rehearsal_machine::{Machine, NodeId, Storage};

use crate::fault::{Action, Disk, Fault};
use crate::trace::Damage;

/// What crashes can undo of what nodes have saved.
pub(super) struct Disks<M: Machine> {
    /// Can a crash of this run undo a last save at all? If not, nothing of it is kept.
    keeps_last: bool,
    /// For each node whose last effect was a save: the cell, and what it held before.
    last: BTreeMap<NodeId, (M::Cell, Option<M::Saved>)>,
    /// For each node whose disk lies: what is really there.
    lying: BTreeMap<NodeId, Storage<M>>,
}

impl<M: Machine> Disks<M> {
    pub(super) fn new(faults: &[Fault]) -> Self {
        let undoes_last = |fault: &Fault| {
            let loses = |disk| matches!(disk, Disk::LosesLast | Disk::TearsLast);
            matches!(fault.action, Action::Bounce { disk, .. } if loses(disk))
        };
        Self {
            keeps_last: faults.iter().any(undoes_last),
            last: BTreeMap::new(),
            lying: BTreeMap::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.last.clear();
        self.lying.clear();
    }

    /// A node saves, or erases a cell.
    pub(super) fn save(
        &mut self,
        node: NodeId,
        storage: &mut Storage<M>,
        cell: M::Cell,
        value: Option<M::Saved>,
    ) {
        let kept = self.keeps_last.then(|| cell.clone());
        let before = match value {
            Some(value) => storage.insert(cell, value),
            None => storage.remove(&cell),
        };
        if let Some(cell) = kept {
            self.last.insert(node, (cell, before));
        }
    }

    /// A node's effect of another sort: what it saved before is durable now.
    #[inline]
    pub(super) fn make_durable(&mut self, node: NodeId) {
        if self.keeps_last {
            self.last.remove(&node);
        }
    }

    /// From now on what the node saves is not durable. False if that was so before.
    pub(super) fn lie(&mut self, node: NodeId, storage: &Storage<M>) -> bool {
        if self.lying.contains_key(&node) {
            return false;
        }
        self.lying.insert(node, storage.clone());
        true
    }

    /// The node's disk is empty, whatever it says is on it.
    pub(super) fn wipe(&mut self, node: NodeId) {
        if let Some(really) = self.lying.get_mut(&node) {
            really.clear();
        }
    }

    /// The node's disk is honest again, and what it holds durable.
    pub(super) fn be_honest(&mut self, node: NodeId) {
        self.lying.remove(&node);
    }

    /// What a crash does to the node's storage, if anything.
    pub(super) fn crash(
        &mut self,
        node: NodeId,
        storage: &mut Storage<M>,
        disk: Disk,
    ) -> Option<Damage> {
        let last = self.last.remove(&node);
        let lied = self.lying.remove(&node).map(|really| *storage = really);
        match (disk, last) {
            (Disk::Wiped, _) => {
                storage.clear();
                return Some(Damage::Wiped);
            }
            _ if lied.is_some() => return Some(Damage::Lied),
            (Disk::Intact, _) | (_, None) => return None,
            (Disk::LosesLast, Some((cell, Some(before)))) => {
                storage.insert(cell, before);
            }
            (Disk::TearsLast, Some((cell, _))) | (Disk::LosesLast, Some((cell, None))) => {
                storage.remove(&cell);
            }
        }
        Damage::of(disk)
    }
}
