use rehearsal_machine::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::Damage;
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
    pub what: EventKind,
}

/// What happened. Messages, timers, cells and outputs are named by their content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
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
        /// Was the node up, so that it took the command?
        #[serde(rename = "heard", default = "yes", skip_serializing_if = "is_yes")]
        is_heard: bool,
    },
    /// A message arrived.
    Deliver {
        /// At which node.
        node: NodeId,
        /// Which message.
        message: Envelope,
    },
    /// A message arrived at a node that was down.
    Miss {
        /// At which node.
        node: NodeId,
        /// Which message.
        message: Envelope,
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
        /// The recipient.
        to: NodeId,
        /// The message's count on its link, from 1.
        count: u32,
        /// Its kind.
        kind: String,
        /// What it says, its kind included.
        text: String,
        /// Why it was lost at once, if it was.
        lost: Option<Lost>,
        /// When its copies arrive; never, it would seem, while its link is held.
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
    /// Links were cut, each in its direction.
    Cut {
        /// The sender and the recipient.
        links: Vec<(NodeId, NodeId)>,
    },
    /// A partition that comes and goes went.
    Mend {
        /// Who was on which side.
        sides: Vec<Vec<NodeId>>,
    },
    /// What is sent on a link waits from now on.
    Hold {
        /// The sender.
        from: NodeId,
        /// The recipient.
        to: NodeId,
    },
    /// A link is held no longer.
    Release {
        /// The sender.
        from: NodeId,
        /// The recipient.
        to: NodeId,
    },
    /// A message that was held set off.
    Leave {
        /// Who had sent it.
        node: NodeId,
        /// The recipient.
        to: NodeId,
        /// The message's count on its link, from 1.
        count: u32,
        /// What it says, its kind included.
        text: String,
        /// Why it was lost at once, if it was.
        lost: Option<Lost>,
        /// When its copies arrive.
        arrives: Vec<Time>,
    },
    /// A node handles nothing from now on.
    Pause {
        /// Which node.
        node: NodeId,
    },
    /// A node handles what has come meanwhile, and goes on.
    Resume {
        /// Which node.
        node: NodeId,
    },
    /// A node's clock was set, or goes at another rate.
    Clock {
        /// Whose.
        node: NodeId,
        /// What it shows now.
        shows: Time,
        /// How much it goes...
        gained: u64,
        /// ...in how much of the true time.
        passed: u64,
    },
    /// Something happened to what a node has saved.
    Disk {
        /// Which node.
        node: NodeId,
        /// What.
        damage: Damage,
    },
    /// A node runs by the scenario's second configuration from its next start on.
    Upgrade {
        /// Which node.
        node: NodeId,
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
pub struct Envelope {
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

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_yes(is_so: &bool) -> bool {
    *is_so
}
