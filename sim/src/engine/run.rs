use rehearsal_protocol::{Effect, Input, Machine, Node, NodeId, Time};

use super::draws::NodeStream;
use super::judge::Judge;
use super::pending::{Happening, Pending};
use super::triggers::Triggers;
use super::{Options, Tally};
use crate::chance::Chance;
use crate::check::Failure;
use crate::network::{LinkCounts, Lost, Partitions};
use crate::panics::Panic;
use crate::plan::Decisions;
use crate::protocol::{MessageOf, Protocol};
use crate::queue::{Key, Queue};
use crate::scenario::{CommandAt, Scenario};
use crate::trace::{Recorder, Step};
use crate::world::World;

pub(super) struct Run<'a, P: Protocol> {
    pub(super) scenario: &'a Scenario<P>,
    pub(super) chance: Chance,
    pub(super) decisions: Decisions,
    pub(super) commands: Vec<CommandAt<P>>,
    pub(super) world: World<P::Machine>,
    pub(super) queue: Queue<Pending<P::Machine>>,
    pub(super) links: LinkCounts,
    pub(super) partitions: Partitions,
    pub(super) triggers: Triggers<'a>,
    pub(super) calm: bool,
    /// When mail sent before the calm arrives at the latest.
    pub(super) latest: Time,
    pub(super) streams: Vec<NodeStream>,
    pub(super) effects: Vec<Effect<P::Machine>>,
    /// Events that were made within this instant, for this instant.
    pub(super) made_for_now: u64,
    /// The nodes that the event at hand has changed.
    pub(super) changed: Vec<NodeId>,
    pub(super) recorder: Recorder,
    pub(super) judge: Judge<'a, P>,
    pub(super) tally: Tally,
    pub(super) event: Happening<<P::Machine as Machine>::Timer>,
    /// The node whose machine is handling an input right now.
    pub(super) stepping: Option<NodeId>,
}

