use rehearsal::machine::NodeId;
use rehearsal::shipped::Election;

use crate::test_cluster::within_a_minute;
use crate::worlds::{Real, Told, rehearsed, scenario};

/// Limits are ten times those of the scenarios: the machine that runs this may be busy.
const LEADER_DIES: &str = r#"(
    claim: "When the leader of five dies, the others follow the highest that is left.",
    protocol: Election((form: Hardened(
        answer_wait: "210ms", coordinator_wait: "410ms", heartbeat: "500ms", leader_wait: "600ms",
    ))),
    nodes: 5,
    network: (delay: Fixed("10ms")),
    faults: [(at: "1s", do: Crash(5))],
    calm_at: "1001ms",
    until: "4s",
    expect: [Eventually(what: Agreed, within: "2s")],
)"#;

/// What each was told last, without the number of the epoch: how many elections
/// it took is a matter of timing.
fn last(told: &Told) -> Vec<String> {
    let last = |told: &Vec<String>| told.last().cloned().unwrap_or_default();
    let without = |text: String| text.split(" in epoch").next().unwrap_or_default().to_owned();
    told.iter().map(last).map(without).collect()
}

#[test]
fn those_whose_leader_dies_follow_the_one_they_rehearsed_to_follow() {
    let scenario = scenario::<Election>(LEADER_DIES);
    let mut rehearsed = last(&rehearsed(&scenario));
    rehearsed.truncate(4);
    assert_eq!(rehearsed, ["follows n4", "follows n4", "follows n4", "leads"]);
    within_a_minute(async {
        let mut real = Real::start(&scenario);
        real.until(|told| last(told)[..4].iter().all(|text| text == "follows n5")).await;
        real.kill(NodeId::from_index(4)).await;
        real.until(|told| last(told)[..4] == rehearsed).await;
    });
}
