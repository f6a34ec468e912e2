//! Whatever peers and owners say, in whatever state: no site panics, and each
//! keeps the promises that drivers rely on.

mod detectors;

use rehearsal::sim::conformance;

use super::support::{MODELS, Sketch, central};

#[test]
fn every_detector_conforms_in_every_model() {
    for detector in ["Paper", "TwoPhase", "Confirmed"] {
        for model in MODELS {
            let scenario = Sketch::new(5, central(detector, ""))
                .with(&format!("model: {model}, locks: [4], resend: \"30ms\""))
                .scenario();
            let met = conformance::check(&scenario, 0..20).expect("it conforms");
            let is_met = met.delivered > 1_000 && met.mangled > 100 && met.restarts > 30;
            assert!(is_met && met.timers > 100, "{detector}, {model}: {met:?}");
        }
    }
}

#[test]
fn a_site_with_victims_conforms() {
    let scenario = Sketch::new(5, central("Confirmed", "victims: Youngest"))
        .with("locks: [4], resend: \"30ms\"")
        .scenario();
    let met = conformance::check(&scenario, 0..60).expect("it conforms");
    assert!(met.delivered > 3_000 && met.saves > 300, "{met:?}");
}
