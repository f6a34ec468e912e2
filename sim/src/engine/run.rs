use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{Effect, Machine, NodeId, Time};

use super::choices::Choices;
use super::disks::Disks;
use super::fast_path::FastPath;
use super::judge::Judge;
use super::lookahead::Lookahead;
use super::pauses::Pauses;
use super::pending::{Cause, Pending, Strike};
use super::send::Held;
use super::strike::Aim;
use super::triggers::Triggers;
use super::{Options, Tally};
use crate::calm::Calm;
use crate::chance::Chance;
use crate::fault::When;
use crate::network::{Link, Traffic};
use crate::protocol::Protocol;
use crate::queue::{Key, Queue};
use crate::scenario::{CommandAt, Scenario};
use crate::trace::Recorder;
use crate::world::World;

pub(super) struct Run<'a, P: Protocol> {
    pub(super) scenario: &'a Scenario<P>,
    pub(super) chance: Chance,
    pub(super) choices: Choices,
    /// The commands of the workload, which follow those of the file.
    pub(super) workload: Vec<CommandAt<P>>,
    pub(super) world: World<P::Machine>,
    pub(super) queue: Queue<Pending<P::Machine>>,
    pub(super) traffic: Traffic<'a>,
    pub(super) held: BTreeMap<Link, Vec<Held<P::Machine>>>,
    pub(super) calm: Calm,
    pub(super) pauses: Pauses<P::Machine>,
    pub(super) disks: Disks<P::Machine>,
    /// The partitions that come and go, by their fault's place: the number of each.
    pub(super) flaps: BTreeMap<usize, u32>,
    /// How many there were.
    pub(super) flapped: u32,
    pub(super) triggers: Triggers<'a>,
    /// How often each fault of the file has struck.
    pub(super) strikes: Vec<u64>,
    /// The fault that is about to strike, and whom.
    pub(super) aim: Option<Aim>,
    /// How often a fault's time came and it struck nobody.
    pub(super) idle_strikes: u64,
    /// The nodes that were taken down, or kept from starting.
    pub(super) down: BTreeSet<NodeId>,
    /// The nodes that run by the scenario's second configuration from their next start on.
    pub(super) upgraded: BTreeSet<NodeId>,
    /// How many numbers each node has drawn in its incarnation.
    pub(super) drawn: Vec<u32>,
    pub(super) effects: Vec<Effect<P::Machine>>,
    /// Events that were made within this instant, for this instant.
    pub(super) made_for_now: u64,
    /// The nodes that the event at hand has changed.
    pub(super) changed: Vec<NodeId>,
    pub(super) recorder: Recorder,
    pub(super) judge: Judge<'a, P>,
    pub(super) tally: Tally,
    pub(super) event: Cause<<P::Machine as Machine>::Timer>,
    /// Does nobody look on: no trace, no expectations?
    pub(super) is_unwatched: bool,
    pub(super) fast_path: FastPath,
    pub(super) lookahead: Lookahead<P::Machine>,
    /// Has a fault struck within this step?
    pub(super) is_struck: bool,
    /// The node whose machine is handling an input right now.
    pub(super) stepping: Option<NodeId>,
}

impl<'a, P: Protocol> Run<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>, options: Options) -> Self {
        let nodes = scenario.nodes() as usize;
        let Options { seed, keep, decisions, .. } = options;
        let mut run = Self {
            scenario,
            chance: Chance::new(seed),
            choices: Choices::new(decisions),
            workload: Vec::new(),
            world: World::new(scenario.nodes()),
            queue: Queue::new(),
            traffic: Traffic::new(scenario.network(), nodes),
            held: BTreeMap::new(),
            calm: scenario.calm(),
            pauses: Pauses::new(),
            disks: Disks::new(scenario.faults()),
            flaps: BTreeMap::new(),
            flapped: 0,
            triggers: Triggers::new(scenario.faults()),
            strikes: vec![0; scenario.faults().len()],
            aim: None,
            idle_strikes: 0,
            down: BTreeSet::new(),
            upgraded: BTreeSet::new(),
            drawn: vec![0; nodes],
            effects: Vec::new(),
            made_for_now: 0,
            changed: Vec::new(),
            recorder: Recorder::new(keep, nodes),
            judge: Judge::new(scenario),
            tally: Tally::default(),
            event: Cause::Start,
            is_unwatched: false,
            fast_path: FastPath::Closed,
            lookahead: Lookahead::new(nodes, scenario.network().delay.least()),
            is_struck: false,
            stepping: None,
        };
        run.fill_queue();
        run
    }

    /// As if it were new, with the memory that it has.
    pub(super) fn again(&mut self, options: Options) {
        let Options { seed, keep, decisions, .. } = options;
        let nodes = self.scenario.nodes() as usize;
        self.chance = Chance::new(seed);
        self.choices = Choices::new(decisions);
        if self.world.nodes.len() == nodes {
            self.world.clear();
        } else {
            self.world = World::new(self.scenario.nodes());
        }
        self.queue.clear();
        self.traffic.clear();
        self.held.clear();
        self.calm = self.scenario.calm();
        self.pauses.clear();
        self.disks.clear();
        self.flaps.clear();
        self.flapped = 0;
        self.triggers.reset();
        self.strikes.fill(0);
        self.aim = None;
        self.idle_strikes = 0;
        self.down.clear();
        self.upgraded.clear();
        self.drawn.fill(0);
        self.effects.clear();
        self.made_for_now = 0;
        self.changed.clear();
        self.recorder = Recorder::new(keep, nodes);
        self.judge = Judge::new(self.scenario);
        self.tally = Tally::default();
        self.event = Cause::Start;
        self.lookahead.clear();
        self.is_struck = false;
        self.stepping = None;
        self.fill_queue();
    }

    /// Takes back the world of a run that is over.
    pub(super) fn recycle(&mut self, world: World<P::Machine>) {
        self.world = world;
    }

    fn fill_queue(&mut self) {
        self.is_unwatched = !self.recorder.has_trace() && !self.judge.is_watching();
        self.fast_path = self.fast_path();
        for node in self.scenario.initial() {
            let first = Pending::Start { node: *node, crashes: 0 };
            self.queue.push(Key::start(Time::ZERO, *node), first);
        }
        if let Some(at) = self.scenario.calm_at() {
            self.queue.push(Key::calm(at), Pending::Calm);
        }
        for (place, fault) in self.scenario.faults().iter().enumerate() {
            match &fault.when {
                When::At(at) => {
                    self.plan_strike(place, Strike::Once, Time::ZERO + *at);
                }
                When::Every(_) => self.plan_strikes(place),
                When::On(_) => {}
            }
        }
        self.workload = self.scenario.workload(&self.chance);
        let commands = self.scenario.commands().iter().chain(&self.workload);
        for (place, command) in (0..).zip(commands) {
            let key = Key::command(Time::ZERO + command.at, command.to, place as usize);
            self.queue.push(key, Pending::Command { place });
        }
    }
}
