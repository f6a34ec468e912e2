use rehearsal_machine::NodeId;

use super::Scenario;
use crate::check::Expect;
use crate::fault::Fault;
use crate::network::Network;
use crate::protocol::{Look as _, Protocol};
use crate::source::TimeSpan;
use crate::swarm::SwarmBounds;

/// What a scenario says, without the types of its protocol: enough to tell what
/// a run of it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synopsis {
    /// The scenario's file, as it was shown.
    pub name: String,
    /// The claim it demonstrates.
    pub claim: String,
    /// The protocol's name.
    pub protocol: &'static str,
    /// The protocol's configuration in a few words; may be empty.
    pub configuration: String,
    /// The same of the configuration to upgrade to, if there is one.
    pub upgrade: Option<String>,
    /// What the letters of the trace's lanes mean; may be empty.
    pub legend: &'static str,
    /// How many nodes there are.
    pub nodes: u32,
    /// The nodes that join later.
    pub absent: Vec<NodeId>,
    /// When the run ends.
    pub until: TimeSpan,
    /// The network between the nodes.
    pub network: Network,
    /// The faults.
    pub faults: Vec<Fault>,
    /// How many nodes are down at a time, at most, as far as the protocol is
    /// promised that.
    pub budget: Option<u32>,
    /// The nodes that the calm is for; empty if it is for all.
    pub core: Vec<NodeId>,
    /// When all disturbances end, if they do.
    pub calm_at: Option<TimeSpan>,
    /// What a swarm may do to it, if the scenario says so.
    pub swarm: Option<SwarmBounds>,
    /// Was the network replaced after reading, as in a swarm's runs?
    pub is_redrawn: bool,
    /// What is expected, line by line.
    pub expect: Vec<Expected>,
}

/// A line of a scenario's `expect`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// As a story tells it: `Eventually(OneLeader)`.
    pub text: String,
    /// Is it liveness, so that it is not judged in a run that is judged on
    /// safety alone?
    pub is_liveness: bool,
    /// Does it hold as soon as its property has held once: a `Reaches` or a
    /// `Sometimes`?
    pub is_once: bool,
    /// Is it a `Sometimes`, which a single run need not see?
    pub is_sometimes: bool,
    /// How soon it has to hold, if it says so.
    pub within: Option<Within>,
}

/// How soon a line of `expect` has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Within {
    /// So long after the calm, of an `Eventually`.
    OfCalm(TimeSpan),
    /// So long after its cause, of a `LeadsTo`.
    OfCause(TimeSpan),
}

impl<P: Protocol> Scenario<P> {
    /// What it says, without the types of its protocol.
    #[must_use]
    pub fn synopsis(&self) -> Synopsis {
        let describe = |config| P::Look::describe(config);
        Synopsis {
            name: self.name().to_owned(),
            claim: self.claim().to_owned(),
            protocol: P::NAME,
            configuration: describe(self.config()),
            upgrade: self.upgrade().map(describe),
            legend: P::Look::legend(),
            nodes: self.nodes(),
            absent: self.absent().to_vec(),
            until: self.conditions.until,
            network: self.network().clone(),
            faults: self.faults().to_vec(),
            budget: self.budget(),
            core: self.conditions.calm_for.clone().unwrap_or_default(),
            calm_at: self.conditions.calm_at,
            swarm: self.conditions.swarm.clone(),
            is_redrawn: self.origin.replaced.network.is_some(),
            expect: self.expect().iter().map(Expected::of).collect(),
        }
    }
}

impl Expected {
    fn of<T: std::fmt::Debug>(expect: &Expect<T>) -> Self {
        Self {
            text: expect.to_string(),
            is_liveness: expect.is_liveness(),
            is_once: matches!(expect, Expect::Reaches(_) | Expect::Sometimes(_)),
            is_sometimes: matches!(expect, Expect::Sometimes(_)),
            within: match expect {
                Expect::Eventually { within, .. } => Some(Within::OfCalm(*within)),
                Expect::LeadsTo { within, .. } => Some(Within::OfCause(*within)),
                _ => None,
            },
        }
    }
}
