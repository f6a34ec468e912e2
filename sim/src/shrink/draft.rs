use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rehearsal_machine::NodeId;

use super::Size;
use crate::fault::{Action, Fault, FaultName, Target};
use crate::plan::{Decision, DecisionKey, MessageKey, TimerKey};
use crate::scenario::Changes;
use crate::source::TimeSpan;

/// A plan that is being shrunk: what is left of the first one.
///
/// Faults and commands are known by their places in the first plan, so that they
/// keep their identity when others go. Keys of decisions on faults have these
/// places, too; [`names`](Self::names) gives the names that a plan shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) absent: Vec<NodeId>,
    pub(super) commands: Vec<PlacedCommand>,
    pub(super) faults: Vec<(usize, Fault)>,
    pub(super) decisions: IndexMap<DecisionKey, Decision>,
    pub(super) until: TimeSpan,
    /// Has it the network of the scenario's text again, in place of a drawn one?
    pub(super) has_own_network: bool,
}

/// A command of the run, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlacedCommand {
    pub(super) place: usize,
    pub(super) to: NodeId,
}

/// Something that can go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The node never starts, and whatever is about it goes along.
    Node(NodeId),
    Command(usize),
    /// The fault, with all decisions on it.
    Fault(usize),
    /// The decision is left to the usual.
    Decision(DecisionKey),
}

impl Draft {
    /// All that can go, in order. What came later in the run is tried first: it
    /// is the likelier to have nothing to do with the failure.
    pub(super) fn parts(&self, nodes: u32) -> Vec<Part> {
        let present = NodeId::all(nodes).filter(|node| !self.absent.contains(node));
        let mut parts: Vec<_> = present.map(Part::Node).collect();
        parts.extend(self.commands.iter().map(|command| Part::Command(command.place)));
        parts.extend(self.faults.iter().map(|(place, _)| Part::Fault(*place)));
        parts.extend(self.decisions.keys().cloned().map(Part::Decision));
        parts.reverse();
        parts
    }

    pub(super) fn has(&self, part: &Part) -> bool {
        match part {
            Part::Node(node) => !self.absent.contains(node),
            Part::Command(place) => self.commands.iter().any(|command| command.place == *place),
            Part::Fault(place) => self.faults.iter().any(|(of, _)| of == place),
            Part::Decision(key) => self.decisions.contains_key(key),
        }
    }

    pub(super) fn without<'a>(&self, parts: impl IntoIterator<Item = &'a Part>) -> Self {
        let parts: BTreeSet<&Part> = parts.into_iter().collect();
        let mut draft = self.clone();
        for part in &parts {
            if let Part::Node(node) = part {
                draft.leave_out(*node);
            }
        }
        draft.commands.retain(|command| !parts.contains(&Part::Command(command.place)));
        draft.faults.retain(|(place, _)| !parts.contains(&Part::Fault(*place)));
        let places: BTreeSet<usize> = draft.faults.iter().map(|(place, _)| *place).collect();
        draft.decisions.retain(|key, _| {
            place_of(key).is_none_or(|place| places.contains(&place))
                && !parts.contains(&Part::Decision(key.clone()))
        });
        draft
    }

    fn leave_out(&mut self, node: NodeId) {
        self.absent.push(node);
        self.absent.sort_unstable();
        self.absent.dedup();
        self.commands.retain(|command| command.to != node);
        self.faults.retain(|(_, fault)| !is_about(&fault.action, node));
        self.decisions.retain(|key, decision| {
            let is_struck =
                matches!(decision, Decision::Strike { node: Some(it), .. } if *it == node);
            !is_struck && !nodes_of(key).contains(&Some(node))
        });
    }

    pub(super) fn changes(&self) -> Changes {
        Changes {
            network: None,
            faults: Some(self.faults.iter().map(|(_, fault)| fault.clone()).collect()),
            commands: Some(self.commands.iter().map(|command| command.place).collect()),
            moved: BTreeMap::new(),
            absent: Some(self.absent.clone()),
            until: Some(self.until),
        }
    }

    /// The decisions with the names that the faults have in a plan.
    pub(super) fn named_decisions(&self) -> IndexMap<DecisionKey, Decision> {
        let names = self.names();
        let renamed = |key: &DecisionKey| match key {
            DecisionKey::Fault { fault: FaultName::Place(place), nth } => {
                let name = names.iter().find(|(of, _)| of == place).map(|(_, name)| name.clone());
                DecisionKey::Fault { fault: name.unwrap_or(FaultName::Place(*place)), nth: *nth }
            }
            other => other.clone(),
        };
        self.decisions.iter().map(|(key, decision)| (renamed(key), decision.clone())).collect()
    }

    /// The places of the faults, with their names among those that are left.
    pub(super) fn names(&self) -> Vec<(usize, FaultName)> {
        let faults: Vec<_> = self.faults.iter().map(|(_, fault)| fault.clone()).collect();
        let places = self.faults.iter().map(|(place, _)| *place);
        places.zip(FaultName::all(&faults)).collect()
    }

    pub(super) fn size(&self, nodes: u32) -> Size {
        Size {
            nodes: nodes as usize - self.absent.len(),
            commands: self.commands.len(),
            faults: self.faults.len(),
            decisions: self.decisions.len(),
        }
    }
}

/// The place of the fault that a decision is on.
pub(super) fn place_of(key: &DecisionKey) -> Option<usize> {
    match key {
        DecisionKey::Fault { fault: FaultName::Place(place), .. } => Some(*place),
        _ => None,
    }
}

/// The nodes that a decision names.
pub(super) fn nodes_of(key: &DecisionKey) -> [Option<NodeId>; 2] {
    match key {
        DecisionKey::Message(MessageKey { from, to, .. }) => [Some(*from), Some(*to)],
        DecisionKey::Timer(TimerKey { node, .. })
        | DecisionKey::Draw { node, .. }
        | DecisionKey::Command { node, .. } => [Some(*node), None],
        DecisionKey::Fault { .. } => [None; 2],
    }
}

/// Does it strike this node, by its number?
fn is_about(action: &Action, node: NodeId) -> bool {
    matches!(action.target(), Some((_, Target::Node(target))) if target == node)
}
