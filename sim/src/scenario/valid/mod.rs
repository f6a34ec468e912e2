//! What a type cannot refuse: nodes that do not exist, times in the wrong order.
//!
//! Nothing here knows the protocol, so the checks are compiled once.

mod bounds;
mod expect;
mod faults;
mod network;
mod swarm;

use rehearsal_machine::NodeId;

use self::bounds::{before_the_end, each_once, node_exists};
use super::{AtCalm, Conditions, Event, Moment};
use crate::fault::Action;
use crate::network::Network;
use crate::queue::MOST_NODES;
use crate::source::{Path, Reason, TimeSpan};

pub(super) use expect::expectation;
pub(super) use faults::faults;
pub use network::check_network;

/// What is wrong with a partition, a cut or a break in this network.
pub(crate) fn check_action(action: &Action, network: &Network, nodes: u32) -> Result<(), Reason> {
    faults::on_network(action, network, nodes, &Path::root())
}

/// They are made before the run begins, so they have to fit into memory.
const MOST_COMMANDS: u32 = 10_000_000;

pub(super) fn conditions(conditions: &Conditions) -> Result<(), Reason> {
    let top = Path::root();
    if conditions.claim.trim().is_empty() {
        return Err(Reason::new("a scenario needs a claim")
            .at(top.field("claim"))
            .help("say in a sentence what it demonstrates"));
    }
    if conditions.nodes == 0 || conditions.nodes > MOST_NODES {
        return Err(
            Reason::new(format!("there can be 1 to {MOST_NODES} nodes")).at(top.field("nodes"))
        );
    }
    if conditions.until == TimeSpan::ZERO {
        return Err(Reason::new("a run of no time shows nothing")
            .at(top.field("until"))
            .help("let it end later: what happens at `until` or after it is not part of it"));
    }
    check_network(&conditions.network, conditions.nodes)?;
    if let Some(sessions) = &conditions.network.sessions
        && sessions.setup >= conditions.until
    {
        return Err(Reason::new("no session is set up before the run ends")
            .at(top.field("network").field("sessions").field("setup"))
            .help(format!("let the setup take less, or the run end after {}", conditions.until)));
    }
    absent(conditions)?;
    if let Some(workload) = &conditions.workload {
        let path = top.field("workload");
        network::delay(&workload.gap, &path.field("gap"))?;
        if workload.count > MOST_COMMANDS {
            return Err(Reason::new(format!("a workload has at most {MOST_COMMANDS} commands"))
                .at(path.field("count")));
        }
        if workload.at_calm == AtCalm::Stops && conditions.calm_at.is_none() {
            return Err(Reason::new("a workload that stops at the calm, and there is no calm")
                .at(path.field("at_calm"))
                .help("give the scenario a `calm_at`"));
        }
    }
    if let Some(calm_at) = conditions.calm_at
        && calm_at >= conditions.until
    {
        return Err(Reason::new(format!("`until` is not after `calm_at`, which is {calm_at}"))
            .at(top.field("until"))
            .help("what is expected after the calm needs time: let the run end later"));
    }
    swarm::bounds(conditions)?;
    core(conditions)
}

/// Commands: when each comes, and to which node.
pub(super) fn commands<'a>(
    conditions: &Conditions,
    commands: impl Iterator<Item = (&'a Moment, NodeId)>,
) -> Result<(), Reason> {
    for (place, (moment, to)) in commands.enumerate() {
        let path = Path::root().field("commands").index(place);
        node_exists(to, conditions.nodes, || path.field("to"))?;
        match moment {
            Moment::At(at) => {
                before_the_end(*at, conditions.until, "a command", || path.field("at"))?;
            }
            Moment::On(event) => {
                let Event { trigger, window } = &**event;
                faults::triggered(conditions.nodes, trigger, &path.field("when"))?;
                for (field, place, trigger) in window.triggers() {
                    let path = path.field(field);
                    let path = place.map_or_else(|| path.clone(), |place| path.index(place));
                    faults::triggered(conditions.nodes, trigger, &path)?;
                }
                if window.times.is_some() {
                    return Err(Reason::new("a command on an event comes once")
                        .at(path.field("times"))
                        .help("leave `times` out"));
                }
                // The calm does not keep a command from coming.
                faults::span(conditions, window, true, &path)?;
            }
        }
    }
    Ok(())
}

/// Nodes that join later: each exists and is listed once, and some node is there before them.
fn absent(conditions: &Conditions) -> Result<(), Reason> {
    let path = Path::root().field("absent");
    each_once(&conditions.absent, conditions.nodes, &path)?;
    if conditions.absent.len() == conditions.nodes as usize {
        return Err(Reason::new("nobody is there when the run begins")
            .at(path)
            .help("leave a node out of `absent`: it starts with the run"));
    }
    Ok(())
}

/// The nodes that the calm is for.
fn core(conditions: &Conditions) -> Result<(), Reason> {
    let Some(core) = &conditions.calm_for else { return Ok(()) };
    let path = Path::root().field("calm_for");
    each_once(core, conditions.nodes, &path)?;
    if core.is_empty() {
        return Err(Reason::new("a calm for no node")
            .at(path)
            .help("name a node; without `calm_for` the calm is for all nodes"));
    }
    if conditions.calm_at.is_none() {
        return Err(Reason::new("a calm for some nodes, and no time when it begins")
            .at(path)
            .help("give the scenario a `calm_at`"));
    }
    Ok(())
}
