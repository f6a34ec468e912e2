//! A leader's tasks, and who does them.

use super::support::{chat, rehearse, told};

/// What the leader told of tasks after these commands with these faults, without what could not be
/// said.
fn tasks(commands: &str, faults: &str) -> Vec<String> {
    let fields = format!("commands: [{commands}], faults: [{faults}], expect: []");
    let lines = told(&rehearse(&chat(&fields), 1), 3).into_iter();
    lines.filter(|line| line.contains("task") && !line.starts_with("could not")).collect()
}

/// The leader gives 1 a task, and later tells 1 and 2 something.
const GIVEN: &str = "(at: \"20ms\", to: 3, command: Assign(to: 1, what: \"sweep\")),
    (at: \"200ms\", to: 3, command: Say(to: 1, text: \"well?\")),
    (at: \"400ms\", to: 3, command: Say(to: 2, text: \"well?\"))";

const TO_1: &str = "assigns n3's task 1: \"sweep\" to n1";
const TO_2: &str = "assigns n3's task 1: \"sweep\" to n2";
const TO_NOBODY: &str = "finds nobody for n3's task 1: \"sweep\"";

#[test]
fn a_task_stays_with_a_user_who_answers() {
    assert_eq!(tasks(GIVEN, ""), [TO_1]);
}

#[test]
fn a_task_that_cannot_be_given_goes_to_the_next_user() {
    assert_eq!(tasks(GIVEN, "(at: \"10ms\", do: Crash(1))"), [TO_1, TO_2]);
}

#[test]
fn a_task_whose_user_goes_later_is_given_again() {
    assert_eq!(tasks(GIVEN, "(at: \"100ms\", do: Crash(1))"), [TO_1, TO_2]);
}

#[test]
fn a_task_that_nobody_is_there_for_is_given_to_each_once() {
    let faults = "(at: \"10ms\", do: Crash(1)), (at: \"10ms\", do: Crash(2))";
    assert_eq!(tasks(GIVEN, faults), [TO_1, TO_2, TO_NOBODY]);
}

#[test]
fn a_user_finishes_its_tasks_in_their_order() {
    let lines = tasks(
        "(at: \"20ms\", to: 3, command: Assign(to: 1, what: \"sweep\")),
        (at: \"30ms\", to: 3, command: Assign(to: 1, what: \"wash\")),
        (at: \"200ms\", to: 1, command: Finish),
        (at: \"300ms\", to: 1, command: Finish),
        (at: \"400ms\", to: 1, command: Finish)",
        "",
    );
    let done = |number, what| format!("knows that n1 has done n3's task {number}: {what:?}");
    assert_eq!(lines[2..], [done(1, "sweep"), done(2, "wash")]);
}

#[test]
fn tasks_have_numbers_of_their_own_across_restarts() {
    let scenario = chat(
        "commands: [
            (at: \"20ms\", to: 3, command: Assign(to: 1, what: \"sweep\")),
            (at: \"800ms\", to: 3, command: Assign(to: 1, what: \"wash\")),
        ],
        faults: [(at: \"100ms\", do: Bounce(node: 3, down: \"10ms\"))], expect: []",
    );
    let lines = told(&rehearse(&scenario, 1), 1);
    let works: Vec<_> = lines.iter().filter(|line| line.starts_with("works")).collect();
    assert_eq!(works, ["works on n3's task 1: \"sweep\"", "works on n3's task 2: \"wash\""]);
}

const DONE_BY_1: &str = "knows that n1 has done n3's task 1: \"sweep\"";

/// 1 is to sweep, and finishes at 600 ms.
const FINISHED: &str = "(at: \"20ms\", to: 3, command: Assign(to: 1, what: \"sweep\")),
    (at: \"600ms\", to: 1, command: Finish),
    (at: \"900ms\", to: 1, command: Finish)";

#[test]
fn whoever_has_a_task_has_it_after_a_restart() {
    let faults = "(at: \"100ms\", do: Bounce(node: 1, down: \"10ms\"))";
    assert_eq!(tasks(FINISHED, faults), [TO_1, DONE_BY_1]);
}

#[test]
fn whoever_gave_a_task_sees_to_it_after_a_restart() {
    let faults = "(at: \"100ms\", do: Bounce(node: 3, down: \"10ms\"))";
    assert_eq!(tasks(FINISHED, faults), [TO_1, TO_1, DONE_BY_1]);
}

#[test]
fn what_could_not_be_told_to_be_done_can_be_finished_once_more() {
    let faults = "(at: \"590ms\", do: OneWay(from: [1], to: [3])), (at: \"800ms\", do: Heal)";
    assert_eq!(tasks(FINISHED, faults), [TO_1, DONE_BY_1]);
}

#[test]
fn a_task_that_waits_its_turn_is_not_handed_on_with_what_is_before_it() {
    let commands = "(at: \"20ms\", to: 3, command: Say(to: 1, text: \"are you there?\")),
        (at: \"30ms\", to: 3, command: Assign(to: 1, what: \"sweep\"))";
    let faults = "(at: \"10ms\", do: Crash(1)), (at: \"125ms\", do: Restart(1))";
    assert_eq!(tasks(commands, faults), [TO_1]);
}

#[test]
fn whoever_was_ever_to_do_a_task_may_have_done_it() {
    // 1 has the task, but cannot say so: it goes to 2 as well.
    let faults = "(at: \"10ms\", do: OneWay(from: [1], to: [3])), (at: \"400ms\", do: Heal)";
    assert_eq!(tasks(FINISHED, faults), [TO_1, TO_2, DONE_BY_1]);
}
