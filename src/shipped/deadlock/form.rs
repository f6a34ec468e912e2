use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::{Early, Victims};
use rehearsal_sim::source::{Path, TimeSpan};
use serde::Deserialize;

/// Which detector, and its own parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Form {
    /// The paper's: a leader collects lists of which nodes wait for which.
    Paper {
        /// Its rule as it is printed, which never finds anything.
        #[serde(default)]
        as_printed: bool,
        /// From the beginning of one collect to that of the next.
        period: TimeSpan,
        /// The time limit of a collect.
        window: TimeSpan,
        /// How often those are asked again that have not answered.
        ask: TimeSpan,
    },
    /// A leader collects such lists twice.
    TwoPhase {
        /// From the beginning of one collect to that of the next.
        period: TimeSpan,
        /// The time limit of each of the two phases.
        window: TimeSpan,
        /// How often those are asked again that have not answered.
        ask: TimeSpan,
    },
    /// A leader collects both tables once.
    Confirmed {
        /// From the beginning of one collect to that of the next.
        period: TimeSpan,
        /// The time limit of a collect.
        window: TimeSpan,
        /// How often those are asked again that have not answered.
        ask: TimeSpan,
        /// Who gives up.
        #[serde(default)]
        victims: Option<Victims>,
    },
    /// A leader has everybody record one state of the whole.
    Snapshot {
        /// From the beginning of one snapshot to that of the next.
        period: TimeSpan,
        /// Who gives up.
        #[serde(default)]
        victims: Option<Victims>,
    },
    /// Controllers in a tree find what lies below them.
    Hierarchy {
        /// Which node controls which.
        controllers: Vec<Controller>,
        /// From the beginning of one round to that of the next.
        period: TimeSpan,
        /// The time limit of a round for each level.
        window: TimeSpan,
        /// How often those are asked again that have not answered.
        ask: TimeSpan,
        /// Who gives up.
        #[serde(default)]
        victims: Option<Victims>,
    },
    /// A waiting process sends probes to the processes it waits for: the AND model.
    Chasing {
        /// How long it waits before the first.
        #[serde(default)]
        patience: TimeSpan,
        /// From the beginning of one round to that of the next.
        period: TimeSpan,
        /// What becomes of a probe that comes before its request.
        #[serde(default)]
        overtaken: Early,
        /// Who gives up.
        #[serde(default)]
        victims: Option<Victims>,
    },
    /// A waiting process asks the processes it waits for whether they wait too: the OR model.
    Diffusing {
        /// How long it waits before the first question.
        #[serde(default)]
        patience: TimeSpan,
        /// From the beginning of one round to that of the next.
        period: TimeSpan,
        /// What becomes of a question that comes before its request.
        #[serde(default)]
        overtaken: Early,
        /// Who gives up.
        #[serde(default)]
        victims: Option<Victims>,
    },
    /// Labels are handed back to those who wait: the single-resource model.
    Labels {
        /// How often who waits is told again.
        period: TimeSpan,
        /// Whether who finds a deadlock gives up.
        #[serde(default)]
        resolve: bool,
    },
}

/// A controller of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Which node.
    pub(super) node: NodeId,
    /// The nodes that it controls.
    pub(super) of: Vec<NodeId>,
}

impl Form {
    /// Where its fields stand.
    pub(super) fn path(&self) -> Path {
        let variant = match self {
            Self::Paper { .. } => "Paper",
            Self::TwoPhase { .. } => "TwoPhase",
            Self::Confirmed { .. } => "Confirmed",
            Self::Snapshot { .. } => "Snapshot",
            Self::Hierarchy { .. } => "Hierarchy",
            Self::Chasing { .. } => "Chasing",
            Self::Diffusing { .. } => "Diffusing",
            Self::Labels { .. } => "Labels",
        };
        Path::root().field("detector").field(variant)
    }

    /// Does a leader look for deadlocks?
    pub(super) fn needs_leader(&self) -> bool {
        match self {
            Self::Paper { .. }
            | Self::TwoPhase { .. }
            | Self::Confirmed { .. }
            | Self::Snapshot { .. } => true,
            Self::Hierarchy { .. }
            | Self::Chasing { .. }
            | Self::Diffusing { .. }
            | Self::Labels { .. } => false,
        }
    }

    /// Who gives up, if anybody does by a rule that is given.
    pub(super) fn victims(&self) -> Option<Victims> {
        match self {
            Self::Confirmed { victims, .. }
            | Self::Snapshot { victims, .. }
            | Self::Hierarchy { victims, .. }
            | Self::Chasing { victims, .. }
            | Self::Diffusing { victims, .. } => *victims,
            Self::Paper { .. } | Self::TwoPhase { .. } | Self::Labels { .. } => None,
        }
    }

    /// Does anybody give up?
    pub(super) fn resolves(&self) -> bool {
        self.victims().is_some() || matches!(self, Self::Labels { resolve: true, .. })
    }

    /// Its spans that must not be nothing.
    pub(super) fn spans(&self) -> Vec<(&'static str, TimeSpan)> {
        match self {
            Self::Paper { period, window, ask, .. }
            | Self::TwoPhase { period, window, ask }
            | Self::Confirmed { period, window, ask, .. }
            | Self::Hierarchy { period, window, ask, .. } => {
                vec![("period", *period), ("window", *window), ("ask", *ask)]
            }
            Self::Snapshot { period, .. }
            | Self::Chasing { period, .. }
            | Self::Diffusing { period, .. }
            | Self::Labels { period, .. } => vec![("period", *period)],
        }
    }
}
