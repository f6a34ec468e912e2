//! A reliable link with several messages in flight: every message is delivered
//! once, in the order of arrival.
//!
//! To each peer a node has up to a window of consecutive messages in flight; later
//! ones wait. The receiver delivers each one when it arrives, in whatever order, and
//! acknowledges it together with all others that it has (selective
//! acknowledgement). A message that is not acknowledged in time is sent again, and
//! after each silence the sender waits twice as long, up to a limit. It never gives
//! up. A link does not restore the order of sending: an owner that needs an order
//! numbers its messages, and only the owner knows which of them may wait.
//!
//! A window's numbers start at 1 in every life of the sender. A life is named by an
//! **incarnation**, which is saved before the first message of that life is sent, so
//! a late copy from an earlier life is never taken for a message of this one. What
//! was in flight when the sender crashed is lost with it: the owner sends again what
//! was not acknowledged.
//!
//! A receiver acknowledges a message after its owner has seen it. If the receiver
//! crashes in between, the message comes again. So an owner that saves what it
//! receives loses nothing, and needs a number of its own to recognise what it already
//! has. (Saltzer, Reed and Clark, "End-to-end arguments in system design", 1984.)
//!
//! After Stenning, "A data transfer protocol", 1976; acknowledgements after RFC 2018,
//! the deadline after RFC 6298.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Say;
use crate::number_set::NumberSet;
use crate::two_slot::{Slot, TwoSlot};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

/// Messages between the two ends of a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message<T> {
    /// A message of the sender.
    Data {
        /// The life of the sender in which it counts.
        incarnation: u64,
        /// The number among the messages to this peer in this life, from 1.
        number: u64,
        /// The receiver has acknowledged all messages below this number.
        floor: u64,
        /// Its content.
        content: T,
    },
    /// The receiver has these messages.
    Ack {
        /// The life of the sender in which they were counted.
        incarnation: u64,
        /// All below this number.
        below: u64,
        /// And these.
        beyond: Vec<u64>,
    },
}

/// A content has a kind of its own.
impl<T: rehearsal_machine::Message> rehearsal_machine::Message for Message<T> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Data { content, .. } => content.kind(),
            Self::Ack { .. } => "ack",
        }
    }
}

/// What a link tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<T> {
    /// A peer's message has arrived. It is acknowledged when the owner has acted on
    /// this output.
    Delivered {
        /// The sender.
        from: NodeId,
        /// Its content.
        content: T,
    },
    /// The peer has our message.
    Acknowledged {
        /// The peer.
        to: NodeId,
        /// The content of our message.
        content: T,
    },
    /// The buffer for this peer is full. The message was not sent.
    Refused {
        /// The peer.
        to: NodeId,
        /// The content of our message.
        content: T,
    },
}

/// A link's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Send what this peer has not acknowledged once more.
    Resend(NodeId),
}

/// A durable cell; it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The number of the life that began last.
    Incarnation(Slot),
}

/// How much a link sends at a time, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The shortest time that a message waits for its acknowledgement before it is
    /// sent again: at least a round trip, and more than zero.
    pub resend: Duration,
    /// The longest time that it waits, at least `resend`: the limit of the back-off.
    pub resend_most: Duration,
    /// How many consecutive messages may be in flight to a peer, at least 1, the same at
    /// both ends. With 1 the link is stop-and-wait.
    pub window: u32,
    /// How many messages to one peer a link holds, in flight or waiting: at least
    /// `window`.
    pub buffer: u32,
}

/// All links of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlidingWindow<T> {
    config: Config,
    incarnation: u64,
    outgoing: BTreeMap<NodeId, Outgoing<T>>,
    incoming: BTreeMap<NodeId, Incoming>,
}

/// The messages to one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outgoing<T> {
    /// The number of the next message that is sent for the first time.
    next: u64,
    in_flight: BTreeMap<u64, InFlight<T>>,
    waiting: VecDeque<T>,
    /// How often the deadline has come since the last acknowledgement.
    silences: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct InFlight<T> {
    content: T,
    /// Has it been in flight since the deadline was armed?
    is_due: bool,
}

