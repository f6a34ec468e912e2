use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Record;
use crate::deadlock::Unexpected;
use crate::resource::{self, View};
use rehearsal_machine::NodeId;

/// More than this between two markers is nothing that a party says: such a
/// snapshot is left to be given up.
const MOST_IN_A_CHANNEL: usize = 1024;

/// A node's part in a snapshot, over or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recording {
    pub(super) number: u64,
    record: Record,
    /// Channels whose markers have not come, with what has.
    open: BTreeMap<NodeId, Vec<resource::Message>>,
    /// A channel had more than can be true.
    is_flooded: bool,
}

impl Recording {
    pub(super) fn new(number: u64, view: View, peers: impl Iterator<Item = NodeId>) -> Self {
        let open = peers.map(|peer| (peer, Vec::new())).collect();
        Self { number, record: Record { view, channels: Vec::new() }, open, is_flooded: false }
    }

    pub(super) fn arrives(&mut self, from: NodeId, message: resource::Message) {
        let Some(channel) = self.open.get_mut(&from) else { return };
        if channel.len() < MOST_IN_A_CHANNEL {
            channel.push(message);
        } else {
            self.is_flooded = true;
            self.open.clear();
            self.record = Record::default();
        }
    }

    /// The channel's marker has come. Gives the record if it was the last.
    pub(super) fn close(&mut self, from: NodeId) -> Result<Option<Record>, Unexpected> {
        let channel = self.open.remove(&from).ok_or(Unexpected::StaleMarker)?;
        self.record.channels.extend(channel.into_iter().map(|message| (from, message)));
        Ok(self.complete())
    }

    /// The record, to be asked for once, if every channel is closed.
    pub(super) fn complete(&mut self) -> Option<Record> {
        let is_complete = self.open.is_empty() && !self.is_flooded;
        is_complete.then(|| core::mem::take(&mut self.record))
    }
}
