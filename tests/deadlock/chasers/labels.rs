//! Labels: who finds what, after how many transmits, and who gives up.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::machine::Time;
use rehearsal::protocol::deadlock::DetectorInput;
use rehearsal::protocol::deadlock::labels::{Cell, Config, Label, Labels, Message};
use rehearsal::protocol::resource::{RequestId, View, Wait};

use super::driver::{Delays, World, constant, node};
use super::explore::{Range, Ring, orders};
use super::graphs::{Graph, Model, ring};
use crate::chance::random;
use crate::support::{given, seeds};

pub(crate) const PERIOD: u64 = 1_000_000;
const DELAY: u64 = 7;

pub(crate) fn rules(nodes: usize) -> Config {
    Config { nodes: nodes as u32, period: Duration::from_nanos(PERIOD), resolves: true }
}

pub(crate) fn world(nodes: usize, delays: Delays<Message>) -> World<Labels> {
    World::new(nodes, |me| Labels::new(rules(nodes), me), delays)
}

/// The labels' order may be any that there is on the ring, since it is the order
/// of the nodes' numbers, and those are in any order on it.
#[test]
fn on_a_ring_one_detects_whoever_comes_when_and_whatever_arrives_when() {
    let up_to = given("REHEARSAL_RING", 6) as usize;
    for s in 2..=up_to {
        let (mut transmits, mut states) = ((u32::MAX, 0), 0);
        for order in orders(s) {
            let mut known = BTreeMap::new();
            let range: Range = Ring::new(order).explore(&mut known);
            assert_eq!(range.detects, (1, 1));
            transmits = (transmits.0.min(range.transmits.0), transmits.1.max(range.transmits.1));
            states += known.len();
        }
        let s = s as u32;
        assert_eq!(transmits, (s - 1, s * (s - 1) / 2), "a ring of {s}, {states} states");
    }
}

#[test]
fn on_longer_rings_chance_finds_nothing_else() {
    let seeds = seeds(200);
    for s in 5..=8 {
        for mut seed in 0..seeds {
            let mut order: Vec<_> = (1..=s).map(node).collect();
            for last in (1..s).rev() {
                order.swap(last, random(&mut seed) as usize % (last + 1));
            }
            let ring = Ring::new(order);
            let (transmits, detects) = ring.play(|choices| random(&mut seed) as usize % choices);
            assert_eq!(detects, 1);
            assert!((s - 1..=s * (s - 1) / 2).contains(&(transmits as usize)), "{transmits}");
        }
    }
}

#[test]
fn whoever_is_behind_a_cycle_never_detects() {
    // 5 has the greatest label of all, but its number is on no way to the others.
    let graph = Graph { nodes: 5, edges: vec![(1, 2), (2, 3), (3, 1), (4, 1), (5, 4)] };
    let mut world = world(5, constant(DELAY));
    (1..=5).for_each(|number| world.look(number, &graph.view(number, Model::And)));
    world.run_until(5 * PERIOD);
    assert_eq!((world.finders(), world.condemned()), (vec![node(3)], vec![node(3); 5]));
}

#[test]
fn a_label_that_is_lost_is_told_again_and_copies_do_no_harm() {
    for mut seed in 0..300 {
        let s = 2 + random(&mut seed) as usize % 6;
        let delays: Delays<Message> = Box::new(move |_, _, _| {
            let copies = random(&mut seed) % 4;
            (0..copies).map(|_| 1 + random(&mut seed) % (3 * PERIOD)).collect()
        });
        let mut world = world(s, delays);
        (1..=s).for_each(|number| world.look(number, &ring(s).view(number, Model::And)));
        world.run_until(100 * PERIOD);
        assert_eq!(world.finders(), [node(s)]);
    }
}

#[test]
fn a_label_that_was_told_to_another_wait_is_left_at_that() {
    let mut world = world(3, constant(DELAY));
    world.look(1, &ring(3).view(1, Model::And));
    let label = world.nodes[0].private().unwrap();
    let told = |by, number| {
        let request = RequestId { by: node(by), number };
        Message::Label { request, label, victim: None }
    };
    world.deliver(2, 1, told(1, 9));
    world.deliver(3, 1, told(1, 1));
    assert_eq!((world.told.len(), world.finders()), (2, vec![]));
    world.deliver(2, 1, told(1, 1));
    assert_eq!(world.finders(), [node(1)]);
}

