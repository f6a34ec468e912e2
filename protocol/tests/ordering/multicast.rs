//! Nodes of every discipline over a network that loses, repeats and reorders, with crashes
//! between any two effects.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal_machine::draws::Lowest;
use rehearsal_machine::{Bag, Effect, Event as Pending, Input, NodeId, Storage, Time};
use rehearsal_protocol::election::Epoch;
use rehearsal_protocol::link::sliding_window;
use rehearsal_protocol::ordering::multicast::{Command, Config, Event, Multicast, Output};
use rehearsal_protocol::ordering::{Destinations, Discipline, MessageId, Refusal};

use crate::history::{self, History};
use crate::random::{ALL, Random, destinations};
use crate::{epoch, node};

const NODES: u32 = 4;

pub(crate) type Node = Multicast<u64>;

pub(crate) struct Group {
    config: Config,
    bag: Bag<Node>,
    pub(crate) history: History,
    /// Events that owners have heard of.
    heard: BTreeSet<(NodeId, bool, MessageId)>,
    pub(crate) refused: Vec<Refusal>,
    /// What nodes with the disk of other settings have said.
    pub(crate) misplaced: Vec<String>,
    /// Effects after the next so many do not happen, because the node crashes there.
    crash_after: Option<usize>,
    undoes_save: bool,
    /// How many bytes all nodes have saved.
    pub(crate) saved: usize,
}

pub(crate) fn config(discipline: Discipline) -> Config {
    let link = sliding_window::Config {
        resend: Duration::from_millis(50),
        resend_most: Duration::from_millis(400),
        window: 4,
        buffer: 8,
    };
    Config { discipline, nodes: NODES, link, backlog: 100, max_content: 100 }
}

impl Group {
    pub(crate) fn new(config: Config) -> Self {
        let mut group = Self {
            config,
            bag: Bag::new(config.nodes as usize),
            history: History::default(),
            heard: BTreeSet::new(),
            refused: Vec::new(),
            misplaced: Vec::new(),
            crash_after: None,
            undoes_save: false,
            saved: 0,
        };
        NodeId::all(config.nodes).for_each(|node| group.start(node));
        group
    }

    pub(crate) fn machine(&self, node: NodeId) -> Option<&Node> {
        self.bag.machine(node)
    }

    pub(crate) fn crash(&mut self, node: NodeId) {
        self.bag.crash(node, false);
    }

    pub(crate) fn storage(&self, node: NodeId) -> &Storage<Node> {
        self.bag.storage(node)
    }

    pub(crate) fn start(&mut self, node: NodeId) {
        self.start_with(node, self.config);
    }

    pub(crate) fn start_with(&mut self, node: NodeId, config: Config) {
        let start = self.bag.start(node, Multicast::new(config, node));
        self.step(node, start);
    }

    pub(crate) fn command(&mut self, node: NodeId, command: Command<u64>) {
        self.step(node, Input::Command(command));
    }

    pub(crate) fn step(&mut self, node: NodeId, input: Input<Node>) {
        let effects = self.bag.handle(node, input, Time::ZERO, &mut Lowest);
        let crash_after = self.crash_after.take();
        for (place, effect) in effects.into_iter().enumerate() {
            if crash_after == Some(place) {
                self.bag.crash(node, self.undoes_save);
                return;
            }
            if let Effect::Save { value: Some(value), .. } = &effect {
                self.saved += postcard::to_stdvec(value).expect("it has a form").len();
            }
            let is_output = matches!(effect, Effect::Emit(_));
            let output = self.bag.carry_out(node, effect);
            assert_eq!(is_output, output.is_some());
            if let Some(output) = output {
                self.hear(node, output);
            }
        }
    }

