//! What a discipline does not promise, the swarm finds.

use rehearsal::shipped::Ordering;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::sweep::Sweep;
use rehearsal::sim::{Case, Files, Scenario};

use crate::source_of;

/// The stock scenario of this name, of which this is expected alone.
fn expecting(name: &str, expected: &str) -> Case {
    let source = source_of(name);
    let (source, _) = source.split_once("expect: [").expect("something is expected");
    let source = format!("{source}expect: [{expected}])");
    Scenario::<Ordering>::parse(name, &source, Files::none()).expect("it is right").into()
}

/// In how many of a hundred runs it does not hold.
fn failures(name: &str, expected: &str) -> usize {
    let sweep = Sweep::of(&expecting(name, expected));
    let sweep = sweep.swarming(&|case, options| case.run(options)).expect("it has a calm");
    let mut runner = sweep.runner();
    (0..100).filter(|seed| runner.run(Seed(*seed)).fingerprint.is_some()).count()
}

#[test]
fn a_group_without_an_order_breaks_each_of_them() {
    let orders = ["Fifo", "Causal", "Total"];
    let failures = orders.map(|order| failures("ordering-unordered", &format!("Always({order})")));
    assert!(failures.iter().all(|failures| *failures > 50), "{failures:?}");
}

#[test]
fn the_order_of_each_sender_is_neither_causal_nor_total() {
    let [causal, total] = ["Always(Causal)", "Always(Total)"];
    assert!(failures("ordering-fifo", causal) > 10, "{}", failures("ordering-fifo", causal));
    assert!(failures("ordering-fifo", total) > 50, "{}", failures("ordering-fifo", total));
}

#[test]
fn a_causal_order_is_not_total() {
    assert!(failures("ordering-broadcast", "Always(Total)") > 50);
    assert_eq!(failures("ordering-broadcast", "Always(Causal)"), 0);
}

#[test]
fn a_total_order_need_not_be_that_of_each_sender() {
    assert!(failures("ordering-sequencer", "Always(Fifo)") > 10);
    assert_eq!(failures("ordering-sequencer", "Always(Total)"), 0);
}