/// The messages of one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Incoming {
    incarnation: u64,
    received: NumberSet,
}

impl<T> SlidingWindow<T> {
    /// Links without messages.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, incarnation: 0, outgoing: BTreeMap::new(), incoming: BTreeMap::new() }
    }

    /// How many messages to this peer are in flight or wait.
    #[must_use]
    pub fn held(&self, peer: NodeId) -> usize {
        self.outgoing.get(&peer).map_or(0, Outgoing::held)
    }

    /// How many more messages to this peer the buffer has room for.
    #[must_use]
    pub fn room(&self, peer: NodeId) -> usize {
        (self.config.buffer as usize).saturating_sub(self.held(peer))
    }

    /// The nodes to which messages are in flight.
    pub fn awaited(&self) -> impl Iterator<Item = NodeId> {
        let awaited = self.outgoing.iter().filter(|(_, outgoing)| !outgoing.in_flight.is_empty());
        awaited.map(|(peer, _)| *peer)
    }

    /// The spans from which the driver picks the next wait for an acknowledgement. The
    /// longest is half as long again as the shortest, so that nodes that began to wait
    /// together do not go on together.
    fn wait(&self, silences: u32) -> RangeInclusive<Duration> {
        let Config { resend, resend_most, .. } = self.config;
        let resend_most = resend_most.max(resend);
        let doubled = resend.saturating_mul(2_u32.saturating_pow(silences));
        let longest = doubled.saturating_add(doubled / 2).min(resend_most);
        doubled.min(longest.saturating_sub(longest / 3)).max(resend)..=longest
    }
}

impl<T> Outgoing<T> {
    fn new() -> Self {
        Self { next: 1, in_flight: BTreeMap::new(), waiting: VecDeque::new(), silences: 0 }
    }

    fn held(&self) -> usize {
        self.in_flight.len() + self.waiting.len()
    }

    /// The number below which all messages are acknowledged.
    fn floor(&self) -> u64 {
        self.in_flight.first_key_value().map_or(self.next, |(number, _)| *number)
    }

    fn note_armed(&mut self) {
        self.in_flight.values_mut().for_each(|in_flight| in_flight.is_due = true);
    }
}