    fn hear(&mut self, node: NodeId, output: Output<u64>) {
        let (event, is_recalled) = match output {
            Output::Happened(event) => (event, false),
            Output::Recalled(event) => (event, true),
            Output::Refused { why, .. } => return self.refused.push(why),
            Output::OtherSettings { .. } => return self.misplaced.push(output.to_string()),
            output => panic!("{output:?} is new"),
        };
        let (key, event) = match event {
            Event::Sent { message, to } => {
                ((node, true, message), history::Event::Sends(message, to))
            }
            Event::Delivered { message, content } => {
                assert_eq!(content, message.number);
                ((node, false, message), history::Event::Delivers(message))
            }
        };
        if self.heard.insert(key) || !is_recalled {
            self.history.events.push((node, event));
        }
    }

    fn is_up(&self, node: NodeId) -> bool {
        self.bag.machine(node).is_some()
    }

    fn happen(&mut self, place: usize) {
        match self.bag.remove(place) {
            Pending::Message { from, to, message } => {
                self.step(to, Input::Message { from, message });
            }
            Pending::Timer { node, timer, .. } => self.step(node, Input::Timer(timer)),
        }
    }

    /// All messages arrive; those to a node that is down are lost.
    pub(crate) fn deliver(&mut self) {
        let is_message =
            |it: &rehearsal_machine::Pending<Node>| matches!(it.event, Pending::Message { .. });
        while let Some(place) = self.bag.pending().iter().position(is_message) {
            self.happen(place);
        }
    }

    /// Everything arrives, and what is missing is sent again.
    pub(crate) fn settle(&mut self) {
        for _ in 0..200_000 {
            let pending = self.bag.pending();
            let is_message =
                |it: &rehearsal_machine::Pending<Node>| matches!(it.event, Pending::Message { .. });
            match pending.iter().position(is_message) {
                Some(place) => self.happen(place),
                None if pending.is_empty() => return,
                None => self.happen(0),
            }
        }
        panic!("the group never comes to rest");
    }
}

/// A run with everything that can go wrong except what stays wrong.
pub(crate) fn run(discipline: Discipline, seed: u64, steps: usize) -> Group {
    let mut random = Random::new(seed);
    let mut group = Group::new(config(discipline));
    let mut leaders = 0;
    let follow_next = |group: &mut Group, leaders: &mut u64, random: &mut Random| {
        *leaders += 1;
        let epoch = Epoch { counter: *leaders, leader: node(1 + random.below(4) as u32) };
        for at in NodeId::all(NODES).filter(|_| random.below(3) > 0).collect::<Vec<_>>() {
            group.command(at, Command::Follow(epoch));
        }
    };
    let mut sent = [0; NODES as usize];
    for _ in 0..steps {
        let at = node(1 + random.below(4) as u32);
        match random.below(40) {
            0..4 if group.is_up(at) => {
                let to = destinations(discipline, at, &mut random);
                let number = group.machine(at).expect("it is up").sent() + 1;
                sent[at.index()] = number;
                group.command(at, Command::Send { to, content: number });
            }
            4 if random.below(4) == 0 => follow_next(&mut group, &mut leaders, &mut random),
            5 if group.is_up(at) && random.below(3) == 0 => {
                group.bag.crash(at, random.below(2) == 0);
            }
            6 => {
                group.crash_after = Some(random.below(12));
                group.undoes_save = random.below(2) == 0;
            }
            7..12 if !group.is_up(at) => group.start(at),
            choice if !group.bag.pending().is_empty() => {
                let place = random.below(group.bag.pending().len());
                let is_message =
                    matches!(group.bag.pending()[place].event, Pending::Message { .. });
                match choice {
                    12..15 if is_message => drop(group.bag.remove(place)),
                    15..18 if is_message => group.bag.duplicate(place),
                    _ => group.happen(place),
                }
            }
            _ => {}
        }
    }
    group.crash_after = None;
    for at in NodeId::all(NODES) {
        if !group.is_up(at) {
            group.start(at);
        }
    }
    let leader = epoch(leaders + 1, 1 + random.below(4) as u32);
    NodeId::all(NODES).for_each(|at| group.command(at, Command::Follow(leader)));
    group.settle();
    group
}

