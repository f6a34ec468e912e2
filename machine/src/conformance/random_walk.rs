use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::RangeInclusive;

use super::{Met, Nonconformance, Subject};
use crate::draws::{Recorded, Replayed};
use crate::{Bag, Context, Draw, Effect, Event, Input, Machine, Message, NodeId, Time};

/// A run in which anything may happen next.
pub(super) struct RandomWalk<'a, S: Subject> {
    subject: &'a S,
    bag: Bag<S::Machine>,
    /// Of every node a second machine, which takes the same inputs and draws.
    twins: Vec<S::Machine>,
    /// The timers that each node ever armed: a late one must do no harm.
    armed: Vec<Vec<<S::Machine as Machine>::Timer>>,
    /// The cells that each node ever saved.
    saved: Vec<Vec<<S::Machine as Machine>::Cell>>,
    now: Time,
    met: Met,
}

/// What one step brings, each as likely as its weight.
const DELIVER: RangeInclusive<u64> = 0..=49;
const MANGLE: RangeInclusive<u64> = 50..=64;
const TIMER: RangeInclusive<u64> = 65..=84;
const COMMAND: RangeInclusive<u64> = 85..=94;
const CHOICES: u64 = 99;

/// With more in flight, some are lost.
const MOST_IN_FLIGHT: usize = 200;

impl<'a, S: Subject> RandomWalk<'a, S> {
    pub(super) fn new(subject: &'a S) -> Self {
        let nodes = subject.nodes() as usize;
        Self {
            subject,
            bag: Bag::new(nodes),
            twins: NodeId::all(subject.nodes()).map(|node| subject.build(node)).collect(),
            armed: (0..nodes).map(|_| Vec::new()).collect(),
            saved: (0..nodes).map(|_| Vec::new()).collect(),
            now: Time::ZERO,
            met: Met::default(),
        }
    }

    pub(super) fn run(mut self, draws: &mut dyn Draw, steps: u32) -> Result<Met, Nonconformance> {
        for node in NodeId::all(self.subject.nodes()) {
            self.start(node, draws)?;
        }
        for _ in 0..steps {
            self.step(draws)?;
        }
        Ok(self.met)
    }

    fn step(&mut self, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        self.now = Time::from_nanos(self.now.as_nanos() + draws.draw(0..=10_000_000));
        let choice = draws.draw(0..=CHOICES);
        let node = NodeId::from_index(pick(self.twins.len(), draws));
        if S::Machine::HEARS_LINKS && draws.draw(0..=9) == 0 {
            return self.link(node, draws);
        }
        if DELIVER.contains(&choice) || MANGLE.contains(&choice) {
            self.deliver(MANGLE.contains(&choice), draws)
        } else if TIMER.contains(&choice) {
            let armed = &self.armed[node.index()];
            if armed.is_empty() {
                return Ok(());
            }
            let timer = armed[pick(armed.len(), draws)].clone();
            self.met.timers += 1;
            self.input(node, "timer", Input::Timer(timer), draws)
        } else if COMMAND.contains(&choice) {
            let Some(command) = self.subject.command(node, draws) else { return Ok(()) };
            self.met.commands += 1;
            self.input(node, "command", Input::Command(command), draws)
        } else {
            self.restart(node, draws)
        }
    }

    fn deliver(&mut self, mangled: bool, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        let in_flight = self.in_flight();
        if in_flight.is_empty() {
            return Ok(());
        }
        let place = in_flight[pick(in_flight.len(), draws)];
        let event = if draws.draw(0..=3) == 0 {
            self.bag.pending()[place].event.clone()
        } else {
            self.bag.remove(place)
        };
        let Event::Message { mut from, to, mut message } = event else { return Ok(()) };
        match mangled.then(|| self.subject.mangled(&message, draws)).flatten() {
            Some(mangled) => {
                message = mangled;
                // One beyond the last is a stranger.
                from = NodeId::from_index(pick(self.twins.len() + 1, draws));
                self.met.mangled += 1;
            }
            None => self.met.delivered += 1,
        }
        self.input(to, message.kind(), Input::Message { from, message }, draws)
    }

    /// The places of the messages in the bag.
    fn in_flight(&self) -> Vec<usize> {
        let is_message =
            |place: &usize| matches!(self.bag.pending()[*place].event, Event::Message { .. });
        (0..self.bag.pending().len()).filter(is_message).collect()
    }

