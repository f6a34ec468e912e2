//! One run: takes what is due next, in the queue's order, until nothing is.
//!
//! Each step feeds one input to one machine and carries its effects out one at
//! a time. A fault that waits for an effect acts right after it; if it takes
//! the node down, the rest of the step never happens. After every step the
//! judge looks at the node that changed.

mod draws;
mod report;
mod step;
mod tally;
mod triggers;

use indexmap::IndexMap;
use rehearsal_protocol::{Effect, Input, Machine, Node, NodeId, Time};

use crate::chance::{Chance, Seed};
use crate::check::{Failure, Judge};
use crate::fault::Action;
use crate::network::{LinkCounts, Lost, Partitions};
use crate::panics;
use crate::plan::{Decision, DecisionKey, Decisions};
use crate::protocol::{MessageOf, Protocol};
use crate::queue::{Key, Queue};
use crate::scenario::Scenario;
use crate::trace::{Keep, Recorder, Step, name_of};
use crate::world::World;
use draws::NodeStream;
pub use report::Report;
pub use tally::Tally;
use triggers::Triggers;

/// How to run a scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// What chance is made from.
    pub seed: Seed,
    /// How much of the run to keep.
    pub keep: Keep,
    /// Decisions that are not left to chance.
    pub decisions: Decisions,
}

impl Options {
    /// This seed, nothing decided in advance, verdict and digest kept.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self { seed: Seed(seed), keep: Keep::Digest, decisions: Decisions::default() }
    }

    /// Keeps this much of the run.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Leaves these decisions to nobody.
    #[must_use]
    pub fn decisions(mut self, decisions: Decisions) -> Self {
        self.decisions = decisions;
        self
    }
}

/// Runs a scenario from beginning to end.
///
/// A panic of a machine in a step ends the run as a violation of `no_panic`.
///
/// # Panics
/// If anything else panics: a predicate, a protocol's way to print things, or
/// the simulator itself.
#[must_use]
pub fn run<P: Protocol>(scenario: &Scenario<P>, options: Options) -> Report<P> {
    let mut run = Run::new(scenario, options);
    let verdict = match panics::catch(|| run.play()) {
        Ok(verdict) => verdict,
        Err(panic) => match run.stepping.take() {
            Some(node) => Err(Failure {
                check: "no_panic".to_owned(),
                reason: format!("panicked at {}", panic.place),
                at: run.world.now,
                detail: format!("{node} panicked at {}: {}", panic.place, panic.message),
                event: run.event.to_string(),
            }),
            None => panic!("{} (at {})", panic.message, panic.place),
        },
    };
    run.report(verdict.err())
}

/// What can be due.
enum Pending<M: Machine> {
    Calm,
    Fault { place: usize },
    Start { node: NodeId, is_first: bool },
    Message { from: NodeId, to: NodeId, count: u32, copy: u8, message: M::Message },
    Timer { node: NodeId, incarnation: u32, timer: M::Timer, arming: u64 },
    Command { place: usize },
}

/// What is happening, for the fingerprint of a failure.
enum Happening<T> {
    Start,
    Deliver(&'static str),
    Timer(T),
    Command,
    Fault,
}

impl<T: std::fmt::Debug> std::fmt::Display for Happening<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Deliver(kind) => write!(f, "deliver {kind}"),
            Self::Timer(timer) => write!(f, "timer {}", name_of(timer)),
            Self::Command => f.write_str("command"),
            Self::Fault => f.write_str("fault"),
        }
    }
}

struct Run<'a, P: Protocol> {
    scenario: &'a Scenario<P>,
    chance: Chance,
    decisions: Decisions,
    commands: Vec<crate::scenario::CommandAt<P>>,
    world: World<P::Machine>,
    queue: Queue<Pending<P::Machine>>,
    links: LinkCounts,
    partitions: Partitions,
    triggers: Triggers<'a>,
    calm: bool,
    /// When mail sent before the calm arrives at the latest.
    latest: Time,
    streams: Vec<NodeStream>,
    effects: Vec<Effect<P::Machine>>,
    initial: Vec<NodeId>,
    recorder: Recorder,
    judge: Judge<'a, P>,
    tally: Tally,
    event: Happening<<P::Machine as Machine>::Timer>,
    /// The node whose machine is handling an input right now.
    stepping: Option<NodeId>,
}

