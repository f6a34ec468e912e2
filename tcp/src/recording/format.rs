//! What a recording is made of. The order of fields and variants is the file's
//! format: a change is a new version.

use bytes::Bytes;
use rehearsal_machine::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::Drawn;
use crate::{Clock, Lost};

/// What tells a recording from all other files.
pub(super) const KIND: &str = "rehearsal recording";
pub(super) const VERSION: u32 = 1;

/// What a record begins with: which of the two it is.
pub(super) const HEADER: u8 = 0;
pub(super) const STEP: u8 = 1;

/// Who is recorded: all that is needed to make the machine again, and to put
/// recordings of several nodes together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The protocol's name.
    pub protocol: String,
    /// The file that says who belongs to the cluster and what it runs.
    pub source: SourceFile,
    /// The files that it names.
    pub files: Vec<SourceFile>,
    /// Which node it is.
    pub node: NodeId,
    /// How many there are.
    pub nodes: u32,
    /// Which life of the node, counted from 1.
    pub incarnation: u32,
    /// What the times of all steps were read from.
    pub clock: Clock,
    /// The version of the program that recorded.
    pub build: String,
}

/// A file's text as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// What the file is called.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// One input, and all that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the node's clock said.
    pub at: Time,
    /// What happened to it.
    pub input: RecordedInput,
    /// What the machine drew, in order.
    pub draws: Vec<Drawn>,
    /// What it asked for, in order.
    pub effects: Vec<RecordedEffect>,
}

/// An input, in postcard's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedInput {
    /// The first of every life.
    Start {
        /// Durable cells and what they held.
        storage: Vec<(Bytes, Bytes)>,
    },
    /// The owner's.
    Command(Bytes),
    /// A peer's.
    Message {
        /// Who sent it.
        from: NodeId,
        /// In which of its lives.
        incarnation: u32,
        /// Its number on the link, counted from 1 in each life of the sender.
        count: u32,
        /// What it says.
        bytes: Bytes,
    },
    /// A deadline that has come: its name.
    Timer(Bytes),
}

/// An effect that a machine asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEffect {
    /// What it asked for, in postcard's bytes: as an enum with the variants of
    /// [`Effect`](rehearsal_machine::Effect) in their order, where an `Arm`
    /// has the two ends of its range in nanoseconds.
    pub effect: Bytes,
    /// What the driver made of it.
    pub outcome: Outcome,
}

/// What a driver made of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Just what was asked: of `Disarm`, `Save` and `Emit`.
    Plain,
    /// Of a `Send`.
    Sent {
        /// The message's number on the link, counted from 1 in each life.
        count: u32,
        /// Why it was not even tried.
        lost: Option<Lost>,
    },
    /// Of an `Arm`.
    Armed {
        /// The span that was picked, in nanoseconds: the deadline comes so long
        /// after the step's time.
        after: u64,
    },
}
