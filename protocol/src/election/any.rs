//! Any form of election as one machine, so that whoever holds one need not
//! know which: a scenario's protocol, a bigger machine.
//!
//! Names pass through: a message's kind, a deadline's name in a trace are the
//! form's own. All nodes of a run have the same form; what a node of another
//! form says is ignored.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::bully::{self, Bully};
use super::{Command, Elector, Epoch, Output, Role};
use crate::{Context, Input, Machine, Nested, NodeId};

/// An election of one of the forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Election {
    /// The textbook's, or the paper's.
    Bully(Nested<Bully>),
}

impl From<Bully> for Election {
    fn from(bully: Bully) -> Self {
        Self::Bully(Nested::new(bully))
    }
}

impl Election {
    fn elector(&self) -> &dyn Elector {
        match self {
            Self::Bully(bully) => &bully.machine,
        }
    }
}

impl Elector for Election {
    fn leader(&self) -> Option<NodeId> {
        self.elector().leader()
    }

    fn role(&self) -> Role {
        self.elector().role()
    }

    fn epoch(&self) -> Option<Epoch> {
        self.elector().epoch()
    }
}

/// What peers say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// In an election of this form.
    Bully(bully::Message),
}

impl crate::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Bully(message) => message.kind(),
        }
    }
}

impl From<bully::Message> for Message {
    fn from(message: bully::Message) -> Self {
        Self::Bully(message)
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// In an election of this form.
    Bully(bully::Timer),
}

impl From<bully::Timer> for Timer {
    fn from(timer: bully::Timer) -> Self {
        Self::Bully(timer)
    }
}

/// The form's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bully(timer) => timer.fmt(f),
        }
    }
}

/// Names of durable cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// In an election of this form.
    Bully(bully::Cell),
}

impl From<bully::Cell> for Cell {
    fn from(cell: bully::Cell) -> Self {
        Self::Bully(cell)
    }
}

impl TryFrom<Cell> for bully::Cell {
    type Error = Foreign;

    fn try_from(cell: Cell) -> Result<Self, Foreign> {
        match cell {
            Cell::Bully(cell) => Ok(cell),
        }
    }
}

/// The form's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bully(cell) => cell.fmt(f),
        }
    }
}

/// What durable cells hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Saved {
    /// In an election of this form.
    Bully(bully::Mark),
}

impl From<bully::Mark> for Saved {
    fn from(saved: bully::Mark) -> Self {
        Self::Bully(saved)
    }
}

impl TryFrom<Saved> for bully::Mark {
    type Error = Foreign;

    fn try_from(saved: Saved) -> Result<Self, Foreign> {
        match saved {
            Saved::Bully(saved) => Ok(saved),
        }
    }
}

/// A cell, or what it holds, is another form's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

impl Machine for Election {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match self {
            Self::Bully(bully) => {
                let input = match input {
                    Input::Start(storage) => Input::Start(Nested::<Bully>::storage(&storage)),
                    Input::Command(command) => Input::Command(command),
                    Input::Message { from, message: Message::Bully(message) } => {
                        Input::Message { from, message }
                    }
                    Input::Timer(Timer::Bully(timer)) => Input::Timer(timer),
                };
                cx.delegate(bully, input);
            }
        }
    }
}
