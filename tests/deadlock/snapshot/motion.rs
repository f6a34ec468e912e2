//! While parties ask, grant and give back.

use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::snapshot::{Config, Snapshot};
use rehearsal_protocol::deadlock::{Command, Site};
use rehearsal_protocol::resource::{Model, Need};

use super::{D, rules};
use crate::drive::{Delay, World, ms};
use crate::parties::{Outcome, PERIOD, Workload, dead, sweep, truth, victims, world};
use crate::support::node as n;

fn workload(delay: Delay, model: Model, resend: Option<Duration>) -> Workload {
    Workload { nodes: 6, locks: 2, delay, resend, requests: 60, model }
}

fn runs(
    period: u64,
    delay: Delay,
    resend: Option<Duration>,
    has_victims: bool,
    seeds: u64,
) -> Outcome {
    sweep(delay, resend, seeds, |seed| {
        let victims = victims(seed / 4).filter(|_| has_victims);
        let rules = Config { nodes: 6, period: ms(period), victims };
        move |id| Snapshot::new(rules, id).into()
    })
}

#[test]
fn whom_a_verdict_names_is_dead_when_it_is_given_and_nobody_is_missed() {
    for resend in [None, Some(ms(15))] {
        let met = runs(PERIOD, Delay::InOrder(ms(25)), resend, false, 400);
        assert_eq!((met.phantoms, met.missed, met.blind), (0, 0, 0), "{met:?}");
        assert!(met.deadlocks > 500 && met.ended_dead > 50, "{met:?}");
        assert!(met.verdicts - met.deadlocks > 500, "{met:?}");
    }
}

#[test]
fn whom_a_verdict_names_is_dead_though_victims_give_up() {
    let met = runs(PERIOD, Delay::InOrder(ms(25)), None, true, 400);
    assert_eq!((met.phantoms, met.missed), (0, 0), "{met:?}");
    assert!(met.deadlocks > 500 && met.victims > 200, "{met:?}");
}

/// The next snapshot begins while the verdict of the last is on its way, and the
/// markers of others may be faster.
#[test]
fn whom_a_verdict_names_is_dead_though_a_victim_is_recorded_before_it_gives_up() {
    let met = runs(16, Delay::InOrder(ms(5)), None, true, 300);
    assert_eq!(met.phantoms, 0, "{met:?}");
    assert!(met.deadlocks > 500 && met.victims > 500, "{met:?}");
}

#[test]
fn markers_that_overtake_requests_miss_deadlocks_for_a_while_but_invent_none() {
    let met = runs(PERIOD, Delay::AnyOrder(ms(25)), None, false, 400);
    assert_eq!((met.phantoms, met.missed), (0, 0), "{met:?}");
    assert!(met.blind > 0, "{met:?}");
}

/// Two ask each other, or one asks for the other and a lock that both want, so
/// that what closes the deadlock is on its way when the leader, n1, looks.
fn closed_in_a_channel(with_lock: bool) -> Vec<NodeId> {
    let workload =
        Workload { nodes: 3, locks: 1, ..workload(Delay::Constant(ms(D)), Model::And, None) };
    let mut world = world(workload, 0, |id| Snapshot::new(rules(3, ms(1_000)), id).into());
    let ask =
        |of: &[u32]| Command::Request { of: of.iter().map(|of| n(*of)).collect(), need: Need::All };
    if with_lock {
        world.ask_at(0, 1, ask(&[3, 2]));
        world.ask_at(1, 2, ask(&[3]));
        world.ask_at(11, 1, Command::Leader(Some(n(1))));
    } else {
        world.ask_at(0, 1, ask(&[2]));
        world.ask_at(8, 2, ask(&[1]));
        world.ask_at(9, 1, Command::Leader(Some(n(1))));
    }
    world.run_until(100);
    let (_, verdict) = world.machine(1).latest().expect("the leader has looked");
    verdict.diagnosis.deadlocked.clone()
}

#[test]
fn what_is_on_its_way_counts() {
    assert_eq!(closed_in_a_channel(false), [n(1), n(2)]);
    assert_eq!(closed_in_a_channel(true), [n(1), n(2), n(3)]);
}

#[test]
fn what_a_marker_has_overtaken_is_missed_until_the_next_snapshot() {
    let slow_request = |kind: &_| ms(if *kind == *"request" { 30 } else { D });
    let workload =
        Workload { nodes: 2, locks: 0, ..workload(Delay::OfKind(slow_request), Model::And, None) };
    let mut world = world(workload, 0, |id| Snapshot::new(rules(2, ms(100)), id).into());
    world.ask_at(0, 1, Command::Request { of: vec![n(2)], need: Need::All });
    world.ask_at(25, 2, Command::Request { of: vec![n(1)], need: Need::All });
    world.ask_at(31, 1, Command::Leader(Some(n(1))));
    let deadlocked = |world: &World<Site>| {
        let (_, verdict) = world.machine(1).latest().expect("the leader has looked");
        verdict.diagnosis.deadlocked.clone()
    };
    world.run_until(130);
    assert_eq!(deadlocked(&world), []);
    world.run_until(160);
    assert_eq!(deadlocked(&world), [n(1), n(2)]);
}

/// n1 asks n2, twice; n2 grants it, and asks n1. The first marker comes before
/// the grant, and the second request after n2 has recorded.
#[test]
fn a_marker_that_overtakes_a_grant_of_what_is_asked_twice_invents_a_deadlock() {
    let slow_grant = |kind: &_| ms(if *kind == *"grant" { 60 } else { D });
    let (nodes, locks, resend) = (3, 0, Some(ms(30)));
    let delay = Delay::OfKind(slow_grant);
    let workload = Workload { nodes, locks, ..workload(delay, Model::And, resend) };
    let mut world = world(workload, 0, |id| Snapshot::new(rules(3, ms(1_000)), id).into());
    world.ask_at(0, 1, Command::Request { of: vec![n(2)], need: Need::All });
    world.ask_at(45, 2, Command::Request { of: vec![n(1)], need: Need::All });
    world.ask_at(51, 3, Command::Leader(Some(n(3))));
    world.run_until(51 + 3 * D);
    let (_, verdict) = world.machine(3).latest().expect("the leader has looked");
    assert_eq!(verdict.diagnosis.deadlocked, [n(1), n(2)]);
    assert_eq!(truth(&world).waits[1], (2, 1, vec![1]));
    assert_eq!(dead(&world), [].into());
}

#[cfg(feature = "mutants")]
#[test]
fn a_leader_that_forgets_the_channels_misses_what_is_on_its_way() {
    for with_lock in [false, true] {
        let found = crate::support::planted("ForgetsChannels", || closed_in_a_channel(with_lock));
        assert_eq!(found, [], "with a lock: {with_lock}");
    }
}
