//! Each planted bug is caught: a run that holds without it fails with it.

use rehearsal::machine::mutant;
use rehearsal::shipped::Chat;
use rehearsal::sim::Scenario;

use super::support::{chat, read, rehearse, shipped};

/// The run holds, and fails for this reason with the bug in.
#[track_caller]
fn assert_caught(name: &'static str, scenario: &Scenario<Chat>, reason: &str) {
    let report = rehearse(scenario, 0);
    assert!(report.held(), "{:?}", report.failure);
    let (report, is_reached) = mutant::with(name, || rehearse(scenario, 0));
    assert!(is_reached, "nobody asks for {name}");
    let failure = report.outcome.failure.unwrap_or_else(|| panic!("{name} is not caught"));
    assert_eq!(failure.reason, reason, "{failure:?}");
}

#[test]
fn a_lost_leader_that_nobody_misses_is_caught() {
    let reason = "a node does not follow the highest that is alive";
    assert_caught("NobodyNotices", &shipped("paper"), reason);
}

#[test]
fn a_number_that_is_not_saved_before_it_is_used_is_caught() {
    let reason = "a message has a number that is not saved";
    assert_caught("NumberUnsaved", &shipped("paper"), reason);
}

#[test]
fn a_second_copy_that_is_heard_as_a_new_message_is_caught() {
    let text = "(claim: \"a test\", nodes: 2, until: \"1s\",
        protocol: Chat((resend: \"40ms\", election: (
            form: Paper(answer_wait: \"20ms\", coordinator_wait: \"120ms\"), initial_leader: 2))),
        network: (delay: Fixed(\"10ms\"), duplicate: \"1/1\"),
        commands: [(at: \"1ms\", to: 1, command: Say(to: 2, text: \"hello\"))],
        expect: [Always(InOrder)])";
    assert_caught("HearsTwice", &read(text), "a user hears messages out of order");
}

#[test]
fn a_message_that_is_acknowledged_and_not_saved_is_caught() {
    let reason = "what is taken for delivered is not";
    assert_caught("HeardUnsaved", &shipped("paper"), reason);
}

/// 1 tells 2 two things, one right after the other.
fn two_messages(faults: &str, calm_at: &str) -> Scenario<Chat> {
    chat(&format!(
        "calm_at: \"{calm_at}\", faults: [({faults})],
        commands: [(at: \"1ms\", to: 1, command: Say(to: 2, text: \"first\")),
            (at: \"1ms\", to: 1, command: Say(to: 2, text: \"second\"))],
        expect: [Always(AcknowledgedIsHeard), Eventually(what: AllAcknowledged, within: \"1s\")]"
    ))
}

#[test]
fn an_acknowledgement_that_comes_twice_and_counts_twice_is_caught() {
    let twice = "when: Sends(from: 2, to: 1, kind: \"ack\"), do: Duplicate(\"1ms\")";
    let reason = "what is taken for delivered is not";
    assert_caught("StaleAck", &two_messages(twice, "50ms"), reason);
}

#[test]
fn a_message_that_waits_for_ever_behind_one_that_was_given_up_is_caught() {
    let silent = "at: \"0ms\", do: Cut([(1, 2)])";
    let reason = "somebody waits for an acknowledgement";
    assert_caught("QueueForgotten", &two_messages(silent, "300ms"), reason);
}

#[test]
fn a_message_that_is_said_without_end_to_one_that_is_gone_is_caught() {
    let silent = "at: \"0ms\", do: Crash(2)";
    let reason = "somebody waits for an acknowledgement";
    assert_caught("TriesForEver", &two_messages(silent, "300ms"), reason);
}

const WRONG_HISTORY: &str = "a history is not what its user has seen";

#[test]
fn a_remark_that_is_recalled_and_not_added_to_the_history_is_caught() {
    assert_caught("RecalledIsOld", &shipped("history"), WRONG_HISTORY);
}

#[test]
fn a_remark_that_is_recalled_and_added_to_the_history_again_is_caught() {
    assert_caught("RecalledIsNew", &shipped("history"), WRONG_HISTORY);
}

#[test]
fn a_user_that_sees_what_is_said_after_its_leaving_is_caught() {
    let reason = "a user sees what is said in another group";
    assert_caught("HearsAfterLeaving", &shipped("group-join"), reason);
}

#[test]
fn a_user_that_joins_before_its_joining_has_a_place_in_the_order_is_caught() {
    let reason = "a user sees what is said in another group";
    assert_caught("JoinsAtOnce", &shipped("sequencer-takeover"), reason);
}

#[test]
fn members_that_are_forgotten_at_a_restart_are_caught() {
    let reason = "two users know different members of a group";
    assert_caught("MemberUnsaved", &shipped("sequencer-takeover"), reason);
}
