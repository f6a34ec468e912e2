//! Every order in which the nodes of a ring can begin to wait, and in which
//! their requests and labels can arrive.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Context, Effect, Input, NodeId, Time};
use rehearsal::protocol::deadlock::labels::{Config, Labels, Message};
use rehearsal::protocol::deadlock::{DetectorInput, Output};
use rehearsal::protocol::resource::{RequestId, View, Wait};

/// A ring whose nodes stand in this order, each of which will wait for the next.
#[derive(Clone)]
pub(crate) struct Ring {
    order: Vec<NodeId>,
    /// At each place of the ring.
    places: Vec<Place>,
    /// Labels that are under way, to which place.
    labels: Vec<(usize, Message)>,
}

#[derive(Clone)]
struct Place {
    machine: Labels,
    waits: bool,
    /// Has its request arrived?
    is_owed: bool,
}

/// What can happen next.
#[derive(Clone, Copy)]
enum Step {
    Waits(usize),
    RequestArrives(usize),
    LabelArrives(usize),
}

/// Transmits and detections from here on, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) transmits: (u32, u32),
    pub(crate) detects: (u32, u32),
}

impl Ring {
    pub(crate) fn new(order: Vec<NodeId>) -> Self {
        let nodes = order.len() as u32;
        let rules = Config { nodes, period: Duration::from_secs(1), resolves: false };
        let place =
            |me: &NodeId| Place { machine: Labels::new(rules, *me), waits: false, is_owed: false };
        let places = order.iter().map(place).collect();
        Self { order, places, labels: Vec::new() }
    }

    /// Over all orders of events from here on.
    pub(crate) fn explore(&self, known: &mut BTreeMap<Vec<u8>, Range>) -> Range {
        let key = self.key();
        if let Some(range) = known.get(&key) {
            return *range;
        }
        let mut all: Option<Range> = None;
        for step in self.steps() {
            let mut next = self.clone();
            let (transmits, detects) = next.take(step);
            let Range { transmits: t, detects: d } = next.explore(known);
            let range =
                all.get_or_insert(Range { transmits: (u32::MAX, 0), detects: (u32::MAX, 0) });
            let widen = |(least, most): (u32, u32), (from, to), here| {
                (least.min(from + here), most.max(to + here))
            };
            range.transmits = widen(range.transmits, t, transmits);
            range.detects = widen(range.detects, d, detects);
        }
        let range = all.unwrap_or(Range { transmits: (0, 0), detects: (0, 0) });
        known.insert(key, range);
        range
    }

    /// In one order of events, as `pick` has it among so many.
    pub(crate) fn play(mut self, mut pick: impl FnMut(usize) -> usize) -> (u32, u32) {
        let (mut transmits, mut detects) = (0, 0);
        loop {
            let steps = self.steps();
            if steps.is_empty() {
                return (transmits, detects);
            }
            let (t, d) = self.take(steps[pick(steps.len())]);
            transmits += t;
            detects += d;
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (at, place) in self.places.iter().enumerate() {
            match place {
                Place { waits: false, .. } => steps.push(Step::Waits(at)),
                Place { is_owed: false, .. } => steps.push(Step::RequestArrives(at)),
                _ => {}
            }
        }
        steps.extend((0..self.labels.len()).map(Step::LabelArrives));
        steps
    }

    /// How many transmits and detections that is.
    fn take(&mut self, step: Step) -> (u32, u32) {
        let nodes = self.places.len();
        match step {
            Step::Waits(at) => {
                self.places[at].waits = true;
                self.look(at)
            }
            Step::RequestArrives(at) => {
                self.places[at].is_owed = true;
                self.look((at + 1) % nodes)
            }
            Step::LabelArrives(which) => {
                let (at, message) = self.labels.swap_remove(which);
                let from = self.order[(at + 1) % nodes];
                let before = self.places[at].machine.public();
                let (_, detects) = self.input(at, Input::Message { from, message });
                (u32::from(self.places[at].machine.public() != before), detects)
            }
        }
    }

    /// A node sees what it waits for, and who waits for it.
    fn look(&mut self, at: usize) -> (u32, u32) {
        let nodes = self.places.len();
        let request = |at: usize| RequestId { by: self.order[at], number: 1 };
        let (next, before) = ((at + 1) % nodes, (at + nodes - 1) % nodes);
        let wait = || Wait {
            need: 1,
            open: vec![(self.order[next], request(at))],
            since: Some(Time::ZERO),
        };
        let wait = self.places[at].waits.then(wait);
        let pending = self.places[before].is_owed.then(|| (self.order[before], request(before)));
        let view = View { wait, pending: pending.into_iter().collect() };
        self.input(at, Input::Command(DetectorInput::Look(view)))
    }

    fn input(&mut self, at: usize, input: Input<Labels>) -> (u32, u32) {
        let mut effects = Vec::new();
        let mut draws = Lowest;
        let mut cx = Context::new(self.order[at], Time::ZERO, &mut draws, &mut effects);
        rehearsal::machine::Machine::handle(&mut self.places[at].machine, input, &mut cx);
        let mut detects = 0;
        for effect in effects {
            match effect {
                Effect::Send { to, message } => {
                    let place = self.order.iter().position(|node| *node == to);
                    self.labels.push((place.expect("it is on the ring"), message));
                }
                Effect::Emit(Output::Finds(_)) => detects += 1,
                _ => {}
            }
        }
        (0, detects)
    }

    /// Two rings with the same one go on alike.
    fn key(&self) -> Vec<u8> {
        let mut key = Vec::new();
        for place in &self.places {
            let label = place.machine.public();
            let state = u8::from(place.waits) + u8::from(place.is_owed);
            key.extend([state, label.counter as u8, label.by.number() as u8]);
        }
        let mut labels: Vec<_> = self
            .labels
            .iter()
            .map(|(at, message)| {
                let Message::Label { label, .. } = message else { panic!("it is no label") };
                [*at as u8, label.counter as u8, label.by.number() as u8]
            })
            .collect();
        labels.sort_unstable();
        key.extend(labels.into_iter().flatten());
        key
    }
}

/// All orders of the nodes of a ring, from node 1.
pub(crate) fn orders(nodes: usize) -> Vec<Vec<NodeId>> {
    let mut orders = vec![vec![NodeId::from_index(0)]];
    for place in 1..nodes {
        let longer = |order: Vec<NodeId>| {
            (1..=order.len()).map(move |at| {
                let mut order = order.clone();
                order.insert(at, NodeId::from_index(place));
                order
            })
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders
}
