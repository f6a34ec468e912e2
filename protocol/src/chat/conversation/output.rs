use core::fmt;

use serde::{Deserialize, Serialize};

use super::{MOST_GROUPS, Remark};
use crate::ordering::multicast::Settings;
use crate::ordering::{self, Destinations, MessageId};

/// What a node tells its user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output {
    /// This has happened.
    Happened(Event),
    /// After a restart: this happened last before the crash, whether or not the user
    /// has heard of it.
    Recalled(Event),
    /// What was asked cannot be done.
    Refused(Refusal),
    /// The node has started with the disk of a node with other settings: it says nothing
    /// and hears nothing.
    OtherSettings {
        /// Those on the disk.
        saved: Settings,
        /// Those of the node.
        given: Settings,
    },
}

/// What happens to a post at a user's node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    /// The user's own post is on its way, and will arrive even if the node crashes now
    /// and comes back.
    Sent {
        /// The name of the post.
        message: MessageId,
        /// Its readers and its author.
        to: Destinations,
    },
    /// It is a post's turn, and the user sees it.
    Shown(Remark),
    /// It is the turn of this post, which is not for the user to see.
    Hidden(MessageId),
}

/// Why a post was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The user is no member of the group.
    NotMember,
    /// The user is a member of the group already.
    Member,
    /// The user is in as many groups as a user can be.
    TooManyGroups,
    /// The multicast does not send it.
    Order(ordering::Refusal),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { message, to } => write!(f, "sends {message} to {to}"),
            Self::Shown(remark) => write!(f, "shows {}, {remark}", remark.message),
            Self::Hidden(message) => write!(f, "hides {message}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Happened(event) => event.fmt(f),
            Self::Recalled(event) => write!(f, "recalls that it {event}"),
            Self::Refused(why) => write!(f, "refuses: {why}"),
            Self::OtherSettings { saved, given } => {
                write!(f, "does nothing: its disk is of {saved}, and it is to be of {given}")
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyGroups => {
                write!(f, "nobody can be in more than {MOST_GROUPS} groups; leave one of them")
            }
            Self::NotMember => f.write_str("only a member of the group can do that"),
            Self::Member => f.write_str("this user is a member of the group already"),
            Self::Order(why) => why.fmt(f),
        }
    }
}
