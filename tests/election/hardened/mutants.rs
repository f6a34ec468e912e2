//! Each planted bug is caught: what holds without it fails with it.

use rehearsal::machine::mutant;

use super::{bound, fence, majority, stable, words};
use crate::mutants::{DISAGREEMENT, assert_caught, assert_found};
use crate::support::{LEAST, Sketch, Spans};

#[test]
fn where_the_last_word_wins_the_bound_is_broken() {
    assert_caught("LastWriterWins", &bound::late_word().scenario(), DISAGREEMENT);
}

const ENDLESS: &str = "epochs rise without end";

#[test]
fn whoever_asks_for_votes_without_support_is_outbid_over_a_cut_link_without_end() {
    let hub = stable::cut(3, &[(2, 3)], 500);
    assert_caught("NoPreVote", &hub.scenario(), ENDLESS);
}

#[test]
fn whoever_supports_a_lower_node_than_its_leader_takes_the_lead_from_it_without_end() {
    let hub = stable::cut(3, &[(2, 3)], 500);
    assert_caught("VotesAnew", &hub.scenario(), ENDLESS);
}

#[test]
fn a_node_that_cannot_lead_and_stands_in_the_way_leaves_all_without_a_leader() {
    let reason = "nobody leads";
    assert_caught("BarsTheWay", &stable::high_ends().scenario(), reason);
}

#[test]
fn an_epoch_that_is_not_saved_before_its_use_is_taken_again_after_a_crash() {
    // All go down before anybody else could tell the top of its own past.
    let sketch = Sketch::hardened(3, LEAST)
        .fault("when: Sends(from: 3, kind: \"coordinator\"), do: Bounce(node: 3, down: \"5ms\")")
        .expect("Always(EpochsRise)");
    assert_caught("SaveEpochAfterUse", &sketch.scenario(), "an epoch was taken twice");
}

#[test]
fn a_fence_that_lets_all_in_lets_a_leader_of_the_past_write() {
    assert_caught("OpenFence", &fence::slow_top().scenario(), "a leader of the past could write");
}

#[test]
fn whoever_does_not_heed_an_answer_leads_although_somebody_higher_is_there() {
    // The top answers twice, and both times the word that it leads is lost.
    let lost =
        |nth| format!("when: Sends(from: 3, to: 2, kind: \"coordinator\", nth: {nth}), do: Lose");
    let sketch =
        Sketch::hardened(3, LEAST).fault(lost(1)).fault(lost(2)).expect("Always(Unopposed)");
    let reason = "a node announced itself though one above it is alive";
    assert_caught("AnswerIgnored", &sketch.scenario(), reason);
}

