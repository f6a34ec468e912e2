use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::GroupName;
use crate::ordering::{Content, MAX_INTEGER_BYTES, MessageId};
use rehearsal_machine::NodeId;

/// What a user says to others, or does that they should know.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Post {
    /// A text for one user.
    Direct {
        /// The receiver.
        to: NodeId,
        /// The text.
        text: Arc<str>,
    },
    /// A text for the members of a group.
    InGroup {
        /// The group.
        group: GroupName,
        /// The text.
        text: Arc<str>,
    },
    /// The user is a member of this group from now on.
    Join(GroupName),
    /// The user is no member of this group any more.
    Leave(GroupName),
}

impl Content for Post {
    fn max_bytes(&self) -> u64 {
        let parts = match self {
            Self::Direct { text, .. } => MAX_INTEGER_BYTES + text.max_bytes(),
            Self::InGroup { group, text } => group.max_bytes() + text.max_bytes(),
            Self::Join(group) | Self::Leave(group) => group.max_bytes(),
        };
        // The number of the variant.
        MAX_INTEGER_BYTES + parts
    }
}

/// A post that a user sees, with its name, which tells its author.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Remark {
    /// The name of the message.
    pub message: MessageId,
    /// Its content.
    pub post: Post,
}

/// As a trace tells it: `n1 to n2: "hello"`, `n1 in #lunch: "hello"`, `n1 joins #lunch`.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.message.by;
        match &self.post {
            Post::Direct { to, text } => write!(f, "{by} to {to}: {text:?}"),
            Post::InGroup { group, text } => write!(f, "{by} in {group}: {text:?}"),
            Post::Join(group) => write!(f, "{by} joins {group}"),
            Post::Leave(group) => write!(f, "{by} leaves {group}"),
        }
    }
}
