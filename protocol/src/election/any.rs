//! Any form of election as one machine, so that whoever holds one need not
//! know which: a scenario's protocol, a bigger machine.
//!
//! Names pass through: a message's kind, a deadline's name in a trace are the
//! form's own. All nodes of a run have the same form; what a node of another
//! form says is ignored.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::bully::{self, Bully};
use super::garcia_molina::{self, GarciaMolina};
use super::hardened::{self, Hardened};
use super::{Command, Elector, Epoch, Output, Role};
use crate::wrap::Narrow as _;
use rehearsal_machine::{Context, Input, Machine, Nested, NodeId};

/// An election of one of the forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Election {
    /// The textbook's, or the paper's.
    Bully(Nested<Bully>),
    /// The one of 1982.
    GarciaMolina(Nested<GarciaMolina>),
    /// The one that survives.
    Hardened(Nested<Hardened>),
}

impl Election {
    fn elector(&self) -> &dyn Elector {
        match self {
            Self::Bully(bully) => &bully.machine,
            Self::GarciaMolina(node) => &node.machine,
            Self::Hardened(node) => &node.machine,
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
    /// In a textbook's or the paper's election.
    Bully(bully::Message),
    /// In one of 1982.
    GarciaMolina(garcia_molina::Message),
    /// In a hardened one.
    Hardened(hardened::Message),
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Bully(message) => message.kind(),
            Self::GarciaMolina(message) => message.kind(),
            Self::Hardened(message) => message.kind(),
        }
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// In a textbook's or the paper's election.
    Bully(bully::Timer),
    /// In one of 1982.
    GarciaMolina(garcia_molina::Timer),
    /// In a hardened one.
    Hardened(hardened::Timer),
}

/// Names of durable cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// In a textbook's or the paper's election.
    Bully(bully::Cell),
    /// In one of 1982.
    GarciaMolina(garcia_molina::Cell),
    /// In a hardened one.
    Hardened(hardened::Cell),
}

/// What durable cells hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Saved {
    /// In a textbook's or the paper's election.
    Bully(bully::Mark),
    /// In one of 1982: how many elections the node has held.
    GarciaMolina(u64),
    /// In a hardened one.
    Hardened(Epoch),
}

form!(Election::Bully in bully);
form!(Election::GarciaMolina in garcia_molina);
form!(Election::Hardened in hardened);

part!(Saved::Bully of bully::Mark, and back);
part!(Saved::GarciaMolina of u64, and back);
part!(Saved::Hardened of Epoch, and back);

/// The form's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bully(timer) => timer.fmt(f),
            Self::GarciaMolina(timer) => timer.fmt(f),
            Self::Hardened(timer) => timer.fmt(f),
        }
    }
}

/// The form's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bully(cell) => cell.fmt(f),
            Self::GarciaMolina(cell) => cell.fmt(f),
            Self::Hardened(cell) => cell.fmt(f),
        }
    }
}

impl Machine for Election {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    /// What a node of another form says is for nobody here.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match self {
            Self::Bully(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::GarciaMolina(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Hardened(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
        }
    }
}
