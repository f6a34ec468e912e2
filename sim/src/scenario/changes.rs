//! What is said of a run in place of what its scenario says: a plan replaces
//! faults, commands and nodes, and leaves the scenario's own text as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use rehearsal_machine::NodeId;

use super::{
    CommandAt, Conditions, Moment, Origin, Scenario, check_names, check_network, is_of_world, valid,
};
use crate::chance::{Chance, Seed};
use crate::fault::{Fault, Place as FaultPlace};
use crate::network::Network;
use crate::predicate;
use crate::protocol::{Look as _, Protocol};
use crate::source::{Path, Reason, TimeSpan};

/// What is to be replaced of a scenario; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another network.
    pub network: Option<Network>,
    /// Other faults.
    pub faults: Option<Vec<Fault>>,
    /// Of all [commands](crate::Case::commands) of the run only those at these
    /// places, from 0. There is no workload then.
    pub commands: Option<Vec<usize>>,
    /// Other times of commands, by their places; of no meaning without `commands`.
    pub moved: BTreeMap<usize, TimeSpan>,
    /// Other nodes that do not start with the run.
    pub absent: Option<Vec<NodeId>>,
    /// Another end.
    pub until: Option<TimeSpan>,
}

/// A command of a run, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandText {
    /// When it comes, if not on an event.
    pub at: Option<TimeSpan>,
    /// When it comes, in words: `at 10ms`, `after n1 becomes 'L' #1`.
    pub when: String,
    /// The node whose owner gives it.
    pub to: NodeId,
    /// What it says, as the trace shows it.
    pub text: String,
}

/// [`Changes`] with the protocol's own commands, as a plan has them.
pub(crate) struct Replacement<P: Protocol> {
    pub(crate) network: Option<Network>,
    pub(crate) faults: Option<Vec<Fault>>,
    pub(crate) commands: Option<Vec<CommandAt<P>>>,
    pub(crate) absent: Option<Vec<NodeId>>,
    pub(crate) until: Option<TimeSpan>,
}

/// What was replaced of a scenario, so that its text says something else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replaced {
    /// The network before, as the text has it.
    pub(crate) network: Option<Network>,
    pub(crate) faults: bool,
    /// The new commands, each as RON.
    pub(crate) commands: Option<Arc<[String]>>,
    pub(crate) absent: Option<Vec<NodeId>>,
    pub(crate) until: Option<TimeSpan>,
}

impl<P: Protocol> Scenario<P> {
    /// The same with other faults in place of its own; refused as in a file.
    pub fn with_faults(&self, faults: Vec<Fault>) -> Result<Self, Reason> {
        self.replace(Replacement {
            network: None,
            faults: Some(faults),
            commands: None,
            absent: None,
            until: None,
        })
    }

    /// The same with these changes, for runs with this seed, which makes the
    /// commands of a workload. Refused as in a file.
    pub fn with_changes(&self, seed: Seed, changes: &Changes) -> Result<Self, Reason> {
        let Changes { network, faults, commands, moved, absent, until } = changes.clone();
        let commands = commands.map(|places| {
            let all = self.all_commands(seed);
            let command = |place: &usize| {
                let mut command = all.get(*place)?.clone();
                if let Some(at) = moved.get(place) {
                    command.moment = Moment::At(*at);
                }
                Some(command)
            };
            places.iter().filter_map(command).collect()
        });
        self.replace(Replacement { network, faults, commands, absent, until })
    }

    pub(crate) fn replace(&self, with: Replacement<P>) -> Result<Self, Reason> {
        let faults = with.faults.as_ref().unwrap_or(&self.faults);
        // The faults of a file were found sound when it was read.
        let places: Vec<_> = (0..faults.len()).map(FaultPlace::of_line).collect();
        let mut replaced = self.origin.replaced.clone();
        replaced.faults |= with.faults.is_some();
        if let Some(network) = &with.network {
            let own = replaced.network.take().unwrap_or_else(|| self.network().clone());
            replaced.network = Some(own).filter(|own| own != network);
        }
        if with.commands.is_none() && with.absent.is_none() && with.until.is_none() {
            let conditions = match with.network {
                None => Arc::clone(&self.conditions),
                Some(network) => {
                    check_network(&network, self.conditions.nodes)?;
                    Arc::new(Conditions { network, ..Conditions::clone(&self.conditions) })
                }
            };
            valid::faults(&conditions, faults, &places)?;
            check_names::<P>(&conditions.network, faults, &places, &[])?;
            return Ok(Self {
                content: Arc::clone(&self.content),
                conditions,
                commands: Arc::clone(&self.commands),
                faults: faults.clone(),
                all_nodes: self.all_nodes.clone(),
                origin: Origin { replaced, ..self.origin.clone() },
            });
        }
        let mut conditions = Conditions::clone(&self.conditions);
        if let Some(network) = with.network {
            conditions.network = network;
        }
        let commands = match with.commands {
            None => Arc::clone(&self.commands),
            Some(commands) => {
                conditions.workload = None;
                let texts = commands.iter().map(text_of).collect::<Result<_, _>>()?;
                replaced.commands = Some(texts);
                commands.into()
            }
        };
        if let Some(absent) = with.absent {
            conditions.absent.clone_from(&absent);
            replaced.absent = Some(absent);
        }
        if let Some(until) = with.until {
            conditions.until = until;
            replaced.until = Some(until);
        }
        valid::conditions(&conditions)?;
        valid::commands(&conditions, commands.iter().map(|it| (&it.moment, it.to)))?;
        valid::faults(&conditions, faults, &places)?;
        check_names::<P>(&conditions.network, faults, &places, &commands)?;
        let names = predicate::property_names::<P::Property>();
        let is_of_world = is_of_world::<P>(conditions.nodes);
        for (place, expect) in self.content.expect.iter().enumerate() {
            // Which nodes a line asks was for the author of the scenario to say: a random plan
            // may have faults that outlive the calm of any scenario.
            valid::expectation(&conditions, place, expect, false, names, &is_of_world)?;
        }
        let all_nodes = conditions.all_nodes();
        for config in
            [Some(&self.content.config), self.content.upgrade.as_ref()].into_iter().flatten()
        {
            all_nodes.iter().try_for_each(|node| P::build(config, node, &all_nodes).map(drop))?;
        }
        Ok(Self {
            content: Arc::clone(&self.content),
            conditions: Arc::new(conditions),
            commands,
            faults: faults.clone(),
            all_nodes,
            origin: Origin { replaced, ..self.origin.clone() },
        })
    }

    /// The commands of a run with this seed, in the order in which a run has
    /// them: those of the file, then those of the workload.
    fn all_commands(&self, seed: Seed) -> Vec<CommandAt<P>> {
        let workload = self.workload(&Chance::new(seed));
        self.commands().iter().cloned().chain(workload).collect()
    }

    pub(crate) fn command_texts(&self, seed: Seed) -> Vec<CommandText> {
        let text = |CommandAt { moment, to, command }| CommandText {
            at: moment.instant(),
            when: moment.to_string(),
            to,
            text: P::Look::command_text(&command),
        };
        self.all_commands(seed).into_iter().map(text).collect()
    }
}

/// A line of a plan's `commands`.
fn text_of<P: Protocol>(command: &CommandAt<P>) -> Result<String, Reason> {
    ron::Options::default().to_string(command).map_err(|error| {
        Reason::new(format!("a command cannot be written as text: {error}"))
            .at(Path::root().field("commands"))
            .help("correct how the protocol's commands are serialized")
    })
}
