//! No input from any peer, in any state, makes the machine panic.

use rehearsal::sim::conformance;

use super::sketch::Sketch;

#[test]
fn the_hardened_machine_conforms_with_and_without_votes_fence_and_backoff() {
    let options = [
        "resource: 5",
        "majority: true, check_quorum: true",
        "majority: true, resource: 4, settle: \"70ms\"",
        "settle: \"300ms\"",
    ];
    for options in options {
        let scenario = Sketch { leader_wait: 70, ..Sketch::new(5) }.with(options).scenario();
        let met = conformance::check(&scenario, 0..60).expect("it conforms");
        assert!(met.delivered > 3_000 && met.mangled > 300, "{options}: {met:?}");
        assert!(met.restarts > 300 && met.commands > 300 && met.timers > 1_000, "{met:?}");
    }
}
