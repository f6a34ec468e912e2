//! One input into one machine, and its effects out into the world.

use rehearsal_protocol::{Effect, Input, Message as _, NodeId, Time, nanos};

use super::draws::StepDraws;
use super::pending::Pending;
use super::run::Run;
use super::triggers::Struck;
use crate::chance::{Purpose, Words};
use crate::fault::Action;
use crate::network::{Fate, Lost};
use crate::protocol::{MessageOf, Protocol};
use crate::queue::{Key, MOST_COPIES};
use crate::source::TimeSpan;
use crate::trace::{Step, name_of};

impl<'a, P: Protocol> Run<'a, P> {
    pub(super) fn step(&mut self, id: NodeId, input: Input<P::Machine>) {
        let Some(node) = &mut self.world.places[id.index()].node else { return };
        let incarnation = node.incarnation();
        let mut effects = std::mem::take(&mut self.effects);
        let mut draws = StepDraws {
            chance: &self.chance,
            decisions: &mut self.decisions,
            stream: &mut self.streams[id.index()],
            node: id,
            incarnation,
        };
        self.changed.push(id);
        self.stepping = Some(id);
        node.handle(input, self.world.now, &mut draws, &mut effects);
        self.stepping = None;
        for effect in effects.drain(..) {
            self.carry_out(id, incarnation, effect);
            if self.world.incarnation(id) != Some(incarnation) {
                break;
            }
        }
        self.effects = effects;
    }

    fn carry_out(&mut self, node: NodeId, incarnation: u32, effect: Effect<P::Machine>) {
        let mut struck = Vec::new();
        match effect {
            Effect::Send { to, message } => struck = self.send(node, to, message),
            Effect::Arm { timer, after } => self.arm(node, incarnation, timer, after),
            Effect::Disarm(timer) => {
                self.record(&Step::Disarm { node, timer: &timer });
                if let Some(node) = &mut self.world.places[node.index()].node {
                    node.disarm(&timer);
                }
            }
            Effect::Save { cell, value } => {
                self.record(&Step::Save { node, cell: &cell, value: value.as_ref() });
                let storage = &mut self.world.places[node.index()].storage;
                match value {
                    Some(value) => storage.insert(cell, value),
                    None => storage.remove(&cell),
                };
            }
            Effect::Emit(output) => {
                self.record(&Step::Emit { node, output: &output });
                self.world.places[node.index()].outputs.push(output);
            }
        }
        self.world.places[node.index()].effects += 1;
        struck.append(&mut self.triggers.effect(node));
        struck.sort_by_key(|struck| struck.place);
        for struck in struck {
            self.act(struck.place, struck.action);
        }
    }

    fn arm(
        &mut self,
        id: NodeId,
        incarnation: u32,
        timer: <P::Machine as rehearsal_protocol::Machine>::Timer,
        after: std::ops::RangeInclusive<std::time::Duration>,
    ) {
        let now = self.world.now;
        let Some(node) = &mut self.world.places[id.index()].node else { return };
        let arming = node.armings() + 1;
        let chance = &self.chance;
        let span = self.decisions.arm(
            (id, incarnation),
            || name_of(&timer),
            nanos(*after.start())..=nanos(*after.end()),
            |range| chance.keyed(Purpose::Arm, id.number(), incarnation, arming).uniform(range),
        );
        let deadline = now + TimeSpan::from_nanos(span);
        node.arm(timer.clone(), deadline);
        self.record(&Step::Arm { node: id, timer: &timer, deadline });
        let key = Key::timer(deadline, id, arming);
        self.schedule(key, Pending::Timer { node: id, incarnation, timer, arming });
    }

    /// Gives the faults that it sets off and that act on the world.
    fn send(&mut self, from: NodeId, to: NodeId, message: MessageOf<P>) -> Vec<Struck<'a>> {
        let kind = message.kind();
        self.tally.send(kind);
        let is_known = to.index() < self.world.places.len();
        let count = if is_known { self.links.next(from, to) } else { 0 };
        let mut struck = self.triggers.sends(from, to, kind);
        let (network, calm) = (self.scenario.network(), self.calm);
        let mut fate = if is_known {
            // Asked of a message that a partition cuts off, too: it counts among its kind.
            self.decisions.message(
                (from, to),
                kind,
                || network.usual(from, to),
                || network.fate(&self.chance, calm, (from, to), count),
            )
        } else {
            Fate::Lost(Lost::Down)
        };
        for struck in struck.extract_if(.., |struck| struck.action.is_on_message()) {
            disturb(&mut fate, struck.action);
        }
        // Neither the calm nor the way to oneself is to be disturbed, whoever wants it.
        if calm || from == to {
            fate = fate.calmed(network, from, to);
        }
        if is_known && self.partitions.cut(from, to) {
            fate = Fate::Lost(Lost::Partition);
        }
        self.put_on_the_way((from, to), count, message, fate);
        struck
    }

    fn put_on_the_way(
        &mut self,
        (from, to): (NodeId, NodeId),
        count: u32,
        message: MessageOf<P>,
        fate: Fate,
    ) {
        let now = self.world.now;
        let latest = if self.calm { Time::MAX } else { self.latest };
        let arrival = |delay| (now + TimeSpan::from_nanos(delay)).min(latest).as_nanos();
        let fate = fate.map_delays(arrival);
        self.record(&Step::Send { node: from, to, count, message: &message, fate: &fate });
        match fate {
            Fate::Lost(reason) => self.tally.lose(reason),
            Fate::Arrives { first, copies } => {
                for (at, copy) in copies.into_iter().zip(1..) {
                    let key = Key::message(Time::from_nanos(at), from, to, count, copy);
                    let message = message.clone();
                    self.schedule(key, Pending::Message { from, to, count, copy, message });
                }
                let key = Key::message(Time::from_nanos(first), from, to, count, 0);
                self.schedule(key, Pending::Message { from, to, count, copy: 0, message });
            }
        }
    }
}

/// What a fault on a message makes of its fate. One that is lost already stays lost.
fn disturb(fate: &mut Fate, action: &Action) {
    let Fate::Arrives { first, copies } = fate else { return };
    match action {
        Action::Lose => *fate = Fate::Lost(Lost::Loss),
        Action::Delay(delay) => *first = delay.as_nanos(),
        // Room for one more beside the first and the copies there are.
        Action::Duplicate(later) if copies.len() + 2 < MOST_COPIES => {
            copies.push(first.saturating_add(later.as_nanos()));
        }
        _ => {}
    }
}
