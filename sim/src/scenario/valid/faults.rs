use std::collections::BTreeSet;

use rehearsal_machine::{NodeId, is_hidden, printable};

use super::bounds::{before_the_end, node_exists};
use super::network;
use crate::fault::{Action, Fault, Rate, Target, Trigger, When};
use crate::scenario::Conditions;
use crate::source::{Path, Reason, TimeSpan};

pub(in crate::scenario) fn faults(conditions: &Conditions, faults: &[Fault]) -> Result<(), Reason> {
    let mut names = BTreeSet::new();
    for (place, fault) in faults.iter().enumerate() {
        let path = Path::root().field("faults").index(place);
        if let Some(name) = &fault.name {
            let path = || path.field("name");
            can_be_named(name, path)?;
            if !names.insert(name) {
                return Err(Reason::new(format!("two faults are called `{name}`"))
                    .at(path())
                    .help("give each a name of its own"));
            }
        }
        when(conditions, fault, &path)?;
        let path = path.field("do");
        message(fault, &path)?;
        target(conditions, fault, &path)?;
        action(conditions, &fault.action, &path)?;
    }
    Ok(())
}

/// A line of a story and a key of a plan can show the name.
fn can_be_named(name: &str, path: impl FnOnce() -> Path) -> Result<(), Reason> {
    let refused = |message: String, help: &str| Err(Reason::new(message).at(path()).help(help));
    if name.trim().is_empty() {
        return refused("a fault's name is empty".to_owned(), "give a word, or leave `name` out");
    }
    match name.chars().find(|letter| is_hidden(*letter) || "\"\\".contains(*letter)) {
        Some(letter @ ('"' | '\\')) => {
            refused(format!("a fault's name has a `{letter}`"), "leave the character out")
        }
        Some(hidden) => {
            refused(cannot_be_seen("a fault's name", hidden), "leave the character out")
        }
        None => Ok(()),
    }
}

fn cannot_be_seen(what: &str, hidden: char) -> String {
    let hidden = hidden.to_string();
    format!("{what} has the character `{}`, which no reader can see", printable(&hidden))
}

fn when(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    match &fault.when {
        When::At(at) => {
            let path = || path.field("at");
            before_the_end(*at, conditions.until, "a fault", path)?;
            after_the_calm(conditions, *at, &fault.action, path)
        }
        When::On(trigger) => triggered(conditions.nodes, trigger, &path.field("when")),
        When::Every(gap) => {
            let path = path.field("every");
            network::delay(gap, &path)?;
            if gap.most() == 0 {
                return Err(Reason::new("a fault that strikes again and again without a pause")
                    .at(path)
                    .help("give a distribution with time in between: `Exponential(\"2s\")`"));
            }
            Ok(())
        }
    }
}

/// What the calm protects is not to be disturbed any more.
fn after_the_calm(
    conditions: &Conditions,
    at: TimeSpan,
    action: &Action,
    path: impl Fn() -> Path,
) -> Result<(), Reason> {
    let Some(calm_at) = conditions.calm_at.filter(|calm_at| at >= *calm_at) else { return Ok(()) };
    if action.is_start() {
        return Ok(());
    }
    let message = format!("a fault after the calm, which begins at {calm_at}");
    let Some(core) = &conditions.calm_for else {
        return Err(Reason::new(message)
            .at(path())
            .help("after the calm nodes may only be restarted"));
    };
    match action.target() {
        Some((_, Target::Node(node))) if core.contains(&node) => {
            Err(Reason::new(format!("{message}, on a node that it is for"))
                .at(path())
                .help("after the calm the nodes of `calm_for` may only be restarted"))
        }
        _ => Ok(()),
    }
}

fn triggered(nodes: u32, trigger: &Trigger, path: &Path) -> Result<(), Reason> {
    let path = path.field(trigger.name());
    if let Trigger::Sends { kind: Some(kind), .. } | Trigger::Receives { kind: Some(kind), .. } =
        trigger
        && let Some(hidden) = kind.chars().find(|letter| is_hidden(*letter))
    {
        return Err(Reason::new(cannot_be_seen("a kind of messages", hidden))
            .at(path.field("kind"))
            .help("write the kind as a trace shows it"));
    }
    trigger.nodes().try_for_each(|(field, node)| node_exists(node, nodes, || path.field(field)))
}

fn message(fault: &Fault, path: &Path) -> Result<(), Reason> {
    if fault.action.is_on_message() && !matches!(fault.when, When::On(Trigger::Sends { .. })) {
        return Err(Reason::new("this acts on a message, and no message is named")
            .at(path.clone())
            .help("give `when: Sends(..)`"));
    }
    Ok(())
}

