//! What a type cannot refuse: nodes that do not exist, times in the wrong order.

mod faults;
mod network;

use rehearsal_machine::NodeId;

use super::File;
use crate::check::Expect;
use crate::protocol::Protocol;
use crate::queue::MOST_NODES;
use crate::source::{Path, Reason, TimeSpan};

pub(super) use faults::faults;
pub use network::check_network;

/// They are made before the run begins, so they have to fit into memory.
const MOST_COMMANDS: u32 = 10_000_000;

pub(super) fn scenario<P: Protocol>(scenario: &File<P>) -> Result<(), Reason> {
    let top = Path::root();
    if scenario.claim.trim().is_empty() {
        return Err(Reason::new("a scenario needs a claim")
            .at(top.field("claim"))
            .help("say in a sentence what it demonstrates"));
    }
    if scenario.nodes == 0 || scenario.nodes > MOST_NODES {
        return Err(
            Reason::new(format!("there can be 1 to {MOST_NODES} nodes")).at(top.field("nodes"))
        );
    }
    if scenario.until == TimeSpan::ZERO {
        return Err(Reason::new("a run of no time shows nothing")
            .at(top.field("until"))
            .help("let it end later: what happens at `until` or after it is not part of it"));
    }
    check_network(&scenario.network, scenario.nodes)?;
    absent(scenario)?;
    if let Some(workload) = &scenario.workload {
        let path = top.field("workload");
        network::law(&workload.gap, &path.field("gap"))?;
        if workload.count > MOST_COMMANDS {
            return Err(Reason::new(format!("a workload has at most {MOST_COMMANDS} commands"))
                .at(path.field("count")));
        }
    }
    if let Some(calm_at) = scenario.calm_at
        && calm_at >= scenario.until
    {
        return Err(Reason::new(format!("`until` is not after `calm_at`, which is {calm_at}"))
            .at(top.field("until"))
            .help("what is expected after the calm needs time: let the run end later"));
    }
    core(scenario)?;
    for (place, command) in scenario.commands.iter().enumerate() {
        let path = top.field("commands").index(place);
        node_exists(command.to, scenario.nodes, || path.field("to"))?;
        before_the_end(command.at, scenario.until, "a command", || path.field("at"))?;
    }
    faults(scenario, &scenario.faults)?;
    for (place, expect) in scenario.expect.iter().enumerate() {
        expectation(scenario, expect, &top.field("expect").index(place))?;
    }
    Ok(())
}

fn expectation<P: Protocol>(
    scenario: &File<P>,
    expect: &Expect<P::Property>,
    path: &Path,
) -> Result<(), Reason> {
    let (name, within) = match expect {
        Expect::Eventually { within, .. } => ("Eventually", *within),
        Expect::LeadsTo { within, .. } => ("LeadsTo", *within),
        Expect::Always(_) | Expect::Sometimes(_) => return Ok(()),
    };
    let is_eventually = name == "Eventually";
    let Some(calm_at) = scenario.calm_at.or((!is_eventually).then_some(TimeSpan::ZERO)) else {
        return Err(Reason::new("`Eventually` counts from the calm, and there is none")
            .at(path.clone())
            .help("give the scenario a `calm_at`"));
    };
    let deadline = calm_at.as_nanos().saturating_add(within.as_nanos());
    let is_judged = if is_eventually {
        deadline <= scenario.until.as_nanos()
    } else {
        deadline < scenario.until.as_nanos()
    };
    if is_judged {
        return Ok(());
    }
    let deadline = TimeSpan::from_nanos(deadline);
    let enough = if is_eventually {
        format!("{deadline} or later")
    } else {
        format!("later than {deadline}")
    };
    let since = match scenario.calm_at {
        Some(calm_at) => format!("calm is at {calm_at}"),
        None => format!("it may take {within}"),
    };
    Err(Reason::new(format!("the run ends at {}, before this is due", scenario.until))
        .at(path.field(name).field("within"))
        .help(format!("{since}: set `until` to {enough}")))
}

/// Nodes that join later: they exist, each is named once, and somebody is there before them.
fn absent<P: Protocol>(scenario: &File<P>) -> Result<(), Reason> {
    let path = Path::root().field("absent");
    each_once(&scenario.absent, scenario.nodes, &path)?;
    if scenario.absent.len() == scenario.nodes as usize {
        return Err(Reason::new("nobody is there when the run begins")
            .at(path)
            .help("leave a node out of `absent`: it starts with the run"));
    }
    Ok(())
}

/// For whom the calm is.
fn core<P: Protocol>(scenario: &File<P>) -> Result<(), Reason> {
    let path = Path::root().field("calm_for");
    each_once(&scenario.calm_for, scenario.nodes, &path)?;
    if !scenario.calm_for.is_empty() && scenario.calm_at.is_none() {
        return Err(Reason::new("a calm for some nodes, and no time when it begins")
            .at(path)
            .help("give the scenario a `calm_at`"));
    }
    Ok(())
}

fn each_once(nodes: &[NodeId], count: u32, path: &Path) -> Result<(), Reason> {
    for (place, node) in nodes.iter().enumerate() {
        let path = || path.index(place);
        node_exists(*node, count, path)?;
        if nodes[..place].contains(node) {
            return Err(Reason::new(format!("node {} stands twice", node.number()))
                .at(path())
                .help("name it once"));
        }
    }
    Ok(())
}

fn node_exists(node: NodeId, nodes: u32, path: impl Fn() -> Path) -> Result<(), Reason> {
    if node.number() <= nodes {
        return Ok(());
    }
    Err(Reason::new(format!("there is no node {} of {nodes}", node.number()))
        .at(path())
        .help(format!("nodes are 1 to {nodes}")))
}

fn before_the_end(
    at: TimeSpan,
    until: TimeSpan,
    what: &str,
    path: impl Fn() -> Path,
) -> Result<(), Reason> {
    if at < until {
        return Ok(());
    }
    Err(Reason::new(format!("{what} at {at} never comes: the run ends at {until}"))
        .at(path())
        .help("let it happen sooner, or set `until` to a later time"))
}
