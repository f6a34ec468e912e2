//! The paper's third task, as it is told there.

use std::path::Path;

use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Keep, Options, Owner as _, Report, Scenario, run};

use super::support::{Sketch, node, verdicts};

const PAPERS_FILE: &str = "1 3\n1 6\n1 4\n3 5\n3 6\n";

pub(crate) fn shipped(name: &str) -> Report<Deadlock> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/deadlock");
    let scenario = Scenario::open(&folder.join(name).with_extension("ron")).expect("a scenario");
    run(&scenario, Options::seed(0).keep(Keep::Verdict))
}

#[test]
fn the_leader_keeps_the_papers_file_and_finds_no_deadlock() {
    let report = shipped("paper");
    let leader = report.world.machine(node(6)).expect("it is up");
    let files = Deadlock::files(leader);
    let (name, text) = &files[0];
    assert_eq!((name.as_str(), text.as_str()), ("tpoint.txt", PAPERS_FILE));
    let first = verdicts(&report, 6).next().expect("a collect is over");
    assert_eq!(first.to_string(), "no deadlock");
    assert!(Deadlock::files(report.world.machine(node(1)).expect("it is up")).is_empty());
}

#[test]
fn every_user_is_shown_what_it_needs_the_edges_and_the_verdict() {
    let report = shipped("paper-one-edge-more");
    let edges = ["n1 -> n3", "n1 -> n6", "n1 -> n4", "n3 -> n5", "n3 -> n6", "n5 -> n1"];
    let edges = edges.map(|edge| format!("  {edge}"));
    for (number, needs) in (1..).zip(["n3, n6, n4", "", "n5, n6", "", "n1", ""]) {
        let window = Deadlock::window(report.world.machine(node(number)).expect("it is up"));
        assert_eq!(window[0], format!("waits for [{needs}]"));
        assert_eq!(window[2..8], edges, "n{number}");
        assert_eq!(window[8], "deadlock n1 -> n3 -> n5 -> n1", "n{number}");
    }
}

/// The verdict on the paper's example with one edge more.
fn with_edge(detector: &str, from: u32, to: u32) -> String {
    let mut needs = vec![(1, vec![3, 6, 4]), (3, vec![5, 6])];
    needs.push((from, vec![to]));
    let needs: Vec<_> =
        needs.iter().map(|(node, of)| format!("(node: {node}, of: {of:?})")).collect();
    let sketch = Sketch::new(6, detector)
        .with(&format!("needs: [{}]", needs.join(", ")))
        .requests(0, 1)
        .until(200)
        .static_network();
    verdicts(&sketch.run(0), 6).last().expect("two collects are over").to_string()
}

const CONFIRMED: &str = "Confirmed(period: \"90ms\", window: \"40ms\", ask: \"41ms\")";
const PRINTED: &str = "Paper(as_printed: true, period: \"90ms\", window: \"40ms\", ask: \"41ms\")";

#[test]
fn one_edge_more_makes_a_deadlock_or_none() {
    assert_eq!(with_edge(CONFIRMED, 5, 1), "deadlock n1 -> n3 -> n5 -> n1");
    assert_eq!(with_edge(CONFIRMED, 6, 3), "deadlock n3 -> n6 -> n3, behind n1");
    assert_eq!(with_edge(CONFIRMED, 6, 1), "deadlock n1 -> n6 -> n1, on cycles too n3");
    assert_eq!(with_edge(CONFIRMED, 4, 2), "no deadlock");
}

#[test]
fn the_rule_as_it_is_printed_says_no_to_all_of_them() {
    for (from, to) in [(5, 1), (6, 3), (6, 1), (4, 2)] {
        assert_eq!(with_edge(PRINTED, from, to), "no deadlock", "{from} -> {to}");
    }
}

/// How many asks and reports a first collect takes, all answering at once.
fn cost(detector: &str, nodes: u32) -> (u64, u64, u64) {
    let sketch = Sketch::new(nodes, detector).requests(0, 1).until(85).static_network();
    let tally = sketch.run(0).outcome.tally;
    (tally.sent_of("ask"), tally.sent_of("report"), tally.sent_of("verdict"))
}

#[test]
fn a_collect_takes_a_question_and_a_report_from_everybody_and_two_phases_take_two() {
    let two_phase = "TwoPhase(period: \"90ms\", window: \"40ms\", ask: \"41ms\")";
    let paper = "Paper(period: \"90ms\", window: \"40ms\", ask: \"41ms\")";
    for nodes in 1..=20 {
        let others = u64::from(nodes) - 1;
        assert_eq!(cost(CONFIRMED, nodes), (others, others, others), "{nodes} nodes");
        assert_eq!(cost(paper, nodes), (others, others, others), "{nodes} nodes");
        assert_eq!(cost(two_phase, nodes), (2 * others, 2 * others, others), "{nodes} nodes");
    }
}
