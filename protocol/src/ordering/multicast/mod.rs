//! A node that sends messages to several others in one of the orders, over a
//! reliable link, through crashes.
//!
//! The [`Algorithm`] of the discipline decides what is sent and delivered, the
//! [`SlidingWindow`] carries its packets. Both meet here.
//!
//! # What survives a crash
//!
//! A node writes everything that happens to it into a journal before it acts on it: its
//! owner's messages, packets that come, acknowledgements, new leaders. The rest is
//! computed from that. So a node that restarts with its disk is the node that it was: no
//! number is used again, what was held back is still held back, and what was not
//! acknowledged is sent again. Every discipline survives the restart of any nodes, and
//! all messages arrive in the end, those of a [`Sequencer`](super::Sequencer) as long as
//! it keeps its leader.
//!
//! The owner hears of each event at most once as [`Output::Sent`] or
//! [`Output::Delivered`]. If a crash falls between the journal's save and an output, the
//! owner misses it. So after a restart the events of the last entry come once more, as
//! [`Output::Recalled`]. An owner that knows which of them it has heard has heard
//! each one exactly once.
//!
//! What happens while a node is down, or if it never comes back, depends on the
//! discipline:
//!
//! - [`Fifo`]: nothing waits but its own messages;
//! - [`CausalBroadcast`], [`RaynalSchiperToueg`], [`SchiperEggliSandoz`]: a receiver that lacks
//!   a message of the node holds back what depends on this message, and nothing else;
//! - [`Relay`]: nothing passes without the server;
//! - [`Skeen`]: all destinations wait for the proposal of each, and for the sender;
//! - [`Sequencer`]: all wait for the leader, and a new leader uses its numbers again;
//! - [`MajoritySequencer`]: messages are delivered as long as there is a leader and
//!   a majority is up.
//!
//! A node that restarts without its disk numbers its messages from 1 again, and its
//! peers take them for old ones. It must come back under another number.
//!
//! [`Fifo`]: super::Fifo
//! [`CausalBroadcast`]: super::CausalBroadcast
//! [`RaynalSchiperToueg`]: super::RaynalSchiperToueg
//! [`SchiperEggliSandoz`]: super::SchiperEggliSandoz
//! [`Relay`]: super::Relay
//! [`Skeen`]: super::Skeen
//! [`Sequencer`]: super::Sequencer
//! [`MajoritySequencer`]: super::MajoritySequencer

mod journal;
mod state;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use self::journal::{Journal, Restored};
use super::{Algorithm, Destinations, Discipline, MessageId, Packet, Refusal};
use crate::election::Epoch;
use crate::link::Say;
use crate::link::sliding_window::{self, SlidingWindow};
use crate::two_slot::Slot;
use rehearsal_machine::{Context, Embeds, Input, Machine, Nested, NodeId, Storage, mutant};

pub use journal::Checkpoint;
pub use state::{Entry, State};

/// What all nodes of a group know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The order.
    pub discipline: Discipline,
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// How packets are carried.
    pub link: sliding_window::Config,
    /// How many packets to one node may be without an acknowledgement, and how many
    /// messages without a place in a total order, before a node refuses its owner's
    /// next message: at least 1.
    pub backlog: u32,
}

/// What an owner asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command<T> {
    /// Send this.
    Send {
        /// The nodes that are to deliver it; this node may be one of them.
        to: Destinations,
        /// The content.
        content: T,
    },
    /// Follow the leader of this epoch, or lead if it is this node. Ignored where the
    /// discipline has no leader, and if the node has followed a later one.
    Follow(Epoch),
}

/// What a node tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Output<T> {
    /// A message of this node is on its way, and will be delivered even if the node
    /// crashes now and comes back.
    Sent {
        /// The message.
        message: MessageId,
        /// Its destinations.
        to: Destinations,
    },
    /// It is this message's turn.
    Delivered {
        /// The message.
        message: MessageId,
        /// Its content.
        content: T,
    },
    /// After a restart: this happened last before the crash, whether or not the owner
    /// has heard of it.
    Recalled(Event<T>),
    /// The message was not sent.
    Refused {
        /// Its destinations.
        to: Destinations,
        /// Its content.
        content: T,
        /// Why.
        why: Refusal,
    },
}

