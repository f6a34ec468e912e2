use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use crate::source::TimeSpan;

/// A latency for every link: row by sender, column by receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latency(pub Vec<Vec<TimeSpan>>);

impl Latency {
    /// The link's latency, in nanoseconds.
    pub(crate) fn of(&self, from: NodeId, to: NodeId) -> u64 {
        // The loader has checked that the matrix has a row and a column for every node.
        self.0[from.index()][to.index()].as_nanos()
    }
}
