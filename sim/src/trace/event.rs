use rehearsal_machine::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::{Damage, Ended, Json};
use crate::network::Lost;
use crate::plan::{DecisionKey, MessageKey, TimerKey};
use crate::protocol::Lane;

/// One thing that happened in a run. An input of a node comes first, the effects
/// of that step follow at the same instant, then the lane if the node's role
/// changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the run, from 1.
    pub number: u64,
    /// The number of the event that led to it: an effect has the input of its
    /// step; an arrival has its send, or the departure from a held link; a timer
    /// has its arming; a restart has the crash before it; a fault has the event
    /// that set it off. What the scenario itself brings about has no cause.
    pub cause: Option<u64>,
    /// Virtual time, in nanoseconds.
    pub at: Time,
    /// What happened.
    pub what: EventKind,
}

/// What happened. Messages, timers, cells and outputs are named by their content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        /// The command in full, if the run keeps values.
        value: Option<Json>,
        /// Was the node up, so that it took the command?
        #[serde(rename = "heard")]
        is_heard: bool,
    },
    /// A message arrived.
    Deliver {
        /// Which message.
        message: MessageKey,
        /// 0 for the first copy.
        copy: u8,
        /// What it says, its kind included.
        text: String,
    },
    /// A message arrived at a node that was down.
    Miss {
        /// Which message.
        message: MessageKey,
        /// 0 for the first copy.
        copy: u8,
        /// What it says, its kind included.
        text: String,
    },
    /// A deadline came.
    Timer {
        /// Which arming of which node's timer.
        timer: TimerKey,
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
        /// Which message.
        message: MessageKey,
        /// What it says, its kind included.
        text: String,
        /// The message in full, if the run keeps values.
        value: Option<Json>,
        /// Why it was lost at once, if it was.
        lost: Option<Lost>,
        /// When its copies arrive; empty while its link is held.
        arrives: Vec<Time>,
    },
    /// A node armed a deadline.
    Arm {
        /// Which arming of which timer.
        timer: TimerKey,
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
        /// What it holds, if the cell is not empty and the protocol tells it.
        text: Option<String>,
        /// The same in full, if the run keeps values and the cell is not empty.
        value: Option<Json>,
        /// Is the cell empty now?
        erased: bool,
    },
    /// A node told its owner something.
    Emit {
        /// Which node.
        node: NodeId,
        /// What it said.
        text: String,
        /// The output in full, if the run keeps values.
        value: Option<Json>,
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
        /// Which message.
        message: MessageKey,
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
        /// The clock gains so many nanoseconds...
        gained: u64,
        /// ...in so many of the true time.
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
    /// A fault moved an armed deadline to another time.
    Move {
        /// Which arming of which timer.
        timer: TimerKey,
        /// When it fires now.
        deadline: Time,
    },
    /// What faults withheld on these links set off.
    LetGo {
        /// The sender and the recipient.
        links: Vec<(NodeId, NodeId)>,
    },
    /// A node's role is another one than before.
    Role {
        /// Which node.
        node: NodeId,
        /// The role.
        lane: Lane,
    },
    /// Sessions began.
    Connect {
        /// The two nodes of each.
        pairs: Vec<(NodeId, NodeId)>,
        /// When their setup began.
        since: Time,
    },
    /// Sessions ended.
    Disconnect {
        /// The two nodes of each.
        pairs: Vec<(NodeId, NodeId)>,
        /// What ended them.
        why: Ended,
    },
    /// A node was told that a session began or ended.
    Link {
        /// Which node.
        node: NodeId,
        /// The other end.
        peer: NodeId,
        /// Which session of the two it is, from 1.
        session: u32,
        /// Did it begin? Otherwise it ended.
        up: bool,
    },
    /// A message did not arrive, since the session that carried it had ended.
    Strand {
        /// Which message.
        message: MessageKey,
        /// 0 for the first copy.
        copy: u8,
        /// What it says, its kind included.
        text: String,
    },
}

impl EventKind {
    /// The node that it happened to, or that did it, if it was one node.
    #[must_use]
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Self::Start { node, .. }
            | Self::Command { node, .. }
            | Self::Crash { node }
            | Self::Disarm { node, .. }
            | Self::Save { node, .. }
            | Self::Emit { node, .. }
            | Self::Pause { node }
            | Self::Resume { node }
            | Self::Clock { node, .. }
            | Self::Disk { node, .. }
            | Self::Upgrade { node }
            | Self::Link { node, .. }
            | Self::Role { node, .. } => Some(*node),
            Self::Send { message, .. } | Self::Leave { message, .. } => Some(message.from),
            Self::Deliver { message, .. }
            | Self::Miss { message, .. }
            | Self::Strand { message, .. } => Some(message.to),
            Self::Timer { timer } | Self::Arm { timer, .. } | Self::Move { timer, .. } => {
                Some(timer.node)
            }
            Self::Partition { .. }
            | Self::Heal
            | Self::Calm
            | Self::Cut { .. }
            | Self::Mend { .. }
            | Self::Hold { .. }
            | Self::Release { .. }
            | Self::Connect { .. }
            | Self::Disconnect { .. }
            | Self::LetGo { .. } => None,
        }
    }

    /// The key of the decision that the event is about, as a plan lists it: of a
    /// message or a timer.
    #[must_use]
    pub fn key(&self) -> Option<DecisionKey> {
        match self {
            Self::Send { message, .. }
            | Self::Leave { message, .. }
            | Self::Deliver { message, .. }
            | Self::Miss { message, .. }
            | Self::Strand { message, .. } => Some(DecisionKey::Message(message.clone())),
            Self::Timer { timer } | Self::Arm { timer, .. } | Self::Move { timer, .. } => {
                Some(DecisionKey::Timer(timer.clone()))
            }
            _ => None,
        }
    }
}