/// What happens to a message at a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event<T> {
    /// Its owner sent it.
    Sent {
        /// The message.
        message: MessageId,
        /// Its destinations.
        to: Destinations,
    },
    /// It was delivered.
    Delivered {
        /// The message.
        message: MessageId,
        /// Its content.
        content: T,
    },
}

impl<T> From<Event<T>> for Output<T> {
    fn from(event: Event<T>) -> Self {
        match event {
            Event::Sent { message, to } => Self::Sent { message, to },
            Event::Delivered { message, content } => Self::Delivered { message, content },
        }
    }
}

/// As `sends n1#1 to n2, n3`, `delivers n2#4`.
impl<T> fmt::Display for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { message, to } => write!(f, "sends {message} to {to}"),
            Self::Delivered { message, .. } => write!(f, "delivers {message}"),
        }
    }
}

impl<T> fmt::Display for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { message, to } => write!(f, "sends {message} to {to}"),
            Self::Delivered { message, .. } => write!(f, "delivers {message}"),
            Self::Recalled(event) => write!(f, "recalls that it {event}"),
            Self::Refused { to, why, .. } => write!(f, "refuses to send to {to}: {why}"),
        }
    }
}

/// A packet with its number among those from its sender to its receiver, in all their
/// lives: the receiver recognises what a restart repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parcel<T> {
    /// The number, from 1.
    pub number: u64,
    /// The packet.
    pub packet: Packet<T>,
}

impl<T: Clone> rehearsal_machine::Message for Parcel<T> {
    fn kind(&self) -> &'static str {
        self.packet.kind()
    }
}

/// What nodes say to each other.
pub type Message<T> = sliding_window::Message<Parcel<T>>;

/// A durable cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the link.
    Link(sliding_window::Cell),
    /// The journal's entry of this number.
    Entry(u64),
    /// A state that stands for all entries up to some number.
    Checkpoint(Slot),
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saved<T> {
    /// Of the link.
    Number(u64),
    /// An entry.
    Entry(Entry<T>),
    /// A checkpoint.
    Checkpoint(Box<Checkpoint<T>>),
}

/// A node of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multicast<T: Clone> {
    config: Config,
    me: NodeId,
    link: Nested<SlidingWindow<Parcel<T>>>,
    state: State<T>,
    journal: Journal,
    /// The number of the last parcel to each node that the link has taken in this life.
    handed: BTreeMap<NodeId, u64>,
}

impl<T: Clone> Multicast<T> {
    /// Node `me` of a group.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            link: Nested::new(SlidingWindow::new(config.link)),
            state: State::new(config, me),
            journal: Journal::new(),
            handed: BTreeMap::new(),
        }
    }

    /// The order in which it delivers.
    #[must_use]
    pub fn discipline(&self) -> Discipline {
        self.config.discipline
    }

    /// What the discipline does at this node.
    #[must_use]
    pub fn algorithm(&self) -> &Algorithm<T> {
        self.state.algorithm()
    }

    /// How many messages its owner has sent, in all its lives.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.state.sent()
    }

    /// How many messages it has delivered, in all its lives.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.state.delivered()
    }

    /// How many packets to this node are without an acknowledgement.
    #[must_use]
    pub fn outstanding(&self, to: NodeId) -> usize {
        self.state.outstanding(to)
    }

    /// The nodes whose acknowledgements it waits for.
    pub fn awaited(&self) -> impl Iterator<Item = NodeId> {
        self.state.receivers()
    }

    /// Whether it waits for no acknowledgement, holds nothing back, and all of its
    /// messages have a place in the order.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let algorithm = self.state.algorithm();
        self.state.receivers().next().is_none()
            && algorithm.held() == 0
            && algorithm.unordered() == 0
    }
}

type Link<T> = SlidingWindow<Parcel<T>>;

