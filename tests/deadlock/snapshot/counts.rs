//! What a snapshot costs, and how long it takes.

use rehearsal_machine::Time;
use rehearsal_protocol::deadlock::{Detector, DetectorInput, Output, Refusal};

use super::{D, detectors, leads, of_waits};
use crate::drive::{Delay, World, at, ms};
use crate::waits::{Model, Waits, clique};

fn all_for_all(nodes: u32) -> Waits {
    Waits::of(Model::And, nodes, &clique(nodes))
}

fn times(world: &World<Detector>) -> Vec<Time> {
    world.verdicts().map(|(time, ..)| time).collect()
}

#[test]
fn a_marker_for_each_channel_and_a_report_for_each_other_node() {
    for nodes in 2..=12 {
        for leader in [1, nodes] {
            let world = of_waits(&all_for_all(nodes), leader);
            let others = nodes as usize - 1;
            assert_eq!(world.count("marker"), nodes as usize * others);
            assert_eq!(world.count("report"), others);
            assert_eq!(world.count("verdict"), others);
            assert_eq!(world.sent.len(), others * (nodes as usize + 2));
        }
    }
}

#[test]
fn all_have_recorded_after_one_delay_and_every_channel_is_closed_after_two() {
    for nodes in 2..=12 {
        let world = of_waits(&all_for_all(nodes), 1);
        for sent in &world.sent {
            // Two nodes have one channel each to close, and close it at once.
            let closed = if nodes == 2 { 7 + D } else { 7 + 2 * D };
            let expected = match sent.kind {
                "marker" if sent.from == 1 => 7,
                "marker" => 7 + D,
                "report" => closed,
                _ => closed + D,
            };
            assert_eq!(sent.at, at(expected), "{nodes}: {} from n{}", sent.kind, sent.from);
        }
        assert_eq!(times(&world), [at(7 + if nodes == 2 { 2 } else { 3 } * D)]);
    }
}

#[test]
fn a_leader_alone_needs_nobody() {
    let world = of_waits(&all_for_all(1), 1);
    assert_eq!((world.sent.len(), times(&world)), (0, vec![at(7)]));
}

#[test]
fn what_somebody_does_not_report_for_is_given_up_at_the_next_period() {
    let mut world = detectors(4, 100, Delay::Constant(ms(D)), 0);
    world.silent = vec![3];
    world.ask(1, leads(1));
    world.run_until(250);
    assert_eq!(times(&world), []);
    world.silent.clear();
    world.run_until(350);
    assert_eq!(times(&world), [at(300 + 3 * D)]);
}

#[test]
fn whoever_leads_and_nobody_else_begins_one_when_asked() {
    let mut world = detectors(3, 1_000, Delay::Constant(ms(D)), 0);
    world.ask(2, DetectorInput::Check);
    world.ask(1, leads(1));
    world.ask_at(100, 1, DetectorInput::Check);
    world.ask_at(200, 1, leads(2));
    world.ask_at(210, 1, DetectorInput::Check);
    world.run_until(5_000);
    assert_eq!(times(&world), [at(3 * D), at(100 + 3 * D)]);
    let refused = |(_, node, output): &(_, _, Output)| {
        (*output == Output::Refuses(Refusal::NotLeader)).then_some(*node)
    };
    let refused: Vec<_> = world.told.iter().filter_map(refused).collect();
    assert_eq!(refused, [2, 1]);
}

#[test]
fn two_who_both_lead_do_not_disturb_each_other() {
    let mut world = detectors(5, 1_000, Delay::InOrder(ms(D)), 3);
    for leader in [1, 4] {
        world.ask(leader, leads(leader));
    }
    world.run_until(900);
    let mut found: Vec<_> = world.verdicts().map(|(_, node, _)| node).collect();
    found.sort_unstable();
    assert_eq!(found, [1, 4]);
}

#[test]
fn what_comes_twice_is_taken_once() {
    let mut world = detectors(5, 1_000, Delay::Twice(ms(D)), 0);
    world.ask(1, leads(1));
    world.run_until(999);
    assert_eq!((world.count("marker"), world.count("report")), (20, 4));
    assert_eq!(times(&world), [at(3 * D)]);
}

#[test]
fn one_that_begins_before_the_last_is_over_replaces_it() {
    for seed in 0..100 {
        let mut world = detectors(5, 1_000, Delay::InOrder(ms(D)), seed);
        world.ask(1, leads(1));
        world.ask_at(1, 1, DetectorInput::Check);
        world.ask_at(2, 1, DetectorInput::Check);
        world.run_until(999);
        assert_eq!(times(&world).len(), 1, "seed {seed}");
    }
}
