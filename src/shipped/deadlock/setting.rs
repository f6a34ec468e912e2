use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use rehearsal_machine::{Draw, NodeId};
use rehearsal_protocol::deadlock::hierarchy::Tree;
use rehearsal_protocol::deadlock::{Command, Site};
use rehearsal_protocol::election::Election as AnyElection;
use rehearsal_protocol::resource::{Config, Model, Need, Participant};
use rehearsal_sim::network::Network;
use rehearsal_sim::source::{Path, TimeSpan};
use rehearsal_sim::{Files, Nodes, Protocol as _, Reason};
use serde::Deserialize;

use super::form::Form;
use super::{timing, workload};
use crate::shipped::network::slowest;
use crate::shipped::{Election, election};

/// What a scenario says of nodes that wait for each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// How they find out that they are deadlocked.
    detector: Form,
    /// How the nodes elect the leader that some detectors need.
    #[serde(default)]
    election: Option<election::Setting>,
    /// Which requests may be made.
    #[serde(default)]
    model: Model,
    /// Which nodes are locks.
    #[serde(default)]
    locks: BTreeSet<NodeId>,
    /// What nodes ask for when they start.
    #[serde(default)]
    needs: Vec<Needs>,
    /// How long a process works, at least and at most.
    #[serde(default)]
    work: Option<(TimeSpan, TimeSpan)>,
    /// How often what is not answered is said again.
    #[serde(default)]
    resend: Option<TimeSpan>,
    /// How long a victim keeps still, at least and at most.
    #[serde(default = "at_once")]
    restart: (TimeSpan, TimeSpan),
    /// Whether who has given something back asks for nothing more.
    #[serde(default)]
    two_phase_locking: bool,
    /// Allows spans that are shorter than the network asks for.
    #[serde(default)]
    unsafe_timing: bool,
    /// How many nodes there are.
    #[serde(skip)]
    nodes: u32,
    /// Which node controls which, in a hierarchy.
    #[serde(skip)]
    tree: Option<Arc<Tree>>,
    /// What all go by.
    #[serde(skip)]
    rules: Option<Arc<Config>>,
}

/// What a node asks for when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Which node.
    node: NodeId,
    /// The nodes that it requests a resource of.
    of: Vec<NodeId>,
    /// How many of them must give.
    #[serde(default)]
    need: Need,
}

fn at_once() -> (TimeSpan, TimeSpan) {
    (TimeSpan::ZERO, TimeSpan::ZERO)
}

impl Setting {
    /// Checks it as a protocol of its own.
    pub(super) fn check(
        &mut self,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        self.check_own(nodes.count(), network, None)?;
        match &mut self.election {
            None if self.detector.needs_leader() => {
                Err(Reason::new("this detector works at a leader, and nobody is elected")
                    .help("say how with `election`"))
            }
            None => Ok(()),
            Some(election) => Election::prepare(election, nodes, network, files)
                .map_err(|reason| reason.within(&Path::root().field("election"))),
        }
    }

    /// Checks it as a part of something that has an election, and whose nodes say
    /// and hear something only in their slots, where that is so.
    pub(crate) fn check_within(
        &mut self,
        nodes: u32,
        network: &Network,
        slot: Option<TimeSpan>,
    ) -> Result<(), Reason> {
        if self.election.is_some() {
            return Err(Reason::new("there is one election for all that users do")
                .field("election")
                .help("leave it out here"));
        }
        self.check_own(nodes, network, slot)
    }

    fn check_own(
        &mut self,
        nodes: u32,
        network: &Network,
        slot: Option<TimeSpan>,
    ) -> Result<(), Reason> {
        self.nodes = nodes;
        if let Some(lock) = self.locks.iter().find(|lock| lock.number() > nodes) {
            return Err(Reason::new(format!("there is no node {} to be a lock", lock.number()))
                .field("locks")
                .help(format!("nodes are numbered from 1 to {nodes}")));
        }
        for (place, needs) in self.needs.iter().enumerate() {
            let path = Path::root().field("needs").index(place);
            self.check_needs(needs).map_err(|reason| reason.within(&path))?;
            if self.needs[..place].iter().any(|other| other.node == needs.node) {
                return Err(Reason::new(format!("{} has needs already", needs.node))
                    .at(path.field("node"))
                    .help("list all that it needs in one place"));
            }
        }
        for (name, (least, most)) in
            self.work.iter().map(|work| ("work", *work)).chain([("restart", self.restart)])
        {
            if least > most {
                return Err(Reason::new(format!("{least} is longer than {most}"))
                    .field(name)
                    .help("give the shorter span first"));
            }
        }
        if self.resend == Some(TimeSpan::ZERO) {
            return Err(Reason::new("a message cannot be said again without a pause")
                .field("resend")
                .help("give a span longer than nothing, at least a round trip"));
        }
        self.tree = self.detector.tree(nodes)?;
        let tree = self.tree.as_deref();
        let slot = slot.unwrap_or(TimeSpan::ZERO).as_duration();
        let world = timing::World { nodes, network, way: slowest(network).saturating_add(slot) };
        timing::check(&self.detector, self.model, tree, self.unsafe_timing, &world)?;
        if self.resend.is_none() && !self.unsafe_timing && !network.loss.is_never() {
            let message = "the network loses messages, and what is lost is never said again";
            return Err(Reason::new(message)
                .field("resend")
                .help("say how often, or say `unsafe_timing: true` to show what comes of it"));
        }
        self.rules = Some(Arc::new(self.rules()));
        Ok(())
    }

