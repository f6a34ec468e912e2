//! A few nodes and what is between them: every message takes as long as the
//! others, or as a seed says, in order or not.

use std::collections::BTreeMap;
use std::collections::btree_map::OccupiedEntry;
use std::time::Duration;

use rehearsal_machine::{
    Bag, Draw as _, Event, Input, Machine, Message as _, NodeId, Storage, Time, nanos,
};
use rehearsal_protocol::deadlock::{DetectorInput, Output, Verdict};
use rehearsal_protocol::resource::View;

use super::chance::Chance;
use super::support::node;
use super::waits::Waits;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// How long messages take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delay {
    /// All of them.
    Constant(Duration),
    /// All of them, and each comes twice.
    Twice(Duration),
    /// Each between nothing and this, but none overtakes another on its way from
    /// the same node to the same.
    InOrder(Duration),
    /// Each between nothing and this.
    AnyOrder(Duration),
    /// As long as this says of its kind.
    OfKind(fn(&str) -> Duration),
    /// As many copies as one of these says, each between nothing and this.
    Copies(&'static [u64], Duration),
}

/// A message that was sent.
pub(crate) struct Sent {
    pub(crate) at: Time,
    pub(crate) from: u32,
    pub(crate) kind: &'static str,
}

enum Due<M: Machine> {
    /// What has this number in the bag, if it is still there.
    Pending(u64),
    Command(u32, M::Command),
}

/// Nodes by their numbers, from 1. Times are in milliseconds.
pub(crate) struct World<M: Machine> {
    bag: Bag<M>,
    nodes: u32,
    /// What happens when, in the order in which it was brought about.
    due: BTreeMap<(Time, u64), Due<M>>,
    events: u64,
    /// The number of the latest in the bag that is due.
    scheduled: u64,
    now: Time,
    pub(crate) delay: Delay,
    pub(crate) chance: Chance,
    last_arrivals: BTreeMap<(NodeId, NodeId), Time>,
    /// Nodes whose messages come to nothing, both ways.
    pub(crate) silent: Vec<u32>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) told: Vec<(Time, u32, M::Output)>,
}

impl<M: Machine> World<M> {
    /// All nodes have started.
    pub(crate) fn new(nodes: u32, delay: Delay, seed: u64, build: impl Fn(NodeId) -> M) -> Self {
        let mut world = Self {
            bag: Bag::new(nodes as usize),
            nodes,
            due: BTreeMap::new(),
            events: 0,
            scheduled: 0,
            now: Time::ZERO,
            delay,
            chance: Chance(seed),
            last_arrivals: BTreeMap::new(),
            silent: Vec::new(),
            sent: Vec::new(),
            told: Vec::new(),
        };
        (1..=nodes).for_each(|number| world.start(number, build(node(number))));
        world
    }

    /// Begins the next life of a node, with what it has saved.
    pub(crate) fn start(&mut self, number: u32, machine: M) {
        self.bag.crash(node(number), false);
        let start = self.bag.start(node(number), machine);
        self.input(number, start);
    }

    pub(crate) fn machine(&self, number: u32) -> &M {
        self.bag.machine(node(number)).expect("all nodes are up")
    }

    pub(crate) fn storage(&self, number: u32) -> &Storage<M> {
        self.bag.storage(node(number))
    }

    pub(crate) fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The owner's command, right now.
    pub(crate) fn ask(&mut self, number: u32, command: M::Command) {
        self.input(number, Input::Command(command));
    }

    /// The same, later.
    pub(crate) fn ask_at(&mut self, millis: u64, number: u32, command: M::Command) {
        self.put(at(millis), Due::Command(number, command));
    }

    /// A message out of nowhere.
    pub(crate) fn deliver(&mut self, from: u32, to: u32, message: M::Message) {
        self.input(to, Input::Message { from: node(from), message });
    }

    /// Does whatever is to be done until then.
    pub(crate) fn run_until(&mut self, millis: u64) {
        while self.step(at(millis)) {}
    }

    /// Does what is next. False if nothing is left to do until then.
    pub(crate) fn step(&mut self, end: Time) -> bool {
        let next = self.due.first_entry().filter(|entry| entry.key().0 <= end);
        let Some(((time, _), due)) = next.map(OccupiedEntry::remove_entry) else {
            self.now = end;
            return false;
        };
        self.now = time;
        match due {
            Due::Command(number, command) => self.ask(number, command),
            Due::Pending(number) => {
                if let Some(place) = self.bag.place(number) {
                    let event = self.bag.remove(place);
                    let by = event.node();
                    let told = self.bag.happen(event, self.now, &mut self.chance);
                    self.take_in(by.number(), told);
                }
            }
        }
        true
    }

    pub(crate) fn count(&self, kind: &str) -> usize {
        self.sent.iter().filter(|sent| sent.kind == kind).count()
    }