impl<'a, P: Protocol> Run<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>, options: Options) -> Self {
        let chance = Chance::new(options.seed);
        let nodes = scenario.nodes() as usize;
        let world = World::new(scenario.nodes());
        let mut run = Self {
            scenario,
            commands: scenario.all_commands(&chance),
            decisions: options.decisions,
            queue: Queue::new(),
            links: LinkCounts::new(nodes),
            partitions: Partitions::new(nodes),
            triggers: Triggers::new(scenario.faults()),
            calm: false,
            latest: scenario
                .calm_at()
                .map_or(Time::MAX, |at| scenario.network().latest_after_calm(at)),
            streams: (0..nodes).map(|_| NodeStream::default()).collect(),
            effects: Vec::new(),
            made_for_now: 0,
            changed: Vec::new(),
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
            let first = Pending::Start { node, crashes: 0 };
            self.queue.push(Key::start(Time::ZERO, node), first);
        }
        if let Some(at) = self.scenario.calm_at() {
            self.queue.push(Key::calm(at), Pending::Calm);
        }
        for (place, fault) in self.scenario.faults().iter().enumerate() {
            if let Some(at) = fault.at {
                let key = Key::fault(Time::ZERO + at, place);
                self.queue.push(key, Pending::Fault { place });
            }
        }
        for (place, command) in self.commands.iter().enumerate() {
            let key = Key::command(Time::ZERO + command.at, command.to, place);
            self.queue.push(key, Pending::Command { place });
        }
    }

    pub(super) fn play(&mut self) -> Result<(), Failure> {
        let until = self.scenario.until();
        while self.queue.next_at().is_some_and(|at| at < until) {
            let Some((key, pending)) = self.queue.pop() else { break };
            if self.is_stale(&pending) {
                continue;
            }
            self.judge.before(key.at(), &self.world)?;
            if key.at() > self.world.now {
                self.made_for_now = 0;
            }
            self.world.now = key.at();
            self.tally.events += 1;
            self.judge.progress(self.tally.events, self.made_for_now, key.at())?;
            let _span = self.recorder.step(key.at(), pending.node(&self.commands));
            self.happen(pending);
            self.judge_what_changed()?;
        }
        self.judge.at_the_end(&self.world)
    }

    /// A deadline that was replaced or disarmed, or a start of a node that is up, is no event.
    fn is_stale(&mut self, pending: &Pending<P::Machine>) -> bool {
        match pending {
            Pending::Timer { node, incarnation, timer, arming } => {
                let place = &mut self.world.places[node.index()];
                let node = place.node.as_mut().filter(|node| node.incarnation() == *incarnation);
                !node.is_some_and(|node| node.fire(timer, *arming))
            }
            Pending::Start { node, crashes } => {
                let place = &self.world.places[node.index()];
                place.node.is_some() || place.crashes != *crashes
            }
            _ => false,
        }
    }

    fn happen(&mut self, pending: Pending<P::Machine>) {
        match pending {
            Pending::Calm => {
                self.event = Happening::Fault;
                self.calm = true;
                self.partitions.heal();
                self.triggers.calm();
                self.record(&Step::Calm);
            }
            Pending::Fault { place } => {
                self.event = Happening::Fault;
                let scenario = self.scenario;
                self.act(place, &scenario.faults()[place].action);
            }
            Pending::Start { node, .. } => {
                self.event = Happening::Start;
                self.start(node);
            }
            Pending::Message { from, to, count, copy, message } => {
                self.deliver(from, to, (count, copy), message);
            }
            Pending::Timer { node, timer, .. } => {
                self.event = Happening::Timer(timer.clone());
                self.record(&Step::Timer { node, timer: &timer });
                self.step(node, Input::Timer(timer));
            }
            Pending::Command { place } => self.command(place),
        }
    }

    /// A step changes its node; a fault that an effect set off may change others.
    fn judge_what_changed(&mut self) -> Result<(), Failure> {
        for place in 0..self.changed.len() {
            let node = self.changed[place];
            self.recorder.lane::<P>(self.world.now, node, self.world.machine(node));
            self.judge.after(&self.world, node, || self.event.to_string())?;
        }
        self.changed.clear();
        Ok(())
    }

    fn start(&mut self, id: NodeId) {
        let place = &mut self.world.places[id.index()];
        place.incarnations += 1;
        let incarnation = place.incarnations;
        // The loader has built every node once; the same configuration builds it again.
        let machine = P::build(self.scenario.config(), id, self.scenario.initial())
            .unwrap_or_else(|reason| panic!("{id} cannot be built again: {}", reason.message()));
        place.node = Some(Node::new(id, incarnation, machine));
        let storage = place.storage.clone();
        self.streams[id.index()] = NodeStream::default();
        self.record(&Step::Start { node: id, incarnation });
        self.step(id, Input::Start(storage));
    }

    fn command(&mut self, place: usize) {
        self.event = Happening::Command;
        let (node, command) = (self.commands[place].to, self.commands[place].command.clone());
        self.record(&Step::Command { node, command: &command });
        // An owner cannot reach a node that is down; its request is gone.
        if self.world.is_up(node) {
            self.step(node, Input::Command(command));
        }
    }

    fn deliver(
        &mut self,
        from: NodeId,
        node: NodeId,
        (count, copy): (u32, u8),
        message: MessageOf<P>,
    ) {
        self.event = Happening::Deliver(rehearsal_protocol::Message::kind(&message));
        if !self.world.is_up(node) {
            self.tally.lose(Lost::Down);
            self.record(&Step::Miss { node, from, count, copy, message: &message });
            return;
        }
        self.tally.delivered += 1;
        self.tally.duplicates += u64::from(copy > 0);
        self.record(&Step::Deliver { node, from, count, copy, message: &message });
        self.step(node, Input::Message { from, message });
    }

    /// Makes something due from within an event.
    pub(super) fn schedule(&mut self, key: Key, pending: Pending<P::Machine>) {
        self.made_for_now += u64::from(key.at() == self.world.now);
        self.queue.push(key, pending);
    }

    pub(super) fn record(&mut self, step: &Step<'_, P>) {
        self.recorder.record(self.world.now, step);
    }

    /// A panic in the middle of it: of the machine that was handling an input,
    /// or else of something whose panic is none of a run's business. A machine
    /// that stopped half-way is not looked at any more.
    pub(super) fn panicked(&mut self, panic: &Panic) -> Failure {
        let Panic { place, message } = panic;
        let Some(node) = self.stepping.take() else { panic!("{message} (at {place})") };
        self.world.places[node.index()].node = None;
        Failure {
            check: "no_panic".to_owned(),
            reason: format!("panicked at {place}"),
            at: self.world.now,
            detail: format!("{node} panicked at {place}: {message}"),
            event: self.event.to_string(),
        }
    }
}
