//! What stands in one line: a fate is never cut, a late message says when it was sent, a save
//! tells what it changes.

use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::network::Lost;
use rehearsal_sim::plan::{Decision, MessageKey};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::story;
use rehearsal_sim::trace::{Event, EventKind, Trace};
use unicode_width::UnicodeWidthStr as _;

use crate::ballot::Ballots;
use crate::{played, scenario, told, usual};

const THREE: &str = r#"nodes: 3, until: "350ms""#;

fn of_ballots(rest: &str, decisions: &[(&str, Decision)]) -> String {
    let scenario = scenario::<Ballots>("Ballots(())", &format!("{THREE}, {rest}"));
    told(&scenario, &played(&scenario, decisions).outcome, &usual()).text
}

/// Is there this line, perhaps with roles at its right?
#[track_caller]
fn has(story: &str, line: &str) {
    let is_role = |word: &str| ["-", ".", "x", "C", "F1"].contains(&word);
    let is_it = |told: &str| {
        told.strip_prefix(line).is_some_and(|roles| roles.split_whitespace().all(is_role))
    };
    assert!(story.lines().any(is_it), "no line `{line}` in\n{story}");
}

#[test]
fn a_message_that_a_fault_delays_says_so_where_it_is_sent_and_where_it_arrives() {
    let delayed = r#"network: (delay: Fixed("10ms")), faults: [
        (when: Sends(from: 1, to: 2, kind: "ballot"), do: Delay("45ms")),
    ]"#;
    let story = of_ballots(delayed, &[]);
    has(&story, "           -> n2  ballot 1  delayed to 145ms");
    has(&story, " 145  n2   <- n1  ballot 1  sent at 100ms");
    has(&story, "           -> n3  ballot 1");
    has(&story, " 110  n3   <- n1  ballot 1");
}

#[test]
fn a_delay_within_the_networks_own_is_no_late_one() {
    let story = of_ballots(
        r#"network: (delay: Uniform("5ms", "60ms"))"#,
        &[("n1->n2:ballot#1", Decision::Delay(TimeSpan::from_millis(60)))],
    );
    has(&story, " 160  n2   <- n1  ballot 1");
    assert!(!story.contains("delayed to"), "{story}");
}

#[test]
fn a_message_that_another_one_has_overtaken_says_when_it_was_sent() {
    let story = of_ballots(
        r#"network: (delay: Uniform("5ms", "150ms"))"#,
        &[("n1->n2:ballot#1", Decision::Delay(TimeSpan::from_millis(150)))],
    );
    has(&story, " 205  n2   <- n1  ballot 2");
    has(&story, " 250  n2   <- n1  ballot 1  sent at 100ms");
}

#[test]
fn a_message_that_was_held_says_when_it_was_sent() {
    let story = of_ballots(
        r#"network: (delay: Fixed("10ms")), faults: [
            (at: "50ms", do: Hold(from: 1, to: 2)),
            (at: "180ms", do: Release(from: 1, to: 2)),
        ]"#,
        &[],
    );
    has(&story, "           -| n2  ballot 1  held");
    has(&story, " 190  n2   <- n1  ballot 1  sent at 100ms");
    let briefly = of_ballots(
        r#"network: (delay: Uniform("5ms", "60ms")), faults: [
            (at: "50ms", do: Hold(from: 1, to: 2)),
            (at: "101ms", do: Release(from: 1, to: 2)),
        ]"#,
        &[],
    );
    has(&briefly, " 106  n2   <- n1  ballot 1  sent at 100ms");
}

#[test]
fn a_save_tells_what_the_cell_holds_and_what_it_held() {
    let story = of_ballots(
        r#"network: (delay: Fixed("10ms")), faults: [
            (at: "250ms", do: Bounce(node: 3, down: "20ms")),
        ], commands: [(at: "240ms", to: 2, command: Forget)]"#,
        &[],
    );
    has(&story, "           saves Last: 1");
    has(&story, "           saves Last: 2 (was 1)");
    has(&story, "           erases Last (was 2)");
    has(&story, "           saves Last: 3");
}

#[test]
fn what_a_cell_held_is_not_told_once_the_disk_was_damaged() {
    let story = of_ballots(
        r#"network: (delay: Fixed("10ms")), faults: [
            (at: "250ms", do: Bounce(node: 3, down: "20ms", disk: Wiped)),
        ]"#,
        &[],
    );
    let restarted = story.split(" 270  n3   restart").nth(1).expect("it restarts");
    has(restarted, "           saves Last: 3");
    assert!(story.contains("saves Last: 3 (was 2)"), "of n2, whose disk is whole\n{story}");
}

#[test]
fn a_command_that_nobody_hears_says_so() {
    let story = of_ballots(
        r#"network: (delay: Fixed("10ms")), faults: [(at: "50ms", do: Crash(3))],
        commands: [(at: "60ms", to: 3, command: Forget)]"#,
        &[],
    );
    assert!(story.contains("  60  n3   Forget  not heard: n3 is down"), "{story}");
}

/// What n1 sends to n2 is lost, whatever it says.
fn lost(text: &str) -> Trace {
    let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
    let message = MessageKey { from: n1, to: n2, kind: "data".into(), nth: 1 };
    let (text, value) = (text.to_owned(), None);
    let (lost, arrives) = (Some(Lost::Partition), Vec::new());
    let events = [
        EventKind::Start { node: n1, incarnation: 1 },
        EventKind::Send { message, text, value, lost, arrives },
    ];
    let event = |(number, what)| Event { number, cause: None, at: Time::ZERO, what };
    (1..).zip(events).map(event).collect()
}

#[test]
fn of_a_long_line_the_words_are_cut_and_not_the_fate() {
    for text in ["x".repeat(200), "大".repeat(100), "a\nb\u{1b}".repeat(50)] {
        let story = story::of_trace(&lost(&text), 2, &usual());
        let line = story.lines().last().expect("a line");
        assert!(line.ends_with("..  partition"), "{line}");
        assert!((story::WIDTH - 8..=story::WIDTH).contains(&line.width()), "{line}");
    }
    let fits = story::of_trace(&lost(&"x".repeat(50)), 2, &usual());
    assert!(fits.ends_with("xxx  partition\n"), "{fits}");
}
