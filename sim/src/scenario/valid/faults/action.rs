//! What a fault does is possible among the scenario's nodes.

use rehearsal_machine::NodeId;

use crate::fault::{Action, Rate};
use crate::network::{Link, Network, SessionPairs, pairs_of};
use crate::scenario::Conditions;
use crate::scenario::valid::bounds::{each_pair_once, node_exists};
use crate::source::{Path, Reason, TimeSpan};

pub(super) fn action(conditions: &Conditions, action: &Action, path: &Path) -> Result<(), Reason> {
    match action {
        Action::Upgrade(_) if !conditions.has_upgrade => {
            Err(Reason::new("the scenario does not say what to upgrade to").at(path.clone()).help(
                format!("give it a second configuration: `upgrade: {}((..))`", conditions.protocol),
            ))
        }
        Action::Drift { by: Rate::Slow(ratio), .. } if ratio.is_always() => {
            Err(Reason::new("a clock that loses all of the time stands still")
                .at(path.field("Drift").field("by"))
                .help("let it lose less than all: `Slow(\"1/2\")`"))
        }
        Action::BreakAny(count) => {
            let sessions = sessions(&conditions.network, conditions.nodes, path)?.count();
            if *count == 0 || u64::from(*count) > sessions {
                let plural = if sessions == 1 { "session" } else { "sessions" };
                let message = format!("the network has {sessions} {plural} to break");
                return Err(Reason::new(message).at(path.field("BreakAny")).help(
                    if sessions == 1 {
                        "give 1".to_owned()
                    } else {
                        format!("give 1 to {sessions}")
                    },
                ));
            }
            Ok(())
        }
        _ => on_network(action, &conditions.network, conditions.nodes, path),
    }
}

/// What is wrong with a partition, a cut, a hold or a break in this network.
pub(in crate::scenario) fn on_network(
    action: &Action,
    network: &Network,
    nodes: u32,
    path: &Path,
) -> Result<(), Reason> {
    match action {
        Action::Break(pairs) => breaks(pairs, &sessions(network, nodes, path)?, nodes, path),
        _ => on_links(action, nodes, path),
    }
}

fn sessions(network: &Network, nodes: u32, path: &Path) -> Result<SessionPairs, Reason> {
    let sessions = network.sessions.as_ref().ok_or_else(|| {
        Reason::new("the network has no sessions that could break")
            .at(path.clone())
            .help("give it some: `network: (.., sessions: ())`")
    })?;
    Ok(SessionPairs::new(Some(sessions), nodes))
}

fn breaks(
    pairs: &[(NodeId, NodeId)],
    sessions: &SessionPairs,
    nodes: u32,
    path: &Path,
) -> Result<(), Reason> {
    let path = path.field("Break");
    if pairs.is_empty() {
        return Err(Reason::new("this breaks no session")
            .at(path)
            .help("name pairs of nodes: `Break([(1, 2)])`"));
    }
    for (place, (one, other)) in pairs.iter().enumerate() {
        link(*one, *other, nodes, |end| path.index(place).index(end))?;
        if !sessions.has(Link::new(*one, *other)) {
            return Err(Reason::new(format!("{one} and {other} have no session"))
                .at(path.index(place))
                .help("add the pair to `sessions`, or name one that is there"));
        }
    }
    each_pair_once(pairs, &path)
}

/// The same of what is about links, with sessions or without.
fn on_links(action: &Action, nodes: u32, path: &Path) -> Result<(), Reason> {
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
        Action::Hold { from, to } => ends(*from, *to, nodes, &path.field("Hold")),
        Action::Release { from, to } => ends(*from, *to, nodes, &path.field("Release")),
        Action::Split(sizes) => split(sizes, nodes, &path.field("Split")),
        Action::CutAny(pairs) if *pairs == 0 || u64::from(*pairs) > pairs_of(nodes) => {
            Err(Reason::new(format!("{nodes} nodes have {} links to cut", pairs_of(nodes)))
                .at(path.field("CutAny"))
                .help(format!("give 1 to {}", pairs_of(nodes))))
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

fn split(sizes: &[u32], nodes: u32, path: &Path) -> Result<(), Reason> {
    if let Some(place) = sizes.iter().position(|size| *size == 0) {
        return Err(Reason::new("a side without nodes").at(path.index(place)).help("leave it out"));
    }
    let named: u64 = sizes.iter().copied().map(u64::from).sum();
    if named > u64::from(nodes) {
        return Err(Reason::new(format!("these sides have {named} nodes, and there are {nodes}"))
            .at(path.clone())
            .help("make a side smaller"));
    }
    if sizes.len() + usize::from(named < u64::from(nodes)) < 2 {
        return Err(Reason::new("this partition has one side and separates nobody")
            .at(path.clone())
            .help("give the sizes of two sides, or leave nodes for another one"));
    }
    Ok(())
}
