//! Messages, deadlines and cells of a node: those of its parts, under one roof.

use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::Content;
use crate::election::any;
use crate::ordering;
use crate::{deadlock, link};
use rehearsal_machine::NodeId;

/// What nodes say to each other: a part to its like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Between users.
    Link(link::Message<Content>),
    /// Between users who follow a script.
    Script(ordering::Message),
    /// In an election.
    Election(any::Message),
    /// Of resources, and who waits for them.
    Resources(deadlock::Message),
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Link(link::Message::Data { content: Content::Task { .. }, .. }) => "task",
            Self::Link(link::Message::Data { content: Content::Done { .. }, .. }) => "done",
            Self::Link(message) => message.kind(),
            Self::Script(message) => message.kind(),
            Self::Election(message) => message.kind(),
            Self::Resources(message) => message.kind(),
        }
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The link's.
    Link(link::Timer),
    /// The script's.
    Script(ordering::Timer),
    /// The election's.
    Election(any::Timer),
    /// Of resources.
    Resources(deadlock::Timer),
}

/// The part's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(timer) => timer.fmt(f),
            Self::Script(timer) => timer.fmt(f),
            Self::Election(timer) => timer.fmt(f),
            Self::Resources(timer) => timer.fmt(f),
        }
    }
}

/// Names of durable cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The number of the last task given.
    Tasks,
    /// A task that we gave and that is not done.
    Given(u64),
    /// A task of this number that this node gave us.
    OnHand(NodeId, u64),
    /// The link's.
    Link(link::Cell),
    /// The script's.
    Script(ordering::Delivered),
    /// The election's.
    Election(any::Cell),
    /// Of resources.
    Resources(deadlock::Cell),
}

/// The part's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tasks => f.write_str("Tasks"),
            Self::Given(number) => write!(f, "Given({number})"),
            Self::OnHand(by, number) => write!(f, "OnHand({by}, {number})"),
            Self::Link(cell) => cell.fmt(f),
            Self::Script(cell) => cell.fmt(f),
            Self::Election(cell) => cell.fmt(f),
            Self::Resources(cell) => cell.fmt(f),
        }
    }
}

/// What cells hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Saved {
    /// A number.
    Number(u64),
    /// What a message of the script said, or a task.
    Text(Arc<str>),
    /// Who is to do a task, and what it is.
    Given(NodeId, Arc<str>),
    /// What an election keeps.
    Election(any::Saved),
    /// What is kept of resources.
    Resources(deadlock::Saved),
}

part!(Message::Link of link::Message<Content>);
part!(Message::Script of ordering::Message);
part!(Message::Election of any::Message);
part!(Message::Resources of deadlock::Message);
part!(Timer::Link of link::Timer);
part!(Timer::Script of ordering::Timer);
part!(Timer::Election of any::Timer);
part!(Timer::Resources of deadlock::Timer);
part!(Cell::Link of link::Cell, and back);
part!(Cell::Script of ordering::Delivered, and back);
part!(Cell::Election of any::Cell, and back);
part!(Cell::Resources of deadlock::Cell, and back);
part!(Saved::Number of u64, and back);
part!(Saved::Text of Arc<str>, and back);
part!(Saved::Election of any::Saved, and back);
part!(Saved::Resources of deadlock::Saved, and back);
