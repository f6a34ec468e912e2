use alloc::collections::BTreeSet;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

/// The requests that a process may make (Knapp, "Deadlock detection in distributed
/// databases", 1987).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// For one resource at a time.
    Single,
    /// For several, all of which are needed.
    And,
    /// For several, one of which is needed.
    Or,
    /// For several, so many of which are needed.
    #[default]
    General,
}

impl Model {
    /// Is this a request that can be made in the model?
    #[must_use]
    pub fn admits(self, need: Need, of: usize) -> bool {
        let Ok(needed) = need.of(of) else { return true };
        match self {
            Self::Single => of == 1,
            Self::And => needed as usize == of,
            Self::Or => needed == 1,
            Self::General => true,
        }
    }
}

/// As a rule: `only one resource is asked for at a time`.
impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "only one resource is asked for at a time",
            Self::And => "a process needs all that it requests",
            Self::Or => "a process needs one of those that it requests",
            Self::General => "a process needs a stated number of those that it requests",
        })
    }
}

/// The configuration of all participants of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// Which of them are locks.
    pub locks: BTreeSet<NodeId>,
    /// Which requests may be made.
    pub model: Model,
    /// How long a process works when another node waits for it or it holds a lock. If
    /// absent, it works until its owner releases it.
    pub work: Option<RangeInclusive<Duration>>,
    /// How often what is not answered is said again; never, on a network that
    /// loses nothing and with nodes that do not crash.
    pub resend: Option<Duration>,
    /// How long a process that gave up keeps still before it begins anew.
    pub restart: RangeInclusive<Duration>,
    /// Whether a process that has given something back asks for nothing more
    /// (two-phase locking: Eswaran, Gray, Lorie and Traiger, "The notions of
    /// consistency and predicate locks in a database system", 1976).
    pub two_phase: bool,
}

/// How many of those that were asked must give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Need {
    /// Every one of them: the AND model.
    #[default]
    All,
    /// One of them: the OR model.
    Any,
    /// So many of them, one at least: the k-of-n model.
    AtLeast(u32),
}

/// More grants are needed than there are requests, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchNeed;

impl Need {
    /// The number of grants that so many requests wait for.
    ///
    /// # Errors
    /// If they can never come, or none is needed.
    pub fn of(self, requests: usize) -> Result<u32, NoSuchNeed> {
        let requests = u32::try_from(requests).map_err(|_| NoSuchNeed)?;
        let needed = match self {
            Self::All => requests,
            Self::Any => 1,
            Self::AtLeast(needed) => needed,
        };
        if (1..=requests).contains(&needed) { Ok(needed) } else { Err(NoSuchNeed) }
    }
}

/// In words: `all of`, `one of`, `2 of`.
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all of"),
            Self::Any => f.write_str("one of"),
            Self::AtLeast(needed) => write!(f, "{needed} of"),
        }
    }
}
