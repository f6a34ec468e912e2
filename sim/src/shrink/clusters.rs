//! What goes together: if it has nothing to do with the failure, one run shows
//! it of all its parts.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::NodeId;

use super::draft::{Draft, Part, nodes_of, place_of};
use crate::plan::{Decision, DecisionKey};

/// What the parts of a cluster have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    Commands,
    Faults,
    /// All decisions: many failures need none.
    Decisions,
    /// Decisions of one sort: all losses, all delays.
    Sort(Sort),
    /// Decisions on a node's messages, timers and draws.
    Node(NodeId),
    Incarnation(NodeId, u32),
    Link(NodeId, NodeId),
    /// Decisions on a kind of message, or on a timer by its name.
    Kind(String),
    /// The same number of a kind on all links: one round of the protocol.
    Round(String, u32),
    /// Strikes of one fault.
    Fault(usize),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Lost,
    Late,
    Doubled,
    Armed,
    Drawn,
    Struck,
    Given,
}

/// The clusters of a draft that have at least two parts, the largest first, and of
/// the same size in a fixed order.
pub(super) fn clusters(draft: &Draft) -> Vec<Vec<Part>> {
    let mut clusters: BTreeMap<Common, Vec<Part>> = BTreeMap::new();
    let mut add = |common, part| clusters.entry(common).or_default().push(part);
    for command in &draft.commands {
        add(Common::Commands, Part::Command(command.place));
        add(Common::Node(command.to), Part::Command(command.place));
    }
    for (place, _) in &draft.faults {
        add(Common::Faults, Part::Fault(*place));
    }
    for (key, decision) in &draft.decisions {
        for common in commons(key, decision) {
            add(common, Part::Decision(key.clone()));
        }
    }
    let mut clusters: Vec<_> = clusters.into_values().filter(|parts| parts.len() > 1).collect();
    clusters.sort_by_key(|parts| std::cmp::Reverse(parts.len()));
    let mut met = BTreeSet::new();
    clusters.retain(|parts| met.insert(parts.clone()));
    clusters
}

fn commons(key: &DecisionKey, decision: &Decision) -> Vec<Common> {
    let sort = match decision {
        Decision::Lose | Decision::Corrupt => Sort::Lost,
        Decision::Delay(_) => Sort::Late,
        Decision::Duplicate(_) => Sort::Doubled,
        Decision::Arm(_) => Sort::Armed,
        Decision::Draw(_) => Sort::Drawn,
        Decision::Strike { .. } | Decision::Spare => Sort::Struck,
        Decision::Drop | Decision::At(_) => Sort::Given,
    };
    let mut commons = vec![Common::Decisions, Common::Sort(sort)];
    commons.extend(nodes_of(key).into_iter().flatten().map(Common::Node));
    commons.extend(place_of(key).map(Common::Fault));
    match key {
        DecisionKey::Message(message) => {
            commons.push(Common::Link(message.from, message.to));
            commons.push(Common::Kind(message.kind.to_string()));
            commons.push(Common::Round(message.kind.to_string(), message.nth));
        }
        DecisionKey::Timer(timer) => {
            commons.push(Common::Incarnation(timer.node, timer.incarnation));
            commons.push(Common::Kind(timer.timer.clone()));
            commons.push(Common::Round(timer.timer.clone(), timer.nth));
        }
        DecisionKey::Draw { node, incarnation, .. } => {
            commons.push(Common::Incarnation(*node, *incarnation));
        }
        DecisionKey::Command { .. } | DecisionKey::Fault { .. } => {}
    }
    commons
}