    /// A session begins or ends, whatever the node was told before.
    fn link(&mut self, node: NodeId, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        // One beyond the last is a stranger.
        let peer = NodeId::from_index(pick(self.twins.len() + 1, draws));
        let up = draws.draw(0..=1) == 0;
        self.met.links += 1;
        self.input(node, "link", Input::Link { peer, up }, draws)
    }

    /// The node crashes now, perhaps with its last save undone, and starts again.
    fn restart(&mut self, node: NodeId, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        self.bag.crash(node, draws.draw(0..=1) == 0);
        self.twins[node.index()] = self.subject.build(node);
        self.met.restarts += 1;
        self.start(node, draws)
    }

    fn start(&mut self, node: NodeId, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        let start = self.bag.start(node, self.subject.build(node));
        self.input(node, "start", start, draws)
    }

    /// Gives both twins the input, compares their effects, and carries out some
    /// or all of them.
    fn input(
        &mut self,
        node: NodeId,
        kind: &'static str,
        input: Input<S::Machine>,
        draws: &mut dyn Draw,
    ) -> Result<(), Nonconformance> {
        let mut numbers = Vec::new();
        let mut recorded = Recorded::new(draws, &mut numbers);
        let effects = self.bag.handle(node, input.clone(), self.now, &mut recorded);
        let mut replayed = Replayed::new(&numbers);
        let mut others = Vec::new();
        let mut cx = Context::new(node, self.now, &mut replayed, &mut others);
        self.twins[node.index()].handle(input, &mut cx);
        let alike = replayed.finish().is_ok()
            && effects.len() == others.len()
            && effects
                .iter()
                .zip(&others)
                .all(|(one, other)| self.subject.bytes(one) == self.subject.bytes(other));
        if !alike {
            return Err(Nonconformance::TwinsDiffer { node, input: kind });
        }
        // Now and then the node crashes after some of its effects.
        let crash_after =
            if draws.draw(0..=9) == 0 { pick(effects.len() + 1, draws) } else { usize::MAX };
        for effect in effects.into_iter().take(crash_after) {
            self.carry_out(node, effect, draws)?;
        }
        if crash_after == usize::MAX { Ok(()) } else { self.restart(node, draws) }
    }

    fn carry_out(
        &mut self,
        node: NodeId,
        mut effect: Effect<S::Machine>,
        draws: &mut dyn Draw,
    ) -> Result<(), Nonconformance> {
        match &mut effect {
            Effect::Send { message, .. } => {
                let kind = message.kind();
                *message = self
                    .subject
                    .over_the_wire(message)
                    .map_err(|how| Nonconformance::WireChanges { kind, how })?;
                self.met.sent += 1;
                let in_flight = self.in_flight();
                if in_flight.len() >= MOST_IN_FLIGHT {
                    self.bag.remove(in_flight[pick(in_flight.len(), draws)]);
                }
            }
            Effect::Arm { timer, .. } => {
                let bytes = |timer| self.subject.bytes(&Effect::Disarm(timer));
                if !remember(&mut self.armed[node.index()], timer, bytes) {
                    return Err(Nonconformance::TimersAlike { node });
                }
            }
            Effect::Save { cell, .. } => {
                let bytes = |cell| self.subject.bytes(&Effect::Save { cell, value: None });
                if !remember(&mut self.saved[node.index()], cell, bytes) {
                    return Err(Nonconformance::CellsAlike { node });
                }
                self.met.saves += 1;
            }
            Effect::Disarm(_) | Effect::Emit(_) => {}
        }
        self.bag.carry_out(node, effect);
        Ok(())
    }
}

/// Keeps a name. Gives no if another one is kept that compares as equal and is
/// written differently.
fn remember<T: Clone + Ord>(kept: &mut Vec<T>, name: &T, bytes: impl Fn(T) -> Vec<u8>) -> bool {
    if let Some(other) = kept.iter().find(|other| other.cmp(&name) == Ordering::Equal) {
        return bytes(other.clone()) == bytes(name.clone());
    }
    kept.push(name.clone());
    true
}

fn pick(choices: usize, draws: &mut dyn Draw) -> usize {
    draws.draw(0..=choices as u64 - 1) as usize
}
