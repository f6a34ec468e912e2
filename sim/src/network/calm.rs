use rehearsal_machine::{NodeId, Time};

use super::Link;
use crate::source::TimeSpan;

/// When disturbances end, and for which nodes.
pub(crate) struct Calm {
    at: Option<Time>,
    /// Whether each node is in the core that the calm is for; all are if empty.
    core: Vec<bool>,
    has_begun: bool,
}

impl Calm {
    /// A calm at this instant, for these of so many nodes or, without any, for all.
    pub(crate) fn new(at: Option<Time>, core: &[NodeId], nodes: usize) -> Self {
        let mut is_core = vec![false; if core.is_empty() { 0 } else { nodes }];
        for node in core {
            is_core[node.index()] = true;
        }
        Self { at, core: is_core, has_begun: false }
    }

    pub(crate) fn begin(&mut self) {
        self.has_begun = true;
    }

    /// Does it begin at this instant?
    pub(crate) fn begins_at(&self, now: Time) -> bool {
        self.at == Some(now)
    }

    pub(crate) fn is_for_all(&self) -> bool {
        self.core.is_empty()
    }

    /// Is the calm for this node, now or later?
    #[inline]
    pub(crate) fn is_core(&self, node: NodeId) -> bool {
        self.core.is_empty() || self.core[node.index()]
    }

    /// Is the node out of the reach of faults now?
    #[inline]
    pub(crate) fn shields(&self, node: NodeId) -> bool {
        self.has_begun && self.is_core(node)
    }

    /// Is the link out of the reach of disturbances now?
    #[inline]
    pub(crate) fn protects(&self, link: Link) -> bool {
        self.has_begun && self.is_core(link.from) && self.is_core(link.to)
    }

    /// Can nothing disturb anything any more?
    pub(crate) fn is_over_all(&self) -> bool {
        self.has_begun && self.is_for_all()
    }

    /// Could what arrives then be late for the calm? Only what is sent before it.
    #[inline]
    pub(crate) fn could_be_late(&self, arrival: Time) -> bool {
        !self.has_begun && self.at.is_some_and(|calm_at| arrival > calm_at)
    }

    /// When what is sent on the link before the calm arrives at the latest,
    /// by the law's longest delay.
    pub(crate) fn latest(&self, link: Link, longest: impl FnOnce() -> u64) -> Time {
        match self.at {
            Some(at) if self.is_core(link.from) && self.is_core(link.to) => {
                at + TimeSpan::from_nanos(longest())
            }
            _ => Time::MAX,
        }
    }
}
