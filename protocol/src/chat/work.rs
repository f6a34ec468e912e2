//! What a node does for its own tasks and for those of others.

use alloc::sync::Arc;

use super::tasks::{Given, Handed, OnHand};
use super::{Cell, Chat, Content, Output, Saved, Task};
use rehearsal_machine::{Context, NodeId, Storage};

impl Chat {
    /// Takes up the tasks that this node is to do, and gives the tasks of this node
    /// again: a node that has one already knows it by its number.
    pub(super) fn take_up_tasks(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        (self.given, self.on_hand) = (Given::default(), OnHand::default());
        for (cell, saved) in storage {
            match (cell, saved) {
                (Cell::OnHand(by, number), Saved::Text(what)) => {
                    let task = Task { by: *by, number: *number, what: what.clone() };
                    self.on_hand.take(task);
                }
                (Cell::Given(number), Saved::Given(to, what)) => {
                    let task = Task { by: self.me, number: *number, what: what.clone() };
                    self.given.give(task.clone(), *to);
                    self.hand(task, *to, cx);
                }
                _ => {}
            }
        }
    }

    pub(super) fn assign(&mut self, to: NodeId, what: Arc<str>, cx: &mut Context<'_, Self>) {
        self.tasks = self.tasks.saturating_add(1);
        cx.save(Cell::Tasks, Saved::Number(self.tasks));
        let task = Task { by: self.me, number: self.tasks, what };
        self.given.give(task.clone(), to);
        self.hand(task, to, cx);
    }

    fn hand(&mut self, task: Task, to: NodeId, cx: &mut Context<'_, Self>) {
        cx.save(Cell::Given(task.number), Saved::Given(to, task.what.clone()));
        self.tell(Output::Assigns { task: task.clone(), to }, cx);
        self.say(to, Content::Task { number: task.number, what: task.what }, cx);
    }

    /// A user does not answer: what it has of our tasks goes on to others.
    pub(super) fn hand_on(
        &mut self,
        gone: NodeId,
        ungiven: Option<u64>,
        cx: &mut Context<'_, Self>,
    ) {
        for Handed { task, to } in self.given.hand_on(gone, ungiven, self.config.nodes) {
            if let Some(to) = to {
                self.hand(task, to, cx);
            } else {
                cx.erase(Cell::Given(task.number));
                self.tell(Output::Abandons { task }, cx);
            }
        }
    }
}
