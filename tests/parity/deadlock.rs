use rehearsal::shipped::Deadlock;

use crate::test_cluster::within_a_minute;
use crate::worlds::{Real, Told, rehearsed, scenario};

/// Requests are said again: real links are not up yet when nodes start.
const CYCLE: &str = r#"(
    claim: "Three who wait for each other, and one who waits for them, are named to all.",
    protocol: Deadlock((
        detector: Confirmed(period: "500ms", window: "200ms", ask: "100ms"),
        election: (
            form: Paper(answer_wait: "200ms", coordinator_wait: "2s"),
            initial_leader: 5,
        ),
        resend: "100ms",
        needs: [(node: 1, of: [2]), (node: 2, of: [3]), (node: 3, of: [1]), (node: 4, of: [1])],
    )),
    nodes: 5,
    network: (delay: Fixed("10ms")),
    calm_at: "0ms",
    until: "3s",
    expect: [Always(NoPhantom), Sometimes(SomebodyDeadlocked)],
)"#;

const CYCLE_FOUND: &str = ": deadlock n1 -> n2 -> n3 -> n1";

/// What each was told last. How much of it the first rounds find is a matter of timing.
fn last(told: &Told) -> Vec<Option<String>> {
    told.iter().map(|told| told.last().cloned()).collect()
}

#[test]
fn those_who_are_deadlocked_are_named_as_they_rehearsed_it() {
    let scenario = scenario::<Deadlock>(CYCLE);
    let rehearsed = last(&rehearsed(&scenario));
    assert!(rehearsed.iter().flatten().all(|text| text.contains(CYCLE_FOUND)), "{rehearsed:?}");
    within_a_minute(async {
        let real = Real::start(&scenario);
        let told = real.until(|told| last(told) == rehearsed).await;
        let mut found = told.iter().flatten().filter(|text| text.contains(": deadlock"));
        assert!(found.all(|text| text.contains(CYCLE_FOUND)), "{told:?}");
    });
}
