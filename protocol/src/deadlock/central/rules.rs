use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::deadlock::Victims;

/// What is reported, and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Form {
    /// The paper's rule as it is printed: a search that moves only to nodes not
    /// yet visited, and so never meets one on its path. It finds nothing, ever.
    AsPrinted,
    /// The paper's rule as it is meant: a cycle among the edges that were
    /// reported is a deadlock.
    AsMeant,
    /// Two collects; a cycle among the edges that are in both is a deadlock.
    TwoPhase,
    /// One collect of both tables; an edge counts when both its ends know it.
    Confirmed,
}

/// In words: `as printed`, `two-phase`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsPrinted => "as printed",
            Self::AsMeant => "as meant",
            Self::TwoPhase => "two-phase",
            Self::Confirmed => "confirmed",
        })
    }
}

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// What is reported, and what is made of it.
    pub form: Form,
    /// From the beginning of one collect to that of the next.
    pub period: Duration,
    /// The time limit of a collect; with two phases, of each.
    pub window: Duration,
    /// How often those are asked again that have not answered.
    pub ask: Duration,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}