fn target(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    let Some((fields, target)) = fault.action.target() else { return Ok(()) };
    let path = || fields.iter().fold(path.clone(), |path, field| path.field(*field));
    match target {
        Target::Node(node) => node_exists(node, conditions.nodes, path)?,
        Target::It if !matches!(fault.when, When::On(_)) => {
            return Err(Reason::new("\"it\" is the node of an event, and none is named")
                .at(path())
                .help("give `when: ..`, or name a node, a role or \"any\""));
        }
        Target::It | Target::Role(_) | Target::Any => {}
    }
    match fault.action {
        Action::Start(node) if !conditions.absent.contains(&node) => {
            Err(Reason::new(format!("node {} starts with the run", node.number()))
                .at(path())
                .help("list it in `absent`, or `Restart` it after a crash"))
        }
        _ => Ok(()),
    }
}

fn action(conditions: &Conditions, action: &Action, path: &Path) -> Result<(), Reason> {
    let nodes = conditions.nodes;
    match action {
        Action::Partition(sides) => partition(sides, nodes, &path.field("Partition")),
        Action::Flap { sides, cut, open } => {
            let path = path.field("Flap");
            partition(sides, nodes, &path.field("sides"))?;
            for (name, span) in [("cut", cut), ("open", open)] {
                if *span == TimeSpan::ZERO {
                    return Err(Reason::new("a partition that comes and goes within an instant")
                        .at(path.field(name))
                        .help("give a span longer than nothing"));
                }
            }
            Ok(())
        }
        Action::OneWay { from, to } => {
            let path = path.field("OneWay");
            for (name, side) in [("from", from), ("to", to)] {
                for (place, node) in side.iter().enumerate() {
                    node_exists(*node, nodes, || path.field(name).index(place))?;
                }
            }
            if from.iter().all(|from| to.iter().all(|to| from == to)) {
                return Err(Reason::new("this cuts off nobody")
                    .at(path)
                    .help("name a sender in `from` and another node in `to`"));
            }
            Ok(())
        }
        Action::Cut(pairs) => {
            let path = path.field("Cut");
            if pairs.is_empty() {
                return Err(cuts_nobody(path));
            }
            pairs.iter().enumerate().try_for_each(|(place, (one, other))| {
                link(*one, *other, nodes, |end| path.index(place).index(end))
            })
        }
        Action::Upgrade(_) if !conditions.has_upgrade => {
            Err(Reason::new("the scenario does not say what to upgrade to").at(path.clone()).help(
                format!("give it a second configuration: `upgrade: {}((..))`", conditions.protocol),
            ))
        }
        Action::Hold { from, to } => ends(*from, *to, nodes, &path.field("Hold")),
        Action::Release { from, to } => ends(*from, *to, nodes, &path.field("Release")),
        Action::Drift { by: Rate::Slow(ratio), .. } if ratio.is_always() => {
            Err(Reason::new("a clock that loses all of the time stands still")
                .at(path.field("Drift").field("by"))
                .help("let it lose less than all: `Slow(\"1/2\")`"))
        }
        _ => Ok(()),
    }
}

fn cuts_nobody(path: Path) -> Reason {
    Reason::new("this cuts off nobody").at(path).help("name pairs of nodes: `Cut([(1, 2)])`")
}

fn ends(from: NodeId, to: NodeId, nodes: u32, path: &Path) -> Result<(), Reason> {
    link(from, to, nodes, |end| path.field(["from", "to"][end]))
}

/// Both ends of a link exist, and differ: nothing disturbs the way to oneself.
fn link(
    one: NodeId,
    other: NodeId,
    nodes: u32,
    path: impl Fn(usize) -> Path,
) -> Result<(), Reason> {
    node_exists(one, nodes, || path(0))?;
    node_exists(other, nodes, || path(1))?;
    if one == other {
        return Err(Reason::new("nothing stands between a node and itself")
            .at(path(1))
            .help("name two different nodes"));
    }
    Ok(())
}

fn partition(sides: &[Vec<NodeId>], count: u32, path: &Path) -> Result<(), Reason> {
    let mut seen = vec![false; count as usize];
    for (side, nodes) in sides.iter().enumerate() {
        for (place, node) in nodes.iter().enumerate() {
            let path = || path.index(side).index(place);
            node_exists(*node, count, path)?;
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
            .at(path.clone())
            .help("name two sides, or leave the nodes of the other side out"));
    }
    Ok(())
}
