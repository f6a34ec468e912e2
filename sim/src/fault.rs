//! What can go wrong, as data: when, and what.

use std::fmt;

use rehearsal_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::source::TimeSpan;

/// One line of a scenario's `faults`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// At this instant...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<TimeSpan>,
    /// ...or right after this event. A scenario names exactly one of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Trigger>,
    /// What happens then.
    #[serde(rename = "do")]
    pub action: Action,
}

/// The event after which a fault strikes, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Trigger {
    /// A node sends a message: the `nth` that fits what is given.
    Sends {
        /// Who sends it; anybody if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<NodeId>,
        /// To whom; anybody if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<NodeId>,
        /// Of which kind; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// Counted from 1.
        #[serde(default = "first")]
        nth: u64,
    },
    /// A node has carried out its `nth` effect, of any sort, counted from 1
    /// over all its incarnations.
    Effect {
        /// Whose.
        of: NodeId,
        /// Which.
        nth: u64,
    },
}

fn first() -> u64 {
    1
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Action {
    /// A node loses all but its storage, and stays down until something starts
    /// it later. One that has not started yet does not; one that is down stays
    /// so, though a restart was planned.
    Crash(NodeId),
    /// A node that is down starts again, with its storage.
    Restart(NodeId),
    /// A node crashes and starts again after a while.
    Bounce {
        /// Which one.
        node: NodeId,
        /// How long it is down.
        down: TimeSpan,
    },
    /// Nodes on different sides no longer hear each other, from the messages
    /// sent now on; nodes that are not named form a side of their own.
    Partition(Vec<Vec<NodeId>>),
    /// All partitions end.
    Heal,
    /// The message that was just sent never arrives. Only with `Sends`.
    Lose,
    /// The message that was just sent takes this long. Only with `Sends`.
    Delay(TimeSpan),
    /// The message that was just sent arrives a second time, this much after
    /// the first; fewer than 256 times in all. Only with `Sends`.
    Duplicate(TimeSpan),
}

impl Action {
    /// Does it act on the message of its trigger, rather than on the world?
    #[must_use]
    pub fn is_on_message(&self) -> bool {
        matches!(self, Self::Lose | Self::Delay(_) | Self::Duplicate(_))
    }

    /// The nodes that it names.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let (one, many): (Option<NodeId>, &[Vec<NodeId>]) = match self {
            Self::Crash(node) | Self::Restart(node) | Self::Bounce { node, .. } => {
                (Some(*node), &[])
            }
            Self::Partition(sides) => (None, sides),
            Self::Heal | Self::Lose | Self::Delay(_) | Self::Duplicate(_) => (None, &[]),
        };
        one.into_iter().chain(many.iter().flatten().copied())
    }
}

/// In a few words, for the head of a trace: `lose n3->n2 answer #1`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Crash(node) => write!(f, "crash {node}")?,
            Action::Restart(node) => write!(f, "restart {node}")?,
            Action::Bounce { node, down } => write!(f, "crash {node} for {down}")?,
            Action::Partition(sides) => write!(f, "partition {}", Sides(sides))?,
            Action::Heal => write!(f, "heal")?,
            Action::Lose => write!(f, "lose")?,
            Action::Delay(span) => write!(f, "delay to {span}")?,
            Action::Duplicate(span) => write!(f, "double after {span}")?,
        }
        if let Some(at) = self.at {
            write!(f, " at {at}")?;
        }
        let on = if self.action.is_on_message() { "" } else { " after" };
        match &self.when {
            None => Ok(()),
            Some(trigger) => write!(f, "{on} {trigger}"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sends { from, to, kind, nth } => {
                let name = |node: &Option<NodeId>| node.map_or("any".to_owned(), |n| n.to_string());
                write!(f, "{}->{}", name(from), name(to))?;
                if let Some(kind) = kind {
                    write!(f, " {kind}")?;
                }
                write!(f, " #{nth}")
            }
            Self::Effect { of, nth } => write!(f, "{of}'s effect #{nth}"),
        }
    }
}

/// The sides of a partition: `1 2 | 3`.
pub(crate) struct Sides<'a>(pub(crate) &'a [Vec<NodeId>]);

impl fmt::Display for Sides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, side) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " | " })?;
            for (place, node) in side.iter().enumerate() {
                write!(f, "{}{}", if place == 0 { "" } else { " " }, node.number())?;
            }
        }
        Ok(())
    }
}
