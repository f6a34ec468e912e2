//! A message on its way: from a node's effect to what is due.

use rehearsal_machine::{Message as _, NodeId, Time};
use serde::Serialize;

use super::pending::Pending;
use super::run::Run;
use super::transit::Held;
use super::triggers::Occasion;
use crate::fault::Action;
use crate::network::{Delays, Fate, Link, Lost};
use crate::protocol::{MessageOf, Protocol};
use crate::queue::{Key, MOST_COPIES};
use crate::trace::RawEvent;

impl<P: Protocol> Run<'_, P> {
    #[cold]
    pub(super) fn send_nowhere(&mut self, from: NodeId, to: NodeId, message: &MessageOf<P>) {
        let fate = Fate::Lost(Lost::Down);
        self.record(&RawEvent::Send { node: from, to, count: 0, message, fate: &fate });
        self.watch.tally.lose(Lost::Down);
    }

    /// Gives the places of the faults that it sets off and that act on the world.
    #[inline]
    pub(super) fn send(&mut self, from: NodeId, to: NodeId, message: MessageOf<P>) -> Vec<usize> {
        let kind = message.kind();
        self.watch.tally.send(kind);
        let mut struck = Vec::new();
        if !self.faults.triggers.is_empty() {
            struck = self.set_off(&Occasion::Sends { from, to, kind });
        }
        if to.index() >= self.world.nodes.len() {
            // What is lost stays lost, and the faults on it have struck in vain.
            self.disturb(&mut Delays::Lost(Lost::Down), &mut struck);
            self.send_nowhere(from, to, &message);
            return struck;
        }
        let link = Link::new(from, to);
        let count = self.transit.traffic.count(link);
        let is_calm = self.transit.calm.protects(link);
        let (traffic, chance, network) =
            (&mut self.transit.traffic, &self.chooser.chance, self.scenario.network());
        // Asked of a message that a partition cuts off, too: it counts among its kind.
        let mut delays = self.chooser.choices.message(
            link,
            kind,
            || network.least(link)..=network.most(link),
            || traffic.by_chance(chance, is_calm, link, count),
        );
        if !struck.is_empty() {
            self.disturb(&mut delays, &mut struck);
        }
        // No fault disturbs the calm, or a message of a node to itself.
        if is_calm || from == to {
            delays = self.transit.traffic.calmed(link, &delays);
        }
        let size = self.size_of(&message);
        let fate = match self.transit.traffic.route(
            link,
            size,
            delays,
            self.world.now,
            &self.transit.calm,
        ) {
            Ok(fate) => fate,
            Err(delays) => {
                let fate = Fate::Held;
                self.record(&RawEvent::Send {
                    node: from,
                    to,
                    count,
                    message: &message,
                    fate: &fate,
                });
                let held = Held { count, size, delays, message };
                self.transit.held.entry(link).or_default().push(held);
                return struck;
            }
        };
        self.record(&RawEvent::Send { node: from, to, count, message: &message, fate: &fate });
        self.put_on_the_way(link, count, message, fate);
        struck
    }

    /// What was sent on a link while it was held sets off, in its order.
    pub(super) fn let_go(&mut self, link: Link) {
        for Held { count, size, delays, message } in
            self.transit.held.remove(&link).unwrap_or_default()
        {
            let fate = if self.transit.calm.protects(link) {
                // What waited for the calm sets off undisturbed, and has left by then: the calm
                // promises when it arrives.
                let delays = self.transit.traffic.calmed(link, &delays);
                self.transit.traffic.arrivals(link, delays, self.world.now, &self.transit.calm)
            } else {
                self.transit.traffic.depart(link, size, delays, self.world.now, &self.transit.calm)
            };
            let Link { from, to } = link;
            self.record(&RawEvent::Leave { node: from, to, count, message: &message, fate: &fate });
            self.put_on_the_way(link, count, message, fate);
        }
    }

    #[inline]
    fn put_on_the_way(&mut self, link: Link, count: u32, message: MessageOf<P>, fate: Fate) {
        match fate {
            Fate::Lost(reason) => self.watch.tally.lose(reason),
            Fate::Arrives { first, copies } => {
                self.watch.tally.duplicates += copies.as_slice().len() as u64;
                for (at, copy) in copies.as_slice().iter().zip(1..) {
                    let at = Time::from_nanos(*at);
                    self.send_copy(at, link, count, copy, message.clone());
                }
                self.send_copy(first, link, count, 0, message);
            }
            Fate::Held => {}
        }
    }

    #[inline]
    fn send_copy(&mut self, at: Time, link: Link, count: u32, copy: u8, message: MessageOf<P>) {
        let key = Key::message(at, link.from, link.to, count, copy);
        self.schedule(key, Pending::Message(message));
    }

    /// A message's size on the wire, or 0 where no law asks for it.
    fn size_of(&self, message: &MessageOf<P>) -> u64 {
        let asks = self.scenario.network().bandwidth.is_some() || self.can_be_too_large();
        if asks { wire_size(message) } else { 0 }
    }

    /// Could a message be larger than the network takes?
    pub(super) fn can_be_too_large(&self) -> bool {
        // What owns nothing is nearly as large on the wire as here: postcard makes more than a
        // handful of bytes of one only where a type writes what it does not hold.
        std::mem::needs_drop::<MessageOf<P>>()
            || size_of::<MessageOf<P>>() as u64 * MOST_GROWTH > self.scenario.network().max_message
    }

    /// Lets the faults act that act on the message, and keeps the others.
    #[cold]
    fn disturb(&mut self, delays: &mut Delays, struck: &mut Vec<usize>) {
        let faults = self.scenario.faults();
        for place in struck.extract_if(.., |place| faults[*place].action.is_on_message()) {
            if !self.is_spared(place) {
                self.faults.counts[place] += 1;
                disturb(delays, &faults[place].action);
            }
        }
    }
}

/// A byte of memory becomes at most so many on the wire.
const MOST_GROWTH: u64 = 8;

fn wire_size(message: &impl Serialize) -> u64 {
    let size = postcard::ser_flavors::Size::default();
    // Nothing is written: only a message's own `Serialize` can refuse, as it would on the wire.
    postcard::serialize_with_flavor(message, size).expect("a message can be serialized") as u64
}

/// What a fault on a message makes of its delays. One that is lost stays lost.
fn disturb(delays: &mut Delays, action: &Action) {
    let Delays::After { first, copies } = delays else { return };
    match action {
        Action::Lose => *delays = Delays::Lost(Lost::Loss),
        Action::Corrupt => *delays = Delays::Lost(Lost::Corrupt),
        Action::Delay(delay) => *first = delay.as_nanos(),
        // Room for one more beside the first and the copies there are.
        Action::Duplicate(later) if copies.as_slice().len() + 2 < MOST_COPIES => {
            copies.push(first.saturating_add(later.as_nanos()));
        }
        _ => {}
    }
}
