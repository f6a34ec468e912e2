use alloc::collections::BTreeMap;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::{Context, NodeId};

/// What peers say to each other.
pub trait Message: Clone {
    /// Which kind of message this is, in lower snake case: the name that
    /// scenarios, plans and traces use for it.
    fn kind(&self) -> &'static str;
}

/// A protocol: a pure function of its state and its inputs.
///
/// It holds no clock, socket, thread or randomness; it asks for them through
/// the [`Context`], and a driver (a simulator, a real node, a replayer)
/// answers. It must not panic on any input from a peer or an owner.
pub trait Machine: Sized {
    /// What peers say; the only type on the wire.
    type Message: Message;
    /// What our owner asks of us.
    type Command;
    /// What we tell our owner.
    type Output;
    /// Names of our deadlines; arming one again replaces it.
    type Timer: Clone + Ord;
    /// Names of our durable cells, each holding one value.
    type Cell: Clone + Ord;
    /// What a cell holds.
    type Saved: Clone;

    /// Takes one input; what shall happen goes, in order, into the context.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>);
}

/// What a node finds in its durable cells when it starts.
pub type Storage<M> = BTreeMap<<M as Machine>::Cell, <M as Machine>::Saved>;

/// Everything that can happen to a machine.
pub enum Input<M: Machine> {
    /// The first input of every incarnation, with what earlier ones saved.
    Start(Storage<M>),
    /// Our owner asks for something.
    Command(M::Command),
    /// A peer's message arrived.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: M::Message,
    },
    /// A deadline that we armed has come.
    Timer(M::Timer),
}

/// Everything a machine can ask of its driver.
///
/// Effects take effect one at a time, in order, and a crash may fall between
/// any two. A `Save` is durable once a later effect of its node has happened.
pub enum Effect<M: Machine> {
    /// Say something to a peer, who may never hear it.
    Send {
        /// Whom to tell.
        to: NodeId,
        /// What to say.
        message: M::Message,
    },
    /// Wake us with [`Input::Timer`] after a span that the driver picks.
    Arm {
        /// The deadline's name.
        timer: M::Timer,
        /// The spans it may pick from.
        after: RangeInclusive<Duration>,
    },
    /// Forget a deadline; nothing happens where none is armed.
    Disarm(M::Timer),
    /// Make a cell durable.
    Save {
        /// Which one.
        cell: M::Cell,
        /// What it shall hold; `None` erases it.
        value: Option<M::Saved>,
    },
    /// Tell our owner something.
    Emit(M::Output),
}

/// Where a machine's choices come from: seeded, recorded, or branching.
pub trait Draw {
    /// A number in the range; its start if the range is empty.
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64;
}

// Derives would ask for `M: Clone` and so on; it is the associated types that count.

impl<M: Machine<Command: Clone>> Clone for Input<M> {
    fn clone(&self) -> Self {
        match self {
            Self::Start(storage) => Self::Start(storage.clone()),
            Self::Command(command) => Self::Command(command.clone()),
            Self::Message { from, message } => {
                Self::Message { from: *from, message: message.clone() }
            }
            Self::Timer(timer) => Self::Timer(timer.clone()),
        }
    }
}

impl<M> fmt::Debug for Input<M>
where
    M: Machine<
            Message: fmt::Debug,
            Command: fmt::Debug,
            Timer: fmt::Debug,
            Cell: fmt::Debug,
            Saved: fmt::Debug,
        >,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(storage) => f.debug_tuple("Start").field(storage).finish(),
            Self::Command(command) => f.debug_tuple("Command").field(command).finish(),
            Self::Message { from, message } => {
                f.debug_struct("Message").field("from", from).field("message", message).finish()
            }
            Self::Timer(timer) => f.debug_tuple("Timer").field(timer).finish(),
        }
    }
}

impl<M> fmt::Debug for Effect<M>
where
    M: Machine<
            Message: fmt::Debug,
            Output: fmt::Debug,
            Timer: fmt::Debug,
            Cell: fmt::Debug,
            Saved: fmt::Debug,
        >,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { to, message } => {
                f.debug_struct("Send").field("to", to).field("message", message).finish()
            }
            Self::Arm { timer, after } => {
                f.debug_struct("Arm").field("timer", timer).field("after", after).finish()
            }
            Self::Disarm(timer) => f.debug_tuple("Disarm").field(timer).finish(),
            Self::Save { cell, value } => {
                f.debug_struct("Save").field("cell", cell).field("value", value).finish()
            }
            Self::Emit(output) => f.debug_tuple("Emit").field(output).finish(),
        }
    }
}
