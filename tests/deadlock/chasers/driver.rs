//! A loop that drives detectors and nothing else: whoever waits for whom is
//! told to them, and what they say takes as long as a test wants.

use std::collections::BTreeMap;
use std::collections::btree_map::OccupiedEntry;
use std::fmt::Debug;

use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Context, Effect, Input, Machine, Message as _, NodeId, Storage, Time};
use rehearsal::protocol::deadlock::{DetectorInput, Output, Verdict};
use rehearsal::protocol::resource::View;

use super::graphs::{Graph, Model};

/// When the copies of a message arrive, counted from now: none if it is lost.
pub(crate) type Delays<M> = Box<dyn FnMut(NodeId, NodeId, &M) -> Vec<u64>>;

/// A machine that detects.
pub(crate) trait Detects:
    Machine<Command = DetectorInput, Output = Output, Saved = u64, Timer: Debug, Message: Debug>
{
}

impl<M> Detects for M where
    M: Machine<Command = DetectorInput, Output = Output, Saved = u64, Timer: Debug, Message: Debug>
{
}

/// Detectors, node 1 first, and what is between them. Time is in nanoseconds.
pub(crate) struct World<M: Machine> {
    pub(crate) nodes: Vec<M>,
    pub(crate) now: u64,
    /// What each has said, by kind.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// What each has told, and when.
    pub(crate) told: Vec<(u64, NodeId, M::Output)>,
    pub(crate) storage: Vec<Storage<M>>,
    delays: Delays<M::Message>,
    queue: BTreeMap<(u64, u64), Event<M>>,
    armed: BTreeMap<(NodeId, M::Timer), u64>,
    sequence: u64,
}

enum Event<M: Machine> {
    Arrives { from: NodeId, to: NodeId, message: M::Message },
    Rings { node: NodeId, timer: M::Timer },
}

/// Every message takes as long.
pub(crate) fn constant<M>(delay: u64) -> Delays<M> {
    Box::new(move |_, _, _| vec![delay])
}

pub(crate) fn node(number: usize) -> NodeId {
    NodeId::from_index(number - 1)
}

impl<M: Machine> World<M> {
    pub(crate) fn new(
        nodes: usize,
        build: impl Fn(NodeId) -> M,
        delays: Delays<M::Message>,
    ) -> Self {
        let mut world = Self {
            nodes: (1..=nodes).map(|number| build(node(number))).collect(),
            now: 0,
            counts: BTreeMap::new(),
            told: Vec::new(),
            storage: (0..nodes).map(|_| Storage::<M>::new()).collect(),
            delays,
            queue: BTreeMap::new(),
            armed: BTreeMap::new(),
            sequence: 0,
        };
        (1..=nodes).for_each(|number| world.start(number));
        world
    }

    /// Begins the next life of a node.
    pub(crate) fn start(&mut self, number: usize) {
        self.armed.retain(|(armed, _), _| *armed != node(number));
        let storage = self.storage[number - 1].clone();
        self.input(node(number), Input::Start(storage));
    }

    /// Goes on until nothing is left to do up to this time.
    pub(crate) fn run_until(&mut self, end: u64) {
        while self.step(end) {}
        self.now = end;
    }

    /// Does what is next. False if nothing is left to do up to this time.
    pub(crate) fn step(&mut self, end: u64) -> bool {
        let next = self.queue.first_entry().filter(|entry| entry.key().0 <= end);
        let Some(((at, sequence), event)) = next.map(OccupiedEntry::remove_entry) else {
            return false;
        };
        self.now = at;
        match event {
            Event::Arrives { from, to, message } => {
                self.input(to, Input::Message { from, message });
            }
            Event::Rings { node, timer } => {
                // Only the latest arming counts.
                if self.armed.get(&(node, timer.clone())) == Some(&sequence) {
                    self.armed.remove(&(node, timer.clone()));
                    self.input(node, Input::Timer(timer));
                }
            }
        }
        true
    }

    /// A command of a node's owner.
    pub(crate) fn command(&mut self, number: usize, command: M::Command) {
        self.input(node(number), Input::Command(command));
    }

    fn input(&mut self, at: NodeId, input: Input<M>) {
        let mut effects = Vec::new();
        let mut draws = Lowest;
        let mut cx = Context::new(at, Time::from_nanos(self.now), &mut draws, &mut effects);
        self.nodes[at.index()].handle(input, &mut cx);
        for effect in effects {
            self.carry_out(at, effect);
        }
    }

    fn carry_out(&mut self, at: NodeId, effect: Effect<M>) {
        match effect {
            Effect::Send { to, message } => {
                *self.counts.entry(message.kind()).or_default() += 1;
                for delay in (self.delays)(at, to, &message) {
                    let message = message.clone();
                    self.schedule(delay, Event::Arrives { from: at, to, message });
                }
            }
            Effect::Arm { timer, after } => {
                let after = after.start().as_nanos() as u64;
                let sequence =
                    self.schedule(after, Event::Rings { node: at, timer: timer.clone() });
                self.armed.insert((at, timer), sequence);
            }
            Effect::Disarm(timer) => {
                self.armed.remove(&(at, timer));
            }
            Effect::Save { cell, value: Some(value) } => {
                self.storage[at.index()].insert(cell, value);
            }
            Effect::Save { cell, value: None } => {
                self.storage[at.index()].remove(&cell);
            }
            Effect::Emit(output) => self.told.push((self.now, at, output)),
        }
    }

    fn schedule(&mut self, after: u64, event: Event<M>) -> u64 {
        self.sequence += 1;
        self.queue.insert((self.now + after, self.sequence), event);
        self.sequence
    }

    /// Messages of this kind that were sent so far.
    pub(crate) fn sent(&self, kind: &str) -> u64 {
        self.counts.get(kind).copied().unwrap_or(0)
    }
}

impl<M: Detects> World<M> {
    pub(crate) fn notice(&mut self, number: usize, notice: DetectorInput) {
        self.input(node(number), Input::Command(notice));
    }

    pub(crate) fn look(&mut self, number: usize, view: &View) {
        self.notice(number, DetectorInput::Look(view.clone()));
    }

    /// All know who waits for them before anybody knows that it waits itself, so
    /// that nothing that is said overtakes a request.
    pub(crate) fn settle(&mut self, graph: &Graph, model: Model) {
        for number in 1..=graph.nodes {
            let pending = graph.view(number, model).pending;
            self.look(number, &View { wait: None, pending });
        }
        (1..=graph.nodes).for_each(|number| self.look(number, &graph.view(number, model)));
    }

    /// A message out of nowhere.
    pub(crate) fn deliver(&mut self, from: usize, to: usize, message: M::Message) {
        self.input(node(to), Input::Message { from: node(from), message });
    }

    /// When who has found a deadlock, and what.
    pub(crate) fn found(&self) -> impl Iterator<Item = (u64, NodeId, &Verdict)> {
        self.told.iter().filter_map(|(at, node, output)| match output {
            Output::Finds(verdict) if verdict.is_deadlock() => Some((*at, *node, verdict)),
            _ => None,
        })
    }

    pub(crate) fn finders(&self) -> Vec<NodeId> {
        self.found().map(|(_, node, _)| node).collect()
    }

    /// Whose requests were to be given up, as the victims were told.
    pub(crate) fn condemned(&self) -> Vec<NodeId> {
        let victims = self.told.iter().filter_map(|(_, at, output)| match output {
            Output::Condemns(request) => {
                assert_eq!(request.by, *at, "somebody else's request");
                Some(*at)
            }
            _ => None,
        });
        victims.collect()
    }
}
