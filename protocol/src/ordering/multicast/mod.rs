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
//! The owner hears of each [`Event`] at most once as [`Output::Happened`]. If a crash falls
//! between the journal's save and an output, the owner misses it. So after a restart the
//! events of the last entry come once more, as [`Output::Recalled`]. With a driver that gives
//! out each output before the next save, an owner that knows which of them it has heard has
//! heard each one exactly once. A driver that saves several entries at once, and then dies,
//! takes away the outputs of all but the last.
//!
//! [`Discipline`] says what happens while a node is down. A node that restarts without its
//! disk numbers its messages from 1 again, and its peers take them for old ones. It must
//! come back under another number.
//!
//! # What has a bound
//!
//! - A message whose [content](Config::max_content) does not fit into a packet is
//!   refused.
//! - A node refuses its owner's next message while as many packets as the
//!   [backlog](Config::backlog) wait for one of its receivers, or as many of its own
//!   messages have no place in the order.
//! - A relay, and the leader of a [`Sequencer`](super::Sequencer), do not hear a message
//!   that they would pass on to a node for which a backlog waits. Its sender sends it
//!   again. The leader of a [`MajoritySequencer`](super::MajoritySequencer) sends each node
//!   at most a [window](super::majority::WINDOW) that is not answered, so that one node
//!   that is down holds up no other; only the log grows, until this node is back.
//! - A checkpoint replaces at least as many entries as it has messages, so that what is
//!   saved grows with the number of messages, however many wait.

mod journal;
mod output;
mod settings;
mod state;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use self::journal::{Journal, Restored};
use self::state::Consequences;
use super::{Algorithm, Content, Destinations, Discipline, Packet, Refusal};
use crate::election::Epoch;
use crate::link::Say;
use crate::link::sliding_window::{self, SlidingWindow};
use crate::two_slot::Slot;
use rehearsal_machine::{Context, Embeds, Input, Machine, Nested, NodeId, Storage, mutant};

pub use journal::Checkpoint;
pub use output::{Event, Output};
pub use settings::Settings;
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
    /// How large the content of a message may be, in [bytes](Content::max_bytes): at most
    /// what the network carries without what packets [need](super::max_overhead) besides.
    pub max_content: u64,
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
    /// What the journal depends on.
    Settings,
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
    /// What the journal depends on.
    Settings(Settings),
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
    /// Its disk is of a node with other settings, so it does nothing.
    is_foreign: bool,
    /// How many deliveries it recalled when it started.
    recalled: u64,
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
            is_foreign: false,
            recalled: 0,
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

    /// How many of them it recalled when it started: the last ones before the restart.
    #[must_use]
    pub fn recalled(&self) -> u64 {
        self.recalled
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
        !self.is_foreign
            && self.state.receivers().next().is_none()
            && algorithm.held() == 0
            && algorithm.unordered() == 0
    }
}

type Link<T> = SlidingWindow<Parcel<T>>;

impl<T: Content> Multicast<T> {
    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        let given = Settings::of(self.config);
        match storage.get(&Cell::Settings) {
            Some(Saved::Settings(saved)) if *saved != given => {
                self.is_foreign = true;
                return cx.emit(Output::OtherSettings { saved: *saved, given });
            }
            Some(_) => {}
            None => cx.save(Cell::Settings, Saved::Settings(given)),
        }
        let Restored { journal, state, last, leftovers } =
            Journal::restore(storage, self.config, self.me);
        (self.journal, self.state) = (journal, state);
        self.handed.clear();
        self.ask_link(Self::start_input(storage), cx);
        for number in leftovers {
            cx.erase(Cell::Entry(number));
        }
        let deliveries = last.iter().filter(|event| matches!(event, Event::Delivered { .. }));
        self.recalled = deliveries.count() as u64;
        for event in last {
            cx.emit(Output::Recalled(event));
        }
        for to in self.state.receivers().collect::<Vec<_>>() {
            self.hand_on(to, cx);
        }
    }

    fn command(&mut self, command: Command<T>, cx: &mut Context<'_, Self>) {
        match command {
            Command::Send { to, content } => match self.check(&to, &content) {
                Ok(()) => self.happen(Entry::Sent { to, content }, cx),
                Err(why) => cx.emit(Output::Refused { to, content, why }),
            },
            Command::Follow(epoch) => {
                let is_node = epoch.leader.number() <= self.config.nodes;
                if self.config.discipline.has_leader() && is_node && !self.is_foreign {
                    self.happen(Entry::Follows(epoch), cx);
                }
            }
        }
    }

    fn check(&self, to: &Destinations, content: &T) -> Result<(), Refusal> {
        if self.is_foreign {
            return Err(Refusal::OtherSettings);
        }
        self.config.discipline.check(self.me, self.config.nodes, to)?;
        if content.max_bytes() > self.config.max_content {
            return Err(Refusal::TooLarge { most: self.config.max_content });
        }
        let algorithm = self.state.algorithm();
        if algorithm.unordered() >= self.backlog() || self.is_full(&algorithm.receivers(to)) {
            return Err(Refusal::Full);
        }
        Ok(())
    }

    fn backlog(&self) -> usize {
        self.config.backlog.max(1) as usize
    }

    /// Do so many packets to one of these nodes wait that no more may be added?
    fn is_full(&self, to: &Destinations) -> bool {
        to.iter().any(|to| self.state.outstanding(to) >= self.backlog())
    }

    /// Whether it hears a message of this node at all. What it does not hear is not
    /// acknowledged, so an honest sender sends it again.
    fn hears(&self, from: NodeId, message: &Message<T>) -> bool {
        if self.is_foreign || from == self.me || from.number() > self.config.nodes {
            return false;
        }
        let sliding_window::Message::Data { content: Parcel { number, packet }, .. } = message
        else {
            return true;
        };
        let is_small = |content: &T| content.max_bytes() <= self.config.max_content;
        let algorithm = self.state.algorithm();
        packet.is_from(from, self.config.nodes)
            && packet.content().is_none_or(is_small)
            && (self.state.has_received(from, *number)
                || !self.is_full(&algorithm.passes_on(packet)))
    }

    /// Writes an entry, acts on it, and hands on what it brings about.
    fn happen(&mut self, entry: Entry<T>, cx: &mut Context<'_, Self>) {
        self.journal.write(entry.clone(), cx);
        let Consequences { events, receivers } = self.state.apply(entry);
        for event in events {
            cx.emit(Output::Happened(event));
        }
        for to in receivers {
            self.hand_on(to, cx);
        }
        self.journal.tidy(&self.state, cx);
    }

    /// Gives the link what it has room for, to this node.
    fn hand_on(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        while self.link.machine.room(to) > 0
            && let Some(content) = self.parcel_to_hand_on(to)
        {
            self.handed.insert(to, content.number);
            self.ask_link(Input::Command(Say { to, content }), cx);
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
                if !self.state.has_received(from, content.number) || mutant!(TakesTwice) {
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

impl<T: Content> Embeds<Link<T>> for Multicast<T> {
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

impl<T: Content> Machine for Multicast<T> {
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
                if self.hears(from, &message) {
                    self.ask_link(Input::Message { from, message }, cx);
                }
            }
            Input::Timer(timer) => self.ask_link(Input::Timer(timer), cx),
            Input::Link { .. } => {}
        }
    }
}
