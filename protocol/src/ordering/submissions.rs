use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Actions, MessageId, Submission};
use rehearsal_machine::NodeId;

/// Messages that a sequencer's node has sent or been sent, and that have no place in the
/// order yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Submissions<T>(BTreeMap<MessageId, Submission<T>>);

impl<T: Clone> Submissions<T> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn insert(&mut self, submission: Submission<T>) {
        self.0.insert(submission.message, submission);
    }

    pub(super) fn remove(&mut self, message: MessageId) {
        self.0.remove(&message);
    }

    pub(super) fn get(&self, message: MessageId) -> Option<&Submission<T>> {
        self.0.get(&message)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes all of them away.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Submission<T>> + use<T> {
        core::mem::take(&mut self.0).into_values()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Submission<T>> {
        self.0.values()
    }

    /// Those of one sender.
    pub(super) fn of(&self, sender: NodeId) -> impl Iterator<Item = &Submission<T>> {
        self.iter().filter(move |submission| submission.message.by == sender)
    }

    /// Submits those of `me` to a new leader: the one before may have lost them.
    pub(super) fn submit_again<P>(
        &self,
        me: NodeId,
        leader: NodeId,
        submit: fn(Submission<T>) -> P,
        actions: &mut Actions<P, T>,
    ) {
        actions.packets.extend(self.of(me).map(|it| (leader, submit(it.clone()))));
    }
}
