//! Who misses the leader, and who is missed for nothing.

use super::support::{chat, rehearse, told};

/// How many elections are called when 2 says something to this user, who is down.
fn elections_for(gone: u32) -> usize {
    let scenario = chat(&format!(
        "commands: [(at: \"20ms\", to: 2, command: Say(to: {gone}, text: \"hello\"))],
        faults: [(at: \"10ms\", do: Crash({gone}))], expect: []"
    ));
    let report = rehearse(&scenario, 1);
    let calls =
        |number| told(&report, number).iter().filter(|line| *line == "calls an election").count();
    (1..=3).map(calls).sum()
}

#[test]
fn whoever_cannot_reach_the_leader_calls_an_election() {
    assert_eq!(elections_for(3), 1);
}

#[test]
fn whoever_cannot_reach_another_user_does_not() {
    assert_eq!(elections_for(1), 0);
}

#[test]
fn the_chat_goes_on_with_the_new_leader() {
    let scenario = chat(
        "commands: [
            (at: \"20ms\", to: 2, command: Say(to: 3, text: \"are you there?\")),
            (at: \"500ms\", to: 1, command: Say(to: 2, text: \"so you lead\")),
            (at: \"600ms\", to: 2, command: Assign(to: 1, what: \"sweep\")),
        ], faults: [(at: \"10ms\", do: Crash(3))], expect: []",
    );
    let report = rehearse(&scenario, 1);
    assert_eq!(told(&report, 1).last().unwrap(), "works on n2's task 1: \"sweep\"");
    assert!(told(&report, 2).contains(&"hears n1: \"so you lead\"".to_owned()));
}
