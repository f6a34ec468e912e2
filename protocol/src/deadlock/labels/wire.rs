use core::fmt;

use serde::{Deserialize, Serialize};

use crate::resource::RequestId;
use rehearsal_machine::NodeId;

/// A label: never made twice, and greater than all its maker had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Greater than in any label that its maker had before.
    pub counter: u64,
    /// Who made it.
    pub by: NodeId,
}

/// As a reader would put it: `7 of n2`.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.counter, self.by)
    }
}

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// The sender, for which the receiver waits, has this label.
    Label {
        /// Under which of its requests the receiver waits, or lends.
        request: RequestId,
        /// The sender's public label.
        label: Label,
        /// Whose request is to be given up if it comes back to its maker.
        victim: Option<RequestId>,
    },
    /// The receiver's request is to be given up.
    Condemn {
        /// Which.
        request: RequestId,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Label { .. } => "label",
            Self::Condemn { .. } => "condemn",
        }
    }
}

/// A deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Tell the label again.
    Again,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the greatest label that it had.
    Counter,
}