#[test]
fn whoever_has_detected_can_do_so_again_in_another_wait() {
    let mut world = world(2, constant(DELAY));
    (1..=2).for_each(|number| world.look(number, &ring(2).view(number, Model::And)));
    world.run_until(PERIOD / 2);
    let mut again = ring(2).view(2, Model::And);
    let request = RequestId { by: node(2), number: 2 };
    world.look(2, &View::default());
    again.wait.as_mut().unwrap().open = vec![(node(1), request)];
    world.look(2, &again);
    world.look(1, &View { pending: vec![(node(2), request)], ..ring(2).view(1, Model::And) });
    world.run_until(PERIOD - 1);
    assert_eq!(world.finders(), [node(2), node(2)]);
}

/// 1 waits for 2, hears its label, and is told it again after 2 has been down.
pub(crate) fn after_a_crash() -> World<Labels> {
    let mut world = world(3, constant(DELAY));
    let view = |wait: Option<(usize, usize, u64)>, pending: Vec<(usize, u64)>| {
        let wait = wait.map(|(by, of, number)| Wait {
            need: 1,
            open: vec![(node(of), RequestId { by: node(by), number })],
            since: Some(Time::ZERO),
        });
        let id = |(by, number)| (node(by), RequestId { by: node(by), number });
        View { wait, pending: pending.into_iter().map(id).collect() }
    };
    world.look(1, &view(Some((1, 2, 1)), vec![]));
    for number in 1..=3 {
        world.look(2, &view(Some((2, 3, number)), vec![(1, 1)]));
    }
    world.run_until(PERIOD / 2);
    assert_eq!(world.nodes[0].public(), Label { counter: 3, by: node(2) });
    world.start(2);
    world.look(2, &view(Some((2, 1, 4)), vec![(1, 1)]));
    world.look(1, &view(Some((1, 2, 1)), vec![(2, 4)]));
    world.run_until(20 * PERIOD);
    world
}

#[test]
fn a_node_that_was_down_makes_a_greater_label_than_any_it_had() {
    let world = after_a_crash();
    assert_eq!(world.storage[1].get(&Cell::Counter), Some(&4));
    assert_eq!(world.finders(), [node(2)]);
}

#[test]
fn a_lock_that_detects_condemns_the_process_that_waits_for_it() {
    // 1 holds lock 3 and waits for 2, which waits for the lock.
    let mut world = world(3, constant(DELAY));
    let lent = RequestId { by: node(1), number: 9 };
    let graph = Graph { nodes: 3, edges: vec![(1, 2), (2, 3)] };
    let mut holder = graph.view(1, Model::And);
    holder.pending.push((node(3), lent));
    let mut lock = graph.view(3, Model::And);
    lock.wait = Some(Wait { need: 1, open: vec![(node(1), lent)], since: None });
    world.look(1, &holder);
    world.look(2, &graph.view(2, Model::And));
    world.look(3, &lock);
    world.run_until(PERIOD / 2);
    assert_eq!((world.finders(), world.condemned()), (vec![node(3)], vec![node(2)]));
    assert_eq!(world.sent("condemn"), 1);
    let (_, _, verdict) = world.found().next().unwrap();
    assert_eq!(verdict.to_string(), "deadlock of n3; to be given up n2#1");
    // What it says is said again as long as it is not heard.
    world.run_until(PERIOD + PERIOD / 2);
    assert_eq!((world.finders(), world.sent("condemn")), (vec![node(3)], 2));
}

#[test]
fn whoever_waits_can_be_told_to_tell_its_label_again() {
    let mut world = world(2, constant(DELAY));
    (1..=2).for_each(|number| world.look(number, &ring(2).view(number, Model::And)));
    world.run_until(PERIOD / 2);
    let before = world.sent("label");
    world.notice(1, DetectorInput::Check);
    assert_eq!(world.sent("label"), before + 1);
}