    fn put(&mut self, time: Time, due: Due<M>) {
        self.events += 1;
        self.due.insert((time, self.events), due);
    }

    fn input(&mut self, number: u32, input: Input<M>) {
        let told = self.bag.step(node(number), input, self.now, &mut self.chance);
        self.take_in(number, told);
    }

    /// Says of all that a step has brought about when it happens.
    fn take_in(&mut self, by: u32, told: Vec<M::Output>) {
        self.told.extend(told.into_iter().map(|output| (self.now, by, output)));
        let new = self.bag.pending().iter().filter(|pending| pending.number > self.scheduled);
        for number in new.map(|pending| pending.number).collect::<Vec<_>>() {
            let place = self.bag.place(number).expect("nothing has happened since");
            match &self.bag.pending()[place].event {
                Event::Timer { after, .. } => {
                    let span = nanos(*after.start())..=nanos(*after.end());
                    let span = Duration::from_nanos(self.chance.draw(span));
                    self.put(self.now + span, Due::Pending(number));
                }
                Event::Message { from, to, message } => {
                    let (link, kind) = ((*from, *to), message.kind());
                    self.sent.push(Sent { at: self.now, from: link.0.number(), kind });
                    for arrival in self.arrivals(link, kind) {
                        self.bag.duplicate(place);
                        let copy = self.bag.pending().last().expect("a copy").number;
                        self.put(arrival, Due::Pending(copy));
                    }
                    self.bag.remove(place);
                }
            }
        }
        self.scheduled = self.bag.pending().last().map_or(0, |last| last.number);
    }

    fn arrivals(&mut self, link: (NodeId, NodeId), kind: &str) -> Vec<Time> {
        if [link.0, link.1].iter().any(|end| self.silent.contains(&end.number())) {
            return Vec::new();
        }
        let (now, chance) = (self.now, &mut self.chance);
        let mut up_to = |most| now + Duration::from_nanos(chance.draw(0..=nanos(most)));
        match self.delay {
            Delay::Constant(delay) => vec![now + delay],
            Delay::Twice(delay) => vec![now + delay; 2],
            Delay::OfKind(delay) => vec![now + delay(kind)],
            Delay::AnyOrder(most) => vec![up_to(most)],
            Delay::InOrder(most) => {
                let last = self.last_arrivals.entry(link).or_default();
                *last = up_to(most).max(*last);
                vec![*last]
            }
            Delay::Copies(copies, most) => {
                let which = self.chance.draw(0..=copies.len() as u64 - 1) as usize;
                let mut up_to = |_| Duration::from_nanos(self.chance.draw(0..=nanos(most)));
                (0..copies[which]).map(|copy| now + up_to(copy)).collect()
            }
        }
    }
}

impl<M: Machine<Command = DetectorInput, Output = Output>> World<M> {
    pub(crate) fn look(&mut self, number: u32, view: &View) {
        self.ask(number, DetectorInput::Look(view.clone()));
    }

    /// All know who waits for them before anybody knows that it waits itself, so
    /// that nothing that is said overtakes a request.
    pub(crate) fn settle(&mut self, waits: &Waits) {
        for number in 1..=waits.nodes {
            self.look(number, &View { wait: None, ..waits.view(number) });
        }
        self.see(waits);
    }

    /// All see what they wait for and who waits for them, one after the other.
    pub(crate) fn see(&mut self, waits: &Waits) {
        (1..=waits.nodes).for_each(|number| self.look(number, &waits.view(number)));
    }

    /// When who has found what: a deadlock, or that there is none.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = (Time, u32, &Verdict)> {
        self.told.iter().filter_map(|(at, number, output)| match output {
            Output::Finds(verdict) => Some((*at, *number, verdict)),
            _ => None,
        })
    }

    /// When who has found a deadlock.
    pub(crate) fn found(&self) -> Vec<(Time, u32)> {
        let deadlocks = self.verdicts().filter(|(_, _, verdict)| verdict.is_deadlock());
        deadlocks.map(|(at, number, _)| (at, number)).collect()
    }

    pub(crate) fn finders(&self) -> Vec<u32> {
        self.found().into_iter().map(|(_, number)| number).collect()
    }

    /// When each node withdrew its verdict.
    pub(crate) fn withdrawn(&self) -> Vec<(Time, u32)> {
        let all = self.told.iter();
        let withdrawn = all.filter(|(_, _, output)| matches!(output, Output::Withdraws));
        withdrawn.map(|(time, number, _)| (*time, *number)).collect()
    }

    /// Whose requests were to be given up, as the victims were told.
    pub(crate) fn condemned(&self) -> Vec<u32> {
        let victims = self.told.iter().filter_map(|(_, number, output)| match output {
            Output::Condemns(request) => {
                assert_eq!(request.by, node(*number), "somebody else's request");
                Some(*number)
            }
            _ => None,
        });
        victims.collect()
    }
}
