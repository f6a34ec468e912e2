//! Whatever peers and owners say, in whatever state: no machine panics, and
//! each keeps the promises that drivers rely on.

use rehearsal::sim::conformance;

use super::support::{LEAST, Sketch, Spans, paper, shipped, textbook, textbook_with};

#[test]
fn every_form_of_the_bully_conforms() {
    let limited = paper(3, 2).replace("tries: 3", "tries: 3, rate_limit: \"20ms\"");
    let forms = [
        textbook(2),
        textbook_with(2, "guard: false"),
        textbook_with(2, "one_round: true"),
        paper(5, 2),
        limited,
    ];
    for form in forms {
        for nodes in [1, 2, 3, 5] {
            let scenario = Sketch::of(&form, nodes, 0).scenario();
            let met = conformance::check(&scenario, 0..40).expect("it conforms");
            let is_met = met.timers > 500 && met.commands > 100 && met.restarts > 100;
            let has_peers = nodes == 1 || (met.delivered > 500 && met.mangled > 50);
            assert!(is_met && has_peers, "{form}, {nodes} nodes: {met:?}");
        }
    }
}

#[test]
fn the_papers_run_conforms() {
    let met = conformance::check(&shipped("paper"), 0..100).expect("it conforms");
    assert!(met.delivered > 5_000 && met.saves > 100, "{met:?}");
}

#[test]
fn the_hardened_machine_conforms_with_and_without_votes_fence_and_backoff() {
    for options in [
        "resource: 5",
        "majority: true, check_quorum: true",
        "majority: true, resource: 4, settle: \"70ms\"",
        "settle: \"300ms\"",
    ] {
        let sketch = Sketch::hardened(5, Spans { leader_wait: 70, ..LEAST }).with(options);
        let met = conformance::check(&sketch.scenario(), 0..60).expect("it conforms");
        assert!(met.delivered > 3_000 && met.mangled > 300, "{options}: {met:?}");
        assert!(met.restarts > 300 && met.commands > 300 && met.timers > 1_000, "{met:?}");
    }
}

#[test]
fn the_machine_of_1982_conforms() {
    let sketch = Sketch::garcia_molina(5, "100ms", "150ms");
    let met = conformance::check(&sketch.scenario(), 0..100).expect("it conforms");
    assert!(met.delivered > 5_000 && met.mangled > 500 && met.restarts > 500, "{met:?}");
    assert!(met.commands > 500 && met.timers > 1_000 && met.saves > 500, "{met:?}");
}