impl<'a, P: Protocol> Run<'a, P> {
    fn new(scenario: &'a Scenario<P>, options: Options) -> Self {
        let chance = Chance::new(options.seed);
        let nodes = scenario.nodes as usize;
        let world = World::new(scenario.nodes);
        let mut run = Self {
            scenario,
            commands: scenario.all_commands(&chance),
            decisions: options.decisions,
            queue: Queue::new(),
            links: LinkCounts::new(nodes),
            partitions: Partitions::new(nodes),
            triggers: Triggers::new(&scenario.faults),
            calm: false,
            latest: scenario
                .calm_at()
                .map_or(Time::MAX, |at| scenario.network.latest_after_calm(at)),
            streams: (0..nodes).map(|_| NodeStream::default()).collect(),
            effects: Vec::new(),
            initial: world.nodes().collect(),
            recorder: Recorder::new(options.keep, nodes),
            judge: Judge::new(scenario),
            tally: Tally::default(),
            event: Happening::Start,
            stepping: None,
            chance,
            world,
        };
        run.fill_queue();
        run
    }

    fn fill_queue(&mut self) {
        for node in self.world.nodes() {
            let first = Pending::Start { node, is_first: true };
            self.queue.push(Key::start(Time::ZERO, node), first);
        }
        if let Some(at) = self.scenario.calm_at() {
            self.queue.push(Key::calm(at), Pending::Calm);
        }
        for (place, fault) in self.scenario.faults.iter().enumerate() {
            if let Some(at) = fault.at {
                let key = Key::fault(Time::ZERO + at.as_duration(), place);
                self.queue.push(key, Pending::Fault { place });
            }
        }
        for (place, command) in self.commands.iter().enumerate() {
            let key = Key::command(Time::ZERO + command.at.as_duration(), command.to, place);
            self.queue.push(key, Pending::Command { place });
        }
    }

    fn play(&mut self) -> Result<(), Failure> {
        let until = Time::ZERO + self.scenario.until.as_duration();
        while self.queue.next_at().is_some_and(|at| at < until) {
            let Some((key, pending)) = self.queue.pop() else { break };
            if self.is_stale(&pending) {
                continue;
            }
            self.judge.before(key.at(), &self.world)?;
            let advanced = key.at() > self.world.now;
            self.world.now = key.at();
            self.tally.events += 1;
            self.judge.progress(self.tally.events, key.at(), advanced)?;
            if let Some(changed) = self.happen(pending) {
                self.recorder.lane::<P>(self.world.now, changed, self.world.machine(changed));
                self.judge.after(&self.world, changed, || self.event.to_string())?;
            }
        }
        self.judge.before(Time::MAX, &self.world)
    }

    /// A deadline that was replaced or disarmed, or a start of a node that is up, is no event.
    fn is_stale(&mut self, pending: &Pending<P::Machine>) -> bool {
        match pending {
            Pending::Timer { node, incarnation, timer, arming } => {
                let place = &mut self.world.places[node.index()];
                let node = place.node.as_mut().filter(|node| node.incarnation() == *incarnation);
                !node.is_some_and(|node| node.fire(timer, *arming))
            }
            Pending::Start { node, is_first } => {
                let place = &self.world.places[node.index()];
                place.node.is_some() || (*is_first && place.crashed)
            }
            _ => false,
        }
    }

