use std::fmt;

use rehearsal_protocol::NodeId;
use rehearsal_protocol::deadlock::central::{self, Central};
use rehearsal_protocol::deadlock::{Detector, central::Victims};
use rehearsal_sim::source::{Path, TimeSpan};
use serde::Deserialize;

/// Which detector, and its own parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Form {
    /// The paper's: a leader collects lists of who waits for whom.
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
}

impl Form {
    /// Where its fields stand.
    pub(super) fn path(&self) -> Path {
        Path::root().field("detector").field(self.name())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Paper { .. } => "Paper",
            Self::TwoPhase { .. } => "TwoPhase",
            Self::Confirmed { .. } => "Confirmed",
        }
    }

    /// Does a leader look for deadlocks?
    pub(super) fn needs_leader(&self) -> bool {
        true
    }

    /// Does anybody give up?
    pub(super) fn has_victims(&self) -> bool {
        matches!(self, Self::Confirmed { victims: Some(_), .. })
    }

    /// Its spans, and how long a whole collect may take.
    pub(super) fn spans(&self) -> (Vec<(&'static str, TimeSpan)>, TimeSpan) {
        let (Self::Paper { period, window, ask, .. }
        | Self::TwoPhase { period, window, ask }
        | Self::Confirmed { period, window, ask, .. }) = self;
        (vec![("period", *period), ("window", *window), ("ask", *ask)], *window)
    }

    pub(super) fn machine(&self, nodes: u32, me: NodeId) -> Detector {
        let central = |form, period: TimeSpan, window: TimeSpan, ask: TimeSpan, victims| {
            let rules = central::Rules {
                nodes,
                form,
                period: period.as_duration(),
                window: window.as_duration(),
                ask: ask.as_duration(),
                victims,
            };
            Central::new(rules, me).into()
        };
        match *self {
            Self::Paper { as_printed, period, window, ask } => {
                let form =
                    if as_printed { central::Form::AsPrinted } else { central::Form::AsMeant };
                central(form, period, window, ask, None)
            }
            Self::TwoPhase { period, window, ask } => {
                central(central::Form::TwoPhase, period, window, ask, None)
            }
            Self::Confirmed { period, window, ask, victims } => {
                central(central::Form::Confirmed, period, window, ask, victims)
            }
        }
    }
}

/// For the head of a trace.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paper { as_printed: true, .. } => f.write_str("the paper's, as printed")?,
            Self::Paper { .. } => f.write_str("the paper's, as meant")?,
            Self::TwoPhase { .. } => f.write_str("two-phase")?,
            Self::Confirmed { .. } => f.write_str("confirmed")?,
        }
        let (spans, _) = self.spans();
        spans.into_iter().try_for_each(|(name, span)| write!(f, ", {name} {span}"))?;
        if let Self::Confirmed { victims: Some(victims), .. } = self {
            let victims = match victims {
                Victims::Youngest => "youngest",
                _ => "highest",
            };
            write!(f, ", the {victims} gives up")?;
        }
        Ok(())
    }
}