    fn check_needs(&self, needs: &Needs) -> Result<(), Reason> {
        let Needs { node, of, need } = needs;
        let of_nodes = format!("nodes are numbered from 1 to {}", self.nodes);
        if node.number() > self.nodes {
            let message = format!("there is no node {} to need anything", node.number());
            return Err(Reason::new(message).field("node").help(of_nodes));
        }
        if self.locks.contains(node) {
            return Err(Reason::new(format!("{node} is a lock, and needs nothing"))
                .field("node")
                .help("leave it out here or in `locks`"));
        }
        for (place, other) in of.iter().enumerate() {
            let path = Path::root().field("of").index(place);
            if other.number() > self.nodes {
                let message = format!("there is no node {} to be needed", other.number());
                return Err(Reason::new(message).at(path).help(of_nodes));
            }
            if other == node {
                return Err(Reason::new(format!("{node} need not ask itself"))
                    .at(path)
                    .help("leave it out"));
            }
            if of[..place].contains(other) {
                return Err(Reason::new(format!("{other} is named twice"))
                    .at(path)
                    .help("name it once"));
            }
        }
        if of.is_empty() {
            return Err(Reason::new("nobody is asked")
                .field("of")
                .help(format!("name somebody, or leave {node} out")));
        }
        if need.of(of.len()).is_err() {
            let message = format!("{need} {} cannot be had", of.len());
            return Err(Reason::new(message)
                .field("need")
                .help("one at least, and not more than are asked"));
        }
        if !self.model.admits(*need, of.len()) {
            let place = if self.model == Model::Single { "of" } else { "need" };
            return Err(Reason::new(format!("in this model {}", self.model))
                .field(place)
                .help("take another `model`"));
        }
        Ok(())
    }

    fn rules(&self) -> Config {
        let range = |(least, most): (TimeSpan, TimeSpan)| least.as_duration()..=most.as_duration();
        Config {
            nodes: self.nodes,
            locks: self.locks.clone(),
            model: self.model,
            work: self.work.map(range),
            resend: self.resend.map(TimeSpan::as_duration),
            restart: range(self.restart),
            two_phase: self.two_phase_locking,
        }
    }

    pub(super) fn machine(&self, me: NodeId, nodes: &Nodes) -> Result<Site, Reason> {
        let election = self.election.as_ref().map(|election| Election::build(election, me, nodes));
        let election = election.transpose();
        let election = election.map_err(|reason| reason.within(&Path::root().field("election")))?;
        Ok(self.site(me, election))
    }

    /// The node's part in it.
    pub(crate) fn site(&self, me: NodeId, election: Option<AnyElection>) -> Site {
        // The simulator prepares a configuration before it builds a node of it.
        let rules = self.rules.as_ref().expect("the rules are made when it is checked");
        let needs = self.needs.iter().find(|needs| needs.node == me);
        let first = needs.map(|needs| (needs.of.clone(), needs.need)).unwrap_or_default();
        let participant = Participant::new(rules.clone(), me, first);
        Site::new(participant, self.detector.machine(self.nodes, self.tree.as_ref(), me), election)
    }

    /// A request at random; a lock makes none.
    pub(super) fn command(&self, node: NodeId, draw: &mut dyn Draw) -> Option<Command> {
        let is_lock = self.locks.contains(&node);
        if is_lock { None } else { workload::request(self.nodes, self.model, node, draw) }
    }
}

/// The head of a trace.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detector.fmt(f)?;
        if let Some((least, most)) = self.work {
            write!(f, ", work {least} to {most}")?;
        }
        if let Some(resend) = self.resend {
            write!(f, ", resend {resend}")?;
        }
        if self.detector.resolves() && self.restart != at_once() {
            write!(f, ", restart {} to {}", self.restart.0, self.restart.1)?;
        }
        if self.two_phase_locking {
            f.write_str(", two-phase locking")?;
        }
        if let Some(election) = &self.election {
            write!(f, ", election {election}")?;
        }
        if self.unsafe_timing { f.write_str(", unsafe timing") } else { Ok(()) }
    }
}