    /// Lets it happen; tells which node it changed.
    fn happen(&mut self, pending: Pending<P::Machine>) -> Option<NodeId> {
        match pending {
            Pending::Calm => {
                self.event = Happening::Fault;
                self.calm = true;
                self.partitions.heal();
                self.triggers.calm();
                self.record(&Step::Calm);
                None
            }
            Pending::Fault { place } => {
                self.event = Happening::Fault;
                let scenario = self.scenario;
                self.act(place, &scenario.faults[place].action)
            }
            Pending::Start { node, .. } => {
                self.event = Happening::Start;
                self.start(node);
                Some(node)
            }
            Pending::Message { from, to, count, copy, message } => {
                self.deliver(from, to, (count, copy), message)
            }
            Pending::Timer { node, timer, .. } => {
                self.event = Happening::Timer(timer.clone());
                self.record(&Step::Timer { node, timer: &timer });
                self.step(node, Input::Timer(timer));
                Some(node)
            }
            Pending::Command { place } => self.command(place),
        }
    }

    fn start(&mut self, id: NodeId) {
        let place = &mut self.world.places[id.index()];
        place.incarnations += 1;
        let incarnation = place.incarnations;
        // The loader has built every node once; the same configuration builds it again.
        let machine = P::build(&self.scenario.config, id, &self.initial)
            .unwrap_or_else(|reason| panic!("{id} cannot be built again: {}", reason.message()));
        place.node = Some(Node::new(id, incarnation, machine));
        let storage = place.storage.clone();
        self.streams[id.index()] = NodeStream::default();
        self.record(&Step::Start { node: id, incarnation });
        self.step(id, Input::Start(storage));
    }

    fn command(&mut self, place: usize) -> Option<NodeId> {
        self.event = Happening::Command;
        let (node, command) = (self.commands[place].to, self.commands[place].command.clone());
        self.record(&Step::Command { node, command: &command });
        // An owner cannot reach a node that is down; its request is gone.
        self.world.is_up(node).then(|| {
            self.step(node, Input::Command(command));
            node
        })
    }

    fn deliver(
        &mut self,
        from: NodeId,
        node: NodeId,
        (count, copy): (u32, u8),
        message: MessageOf<P>,
    ) -> Option<NodeId> {
        self.event = Happening::Deliver(rehearsal_protocol::Message::kind(&message));
        if !self.world.is_up(node) {
            self.tally.lose(Lost::Down);
            self.record(&Step::Miss { node, from, count, copy, message: &message });
            return None;
        }
        self.tally.delivered += 1;
        self.tally.duplicates += u64::from(copy > 0);
        self.record(&Step::Deliver { node, from, count, copy, message: &message });
        self.step(node, Input::Message { from, message });
        Some(node)
    }

    /// Carries a fault out; tells which node it changed.
    fn act(&mut self, place: usize, action: &Action) -> Option<NodeId> {
        match action {
            Action::Crash(node) => self.crash(*node),
            Action::Restart(node) => {
                self.restart(*node, self.world.now);
                None
            }
            Action::Bounce { node, down } => {
                let crashed = self.crash(*node)?;
                self.restart(crashed, self.world.now + down.as_duration());
                Some(crashed)
            }
            Action::Partition(sides) => {
                self.partitions.add(sides);
                self.record(&Step::Partition { sides });
                None
            }
            Action::Heal => {
                self.partitions.heal();
                self.record(&Step::Heal);
                None
            }
            Action::Lose | Action::Delay(_) | Action::Duplicate(_) => {
                unreachable!("faults[{place}] acts on a message and was loaded without one")
            }
        }
    }

    /// A node that has not started yet is kept from it; one that is down stays so.
    fn crash(&mut self, node: NodeId) -> Option<NodeId> {
        let place = &mut self.world.places[node.index()];
        let was_to_start = place.incarnations == 0 && !place.crashed;
        if place.node.take().is_none() && !was_to_start {
            return None;
        }
        place.crashed = true;
        self.record(&Step::Crash { node });
        self.recorder.lane::<P>(self.world.now, node, None);
        Some(node)
    }

    fn restart(&mut self, node: NodeId, at: Time) {
        self.queue.push(Key::start(at, node), Pending::Start { node, is_first: false });
    }

    fn record(&mut self, step: &Step<'_, P>) {
        self.recorder.record(self.world.now, step);
    }

    fn decisions_taken(&self) -> Option<IndexMap<DecisionKey, Decision>> {
        self.decisions.taken().cloned()
    }
}
