use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use crate::network::{Distribution, Network};
use crate::nodes::Nodes;
use crate::source::TimeSpan;
use crate::swarm::SwarmBounds;

/// What a scenario says apart from its protocol: of how many nodes, what lies
/// between them, and when what begins and ends.
///
/// It is one type for all protocols, so whatever needs no more than this is
/// compiled once.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    pub(super) claim: String,
    /// The protocol's name.
    pub(super) protocol: &'static str,
    /// Is there a second configuration to upgrade to?
    pub(super) has_upgrade: bool,
    pub(super) nodes: u32,
    pub(super) absent: Vec<NodeId>,
    pub(super) network: Network,
    pub(super) workload: Option<Workload>,
    pub(super) budget: Option<Budget>,
    pub(super) calm_at: Option<TimeSpan>,
    pub(super) calm_for: Option<Vec<NodeId>>,
    pub(super) swarm: Option<SwarmBounds>,
    pub(super) until: TimeSpan,
    pub(super) max_events: u64,
}

impl Conditions {
    /// The nodes, and which of them start with the run.
    pub(super) fn all_nodes(&self) -> Nodes {
        Nodes::without(self.nodes, &self.absent)
    }
}

/// How many faults at once the protocol has to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// How many nodes are down at the same time, at most.
    pub(super) down: u32,
}

/// Random commands, made by [`Protocol::command`](crate::Protocol::command).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workload {
    /// How many.
    pub(super) count: u32,
    /// The time from one to the next, over all nodes.
    pub(super) gap: Distribution,
    /// Whether it goes on in the calm.
    #[serde(default, skip_serializing_if = "AtCalm::goes_on")]
    pub(super) at_calm: AtCalm,
}

/// What becomes of a workload at the calm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AtCalm {
    /// It goes on.
    #[default]
    GoesOn,
    /// No more of its commands come.
    Stops,
}

impl AtCalm {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn goes_on(&self) -> bool {
        *self == Self::GoesOn
    }
}

/// Enough for a script of a million messages with acknowledgements and repetitions.
pub(super) fn default_max_events() -> u64 {
    100_000_000
}
