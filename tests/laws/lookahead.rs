//! Most of a run can take a fast path where no trace is kept. Whichever path it
//! takes, and whatever is put off in a large world, the same comes of it.

use std::fmt::Debug;

use rehearsal::sim::{Keep, Options, Outcome, Protocol, Report, Scenario, run};

use crate::ring;
use crate::walk::Walks;

/// What came of a run, where no trace need be kept to know it.
fn outcome<P: Protocol<Machine: Debug>>(report: &Report<P>) -> String {
    let Report { outcome: Outcome { failure, end, tally, .. }, world, .. } = report;
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
fn what_is_expected_is_judged_alike_on_either_path() {
    let walks = Walks { hops: 40, ..Walks::among_all(600) };
    for limit in [u64::MAX, 200, 120, 90, 41, 40] {
        let expect = format!("Always(SumBelow({})), Always(SumBelow({limit}))", u64::MAX);
        let scenario = walks.expecting(600, 60_000, "", &expect);
        assert_eq!(run(&scenario, Options::seed(0)).held(), limit == u64::MAX, "{limit}");
        assert_same(&scenario);
    }
}

#[test]
fn timers_take_either_way_alike() {
    for nodes in [1, 3, 40, 600] {
        assert_same(&ring::scenario(nodes, 700));
    }
}
