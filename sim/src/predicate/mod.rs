//! What an expectation is about: a property of the protocol's, or a combination.
//!
//! A property of every node is a claim with a hidden "of every node". Where two
//! readings of a combination would differ, the quantifier has to be written:
//! `Not(Up)` could mean that not every node is up or that none is, so it is
//! refused; `Not(Every(Up))` and `AtMost(0, Up)` each have one meaning.

mod ask;
mod serde;

use std::fmt;

pub use ask::Refutation;
pub(crate) use ask::{Asked, Scene, ask};
pub(crate) use serde::property_names;

/// What can hold of a world at an instant: a property, or a combination.
///
/// In a file a property stands for itself, as `OneLeader`, and a combination is
/// `All([OneLeader, Not(Split)])`. In code a property is a predicate by
/// [`From`]. In a file a protocol's own property takes precedence over a
/// combination of its name; in code such a combination is refused.
///
/// [`Not`](Self::Not) and [`Any`](Self::Any) take no bare property of every node:
/// [`Every`](Self::Every), [`AtLeast`](Self::AtLeast) or [`AtMost`](Self::AtMost)
/// says of how many nodes it has to hold. Within those three a predicate is
/// about one node, and consists of properties of every node, `All`, `Any` and `Not`.
///
/// [`Always`](crate::Expect::Always) asks about the nodes that have started at
/// some time, liveness about the nodes that the calm is for, and
/// [`Reaches`](crate::Expect::Reaches) and [`Sometimes`](crate::Expect::Sometimes)
/// about all. Properties, and `All` of properties, are asked from the first event
/// on; a line with any other combination from the moment on at which all nodes have
/// started that start with the run: before, too few would be up.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Predicate<T> {
    /// This property, of every node or of the world as the protocol has it.
    Property(T),
    /// All of these, of which there is one at least.
    All(Vec<Self>),
    /// One of these at least.
    Any(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// This holds of every node.
    Every(Box<Self>),
    /// This holds of so many nodes or more, which are up: from 1 to all. Much is
    /// true of a node that is down, so it is never counted.
    AtLeast(u32, Box<Self>),
    /// This holds of so many nodes or fewer that are up: from 0 to all but one.
    AtMost(u32, Box<Self>),
    /// No message is on its way, on a held link, or waits for a paused node.
    /// Deadlines may be armed, and commands may be still to come.
    Quiet,
}

impl<T> Predicate<T> {
    /// See [`Predicate::All`].
    pub fn all(predicates: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        Self::All(predicates.into_iter().map(Into::into).collect())
    }

    /// See [`Predicate::Any`].
    pub fn any(predicates: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        Self::Any(predicates.into_iter().map(Into::into).collect())
    }

    /// See [`Predicate::Not`].
    pub fn not(predicate: impl Into<Self>) -> Self {
        Self::Not(Box::new(predicate.into()))
    }

    /// See [`Predicate::Every`].
    pub fn every(predicate: impl Into<Self>) -> Self {
        Self::Every(Box::new(predicate.into()))
    }

    /// See [`Predicate::AtLeast`].
    pub fn at_least(nodes: u32, predicate: impl Into<Self>) -> Self {
        Self::AtLeast(nodes, Box::new(predicate.into()))
    }

    /// See [`Predicate::AtMost`].
    pub fn at_most(nodes: u32, predicate: impl Into<Self>) -> Self {
        Self::AtMost(nodes, Box::new(predicate.into()))
    }

    /// Does it ask which messages are on their way, which no recording of nodes
    /// can answer?
    #[must_use]
    pub fn asks_about_messages(&self) -> bool {
        match self {
            Self::Quiet => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_about_messages),
            Self::Not(part)
            | Self::Every(part)
            | Self::AtLeast(_, part)
            | Self::AtMost(_, part) => part.asks_about_messages(),
            Self::Property(_) => false,
        }
    }

    /// The name of the combination, as a file writes it.
    pub(crate) fn combination_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Property(_) => return None,
            Self::All(_) => "All",
            Self::Any(_) => "Any",
            Self::Not(_) => "Not",
            Self::Every(_) => "Every",
            Self::AtLeast(..) => "AtLeast",
            Self::AtMost(..) => "AtMost",
            Self::Quiet => "Quiet",
        })
    }

    /// The properties of which it says no more than that all of them hold.
    pub(crate) fn as_properties(&self) -> Option<Vec<&T>> {
        match self {
            Self::Property(property) => Some(vec![property]),
            Self::All(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(Self::as_properties).collect();
                Some(parts?.concat())
            }
            _ => None,
        }
    }
}

impl<T> From<T> for Predicate<T> {
    fn from(property: T) -> Self {
        Self::Property(property)
    }
}

/// As a file writes it, as far as the property's own text is that.
impl<T: fmt::Debug> fmt::Debug for Predicate<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(property) => property.fmt(f),
            Self::All(parts) => write!(f, "All({parts:?})"),
            Self::Any(parts) => write!(f, "Any({parts:?})"),
            Self::Not(part) => write!(f, "Not({part:?})"),
            Self::Every(part) => write!(f, "Every({part:?})"),
            Self::AtLeast(nodes, part) => write!(f, "AtLeast({nodes}, {part:?})"),
            Self::AtMost(nodes, part) => write!(f, "AtMost({nodes}, {part:?})"),
            Self::Quiet => f.write_str("Quiet"),
        }
    }
}
