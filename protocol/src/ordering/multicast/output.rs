use core::fmt;

use serde::{Deserialize, Serialize};

use super::Settings;
use crate::ordering::{Destinations, MessageId, Refusal};

/// What a node tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output<T> {
    /// This has happened.
    Happened(Event<T>),
    /// After a restart: this happened last before the crash, whether or not the owner
    /// has heard of it.
    Recalled(Event<T>),
    /// The message was not sent.
    Refused {
        /// Its destinations.
        to: Destinations,
        /// Its content.
        content: T,
        /// Why.
        why: Refusal,
    },
    /// The node has started with the disk of a node with other settings. It takes no
    /// messages and sends none, until it restarts with these settings or with another disk.
    OtherSettings {
        /// Those on the disk.
        saved: Settings,
        /// Those of the node.
        given: Settings,
    },
}

/// What happens to a message at a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event<T> {
    /// A message of this node is on its way, and will be delivered even if the node
    /// crashes now and comes back.
    Sent {
        /// The message.
        message: MessageId,
        /// Its destinations.
        to: Destinations,
    },
    /// It is this message's turn.
    Delivered {
        /// The message.
        message: MessageId,
        /// Its content.
        content: T,
    },
}

/// As `sends n1#1 to n2, n3`, `delivers n2#4`.
impl<T> fmt::Display for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { message, to } => write!(f, "sends {message} to {to}"),
            Self::Delivered { message, .. } => write!(f, "delivers {message}"),
        }
    }
}

impl<T> fmt::Display for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Happened(event) => event.fmt(f),
            Self::Recalled(event) => write!(f, "recalls that it {event}"),
            Self::Refused { to, why, .. } => write!(f, "refuses to send to {to}: {why}"),
            Self::OtherSettings { saved, given } => {
                write!(f, "does nothing: its disk is of {saved}, and it is to be of {given}")
            }
        }
    }
}
