//! Most of a run can take a short way where nobody watches. Whichever way it
//! takes, and whatever is put off in a large world, the same comes of it.

use std::fmt::Debug;

use rehearsal::sim::{Keep, Options, Protocol, Report, Scenario, run};

use crate::ring;
use crate::walk::Walks;

/// What came of a run, where no trace need be kept to know it.
fn outcome<P: Protocol<Machine: Debug>>(report: &Report<P>) -> String {
    let Report { failure, end, tally, world, .. } = report;
    let machines: Vec<_> = world.nodes().map(|node| world.machine(node)).collect();
    format!("{failure:?} {end} {tally:?} {machines:?}")
}

#[track_caller]
fn assert_same<P: Protocol<Machine: Debug>>(scenario: &Scenario<P>) {
    for seed in 0..3 {
        let kept = |keep| run(scenario, Options::seed(seed).keep(keep));
        let [verdict, digest, trace] = [Keep::Verdict, Keep::Digest, Keep::Trace].map(kept);
        assert_eq!(digest.digest, trace.digest, "seed {seed}");
        for shorter in [verdict, digest] {
            assert_eq!(outcome(&shorter), outcome(&trace), "seed {seed}");
        }
    }
}

#[test]
fn messages_take_either_way_alike() {
    for nodes in [1, 2, 5, 16, 511, 512, 700] {
        let scenario = Walks::among_all(nodes).scenario(nodes, 40_000, "");
        assert_same(&scenario);
    }
}

#[test]
fn timers_take_either_way_alike() {
    for nodes in [1, 3, 40, 600] {
        assert_same(&ring::scenario(nodes, 700));
    }
}
