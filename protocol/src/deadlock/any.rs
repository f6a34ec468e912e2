//! Any detector as one machine, so that whoever holds one need not know which.
//!
//! All nodes of a run have the same; what a node with another one says is
//! ignored.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::central::{self, Central};
use super::{Foreign, Notice, Output};
use crate::{Context, Input, Machine, Nested};

/// One of the detectors.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detector {
    /// A leader asks everybody.
    Central(Nested<Central>),
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Message {
    /// To a leader that asks everybody, and back.
    Central(central::Message),
}

impl crate::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Central(message) => message.kind(),
        }
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Timer {
    /// Of a leader that asks everybody.
    Central(central::Timer),
}

/// Names of durable cells; each holds a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cell {
    /// Of a leader that asks everybody.
    Central(central::Cell),
}

form!(Detector::Central in central);

/// The detector's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Central(timer) => timer.fmt(f),
        }
    }
}

/// The detector's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Central(cell) => cell.fmt(f),
        }
    }
}

impl Machine for Detector {
    type Message = Message;
    type Command = Notice;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    /// What a node with another detector says is for nobody here.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match self {
            Self::Central(node) => {
                let _ = input.try_into().map(|input| cx.delegate(node, input));
            }
        }
    }
}
