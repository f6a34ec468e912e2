use std::fmt;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::Link;
use crate::source::TimeSpan;

/// Sessions between nodes: connections, as TCP has them.
///
/// A session begins once both of its nodes are up and no cut is between them, after the
/// time that its setup takes. While it lasts, messages arrive in both directions in the
/// order in which they were sent, and chance loses, damages and doubles none of them.
/// Messages are lost only at its end, a suffix in each direction: a fault breaks it, a
/// cut in either direction ends it, or one of its nodes crashes. What is sent while there
/// is no session is lost.
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

impl Sessions {
    /// Is the link one direction of a session?
    pub(crate) fn has(&self, link: Link) -> bool {
        let is_it = |(one, other): &(NodeId, NodeId)| {
            (*one, *other) == (link.from, link.to) || (*other, *one) == (link.from, link.to)
        };
        match &self.between {
            Between::All => link.from != link.to,
            Between::Pairs(pairs) => pairs.iter().any(is_it),
        }
    }

    /// Is every message that a trigger with these ends can mean one of a session?
    pub(crate) fn has_every(&self, from: Option<NodeId>, to: Option<NodeId>, nodes: u32) -> bool {
        match (from, to) {
            (Some(from), Some(to)) => self.has(Link::new(from, to)),
            _ => self.has_all(nodes),
        }
    }

    /// Have any two of so many nodes a session?
    pub(crate) fn has_all(&self, nodes: u32) -> bool {
        let count = u64::from(nodes) * u64::from(nodes).saturating_sub(1) / 2;
        match &self.between {
            Between::All => true,
            Between::Pairs(_) => self.pairs(nodes).len() as u64 == count,
        }
    }

    /// The pairs of so many nodes that have a session, in order.
    pub(crate) fn pairs(&self, nodes: u32) -> Vec<Pair> {
        match &self.between {
            Between::All => {
                let above = |low: NodeId| NodeId::all(nodes).skip(low.number() as usize);
                NodeId::all(nodes)
                    .flat_map(|low| above(low).map(move |high| Pair { low, high }))
                    .collect()
            }
            Between::Pairs(pairs) => {
                let mut pairs: Vec<_> =
                    pairs.iter().map(|(one, other)| Pair::new(*one, *other)).collect();
                pairs.sort_unstable();
                pairs.dedup();
                pairs
            }
        }
    }
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
