//! Each planted bug is caught.

use rehearsal::machine::mutant;

use super::paper::shipped;
use super::support::{Sketch, central, planted, seeds};

/// The reason why some run fails with the bug in; without it all hold.
fn caught(name: &'static str, sketch: &Sketch) -> String {
    let seeds = seeds(60);
    for seed in 1..=seeds {
        let run = sketch.run(seed);
        assert!(run.held(), "without {name}, seed {seed}: {:?}", run.failure);
        let (run, is_reached) = mutant::with(name, || sketch.run(seed));
        if let Some(failure) = run.outcome.failure {
            assert!(is_reached, "nobody asks for {name}");
            return failure.reason;
        }
    }
    panic!("{name} is not caught in {seeds} runs")
}

/// Verdicts that come late or twice meet victims that have gone on.
const ROUGH: &str = "duplicate: \"1/4\", reorder: (share: \"1/4\", by: \"300ms\")";

fn locks(network: &str) -> Sketch {
    Sketch::new(6, central("Confirmed", "victims: Youngest"))
        .with("model: And, locks: [4, 5], restart: (\"5ms\", \"60ms\")")
        .network(network)
        .expect("Always(OneHolder), Always(VictimsDeadlocked), Always(NoPhantom)")
}

#[test]
fn a_lock_that_is_lent_to_two_at_once_is_caught() {
    let reason = "a node holds a lock that is not lent to it";
    assert_eq!(caught("LendsTwice", &locks(ROUGH)), reason);
}

#[test]
fn a_victim_that_gives_up_another_request_than_the_one_it_was_told_of_is_caught() {
    let reason = "a node gave up that was not deadlocked";
    assert_eq!(caught("AbortsBlindly", &locks(ROUGH)), reason);
}

#[test]
fn a_leader_that_believes_one_end_of_an_edge_is_caught() {
    let sketch = Sketch::new(4, central("Confirmed", "")).expect("Always(NoPhantom)");
    assert_eq!(caught("OneTable", &sketch), "a deadlock was found that is none");
}

#[test]
fn a_leader_that_forgets_whom_it_has_condemned_is_caught() {
    let reason = caught("ForgetsVictims", &locks(ROUGH));
    assert_eq!(reason, "a deadlock was found that is none");
}

/// A story holds, and fails for this reason with the bug in.
#[track_caller]
fn assert_caught_by(story: &str, name: &'static str, reason: &str) {
    let report = shipped(story);
    assert!(report.held(), "{:?}", report.failure);
    let report = planted(name, || shipped(story));
    assert_eq!(report.outcome.failure.expect("the bug is caught").reason, reason);
}

#[test]
fn a_leader_that_chooses_more_victims_before_the_first_have_given_up_is_caught() {
    let reason = "a node gave up that was not deadlocked";
    assert_caught_by("late-verdict", "ChoosesMeanwhile", reason);
}

#[test]
fn a_grant_that_is_forgotten_in_a_crash_is_caught() {
    assert_caught_by("granter-restarts", "GrantUnsaved", "somebody is deadlocked");
}

#[test]
fn victims_that_are_more_than_is_needed_are_caught() {
    let reason = caught("NeedlessVictims", &locks(ROUGH));
    assert_eq!(reason, "a node gave up that was not deadlocked");
}
