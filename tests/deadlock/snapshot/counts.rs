//! What a snapshot costs, and how long it takes.

use rehearsal_protocol::deadlock::snapshot::Snapshot;
use rehearsal_protocol::deadlock::{Detector, DetectorInput, Output, Refusal};

use super::super::drive::{Delay, World, at, ms, n};
use super::super::oracle::Waits;
use super::{D, findings, of_waits, rules};

/// All wait for all.
fn clique(nodes: u32) -> Waits {
    let others = |me| (1..=nodes).filter(move |other| *other != me).map(n).collect();
    (1..=nodes).map(|me| (nodes - 1, others(me))).collect()
}

#[test]
fn a_marker_for_each_channel_and_a_report_for_each_other_node() {
    for nodes in 2..=12 {
        for leader in [1, nodes] {
            let world = of_waits(&clique(nodes), n(leader));
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
        let world = of_waits(&clique(nodes), n(1));
        for sent in &world.sent {
            // Two nodes have one channel each to close, and close it at once.
            let closed = if nodes == 2 { 7 + D } else { 7 + 2 * D };
            let expected = match sent.kind {
                "marker" if sent.from == n(1) => 7,
                "marker" => 7 + D,
                "report" => closed,
                _ => closed + D,
            };
            assert_eq!(sent.at, at(expected), "{nodes}: {} from {}", sent.kind, sent.from);
        }
        let (found, ..) = findings(&world)[0];
        assert_eq!(found, at(7 + if nodes == 2 { 2 } else { 3 } * D));
    }
}

#[test]
fn a_leader_alone_needs_nobody() {
    let world = of_waits(&vec![(0, vec![])], n(1));
    assert_eq!((world.sent.len(), findings(&world)[0].0), (0, at(7)));
}

#[test]
fn what_somebody_does_not_report_for_is_given_up_at_the_next_period() {
    let build = |id| Detector::from(Snapshot::new(rules(4, ms(100)), id));
    let mut world = World::new(4, Delay::Constant(ms(D)), 0, build);
    world.silent = vec![n(3)];
    world.ask(n(1), DetectorInput::Leader(Some(n(1))));
    world.run_until(at(250), |_| {});
    assert!(findings(&world).is_empty());
    world.silent.clear();
    world.run_until(at(350), |_| {});
    let times: Vec<_> = findings(&world).into_iter().map(|(time, ..)| time).collect();
    assert_eq!(times, [at(300 + 3 * D)]);
}

#[test]
fn whoever_leads_and_nobody_else_begins_one_when_asked() {
    let build = |id| Detector::from(Snapshot::new(rules(3, ms(1_000)), id));
    let mut world = World::new(3, Delay::Constant(ms(D)), 0, build);
    world.ask(n(2), DetectorInput::Check);
    world.ask(n(1), DetectorInput::Leader(Some(n(1))));
    world.ask_at(at(100), n(1), DetectorInput::Check);
    world.ask_at(at(200), n(1), DetectorInput::Leader(Some(n(2))));
    world.ask_at(at(210), n(1), DetectorInput::Check);
    world.run_until(at(5_000), |_| {});
    let times: Vec<_> = findings(&world).into_iter().map(|(time, ..)| time).collect();
    assert_eq!(times, [at(3 * D), at(100 + 3 * D)]);
    let refused = |(_, node, output): &(_, _, Output)| {
        (*output == Output::Refuses(Refusal::NotLeader)).then_some(*node)
    };
    let refused: Vec<_> = world.told.iter().filter_map(refused).collect();
    assert_eq!(refused, [n(2), n(1)]);
}

#[test]
fn two_who_both_lead_do_not_disturb_each_other() {
    let build = |id| Detector::from(Snapshot::new(rules(5, ms(1_000)), id));
    let mut world = World::new(5, Delay::InOrder(ms(D)), 3, build);
    for leader in [n(1), n(4)] {
        world.ask(leader, DetectorInput::Leader(Some(leader)));
    }
    world.run_until(at(900), |_| {});
    let mut found: Vec<_> = findings(&world).into_iter().map(|(_, node, _)| node).collect();
    found.sort();
    assert_eq!(found, [n(1), n(4)]);
}

#[test]
fn what_comes_twice_is_taken_once() {
    let build = |id| Detector::from(Snapshot::new(rules(5, ms(1_000)), id));
    let mut world = World::new(5, Delay::Twice(ms(D)), 0, build);
    world.ask(n(1), DetectorInput::Leader(Some(n(1))));
    world.run_until(at(999), |_| {});
    assert_eq!((world.count("marker"), world.count("report")), (20, 4));
    let times: Vec<_> = findings(&world).into_iter().map(|(time, ..)| time).collect();
    assert_eq!(times, [at(3 * D)]);
}

#[test]
fn one_that_begins_before_the_last_is_over_replaces_it() {
    for seed in 0..100 {
        let build = |id| Detector::from(Snapshot::new(rules(5, ms(1_000)), id));
        let mut world = World::new(5, Delay::InOrder(ms(D)), seed, build);
        world.ask(n(1), DetectorInput::Leader(Some(n(1))));
        world.ask_at(at(1), n(1), DetectorInput::Check);
        world.ask_at(at(2), n(1), DetectorInput::Check);
        world.run_until(at(999), |_| {});
        assert_eq!(findings(&world).len(), 1, "seed {seed}");
    }
}
