//! Labels: who finds what, after how many transmits, and who gives up.

use std::collections::BTreeMap;

use rehearsal::protocol::deadlock::DetectorInput;
use rehearsal::protocol::deadlock::labels::{Cell, Config, Label, Labels, Message};
use rehearsal::protocol::resource::{View, Wait};

use super::explore::{Range, Ring, orders};
use super::rounds::{DELAY, PERIOD};
use crate::chance::random;
use crate::drive::{Delay, World, ms};
use crate::support::{given, node, seeds};
use crate::waits::{Model, Waits, edges, id};

fn labels(nodes: u32, me: u32) -> Labels {
    Labels::new(Config { nodes, period: ms(PERIOD), resolves: true }, node(me))
}

pub(crate) fn world(nodes: u32, delay: Delay, seed: u64) -> World<Labels> {
    World::new(nodes, delay, seed, |me| labels(nodes, me.number()))
}

/// All messages take as long.
pub(crate) fn steady(nodes: u32) -> World<Labels> {
    world(nodes, Delay::Constant(ms(DELAY)), 0)
}

/// Of a ring, all of whose nodes wait.
fn settled_ring(nodes: u32) -> World<Labels> {
    let mut world = steady(nodes);
    world.see(&Waits::ring(nodes));
    world.run_until(PERIOD / 2);
    world
}

/// The labels' order may be any that there is on the ring, since it is the order
/// of the nodes' numbers, and those are in any order on it.
#[test]
fn on_a_ring_one_detects_whoever_comes_when_and_whatever_arrives_when() {
    let up_to = given("REHEARSAL_RING", 6) as u32;
    for s in 2..=up_to {
        let (mut transmits, mut states) = ((u32::MAX, 0), 0);
        for order in orders(s) {
            let mut known = BTreeMap::new();
            let range: Range = Ring::new(order).explore(&mut known);
            assert_eq!(range.detects, (1, 1));
            transmits = (transmits.0.min(range.transmits.0), transmits.1.max(range.transmits.1));
            states += known.len();
        }
        assert_eq!(transmits, (s - 1, s * (s - 1) / 2), "a ring of {s}, {states} states");
    }
}

#[test]
fn on_longer_rings_chance_finds_nothing_else() {
    let seeds = seeds(60);
    for s in 5..=8 {
        for mut seed in 0..seeds {
            let mut order: Vec<_> = (1..=s).map(node).collect();
            for last in (1..s).rev() {
                order.swap(last as usize, (random(&mut seed) % u64::from(last + 1)) as usize);
            }
            let ring = Ring::new(order);
            let (transmits, detects) = ring.play(|choices| random(&mut seed) as usize % choices);
            assert_eq!(detects, 1);
            assert!((s - 1..=s * (s - 1) / 2).contains(&transmits), "{transmits}");
        }
    }
}

#[test]
fn whoever_is_behind_a_cycle_never_detects() {
    // 5 has the greatest label of all, but its number is on no way to the others.
    let waits = Waits::of(Model::And, 5, &[(1, 2), (2, 3), (3, 1), (4, 1), (5, 4)]);
    let mut world = steady(5);
    world.see(&waits);
    world.run_until(5 * PERIOD);
    // Again in each period, by a new label.
    assert_eq!((world.finders(), world.condemned()), (vec![3; 5], vec![3; 5]));
}

#[test]
fn a_label_that_is_lost_is_told_again_and_copies_do_no_harm() {
    for seed in 0..300 {
        let s = 2 + seed as u32 % 6;
        let mut world = world(s, Delay::Copies(&[0, 1, 2, 3], ms(3 * PERIOD)), seed);
        world.see(&Waits::ring(s));
        world.run_until(100 * PERIOD);
        let finders = world.finders();
        assert!(!finders.is_empty() && finders.iter().all(|finder| *finder == s), "{finders:?}");
    }
}

#[test]
fn a_label_that_was_told_to_another_wait_is_left_at_that() {
    let mut world = steady(3);
    world.look(1, &Waits::ring(3).view(1));
    let label = world.machine(1).private().unwrap();
    let told = |by, number| Message::Label { request: id(by, number), label, victim: None };
    world.deliver(2, 1, told(1, 9));
    world.deliver(3, 1, told(1, 1));
    assert_eq!((world.told.len(), world.finders()), (2, vec![]));
    world.deliver(2, 1, told(1, 1));
    assert_eq!(world.finders(), [1]);
}

#[test]
fn whoever_has_detected_can_do_so_again_in_another_wait() {
    let mut world = settled_ring(2);
    let mut again = Waits::ring(2).view(2);
    let request = id(2, 2);
    world.look(2, &View::default());
    again.wait.as_mut().unwrap().open = vec![(node(1), request)];
    world.look(2, &again);
    world.look(1, &View { pending: vec![(node(2), request)], ..Waits::ring(2).view(1) });
    world.run_until(PERIOD - 1);
    assert_eq!(world.finders(), [2, 2]);
}

/// 1 waits for 2, hears its label, and is told it again after 2 has been down.
pub(crate) fn after_a_crash() -> World<Labels> {
    let mut world = steady(3);
    let asks = Some((2, id(1, 1)));
    let asked = Some((1, id(1, 1)));
    world.look(1, &edges(asks, None));
    for number in 1..=3 {
        world.look(2, &edges(Some((3, id(2, number))), asked));
    }
    world.run_until(PERIOD / 2);
    assert_eq!(world.machine(1).public(), Label { counter: 3, by: node(2) });
    world.start(2, labels(3, 2));
    world.look(2, &edges(Some((1, id(2, 4))), asked));
    world.look(1, &edges(asks, Some((2, id(2, 4)))));
    world.run_until(20 * PERIOD);
    world
}

#[test]
fn a_node_that_was_down_makes_a_greater_label_than_any_it_had() {
    let world = after_a_crash();
    // 4 after the crash, and another one in each period but the first.
    assert_eq!(world.storage(2).get(&Cell::Counter), Some(&23));
    assert_eq!(world.finders(), [2; 20]);
}

#[test]
fn a_lock_that_detects_condemns_the_process_that_waits_for_it() {
    // 1 holds lock 3 and waits for 2, which waits for the lock.
    let mut world = steady(3);
    let lent = id(1, 9);
    let waits = Waits::of(Model::And, 3, &[(1, 2), (2, 3)]);
    let mut holder = waits.view(1);
    holder.pending.push((node(3), lent));
    let wait = Some(Wait { need: 1, open: vec![(node(1), lent)], since: None });
    world.look(1, &holder);
    world.look(2, &waits.view(2));
    world.look(3, &View { wait, ..waits.view(3) });
    world.run_until(PERIOD / 2);
    assert_eq!((world.finders(), world.condemned()), (vec![3], vec![2]));
    assert_eq!(world.count("condemn"), 1);
    let (_, _, verdict) = world.verdicts().next().unwrap();
    assert_eq!(verdict.to_string(), "deadlock of n3; to be given up n2#1");
    // What it says is said again as long as it is not heard.
    world.run_until(PERIOD + PERIOD / 2);
    assert_eq!((world.finders(), world.count("condemn")), (vec![3; 2], 2));
}

#[test]
fn whoever_waits_can_be_told_to_tell_its_label_again() {
    let mut world = settled_ring(2);
    let before = world.count("label");
    world.ask(1, DetectorInput::Check);
    assert_eq!(world.count("label"), before + 1);
}
