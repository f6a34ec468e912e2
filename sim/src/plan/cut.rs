use std::sync::Arc;

use rehearsal_machine::Time;

use super::DecisionKey;
use crate::chance::Seed;

/// Where a run leaves its plan: so many choices are made as the plan has them, and everything
/// after them is drawn anew.
///
/// The plan's `rest` is usual up to there; the plan lists whatever was not.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    /// So many choices are kept.
    pub(crate) kept: u64,
    /// What chance is made from afterwards.
    pub(crate) seed: Seed,
    /// On which side of the cut each fault may strike, by its place in the scenario; those
    /// beyond the last one may always.
    pub(crate) phases: Arc<[Phase]>,
}

/// On which side of a [`Cut`] a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// On both: it is the scenario's own, or ends what another one has begun.
    Always,
    /// Before it: chance has drawn it for this plan.
    Before,
    /// After it: it is drawn anew.
    After,
}

/// A choice that a run came to: the fate of a message, the span of a timer, a number that a
/// machine drew, a strike of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) key: DecisionKey,
    pub(crate) at: Time,
    /// How many events there had been, where a trace is kept: the next one shows what was chosen.
    pub(crate) events: u64,
}
