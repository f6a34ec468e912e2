use std::fmt;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Election;
use rehearsal_protocol::election::bully::{self, Bully};
use rehearsal_protocol::election::garcia_molina::{self, GarciaMolina};
use rehearsal_protocol::election::hardened::{self, Hardened};
use rehearsal_sim::network::Network;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Nodes, Reason};
use serde::Deserialize;

use super::form::Form;
use crate::shipped::Tries;
use crate::shipped::network::slowest;

/// What a scenario says of an election.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    form: Form,
    /// Who leads when the run begins.
    #[serde(default)]
    initial_leader: Option<NodeId>,
    /// Allows waits that are shorter than the network asks for, to show what
    /// comes of it.
    #[serde(default)]
    unsafe_timing: bool,
    /// How many nodes there are.
    #[serde(skip)]
    nodes: u32,
    /// Those that take part in elections, which all machines of a form that keeps
    /// them share.
    #[serde(skip)]
    members: Arc<[NodeId]>,
}

/// An election can take a message for each pair of nodes, all of them at once. So many
/// nodes have been run through such an election.
const MOST_NODES: u32 = 4_096;

impl Setting {
    /// Does every leader have an epoch, which its followers know?
    pub(crate) fn has_epochs(&self) -> bool {
        matches!(self.form, Form::Hardened { .. })
    }

    /// Checks it against what lies between so many nodes.
    pub(super) fn check(&mut self, nodes: u32, network: &Network) -> Result<(), Reason> {
        if nodes > MOST_NODES {
            return Err(Reason::new(format!(
                "an election of {nodes} nodes can take a message for each pair of them"
            ))
            .help(format!("let there be {MOST_NODES} nodes at most")));
        }
        self.nodes = nodes;
        self.members = self.members();
        if let Some(leader) = self.initial_leader
            && leader.number() > nodes
        {
            return Err(Reason::new(format!("there is no node {} to lead", leader.number()))
                .field("initial_leader")
                .help(format!("nodes are numbered from 1 to {nodes}")));
        }
        if let (Some(_), Form::GarciaMolina { .. } | Form::Hardened { .. }) =
            (self.initial_leader, &self.form)
        {
            return Err(Reason::new("in this form a leader is elected before it leads")
                .field("initial_leader")
                .help("leave it out: the nodes hold an election when they start"));
        }
        let (form, is_unsafe) = (self.form.path(), self.unsafe_timing);
        match &self.rules() {
            Config::Bully(rules) if rules.one_round && !rules.guard => Err(Reason::new(
                "in one round only the caller asks: there is nothing to guard against",
            )
            .at(form.field("one_round"))
            .help("take one of `guard: false` and `one_round: true`")),
            Config::Bully(rules) => super::bully::check(rules, &form, is_unsafe, network),
            Config::GarciaMolina(rules) => {
                super::garcia_molina::check(rules, &form, is_unsafe, network)
            }
            Config::Hardened(rules) => {
                super::hardened::check(rules, nodes, &form, is_unsafe, slowest(network))
            }
        }
    }

    /// Checks it against who starts with the run.
    pub(super) fn check_start(&self, nodes: &Nodes) -> Result<(), Reason> {
        match self.initial_leader.filter(|leader| !nodes.is_initial(*leader)) {
            None => Ok(()),
            Some(leader) => {
                let message = format!("{leader} is absent when the run begins, and cannot lead");
                Err(Reason::new(message)
                    .field("initial_leader")
                    .help("name a node that starts with the run, or leave it out"))
            }
        }
    }

    pub(super) fn machine(&self, me: NodeId, is_founder: bool) -> Election {
        let members = Arc::clone(&self.members);
        match self.rules() {
            Config::Bully(rules) => Bully::new(rules, me, is_founder).into(),
            Config::GarciaMolina(rules) => GarciaMolina::new(rules, me, members).into(),
            Config::Hardened(rules) => Hardened::new(rules, me, members).into(),
        }
    }

