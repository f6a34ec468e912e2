use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{Need, Refusal, Rules};
use rehearsal_machine::{NodeId, Time};

/// What it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) ask: Ask,
    /// How many must still give.
    pub(super) need: u32,
    /// Who has not, in the order of the request.
    pub(super) open: Vec<NodeId>,
    /// When it began to wait.
    pub(super) began: Time,
}

/// What it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) of: Vec<NodeId>,
    pub(super) need: Need,
    /// When it did so for the first time.
    pub(super) since: Time,
}

/// How many grants a request by this node takes, if it can be made at all.
pub(super) fn check(rules: &Rules, me: NodeId, of: &[NodeId], need: Need) -> Result<u32, Refusal> {
    let mut seen = BTreeSet::new();
    for node in of {
        if *node == me || node.number() > rules.nodes {
            return Err(Refusal::NoSuchResource(*node));
        }
        if !seen.insert(*node) {
            return Err(Refusal::Twice(*node));
        }
    }
    if !rules.model.admits(need, of.len()) {
        return Err(Refusal::NotInModel(rules.model));
    }
    need.of(of.len()).map_err(|_| Refusal::NoSuchNeed(need))
}
