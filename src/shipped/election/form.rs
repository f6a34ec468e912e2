use rehearsal_machine::NodeId;
use rehearsal_sim::source::{Path, TimeSpan};
use serde::Deserialize;

/// Which form of election, and its own parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Form {
    /// Election, answer, coordinator.
    Textbook {
        /// How long an answer is waited for.
        answer_wait: TimeSpan,
        /// How long an announcement is waited for after an answer.
        coordinator_wait: TimeSpan,
        /// Whether a node holds one election at a time.
        #[serde(default = "yes")]
        guard: bool,
        /// Whether only the caller asks, and names the highest that answers.
        #[serde(default)]
        one_round: bool,
    },
    /// The paper's: silent nodes are asked several times, the announcement
    /// goes to everybody.
    Paper {
        /// How long an answer is waited for each time.
        answer_wait: TimeSpan,
        /// How long an announcement is waited for after an answer.
        coordinator_wait: TimeSpan,
        /// How often a silent node is asked.
        #[serde(default = "five")]
        tries: u32,
        /// The least span between two elections that one node calls.
        #[serde(default)]
        rate_limit: Option<TimeSpan>,
    },
    /// The one of 1982, with its reorganisation.
    GarciaMolina {
        /// How long a call waits for its answer.
        answer_wait: TimeSpan,
        /// How often the coordinator asks whether all are at work.
        check: TimeSpan,
        /// How long the coordinator may be silent before it is asked for.
        timeout: TimeSpan,
    },
    /// Heartbeats, epochs, a fence, and votes if wanted.
    Hardened {
        /// How long an answer is waited for.
        answer_wait: TimeSpan,
        /// How long an announcement is waited for after an answer.
        coordinator_wait: TimeSpan,
        /// How often a leader is heard.
        heartbeat: TimeSpan,
        /// How long a leader may be silent.
        leader_wait: TimeSpan,
        /// Whether a leader needs the votes of a majority.
        #[serde(default)]
        majority: bool,
        /// Whether a leader that no majority hears steps down.
        #[serde(default)]
        check_quorum: bool,
        /// How long a node that has started stands back.
        #[serde(default)]
        settle: TimeSpan,
        /// The node to which leaders write; it has no part in elections.
        #[serde(default)]
        resource: Option<NodeId>,
    },
}

fn yes() -> bool {
    true
}

fn five() -> u32 {
    5
}

impl Form {
    /// Where its fields stand.
    pub(super) fn path(&self) -> Path {
        let variant = match self {
            Self::Textbook { .. } => "Textbook",
            Self::Paper { .. } => "Paper",
            Self::GarciaMolina { .. } => "GarciaMolina",
            Self::Hardened { .. } => "Hardened",
        };
        Path::root().field("form").field(variant)
    }
}
