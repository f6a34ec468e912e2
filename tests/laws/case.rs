//! A case runs as its scenario does, and its users see no type of a protocol.

use rehearsal::machine::NodeId;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::{Action, Target};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Case, Keep, Options, story};

use crate::courier::{AsWritten as _, Couriers, Five, ROUGH, couriers, letters};
use crate::walk::Walks;

fn five() -> Five {
    couriers().over(ROUGH).commands(letters())
}

#[test]
fn a_case_runs_as_its_scenario_does_and_tells_the_same_story() {
    let (scenario, case) = (five().scenario(), Case::new(five().scenario()));
    for seed in 0..5 {
        let options = || Options::seed(seed).keep(Keep::Trace);
        let report = rehearsal::sim::run(&scenario, options());
        let outcome = case.run(options());
        assert_eq!(outcome, report.outcome);
        let told = case.story(Seed(seed), &outcome);
        assert_eq!(told, story::tell(&scenario, Seed(seed), &report));
    }
}

#[test]
fn a_runner_gives_every_seed_the_outcome_of_a_run_of_its_own() {
    let case = Case::new(five().scenario());
    let mut runner = case.runner();
    for seed in [3, 1, 3, 2] {
        assert_eq!(runner.run(Options::seed(seed)), case.run(Options::seed(seed)));
    }
}

#[test]
fn threads_share_a_case_and_see_the_same_bytes() {
    let case = Case::new(five().scenario());
    let digests = || (0..4).map(|seed| case.run(Options::seed(seed)).digest).collect::<Vec<_>>();
    let threads = std::thread::scope(|scope| {
        let threads = [scope.spawn(digests), scope.spawn(digests)];
        threads.map(|thread| thread.join().expect("no run panics"))
    });
    let here = digests();
    assert!(here.iter().all(Option::is_some) && threads.iter().all(|there| *there == here));
}

#[test]
fn a_case_with_other_faults_runs_and_is_described_by_those() {
    let case = Case::new(five().scenario());
    let node = NodeId::new(2).expect("not 0");
    let crash = |node| vec![Action::Crash(Target::Node(node)).at(TimeSpan::from_millis(5))];
    let other = case.with_faults(crash(node)).expect("there is such a node");
    assert_eq!((other.synopsis().faults.len(), other.run(Options::seed(1)).strikes), (1, vec![1]));
    assert_ne!(other.run(Options::seed(1)).digest, case.run(Options::seed(1)).digest);
    let refusal =
        case.with_faults(crash(NodeId::new(9).expect("not 0"))).expect_err("no such node");
    assert!(refusal.to_string().contains("there is no node 9 of 5"), "{refusal}");
}

#[test]
fn a_case_gives_its_scenario_back_to_those_that_know_the_protocol() {
    let case = Case::new(five().scenario());
    assert_eq!(case.scenario::<Couriers>().map(rehearsal::sim::Scenario::nodes), Some(5));
    assert!(case.scenario::<Walks>().is_none());
}
