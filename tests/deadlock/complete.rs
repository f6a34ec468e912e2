//! Whoever is deadlocked is found within the exact bound: the last request has
//! arrived, the next collect begins, and is over.

use super::support::{MODELS, MOST, PERIOD, Sketch, WINDOW, central, seeds, verdicts};

/// A message, a period and a collect, in milliseconds.
const BOUND: u64 = MOST + PERIOD + WINDOW;

/// In how many runs not all of these have been found within this bound.
fn misses(name: &str, property: &str, bound: u64, sketch: &Sketch) -> u64 {
    let expect = format!("Always({property}(\"{bound}ms\")), Sometimes(SomebodyDeadlocked)");
    let sketch = sketch.clone().expect(&expect);
    let (mut missed, mut deadlocks) = (0, 0);
    for seed in 1..=seeds(60) {
        let run = sketch.run(seed);
        missed += u64::from(run.failure.is_some());
        deadlocks += u64::from(run.since[1].is_some());
    }
    println!("{name}: {missed} of {deadlocks} runs with deadlocks missed one");
    assert!(deadlocks > 0, "{name}: nothing was put to the test");
    missed
}

const ALL: &str = "AllReported";
const CYCLES: &str = "CyclesReported";

#[test]
fn one_collect_of_both_tables_misses_nobody_in_any_model() {
    for model in MODELS {
        let sketch = Sketch::new(4, central("Confirmed", "")).with(&format!("model: {model}"));
        assert_eq!(misses(&format!("Confirmed, {model}"), ALL, BOUND, &sketch), 0, "{model}");
    }
}

#[test]
fn the_bound_is_not_far_from_what_is_needed() {
    let sketch = Sketch::new(4, central("Confirmed", ""));
    assert!(misses("within less than the bound", ALL, BOUND - WINDOW - 5, &sketch) > 0);
}

#[test]
fn two_collects_of_lists_miss_no_cycle() {
    let sketch = Sketch::new(4, central("TwoPhase", "")).with("model: And");
    assert_eq!(misses("TwoPhase", CYCLES, BOUND + WINDOW, &sketch), 0);
}

#[test]
fn every_other_detector_finds_each_cycle_within_a_bound_of_its_own() {
    for (name, bound, sketch) in Sketch::others() {
        assert_eq!(misses(name, CYCLES, bound, &sketch), 0, "{name}, {bound} ms");
    }
}

#[test]
fn questions_find_everybody_who_is_deadlocked() {
    let (_, bound, sketch) = &Sketch::others()[1];
    assert_eq!(misses("diffusing, everybody", ALL, *bound, sketch), 0);
}

#[test]
fn probes_that_wait_for_their_requests_take_no_longer_where_they_overtake_them() {
    let (_, bound, sketch) = &Sketch::others()[0];
    let sketch = sketch.clone().without_order().detector_field("overtaken: Holds");
    assert_eq!(misses("chasing, holds", CYCLES, *bound, &sketch), 0);
}

#[test]
fn the_rule_as_it_is_printed_misses_them() {
    let sketch = Sketch::new(4, central("Paper", "as_printed: true")).with("model: And");
    assert!(misses("as printed", CYCLES, BOUND, &sketch) > 0);
}

/// With a node that is down no collect is over before its time limit.
#[test]
fn with_the_shortest_spans_that_are_read_there_are_verdicts() {
    let tree = "controllers: [(node: 4, of: [3]), (node: 3, of: [1, 2])], ";
    let spans = |period: u32| format!("period: \"{period}ms\", window: \"40ms\", ask: \"30ms\"");
    for (detector, is_down) in [
        (format!("Paper({})", spans(41)), true),
        (format!("TwoPhase({})", spans(81)), true),
        (format!("Confirmed({})", spans(41)), true),
        (format!("Hierarchy({tree}{})", spans(81)), true),
        ("Snapshot(period: \"60ms\")".to_owned(), false),
        ("Diffusing(period: \"160ms\"), model: Single".to_owned(), false),
    ] {
        let needs = [(1, 2), (2, 3), (3, 4), (4, 1)]
            .map(|(node, of)| format!("(node: {node}, of: [{of}])"));
        let mut sketch = Sketch::new(4, detector.clone())
            .with(&format!("needs: [{}]", needs.join(", ")))
            .requests(0, 1)
            .static_network()
            .until(1_000);
        if is_down {
            sketch = sketch.fault("at: \"5ms\", do: Crash(3)");
        }
        let run = sketch.run(0);
        assert!((1..=4).any(|number| verdicts(&run, number).next().is_some()), "{detector}");
    }
}

#[test]
fn whoever_leads_next_finds_those_whom_the_last_leader_did_not() {
    // Election bound of the hardened form from its spans: d, max(F, W), T.
    let (heartbeat, leader_wait, answer_wait) = (50, 50 + MOST + 1, 2 * MOST + 1);
    let coordinator_wait = answer_wait + 2 * MOST;
    let elected = 2 * MOST + leader_wait.max(coordinator_wait) + answer_wait;
    let bound = MOST + elected + PERIOD + WINDOW;
    let mut deadlocks = 0;
    for seed in 1..=seeds(60) {
        let sketch = Sketch::new(5, central("Confirmed", ""))
            .election(&format!(
                "form: Hardened(answer_wait: \"{answer_wait}ms\", \
                 coordinator_wait: \"{coordinator_wait}ms\", heartbeat: \"{heartbeat}ms\", \
                 leader_wait: \"{leader_wait}ms\")"
            ))
            .requests(40, 20)
            .fault(&format!("at: \"{}ms\", do: Crash(5)", 200 + seed * 37 % 1_000))
            .calm_at(2_500)
            .until(4_000)
            .expect("Always(NoPhantom), Sometimes(SomebodyDeadlocked)")
            .expect(&format!("Eventually(what: AllReported(\"0ms\"), within: \"{bound}ms\")"));
        let run = sketch.run(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
        deadlocks += u64::from(run.since[1].is_some());
    }
    assert!(deadlocks > 0, "nothing was put to the test");
}
