//! A message on its way: from a node's effect to what is due.

use std::collections::BTreeSet;

use rehearsal_machine::{Message as _, NodeId, Time};
use serde::Serialize;

use super::pending::Pending;
use super::run::Run;
use super::transit::{Held, Withheld};
use super::triggers::Occasion;
use crate::fault::{Action, Fault};
use crate::network::{Calm, Delays, Fate, Link, Lost, Promise, Wait};
use crate::protocol::{Look as _, MessageOf, Protocol};
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
    pub(super) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: MessageOf<P>,
    ) -> Vec<(usize, u32)> {
        let kind = message.kind();
        self.watch.tally.send(kind);
        let link = Link::new(from, to);
        let is_to_a_node = to.index() < self.world.nodes.len();
        let is_session = is_to_a_node && self.transit.traffic.is_session(link);
        let mut struck = Vec::new();
        if self.awaits_events() {
            let text = || P::Look::message_text(&message);
            struck = self.set_off(&Occasion::Sends { from, to, kind, text: &text, is_session });
        }
        if !is_to_a_node {
            // What is lost stays lost, and the faults on it have struck in vain.
            self.disturb(&mut Delays::Lost(Lost::Down), &mut struck);
            self.send_nowhere(from, to, &message);
            return struck;
        }
        let count = self.transit.traffic.count(link);
        let is_calm = self.transit.calm.protects(link);
        self.chooser.next(self.world.now, self.watch.recorder.events());
        let (traffic, chance, network) =
            (&mut self.transit.traffic, &self.chooser.chance, self.scenario.network());
        // Asked of a message that a partition cuts off, too: it counts among its kind.
        let mut delays = self.chooser.choices.message(
            link,
            kind,
            || network.least(link)..=network.most(link),
            || traffic.by_chance(chance, is_calm, link, count),
        );
        // Nothing disturbs the calm but a fault that outlives it.
        if is_calm || from == to {
            delays = self.transit.traffic.calmed(link, &delays);
        }
        if is_session {
            delays = self.transit.traffic.on_session(link, &delays);
        }
        let (mut withheld_by, mut promise) = (None, Promise::Kept);
        if !struck.is_empty() {
            // Nothing disturbs a message of a node to itself: such a fault strikes in vain.
            let mut in_vain = Delays::Lost(Lost::Loss);
            let delays = if from == to { &mut in_vain } else { &mut delays };
            (withheld_by, promise) = self.disturb(delays, &mut struck);
        }
        let waits_behind = !self.transit.withheld.is_empty()
            && self.transit.traffic.is_fifo(link)
            && self.transit.withholds(link);
        let wait = Wait { is_withheld: withheld_by.is_some() || waits_behind, promise };
        let size = self.size_of(&message);
        let fate = match self.transit.traffic.route(
            link,
            size,
            delays,
            self.world.now,
            &self.transit.calm,
            wait,
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
                let held = Held { count, size, delays, promise, message };
                if wait.is_withheld {
                    self.transit.withheld.push(Withheld { keeper: withheld_by, link, held });
                } else {
                    self.transit.held.entry(link).or_default().push(held);
                }
                return struck;
            }
        };
        self.record(&RawEvent::Send { node: from, to, count, message: &message, fate: &fate });
        self.put_on_the_way(link, count, message, fate);
        struck
    }

    /// What was sent on a link while it was held sets off, in its order.
    pub(super) fn let_go(&mut self, link: Link) {
        for held in self.transit.held.remove(&link).unwrap_or_default() {
            self.depart(link, held);
        }
    }

    /// What the fault at this place withheld sets off, in its order.
    pub(super) fn let_go_withheld(&mut self, place: usize) {
        self.let_go_free(|keeper, _, _| keeper == place);
    }

    /// The calm has begun: what faults withheld sets off where it is for the link, unless
    /// the fault outlives the calm.
    pub(super) fn let_go_in_calm(&mut self) {
        let faults = self.scenario.faults();
        self.let_go_free(|keeper, link, calm| !faults[keeper].lasting && calm.protects(link));
    }

    /// What these keepers withheld sets off, or waits with what else waits for the release of
    /// its link.
    fn let_go_free(&mut self, is_freed: impl Fn(usize, Link, &Calm) -> bool) {
        let free = self.transit.take_free(is_freed);
        let links: BTreeSet<_> = free.iter().map(|(link, _)| *link).collect();
        if !links.is_empty() {
            let links: Vec<_> = links.into_iter().collect();
            self.record(&RawEvent::LetGo { links: &links });
        }
        for (link, held) in free {
            if self.transit.traffic.is_held(link) {
                self.transit.held.entry(link).or_default().push(held);
            } else {
                self.depart(link, held);
            }
        }
    }

    fn depart(&mut self, link: Link, held: Held<P::Machine>) {
        let Held { count, size, delays, promise, message } = held;
        let (now, calm) = (self.world.now, &self.transit.calm);
        let traffic = &mut self.transit.traffic;
        let fate = if calm.protects(link) {
            // What waited for the calm sets off undisturbed, and has left by then: the calm
            // promises when it arrives.
            let delays = match promise {
                Promise::Kept => traffic.calmed(link, &delays),
                Promise::Void => delays,
            };
            if calm.begins_at(now) {
                traffic.arrivals(link, delays, now, calm, promise)
            } else {
                traffic.depart(link, size, delays, now, calm, promise)
            }
        } else {
            traffic.depart(link, size, delays, now, calm, promise)
        };
        let Link { from, to } = link;
        self.record(&RawEvent::Leave { node: from, to, count, message: &message, fate: &fate });
        self.put_on_the_way(link, count, message, fate);
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
    fn disturb(
        &mut self,
        delays: &mut Delays,
        struck: &mut Vec<(usize, u32)>,
    ) -> (Option<usize>, Promise) {
        let faults = self.scenario.faults();
        let (mut withheld_by, mut promise) = (None, Promise::Kept);
        for strike in struck.extract_if(.., |(place, _)| faults[*place].action.is_on_message()) {
            if self.is_spared(self.world.now, strike) {
                continue;
            }
            let (place, _) = strike;
            let Fault { action, lasting, .. } = &faults[place];
            self.faults.counts[place] += 1;
            disturb(delays, action);
            if *action == Action::Withhold {
                withheld_by.get_or_insert(place);
            }
            if *lasting {
                promise = Promise::Void;
            }
        }
        (withheld_by, promise)
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
