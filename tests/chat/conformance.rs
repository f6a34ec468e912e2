//! Whatever peers and owners say, in whatever state: no node panics, and each
//! keeps the promises that drivers rely on.

use rehearsal::sim::conformance;

use super::support::{chat, shipped};

#[test]
fn a_chat_conforms() {
    let fields = "workload: (count: 30, gap: Exponential(\"10ms\")), expect: []";
    let met = conformance::check(&chat(fields), 0..60).expect("it conforms");
    assert!(met.delivered > 5_000 && met.mangled > 500 && met.restarts > 100, "{met:?}");
}

#[test]
fn every_mode_conforms() {
    for (name, delivered) in [("rough", 4_000), ("script", 1_000), ("half-duplex", 10)] {
        let met = conformance::check(&shipped(name), 0..20).expect("it conforms");
        assert!(met.delivered > delivered && met.saves > 20, "{name}: {met:?}");
    }
}
