//! Every order in which the nodes of a ring can begin to wait, and in which
//! their requests and labels can arrive.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Bag, Event, Input, NodeId, Time};
use rehearsal::protocol::deadlock::labels::{Config, Label, Labels, Message};
use rehearsal::protocol::deadlock::{DetectorInput, Output};
use rehearsal::protocol::resource::{RequestId, View, Wait};

/// A ring whose nodes stand in this order, each of which will wait for the next.
#[derive(Clone)]
pub(crate) struct Ring {
    order: Vec<NodeId>,
    bag: Bag<Labels>,
    /// At each place of the ring: does it wait, and has its request arrived?
    waits: Vec<bool>,
    is_owed: Vec<bool>,
}

/// What can happen next.
#[derive(Clone, Copy)]
enum Step {
    Waits(usize),
    RequestArrives(usize),
    /// That which is at this place in the bag.
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
        let nodes = order.len();
        let rules = Config { nodes: nodes as u32, period: Duration::from_secs(1), resolves: false };
        let mut bag = Bag::new(nodes);
        for node in &order {
            let start = bag.start(*node, Labels::new(rules, *node));
            bag.step(*node, start, Time::ZERO, &mut Lowest);
        }
        Self { order, bag, waits: vec![false; nodes], is_owed: vec![false; nodes] }
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
        let step = |at| match (self.waits[at], self.is_owed[at]) {
            (false, _) => Some(Step::Waits(at)),
            (true, false) => Some(Step::RequestArrives(at)),
            (true, true) => None,
        };
        let labels = self.labels().map(|(place, ..)| Step::LabelArrives(place));
        (0..self.order.len()).filter_map(step).chain(labels).collect()
    }

    /// Labels under way: place in the bag, recipient, label.
    fn labels(&self) -> impl Iterator<Item = (usize, NodeId, Label)> {
        self.bag.pending().iter().enumerate().filter_map(|(place, pending)| match &pending.event {
            Event::Message { to, message: Message::Label { label, .. }, .. } => {
                Some((place, *to, *label))
            }
            Event::Message { .. } => panic!("it is no label"),
            Event::Timer { .. } => None,
        })
    }

    /// How many transmits and detections that is.
    fn take(&mut self, step: Step) -> (u32, u32) {
        match step {
            Step::Waits(at) => {
                self.waits[at] = true;
                (0, self.look(at))
            }
            Step::RequestArrives(at) => {
                self.is_owed[at] = true;
                (0, self.look((at + 1) % self.order.len()))
            }
            Step::LabelArrives(place) => {
                let event = self.bag.remove(place);
                let node = event.node();
                let before = self.public(node);
                let told = self.bag.happen(event, Time::ZERO, &mut Lowest);
                (u32::from(self.public(node) != before), detects(&told))
            }
        }
    }

    /// A node sees what it waits for, and who waits for it.
    fn look(&mut self, at: usize) -> u32 {
        let nodes = self.order.len();
        let request = |at: usize| RequestId { by: self.order[at], number: 1 };
        let (next, before) = ((at + 1) % nodes, (at + nodes - 1) % nodes);
        let wait = || Wait {
            need: 1,
            open: vec![(self.order[next], request(at))],
            since: Some(Time::ZERO),
        };
        let wait = self.waits[at].then(wait);
        let pending = self.is_owed[before].then(|| (self.order[before], request(before)));
        let view = View { wait, pending: pending.into_iter().collect() };
        let look = Input::Command(DetectorInput::Look(view));
        detects(&self.bag.step(self.order[at], look, Time::ZERO, &mut Lowest))
    }

    fn public(&self, node: NodeId) -> Label {
        self.bag.machine(node).expect("all are up").public()
    }

    /// Two rings with the same one go on alike.
    fn key(&self) -> Vec<u8> {
        let mut key = Vec::new();
        for (at, node) in self.order.iter().enumerate() {
            let label = self.public(*node);
            let state = u8::from(self.waits[at]) + u8::from(self.is_owed[at]);
            key.extend([state, label.counter as u8, label.by.number() as u8]);
        }
        let small = |(_, to, label): (_, NodeId, Label)| {
            [to.number() as u8, label.counter as u8, label.by.number() as u8]
        };
        let mut labels: Vec<_> = self.labels().map(small).collect();
        labels.sort_unstable();
        key.extend(labels.into_iter().flatten());
        key
    }
}

fn detects(told: &[Output]) -> u32 {
    told.iter().filter(|output| matches!(output, Output::Finds(_))).count() as u32
}

/// All orders of the nodes of a ring, from node 1.
pub(crate) fn orders(nodes: u32) -> Vec<Vec<NodeId>> {
    let mut orders = vec![vec![NodeId::from_index(0)]];
    for place in 1..nodes as usize {
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
