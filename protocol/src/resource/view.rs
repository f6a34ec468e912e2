use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::RequestId;
use rehearsal_machine::{NodeId, Time};

/// What a node knows of the wait-for graph: the edges at this node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct View {
    /// What it waits for, if it waits.
    pub wait: Option<Wait>,
    /// Who waits for it, in the order in which it came to know.
    pub pending: Vec<(NodeId, RequestId)>,
}

/// What a node waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wait {
    /// How many of these must still be granted.
    pub need: u32,
    /// Who has not given yet.
    pub open: Vec<(NodeId, RequestId)>,
    /// When a process first asked for what it still has not got, by its own
    /// clock, however often it has given up since. A lock cannot give up.
    pub since: Option<Time>,
}

impl View {
    /// Under which request the node waits, if it does: all that one wait asks
    /// for is asked for under one. A lock that is lent waits under its holder's.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        Some(self.wait.as_ref()?.open.first()?.1)
    }

    /// Is the node's request of this name still open?
    #[must_use]
    pub fn waits_for(&self, request: RequestId) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.open.iter().any(|(_, id)| *id == request))
    }

    /// Do we wait for this node under this request?
    #[must_use]
    pub fn awaits(&self, holder: NodeId, request: RequestId) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.open.contains(&(holder, request)))
    }

    /// Does this node wait for us under this request, as far as we know?
    #[must_use]
    pub fn owes(&self, to: NodeId, request: RequestId) -> bool {
        self.pending.contains(&(to, request))
    }
}

/// As a reader would put it: `[n3 by n1#1], owes [n2 by n2#4]`.
impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        edges(f, self.wait.as_ref().map_or(&[], |wait| &wait.open))?;
        f.write_str(", owes ")?;
        edges(f, &self.pending)
    }
}

fn edges(f: &mut fmt::Formatter<'_>, edges: &[(NodeId, RequestId)]) -> fmt::Result {
    f.write_str("[")?;
    for (place, (node, request)) in edges.iter().enumerate() {
        write!(f, "{}{node} by {request}", if place == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}
