//! Whatever peers and owners say, in whatever state: no machine panics, and
//! each keeps the promises that drivers rely on.

use rehearsal::sim::conformance;

use super::support::{Sketch, paper, shipped, textbook, textbook_with};

#[test]
fn every_form_conforms() {
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
            let scenario = Sketch::of(&form, nodes, 0).scenario().expect("a right scenario");
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
