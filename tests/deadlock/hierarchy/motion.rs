//! While parties ask, grant and give back.

use std::time::Duration;

use rehearsal_protocol::deadlock::hierarchy::{Config, Hierarchy};
use rehearsal_protocol::deadlock::{Command, Site, Victims};
use rehearsal_protocol::resource::{Model, Need};

use super::tree;
use crate::drive::{Delay, World, ms};
use crate::parties::{Outcome, PERIOD, Workload, sweep, victims, world};
use crate::support::node as n;

const TREES: [[u32; 6]; 3] = [[0, 1, 1, 1, 1, 1], [0, 1, 1, 2, 2, 3], [2, 3, 0, 3, 4, 2]];

/// Twice a delay, and a reserve, so that all have answered in a round.
const WINDOW: Duration = Duration::from_millis(30);

fn runs(
    delay: Delay,
    resend: Option<Duration>,
    window: Duration,
    has_victims: bool,
    seeds: u64,
) -> Outcome {
    sweep(delay, resend, seeds, |seed| {
        let rules = Config {
            tree: tree(&TREES[seed as usize % 3]),
            period: ms(PERIOD),
            window,
            ask: ms(1_000),
            victims: victims(seed / 4).filter(|_| has_victims),
        };
        move |id| Hierarchy::new(rules.clone(), id).into()
    })
}

#[test]
fn whom_a_verdict_names_is_dead_when_it_is_given_and_nobody_is_missed() {
    for delay in [Delay::InOrder(ms(12)), Delay::AnyOrder(ms(12))] {
        for resend in [None, Some(ms(5))] {
            let met = runs(delay, resend, WINDOW, false, 240);
            assert_eq!((met.phantoms, met.missed), (0, 0), "{met:?}");
            assert!(met.deadlocks > 500 && met.ended_dead > 50, "{met:?}");
        }
    }
}

#[test]
fn whom_a_verdict_names_is_dead_though_victims_give_up() {
    let met = runs(Delay::AnyOrder(ms(12)), None, WINDOW, true, 360);
    assert_eq!((met.phantoms, met.missed), (0, 0), "{met:?}");
    assert!(met.deadlocks > 300 && met.victims > 200, "{met:?}");
}

#[test]
fn a_window_that_is_too_short_makes_nobody_dead() {
    let met = runs(Delay::AnyOrder(ms(12)), None, ms(12), false, 240);
    assert_eq!(met.phantoms, 0, "{met:?}");
    assert!(met.deadlocks > 100 && met.missed > 0, "{met:?}");
}

/// n3 and n1, at the two ends of a chain, wait for each other. What n1 finds gets
/// no further than n2, the first time.
#[test]
fn a_victim_that_was_not_told_is_told_in_the_next_round() {
    let delay = Delay::Constant(ms(5));
    let (nodes, locks, resend, requests) = (3, 0, None, 0);
    let workload = Workload { nodes, locks, delay, resend, requests, model: Model::And };
    let rules = Config {
        tree: tree(&[0, 1, 2]),
        period: ms(PERIOD),
        window: ms(30),
        ask: ms(1_000),
        victims: Some(Victims::Highest),
    };
    let mut world = world(workload, 0, |id| Hierarchy::new(rules.clone(), id).into());
    for (from, to) in [(1, 3), (3, 1)] {
        world.ask(from, Command::Request { of: vec![n(to)], need: Need::All });
    }
    let first = PERIOD + 4 * 5;
    world.run_until(first + 2);
    world.silent = vec![3];
    world.run_until(first + 7);
    world.silent.clear();
    let is_blocked = |world: &World<Site>| world.machine(3).participant().blocked_since().is_some();
    world.run_until(first + PERIOD - 6);
    assert!(is_blocked(&world));
    world.run_until(first + PERIOD);
    assert!(!is_blocked(&world));
    world.run_until(first + 3 * PERIOD);
    let (by, verdict) = world.machine(3).latest().expect("all have heard");
    assert_eq!((by, verdict.to_string().as_str()), (n(1), "no deadlock"));
}
