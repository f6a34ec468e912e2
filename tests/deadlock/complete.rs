//! Whoever is deadlocked is found within the exact bound: the last request has
//! arrived, the next collect begins, and is over.

use super::support::{MODELS, MOST, PERIOD, Sketch, WINDOW, central, seeds};

/// A message, a period and a collect, in milliseconds.
const BOUND: u64 = MOST + PERIOD + WINDOW;

fn misses(name: &str, sketch: &Sketch) -> u64 {
    let (mut missed, mut deadlocks) = (0, 0);
    for seed in 1..=seeds(200) {
        let run = sketch.run(seed);
        missed += u64::from(run.failure.is_some());
        deadlocks += u64::from(run.since[1].is_some());
    }
    println!("{name}: {missed} of {deadlocks} runs with deadlocks missed one");
    assert!(deadlocks > 0, "{name}: nothing was put to the test");
    missed
}

#[test]
fn one_collect_of_both_tables_misses_nobody_in_any_model() {
    for model in MODELS {
        let sketch = Sketch::new(4, central("Confirmed", ""))
            .with(&format!("model: {model}"))
            .expect(&format!("Always(AllReported(\"{BOUND}ms\")), Sometimes(SomebodyDeadlocked)"));
        assert_eq!(misses(&format!("Confirmed, {model}"), &sketch), 0, "{model}");
    }
}

#[test]
fn the_bound_is_not_far_from_what_is_needed() {
    let short = BOUND - WINDOW - 5;
    let sketch = Sketch::new(4, central("Confirmed", ""))
        .expect(&format!("Always(AllReported(\"{short}ms\")), Sometimes(SomebodyDeadlocked)"));
    assert!(misses("within less than the bound", &sketch) > 0);
}

#[test]
fn two_collects_of_lists_miss_no_cycle() {
    let bound = BOUND + WINDOW;
    let sketch = Sketch::new(4, central("TwoPhase", ""))
        .with("model: And")
        .expect(&format!("Always(CyclesReported(\"{bound}ms\")), Sometimes(SomebodyDeadlocked)"));
    assert_eq!(misses("TwoPhase", &sketch), 0);
}

#[test]
fn every_other_detector_finds_each_cycle_within_a_bound_of_its_own() {
    for (name, bound, sketch) in Sketch::others() {
        let sketch = sketch
            .expect(&format!("Always(CyclesReported(\"{bound}ms\"))"))
            .expect("Sometimes(SomebodyDeadlocked)");
        assert_eq!(misses(&format!("{name}, {bound} ms"), &sketch), 0, "{name}");
    }
}

#[test]
fn questions_find_everybody_who_is_deadlocked() {
    let (_, bound, sketch) = &Sketch::others()[1];
    let sketch = sketch
        .clone()
        .expect(&format!("Always(AllReported(\"{bound}ms\")), Sometimes(SomebodyDeadlocked)"));
    assert_eq!(misses("diffusing, everybody", &sketch), 0);
}

#[test]
fn probes_that_wait_for_their_requests_take_no_longer_where_they_overtake_them() {
    let (_, bound, sketch) = &Sketch::others()[0];
    let sketch =
        sketch.clone().without_order().detector_field("overtaken: Holds").expect(&format!(
            "Always(CyclesReported(\"{bound}ms\")), Sometimes(SomebodyDeadlocked)"
        ));
    assert_eq!(misses("chasing, holds", &sketch), 0);
}

#[test]
fn the_rule_as_it_is_printed_misses_them() {
    let sketch = Sketch::new(4, central("Paper", "as_printed: true"))
        .with("model: And")
        .expect(&format!("Always(CyclesReported(\"{BOUND}ms\")), Sometimes(SomebodyDeadlocked)"));
    assert!(misses("as printed", &sketch) > 0);
}

#[test]
fn whoever_leads_next_finds_those_whom_the_last_leader_did_not() {
    // Election bound of the hardened form from its spans: d, max(F, W), T.
    let (heartbeat, leader_wait, answer_wait) = (50, 50 + MOST + 1, 2 * MOST + 1);
    let coordinator_wait = answer_wait + 2 * MOST;
    let elected = 2 * MOST + leader_wait.max(coordinator_wait) + answer_wait;
    let bound = MOST + elected + PERIOD + WINDOW;
    let mut deadlocks = 0;
    for seed in 1..=seeds(200) {
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
