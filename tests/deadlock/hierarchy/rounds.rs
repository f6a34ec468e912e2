//! What a round costs and how long it takes; those that are silent.

use rehearsal_protocol::deadlock::{DetectorInput, Output, Refusal, Verdict};

use super::super::drive::{Delay, World, at, ms, n};
use super::super::oracle::Waits;
use super::{Detector, findings, round, rules, still, tree};

/// Each waits for the next, and the last for the first.
fn ring(nodes: u32) -> Waits {
    (1..=nodes).map(|node| (1, vec![n(node % nodes + 1)])).collect()
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
        let quiet = vec![(0, vec![]); sites as usize];
        let world = round(&quiet, &tree);
        let edges = sites as usize - 1;
        let counts = ["ask", "report", "verdict"].map(|kind| world.count(kind));
        assert_eq!(counts, [edges; 3], "{controllers:?}");
        let found = world.told.iter().find(|told| matches!(told.2, Output::Finds(_)));
        assert_eq!(found.map(|told| told.0), Some(at(7 + 20 * levels)), "{controllers:?}");
    }
}

#[test]
fn only_those_below_the_one_that_finds_something_hear_of_it() {
    // n2 has n4 and n5 below it, which wait for each other; n3 has n6.
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut waits = vec![(0, vec![]); 6];
    waits[3] = (1, vec![n(5)]);
    waits[4] = (1, vec![n(4)]);
    let world = round(&waits, &tree);
    assert_eq!(findings(&world), [(n(2), [n(4), n(5)].into())].into());
    let listener = |(_, node, output): &(_, _, Output)| match output {
        Output::Hears { from, .. } => Some((*node, *from)),
        _ => None,
    };
    let heard: Vec<_> = world.told.iter().filter_map(listener).collect();
    assert_eq!(heard, [(n(4), n(2)), (n(5), n(2))]);
    assert_eq!(world.count("verdict"), 2);
}

#[test]
fn whoever_is_behind_a_deadlock_elsewhere_is_found_to_be() {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut waits = vec![(0, vec![]); 6];
    waits[3] = (1, vec![n(5)]);
    waits[4] = (1, vec![n(4)]);
    waits[5] = (1, vec![n(4)]);
    let world = round(&waits, &tree);
    let found = findings(&world);
    assert_eq!(found, [(n(1), [n(6)].into()), (n(2), [n(4), n(5)].into())].into());
}

/// A ring of all of them; n3 is down, and n6 below it cannot be reached.
fn with_a_silent_node() -> World<Detector> {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut world = still(&ring(6), &rules(&tree), Delay::Constant(ms(10)));
    world.silent = vec![n(3)];
    world.ask(n(1), DetectorInput::Check);
    world.run_until(at(400), |_| {});
    world
}

fn only_verdict(world: &World<Detector>) -> &Verdict {
    let verdicts = world.told.iter().filter_map(|(_, _, output)| match output {
        Output::Finds(verdict) => Some(verdict),
        _ => None,
    });
    let verdicts: Vec<_> = verdicts.collect();
    assert_eq!(verdicts.len(), 1);
    verdicts[0]
}

#[test]
fn whoever_is_silent_is_free_with_all_below_it() {
    let world = with_a_silent_node();
    let verdict = only_verdict(&world);
    assert!(!verdict.is_deadlock(), "{verdict}");
    assert_eq!(verdict.blocked_on, [(n(2), n(3)), (n(5), n(6))]);
    // The root waits for two levels.
    let found = world.told.iter().find(|told| matches!(told.2, Output::Finds(_)));
    assert_eq!(found.map(|told| (told.0, told.1)), Some((at(100), n(1))));
}

#[cfg(feature = "mutants")]
#[test]
fn to_take_silence_for_waiting_is_to_find_what_nobody_knows() {
    let (deadlocked, is_met) = rehearsal_machine::mutant::with("SilenceWaits", || {
        only_verdict(&with_a_silent_node()).diagnosis.deadlocked.clone()
    });
    assert!(is_met && !deadlocked.is_empty());
}

#[test]
fn whoever_has_not_answered_is_asked_again() {
    let tree = tree(&[0, 1, 2]);
    let mut rules = rules(&tree);
    (rules.ask, rules.window) = (ms(45), ms(100));
    let mut world = still(&ring(3), &rules, Delay::Constant(ms(10)));
    world.silent = vec![n(3)];
    world.ask(n(1), DetectorInput::Check);
    world.run_until(at(40), |_| {});
    world.silent.clear();
    world.run_until(at(199), |_| {});
    assert_eq!(findings(&world), [(n(1), [n(1), n(2), n(3)].into())].into());
    assert!(world.count("ask") > 2);
}

#[test]
fn only_the_root_begins_a_round_and_one_in_every_period() {
    let tree = tree(&[2, 0, 2]);
    let mut world = still(&ring(3), &rules(&tree), Delay::Constant(ms(10)));
    world.ask(n(1), DetectorInput::Check);
    assert_eq!(world.told[0].2, Output::Refuses(Refusal::NotRoot));
    world.run_until(at(3_500), |_| {});
    let times: Vec<_> =
        world.told.iter().filter(|told| told.1 == n(2)).map(|told| told.0).collect();
    assert_eq!(times, [at(1_020), at(2_020), at(3_020)]);
}

#[test]
fn what_comes_twice_is_taken_once() {
    let tree = tree(&[0, 1, 1, 2, 2, 3]);
    let mut world = still(&ring(6), &rules(&tree), Delay::Twice(ms(10)));
    world.ask(n(1), DetectorInput::Check);
    world.run_until(at(400), |_| {});
    assert_eq!(findings(&world), [(n(1), (1..=6).map(n).collect())].into());
    assert_eq!(world.count("ask"), 5);
}
