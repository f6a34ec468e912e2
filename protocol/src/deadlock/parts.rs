//! Messages, deadlines and cells of a site: those of its parts, under one roof.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::any;
use crate::{election, resource};

/// What sites say to each other: a part to its like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Of requests.
    Participant(resource::Message),
    /// Of a detector.
    Detector(any::Message),
    /// In an election.
    Election(election::any::Message),
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Participant(message) => message.kind(),
            Self::Detector(message) => message.kind(),
            Self::Election(message) => message.kind(),
        }
    }
}

/// Names of deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The party's.
    Participant(resource::Timer),
    /// The detector's.
    Detector(any::Timer),
    /// The election's.
    Election(election::any::Timer),
    /// Our request is to be given up.
    Abort,
}

/// The part's own name.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(timer) => timer.fmt(f),
            Self::Detector(timer) => timer.fmt(f),
            Self::Election(timer) => timer.fmt(f),
            Self::Abort => f.write_str("Abort"),
        }
    }
}

/// Names of durable cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The party's.
    Participant(resource::Cell),
    /// The detector's.
    Detector(any::Cell),
    /// The election's.
    Election(election::any::Cell),
}

/// The part's own name.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(cell) => cell.fmt(f),
            Self::Detector(cell) => cell.fmt(f),
            Self::Election(cell) => cell.fmt(f),
        }
    }
}

/// What cells hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Saved {
    /// What the party keeps.
    Participant(resource::Saved),
    /// What the detector keeps.
    Detector(u64),
    /// What the election keeps.
    Election(election::any::Saved),
}

part!(Message::Participant of resource::Message);
part!(Message::Detector of any::Message);
part!(Message::Election of election::any::Message);
part!(Timer::Participant of resource::Timer);
part!(Timer::Detector of any::Timer);
part!(Timer::Election of election::any::Timer);
part!(Cell::Participant of resource::Cell, and back);
part!(Cell::Detector of any::Cell, and back);
part!(Cell::Election of election::any::Cell, and back);
part!(Saved::Participant of resource::Saved, and back);
part!(Saved::Detector of u64, and back);
part!(Saved::Election of election::any::Saved, and back);
