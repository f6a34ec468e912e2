use rehearsal_machine::NodeId;
use serde::Deserialize;

use super::conditions::{Budget, Workload, default_max_events};
use super::{Conditions, Content, load};
use crate::check::Expect;
use crate::fault::Fault;
use crate::network::Network;
use crate::protocol::{CommandOf, Protocol};
use crate::source::TimeSpan;

/// A scenario as it stands in a file: its types are right, and nothing else is
/// known of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Scenario", bound(deserialize = ""))]
pub(crate) struct File<P: Protocol> {
    claim: String,
    #[serde(rename = "protocol", deserialize_with = "load::configuration::<P, _>")]
    config: P::Config,
    #[serde(default = "none", deserialize_with = "load::upgrade::<P, _>")]
    upgrade: Option<P::Config>,
    nodes: u32,
    #[serde(default)]
    absent: Vec<NodeId>,
    network: Network,
    #[serde(default = "Vec::new")]
    commands: Vec<CommandAt<P>>,
    #[serde(default)]
    workload: Option<Workload>,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default)]
    budget: Option<Budget>,
    #[serde(default)]
    calm_at: Option<TimeSpan>,
    #[serde(default)]
    calm_for: Vec<NodeId>,
    until: TimeSpan,
    #[serde(default = "default_max_events")]
    max_events: u64,
    expect: Vec<Expect<P::Property>>,
}

impl<P: Protocol> File<P> {
    /// The faults apart, because they can be replaced.
    pub(super) fn into_parts(self) -> (Content<P>, Vec<Fault>) {
        let conditions = Conditions {
            claim: self.claim,
            protocol: P::NAME,
            has_upgrade: self.upgrade.is_some(),
            nodes: self.nodes,
            absent: self.absent,
            network: self.network,
            workload: self.workload,
            budget: self.budget,
            calm_at: self.calm_at,
            calm_for: self.calm_for,
            until: self.until,
            max_events: self.max_events,
        };
        let Self { config, upgrade, commands, expect, .. } = self;
        (Content { conditions, config, upgrade, commands, expect }, self.faults)
    }
}

/// One line of a scenario's `commands`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = ""))]
pub(crate) struct CommandAt<P: Protocol> {
    pub(crate) at: TimeSpan,
    pub(crate) to: NodeId,
    pub(crate) command: CommandOf<P>,
}

/// `Default` would ask it of the configuration.
fn none<T>() -> Option<T> {
    None
}
