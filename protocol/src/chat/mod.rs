//! The node of the paper's system: users who chat, and a leader among them.
//!
//! Texts and tasks go over a reliable [`link`](crate::link::stop_and_wait): a message is sent
//! again until it is acknowledged, five times in the paper, and then reported to its
//! sender. In the paper no node watches the leader. If a user's message to the leader is not
//! delivered, this user calls an [`election`], and the chat goes on meanwhile.
//! (Bhati, "Distributed Chat System", describes it so.)
//!
//! The leader can give tasks to users. If the user with a task does not answer any
//! more, the node that gave the task passes it to the next user.
//!
//! Users can keep any of the [orders](crate::ordering::Discipline) when they talk, and talk
//! in groups: then texts are a [`conversation`], and only tasks go over that link.
//!
//! Users can follow a common script ([`scripted`](crate::ordering::scripted)) instead of
//! chatting freely: the paper's first task.
//!
//! Users can need resources of each other and wait for them. A detector, which works
//! at the leader if it needs one, finds the users that are deadlocked and tells all
//! users: the paper's third task.
//!
//! The parts do not know each other. They meet in `node`, which turns the outputs of
//! one part into commands for another.

pub mod conversation;
mod node;
mod said;
mod tasks;
mod window;
mod work;

use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{deadlock, election};
use rehearsal_machine::NodeId;

pub use conversation::{Conversation, GroupName};
pub use node::{Cell, Chat, Config, Message, Mode, Saved, Timer};
pub use said::{Fate, Said};
pub use tasks::Task;
pub use window::Line;

/// What one user says to another over the link between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Content {
    /// Something to read.
    Text(Arc<str>),
    /// Do this.
    Task {
        /// Which task it is, among all that the speaker ever gave.
        number: u64,
        /// What to do.
        what: Arc<str>,
    },
    /// The task of this number that you gave us is done.
    Done {
        /// Which one.
        number: u64,
    },
}

/// As a reader would put it: `"hello"`, `task 1, "sweep"`, `done 1`.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Task { number, what } => write!(f, "task {number}, {what:?}"),
            Self::Done { number } => write!(f, "done {number}"),
        }
    }
}

/// What a user asks of its node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Tell another user something.
    Say {
        /// The receiver.
        to: NodeId,
        /// What.
        text: Arc<str>,
    },
    /// Give another user something to do; only a leader can.
    Assign {
        /// The user that is to do it.
        to: NodeId,
        /// What to do.
        what: Arc<str>,
    },
    /// The task that we have had for longest is done.
    Finish,
    /// The leader seems to be gone, however we know.
    Suspect,
    /// Something of the resources that users need of each other.
    Resources(deadlock::Command),
    /// Tell the members of a group something; only a member can.
    SayIn {
        /// The group.
        group: GroupName,
        /// What.
        text: Arc<str>,
    },
    /// Become a member of a group.
    Join(GroupName),
    /// Leave a group.
    Leave(GroupName),
}

/// What a node tells its user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output {
    /// Another user says something.
    Hears {
        /// Who.
        from: NodeId,
        /// Its place among all that this user ever said to us.
        number: u64,
        /// What.
        text: Arc<str>,
    },
    /// What we said was not acknowledged.
    Undelivered {
        /// The receiver.
        to: NodeId,
        /// What we said.
        content: Content,
    },
    /// What became of an election.
    Election(election::Output),
    /// A task of ours is to be done by this user.
    Assigns {
        /// The task.
        task: Task,
        /// Who is to do it.
        to: NodeId,
    },
    /// No user is left for our task.
    Abandons {
        /// The task.
        task: Task,
    },
    /// We are to do this.
    Works {
        /// The task.
        task: Task,
    },
    /// Our task is done.
    Done {
        /// The task.
        task: Task,
        /// Who did it.
        by: NodeId,
    },
    /// Of the resources that users need of each other.
    Resources(deadlock::SiteOutput),
    /// What was asked cannot be done.
    Refuses(Refusal),
    /// Of what users say in an order.
    Conversation(conversation::Output),
}

/// Why a command came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such user, or it is ourselves.
    NoSuchPeer(NodeId),
    /// Only the leader gives tasks.
    NotLeader,
    /// There is no task that we have to do.
    NoTask,
    /// Users who follow a script say what it says.
    Scripted,
    /// The users of this run have no resources.
    NoResources,
    /// Who leads those who look for deadlocks is who leads the chat.
    NotTheirs,
    /// The users of this run keep no order, which groups need.
    NoOrder,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPeer(node) => write!(f, "there is no other user {node}"),
            Self::NotLeader => f.write_str("only the leader gives tasks"),
            Self::NoTask => f.write_str("there is no task to finish"),
            Self::Scripted => f.write_str("the script says what is said"),
            Self::NoResources => f.write_str("there are no resources to ask for"),
            Self::NotTheirs => f.write_str("who leads is for the chat's own election to say"),
            Self::NoOrder => f.write_str("there are groups only where users keep an order"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hears { from, text, .. } => write!(f, "hears {from}: {text:?}"),
            Self::Undelivered { to, content } => write!(f, "could not tell {to}: {content}"),
            Self::Election(output) => output.fmt(f),
            Self::Assigns { task, to } => write!(f, "assigns {task} to {to}"),
            Self::Abandons { task } => write!(f, "finds nobody for {task}"),
            Self::Works { task } => write!(f, "works on {task}"),
            Self::Done { task, by } => write!(f, "knows that {by} has done {task}"),
            Self::Resources(told) => told.fmt(f),
            Self::Refuses(refusal) => write!(f, "refuses: {refusal}"),
            Self::Conversation(output) => output.fmt(f),
        }
    }
}
