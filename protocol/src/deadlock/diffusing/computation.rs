use alloc::collections::BTreeSet;

use crate::deadlock::Candidate;
use crate::deadlock::overtaken::Stamp;
use crate::resource::RequestId;
use rehearsal_machine::NodeId;

/// What a node knows of an initiator's latest round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Computation {
    pub(super) stamp: Stamp,
    /// Our part in it; none any more if we, or our engager, have ceased to wait
    /// since.
    pub(super) engagement: Option<Engagement>,
}

/// A node's part in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Engagement {
    /// Who asked first, under which request; nobody, if the round is our own.
    pub(super) engager: Option<(NodeId, RequestId)>,
    /// Whom we have asked in vain so far.
    pub(super) unanswered: BTreeSet<NodeId>,
    /// Who is to give up, of us and those behind the answers so far.
    pub(super) greatest: Option<Candidate>,
}

impl Computation {
    /// Ends our part in it where it is not to go on.
    pub(super) fn keep_if(&mut self, goes_on: impl FnOnce(&Engagement) -> bool) {
        self.engagement = self.engagement.take().filter(goes_on);
    }
}
