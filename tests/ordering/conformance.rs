//! Whatever peers and owners say, no node panics, and each keeps the promises that drivers
//! rely on.

use rehearsal::shipped::Ordering;
use rehearsal::sim::{Files, Scenario, conformance};

use crate::{hunted, source_of};

fn conforms(name: &str, scenario: &Scenario<Ordering>) {
    let met = conformance::check(scenario, 0..20).expect("it conforms");
    let is_met = met.delivered > 1_000 && met.mangled > 50 && met.restarts > 20;
    assert!(is_met && met.saves > 200, "{name}: {met:?}");
}

#[test]
fn every_discipline_conforms() {
    for name in [
        "unordered",
        "fifo",
        "broadcast",
        "flood",
        "matrix",
        "pairs",
        "elected",
        "skeen",
        "lamport",
        "relay",
    ] {
        conforms(name, &hunted(&format!("ordering-{name}")));
    }
    // No owner names a leader here, so it is elected.
    let source = source_of("ordering-elected").replace("MajoritySequencer", "Sequencer");
    let elected = Scenario::parse("sequencer.ron", &source, Files::none());
    conforms("Sequencer", &elected.expect("it is right"));
}
