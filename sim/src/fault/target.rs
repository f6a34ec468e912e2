use std::fmt;

use rehearsal_machine::NodeId;
use serde::de::{EnumAccess, Error, VariantAccess as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::source::TEXT_OR_VARIANT;

/// The node that a fault strikes. A file names a node by its number, a role by its
/// letter: `Crash(3)`, `Crash('L')`, `Crash("any")`, `Crash(AnyOf([2, 3]))`, `Crash("it")`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// `3`: this node.
    Node(NodeId),
    /// `'L'`: a node whose role in the trace's lanes has this letter: the node
    /// of the event that set the fault off, if it has the role, or else the
    /// first in order. `'x'` is a node that is down. No node, if none has it.
    Role(char),
    /// `"any"`: a random node that the action applies to, each equally likely:
    /// one that is up for a crash, one that is down for a restart.
    Any,
    /// `AnyOf([2, 3])`: the same, of these nodes.
    AnyOf(Vec<NodeId>),
    /// `"it"`: the node of the event that set the fault off.
    It,
}

impl Target {
    /// Is the node found when the fault strikes, rather than named or given by an event?
    pub(crate) fn is_found(&self) -> bool {
        matches!(self, Self::Any | Self::AnyOf(_) | Self::Role(_))
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Node(node) => node.serialize(serializer),
            Self::Role(letter) => letter.serialize(serializer),
            Self::Any => "any".serialize(serializer),
            Self::AnyOf(nodes) => serializer.serialize_newtype_variant("Target", 0, "AnyOf", nodes),
            Self::It => "it".serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum(TEXT_OR_VARIANT, &[], TargetVisitor)
    }
}

struct TargetVisitor;

impl<'de> Visitor<'de> for TargetVisitor {
    type Value = Target;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a node's number, a role's letter in quotes such as 'L', \"any\", `AnyOf([2, 3])` or \
             \"it\"",
        )
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Target, E> {
        let node = u32::try_from(number).ok().and_then(NodeId::new);
        node.map(Target::Node).ok_or_else(|| match number {
            0 => E::custom("there is no node 0\nnodes are counted from 1"),
            _ => E::custom(format_args!("there is no node {number}")),
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Target, A::Error> {
        #[derive(Deserialize)]
        enum Name {
            AnyOf,
        }
        let (Name::AnyOf, nodes) = data.variant()?;
        nodes.newtype_variant().map(Target::AnyOf)
    }

    fn visit_char<E: Error>(self, letter: char) -> Result<Target, E> {
        Ok(Target::Role(letter))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Target, E> {
        match word {
            "any" => Ok(Target::Any),
            "it" => Ok(Target::It),
            _ => Err(E::custom(format_args!(
                "\"{word}\" names nobody\n\
                write a node's number, a role's letter such as 'L', \"any\", `AnyOf([2, 3])` or \"it\""
            ))),
        }
    }
}

impl From<NodeId> for Target {
    fn from(node: NodeId) -> Self {
        Self::Node(node)
    }
}

impl From<char> for Target {
    fn from(role: char) -> Self {
        Self::Role(role)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "{node}"),
            Self::Role(letter) => write!(f, "'{letter}'"),
            Self::Any => f.write_str("any node"),
            Self::AnyOf(nodes) => {
                f.write_str("any of")?;
                nodes.iter().try_for_each(|node| write!(f, " {node}"))
            }
            Self::It => f.write_str("it"),
        }
    }
}
