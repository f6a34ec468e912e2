//! Causal order of broadcasts by passing on every message.
//!
//! A node that gets a message for the first time delivers it and passes it on to all other
//! nodes, before it sends anything else. The links keep their order, so whatever depends on
//! a message follows it on every way. A message carries no clock, but takes (n - 1)² packets
//! among nodes that are all connected.
//!
//! What one node has got, all get, even if the sender dies in the middle of its broadcast. A
//! new link would be unsafe until what is under way on older ones has arrived; the links of
//! a group are the same from its beginning.
//!
//! Nédelec, Molli and Mostéfaoui, "Breaking the scalability barrier of causal broadcast for
//! large and dynamic systems", 2018: PC-broadcast, for preventive causal broadcast.

use serde::{Deserialize, Serialize};

use super::finished::Finished;
use super::{Actions, Destinations, Fifo, HoldBack, MessageId, Submission};
use rehearsal_machine::{NodeId, mutant};

/// A message on its way from neighbour to neighbour.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packet<T> {
    /// The number among those from this neighbour to the receiver.
    pub number: u64,
    /// The message.
    pub message: MessageId,
    /// Its content.
    pub content: T,
}

impl<T> Packet<T> {
    /// The kind of the packet.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        "flood"
    }

    /// How many numbers it carries for the sake of the order.
    #[must_use]
    pub fn ints(&self) -> usize {
        1
    }

    /// Whether a node of a group of this many can have sent it.
    pub(super) fn is_from(&self, nodes: u32) -> bool {
        self.message.by.number() <= nodes
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PcBroadcast<T> {
    me: NodeId,
    nodes: u32,
    seen: Finished,
    /// The links' order.
    arriving: HoldBack<Fifo, (NodeId, MessageId, T)>,
}

impl<T: Clone> PcBroadcast<T> {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(me: NodeId, nodes: u32) -> Self {
        Self { me, nodes, seen: Finished::default(), arriving: HoldBack::new(Fifo::new()) }
    }

    /// How many messages wait for earlier ones on their link.
    #[must_use]
    pub fn held(&self) -> usize {
        self.arriving.len()
    }

    /// How many messages ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.arriving.most()
    }

    /// The nodes to which packets go at once if this node sends a message.
    pub(super) fn receivers(&self, _: &Destinations) -> Destinations {
        Destinations::others(self.nodes, self.me)
    }

    /// Sends a message of this node.
    pub fn send(&mut self, submission: Submission<T>, actions: &mut Actions<Packet<T>, T>) {
        let Submission { message, to, content } = submission;
        self.seen.insert(message);
        self.pass_on(self.me, message, &content, actions);
        if to.contains(self.me) {
            actions.deliver(message, content);
        }
    }

    /// Takes a packet, each one once.
    pub fn receive(
        &mut self,
        from: NodeId,
        packet: Packet<T>,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let Packet { number, message, content } = packet;
        for (from, message, content) in
            self.arriving.receive(from, number, (from, message, content))
        {
            if self.seen.insert(message) {
                if !mutant!(KeepsToItself) {
                    self.pass_on(from, message, &content, actions);
                }
                actions.deliver(message, content);
            }
        }
    }

    /// Sends a message to all nodes except the one that it came from.
    fn pass_on(
        &mut self,
        from: NodeId,
        message: MessageId,
        content: &T,
        actions: &mut Actions<Packet<T>, T>,
    ) {
        let others = Destinations::others(self.nodes, self.me);
        let to: Destinations = others.iter().filter(|node| *node != from).collect();
        for (to, number) in self.arriving.stamp(&to) {
            actions.send(to, Packet { number, message, content: content.clone() });
        }
    }
}
