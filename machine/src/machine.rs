use alloc::collections::BTreeMap;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::{Context, NodeId};

/// A message between nodes.
pub trait Message: Clone {
    /// The kind of the message, in lower snake case: scenarios, plans and traces
    /// call it by this name.
    fn kind(&self) -> &'static str;
}

/// A protocol: a pure function of its state and its inputs.
///
/// A machine has no clock, socket, thread or random numbers. It asks for them
/// through the [`Context`], and a driver (a simulator, a real node, a replayer)
/// provides them. It must not panic on any input from a peer or an owner.
pub trait Machine: Sized {
    /// Messages between nodes; the only type on the wire.
    type Message: Message;
    /// What the owner of the node can ask of it.
    type Command;
    /// What the node tells its owner.
    type Output;
    /// Names of deadlines. To arm one again replaces it.
    type Timer: Clone + Ord;
    /// Names of durable cells; each cell holds one value.
    type Cell: Clone + Ord;
    /// What a cell holds.
    type Saved: Clone;

    /// Is the machine told when sessions with its peers begin and end, as
    /// [`Input::Link`]? By default it is not, and gets no such input.
    const HEARS_LINKS: bool = false;

    /// Takes one input. Effects go into the context, in order.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>);
}

/// The durable cells of a node, as it finds them when it starts.
pub type Storage<M> = BTreeMap<<M as Machine>::Cell, <M as Machine>::Saved>;

/// Everything that can happen to a machine.
pub enum Input<M: Machine> {
    /// The first input of every incarnation, with what earlier ones saved.
    Start(Storage<M>),
    /// The owner asks for something.
    Command(M::Command),
    /// A peer's message arrived.
    Message {
        /// The sender.
        from: NodeId,
        /// Its content.
        message: M::Message,
    },
    /// A deadline that the machine armed has come.
    Timer(M::Timer),
    /// A session with a peer has begun or ended: a connection, on which messages
    /// arrive in order. Until it breaks, only a message that is too large or finds
    /// its queue full is lost. Only a machine that
    /// [hears of links](Machine::HEARS_LINKS) gets this input, and only where the
    /// driver has sessions: a real node has one with each peer, a simulated network
    /// where the scenario says so.
    ///
    /// What arrives between a beginning and the next end is of one session. At its
    /// end the machine does not know which of the last messages that it sent have
    /// arrived. A restarted machine has no sessions until it is told of them.
    Link {
        /// The other end.
        peer: NodeId,
        /// Has it begun? Otherwise it has ended.
        up: bool,
    },
}

/// Everything a machine can ask of its driver.
///
/// Effects happen one at a time, in order, and the node may crash between any
/// two. A `Save` is durable once a later effect of the same node has happened.
pub enum Effect<M: Machine> {
    /// Send a message to a node. It may be lost.
    Send {
        /// The receiver.
        to: NodeId,
        /// The message.
        message: M::Message,
    },
    /// Give the machine [`Input::Timer`] after a span that the driver picks.
    Arm {
        /// The deadline's name.
        timer: M::Timer,
        /// The spans from which the driver picks.
        after: RangeInclusive<Duration>,
    },
    /// Forget a deadline. Nothing happens if none of this name is armed.
    Disarm(M::Timer),
    /// Write a durable cell.
    Save {
        /// The cell.
        cell: M::Cell,
        /// Its new value; `None` erases the cell.
        value: Option<M::Saved>,
    },
    /// Tell the owner something.
    Emit(M::Output),
}

/// A source of the numbers that a machine draws: seeded, recorded or branching.
///
/// It is also where a machine's marks go, because it is all that a [`Context`]
/// has of its driver: what goes through it comes from every nested child, too,
/// and adds nothing to a step, to its effects or to what is recorded of it.
pub trait Draw {
    /// A number in the range, or its start if the range is empty.
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64;

    /// The machine has come to a place that it marks; see [`Context::mark`].
    ///
    /// By default nobody looks, as in a real node. A source that draws from
    /// another one passes marks on to it. The machine cannot tell the difference.
    fn mark(&mut self, name: &'static str) {
        let _ = name;
    }
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
            Self::Link { peer, up } => Self::Link { peer: *peer, up: *up },
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
            Self::Link { peer, up } => {
                f.debug_struct("Link").field("peer", peer).field("up", up).finish()
            }
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
