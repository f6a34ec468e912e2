//! The shortest spans that the loader reads suffice.

use rehearsal::protocol::deadlock::{Output, SiteOutput};
use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Files, Keep, Options, Scenario, run};

use super::support::node;

const ELECTION: &str = "election: (form: Textbook(answer_wait: \"20ms\", \
                        coordinator_wait: \"40ms\"), initial_leader: 4)";

/// With a node that is down no collect is over before its time limit.
#[test]
fn with_the_shortest_spans_that_are_read_there_are_verdicts() {
    let tree = "controllers: [(node: 4, of: [3]), (node: 3, of: [1, 2])], ";
    let spans = |period: u32| format!("period: \"{period}ms\", window: \"20ms\", ask: \"15ms\"");
    for detector in [
        format!("Paper({})", spans(21)),
        format!("TwoPhase({})", spans(41)),
        format!("Confirmed({})", spans(21)),
        format!("Hierarchy({tree}{})", spans(41)),
    ] {
        assert!(is_found_by(&detector, "(at: \"5ms\", do: Crash(3))"), "{detector}");
    }
    assert!(is_found_by("Snapshot(period: \"30ms\")", ""));
    assert!(is_found_by("Diffusing(period: \"80ms\"), model: Single", ""));
}

/// Whether somebody finds something within the first second.
fn is_found_by(detector: &str, faults: &str) -> bool {
    let text = format!(
        "(claim: \"a test\", nodes: 4, until: \"1s\", network: (delay: Fixed(\"10ms\")), faults: [{faults}],
        protocol: Deadlock((
            detector: {detector}, {ELECTION},
            needs: [(node: 1, of: [2]), (node: 2, of: [3]), (node: 3, of: [4]), (node: 4, of: [1])],
        )), expect: [])"
    );
    let scenario = Scenario::<Deadlock>::parse("test.ron", &text, Files::none());
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let report = run(&scenario, Options::seed(0).keep(Keep::Verdict));
    (1..=4)
        .flat_map(|number| report.world.outputs(node(number)))
        .any(|told| matches!(told, SiteOutput::Detector(Output::Finds(_))))
}
