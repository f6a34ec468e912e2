//! What a scenario says of a detector, as a machine and in words.

use std::fmt;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::central::{self, Central};
use rehearsal_protocol::deadlock::chasing::{self, Chasing};
use rehearsal_protocol::deadlock::diffusing::{self, Diffusing};
use rehearsal_protocol::deadlock::hierarchy::{self, Hierarchy, Tree};
use rehearsal_protocol::deadlock::labels::{self, Labels};
use rehearsal_protocol::deadlock::snapshot::{self, Snapshot};
use rehearsal_protocol::deadlock::{Detector, Early, Victims};
use rehearsal_sim::Reason;
use rehearsal_sim::source::TimeSpan;

use super::form::{Controller, Form};

impl Form {
    /// The detector of node `me`. A hierarchy's tree has been made of its
    /// controllers before.
    pub(super) fn machine(&self, nodes: u32, tree: Option<&Arc<Tree>>, me: NodeId) -> Detector {
        let central = |form, [period, window, ask]: [&TimeSpan; 3], victims| {
            let [period, window, ask] = [period, window, ask].map(|span| span.as_duration());
            Central::new(central::Config { nodes, form, period, window, ask, victims }, me).into()
        };
        match self {
            Self::Paper { as_printed, period, window, ask } => {
                let form =
                    if *as_printed { central::Form::AsPrinted } else { central::Form::AsMeant };
                central(form, [period, window, ask], None)
            }
            Self::TwoPhase { period, window, ask } => {
                central(central::Form::TwoPhase, [period, window, ask], None)
            }
            Self::Confirmed { period, window, ask, victims } => {
                central(central::Form::Confirmed, [period, window, ask], *victims)
            }
            Self::Snapshot { period, victims } => {
                let period = period.as_duration();
                Snapshot::new(snapshot::Config { nodes, period, victims: *victims }, me).into()
            }
            Self::Hierarchy { period, window, ask, victims, .. } => {
                // A configuration is checked before a node is built of it.
                let tree = tree.expect("the tree is made when it is checked").clone();
                let [period, window, ask] = [period, window, ask].map(|span| span.as_duration());
                let rules = hierarchy::Config { tree, period, window, ask, victims: *victims };
                Hierarchy::new(rules, me).into()
            }
            Self::Chasing { patience, period, overtaken, victims } => {
                let (patience, period) = (patience.as_duration(), period.as_duration());
                let (early, victims) = (*overtaken, *victims);
                Chasing::new(chasing::Config { nodes, patience, period, early, victims }, me).into()
            }
            Self::Diffusing { patience, period, overtaken, victims } => {
                let (patience, period) = (patience.as_duration(), period.as_duration());
                let (early, victims) = (*overtaken, *victims);
                Diffusing::new(diffusing::Config { nodes, patience, period, early, victims }, me)
                    .into()
            }
            Self::Labels { period, resolve } => {
                let period = period.as_duration();
                Labels::new(labels::Config { nodes, period, resolves: *resolve }, me).into()
            }
        }
    }

    /// The tree of a hierarchy.
    pub(super) fn tree(&self, nodes: u32) -> Result<Option<Arc<Tree>>, Reason> {
        let Self::Hierarchy { controllers, .. } = self else { return Ok(None) };
        let place = self.path().field("controllers");
        let mut of_nodes: Vec<Option<NodeId>> = vec![None; nodes as usize];
        let nobody = |node: NodeId, path| {
            Reason::new(format!("there is no node {}", node.number()))
                .at(path)
                .help(format!("nodes are numbered from 1 to {nodes}"))
        };
        for (index, Controller { node, of }) in controllers.iter().enumerate() {
            if node.number() > nodes {
                return Err(nobody(*node, place.index(index).field("node")));
            }
            for (within, below) in of.iter().enumerate() {
                let path = place.index(index).field("of").index(within);
                let Some(controller) = of_nodes.get_mut(below.index()) else {
                    return Err(nobody(*below, path));
                };
                if let Some(other) = controller.replace(*node) {
                    return Err(Reason::new(format!("{below} has a controller already, {other}"))
                        .at(path)
                        .help("name each node below one controller"));
                }
            }
        }
        let tree = Tree::new(of_nodes);
        tree.map(|tree| Some(Arc::new(tree)))
            .map_err(|misfit| Reason::new(misfit.to_string()).at(place))
    }
}

/// For the head of a trace.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Paper { as_printed: true, .. } => "the paper's, as printed",
            Self::Paper { .. } => "the paper's, as meant",
            Self::TwoPhase { .. } => "two-phase",
            Self::Confirmed { .. } => "confirmed",
            Self::Snapshot { .. } => "snapshot",
            Self::Hierarchy { .. } => "hierarchy",
            Self::Chasing { .. } => "chasing",
            Self::Diffusing { .. } => "diffusing",
            Self::Labels { .. } => "labels",
        })?;
        self.spans().into_iter().try_for_each(|(name, span)| write!(f, ", {name} {span}"))?;
        if let Self::Chasing { patience, overtaken, .. }
        | Self::Diffusing { patience, overtaken, .. } = self
        {
            if *patience != TimeSpan::ZERO {
                write!(f, ", patience {patience}")?;
            }
            if *overtaken == Early::Buffer {
                f.write_str(", holds what overtakes")?;
            }
        }
        match self.victims() {
            Some(Victims::Youngest) => f.write_str(", the youngest gives up"),
            Some(_) => f.write_str(", the highest gives up"),
            None if self.resolves() => f.write_str(", who finds it gives up"),
            None => Ok(()),
        }
    }
}
