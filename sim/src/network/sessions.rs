use std::fmt;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::Link;
use crate::source::TimeSpan;

/// Sessions between nodes: connections, as TCP has them.
///
/// A session begins once both of its nodes are up and no cut is between them, after the
/// time that its setup takes. While it lasts, messages arrive in both directions in the
/// order in which they were sent, and chance loses, damages and doubles none of them: only
/// one that is too large or finds its queue full is missing. At its end a suffix is lost in
/// each direction: a fault breaks it, a cut in either direction ends it, or one of its nodes
/// crashes. What is sent while there is no session is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Which nodes have a session with each other.
    #[serde(default)]
    pub between: Between,
    /// How long it takes to set a session up, or to set it up again.
    #[serde(default)]
    pub setup: TimeSpan,
}

/// Which nodes have a session with each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Between {
    /// Any two.
    #[default]
    All,
    /// These pairs.
    Pairs(Vec<(NodeId, NodeId)>),
}

/// In a few words, for the head of a trace: `sessions, set up in 10ms`.
impl fmt::Display for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sessions")?;
        if let Between::Pairs(pairs) = &self.between {
            pairs.iter().try_for_each(|(one, other)| write!(f, " {one}-{other}"))?;
        }
        if self.setup == TimeSpan::ZERO { Ok(()) } else { write!(f, " set up in {}", self.setup) }
    }
}

/// Two different nodes, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Pair {
    low: NodeId,
    high: NodeId,
}

impl Pair {
    pub(crate) fn new(one: NodeId, other: NodeId) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// The lower node, and the higher one.
    pub(crate) fn nodes(self) -> (NodeId, NodeId) {
        (self.low, self.high)
    }

    /// Both directions.
    pub(crate) fn links(self) -> [Link; 2] {
        [Link::new(self.low, self.high), Link::new(self.high, self.low)]
    }
}
