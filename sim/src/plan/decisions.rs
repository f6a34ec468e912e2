use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::{Cut, DecisionKey};
use crate::fault::Action;
use crate::source::TimeSpan;

/// What was decided where chance had a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Decision {
    /// The message is lost.
    Lose,
    /// The message arrives damaged, and is refused.
    Corrupt,
    /// The message arrives once, after this long.
    Delay(TimeSpan),
    /// The message arrives after each of these spans.
    Duplicate(Vec<TimeSpan>),
    /// The timer fires after this long.
    Arm(TimeSpan),
    /// The machine drew this number.
    Draw(u64),
    /// The fault strikes.
    Strike {
        /// When, of a fault that strikes at random instants; others have their time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<TimeSpan>,
        /// Which node, of a fault that strikes `"any"`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// A fault that takes a node down `every` so often may do so within a
        /// step: right after this many more effects of the node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effects: Option<NonZeroU32>,
        /// What the fault does, of one that leaves nodes to chance: a `Partition` of a
        /// `Split`, a `Cut` of a `CutAny`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        does: Option<Action>,
    },
    /// The fault does not strike this time.
    Spare,
    /// The command does not come.
    Drop,
    /// The command comes at this instant.
    At(TimeSpan),
}

impl Decision {
    /// As a plan has it, without quotes: `Lose`, `Delay(30ms)`.
    #[must_use]
    pub fn words(&self) -> String {
        ron::to_string(self).unwrap_or_default().replace('"', "")
    }
}

/// What happens where a plan lists no decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rest {
    /// What the seed says.
    #[default]
    Seed,
    /// The usual: a message is delivered once, after the least delay of its
    /// law; a timer fires at the start of its range, and 1 us later for each node
    /// before its own; a draw gives its low end, and 1 more for each node before;
    /// a fault that strikes `every` so often never does, and one that strikes
    /// `"any"` strikes the first in order.
    Usual,
}

/// What is decided in advance of a run.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    pub(crate) listed: BTreeMap<DecisionKey, Decision>,
    pub(crate) rest: Rest,
    pub(crate) are_noted: bool,
    pub(crate) cut: Option<Cut>,
}

impl Decisions {
    /// These decisions, and `rest` for whatever else there is to decide.
    #[must_use]
    pub fn listed(listed: impl IntoIterator<Item = (DecisionKey, Decision)>, rest: Rest) -> Self {
        Self { listed: listed.into_iter().collect(), rest, are_noted: false, cut: None }
    }

    /// Writes down every decision of the run that is not the usual one.
    #[must_use]
    pub fn taking_notes(mut self) -> Self {
        self.are_noted = true;
        self
    }

    /// Up to this cut; what comes after it is drawn anew. If notes are taken, the choices are
    /// noted in their order, too.
    pub(crate) fn up_to(mut self, cut: Cut) -> Self {
        self.cut = Some(cut);
        self
    }
}
