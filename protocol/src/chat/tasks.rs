//! Tasks: those that a node gave, and those that it is to do.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Task {
    /// The node that gave the task, and passes it on until it is done.
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
    /// Does that node have it, as far as we know?
    is_delivered: bool,
    /// All who were ever to do it: any of them may have done it.
    asked: BTreeSet<NodeId>,
}

/// A task and the node to which it goes next; none, if all nodes have had it.
pub(super) struct Handed {
    pub(super) task: Task,
    pub(super) to: Option<NodeId>,
}

impl Given {
    pub(super) fn give(&mut self, task: Task, to: NodeId) {
        let asked = BTreeSet::from([to]);
        self.0.insert(task.number, Assigned { task, to, is_delivered: false, asked });
    }

    /// The node has the task of this number.
    pub(super) fn note_delivery(&mut self, number: u64, to: NodeId) {
        if let Some(assigned) = self.0.get_mut(&number).filter(|assigned| assigned.to == to) {
            assigned.is_delivered = true;
        }
    }

    /// This node does not answer: the tasks that it has go on to the next one
    /// each, and so does the one of this number, which it could not be given.
    /// What is still to be given to it waits for its own turn.
    pub(super) fn hand_on(
        &mut self,
        gone: NodeId,
        ungiven: Option<u64>,
        nodes: u32,
    ) -> Vec<Handed> {
        let mut handed = Vec::new();
        for assigned in self.0.values_mut().filter(|assigned| assigned.to == gone) {
            let task = assigned.task.clone();
            if assigned.is_delivered || ungiven == Some(task.number) {
                let to =
                    next(gone, nodes, |node| node != task.by && !assigned.asked.contains(&node));
                if let Some(to) = to {
                    (assigned.to, assigned.is_delivered) = (to, false);
                    assigned.asked.insert(to);
                }
                handed.push(Handed { task, to });
            }
        }
        for Handed { task, .. } in handed.iter().filter(|handed| handed.to.is_none()) {
            self.0.remove(&task.number);
        }
        handed
    }

    /// The task of this number is done, if this node was ever to do it.
    pub(super) fn finish(&mut self, number: u64, by: NodeId) -> Option<Task> {
        if !self.0.get(&number)?.asked.contains(&by) {
            return None;
        }
        self.0.remove(&number).map(|assigned| assigned.task)
    }
}

/// The first node after this one, around, that will do.
fn next(after: NodeId, nodes: u32, will_do: impl Fn(NodeId) -> bool) -> Option<NodeId> {
    let after = after.number();
    (after.saturating_add(1)..=nodes)
        .chain(1..after)
        .filter_map(NodeId::new)
        .find(|node| will_do(*node))
}

/// The tasks that a node has to do, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OnHand {
    todo: VecDeque<Task>,
    /// Done, and not known to be so to who gave them.
    done: BTreeMap<(NodeId, u64), Task>,
}

impl OnHand {
    /// What is to be done, the oldest first.
    pub(super) fn todo(&self) -> impl Iterator<Item = &Task> {
        self.todo.iter()
    }

    /// Takes a task; false if it has it already.
    pub(super) fn take(&mut self, task: Task) -> bool {
        let is_new = !self.todo.contains(&task) && !self.done.contains_key(&(task.by, task.number));
        if is_new {
            self.todo.push_back(task);
        }
        is_new
    }

    /// The oldest one is done.
    pub(super) fn finish(&mut self) -> Option<&Task> {
        let task = self.todo.pop_front()?;
        Some(self.done.entry((task.by, task.number)).or_insert(task))
    }

    /// Who gave a task knows that it is done.
    pub(super) fn settle(&mut self, by: NodeId, number: u64) {
        self.done.remove(&(by, number));
    }

    /// Who gave a task could not be told that it is done: it is still to be finished.
    pub(super) fn take_back(&mut self, by: NodeId, number: u64) {
        if let Some(task) = self.done.remove(&(by, number)) {
            self.todo.push_front(task);
        }
    }
}
