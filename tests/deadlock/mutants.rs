//! Each planted bug is caught.

use rehearsal::machine::mutant;

use super::paper::shipped;
use super::resolution;
use super::support::{PERIOD, Sketch, central, planted, seeds};

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
    assert_caught_by("silent-victim", "ChoosesMeanwhile", reason);
}

#[test]
fn a_controller_that_chooses_what_a_silent_victim_waits_for_is_caught() {
    for sketch in resolution::silent_below_a_controller() {
        let reason = "a node gave up that was not deadlocked";
        assert_eq!(caught("ChoosesMeanwhile", &sketch), reason);
    }
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

#[test]
fn a_lock_that_forgets_its_holder_in_a_crash_is_caught() {
    let sketch = Sketch::new(6, central("Confirmed", ""))
        .with("model: And, locks: [4, 5], resend: \"50ms\"")
        .fault("every: Exponential(\"200ms\"), do: Bounce(node: 4, down: \"20ms\")")
        .expect("Always(OneHolder)");
    let reason = "a node holds a lock that is not lent to it";
    assert_eq!(caught("LentUnsaved", &sketch), reason);
}

#[test]
fn a_lock_that_takes_an_old_release_for_a_new_one_is_caught() {
    let reason = "a node holds a lock that is not lent to it";
    assert_eq!(caught("AnyRelease", &locks(ROUGH)), reason);
}

#[test]
fn a_process_that_counts_its_requests_anew_after_a_crash_is_caught() {
    let sketch = Sketch::new(3, central("Confirmed", "victims: Youngest"))
        .with("needs: [(node: 1, of: [2])], resend: \"50ms\"")
        .fault("at: \"2550ms\", do: Bounce(node: 1, down: \"20ms\")")
        .finished_in_the_end();
    assert_eq!(caught("RequestUnsaved", &sketch), "somebody waits");
}

#[test]
fn a_victim_that_gives_up_and_keeps_what_it_has_is_caught() {
    let sketch = Sketch::new(6, central("Confirmed", "victims: Youngest"))
        .with("model: And, locks: [4, 5]")
        .finished_in_the_end();
    assert_eq!(caught("KeepsWhatItHas", &sketch), "somebody waits");
}

#[test]
fn grants_in_flight_that_are_still_counted_as_needed_are_caught() {
    let sketch = Sketch::new(4, central("Confirmed", "")).expect("Always(NoPhantom)");
    assert_eq!(caught("GrantsUncounted", &sketch), "a deadlock was found that is none");
}

/// 1 and 2 wait for each other. While the leader is down, 2 ceases to; when it is back,
/// all nodes must learn of that.
fn leader_restarts(detector: &str) -> Sketch {
    Sketch::new(4, detector)
        .network("fifo: All")
        .requests(0, 1)
        .with("needs: [(node: 1, of: [2]), (node: 2, of: [1])]")
        .fault("at: \"1s\", do: Bounce(node: 4, down: \"20ms\")")
        .command("at: \"1010ms\", to: 2, command: Cancel")
        .calm_at(1_030)
        .expect("Eventually(what: KnownFree, within: \"400ms\")")
}

#[test]
fn a_leader_that_counts_its_rounds_anew_after_a_crash_is_caught() {
    let reason = "a node knows another verdict";
    assert_eq!(caught("CollectUnsaved", &leader_restarts(&central("Confirmed", ""))), reason);
    let snapshot = leader_restarts(&format!("Snapshot(period: \"{PERIOD}ms\")"));
    assert_eq!(caught("SnapshotUnsaved", &snapshot), reason);
}

#[test]
fn a_round_that_fails_and_is_not_repeated_is_caught() {
    assert_caught_by("probe-overtakes-request", "RoundsOnce", "a deadlock was missed");
}

#[test]
fn a_controller_that_takes_all_outside_for_free_is_caught() {
    let [.., (_, within, sketch)] = Sketch::others();
    let sketch = sketch.expect(&format!("Always(AllReported(\"{within}ms\"))"));
    assert_eq!(caught("OutsideIsFree", &sketch), "a deadlock was missed");
}

#[test]
fn a_label_that_is_told_twice_and_lost_twice_is_caught() {
    let lost = |nth| format!("when: Sends(kind: \"label\", nth: {nth}), do: Lose");
    let sketch = Sketch::new(2, "Labels(period: \"90ms\")")
        .requests(0, 1)
        .with("model: Single, needs: [(node: 1, of: [2]), (node: 2, of: [1])]");
    let sketch = (1..=4).fold(sketch, |sketch, nth| sketch.fault(&lost(nth)));
    let reported = "Eventually(what: CyclesReported(\"0ms\"), within: \"150ms\")";
    let sketch = sketch.calm_at(250).expect(reported);
    assert_eq!(caught("ToldTwice", &sketch), "a deadlock was missed");
}

#[test]
fn a_lock_that_stays_lent_to_one_that_has_forgotten_it_is_caught() {
    let sketch = Sketch::new(6, central("Confirmed", "victims: Youngest"))
        .with("model: And, locks: [4, 5], resend: \"50ms\"")
        .fault("every: Exponential(\"200ms\"), do: Bounce(node: 1, down: \"20ms\")")
        .finished_in_the_end();
    assert_eq!(caught("LentInSilence", &sketch), "somebody waits");
}

#[test]
fn a_request_that_is_made_once_and_lost_is_caught() {
    let sketch = Sketch::new(4, central("Confirmed", "victims: Youngest"))
        .with("resend: \"50ms\"")
        .network("loss: \"1/10\"")
        .finished_in_the_end();
    assert_eq!(caught("AsksOnce", &sketch), "somebody waits");
}

#[test]
fn smaller_labels_that_are_taken_over_hide_a_deadlock() {
    let [_, _, (_, within, sketch), ..] = Sketch::others();
    let sketch = sketch.expect(&format!("Always(CyclesReported(\"{within}ms\"))"));
    assert_eq!(caught("SmallerLabelPasses", &sketch), "a deadlock was missed");
}
