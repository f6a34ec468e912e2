use rehearsal_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use crate::network::Lost;
use crate::protocol::Lane;

/// One thing that happened in a run. Causes come first, their effects follow
/// at the same instant, then the lane if the node's role changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Virtual time, in nanoseconds.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened. Messages, timers, cells and outputs are named by their content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A node started.
    Start {
        /// Which node.
        node: NodeId,
        /// Which life of it, from 1.
        incarnation: u32,
    },
    /// A node's owner asked for something.
    Command {
        /// Which node.
        node: NodeId,
        /// What it was asked.
        text: String,
    },
    /// A message arrived.
    Deliver {
        /// At which node.
        node: NodeId,
        /// Which message.
        message: Mail,
    },
    /// A message arrived at a node that was down.
    Miss {
        /// At which node.
        node: NodeId,
        /// Which message.
        message: Mail,
    },
    /// A deadline came.
    Timer {
        /// Which node's.
        node: NodeId,
        /// Its name.
        timer: String,
    },
    /// A node went down.
    Crash {
        /// Which node.
        node: NodeId,
    },
    /// A partition began.
    Partition {
        /// Who is on which side.
        sides: Vec<Vec<NodeId>>,
    },
    /// All partitions ended.
    Heal,
    /// All disturbances ended.
    Calm,
    /// A node sent a message.
    Send {
        /// Which node.
        node: NodeId,
        /// To whom.
        to: NodeId,
        /// The message's count on its link, from 1.
        count: u32,
        /// Its kind.
        kind: String,
        /// What it says, its kind included.
        text: String,
        /// Why it was lost at once, if it was.
        lost: Option<Lost>,
        /// When its copies arrive.
        arrives: Vec<Time>,
    },
    /// A node armed a deadline.
    Arm {
        /// Which node.
        node: NodeId,
        /// The deadline's name.
        timer: String,
        /// When it fires.
        deadline: Time,
    },
    /// A node forgot a deadline.
    Disarm {
        /// Which node.
        node: NodeId,
        /// The deadline's name.
        timer: String,
    },
    /// A node saved a cell, or erased it.
    Save {
        /// Which node.
        node: NodeId,
        /// Which cell.
        cell: String,
        /// Is the cell empty now?
        erased: bool,
    },
    /// A node told its owner something.
    Emit {
        /// Which node.
        node: NodeId,
        /// What it said.
        text: String,
    },
    /// A node's role is another one than before.
    Role {
        /// Which node.
        node: NodeId,
        /// The role.
        lane: Lane,
    },
}

/// A message on arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Who sent it.
    pub from: NodeId,
    /// Its count on its link, from 1.
    pub count: u32,
    /// 0 for the first copy.
    pub copy: u8,
    /// Its kind.
    pub kind: String,
    /// What it says, its kind included.
    pub text: String,
}