impl<T: Clone> Multicast<T> {
    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        let Restored { journal, state, last, leftovers } =
            Journal::restore(storage, self.config, self.me);
        (self.journal, self.state) = (journal, state);
        self.handed.clear();
        self.ask_link(Self::start_input(storage), cx);
        for number in leftovers {
            cx.erase(Cell::Entry(number));
        }
        for event in last {
            cx.emit(Output::Recalled(event));
        }
        self.hand_on(cx);
    }

    fn command(&mut self, command: Command<T>, cx: &mut Context<'_, Self>) {
        match command {
            Command::Send { to, content } => match self.check(&to) {
                Ok(()) => self.happen(Entry::Sent { to, content }, cx),
                Err(why) => cx.emit(Output::Refused { to, content, why }),
            },
            Command::Follow(epoch) => {
                let is_node = epoch.leader.number() <= self.config.nodes;
                if self.config.discipline.has_leader() && is_node {
                    self.happen(Entry::Follows(epoch), cx);
                }
            }
        }
    }

    fn check(&self, to: &Destinations) -> Result<(), Refusal> {
        self.config.discipline.check(self.me, self.config.nodes, to)?;
        let most = self.config.backlog.max(1) as usize;
        let is_full = |to| self.state.outstanding(to) >= most;
        if self.state.algorithm().unordered() >= most || NodeId::all(self.config.nodes).any(is_full)
        {
            return Err(Refusal::Full);
        }
        Ok(())
    }

    /// Writes an entry, acts on it, and hands on what it brings about.
    fn happen(&mut self, entry: Entry<T>, cx: &mut Context<'_, Self>) {
        self.journal.write(entry.clone(), cx);
        for event in self.state.apply(entry) {
            cx.emit(event.into());
        }
        self.hand_on(cx);
        self.journal.tidy(&self.state, cx);
    }

    /// Gives the link what it has room for.
    fn hand_on(&mut self, cx: &mut Context<'_, Self>) {
        for to in self.state.receivers().collect::<Vec<_>>() {
            while self.link.machine.room(to) > 0
                && let Some(content) = self.parcel_to_hand_on(to)
            {
                self.handed.insert(to, content.number);
                self.ask_link(Input::Command(Say { to, content }), cx);
            }
        }
    }

    fn parcel_to_hand_on(&self, to: NodeId) -> Option<Parcel<T>> {
        self.state.parcel_after(to, self.handed.get(&to).copied().unwrap_or(0))
    }

    fn ask_link(&mut self, input: Input<Link<T>>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |node| Some(&mut node.link), input, Self::on_link);
    }

    fn on_link(&mut self, output: sliding_window::Output<Parcel<T>>, cx: &mut Context<'_, Self>) {
        match output {
            sliding_window::Output::Delivered { from, content } => {
                let is_member = from.number() <= self.config.nodes && from != self.me;
                let is_new = !self.state.has_received(from, content.number) || mutant!(TakesTwice);
                if is_member && is_new {
                    self.happen(Entry::Received { from, parcel: content }, cx);
                }
            }
            sliding_window::Output::Acknowledged { to, content } => {
                self.happen(Entry::Acknowledged { to, number: content.number }, cx);
            }
            // It is asked only if it has room.
            sliding_window::Output::Refused { .. } => {}
        }
    }
}

impl<T: Clone> Embeds<Link<T>> for Multicast<T> {
    fn message(message: Message<T>) -> Message<T> {
        message
    }

    fn timer(timer: sliding_window::Timer) -> sliding_window::Timer {
        timer
    }

    fn cell(cell: sliding_window::Cell) -> Cell {
        Cell::Link(cell)
    }

    fn saved(saved: u64) -> Saved<T> {
        Saved::Number(saved)
    }

    fn stored(cell: &Cell, saved: &Saved<T>) -> Option<(sliding_window::Cell, u64)> {
        match (cell, saved) {
            (Cell::Link(cell), Saved::Number(number)) => Some((*cell, *number)),
            _ => None,
        }
    }
}

impl<T: Clone> Machine for Multicast<T> {
    type Message = Message<T>;
    type Command = Command<T>;
    type Output = Output<T>;
    type Timer = sliding_window::Timer;
    type Cell = Cell;
    type Saved = Saved<T>;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(command) => self.command(command, cx),
            Input::Message { from, message } => {
                self.ask_link(Input::Message { from, message }, cx);
            }
            Input::Timer(timer) => self.ask_link(Input::Timer(timer), cx),
        }
    }
}
