//! A reliable link: every message is delivered at most once and in the order of
//! sending, or is reported as not delivered.
//!
//! The link is stop-and-wait: to each peer one message is in flight at a time. It is
//! sent again until the peer acknowledges it, up to a number of tries. Later
//! messages to this peer wait in a queue. Messages to a peer are numbered
//! consecutively, across restarts. Both ends save the number before they act on the
//! message, so neither a crash nor a late copy can make one message look like
//! another. (Bartlett, Scantlebury and Wilkinson, "A note on reliable full-duplex
//! transmission over half-duplex links", 1969, use one bit as the number. One bit is
//! enough only if messages are never reordered.)
//!
//! A sender cannot know whether its last message arrived: a message that is reported
//! as not delivered may have been delivered, if all acknowledgements were lost.
//! A crash can lose messages without a report. If the sender crashes, the messages
//! in its queue are lost, like its owner's other plans. If the receiver crashes
//! after it has saved a number and before it has told its owner, that one message is
//! lost. A disk that loses the saved numbers breaks the link to every peer.

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Say;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

/// Messages between the two ends of a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message<T> {
    /// The sender's message of this number.
    Data {
        /// The number among all messages of the sender to this peer, from 1.
        number: u64,
        /// Its content.
        content: T,
    },
    /// The receiver has the message of this number.
    Ack {
        /// The number of the message.
        number: u64,
    },
}

impl<T: Clone> rehearsal_machine::Message for Message<T> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Data { .. } => "data",
            Self::Ack { .. } => "ack",
        }
    }
}

/// What a link tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<T> {
    /// A peer's message has arrived.
    Delivered {
        /// The sender.
        from: NodeId,
        /// Its number on the link.
        number: u64,
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
    /// The peer has not acknowledged our message after all tries.
    GivenUp {
        /// The peer.
        to: NodeId,
        /// The content of our message.
        content: T,
    },
}

/// A link's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Send the message to this peer once more, or give it up.
    Resend(NodeId),
}

/// A durable cell; it holds a number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The last one sent to this peer.
    Said(NodeId),
    /// The last one delivered from this peer.
    Heard(NodeId),
}

/// How long and how often a link tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long the link waits for an acknowledgement: at least a round trip, and
    /// more than zero.
    pub resend: Duration,
    /// How often a message is sent, at least once.
    pub tries: u32,
}

/// All links of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopAndWait<T> {
    config: Config,
    outgoing: BTreeMap<NodeId, Outgoing<T>>,
    /// The number of the last message delivered from each peer.
    heard: BTreeMap<NodeId, u64>,
}

/// The messages to one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outgoing<T> {
    /// The number of the last message sent.
    said: u64,
    /// The number of the last message acknowledged since this node started.
    acknowledged: u64,
    /// How often the first message of the queue has been sent.
    tries: u32,
    /// The message in flight, and all that wait behind it.
    queue: VecDeque<T>,
}

impl<T> StopAndWait<T> {
    /// Links without messages.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, outgoing: BTreeMap::new(), heard: BTreeMap::new() }
    }

    /// Whether no message is in flight or waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.outgoing.values().all(|outgoing| outgoing.queue.is_empty())
    }

    /// The number of the last message that the peer has acknowledged since this
    /// node started, or 0.
    #[must_use]
    pub fn acknowledged(&self, peer: NodeId) -> u64 {
        self.outgoing.get(&peer).map_or(0, |outgoing| outgoing.acknowledged)
    }

    /// The nodes to which a message is in flight.
    pub fn awaited(&self) -> impl Iterator<Item = NodeId> {
        self.outgoing
            .iter()
            .filter(|(_, outgoing)| !outgoing.queue.is_empty())
            .map(|(peer, _)| *peer)
    }
}

impl<T: Clone> StopAndWait<T> {
    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.config);
        for (cell, number) in storage {
            match cell {
                Cell::Said(peer) => {
                    self.outgoing(*peer).said = *number;
                }
                Cell::Heard(peer) => {
                    self.heard.insert(*peer, *number);
                }
            }
        }
    }

    fn outgoing(&mut self, peer: NodeId) -> &mut Outgoing<T> {
        self.outgoing.entry(peer).or_insert(Outgoing {
            said: 0,
            acknowledged: 0,
            tries: 0,
            queue: VecDeque::new(),
        })
    }

    fn say(&mut self, Say { to, content }: Say<T>, cx: &mut Context<'_, Self>) {
        let outgoing = self.outgoing(to);
        outgoing.queue.push_back(content);
        if outgoing.queue.len() == 1 {
            self.begin(to, cx);
        }
    }

    /// Sends the first in the queue for the first time.
    fn begin(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let outgoing = self.outgoing(to);
        if outgoing.queue.is_empty() {
            return;
        }
        // No node sends 2^64 messages.
        outgoing.said = outgoing.said.saturating_add(1);
        outgoing.tries = 0;
        let number = outgoing.said;
        if !mutant!(NumberUnsaved) {
            cx.save(Cell::Said(to), number);
        }
        self.try_again(to, cx);
    }

    fn try_again(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let after = self.config.resend;
        let outgoing = self.outgoing(to);
        let Some(content) = outgoing.queue.front().cloned() else { return };
        outgoing.tries = outgoing.tries.saturating_add(u32::from(!mutant!(TriesForEver)));
        cx.send(to, Message::Data { number: outgoing.said, content });
        cx.arm(Timer::Resend(to), after..=after);
    }

    fn resend(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        let most = self.config.tries;
        let outgoing = self.outgoing(to);
        if outgoing.tries < most {
            return self.try_again(to, cx);
        }
        if let Some(content) = outgoing.queue.pop_front() {
            cx.emit(Output::GivenUp { to, content });
            if !mutant!(QueueForgotten) {
                self.begin(to, cx);
            }
        }
    }

    fn ack(&mut self, from: NodeId, number: u64, cx: &mut Context<'_, Self>) {
        let Some(outgoing) = self.outgoing.get_mut(&from) else { return };
        if number != outgoing.said && !mutant!(StaleAck) {
            return;
        }
        if let Some(content) = outgoing.queue.pop_front() {
            outgoing.acknowledged = outgoing.said;
            cx.disarm(Timer::Resend(from));
            cx.emit(Output::Acknowledged { to: from, content });
            self.begin(from, cx);
        }
    }

    fn data(&mut self, from: NodeId, number: u64, content: T, cx: &mut Context<'_, Self>) {
        let heard = self.heard.get(&from).copied().unwrap_or(0);
        if number > heard || mutant!(HearsTwice) {
            self.heard.insert(from, number);
            if !mutant!(HeardUnsaved) {
                cx.save(Cell::Heard(from), number);
            }
            cx.emit(Output::Delivered { from, number, content });
        }
        // Older ones, too: their acknowledgements may have been lost.
        cx.send(from, Message::Ack { number });
    }
}

impl<T: Clone> Machine for StopAndWait<T> {
    type Message = Message<T>;
    type Command = Say<T>;
    type Output = Output<T>;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage),
            Input::Command(say) => self.say(say, cx),
            Input::Message { from, message: Message::Data { number, content } } => {
                self.data(from, number, content, cx);
            }
            Input::Message { from, message: Message::Ack { number } } => self.ack(from, number, cx),
            Input::Timer(Timer::Resend(to)) => self.resend(to, cx),
            Input::Link { .. } => {}
        }
    }
}
