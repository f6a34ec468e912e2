//! Whatever peers and owners say, no node panics, and each keeps the promises that drivers
//! rely on.

use rehearsal::sim::conformance;

use crate::hunted;

#[test]
fn every_discipline_conforms() {
    for name in ["fifo", "broadcast", "matrix", "pairs", "skeen", "sequencer"] {
        let scenario = hunted(&format!("ordering-{name}"));
        let met = conformance::check(&scenario, 0..20).expect("it conforms");
        let is_met = met.delivered > 1_000 && met.mangled > 50 && met.restarts > 20;
        assert!(is_met && met.saves > 200, "{name}: {met:?}");
    }
}
