//! Random runs: messages to random nodes, packets in random order, leaders that come and die.

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Epoch;
use rehearsal_protocol::ordering::{Destinations, Discipline};

use crate::history::History;
use crate::node;
use crate::world::World;

/// Marsaglia, "Xorshift RNGs", 2003.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as usize
    }
}

const NODES: u32 = 4;
const MESSAGES: usize = 24;

pub(crate) fn destinations(
    discipline: Discipline,
    by: NodeId,
    random: &mut Random,
) -> Destinations {
    let mut chosen = Vec::new();
    for node in NodeId::all(NODES) {
        let must = discipline.is_for_broadcasts() && node != by;
        if must || random.below(2) == 0 {
            chosen.push(node);
        }
    }
    if chosen.is_empty() {
        chosen.push(by);
    }
    chosen.into()
}

/// A run in which every packet arrives.
pub(crate) fn run(discipline: Discipline, seed: u64) -> World {
    let mut random = Random::new(seed);
    let mut world = World::new(discipline, NODES);
    let everybody = [1, 2, 3, 4];
    world.follow(&everybody, Epoch { counter: 1, leader: node(1) });
    let mut left = MESSAGES;
    while left > 0 || !world.in_flight.is_empty() {
        if left > 0 && (world.in_flight.is_empty() || random.below(4) == 0) {
            left -= 1;
            let by = node(1 + random.below(4) as u32);
            let to = destinations(discipline, by, &mut random);
            world.send_to(by, to);
        } else {
            world.arrive(random.below(world.in_flight.len()));
        }
    }
    world
}

/// A run in which nodes hear of new leaders at different times, and one node dies somewhere.
pub(crate) fn run_with_leaders(discipline: Discipline, seed: u64) -> (World, Vec<NodeId>) {
    let mut random = Random::new(seed);
    let mut world = World::new(discipline, NODES);
    let victim = node(1 + random.below(4) as u32);
    let dies_after = random.below(400);
    let mut epochs = vec![Epoch { counter: 1, leader: node(1) }];
    let mut left = MESSAGES;
    for step in 0..600 {
        let is_up = |node: NodeId| node != victim || step < dies_after;
        let at = node(1 + random.below(4) as u32);
        match random.below(12) {
            0 if left > 0 && is_up(at) => {
                left -= 1;
                let to = destinations(discipline, at, &mut random);
                world.send_to(at, to);
            }
            1 if random.below(4) == 0 => {
                let counter = epochs.len() as u64 + 1;
                epochs.push(Epoch { counter, leader: at });
            }
            2 if is_up(at) => {
                let latest = epochs.len().saturating_sub(2);
                let epoch = epochs[latest + random.below(epochs.len() - latest)];
                world.follow(&[at.number()], epoch);
            }
            _ if !world.in_flight.is_empty() => {
                let place = random.below(world.in_flight.len());
                if is_up(world.in_flight[place].1) {
                    world.arrive(place);
                }
            }
            _ => {}
        }
    }
    // From now on the others have a leader, and all arrives among them.
    let up: Vec<_> = NodeId::all(NODES).filter(|node| *node != victim).collect();
    let epoch = Epoch { counter: epochs.len() as u64 + 1, leader: up[random.below(up.len())] };
    world.follow(&up.iter().map(|node| node.number()).collect::<Vec<_>>(), epoch);
    world.settle_among(|node| node != victim);
    (world, up)
}

fn seeds() -> std::ops::Range<u64> {
    0..300
}

pub(crate) const ALL: [Discipline; 11] = [
    Discipline::Unordered,
    Discipline::Fifo,
    Discipline::CausalBroadcast,
    Discipline::RaynalSchiperToueg,
    Discipline::SchiperEggliSandoz,
    Discipline::Sequencer,
    Discipline::MajoritySequencer,
    Discipline::Skeen,
    Discipline::LamportClocks,
    Discipline::PcBroadcast,
    Discipline::Relay { server: NodeId::from_index(1) },
];

#[test]
fn every_message_is_delivered_once_to_each_destination_and_nothing_stays_behind() {
    for discipline in ALL {
        for seed in seeds() {
            let world = run(discipline, seed);
            assert!(world.history.is_sound(), "{discipline}, seed {seed}");
            assert!(
                world.history.is_complete_among(&[1, 2, 3, 4].map(node)),
                "{discipline}, seed {seed}"
            );
            assert_eq!(world.held(), 0, "{discipline}, seed {seed}");
        }
    }
}

#[test]
fn each_discipline_keeps_its_own_order() {
    for seed in seeds() {
        let history = |discipline| run(discipline, seed).history;
        assert!(history(Discipline::Fifo).is_fifo(), "seed {seed}");
        for discipline in [
            Discipline::CausalBroadcast,
            Discipline::RaynalSchiperToueg,
            Discipline::SchiperEggliSandoz,
            Discipline::LamportClocks,
            Discipline::PcBroadcast,
            Discipline::Relay { server: node(2) },
        ] {
            let history = history(discipline);
            assert!(history.is_causal() && history.is_fifo(), "{discipline}, seed {seed}");
        }
        for discipline in [
            Discipline::Sequencer,
            Discipline::MajoritySequencer,
            Discipline::Skeen,
            Discipline::LamportClocks,
            Discipline::Relay { server: node(2) },
        ] {
            assert!(history(discipline).is_total(), "{discipline}, seed {seed}");
        }
    }
}

#[test]
fn each_discipline_breaks_the_orders_that_it_does_not_promise() {
    let breaks = |discipline, is_kept: fn(&History) -> bool| {
        assert!(seeds().any(|seed| !is_kept(&run(discipline, seed).history)), "{discipline}");
    };
    breaks(Discipline::Unordered, History::is_fifo);
    breaks(Discipline::Fifo, History::is_causal);
    breaks(Discipline::CausalBroadcast, History::is_total);
    breaks(Discipline::RaynalSchiperToueg, History::is_total);
    breaks(Discipline::SchiperEggliSandoz, History::is_total);
    breaks(Discipline::MajoritySequencer, History::is_fifo);
    breaks(Discipline::Skeen, History::is_fifo);
    breaks(Discipline::PcBroadcast, History::is_total);
}

#[test]
fn with_a_majority_leaders_may_change_at_any_time_and_one_node_may_die() {
    for seed in seeds() {
        let (world, up) = run_with_leaders(Discipline::MajoritySequencer, seed);
        assert!(world.history.is_sound() && world.history.is_total(), "seed {seed}");
        assert!(world.history.agrees(), "seed {seed}");
        assert!(world.history.is_complete_among(&up), "seed {seed}");
    }
}

#[test]
fn fencing_alone_does_not_survive_a_change_of_the_leader() {
    let is_broken = |seed| {
        let (world, _) = run_with_leaders(Discipline::Sequencer, seed);
        !world.history.agrees()
    };
    assert!(seeds().any(is_broken));
}
