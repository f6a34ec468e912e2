use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MessageId;
use crate::number_set::NumberSet;
use rehearsal_machine::NodeId;

/// The messages that have come up in a total order, each of which is delivered only
/// the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finished(BTreeMap<NodeId, NumberSet>);

impl Finished {
    pub(super) fn contains(&self, message: MessageId) -> bool {
        self.0.get(&message.by).is_some_and(|numbers| numbers.contains(message.number))
    }

    /// Adds a message; false if it was there.
    pub(super) fn insert(&mut self, message: MessageId) -> bool {
        self.0.entry(message.by).or_insert_with(|| NumberSet::below(1)).insert(message.number)
    }
}
