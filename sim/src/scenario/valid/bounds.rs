//! Nodes and times that a scenario names lie within it.

use std::collections::BTreeSet;

use rehearsal_machine::NodeId;

use crate::source::{Path, Reason, TimeSpan};

pub(super) fn node_exists(
    node: NodeId,
    nodes: u32,
    path: impl FnOnce() -> Path,
) -> Result<(), Reason> {
    if node.number() <= nodes {
        return Ok(());
    }
    Err(Reason::new(format!("there is no node {} of {nodes}", node.number()))
        .at(path())
        .help(format!("nodes are 1 to {nodes}")))
}

/// Every node exists and is listed once.
pub(super) fn each_once(nodes: &[NodeId], count: u32, path: &Path) -> Result<(), Reason> {
    let mut listed = BTreeSet::new();
    for (place, node) in nodes.iter().enumerate() {
        let path = || path.index(place);
        node_exists(*node, count, path)?;
        if !listed.insert(*node) {
            return Err(Reason::new(format!("node {} stands twice", node.number()))
                .at(path())
                .help("name it once"));
        }
    }
    Ok(())
}

/// Every pair of nodes is listed once, whichever of the two is first.
pub(super) fn each_pair_once(pairs: &[(NodeId, NodeId)], path: &Path) -> Result<(), Reason> {
    let mut listed = BTreeSet::new();
    for (place, (one, other)) in pairs.iter().enumerate() {
        if !listed.insert((one.min(other), one.max(other))) {
            let pair = format!("the pair {} and {}", one.number(), other.number());
            return Err(Reason::new(format!("{pair} stands twice"))
                .at(path.index(place))
                .help("name it once"));
        }
    }
    Ok(())
}

pub(super) fn before_the_end(
    at: TimeSpan,
    until: TimeSpan,
    what: &str,
    path: impl FnOnce() -> Path,
) -> Result<(), Reason> {
    if at < until {
        return Ok(());
    }
    Err(Reason::new(format!("{what} at {at} never comes: the run ends at {until}"))
        .at(path())
        .help("let it happen sooner, or set `until` to a later time"))
}
