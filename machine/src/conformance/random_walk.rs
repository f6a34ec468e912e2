use alloc::collections::BTreeMap;
use alloc::vec::{IntoIter, Vec};
use core::ops::RangeInclusive;

use super::{Met, Nonconformance, Subject};
use crate::{Draw, Effect, Input, Machine, Message, Node, NodeId, Storage, Time};

/// Nodes, what is between them, and what they have saved.
pub(super) struct RandomWalk<'a, S: Subject> {
    subject: &'a S,
    twins: Vec<Twins<S::Machine>>,
    in_flight: Vec<Letter<S::Machine>>,
    now: Time,
    met: Met,
}

struct Twins<M: Machine> {
    nodes: [Node<M>; 2],
    storage: Storage<M>,
    /// The cell that was saved last and what it held before: a crash may undo it.
    last_save: Option<(M::Cell, Option<M::Saved>)>,
    /// All deadlines ever armed: a late one must do no harm.
    armed: Vec<M::Timer>,
}

struct Letter<M: Machine> {
    from: NodeId,
    to: NodeId,
    message: M::Message,
}

/// What one step brings, each as likely as its weight.
const DELIVER: RangeInclusive<u64> = 0..=49;
const MANGLE: RangeInclusive<u64> = 50..=64;
const TIMER: RangeInclusive<u64> = 65..=84;
const COMMAND: RangeInclusive<u64> = 85..=94;
const CHOICES: u64 = 99;

/// Beyond this the oldest messages are lost.
const MOST_IN_FLIGHT: usize = 200;

impl<'a, S: Subject> RandomWalk<'a, S> {
    pub(super) fn new(subject: &'a S) -> Self {
        let twins = (0..subject.nodes()).map(|place| {
            let id = NodeId::from_index(place as usize);
            let node = || Node::new(id, 1, subject.build(id));
            Twins {
                nodes: [node(), node()],
                storage: Storage::<S::Machine>::new(),
                last_save: None,
                armed: Vec::new(),
            }
        });
        Self {
            subject,
            twins: twins.collect(),
            in_flight: Vec::new(),
            now: Time::ZERO,
            met: Met::default(),
        }
    }

    pub(super) fn run(mut self, draws: &mut dyn Draw, steps: u32) -> Result<Met, Nonconformance> {
        for place in 0..self.twins.len() {
            self.start(place, draws)?;
        }
        for _ in 0..steps {
            self.step(draws)?;
        }
        Ok(self.met)
    }

    fn step(&mut self, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        self.now = Time::from_nanos(self.now.as_nanos() + draws.draw(0..=10_000_000));
        let choice = draws.draw(0..=CHOICES);
        let place = pick(self.twins.len(), draws);
        if DELIVER.contains(&choice) || MANGLE.contains(&choice) {
            self.deliver(MANGLE.contains(&choice), draws)
        } else if TIMER.contains(&choice) {
            let armed = &self.twins[place].armed;
            if armed.is_empty() {
                return Ok(());
            }
            let timer = armed[pick(armed.len(), draws)].clone();
            self.met.timers += 1;
            self.input(place, "timer", Input::Timer(timer), draws)
        } else if COMMAND.contains(&choice) {
            let Some(command) = self.subject.command(NodeId::from_index(place), draws) else {
                return Ok(());
            };
            self.met.commands += 1;
            self.input(place, "command", Input::Command(command), draws)
        } else {
            self.restart(place, draws)
        }
    }

    fn deliver(&mut self, mangled: bool, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        if self.in_flight.is_empty() {
            return Ok(());
        }
        let which = pick(self.in_flight.len(), draws);
        let Letter { mut from, to, mut message } = if draws.draw(0..=3) == 0 {
            let Letter { from, to, message } = &self.in_flight[which];
            Letter { from: *from, to: *to, message: message.clone() }
        } else {
            self.in_flight.swap_remove(which)
        };
        if mangled {
            message = self.subject.mangled(&message, draws).unwrap_or(message);
            // One beyond the last is a stranger.
            from = NodeId::from_index(pick(self.twins.len() + 1, draws));
            self.met.mangled += 1;
        } else {
            self.met.delivered += 1;
        }
        let kind = message.kind();
        self.input(to.index(), kind, Input::Message { from, message }, draws)
    }

