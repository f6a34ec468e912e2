//! Whatever peers and owners say, in whatever state: no node panics, and each
//! keeps the promises that drivers rely on.

use rehearsal::sim::conformance;

use super::support::{chat, chat_with, shipped};

#[test]
fn a_chat_conforms() {
    let fields = "workload: (count: 30, gap: Exponential(\"10ms\")), expect: []";
    let met = conformance::check(&chat(fields), 0..60).expect("it conforms");
    assert!(met.delivered > 5_000 && met.mangled > 500 && met.restarts > 100, "{met:?}");
}

#[test]
fn every_mode_conforms() {
    for (name, delivered) in [
        ("rough", 4_000),
        ("script", 1_000),
        ("half-duplex", 10),
        ("resources", 500),
        ("group-join", 100),
        ("../hunt/chat-groups", 1_000),
        ("../hunt/chat-sequencer", 1_000),
    ] {
        let met = conformance::check(&shipped(name), 0..20).expect("it conforms");
        assert!(met.delivered > delivered && met.saves > 20, "{name}: {met:?}");
    }
}

#[test]
fn a_chat_whose_users_need_each_other_conforms() {
    for detector in [
        "Confirmed(period: \"90ms\", window: \"20ms\", ask: \"10ms\", victims: Youngest)",
        "Snapshot(period: \"90ms\", victims: Youngest)",
        "Chasing(period: \"90ms\", victims: Youngest)",
    ] {
        let resources = format!(
            "resources: (detector: {detector}, model: And, locks: [4], resend: \"30ms\",
            needs: [(node: 1, of: [2, 4]), (node: 2, of: [4, 1]), (node: 3, of: [4])],
            work: (\"1ms\", \"20ms\"))"
        );
        let workload = "workload: (count: 30, gap: Exponential(\"10ms\"))";
        let fields = format!("nodes: 4, until: \"3s\", {workload}, expect: []");
        let scenario = chat_with(&resources, &fields);
        let met = conformance::check(&scenario, 0..30).expect("it conforms");
        let is_met = met.delivered > 2_000 && met.mangled > 200 && met.restarts > 50;
        assert!(is_met && met.saves > 100, "{detector}: {met:?}");
    }
}
