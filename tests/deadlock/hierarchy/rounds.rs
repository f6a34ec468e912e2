//! What a round costs and how long it takes; those that are silent.

use rehearsal_machine::Time;
use rehearsal_protocol::deadlock::{DetectorInput, Output, Refusal, Verdict};

use super::{Detector, findings, round, rules, still, tree};
use crate::drive::{Delay, World, at, ms};
use crate::support::node as n;
use crate::waits::{Model, Waits};

fn waits(nodes: u32, edges: &[(u32, u32)]) -> Waits {
    Waits::of(Model::And, nodes, edges)
}

#[test]
fn a_round_takes_two_messages_for_each_edge_and_two_delays_for_each_level() {
    for (controllers, levels) in [
        (&[0][..], 0),
        (&[0, 1], 1),
        (&[0, 1, 1, 1, 1, 1], 1),
        (&[0, 1, 2, 3, 4, 5], 5),
        (&[0, 1, 1, 2, 2, 3, 3], 2),
        (&[2, 3, 0, 3, 4, 5, 4, 3], 3),
    ] {
        let tree = tree(controllers);
        let sites = controllers.len() as u32;
        let world = round(&waits(sites, &[]), &tree);
        let edges = sites as usize - 1;
        let counts = ["ask", "report", "verdict"].map(|kind| world.count(kind));
        assert_eq!(counts, [edges; 3], "{controllers:?}");
        assert_eq!(only_verdict(&world).0, at(7 + 20 * levels), "{controllers:?}");
    }
}

#[test]
fn only_those_below_the_one_that_finds_something_hear_of_it() {
    // n2 has n4 and n5 below it, which wait for each other; n3 has n6.
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let world = round(&waits(6, &[(4, 5), (5, 4)]), &tree);
    assert_eq!(findings(&world), [(2, [4, 5].into())].into());
    let listener = |(_, node, output): &(_, _, Output)| match output {
        Output::Hears { from, .. } => Some((*node, *from)),
        _ => None,
    };
    let heard: Vec<_> = world.told.iter().filter_map(listener).collect();
    assert_eq!(heard, [(4, n(2)), (5, n(2))]);
    assert_eq!(world.count("verdict"), 2);
}

#[test]
fn whoever_is_behind_a_deadlock_elsewhere_is_found_to_be() {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let world = round(&waits(6, &[(4, 5), (5, 4), (6, 4)]), &tree);
    let found = findings(&world);
    assert_eq!(found, [(1, [6].into()), (2, [4, 5].into())].into());
}

#[cfg(feature = "mutants")]
#[test]
fn a_controller_that_is_not_told_of_the_dead_below_another_takes_those_behind_them_for_free() {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let waits = waits(6, &[(4, 5), (5, 4), (6, 4)]);
    let found = crate::support::planted("DeadUntold", || findings(&round(&waits, &tree)));
    assert_eq!(found[&2], [4, 5].into());
    assert!(!found.values().any(|dead| dead.contains(&6)));
}

/// A ring of all of them; n3 is down, and n6 below it cannot be reached.
fn with_a_silent_node() -> World<Detector> {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut world = still(&Waits::ring(6), &rules(&tree), Delay::Constant(ms(10)));
    world.silent = vec![3];
    world.ask(1, DetectorInput::Check);
    world.run_until(400);
    world
}

fn only_verdict(world: &World<Detector>) -> (Time, u32, &Verdict) {
    let verdicts: Vec<_> = world.verdicts().collect();
    assert_eq!(verdicts.len(), 1);
    verdicts[0]
}

#[test]
fn whoever_is_silent_is_free_with_all_below_it() {
    let world = with_a_silent_node();
    let (time, by, verdict) = only_verdict(&world);
    assert!(!verdict.is_deadlock(), "{verdict}");
    assert_eq!(verdict.blocked_on, [(n(2), n(3)), (n(5), n(6))]);
    // The root waits for two levels.
    assert_eq!((time, by), (at(100), 1));
}

#[cfg(feature = "mutants")]
#[test]
fn to_take_silence_for_waiting_is_to_find_what_nobody_knows() {
    let world = crate::support::planted("SilenceWaits", with_a_silent_node);
    assert!(!only_verdict(&world).2.diagnosis.deadlocked.is_empty());
}

#[test]
fn whoever_has_not_answered_is_asked_again() {
    let tree = tree(&[0, 1, 2]);
    let mut rules = rules(&tree);
    (rules.ask, rules.window) = (ms(45), ms(100));
    let mut world = still(&Waits::ring(3), &rules, Delay::Constant(ms(10)));
    world.silent = vec![3];
    world.ask(1, DetectorInput::Check);
    world.run_until(40);
    world.silent.clear();
    world.run_until(199);
    assert_eq!(findings(&world), [(1, [1, 2, 3].into())].into());
    assert!(world.count("ask") > 2);
}

#[test]
fn only_the_root_begins_a_round_and_one_in_every_period() {
    let tree = tree(&[2, 0, 2]);
    let mut world = still(&Waits::ring(3), &rules(&tree), Delay::Constant(ms(10)));
    world.ask(1, DetectorInput::Check);
    assert_eq!(world.told[0].2, Output::Refuses(Refusal::NotRoot));
    world.run_until(3_500);
    let times = world.told.iter().filter(|told| told.1 == 2).map(|told| told.0);
    assert!(times.eq([1_020, 2_020, 3_020].map(at)));
}

#[test]
fn what_comes_twice_is_taken_once() {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut world = still(&Waits::ring(6), &rules(&tree), Delay::Twice(ms(10)));
    world.ask(1, DetectorInput::Check);
    world.run_until(400);
    assert_eq!(findings(&world), [(1, (1..=6).collect())].into());
    assert_eq!(world.count("ask"), 5);
}
