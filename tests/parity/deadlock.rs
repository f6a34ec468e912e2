use rehearsal::shipped::Deadlock;

use crate::bed::within_a_minute;
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

/// The first verdict that names somebody: how many there are, and how many before it do not, is
/// a matter of timing.
fn verdicts(told: &Told) -> Vec<Option<String>> {
    let names = |told: &Vec<String>| told.iter().find(|text| text.contains(": deadlock")).cloned();
    told.iter().map(names).collect()
}

#[test]
fn those_who_are_deadlocked_are_named_as_they_rehearsed_it() {
    let scenario = scenario::<Deadlock>(CYCLE);
    let rehearsed = verdicts(&rehearsed(&scenario));
    assert!(rehearsed.iter().all(Option::is_some), "{rehearsed:?}");
    within_a_minute(async {
        let real = Real::start(&scenario);
        let told = real.until(|told| verdicts(told).iter().all(Option::is_some)).await;
        assert_eq!(verdicts(&told), rehearsed);
    });
}