    fn members(&self) -> Arc<[NodeId]> {
        let all = NodeId::all(self.nodes);
        match self.form {
            Form::Textbook { .. } | Form::Paper { .. } => Arc::default(),
            Form::GarciaMolina { .. } => all.collect(),
            Form::Hardened { resource, .. } => all.filter(|node| Some(*node) != resource).collect(),
        }
    }

    fn rules(&self) -> Config {
        let (nodes, initial_leader) = (self.nodes, self.initial_leader);
        match self.form {
            Form::Textbook { answer_wait, coordinator_wait, guard, one_round } => {
                let (answer, coordinator) =
                    (answer_wait.as_duration(), coordinator_wait.as_duration());
                let textbook = bully::Config::textbook(nodes, answer, coordinator);
                Config::Bully(bully::Config { guard, one_round, initial_leader, ..textbook })
            }
            Form::Paper { answer_wait, coordinator_wait, tries, rate_limit } => {
                let (answer, coordinator) =
                    (answer_wait.as_duration(), coordinator_wait.as_duration());
                let paper = bully::Config::paper(nodes, answer, coordinator);
                let rate_limit = rate_limit.map(TimeSpan::as_duration);
                Config::Bully(bully::Config { tries, rate_limit, initial_leader, ..paper })
            }
            Form::GarciaMolina { answer_wait, check, timeout } => {
                Config::GarciaMolina(garcia_molina::Config {
                    answer_wait: answer_wait.as_duration(),
                    check: check.as_duration(),
                    timeout: timeout.as_duration(),
                })
            }
            Form::Hardened {
                answer_wait,
                coordinator_wait,
                heartbeat,
                leader_wait,
                majority,
                check_quorum,
                settle,
                resource,
            } => Config::Hardened(hardened::Config {
                answer_wait: answer_wait.as_duration(),
                coordinator_wait: coordinator_wait.as_duration(),
                heartbeat: heartbeat.as_duration(),
                leader_wait: leader_wait.as_duration(),
                majority,
                check_quorum,
                settle: settle.as_duration(),
                resource,
            }),
        }
    }
}

/// What the machine of a form goes by.
enum Config {
    Bully(bully::Config),
    GarciaMolina(garcia_molina::Config),
    Hardened(hardened::Config),
}

/// The head of a trace: `textbook form, answer wait 30ms, ..`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Textbook { answer_wait, coordinator_wait, guard, one_round } => {
                write!(f, "textbook, answer wait {answer_wait}, ")?;
                write!(f, "coordinator wait {coordinator_wait}")?;
                if !guard {
                    f.write_str(", no guard")?;
                }
                if one_round {
                    f.write_str(", one round")?;
                }
            }
            Form::Paper { answer_wait, coordinator_wait, tries, rate_limit } => {
                write!(f, "paper, {} of {answer_wait}, ", Tries(tries))?;
                write!(f, "coordinator wait {coordinator_wait}")?;
                if let Some(limit) = rate_limit {
                    write!(f, ", rate limit {limit}")?;
                }
            }
            Form::GarciaMolina { answer_wait, check, timeout } => {
                write!(f, "1982, answer wait {answer_wait}, check {check}, timeout {timeout}")?;
            }
            Form::Hardened {
                answer_wait,
                coordinator_wait,
                heartbeat,
                leader_wait,
                majority,
                check_quorum,
                settle,
                resource,
            } => {
                write!(f, "hardened, answer wait {answer_wait}, ")?;
                write!(f, "coordinator wait {coordinator_wait}, heartbeat {heartbeat}, ")?;
                write!(f, "leader wait {leader_wait}")?;
                if majority {
                    f.write_str(", majority")?;
                }
                if check_quorum {
                    f.write_str(", check-quorum")?;
                }
                if settle != TimeSpan::ZERO {
                    write!(f, ", settle {settle}")?;
                }
                if let Some(resource) = resource {
                    write!(f, ", writes to {resource}")?;
                }
            }
        }
        if let Some(leader) = self.initial_leader {
            write!(f, ", {leader} leads at first")?;
        }
        if self.unsafe_timing { f.write_str(", unsafe timing") } else { Ok(()) }
    }
}
