//! What the traces of the project's own scenarios have in them, the pages tell
//! their readers.

use std::collections::BTreeSet;
use std::path::Path;

use rehearsal::shipped::{Chat, Deadlock, Election, Script};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Files, Keep, Options, Protocol, Scenario, run};

use super::complete::mentions;
use super::examples::source;
use super::{Page, chats, deadlocks, elections, scenarios};

/// Kinds of messages, names of timers, roles, and first words of outputs in the
/// traces of a folder's scenarios.
fn named<P: Protocol>(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(folder);
    let mut names = BTreeSet::new();
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "ron") {
            continue;
        }
        let scenario = Scenario::<P>::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let events = run(&scenario, Options::seed(0).keep(Keep::Trace)).outcome.events;
        names.extend(events.expect("they were kept").into_iter().filter_map(|event| {
            let first = |text: &str, end: &[char]| text.split(end).next().map(str::to_owned);
            match event.what {
                EventKind::Send { kind, .. } => Some(kind),
                EventKind::Timer { timer, .. } => first(&timer, &['(']),
                EventKind::Role { lane, .. } => Some(lane.role.to_string()),
                EventKind::Emit { text, .. } => first(&text, &[' ', ':']),
                _ => None,
            }
        }));
    }
    names
}

#[track_caller]
fn assert_told(names: &BTreeSet<String>, least: usize, sections: &[(&Page, &str)]) {
    assert!(names.len() >= least, "{names:?}");
    // That a node is down is told for all protocols alike.
    for name in names.iter().filter(|name| *name != "x") {
        let is_told = |(page, heading): &(&Page, &str)| mentions(page.section(heading), name);
        assert!(sections.iter().any(is_told), "the reference lacks `{name}`");
    }
}

#[test]
fn every_message_timer_role_and_output_of_a_shipped_protocol_is_in_the_reference() {
    let (scripts, elections, deadlocks, chats) = (scenarios(), elections(), deadlocks(), chats());
    let script = (&scripts, "## The protocol `Script`");
    let election = (&elections, "## Forms");
    let deadlock = (&deadlocks, "## In a trace");
    let chat = (&chats, "## In a trace");
    assert_told(&named::<Script>("script"), 7, &[script]);
    assert_told(&named::<Election>("election"), 25, &[election]);
    assert_told(&named::<Deadlock>("deadlock"), 30, &[deadlock, election]);
    assert_told(&named::<Chat>("chat"), 35, &[chat, script, election, deadlock]);
}

#[test]
fn every_example_of_deadlocks_holds_and_what_is_expected_sometimes_does_once() {
    let page = deadlocks();
    for (line, example) in &page.examples {
        let scenario =
            Scenario::<Deadlock>::parse("deadlock.md", &source(&page, example), Files::none());
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let report = run(&scenario, Options::seed(0));
        assert!(report.held(), "the example at line {line}: {:?}", report.failure);
        assert_eq!(
            report.never_true(&scenario.synopsis()).count(),
            0,
            "the example at line {line}"
        );
    }
}
