use rehearsal_machine::NodeId;
use serde::Deserialize;

use super::load;
use crate::check::Expect;
use crate::fault::Fault;
use crate::network::{Distribution, Network};
use crate::protocol::{CommandOf, Protocol};
use crate::source::TimeSpan;

/// A scenario as it stands in a file: its types are right, and nothing else is
/// known of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Scenario", bound(deserialize = ""))]
pub(crate) struct File<P: Protocol> {
    pub(super) claim: String,
    #[serde(rename = "protocol", deserialize_with = "load::configuration::<P, _>")]
    pub(super) config: P::Config,
    #[serde(default = "none", deserialize_with = "load::upgrade::<P, _>")]
    pub(super) upgrade: Option<P::Config>,
    pub(super) nodes: u32,
    #[serde(default)]
    pub(super) absent: Vec<NodeId>,
    pub(super) network: Network,
    #[serde(default = "Vec::new")]
    pub(super) commands: Vec<CommandAt<P>>,
    #[serde(default)]
    pub(super) workload: Option<Workload>,
    #[serde(default)]
    pub(super) faults: Vec<Fault>,
    #[serde(default)]
    pub(super) budget: Option<Budget>,
    #[serde(default)]
    pub(super) calm_at: Option<TimeSpan>,
    #[serde(default)]
    pub(super) calm_for: Vec<NodeId>,
    pub(super) until: TimeSpan,
    #[serde(default = "default_max_events")]
    pub(super) max_events: u64,
    pub(super) expect: Vec<Expect<P::Property>>,
}

/// One line of a scenario's `commands`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = ""))]
pub(crate) struct CommandAt<P: Protocol> {
    pub(crate) at: TimeSpan,
    pub(crate) to: NodeId,
    pub(crate) command: CommandOf<P>,
}

/// What the protocol was promised of the faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// How many nodes are down at the same time, at most.
    pub(super) down: u32,
}

/// Random commands, made by [`Protocol::command`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workload {
    /// How many.
    pub(super) count: u32,
    /// The time from one to the next, over all nodes.
    pub(super) gap: Distribution,
}

/// `Default` would ask it of the configuration.
fn none<T>() -> Option<T> {
    None
}

/// Enough for a million-message script with its acknowledgements and repetitions.
fn default_max_events() -> u64 {
    100_000_000
}