#[test]
fn whoever_waits_for_ever_for_one_that_died_after_its_answer_is_left_without_a_leader() {
    let sketch = Sketch::hardened(3, LEAST)
        .fault("at: \"60ms\", do: Crash(3)")
        .fault("when: Sends(from: 2, to: 1, kind: \"answer\", nth: 2), do: Crash(2)")
        .calm(200, 1_000)
        .expect("Eventually(what: Agreed, within: \"101ms\")");
    assert_caught("WaitsForEver", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn where_only_followers_are_told_a_split_outlasts_its_healing() {
    let sketch = Sketch::hardened(3, LEAST)
        .fault("at: \"115ms\", do: Partition([[1, 2], [3]])")
        .calm(300, 3_000)
        .expect("Eventually(what: Agreed, within: \"101ms\")");
    assert_caught("HeartbeatToFollowers", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn the_sweep_finds_two_votes_for_one_term() {
    assert_found("TwoVotes", majority::voting, &["two lead in one term"]);
}

#[test]
fn a_vote_that_is_not_saved_is_given_twice() {
    assert_caught("VoteNotSaved", &words::forgetful_voter().scenario(), "two lead in one term");
}

#[test]
fn a_vote_for_a_lower_one_makes_it_lead_beside_the_top() {
    assert_caught("VoteForLower", &words::unheard_top().scenario(), "two nodes lead");
}

/// The check holds, and does not with the bug in.
#[track_caller]
fn assert_told(name: &'static str, check: impl Fn() -> bool) {
    assert!(check());
    let (holds, is_reached) = mutant::with(name, check);
    assert!(is_reached && !holds, "{name} is not caught");
}

#[test]
fn what_is_said_once_tells_these_apart() {
    assert_told("DenialIgnored", || words::led(&words::refused_top(), 3).contains(&(3, 3)));
    assert_told("NoRevote", || words::led(&words::asked_twice(), 3) == [(1, 3)]);
    assert_told("SettleCalls", || words::calls(&words::settling_follower(), 1) == 1);
}

#[test]
fn the_sweep_finds_an_epoch_that_is_saved_after_its_use() {
    let plan = |seed| majority::alone(seed).expect("Always(EpochsRise)");
    assert_found("SaveEpochAfterUse", plan, &["an epoch was taken twice"]);
}

#[test]
fn the_sweep_finds_a_torn_save_of_an_epoch_that_was_in_one_cell_alone() {
    let plan = |seed| majority::alone(seed).expect("Always(EpochsRise)");
    assert_found("OneCell", plan, &["an epoch was taken twice"]);
    let plan = |seed| majority::alone(seed).expect("Always(WritesInOrder)");
    assert_found("OneCell", plan, &["a leader of the past could write"]);
}

#[test]
fn the_sweep_finds_an_epoch_that_was_followed_and_is_forgotten() {
    let plan = |seed| majority::alone(seed).expect("Always(EpochsKept)");
    assert_found("FollowedForgotten", plan, &["a node has forgotten an epoch"]);
}

#[test]
fn half_of_the_votes_are_no_majority() {
    let sketch = Sketch::hardened(4, LEAST)
        .with("majority: true")
        .fault("at: \"0ms\", do: Partition([[1, 2], [3, 4]])")
        .expect("Always(OneLeaderPerTerm)");
    assert_caught("HalfIsEnough", &sketch.scenario(), "two lead in one term");
}

#[test]
fn the_sweep_finds_votes_for_a_past_term_that_count_for_a_later_one() {
    assert_found("StaleVotes", majority::voting, &["two lead in one term"]);
}

#[test]
fn an_epoch_that_a_restart_forgets_is_taken_again() {
    let sketch = Sketch::hardened(3, LEAST)
        .fault("when: Sends(from: 3, kind: \"coordinator\"), do: Bounce(node: 3, down: \"5ms\")")
        .expect("Always(EpochsRise)");
    assert_caught("EpochForgotten", &sketch.scenario(), "an epoch was taken twice");
}

#[test]
fn the_sweep_finds_a_fence_that_a_restart_opens() {
    let plan = |seed| majority::alone(seed).expect("Always(WritesInOrder)");
    assert_found("FenceUnsaved", plan, &["a leader of the past could write"]);
}

#[test]
fn a_leader_that_is_heard_once_is_missed_again_and_again() {
    let sketch = Sketch::hardened(3, LEAST).expect("Eventually(what: Agreed, within: \"101ms\")");
    assert_caught("LeadsOnceAnnounced", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn a_leader_that_its_followers_do_not_answer_steps_down_again_and_again() {
    let sketch = Sketch::hardened(3, Spans { leader_wait: 70, ..LEAST })
        .with("majority: true, check_quorum: true")
        .expect("Eventually(what: Agreed, within: \"101ms\")");
    assert_caught("FollowsSilently", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn a_leader_that_leads_on_beside_a_higher_one_follows_the_wrong_one() {
    let sketch = Sketch::hardened(3, LEAST)
        .fault("at: \"100ms\", do: Bounce(node: 3, down: \"200ms\")")
        .expect("Eventually(what: Agreed, within: \"101ms\")");
    assert_caught("LeadsOn", &sketch.scenario(), DISAGREEMENT);
}

#[test]
fn the_sweep_finds_that_the_older_of_two_saves_is_taken_for_the_latest() {
    let plan = |seed| majority::alone(seed).expect("Always(EpochsKept)");
    assert_found("FirstSlotWins", plan, &["a node has forgotten an epoch"]);
}
