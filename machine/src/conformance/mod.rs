//! Does a machine keep the promises that every driver relies on?
//!
//! [`check`] drives a handful of nodes through a random walk of inputs, most
//! of them plausible, many not: messages repeated, out of order, mangled, from
//! strangers; deadlines that come late or were never armed; commands; crashes
//! after any effect, and a restart from what was saved until then. Every node
//! is a pair of twins that get the same inputs and draws. It finds
//!
//! - a panic, by meeting it;
//! - hidden state or randomness: the twins differ;
//! - a message that the wire changes;
//! - a restart that fails on a prefix of the machine's own saves.

mod random_walk;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{Draw, Effect, Machine, NodeId};
use random_walk::RandomWalk;

/// A machine to be checked, and what a driver would know of it.
pub trait Subject {
    /// What is checked.
    type Machine: Machine<Command: Clone>;

    /// How many nodes there are, at least 1.
    fn nodes(&self) -> u32;

    /// A fresh machine.
    fn build(&self, node: NodeId) -> Self::Machine;

    /// Something an owner could ask, if owners ask for anything.
    fn command(
        &self,
        node: NodeId,
        draws: &mut dyn Draw,
    ) -> Option<<Self::Machine as Machine>::Command>;

    /// The message after a journey over the wire; what the wire did to it, if
    /// it did not arrive as it was.
    fn over_the_wire(
        &self,
        message: &<Self::Machine as Machine>::Message,
    ) -> Result<<Self::Machine as Machine>::Message, String>;

    /// Another message that the wire could bring, made from this one.
    fn mangled(
        &self,
        message: &<Self::Machine as Machine>::Message,
        draws: &mut dyn Draw,
    ) -> Option<<Self::Machine as Machine>::Message>;

    /// An effect in bytes, so that two can be compared.
    fn bytes(&self, effect: &Effect<Self::Machine>) -> Vec<u8>;
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nonconformance {
    /// Two machines in the same state took the same input and did different things.
    TwinsDiffer {
        /// Which node.
        node: NodeId,
        /// The kind of input.
        input: &'static str,
    },
    /// A message is not the same after the wire.
    WireChanges {
        /// The message's kind.
        kind: &'static str,
        /// What happened to it.
        how: String,
    },
}

impl fmt::Display for Nonconformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwinsDiffer { node, input } => {
                write!(f, "{node} took the same {input} in the same state and did something else")
            }
            Self::WireChanges { kind, how } => write!(f, "the wire changes `{kind}`: {how}"),
        }
    }
}

impl core::error::Error for Nonconformance {}

/// What a check has met: a check that met nothing says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Messages that machines sent.
    pub sent: u64,
    /// Messages that arrived as they were sent.
    pub delivered: u64,
    /// Messages that arrived mangled.
    pub mangled: u64,
    /// Deadlines that came.
    pub timers: u64,
    /// Commands that owners gave.
    pub commands: u64,
    /// Restarts from what was saved.
    pub restarts: u64,
    /// Cells that were saved.
    pub saves: u64,
}

impl core::ops::AddAssign for Met {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.mangled += other.mangled;
        self.timers += other.timers;
        self.commands += other.commands;
        self.restarts += other.restarts;
        self.saves += other.saves;
    }
}

/// Takes this many random steps with a machine. Everything random comes from
/// `draws`, so a breach comes again with the same draws.
///
/// # Panics
/// If the machine does: that is one of the things it looks for.
pub fn check<S: Subject>(
    subject: &S,
    draws: &mut dyn Draw,
    steps: u32,
) -> Result<Met, Nonconformance> {
    RandomWalk::new(subject).run(draws, steps)
}
