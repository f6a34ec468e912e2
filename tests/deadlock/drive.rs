//! A few nodes and what is between them: every message takes as long as the
//! others, or as a seed says, in order or not.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal_machine::{
    Draw as _, Effect, Expiry, Input, Machine, Message, Node, NodeId, Storage, Time, nanos,
};

use super::chance::Chance;
/// As it prints: `n(3)` is n3.
pub(super) use super::support::node as n;

pub(super) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// How long messages take.
#[derive(Clone, Copy)]
pub(super) enum Delay {
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
}

/// A message that was sent.
pub(super) struct Sent {
    pub(super) at: Time,
    pub(super) from: NodeId,
    pub(super) kind: &'static str,
}

enum Event<M: Machine> {
    Message { from: NodeId, message: M::Message },
    Alarm { timer: M::Timer, arming: u64 },
    Command(M::Command),
}

pub(super) struct World<M: Machine> {
    nodes: Vec<Node<M>>,
    /// What will happen at which node, in the order in which it was brought about.
    pending: BTreeMap<(Time, u64), (NodeId, Event<M>)>,
    events: u64,
    now: Time,
    delay: Delay,
    pub(super) chance: Chance,
    last_arrivals: BTreeMap<(NodeId, NodeId), Time>,
    /// Nodes whose messages come to nothing, both ways.
    pub(super) silent: Vec<NodeId>,
    pub(super) sent: Vec<Sent>,
    pub(super) told: Vec<(Time, NodeId, M::Output)>,
}

impl<M: Machine> World<M> {
    /// All nodes have started.
    pub(super) fn new(nodes: u32, delay: Delay, seed: u64, build: impl Fn(NodeId) -> M) -> Self {
        let all = (1..=nodes).map(n);
        let mut world = Self {
            nodes: all.map(|id| Node::new(id, 1, build(id))).collect(),
            pending: BTreeMap::new(),
            events: 0,
            now: Time::ZERO,
            delay,
            chance: Chance(seed),
            last_arrivals: BTreeMap::new(),
            silent: Vec::new(),
            sent: Vec::new(),
            told: Vec::new(),
        };
        for number in 1..=nodes {
            world.input(n(number), Input::Start(Storage::<M>::new()));
        }
        world
    }

    pub(super) fn machine(&self, node: NodeId) -> &M {
        self.nodes[node.index()].machine()
    }

    pub(super) fn machines(&self) -> impl Iterator<Item = &M> {
        self.nodes.iter().map(Node::machine)
    }

    /// The owner's command, right now.
    pub(super) fn ask(&mut self, node: NodeId, command: M::Command) {
        self.input(node, Input::Command(command));
    }

    /// The same, later.
    pub(super) fn ask_at(&mut self, time: Time, node: NodeId, command: M::Command) {
        self.put(time, node, Event::Command(command));
    }

    /// Does whatever is to be done until then, and says after each step which
    /// node took it.
    pub(super) fn run_until(&mut self, end: Time, mut after: impl FnMut(&Self)) {
        while let Some(entry) = self.pending.first_entry()
            && entry.key().0 <= end
        {
            let ((time, _), (node, event)) = entry.remove_entry();
            self.now = time;
            match event {
                Event::Message { from, message } => {
                    self.input(node, Input::Message { from, message });
                }
                Event::Command(command) => self.input(node, Input::Command(command)),
                Event::Alarm { timer, arming } => {
                    match self.nodes[node.index()].expire(&timer, arming, time) {
                        Expiry::Fires => self.input(node, Input::Timer(timer)),
                        Expiry::Again(alarm) => {
                            let event = Event::Alarm { timer, arming: alarm.arming };
                            self.put(alarm.at, node, event);
                        }
                        Expiry::Nothing => {}
                    }
                }
            }
            after(self);
        }
        self.now = end;
    }

    pub(super) fn count(&self, kind: &str) -> usize {
        self.sent.iter().filter(|sent| sent.kind == kind).count()
    }

    fn put(&mut self, time: Time, node: NodeId, event: Event<M>) {
        self.events += 1;
        self.pending.insert((time, self.events), (node, event));
    }

    fn input(&mut self, id: NodeId, input: Input<M>) {
        let mut effects = Vec::new();
        self.nodes[id.index()].handle(input, self.now, &mut self.chance, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { to, message } => self.send(id, to, message),
                Effect::Arm { timer, after } => {
                    let span = self.chance.draw(nanos(*after.start())..=nanos(*after.end()));
                    let time = self.now + Duration::from_nanos(span);
                    if let Some(alarm) = self.nodes[id.index()].arm(timer.clone(), time) {
                        self.put(alarm.at, id, Event::Alarm { timer, arming: alarm.arming });
                    }
                }
                Effect::Disarm(timer) => self.nodes[id.index()].disarm(&timer),
                Effect::Save { .. } => {}
                Effect::Emit(output) => self.told.push((self.now, id, output)),
            }
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: M::Message) {
        self.sent.push(Sent { at: self.now, from, kind: message.kind() });
        if self.silent.contains(&from) || self.silent.contains(&to) {
            return;
        }
        let up_to = |chance: &mut Chance, most| Duration::from_nanos(chance.draw(0..=nanos(most)));
        let arrival = match self.delay {
            Delay::Constant(delay) | Delay::Twice(delay) => self.now + delay,
            Delay::OfKind(delay) => self.now + delay(message.kind()),
            Delay::AnyOrder(most) => self.now + up_to(&mut self.chance, most),
            Delay::InOrder(most) => {
                let last = self.last_arrivals.get(&(from, to)).copied().unwrap_or_default();
                last.max(self.now + up_to(&mut self.chance, most))
            }
        };
        self.last_arrivals.insert((from, to), arrival);
        if let Delay::Twice(_) = self.delay {
            self.put(arrival, to, Event::Message { from, message: message.clone() });
        }
        self.put(arrival, to, Event::Message { from, message });
    }
}
