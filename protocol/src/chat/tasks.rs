use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::NodeId;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Task {
    /// Who gave it, and sees to it that somebody does it.
    pub by: NodeId,
    /// Its place among all that this node ever gave, from 1.
    pub number: u64,
    /// What to do.
    pub what: Arc<str>,
}

/// As `n3's task 1: "sweep"`.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}'s task {}: {:?}", self.by, self.number, self.what)
    }
}

/// The tasks that a node gave and that are not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Given(BTreeMap<u64, Assigned>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Assigned {
    task: Task,
    to: NodeId,
    /// How many users more may be asked before nobody is left.
    left: u32,
}

/// To whom a task goes next; nobody, if all have had it.
pub(super) struct Handed {
    pub(super) task: Task,
    pub(super) to: Option<NodeId>,
}

impl Given {
    /// Gives a task to the first of so many nodes that may have it in turn.
    pub(super) fn give(&mut self, task: Task, to: NodeId, nodes: u32) {
        // Neither its giver nor the first one.
        let left = nodes.saturating_sub(2);
        self.0.insert(task.number, Assigned { task, to, left });
    }

    /// This node does not answer: its tasks go on to the next one each.
    pub(super) fn hand_on(&mut self, gone: NodeId, nodes: u32) -> alloc::vec::Vec<Handed> {
        let mut handed = alloc::vec::Vec::new();
        for assigned in self.0.values_mut().filter(|assigned| assigned.to == gone) {
            let task = assigned.task.clone();
            if assigned.left == 0 {
                handed.push(Handed { task, to: None });
                continue;
            }
            assigned.left -= 1;
            assigned.to = next(gone, task.by, nodes);
            handed.push(Handed { task, to: Some(assigned.to) });
        }
        let is_over = |handed: &&Handed| handed.to.is_none();
        for Handed { task, .. } in handed.iter().filter(is_over) {
            self.0.remove(&task.number);
        }
        handed
    }

    /// The task of this number is done, if this node was to do it.
    pub(super) fn finish(&mut self, number: u64, by: NodeId) -> Option<Task> {
        if self.0.get(&number)?.to != by {
            return None;
        }
        self.0.remove(&number).map(|assigned| assigned.task)
    }
}

/// The node after this one, around, that is not this other.
fn next(node: NodeId, but: NodeId, nodes: u32) -> NodeId {
    let after = |node: NodeId| NodeId::new(node.number() % nodes.max(1) + 1).unwrap_or(node);
    let next = after(node);
    if next == but { after(next) } else { next }
}

/// The tasks that a node has to do, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OnHand(alloc::collections::VecDeque<Task>);

impl OnHand {
    pub(super) fn take(&mut self, task: Task) {
        self.0.push_back(task);
    }

    pub(super) fn finish(&mut self) -> Option<Task> {
        self.0.pop_front()
    }
}
