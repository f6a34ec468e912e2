//! What leaders have in common, whatever they ask of the others.

use core::mem;

use super::Victims;
use super::condemned::Condemned;
use rehearsal_machine::NodeId;

/// A node's part in looking for deadlocks as the leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Leading {
    is_leader: bool,
    /// Has it come to no verdict yet? Whom the last leader has condemned it learns
    /// by who gives up meanwhile, and it condemns nobody itself.
    is_new: bool,
    /// Requests that it has found are to be given up, and that were open when it
    /// last heard of them.
    pub(super) condemned: Condemned,
}

/// What has become of the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Taken,
    Lost,
    AsBefore,
}

impl Leading {
    pub(super) fn is_leader(&self) -> bool {
        self.is_leader
    }

    /// This one leads from now on, as far as we know.
    pub(super) fn follow(&mut self, leader: Option<NodeId>, me: NodeId) -> Lead {
        let is_leader = leader == Some(me);
        if mem::replace(&mut self.is_leader, is_leader) == is_leader {
            return Lead::AsBefore;
        }
        self.is_new = is_leader;
        self.condemned.clear();
        if is_leader { Lead::Taken } else { Lead::Lost }
    }

    /// Who gives up by the verdict that it comes to now.
    pub(super) fn victims(&mut self, policy: Option<Victims>) -> Option<Victims> {
        let is_new = mem::take(&mut self.is_new);
        policy.filter(|_| !is_new)
    }
}
