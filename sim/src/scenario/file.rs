use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::conditions::{Budget, Workload, default_max_events};
use super::{CommandAt, Conditions, Content, Parts, load, text};
use crate::check::Expect;
use crate::fault::Line;
use crate::network::Network;
use crate::protocol::Protocol;
use crate::source::TimeSpan;
use crate::swarm::SwarmBounds;

/// A scenario as it stands in a file: its types are right, and nothing else is
/// known of it.
#[derive(Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename = "Scenario",
    bound(serialize = "P::Config: Serialize, P::Property: Serialize", deserialize = "")
)]
pub(crate) struct File<P: Protocol> {
    pub(super) claim: String,
    #[serde(
        rename = "protocol",
        serialize_with = "text::configuration::<P, _>",
        deserialize_with = "load::configuration::<P, _>"
    )]
    pub(super) config: P::Config,
    #[serde(
        default = "none",
        serialize_with = "text::upgrade::<P, _>",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "load::upgrade::<P, _>"
    )]
    pub(super) upgrade: Option<P::Config>,
    pub(super) nodes: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) absent: Vec<NodeId>,
    pub(super) network: Network,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub(super) commands: Vec<CommandAt<P>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workload: Option<Workload>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) budget: Option<Budget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) calm_at: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) calm_for: Option<Vec<NodeId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) swarm: Option<SwarmBounds>,
    pub(super) until: TimeSpan,
    #[serde(default = "default_max_events")]
    pub(super) max_events: u64,
    pub(super) expect: Vec<Expect<P::Property>>,
}

impl<P: Protocol> File<P> {
    pub(super) fn into_parts(self) -> Parts<P> {
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
            swarm: self.swarm,
            until: self.until,
            max_events: self.max_events,
        };
        let core = conditions.calm_for.as_ref().map(|core| core.iter().copied().collect());
        let Self { config, upgrade, commands, faults, expect, .. } = self;
        let (faults, places) = Line::faults(faults).into_iter().unzip();
        let content = Content { config, upgrade, expect, core };
        Parts { content, conditions, commands, faults, places }
    }
}

impl<P: Protocol<Config: Clone, Property: Clone>> Clone for File<P> {
    fn clone(&self) -> Self {
        Self {
            claim: self.claim.clone(),
            config: self.config.clone(),
            upgrade: self.upgrade.clone(),
            absent: self.absent.clone(),
            network: self.network.clone(),
            commands: self.commands.clone(),
            faults: self.faults.clone(),
            calm_for: self.calm_for.clone(),
            swarm: self.swarm.clone(),
            expect: self.expect.clone(),
            ..*self
        }
    }
}

/// `Default` would ask it of the configuration.
fn none<T>() -> Option<T> {
    None
}