/// What is wrong with a run that has come to rest.
pub(crate) fn flaw(discipline: Discipline, group: &Group) -> Option<&'static str> {
    let history = &group.history;
    let is_idle = |node| group.machine(node).is_some_and(Multicast::is_idle);
    if !history.is_sound() {
        Some("a message is delivered twice or was never sent")
    } else if !history.is_complete_among(&NodeId::all(NODES).collect::<Vec<_>>()) {
        Some("a message is missing")
    } else if !NodeId::all(NODES).all(is_idle) {
        Some("a node waits for something")
    } else {
        let is_kept = match discipline {
            Discipline::Unordered => true,
            Discipline::Fifo => history.is_fifo(),
            Discipline::Relay { .. } | Discipline::LamportClocks => {
                history.is_causal() && history.is_total()
            }
            Discipline::Skeen | Discipline::MajoritySequencer => {
                history.is_total() && history.agrees()
            }
            _ => history.is_causal(),
        };
        (!is_kept).then_some("the order is broken")
    }
}

#[test]
fn through_crashes_losses_and_repetitions_each_discipline_keeps_its_order_and_loses_nothing() {
    for discipline in ALL.into_iter().filter(|it| *it != Discipline::Sequencer) {
        let mut delivered = 0;
        for seed in 0..150 {
            let group = run(discipline, seed, 600);
            assert_eq!(flaw(discipline, &group), None, "{discipline}, seed {seed}");
            delivered += group.history.events.len();
        }
        assert!(delivered > 10_000, "{discipline}: {delivered}");
    }
}

#[test]
fn a_long_journal_is_replaced_by_checkpoints_and_nothing_is_forgotten() {
    let group = run(Discipline::RaynalSchiperToueg, 1, 6_000);
    assert_eq!(flaw(Discipline::RaynalSchiperToueg, &group), None);
    assert!(group.history.events.len() > 1_000);
    let most = NodeId::all(NODES).map(|at| group.bag.storage(at).len()).max();
    assert!(most < Some(300), "{most:?}");
}

#[test]
fn a_node_that_restarts_recalls_what_happened_last() {
    let mut group = Group::new(config(Discipline::Fifo));
    let to = Destinations::from(node(2));
    // The save is durable, and the owner never hears of the message.
    group.crash_after = Some(1);
    group.command(node(1), Command::Send { to, content: 1 });
    assert!(group.history.events.is_empty());
    group.start(node(1));
    assert!(matches!(group.history.events[..], [(_, history::Event::Sends(..))]));
    group.settle();
    assert_eq!(group.history.delivered(node(2)).len(), 1);
}

#[test]
fn a_node_refuses_messages_that_have_no_place() {
    let mut group = Group::new(Config { backlog: 2, ..config(Discipline::CausalBroadcast) });
    let mut send = |to: &[u32]| {
        let to = to.iter().copied().map(node).collect();
        group.command(node(1), Command::Send { to, content: 1 });
        group.refused.pop()
    };
    assert_eq!(send(&[]), Some(Refusal::NoDestination));
    assert_eq!(send(&[2, 9]), Some(Refusal::NoSuchNode(node(9))));
    assert_eq!(send(&[2, 3]), Some(Refusal::NotBroadcast(node(4))));
    assert_eq!(send(&[2, 3, 4]), None);
}

#[test]
fn a_node_refuses_more_than_its_backlog_until_some_is_acknowledged() {
    let mut group = Group::new(Config { backlog: 2, ..config(Discipline::Unordered) });
    let to = Destinations::from(node(2));
    for content in 1..=3 {
        group.command(node(1), Command::Send { to: to.clone(), content });
    }
    assert_eq!(group.refused, [Refusal::Full]);
    group.settle();
    group.command(node(1), Command::Send { to, content: 3 });
    assert_eq!(group.refused.len(), 1);
}
