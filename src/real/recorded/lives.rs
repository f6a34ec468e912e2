use std::collections::BTreeSet;

use rehearsal_machine::NodeId;
use rehearsal_tcp::recording::{Header, Life, Step};
use serde::Serialize;

use super::Problem;
use crate::real::{Kept, Membership};

/// A recorded life, and the cluster that its node belonged to.
pub struct RecordedLife {
    /// The file in which it was found.
    pub file: String,
    /// What is recorded, without steps that a kill has undone.
    pub life: Life,
    /// The steps at the end that were recorded, but never took place: the node was killed before
    /// their saves were on its disk, and its next life started without them.
    pub undone: Vec<Step>,
    /// How many bytes of a last step were left out, if the node was killed
    /// while it wrote them.
    pub torn: Option<u64>,
    pub(super) membership: Membership,
}

/// Recorded lives of the nodes of one cluster. Nothing here depends on what the
/// nodes ran.
pub(super) struct Lives {
    /// By node, and by life.
    pub(super) lives: Vec<RecordedLife>,
    pub(super) is_on_one_clock: bool,
}

/// Where a step is: in which of the lives, and which of it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) life: usize,
    pub(super) step: usize,
}

/// What is recorded, for a program that reads a joined trace.
#[derive(Debug, Serialize)]
pub struct Summary {
    protocol: String,
    nodes: u32,
    one_clock: bool,
    rosters: Vec<Kept>,
    lives: Vec<LifeSummary>,
}

#[derive(Debug, Serialize)]
struct LifeSummary {
    node: NodeId,
    incarnation: u32,
    /// Its place among the rosters.
    roster: usize,
    steps: usize,
    torn: bool,
    /// How many more steps were recorded, but undone by a kill.
    undone: usize,
    build: String,
}

impl RecordedLife {
    /// The node, and which life of it this is.
    #[must_use]
    pub fn name(&self) -> (NodeId, u32) {
        let Header { node, incarnation, .. } = self.life.header;
        (node, incarnation)
    }

    /// Would the two have let each other in?
    fn talks_to(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.membership, &other.membership);
        ours.digest == theirs.digest
            || ours.also.contains(&theirs.digest)
            || theirs.also.contains(&ours.digest)
    }
}

impl Lives {
    /// Lives that are sorted by name: they have to be of one cluster, and each
    /// is there once.
    pub(super) fn of(lives: Vec<RecordedLife>) -> Result<Self, Problem> {
        let Some(first) = lives.first() else { return Err(Problem::Nothing) };
        let clusters = |other: &RecordedLife, differ| Problem::Clusters {
            one: first.file.clone(),
            other: other.file.clone(),
            differ,
        };
        for other in &lives {
            if other.life.header.protocol != first.life.header.protocol {
                return Err(clusters(other, "their protocols"));
            }
            if other.membership.roster.cluster() != first.membership.roster.cluster() {
                return Err(clusters(other, "the names of their clusters"));
            }
            if !other.talks_to(first) {
                return Err(clusters(other, "their configurations"));
            }
        }
        for pair in lives.windows(2) {
            let [one, other] = pair else { continue };
            if one.name() == other.name() {
                let (node, incarnation) = one.name();
                let (one, other) = (one.file.clone(), other.file.clone());
                return Err(Problem::Twice { one, other, node, incarnation });
            }
        }
        let is_same = |pair: &[RecordedLife]| {
            let [one, other] = pair else { return true };
            one.life.header.clock.is_same_as(&other.life.header.clock)
        };
        let is_on_one_clock = lives.windows(2).all(is_same);
        Ok(Self { lives, is_on_one_clock })
    }

    /// How many nodes the cluster has, recorded or not.
    pub(super) fn nodes(&self) -> u32 {
        self.lives.first().map_or(0, |lived| lived.life.header.nodes)
    }

    /// The nodes of the cluster of which nothing is recorded.
    pub(super) fn missing(&self) -> Vec<NodeId> {
        let recorded = self.lives.iter().filter(|lived| !lived.life.steps.is_empty());
        let recorded: BTreeSet<_> = recorded.map(|lived| lived.life.header.node).collect();
        NodeId::all(self.nodes()).filter(|node| !recorded.contains(node)).collect()
    }

    pub(super) fn step(&self, place: Place) -> &Step {
        &self.lives[place.life].life.steps[place.step]
    }

    pub(super) fn summary(&self) -> Summary {
        let mut rosters: Vec<Kept> = Vec::new();
        let mut lives = Vec::new();
        for lived in &self.lives {
            let RecordedLife { life: Life { header, steps }, undone, torn, membership, .. } = lived;
            let kept = &membership.kept;
            let roster = rosters.iter().position(|other| other == kept).unwrap_or_else(|| {
                rosters.push(kept.clone());
                rosters.len() - 1
            });
            lives.push(LifeSummary {
                node: header.node,
                incarnation: header.incarnation,
                roster,
                steps: steps.len(),
                torn: torn.is_some(),
                undone: undone.len(),
                build: header.build.clone(),
            });
        }
        let protocol = self.lives.first().map(|lived| lived.life.header.protocol.clone());
        Summary {
            protocol: protocol.unwrap_or_default(),
            nodes: self.nodes(),
            one_clock: self.is_on_one_clock,
            rosters,
            lives,
        }
    }
}