impl<T: rehearsal_machine::Message> SlidingWindow<T> {
    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        *self = Self::new(self.config);
        let mut kept = TwoSlot::restored(|slot| storage.get(&Cell::Incarnation(slot)).copied());
        self.incarnation = kept.latest().unwrap_or(0);
        if self.incarnation == 0 || !mutant!(WindowReused) {
            self.incarnation = self.incarnation.saturating_add(1);
        }
        cx.save(Cell::Incarnation(kept.put(self.incarnation)), self.incarnation);
    }

    fn say(&mut self, Say { to, content }: Say<T>, cx: &mut Context<'_, Self>) {
        if self.room(to) == 0 {
            return cx.emit(Output::Refused { to, content });
        }
        let outgoing = self.outgoing.entry(to).or_insert_with(Outgoing::new);
        let was_idle = outgoing.in_flight.is_empty();
        outgoing.waiting.push_back(content);
        self.fill(to, cx);
        if was_idle {
            self.arm(to, cx);
        }
    }

    /// Sends what waits, as far as the window reaches.
    fn fill(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let window = u64::from(self.config.window.max(1));
        let Some(outgoing) = self.outgoing.get_mut(&to) else { return };
        while outgoing.next - outgoing.floor() < window
            && let Some(content) = outgoing.waiting.pop_front()
        {
            let number = outgoing.next;
            // No node sends 2^64 messages.
            outgoing.next = number.saturating_add(1);
            let in_flight = InFlight { content: content.clone(), is_due: false };
            outgoing.in_flight.insert(number, in_flight);
            let (incarnation, floor) = (self.incarnation, outgoing.floor());
            cx.send(to, Message::Data { incarnation, number, floor, content });
        }
    }

    /// Arms the deadline of all that is in flight, or none if nothing is.
    fn arm(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let Some(outgoing) = self.outgoing.get_mut(&to) else { return };
        outgoing.note_armed();
        let (is_idle, silences) = (outgoing.in_flight.is_empty(), outgoing.silences);
        if is_idle {
            cx.disarm(Timer::Resend(to));
        } else {
            cx.arm(Timer::Resend(to), self.wait(silences));
        }
    }

    fn resend(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let Some(outgoing) = self.outgoing.get_mut(&to) else { return };
        let (incarnation, floor) = (self.incarnation, outgoing.floor());
        for (&number, in_flight) in outgoing.in_flight.iter().filter(|(_, it)| it.is_due) {
            let content = in_flight.content.clone();
            cx.send(to, Message::Data { incarnation, number, floor, content });
        }
        outgoing.silences = outgoing.silences.saturating_add(1);
        if !mutant!(ResendsOnce) {
            self.arm(to, cx);
        }
    }

    fn ack(&mut self, from: NodeId, below: u64, beyond: &[u64], cx: &mut Context<'_, Self>) {
        let Some(outgoing) = self.outgoing.get_mut(&from) else { return };
        let floor = outgoing.floor();
        let mut acknowledged = Vec::new();
        while let Some(first) = outgoing.in_flight.first_entry()
            && *first.key() < below
        {
            acknowledged.push(first.remove().content);
        }
        let beyond = beyond.iter().filter_map(|number| outgoing.in_flight.remove(number));
        acknowledged.extend(beyond.map(|in_flight| in_flight.content));
        if acknowledged.is_empty() {
            return;
        }
        outgoing.silences = 0;
        let has_moved = outgoing.floor() > floor;
        self.fill(from, cx);
        if has_moved {
            self.arm(from, cx);
        }
        // Last of all: an owner may answer with a message, whose deadline must not be
        // disarmed by what this step had decided before.
        for content in acknowledged {
            cx.emit(Output::Acknowledged { to: from, content });
        }
    }

    fn data(&mut self, from: NodeId, data: Data<T>, cx: &mut Context<'_, Self>) {
        let Data { incarnation, number, floor, content } = data;
        let none = || Incoming { incarnation, received: NumberSet::below(1) };
        let incoming = self.incoming.entry(from).or_insert_with(none);
        if incarnation < incoming.incarnation {
            return;
        }
        if incarnation > incoming.incarnation {
            *incoming = none();
        }
        incoming.received.insert_below(floor.min(number));
        // No sender is ahead of its window, and the set must stay small.
        let ahead = number.saturating_sub(incoming.received.limit());
        if ahead >= u64::from(self.config.window.max(1)) {
            return;
        }
        let is_new = incoming.received.insert(number);
        let received = &incoming.received;
        let ack = Message::Ack {
            incarnation,
            below: received.limit(),
            beyond: received.beyond().collect(),
        };
        if mutant!(AcksBeforeDelivery) && is_new {
            cx.send(from, ack);
            return cx.emit(Output::Delivered { from, content });
        }
        if is_new {
            cx.emit(Output::Delivered { from, content });
        }
        // Repetitions, too: their acknowledgements may have been lost.
        cx.send(from, ack);
    }
}

/// The fields of [`Message::Data`].
struct Data<T> {
    incarnation: u64,
    number: u64,
    floor: u64,
    content: T,
}

impl<T: rehearsal_machine::Message> Machine for SlidingWindow<T> {
    type Message = Message<T>;
    type Command = Say<T>;
    type Output = Output<T>;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(say) => self.say(say, cx),
            Input::Message {
                from,
                message: Message::Data { incarnation, number, floor, content },
            } => self.data(from, Data { incarnation, number, floor, content }, cx),
            Input::Message { from, message: Message::Ack { incarnation, below, beyond } } => {
                if incarnation == self.incarnation || mutant!(OldAck) {
                    self.ack(from, below, &beyond, cx);
                }
            }
            Input::Timer(Timer::Resend(to)) => self.resend(to, cx),
            Input::Link { .. } => {}
        }
    }
}
