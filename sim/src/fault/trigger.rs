use std::fmt;
use std::num::NonZeroU64;

use rehearsal_machine::NodeId;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// An event that sets off a fault or a command: the `nth` that fits all that is
/// given. Counts run over all incarnations, and in a [window](super::Window) from its
/// beginning. In the calm only faults that outlive it count.
///
/// An input (`Receives`, `Fires`, `Becomes`) has been taken when the fault
/// strikes, and none of its effects has been carried out yet; a crash then
/// keeps all of them from happening. An effect (`Sends`, `Emits`, `Saves`,
/// `Effect`) has been carried out, and the rest of its step has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Trigger {
    /// A node sends a message.
    Sends {
        /// The sender; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<NodeId>,
        /// The sender's role then; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// The recipient; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<NodeId>,
        /// Of which kind; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// What it says, its kind included, as a trace has it; anything if absent. A
        /// `*` stands for any characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A message reaches a node that is up.
    Receives {
        /// The recipient; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// The receiver's role after it; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// The sender; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<NodeId>,
        /// Of which kind; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// What it says, its kind included, as a trace has it; anything if absent. A
        /// `*` stands for any characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A node tells its owner something.
    Emits {
        /// Which node; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// Its role then; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// What, as a trace has it; anything if absent. A `*` stands for any characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A deadline of a node comes.
    Fires {
        /// Whose timer; any node's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// Its role after it; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// Its name, as a trace has it; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timer: Option<String>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A node saves a durable cell, or erases it.
    Saves {
        /// Which node; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// Its role then; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// The cell's name, written as a timer's is; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cell: Option<String>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A node hears that a session with a peer has begun or ended.
    Hears {
        /// Which node; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// Its role after it; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<char>,
        /// The other end; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<NodeId>,
        /// Has it begun, or ended? Either if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        up: Option<bool>,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// An input changes a node's role to this one.
    Becomes {
        /// Which node; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
        /// The role's letter in the trace's lanes.
        role: char,
        /// Counted from 1.
        #[serde(default)]
        nth: Nth,
    },
    /// A node has carried out an effect, of any sort.
    Effect {
        /// Whose.
        of: NodeId,
        /// Counted from 1.
        nth: Nth,
    },
}

impl Trigger {
    /// Which of the events that fit it is, counted from 1.
    #[must_use]
    pub fn nth(&self) -> Nth {
        match self {
            Self::Sends { nth, .. }
            | Self::Receives { nth, .. }
            | Self::Emits { nth, .. }
            | Self::Fires { nth, .. }
            | Self::Saves { nth, .. }
            | Self::Hears { nth, .. }
            | Self::Becomes { nth, .. }
            | Self::Effect { nth, .. } => *nth,
        }
    }

    /// The nodes that it names, each with its field.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&'static str, NodeId)> {
        let named = match self {
            Self::Sends { from, to, .. } => [("from", *from), ("to", *to)],
            Self::Receives { node, from, .. } => [("node", *node), ("from", *from)],
            Self::Hears { node, peer, .. } => [("node", *node), ("peer", *peer)],
            Self::Emits { node, .. }
            | Self::Fires { node, .. }
            | Self::Saves { node, .. }
            | Self::Becomes { node, .. } => [("node", *node), ("", None)],
            Self::Effect { of, .. } => [("of", Some(*of)), ("", None)],
        };
        named.into_iter().filter_map(|(field, node)| Some((field, node?)))
    }

    /// Its name in a file.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sends { .. } => "Sends",
            Self::Receives { .. } => "Receives",
            Self::Emits { .. } => "Emits",
            Self::Fires { .. } => "Fires",
            Self::Saves { .. } => "Saves",
            Self::Hears { .. } => "Hears",
            Self::Becomes { .. } => "Becomes",
            Self::Effect { .. } => "Effect",
        }
    }
}

/// Which of several, counted from 1; the first if nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Nth(NonZeroU64);

impl Nth {
    /// The first.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// This one; `None` for 0.
    #[must_use]
    pub fn new(nth: u64) -> Option<Self> {
        NonZeroU64::new(nth).map(Self)
    }

    /// From 1.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl Default for Nth {
    fn default() -> Self {
        Self::FIRST
    }
}

impl<'de> Deserialize<'de> for Nth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NthVisitor;
        impl Visitor<'_> for NthVisitor {
            type Value = Nth;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count from 1; for several events a fault has `each` and `times`")
            }

            fn visit_u64<E: Error>(self, nth: u64) -> Result<Nth, E> {
                let help = "events are counted from 1\nthe first one is `nth: 1`";
                Nth::new(nth).ok_or_else(|| E::custom(help))
            }
        }
        deserializer.deserialize_any(NthVisitor)
    }
}
