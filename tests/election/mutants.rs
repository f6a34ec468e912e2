//! Each planted bug is caught: a run that holds without it fails with it.

use rehearsal::machine::mutant;
use rehearsal::shipped::Election;
use rehearsal::sim::Scenario;

use super::support::{Sketch, paper, rehearse, shipped, textbook};
use super::{handover, weather};

/// The run holds, and fails for this reason with the bug in.
#[track_caller]
pub(crate) fn assert_caught(name: &'static str, scenario: &Scenario<Election>, reason: &str) {
    rehearse(scenario, 1).assert_held();
    let (run, is_reached) = mutant::with(name, || rehearse(scenario, 1));
    assert!(is_reached, "nobody asks for {name}");
    assert_eq!(run.reason(), reason, "{name}: {:?}", run.failure);
}

/// The sweep finds the bug, for one of these reasons.
#[track_caller]
pub(crate) fn assert_found(name: &'static str, plan: impl Fn(u64) -> Sketch, reasons: &[&str]) {
    let caught = |seed: &u64| {
        let run = mutant::with(name, || plan(*seed).run_with(*seed)).0;
        run.failure.as_ref().is_some_and(|failure| reasons.contains(&&*failure.reason))
    };
    let seed = (1..=5_000).find(caught).unwrap_or_else(|| panic!("{name} is not caught"));
    println!("{name} is caught by seed {seed}");
    plan(seed).run_with(seed).assert_held();
}

pub(crate) const DISAGREEMENT: &str = "a node does not follow the highest that is alive";

/// 3 is silent from the start, while 2 and then 1 miss it; nobody may call two
/// elections in 300 ms.
fn two_miss_the_leader() -> Sketch {
    let form = "Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\", rate_limit: \"300ms\")";
    Sketch::of(form, 3, 1).suspects(2, 0).suspects(1, 20)
}

#[test]
fn whoever_does_not_heed_an_answer_leads_beside_a_higher_one() {
    let reason = "a node announced itself though one above it is alive";
    assert_caught("AnswerIgnored", &shipped("tanenbaum"), reason);
    let sketch = Sketch::of(textbook(3), 3, 1).suspects(1, 0).expect("Always(OneLeader)");
    assert_caught("AnswerIgnored", &sketch.scenario(), "two nodes lead");
}

#[test]
fn whoever_waits_for_ever_for_a_coordinator_never_hears_of_one() {
    assert_caught("WaitsForEver", &shipped("half-announced"), DISAGREEMENT);
}

#[test]
fn whoever_does_not_answer_while_limited_is_taken_for_dead() {
    let scenario = two_miss_the_leader().expect("Always(OneLeader)").scenario();
    assert_caught("SilentWhileLimited", &scenario, "two nodes lead");
}

#[test]
fn an_election_that_the_limit_forbids_must_be_made_up_for() {
    assert_caught("LimitForgets", &shipped("rate-limit"), DISAGREEMENT);
}

#[test]
fn whoever_returns_quietly_leads_beside_the_new_leader() {
    assert_caught("ReturnsQuietly", &shipped("top-recovers"), "two nodes lead");
}

#[test]
fn whoever_believes_one_below_itself_follows_the_wrong_one() {
    let sketch = Sketch::of("Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\")", 3, 0)
        .setting("initial_leader: 3")
        .fault("at: \"5ms\", do: Pause(node: 3, lasts: \"40ms\")")
        .suspects(1, 10)
        .calm_at(50)
        .expect("Always(NobodyBelow), Eventually(what: Agreed, within: \"100ms\")");
    let reason = "a node follows one below itself";
    assert_caught("AcceptsLower", &sketch.scenario(), reason);
}

#[test]
fn a_leader_that_does_not_heed_a_lower_announcement_is_forgotten_for_it() {
    let agreed = "Eventually(what: Agreed, within: \"100ms\")";
    for sketch in [handover::overlooked(), handover::crossing(paper(1, 10)).expect(agreed)] {
        assert_caught("LowerLeadsOn", &sketch.scenario(), DISAGREEMENT);
    }
}

#[test]
fn whoever_keeps_to_itself_that_it_announced_itself_too_late_misleads_others() {
    let agreed = "Eventually(what: Agreed, within: \"100ms\")";
    let scenario = handover::crossing(textbook(10)).expect(agreed).scenario();
    assert_caught("MisleadsQuietly", &scenario, DISAGREEMENT);
}

#[test]
fn whoever_is_deaf_to_its_owner_right_after_an_election_follows_the_dead() {
    let scenario = handover::short_reign().scenario();
    assert_caught("DeafWhileClosing", &scenario, DISAGREEMENT);
}

#[test]
fn whoever_names_the_last_that_answers_names_the_wrong_one() {
    let scenario = handover::late_lower_answer().scenario();
    assert_caught("NamesTheLast", &scenario, DISAGREEMENT);
}

#[test]
fn a_node_that_is_named_and_forgets_the_higher_one_that_came_meanwhile_leads_beside_it() {
    let agreed = "Eventually(what: Agreed, within: \"100ms\")";
    let scenario = handover::late_nomination().expect(agreed).scenario();
    assert_caught("HeedsLateNominations", &scenario, DISAGREEMENT);
}

#[test]
fn a_node_that_asks_the_next_one_alone_leads_beside_the_top_while_that_one_is_down() {
    let sketch = Sketch::of(textbook(3), 3, 0)
        .setting("initial_leader: 3")
        .fault("at: \"5ms\", do: Crash(2)")
        .suspects(1, 10)
        .calm_at(20)
        .expect("Always(OneLeader)");
    assert_caught("AsksOnlyNext", &sketch.scenario(), "two nodes lead");
}

#[test]
fn a_node_that_asks_again_and_sets_no_time_limit_waits_for_the_dead() {
    let sketch = Sketch::of(paper(2, 3), 3, 1).suspects(1, 0);
    assert_caught("RetryUnarmed", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn the_lowest_must_be_told_who_leads_too() {
    let sketch = Sketch::of(textbook(3), 3, 1).suspects(2, 0);
    assert_caught("LowestUntold", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn an_election_made_up_for_in_vain_shows_in_the_count() {
    let cost = || handover::overtaken_by_a_leader().run().counts();
    let (with_bug, is_reached) = mutant::with("MakesUpInVain", cost);
    assert!(is_reached);
    assert_eq!((cost()[0], with_bug[0]), (11, 13));
}

#[test]
fn without_the_guard_the_count_of_messages_tells() {
    let cost = || Sketch::of(textbook(3), 8, 1).suspects(1, 0).run().counts();
    assert_eq!(cost(), [28, 21, 6]);
    let (cost, is_reached) = mutant::with("NoGuard", cost);
    assert!(is_reached);
    assert_eq!(cost, [127, 63, 192]);
}

#[test]
fn rough_weather_alone_finds_the_bugs_that_are_not_about_a_wait() {
    assert_eq!(weather::first_broken(1..=20), None);
    for name in ["AnswerIgnored", "ReturnsQuietly"] {
        let (seed, _) = mutant::with(name, || weather::first_broken(1..=20));
        assert!(seed.is_some(), "{name} is not caught");
    }
}