    /// The node crashes now, perhaps with its last save undone, and starts again.
    fn restart(&mut self, place: usize, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        let id = NodeId::from_index(place);
        let twins = &mut self.twins[place];
        if let Some((cell, before)) = twins.last_save.take()
            && draws.draw(0..=1) == 0
        {
            put(&mut twins.storage, cell, before);
        }
        let incarnation = twins.nodes[0].incarnation() + 1;
        twins.nodes = [(); 2].map(|()| Node::new(id, incarnation, self.subject.build(id)));
        self.met.restarts += 1;
        self.start(place, draws)
    }

    fn start(&mut self, place: usize, draws: &mut dyn Draw) -> Result<(), Nonconformance> {
        let storage = self.twins[place].storage.clone();
        self.input(place, "start", Input::Start(storage), draws)
    }

    /// Gives both twins the input, compares what they want done, and does some
    /// or all of it.
    fn input(
        &mut self,
        place: usize,
        kind: &'static str,
        input: Input<S::Machine>,
        draws: &mut dyn Draw,
    ) -> Result<(), Nonconformance> {
        let id = NodeId::from_index(place);
        let [first, second] = &mut self.twins[place].nodes;
        let (mut effects, mut others) = (Vec::new(), Vec::new());
        let mut noted = Noted { draws, numbers: Vec::new() };
        first.handle(input.clone(), self.now, &mut noted, &mut effects);
        let mut again = Again { numbers: noted.numbers.into_iter() };
        second.handle(input, self.now, &mut again, &mut others);
        let alike = effects.len() == others.len()
            && effects
                .iter()
                .zip(&others)
                .all(|(one, other)| self.subject.bytes(one) == self.subject.bytes(other));
        if !alike {
            return Err(Nonconformance::TwinsDiffer { node: id, input: kind });
        }
        // Now and then the node crashes after some of its effects.
        let crash_after =
            if draws.draw(0..=9) == 0 { pick(effects.len() + 1, draws) } else { usize::MAX };
        for effect in effects.into_iter().take(crash_after) {
            self.carry_out(place, effect, draws)?;
        }
        if crash_after == usize::MAX { Ok(()) } else { self.restart(place, draws) }
    }

    fn carry_out(
        &mut self,
        place: usize,
        effect: Effect<S::Machine>,
        draws: &mut dyn Draw,
    ) -> Result<(), Nonconformance> {
        let twins = &mut self.twins[place];
        match effect {
            Effect::Send { to, message } => {
                self.send(NodeId::from_index(place), to, &message, draws)?;
            }
            Effect::Arm { timer, .. } => {
                if !twins.armed.contains(&timer) {
                    twins.armed.push(timer);
                }
            }
            Effect::Save { cell, value } => {
                self.met.saves += 1;
                let before = twins.storage.get(&cell).cloned();
                put(&mut twins.storage, cell.clone(), value);
                twins.last_save = Some((cell, before));
                return Ok(());
            }
            Effect::Disarm(_) | Effect::Emit(_) => {}
        }
        // A save is durable once a later effect has happened.
        self.twins[place].last_save = None;
        Ok(())
    }

    fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: &<S::Machine as Machine>::Message,
        draws: &mut dyn Draw,
    ) -> Result<(), Nonconformance> {
        let kind = message.kind();
        let message = self
            .subject
            .over_the_wire(message)
            .map_err(|how| Nonconformance::WireChanges { kind, how })?;
        self.met.sent += 1;
        if to.index() < self.twins.len() {
            if self.in_flight.len() >= MOST_IN_FLIGHT {
                let lost = pick(self.in_flight.len(), draws);
                self.in_flight.swap_remove(lost);
            }
            self.in_flight.push(Letter { from, to, message });
        }
        Ok(())
    }
}

fn put<K: Ord, V>(storage: &mut BTreeMap<K, V>, cell: K, value: Option<V>) {
    match value {
        Some(value) => storage.insert(cell, value),
        None => storage.remove(&cell),
    };
}

fn pick(choices: usize, draws: &mut dyn Draw) -> usize {
    draws.draw(0..=choices as u64 - 1) as usize
}

struct Noted<'a> {
    draws: &'a mut dyn Draw,
    numbers: Vec<u64>,
}

impl Draw for Noted<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let number = self.draws.draw(range);
        self.numbers.push(number);
        number
    }
}

/// Gives the noted numbers again; a twin that asks for more gets the low end.
struct Again {
    numbers: IntoIter<u64>,
}

impl Draw for Again {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.numbers.next().unwrap_or(*range.start())
    }
}
