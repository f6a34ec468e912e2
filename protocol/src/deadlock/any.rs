//! Any detector as one machine, so that whoever holds one need not know which.
//!
//! All nodes of a run have the same; what a node with another one says is
//! ignored.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::central::{self, Central};
use super::chasing::{self, Chasing};
use super::diffusing::{self, Diffusing};
use super::hierarchy::{self, Hierarchy};
use super::labels::{self, Labels};
use super::snapshot::{self, Snapshot};
use super::{DetectorInput, Output};
use crate::wrap::Narrow as _;
use rehearsal_machine::{Context, Input, Machine, Nested};

/// One of the detectors.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detector {
    /// A leader asks everybody.
    Central(Nested<Central>),
    /// Probes run after those for whom one waits.
    Chasing(Nested<Chasing>),
    /// Questions spread, and answers gather.
    Diffusing(Nested<Diffusing>),
    /// Labels are handed back.
    Labels(Nested<Labels>),
    /// A leader has everybody record one and the same state.
    Snapshot(Nested<Snapshot>),
    /// Controllers in a tree ask those below them.
    Hierarchy(Nested<Hierarchy>),
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Message {
    /// To a leader that asks everybody, and back.
    Central(central::Message),
    /// Of those that send probes.
    Chasing(chasing::Message),
    /// Of those that ask each other.
    Diffusing(diffusing::Message),
    /// Of those that hand labels back.
    Labels(labels::Message),
    /// When a state is recorded.
    Snapshot(snapshot::Message),
    /// Between controllers in a tree.
    Hierarchy(hierarchy::Message),
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Central(message) => message.kind(),
            Self::Chasing(message) => message.kind(),
            Self::Diffusing(message) => message.kind(),
            Self::Labels(message) => message.kind(),
            Self::Snapshot(message) => message.kind(),
            Self::Hierarchy(message) => message.kind(),
        }
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Timer {
    /// Of a leader that asks everybody.
    Central(central::Timer),
    /// Of one that sends probes.
    Chasing(chasing::Timer),
    /// Of one that asks others.
    Diffusing(diffusing::Timer),
    /// Of one that hands labels back.
    Labels(labels::Timer),
    /// Of a leader that has a state recorded.
    Snapshot(snapshot::Timer),
    /// Of a controller in a tree.
    Hierarchy(hierarchy::Timer),
}

/// Names of durable cells; each holds a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cell {
    /// Of a leader that asks everybody.
    Central(central::Cell),
    /// Of one that sends probes.
    Chasing(chasing::Cell),
    /// Of one that asks others.
    Diffusing(diffusing::Cell),
    /// Of one that hands labels back.
    Labels(labels::Cell),
    /// Of a leader that has a state recorded.
    Snapshot(snapshot::Cell),
    /// Of a controller in a tree.
    Hierarchy(hierarchy::Cell),
}

form!(Detector::Central in central);
form!(Detector::Chasing in chasing);
form!(Detector::Diffusing in diffusing);
form!(Detector::Labels in labels);
form!(Detector::Snapshot in snapshot);
form!(Detector::Hierarchy in hierarchy);

/// The detector's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Central(timer) => timer.fmt(f),
            Self::Chasing(timer) => timer.fmt(f),
            Self::Diffusing(timer) => timer.fmt(f),
            Self::Labels(timer) => timer.fmt(f),
            Self::Snapshot(timer) => timer.fmt(f),
            Self::Hierarchy(timer) => timer.fmt(f),
        }
    }
}

/// The detector's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Central(cell) => cell.fmt(f),
            Self::Chasing(cell) => cell.fmt(f),
            Self::Diffusing(cell) => cell.fmt(f),
            Self::Labels(cell) => cell.fmt(f),
            Self::Snapshot(cell) => cell.fmt(f),
            Self::Hierarchy(cell) => cell.fmt(f),
        }
    }
}

impl Machine for Detector {
    type Message = Message;
    type Command = DetectorInput;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    /// What a node with another detector says is for nobody here.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match self {
            Self::Central(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Chasing(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Diffusing(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Labels(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Snapshot(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
            Self::Hierarchy(node) => {
                if let Some(input) = Self::narrow(input) {
                    cx.delegate(node, input);
                }
            }
        }
    }
}
