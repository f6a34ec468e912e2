//! Users who need what others have, a leader who looks for deadlocks, and what
//! they are shown of it.

use rehearsal::shipped::Chat;
use rehearsal::sim::{Report, Scenario};

use super::support::{chat, chat_with, rehearse, told};

/// Three users, of which the last one leads; the first two need each other.
fn waiting(fields: &str) -> Scenario<Chat> {
    let resources = "resources: (
        detector: Confirmed(period: \"200ms\", window: \"40ms\", ask: \"20ms\"),
        needs: [(node: 1, of: [2]), (node: 2, of: [1])])";
    chat_with(resources, &format!("nodes: 3, until: \"2s\", expect: [], {fields}"))
}

/// What a user is shown of deadlocks.
fn verdicts(report: &Report<Chat>, number: usize) -> Vec<&str> {
    let lines = report.windows[number - 1].iter().map(String::as_str);
    lines.skip_while(|line| !line.starts_with("as n")).collect()
}

const DEADLOCK: [&str; 4] =
    ["as n3 has it:", "  n1 -> n2", "  n2 -> n1", "deadlock n1 -> n2 -> n1"];

#[test]
fn every_user_is_shown_the_edges_and_the_verdict_once_and_not_in_every_period() {
    let report = rehearse(&waiting(""), 1);
    let found = told(&report, 3);
    assert!(found.iter().filter(|line| line.starts_with("finds: deadlock")).count() > 5);
    for number in 1..=3 {
        let shown = verdicts(&report, number);
        assert_eq!(shown[shown.len() - 4..], DEADLOCK, "n{number}");
        let deadlocks = shown.iter().filter(|line| line.starts_with("deadlock"));
        assert_eq!(deadlocks.count(), 1, "n{number}: {shown:?}");
    }
}

#[test]
fn every_user_is_shown_when_it_is_over() {
    let cancel = "commands: [(at: \"1s\", to: 1, command: Resources(Cancel))]";
    let report = rehearse(&waiting(cancel), 1);
    for number in 1..=3 {
        let shown = verdicts(&report, number);
        let (before, after) = shown.split_at(shown.len() - 3);
        assert_eq!(before[before.len() - 1], DEADLOCK[3], "n{number}");
        assert_eq!(after, ["as n3 has it:", "  n2 -> n1", "no deadlock"], "n{number}");
    }
}

#[test]
fn whoever_leads_next_asks_anew_and_all_are_shown_what_it_finds() {
    let report = rehearse(
        &waiting(
            "commands: [(at: \"600ms\", to: 1, command: Say(to: 3, text: \"are you there?\"))],
            faults: [(at: \"500ms\", do: Crash(3))]",
        ),
        1,
    );
    assert!(told(&report, 2).iter().any(|line| line.starts_with("finds: deadlock")));
    for number in 1..=2 {
        let shown = &report.windows[number - 1];
        let of_next = shown.iter().rposition(|line| line == "as n2 has it:").expect("it is shown");
        // The leader's own edges come first.
        let expected = ["  n2 -> n1", "  n1 -> n2", DEADLOCK[3]];
        assert_eq!(shown[of_next + 1..][..3], expected, "n{number}");
    }
}

#[test]
fn who_leads_is_not_for_owners_of_resources_to_say() {
    let refused = |number: u32, command: &str| {
        let command = format!("(at: \"500ms\", to: {number}, command: Resources({command}))");
        let report = rehearse(&waiting(&format!("commands: [{command}]")), 1);
        let lines = told(&report, number);
        lines.into_iter().filter(|line| line.starts_with("refuses")).collect::<Vec<_>>()
    };
    let elected = ["refuses: who leads is for the chat's own election to say"];
    assert_eq!(refused(1, "Leader(1)"), elected);
    assert_eq!(refused(1, "Suspect"), elected);
    assert_eq!(refused(1, "Check"), ["refuses: only the leader looks for deadlocks"]);
    assert_eq!(refused(1, "Request(of: [3])"), ["refuses: it waits"]);
    assert!(refused(3, "Check").is_empty());
}

#[test]
fn where_there_are_no_resources_nobody_can_ask_for_them() {
    for command in ["Request(of: [2])", "Release", "Cancel", "Check", "Suspect", "Leader(1)"] {
        let command = format!("(at: \"1ms\", to: 1, command: Resources({command}))");
        let report = rehearse(&chat(&format!("commands: [{command}], expect: []")), 1);
        let refused = told(&report, 1).into_iter().find(|line| line.starts_with("refuses"));
        assert_eq!(refused.unwrap(), "refuses: there are no resources to ask for", "{command}");
    }
}
