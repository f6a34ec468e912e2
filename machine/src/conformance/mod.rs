//! Checks that a machine keeps the promises that every driver relies on.
//!
//! [`check`] drives a few nodes through a random walk of inputs. Many of the
//! inputs are implausible: messages are repeated, reordered, mangled, or come from
//! unknown nodes; deadlines come late. Nodes crash after any effect, and
//! restart from what they had saved until then. Every node is a pair of twins
//! that get the same inputs and draws. The check finds
//!
//! - a panic;
//! - hidden state or randomness: the twins differ;
//! - a message that changes on the wire;
//! - a restart that fails on a prefix of the machine's own saves;
//! - two timers or two cells that compare as equal and are not: the one would
//!   silently replace the other.
//!
//! A check that met nothing shows nothing. [`Met`] tells what it met, and
//! [`Met::enough`] refuses too little.

mod random_walk;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{Draw, Effect, Machine, NodeId};
use random_walk::RandomWalk;

/// A machine to check, with what a driver knows about it.
pub trait Subject {
    /// The machine to check.
    type Machine: Machine<Command: Clone>;

    /// The number of nodes, at least 1.
    fn nodes(&self) -> u32;

    /// A new machine for this node.
    fn build(&self, node: NodeId) -> Self::Machine;

    /// A command that an owner could give, if owners give any.
    fn command(
        &self,
        node: NodeId,
        draws: &mut dyn Draw,
    ) -> Option<<Self::Machine as Machine>::Command>;

    /// The message after it went over the wire.
    ///
    /// # Errors
    /// How the wire changed the message, if it did.
    fn over_the_wire(
        &self,
        message: &<Self::Machine as Machine>::Message,
    ) -> Result<<Self::Machine as Machine>::Message, String>;

    /// Another message that could arrive, made from this one; none where the
    /// wire has a checksum that lets no other arrive.
    fn mangled(
        &self,
        message: &<Self::Machine as Machine>::Message,
        draws: &mut dyn Draw,
    ) -> Option<<Self::Machine as Machine>::Message>;

    /// An effect as bytes, so that two effects can be compared.
    fn bytes(&self, effect: &Effect<Self::Machine>) -> Vec<u8>;
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nonconformance {
    /// Two machines in the same state took the same input and had different effects.
    TwinsDiffer {
        /// The node.
        node: NodeId,
        /// The kind of input.
        input: &'static str,
    },
    /// A message is not the same after the wire.
    WireChanges {
        /// The message's kind.
        kind: &'static str,
        /// How the wire changed it.
        how: String,
    },
    /// Two timers of a node compare as equal and are written differently.
    TimersAlike {
        /// The node.
        node: NodeId,
    },
    /// Two cells of a node compare as equal and are written differently.
    CellsAlike {
        /// The node.
        node: NodeId,
    },
    /// No machine sent anything, so no input but starts, timers and commands was
    /// met.
    NothingSent(Met),
}

impl fmt::Display for Nonconformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwinsDiffer { node, input } => {
                write!(f, "{node} had different effects of the same {input} in the same state")
            }
            Self::WireChanges { kind, how } => write!(f, "the wire changes `{kind}`: {how}"),
            Self::TimersAlike { node } => write!(
                f,
                "{node} armed two timers that compare as equal and differ: the second replaced \
                 the first (let `Ord` compare all that the timer carries)"
            ),
            Self::CellsAlike { node } => write!(
                f,
                "{node} saved two cells that compare as equal and differ: the second replaced \
                 the first (let `Ord` compare all that the cell carries)"
            ),
            Self::NothingSent(met) => {
                write!(f, "the check met no message ({met}): give it commands or more steps")
            }
        }
    }
}

impl core::error::Error for Nonconformance {}

/// What happened during a check. A check in which nothing happened shows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Messages that machines sent.
    pub sent: u64,
    /// Messages that arrived as they were sent.
    pub delivered: u64,
    /// Messages that arrived mangled.
    pub mangled: u64,
    /// Deadlines that came, armed or not.
    pub timers: u64,
    /// Commands that owners gave.
    pub commands: u64,
    /// Restarts from what was saved.
    pub restarts: u64,
    /// Cells that were saved.
    pub saves: u64,
    /// Sessions that began or ended, of machines that hear of links.
    pub links: u64,
}

impl Met {
    /// The same, unless no message arrived as it was sent: then hardly any input was met.
    pub fn enough(self) -> Result<Self, Nonconformance> {
        if self.delivered > 0 { Ok(self) } else { Err(Nonconformance::NothingSent(self)) }
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, delivered, mangled, timers, commands, restarts, saves, links } = self;
        write!(
            f,
            "sent {sent}, delivered {delivered}, mangled {mangled}, timers {timers}, \
             commands {commands}, restarts {restarts}, saves {saves}"
        )?;
        if *links == 0 { Ok(()) } else { write!(f, ", links {links}") }
    }
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
        self.links += other.links;
    }
}

/// Takes so many random steps with a machine. All random choices come from
/// `draws`, so the same draws find the same failure again.
///
/// # Panics
/// If the machine panics, which is one of the failures that it looks for.
pub fn check<S: Subject>(
    subject: &S,
    draws: &mut dyn Draw,
    steps: u32,
) -> Result<Met, Nonconformance> {
    RandomWalk::new(subject).run(draws, steps)
}
