//! What a type cannot refuse: nodes that do not exist, times in the wrong order.

use rehearsal_protocol::NodeId;

use super::File;
use crate::check::Expect;
use crate::fault::{Action, Fault, Trigger};
use crate::network::{Law, Network};
use crate::protocol::Protocol;
use crate::queue::MOST_NODES;
use crate::source::{Path, Reason, TimeSpan};

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
    network(&scenario.network, scenario.nodes)?;
    if let Some(workload) = &scenario.workload {
        let path = top.field("workload");
        law(&workload.gap, &path.field("gap"))?;
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

pub(super) fn faults<P: Protocol>(scenario: &File<P>, faults: &[Fault]) -> Result<(), Reason> {
    for (place, fault) in faults.iter().enumerate() {
        let path = Path::root().field("faults").index(place);
        when(scenario, fault, &path)?;
        action(scenario, fault, &path.field("do"))?;
    }
    Ok(())
}

fn network(network: &Network, nodes: u32) -> Result<(), Reason> {
    let path = Path::root().field("network");
    law(&network.delay, &path.field("delay"))?;
    let Some(latency) = &network.latency else { return Ok(()) };
    let path = path.field("latency");
    let size = nodes as usize;
    let help = "give a row for every sender, and in it a span for every receiver";
    if latency.0.len() != size {
        let message = format!("{} rows for {nodes} nodes", latency.0.len());
        return Err(Reason::new(message).at(path).help(help));
    }
    match latency.0.iter().position(|row| row.len() != size) {
        None => Ok(()),
        Some(row) => {
            let message = format!("{} spans for {nodes} nodes", latency.0[row].len());
            Err(Reason::new(message).at(path.index(row)).help(help))
        }
    }
}

fn law(law: &Law, path: &Path) -> Result<(), Reason> {
    law.check().map_err(|reason| reason.within(path))
}

fn when<P: Protocol>(scenario: &File<P>, fault: &Fault, path: &Path) -> Result<(), Reason> {
    match (&fault.at, &fault.when) {
        (Some(at), None) => {
            before_the_end(*at, scenario.until, "a fault", || path.field("at"))?;
            if let Some(calm_at) = scenario.calm_at
                && *at >= calm_at
                && !matches!(fault.action, Action::Restart(_))
            {
                let message = format!("a fault after the calm, which begins at {calm_at}");
                return Err(Reason::new(message)
                    .at(path.field("at"))
                    .help("after the calm nodes may only be restarted"));
            }
            Ok(())
        }
        (None, Some(trigger)) => self::trigger(scenario.nodes, trigger, &path.field("when")),
        (Some(_), Some(_)) | (None, None) => {
            Err(Reason::new("a fault strikes at a time or on an event")
                .at(path.clone())
                .help("give exactly one of `at` and `when`"))
        }
    }
}

fn trigger(nodes: u32, trigger: &Trigger, path: &Path) -> Result<(), Reason> {
    let (path, nth) = match trigger {
        Trigger::Sends { from, to, kind: _, nth } => {
            let path = path.field("Sends");
            for (name, node) in [("from", from), ("to", to)] {
                if let Some(node) = node {
                    node_exists(*node, nodes, || path.field(name))?;
                }
            }
            (path, *nth)
        }
        Trigger::Effect { of, nth } => {
            let path = path.field("Effect");
            node_exists(*of, nodes, || path.field("of"))?;
            (path, *nth)
        }
    };
    if nth == 0 {
        return Err(Reason::new("events are counted from 1")
            .at(path.field("nth"))
            .help("the first one is `nth: 1`"));
    }
    Ok(())
}

fn action<P: Protocol>(scenario: &File<P>, fault: &Fault, path: &Path) -> Result<(), Reason> {
    if fault.action.is_on_message() && !matches!(fault.when, Some(Trigger::Sends { .. })) {
        return Err(Reason::new("this acts on a message, and no message is named")
            .at(path.clone())
            .help("give `when: Sends(..)`"));
    }
    let sides = match &fault.action {
        Action::Partition(sides) => sides.as_slice(),
        Action::Bounce { node, .. } => {
            let path = || path.field("Bounce").field("node");
            return node_exists(*node, scenario.nodes, path);
        }
        Action::Crash(node) => {
            return node_exists(*node, scenario.nodes, || path.field("Crash"));
        }
        Action::Restart(node) => {
            return node_exists(*node, scenario.nodes, || path.field("Restart"));
        }
        Action::Heal | Action::Lose | Action::Delay(_) | Action::Duplicate(_) => return Ok(()),
    };
    let path = path.field("Partition");
    let mut seen = vec![false; scenario.nodes as usize];
    for (side, nodes) in sides.iter().enumerate() {
        for (place, node) in nodes.iter().enumerate() {
            let path = || path.index(side).index(place);
            node_exists(*node, scenario.nodes, path)?;
            if std::mem::replace(&mut seen[node.index()], true) {
                return Err(Reason::new(format!("node {} stands twice", node.number()))
                    .at(path())
                    .help("a node is on one side of a partition"));
            }
        }
    }
    if sides.iter().filter(|side| !side.is_empty()).count() + usize::from(seen.contains(&false)) < 2
    {
        return Err(Reason::new("this partition has one side and separates nobody")
            .at(path)
            .help("name two sides, or leave the nodes of the other side out"));
    }
    Ok(())
}

fn expectation<P: Protocol>(
    scenario: &File<P>,
    expect: &Expect<P::Predicate>,
    path: &Path,
) -> Result<(), Reason> {
    let Expect::Eventually { within, .. } = expect else { return Ok(()) };
    let Some(calm_at) = scenario.calm_at else {
        return Err(Reason::new("`Eventually` counts from the calm, and there is none")
            .at(path.clone())
            .help("give the scenario a `calm_at`"));
    };
    let deadline = calm_at.as_nanos().saturating_add(within.as_nanos());
    if deadline > scenario.until.as_nanos() {
        let deadline = TimeSpan::from_nanos(deadline);
        return Err(Reason::new(format!("the run ends at {}, before this is due", scenario.until))
            .at(path.field("Eventually").field("within"))
            .help(format!("calm is at {calm_at}: set `until` to {deadline} or later")));
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
