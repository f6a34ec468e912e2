use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// Which reading of the algorithm nodes follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// Ask once; announce to those below.
    Textbook,
    /// Ask several times whoever is silent, announce to everybody, keep a
    /// window of what happened.
    Paper,
}

/// In words: `textbook`, `paper`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Textbook => "textbook",
            Self::Paper => "paper",
        })
    }
}

/// What all nodes of a run know of each other, and how they go about an
/// election. All spans should be above zero, or time may stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Which reading this is.
    pub form: Form,
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// Who leads when the run begins, if anybody does: one that starts with
    /// it, and need not be the highest.
    pub initial_leader: Option<NodeId>,
    /// How often a node that stays silent is asked, at least once.
    pub tries: u32,
    /// How long a node that was asked has to answer before it is asked again,
    /// or taken for dead: all tries together at least two message delays.
    pub answer_wait: Duration,
    /// How long a node that was answered waits for an announcement before it
    /// calls an election again: at least all tries and two message delays.
    pub coordinator_wait: Duration,
    /// The least span from one election that a node calls to its next. It
    /// answers all the same, and makes up for the election afterwards if no
    /// leader was announced; if it leads, it goes on and tells whoever asks.
    pub rate_limit: Option<Duration>,
    /// Whether a node holds one election at a time.
    pub guard: bool,
    /// Whether only the caller asks, and names the highest that answers.
    pub one_round: bool,
}

impl Rules {
    /// The textbook's form for so many nodes.
    #[must_use]
    pub fn textbook(nodes: u32, answer_wait: Duration, coordinator_wait: Duration) -> Self {
        Self {
            form: Form::Textbook,
            nodes,
            initial_leader: None,
            tries: 1,
            answer_wait,
            coordinator_wait,
            rate_limit: None,
            guard: true,
            one_round: false,
        }
    }

    /// The paper's form for so many nodes: five tries, `answer_wait` each.
    #[must_use]
    pub fn paper(nodes: u32, answer_wait: Duration, coordinator_wait: Duration) -> Self {
        let textbook = Self::textbook(nodes, answer_wait, coordinator_wait);
        Self { form: Form::Paper, tries: 5, ..textbook }
    }

    /// How long a node waits before it takes all that are silent for dead.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.answer_wait.saturating_mul(self.tries.max(1))
    }
}
